# Putting a sample together from several requests: order, failures, slow values.

from loadrail import meters
from loadrail.meters.reader import Reader
from loadrail.request import CRC, EXCEPTION, OK, TIMEOUT, Request
from loadrail_site.meters_simulated import SimulatedMeter

_VOLTAGES = (0x00, 6)
_FAST = [(0x0C, 6), (0x12, 6)]
_REST = [(0x28, 2), (0x37, 1), (0x3E, 2), (0x5C, 2)]


class Bench:
    """A reader and a simulated meter; `ask` carries one request and keeps what was asked."""

    def __init__(self, model="carlo_gavazzi_em24", interval_ms=1000, slow_every=3, start_ms=5000):
        row = meters.load(model)
        self.meter = SimulatedMeter(model, 9)
        self.meter.set([10_000, -5000, 500])
        self.reader = Reader(row, 9, 100, interval_ms, slow_every)
        self.request = Request()
        self.now_ms = start_ms
        self.asked = []

    def ask(self, result=OK, exception=0):
        """The next request and its end; None where none is due, else whether a sample came."""
        request = self.request
        if not self.reader.next(request, self.now_ms):
            return None
        self.asked.append((request.register, request.count))
        words = None
        if result == OK:
            words = self.meter.request(request.function, request.register, request.count)
        request.exception = exception
        return self.reader.answer(self.now_ms, result, words)

    def ask_all(self):
        """All that is due now; how many samples came."""
        samples = 0
        while self.reader.due(self.now_ms):
            samples += self.ask()
        return samples

    def settled(self):
        """Past its first rounds, in which every slow value is read."""
        for _ in range(12):
            self.ask_all()
            self.now_ms += 1000
        self.asked = []
        return self


def test_what_a_sample_needs_is_read_first_then_the_sample_then_one_slow_request():
    bench = Bench()
    assert bench.ask_all() == 1
    assert bench.asked[:3] == [_VOLTAGES] + _FAST
    assert len(bench.asked) == 4
    assert bench.reader.sample.current_ma == [10_000, -5000, 500]


def test_nothing_is_asked_before_the_interval_is_over():
    bench = Bench()
    bench.ask_all()
    bench.now_ms += 999
    assert not bench.reader.due(bench.now_ms)
    assert bench.ask() is None
    bench.now_ms += 1
    assert bench.reader.due(bench.now_ms)
    assert bench.ask() is False


def test_the_counter_may_wrap_between_two_samples():
    bench = Bench(start_ms=(1 << 30) - 500)
    assert bench.ask_all() == 1
    bench.now_ms = 499
    assert bench.ask() is None
    bench.now_ms = 500
    assert bench.ask_all() == 1


def test_every_slow_request_has_its_turn_soon_after_the_start_then_one_every_few_samples():
    bench = Bench()
    for _ in range(5):
        bench.ask_all()
        bench.now_ms += 1000
    for read in _REST:
        assert read in bench.asked, read
    bench = bench.settled()
    for _ in range(30):
        bench.ask_all()
        bench.now_ms += 1000
    slow = [read for read in bench.asked if read not in _FAST]
    assert len(slow) == 10
    assert sorted(slow[:5]) == sorted([_VOLTAGES] + _REST)
    assert slow[:5] == slow[5:]


def test_one_failed_request_is_no_sample_and_the_last_one_stays():
    for result in (TIMEOUT, CRC, EXCEPTION):
        bench = Bench().settled()
        old = list(bench.reader.sample.current_ma), bench.reader.sample.at_ms
        bench.meter.set([1000, 1000, 1000])
        assert bench.ask() is False
        assert bench.ask(result) is False
        assert bench.ask() is None, "the next sample waits for its time"
        assert (bench.reader.sample.current_ma, bench.reader.sample.at_ms) == old
        bench.now_ms += 1000
        assert bench.ask_all() == 1
        assert bench.reader.sample.current_ma == [1000, 1000, 1000]


def test_s13_a_silent_meter_costs_one_time_out_an_interval():
    bench = Bench()
    for _ in range(20):
        assert bench.ask(TIMEOUT) is False
        assert bench.ask() is None
        bench.now_ms += 1000
    bench = bench.settled()
    for _ in range(20):
        assert bench.ask(TIMEOUT) is False
        assert bench.ask() is None
        bench.now_ms += 1000


def test_s9_a_sample_of_many_requests_leaves_as_much_of_the_line_as_it_took():
    bench = Bench(interval_ms=500).settled()
    reader = bench.reader
    assert reader.leaves_room(bench.now_ms)
    while bench.reader.due(bench.now_ms):  # a request takes 200 ms, and two of them a sample
        assert reader.leaves_room(bench.now_ms), "what has begun goes on"
        bench.now_ms += 200
        if bench.ask():
            break
    took_ms = 200 * len(bench.asked)
    assert took_ms >= 400
    bench.now_ms += 199
    assert not reader.leaves_room(bench.now_ms)
    bench.now_ms += took_ms
    assert reader.leaves_room(bench.now_ms)
    bench.ask(TIMEOUT)
    assert reader.leaves_room(bench.now_ms), "a sample that failed owes nothing"


