# The search for the meter: every model, wherever it is, in time; bad lines; what goes in and out.

from loadrail import meters, search_identify, search_places
from loadrail.meters.unusable import UNUSABLE
from loadrail.request import CRC, MISMATCH, OK, PORT, TIMEOUT, Request
from loadrail.search import FAILED, FOUND, GARBLED, RUNNING, STOPPED, Search
from logic.searched import LOAD_MA, Bench, Shy, a_meter, is_found

_8N1 = (9600, "N", 1)


# --- as delivered


def test_every_model_is_found_as_delivered_in_less_than_10_s_of_line_time():
    for model in meters.names():
        for currents in (LOAD_MA, [0, 0, 0]):
            meter, line = a_meter(model)
            meter.set(currents)
            bench = Bench([(meter, line)]).run()
            is_found(bench, model, meter.address, line)
            assert bench.seconds < 10, (model, bench.seconds)


def test_half_of_the_models_are_found_in_less_than_3_s_of_line_time():
    spent = sorted([Bench([a_meter(model)]).run().seconds for model in meters.names()])
    assert spent[len(spent) // 2] < 3, spent


def test_meters_that_keep_silent_where_they_do_not_know_a_register_are_found_in_35_s():
    seconds = []
    for model in meters.names():
        meter, line = a_meter(model)
        bench = Bench([(Shy(meter), line)]).run()
        is_found(bench, model, meter.address, line)
        assert bench.seconds < 35, (model, bench.seconds)
        seconds.append(bench.seconds)
    assert sorted(seconds)[len(seconds) // 2] < 10


def test_slow_meters_as_delivered_are_found_in_60_s():
    for model in meters.names():
        for turnaround_ms in (140, 300):
            meter, line = a_meter(model)
            bench = Bench([(meter, line)], turnaround_ms).run()
            is_found(bench, model, meter.address, line)
            assert bench.seconds < 60, (model, bench.seconds)


def test_the_places_of_every_model_as_delivered_are_asked_first():
    asked = [(leg[1][0], leg[2][0]) for leg in search_places.legs() if leg[0] == "as delivered"]
    for model in meters.names():
        address, baud, parity, stop_bits = meters.load(model)["line"]
        assert ((baud, parity, stop_bits), address) in asked, model


def test_every_model_can_be_found_and_only_known_ones_are_looked_for():
    by_mark = " ".join(search_identify._BY_MARK).split()
    by_reading = " ".join(search_identify._BY_READING).split()
    for model in meters.names():
        marked = bool(meters.load(model)["fingerprint"])
        assert (by_mark if marked else by_reading).count(model) == 1, model
    useless = [name for name in UNUSABLE if UNUSABLE[name][1]]
    allowed = meters.names() + useless + ["charger"]
    assert [name for name in by_mark + by_reading if name not in allowed] == []
    assert [name for name in useless if name not in by_mark] == []


# --- elsewhere

# (model, address, line, seconds of line time in which it is found at most)
_ELSEWHERE = (
    ("eastron_sdm630", 2, (19200, "E", 1), 25),
    ("abb_b23", 1, (19200, "E", 1), 25),
    ("siemens_pac2200", 1, (9600, "N", 1), 25),
    ("eastron_sdm120", 1, (115200, "N", 1), 90),
    ("carlo_gavazzi_em24", 1, (4800, "N", 1), 90),
    ("inepro_pro380", 1, (1200, "O", 1), 90),
    ("carlo_gavazzi_em3xx", 17, (9600, "N", 1), 270),
    ("chint_dtsu666", 31, (9600, "N", 2), 270),
    ("smartstuff_p1", 44, (38400, "E", 1), 1200),
    ("acrel_adl400", 200, (9600, "N", 1), 1200),
    ("acrel_adl200", 247, (57600, "O", 1), 90),
    ("inepro_pro380_v1", 246, (1200, "O", 1), 3500),
)


def test_a_meter_with_other_settings_is_found_in_time():
    for model, address, line, seconds in _ELSEWHERE:
        meter, _ = a_meter(model, address, line)
        bench = Bench([(meter, line)]).run()
        is_found(bench, model, address, line)
        assert bench.seconds < seconds, (model, bench.seconds)


def test_what_is_configured_is_asked_first():
    meter, line = a_meter("eastron_sdm630", 77, (57600, "O", 1))
    bench = Bench([(meter, line)], first_line=line, preferred=(77,)).run()
    is_found(bench, "eastron_sdm630", 77, line)
    assert bench.asked[0][:2] == (line, 77)
    assert bench.seconds < 1


def test_without_a_meter_it_ends_within_the_time_it_said_and_has_asked_everywhere():
    bench = Bench([])
    at_most_ms = bench.search.left_ms
    bench.run()
    assert bench.search.state == FAILED and bench.search.found is None
    assert bench.line_us // 1000 <= at_most_ms <= 3_600_000
    assert bench.search.left_ms == 0 and bench.search.done_percent >= 99
    assert len(bench.places) == 32
    for line in bench.places:
        assert sum(bench.places[line]) == 247, line


def test_the_share_done_only_grows():
    bench = Bench([])
    last = (0, bench.search.left_ms)
    for _ in range(3000):
        bench.run(1)
        now = (bench.search.done_percent, bench.search.left_ms)
        assert now[0] >= last[0] and now[1] <= last[1]
        last = now
    assert bench.search.state == RUNNING and last[0] > 0


# --- a bad line


def test_one_answer_that_is_lost_or_damaged_loses_no_meter():
    for result in (TIMEOUT, CRC, MISMATCH):
        for model in ("eastron_sdm630", "carlo_gavazzi_em24", "siemens_pac2200"):
            for place in range(30):
                left = [place]

                def spoil(request, left=left, result=result):
                    left[0] -= 1
                    return (result if left[0] == -1 else None), None

                meter, line = a_meter(model)
                bench = Bench([(meter, line)], spoil=spoil).run()
                found = bench.search.found
                assert found is not None and found.address == meter.address, (model, place)
                assert found.sample.current_ma == LOAD_MA


def test_a_meter_that_keeps_silent_for_a_while_is_asked_again_who_it_is():
    asked = []

    def spoil(request):
        asked.append(request.unit)
        return (TIMEOUT if 1 < len(asked) < 60 else None), None

    bench = Bench([a_meter("carlo_gavazzi_em24")], spoil=spoil).run()
    is_found(bench, "carlo_gavazzi_em24", 1, _8N1)
    assert bench.seconds < 60


def test_two_devices_at_one_address_are_told():
    def spoil(request):
        return (CRC if request.unit == 1 else None), None

    bench = Bench([], spoil=spoil).run(20)
    assert bench.kinds[0] == (1, GARBLED, None)


def test_a_noisy_line_fills_no_memory():
    bench = Bench([], spoil=lambda request: (CRC, None)).run(2000)
    assert len(bench.search.answered) == 40
    assert bench.search.kept_back > 0
    assert bench.search.found is None


def test_damaged_answers_are_waited_for_as_long_as_any_meter_needs():
    bench = Bench([], spoil=lambda request: (CRC, None))
    timeouts = []
    for _ in range(2):
        bench.run(1)
        timeouts.append(bench.request.timeout_ms)
    assert timeouts == [search_places.QUICK_MS, search_places.PATIENT_MS]


# --- in and out


def test_the_request_stays_the_same_until_it_is_answered_and_while_the_line_is_gone():
    search, request = Search(), Request()

    def asked(into):
        assert search.next(into, 0)
        read = (into.unit, into.function, into.register, into.count, into.timeout_ms)
        return (search.line,) + read

    first = asked(request)
    assert asked(request) == first
    assert asked(Request()) == first
    search.answer(5, PORT, None)
    assert asked(request) == first
    assert search.requests == 1
    search.answer(200, TIMEOUT, None)
    assert asked(request) != first


def test_a_line_that_the_port_cannot_be_set_to_is_left_out_and_the_others_are_not():
    bench = Bench([a_meter("siemens_pac2200")])
    search, request = bench.search, bench.request
    refused = []
    while search.next(request, bench.now_ms):
        if search.line[1] == "E":
            refused.append(search.line)
            search.refuse(bench.now_ms)
        else:
            bench.carry()
    is_found(bench, "siemens_pac2200", 126, (19200, "N", 2))
    assert refused == [(9600, "E", 1)]
    search = Search()
    while search.next(request, 0):
        search.refuse(0)
    assert search.state == FAILED and search.requests == 32 and search.answered == []


def test_a_meter_gets_the_silence_that_its_model_needs():
    for model, gap_ms in (("eastron_sdm630", 100), ("abb_b23", 100), ("siemens_pac2200", 20)):
        bench = Bench([a_meter(model)])
        gaps = []
        while bench.search.next(bench.request, bench.now_ms):
            gaps.append(bench.search.gap_ms)
            bench.carry()
        assert gaps[0] == 0 and gaps[-1] == gap_ms, model


def test_an_answer_that_nobody_asked_for_is_none():
    search = Search()
    search.answer(0, OK, [1, 2, 3])
    assert search.state == RUNNING and search.requests == 0


def test_a_search_that_is_stopped_asks_nothing_more():
    bench = Bench([]).run(10)
    bench.search.stop()
    assert not bench.search.next(bench.request, bench.now_ms)
    assert bench.search.state == STOPPED and bench.search.over
    bench.search.stop()
    assert bench.search.state == STOPPED


def test_the_end_of_a_search_stays():
    bench = Bench([a_meter("eastron_sdm630")]).run()
    bench.search.stop()
    assert bench.search.state == FOUND
    assert not bench.search.next(bench.request, bench.now_ms)


def test_the_words_may_lie_in_a_longer_buffer():
    meter, line = a_meter("eastron_sdm630")
    read = meter.read
    meter.read = lambda function, register, count: (
        list(read(function, register, count)) + [0xFFFF] * 40
    )
    is_found(Bench([(meter, line)]).run(), "eastron_sdm630", 1, line)
