# The search for the meter among others: chargers, what only looks like a meter, and models that
# resemble each other.

from loadrail import meters, search_identify
from loadrail.request import CRC, TIMEOUT
from loadrail.search import RUNNING
from loadrail_site.charger import Charger
from loadrail_site.device import ILLEGAL_ADDRESS, Device, ModbusError
from loadrail_site.meters_simulated import SimulatedMeter
from logic.searched import LOAD_MA, Bench, Shy, a_meter, is_found

_8N1 = (9600, "N", 1)


def test_chargers_are_recognised_and_left_out():
    chargers = [(Charger(address), _8N1) for address in (1, 2, 5)]
    bench = Bench(chargers + [a_meter("eastron_sdm630", 11, _8N1)]).run()
    is_found(bench, "eastron_sdm630", 11, _8N1)
    charger = search_identify.CHARGER
    assert bench.kinds == [(1, charger, None), (2, charger, None)]


class LikeACharger(SimulatedMeter):
    """A P1 dongle one of whose counters shows the word that names a charger."""

    def read(self, function, register, count):
        if (register, count) == (9, 3):
            return [21571, 12, 3456]
        return SimulatedMeter.read(self, function, register, count)


def test_a_counter_that_happens_to_show_a_chargers_name_is_no_charger():
    meter = LikeACharger("smartstuff_p1", 43)
    meter.set(LOAD_MA)
    bench = Bench([(meter, (38400, "E", 1))]).run()
    is_found(bench, "smartstuff_p1", 43, (38400, "E", 1))


def test_known_chargers_are_not_asked_at_all():
    known = tuple(range(2, 22))
    chargers = [(Charger(address), _8N1) for address in known]
    bench = Bench(chargers + [a_meter("eastron_sdm630", 30, _8N1)], skip=known).run()
    is_found(bench, "eastron_sdm630", 30, _8N1)
    assert bench.kinds == []
    for line in bench.places:
        assert sum(bench.places[line][2:22]) == 0, line


def test_a_model_that_cannot_serve_is_named_and_the_search_goes_on():
    for code in (0x0084, 0x0200):
        useless = SimulatedMeter("eastron_sdm72_v2", 1)
        useless._identity = {0xFC02: (code,)}
        bench = Bench([(useless, _8N1), a_meter("chint_dtsu666", 2, _8N1)]).run()
        is_found(bench, "chint_dtsu666", 2, _8N1)
        assert bench.kinds == [(1, search_identify.USELESS, "eastron_sdm72_v1")]


def test_it_stops_at_the_first_meter():
    bench = Bench([a_meter("eastron_sdm630"), a_meter("carlo_gavazzi_em24", 2)]).run()
    is_found(bench, "eastron_sdm630", 1, _8N1)
    assert list(bench.places) == [_8N1] and sum(bench.places[_8N1]) == 1


class Thing(Device):
    """Something else with Modbus: answers every read with the same word."""

    word = 7

    def read(self, function, register, count):
        return [self.word] * count


def test_something_else_is_asked_who_it_is_once_and_told():
    bench = Bench([(Thing(1), _8N1)]).run(100)
    assert bench.asked.count((_8N1, 1, 3, 0x0B, 1)) == 1
    assert bench.kinds == [(1, search_identify.STRANGE, None)]


# --- what only looks like one


class Ghost(Device):
    """What `meter` answers at another address: reads of one register only."""

    def __init__(self, meter, asked):
        Device.__init__(self, asked)
        self.meter = meter

    def request(self, function, register, count, values=None):
        if self.address != self.meter.address and count != 1:
            return None
        try:
            return self.meter.request(function, register, count)
        except ModbusError:
            return [0x0070]


def test_an_sdm630_that_answers_at_foreign_addresses_is_found_at_its_own():
    for address in (5, 2, 40):
        meter, _ = a_meter("eastron_sdm630", address)
        everywhere = [(Ghost(meter, asked), _8N1) for asked in range(1, 248)]
        bench = Bench(everywhere).run()
        is_found(bench, "eastron_sdm630", address, _8N1)
        assert bench.seconds < 1200, bench.seconds
        assert len(bench.search.answered) <= 2


class Dongle(SimulatedMeter):
    """A P1 dongle that shows itself as an SDM630: a fixed serial number, and no code."""

    def __init__(self, address):
        SimulatedMeter.__init__(self, "eastron_sdm630", address)
        self._identity = {0xFC00: (0x0012, 0x3456)}
        self.set(LOAD_MA)


def test_a_dongle_that_shows_itself_as_an_sdm630_is_read_as_one_without_a_code():
    bench = Bench([(Dongle(2), (38400, "E", 1))]).run()
    is_found(bench, "eastron_sdm630_v1", 2, (38400, "E", 1))


class NoRatio(SimulatedMeter):
    """Has the code of a DTSU666, but not its transformer ratio."""

    def read(self, function, register, count):
        if register == 6:
            raise ModbusError(ILLEGAL_ADDRESS)
        return SimulatedMeter.read(self, function, register, count)


def test_a_code_without_the_whole_reading_is_no_meter():
    meter = NoRatio("chint_dtsu666", 1)
    meter.set(LOAD_MA)
    bench = Bench([(meter, _8N1)]).run(300)
    assert bench.search.found is None
    assert bench.kinds == [(1, search_identify.DOUBTFUL, "chint_dtsu666")]