def test_the_halves_of_a_sample_belong_together():
    bench = Bench().settled()
    bench.ask()
    bench.now_ms += 2000
    assert bench.ask() is False
    assert bench.asked == [_FAST[0], _FAST[0]], "it begins anew"
    assert bench.ask() is True


def test_a_sample_is_as_old_as_its_currents():
    bench = Bench().settled()
    began_ms = bench.now_ms
    bench.ask()
    bench.now_ms += 150
    assert bench.ask() is True
    assert bench.reader.sample.at_ms == began_ms


def test_what_a_meter_refuses_is_not_asked_again_and_is_not_known():
    bench = Bench().settled()
    bench.meter.export_wh = 7000
    for _ in range(40):
        while bench.reader.due(bench.now_ms):
            bench.reader.next(bench.request, bench.now_ms)
            read = (bench.request.register, bench.request.count)
            bench.asked.append(read)
            words = bench.meter.request(3, *read)
            bench.request.exception = 2
            refused = read == (0x5C, 2)
            bench.reader.answer(bench.now_ms, EXCEPTION if refused else OK, words)
        bench.now_ms += 1000
    assert bench.asked.count((0x5C, 2)) == 1
    assert bench.asked.count((0x3E, 2)) > 2
    assert bench.reader.sample.export_wh is None
    assert bench.reader.sample.import_wh is not None


def test_a_slow_request_that_fails_is_tried_again_and_the_values_stay():
    bench = Bench("eastron_sdm630").settled()
    assert bench.reader.sample.frequency_mhz == 50_000
    for _ in range(12):
        while bench.reader.due(bench.now_ms):
            bench.reader.next(bench.request, bench.now_ms)
            read = (bench.request.register, bench.request.count)
            bench.asked.append(read)
            fast = read == (0, 18)
            words = bench.meter.request(4, *read)
            bench.reader.answer(bench.now_ms, OK if fast else TIMEOUT, words)
        bench.now_ms += 1000
    assert bench.asked.count((0x34, 24)) == 4
    assert bench.reader.sample.frequency_mhz == 50_000


def test_no_sample_without_the_transformer_ratio_and_then_currents_times_it():
    for model in ("chint_dtsu666", "acrel_adl400", "acrel_adl3000"):
        bench = Bench(model)
        bench.meter.ct_ratio = 40
        bench.meter.set([120_000, -80_000, 4000], [20_000, -18_000, 800])
        for exception in (0, 2):
            assert bench.ask(EXCEPTION if exception else TIMEOUT, exception) is False
            bench.now_ms += 1000
        assert len(set(bench.asked)) == 1, "only the ratio was asked for"
        assert bench.ask_all() == 1, model
        assert bench.reader.sample.current_ma == [120_000, -80_000, 4000], model
        assert bench.reader.sample.power_w == [20_000, -18_000, 800], model


def test_a_ratio_that_is_refused_later_on_is_asked_for_until_it_is_back():
    bench = Bench("chint_dtsu666")
    bench.settled()
    samples = 0
    for _ in range(20):
        while bench.reader.due(bench.now_ms):
            bench.reader.next(bench.request, bench.now_ms)
            read = (bench.request.register, bench.request.count)
            bench.asked.append(read)
            words = bench.meter.request(3, *read)
            bench.request.exception = 2
            samples += bench.reader.answer(
                bench.now_ms, EXCEPTION if read == (6, 1) else OK, words
            )
        bench.now_ms += 1000
    assert samples < 20 and bench.asked[-4:] == [(6, 1)] * 4
    assert bench.ask_all() == 1


def test_a_ratio_of_zero_is_no_ratio():
    bench = Bench("chint_dtsu666")
    bench.meter.absent = ("ct",)
    assert bench.ask_all() == 0
    assert bench.reader.bad == 1


def test_energies_of_the_secondary_side_are_multiplied_and_others_are_not():
    for model, wh in (("acrel_adl400", 40_000), ("chint_dtsu666", 1000)):
        bench = Bench(model)
        bench.meter.ct_ratio = 40
        bench.meter.set([0, 0, 0])
        bench.meter.import_wh = 1000
        for _ in range(6):
            bench.ask_all()
            bench.now_ms += 1000
        assert bench.reader.sample.import_wh == wh, model


def test_an_answer_that_nobody_asked_for_or_of_another_length_is_none():
    bench = Bench("eastron_sdm630")
    assert bench.reader.answer(bench.now_ms, OK, [0] * 18) is False
    bench.reader.next(bench.request, bench.now_ms)
    assert bench.reader.answer(bench.now_ms, OK, [0] * 17) is False
    assert bench.reader.sample.at_ms is None


def test_the_model_may_need_a_longer_time_out():
    assert Bench("carlo_gavazzi_em24").reader.timeout_ms == 500
    assert Bench("entes_mpr2").reader.timeout_ms == 100


def test_a_frequency_ten_times_too_large_is_put_right():
    bench = Bench("eastron_sdm72_v2")
    bench.meter.frequency_mhz = 500_000
    bench.settled()
    assert bench.reader.sample.frequency_mhz == 50_000


def test_exported_energy_that_is_counted_downwards_is_shown_upwards():
    bench = Bench("carlo_gavazzi_em1xx")
    bench.meter.export_wh = -1234_500
    bench.settled()
    assert bench.reader.sample.export_wh == 1_234_500