def test_implausible_readings_are_no_meter():
    # (currents in mA, powers in W, voltages in mV)
    for currents, powers, voltages in (
        ([1000] * 3, [230] * 3, [0, 0, 0]),
        ([1000] * 3, [230] * 3, [400_000] * 3),
        ([1000] * 3, [5000] * 3, [230_000] * 3),
        ([2_000_000] * 3, [230] * 3, [230_000] * 3),
    ):
        for model in ("eastron_sdm630", "carlo_gavazzi_em3xx", "entes_emm"):
            meter = SimulatedMeter(model, 1)
            meter.set(currents, powers, voltages)
            bench = Bench([(meter, _8N1)]).run(300)
            assert bench.search.found is None, (model, currents)
            assert len(bench.kinds) == 1


def test_one_plausible_number_at_the_place_of_a_voltage_is_no_meter():
    for model in ("acrel_adl200", "acrel_acr10r"):
        meter, line = a_meter(model)
        is_found(Bench([(meter, line)]).run(), model, 1, line)
        meter.absent = ("hz",)
        assert Bench([(meter, line)]).run(300).search.found is None, model


def test_a_frequency_that_no_grid_has_is_no_meter():
    meter, line = a_meter("eastron_sdm630")
    meter.frequency_mhz = 70_000
    assert Bench([(meter, line)]).run(300).search.found is None


def test_without_its_mark_no_meter_is_taken_for_one_with_other_registers():
    for model in meters.names():
        row = meters.load(model)
        for wrap in (None, Shy):
            meter, line = a_meter(model)
            meter._identity = {}
            bench = Bench([(wrap(meter) if wrap else meter, line)]).run(300)
            found = bench.search.found
            if found is None:
                continue
            for quantity in ("voltage", "current", "power", "function", "low_first", "phases"):
                assert found.row[quantity] == row[quantity], (model, found.model)


def test_a_meter_whose_mode_hides_exports_is_found_and_that_is_told():
    for model in ("carlo_gavazzi_em24", "carlo_gavazzi_em3xx"):
        meter, line = a_meter(model)
        assert not Bench([(meter, line)]).run().search.found.hides_export
        meter.shows_export = False
        bench = Bench([(meter, line)]).run()
        is_found(bench, model, 1, line)
        assert bench.search.found.hides_export, model


def test_a_total_beyond_all_phases_is_no_meter():
    meter, line = a_meter("carlo_gavazzi_em24")
    own = meter._quantity
    meter._quantity = lambda what: 50_000 if what == "t" else own(what)
    assert Bench([(meter, line)]).run(300).search.found is None


def test_a_one_phase_meter_is_not_taken_for_three_phases_two_of_which_show_nothing():
    meter, line = a_meter("inepro_pro1")
    bench = Bench([(meter, line)]).run()
    assert bench.search.found.model == "inepro_pro1"
    assert bench.search.found.sample.current_ma[1:] == [None, None]


def test_models_that_answer_to_one_mark_are_told_apart_by_what_they_have():
    for model, told in (
        ("siemens_pac3100", "siemens_pac3100"),
        ("siemens_pac4200", "siemens_pac2200"),
        ("eastron_sdm72_v2_short", "eastron_sdm72_v2_short"),
        ("smartstuff_p1_1p", "smartstuff_p1_1p"),
        ("inepro_pro1_v1", "inepro_pro1_v1"),
    ):
        for wrap in (None, Shy):
            meter, line = a_meter(model)
            bench = Bench([(wrap(meter) if wrap else meter, line)]).run()
            assert bench.search.found.model == told, (model, bench.search.found.model)


# A model, the reads whose loss makes it look like another one, and which.
_LOOKS_LIKE = (
    ("abb_b23", ((3, 0x8960, 6), (3, 0x5B00, 28)), "abb_b21"),
    ("eastron_sdm530", ((4, 0, 6),), "eastron_sdm220"),
    ("eastron_sdm630", ((4, 0, 18),), "eastron_sdm220"),
    ("acrel_adl3000", ((3, 0x14B, 2),), "acrel_acr10r"),
    ("acrel_adl3000", ((3, 0x61, 23),), "acrel_acr10r"),
    ("acrel_adl400", ((3, 0xF009, 1), (3, 0x8E, 1), (3, 0x14B, 2)), "acrel_acr10r"),
    ("inepro_pro380_v1", ((3, 0x206C, 2),), "inepro_pro1_v1"),
    ("smartstuff_p1", ((3, 18, 32),), "smartstuff_p1_1p"),
)


def _losing(model, reads, result, times):
    """A search for a model where the first so many answers of some reads are lost, until
    somebody is known."""
    meter, line = a_meter(model)
    left = dict.fromkeys(reads, times)

    def spoil(request):
        read = request.function, request.register, request.count
        if request.unit != meter.address or not left.get(read):
            return None, None
        left[read] -= 1
        return result, None

    bench = Bench([(meter, line)], spoil=spoil)
    while bench.search.state == RUNNING and not bench.kinds and bench.search.requests < 400:
        bench.run(20)
    return bench


def test_lost_answers_make_no_other_model_of_a_meter():
    for model, reads, _ in _LOOKS_LIKE:
        for result, times in ((TIMEOUT, 1), (TIMEOUT, 2), (CRC, 1), (CRC, 3), (CRC, 9)):
            found = _losing(model, reads, result, times).search.found
            told = found is None or model in [found.model] + found.alike
            assert told, (model, found.model, result, times)


def test_where_damage_hides_which_model_it_is_none_is_named_for_sure():
    for model, reads, other in _LOOKS_LIKE:
        bench = _losing(model, reads, CRC, 999)
        assert bench.search.found is None, (model, bench.search.found.model)
        assert bench.kinds[0][1:] == (search_identify.UNSURE, other), (model, bench.kinds)
