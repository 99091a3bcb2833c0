# Every model of the table: what its simulated meter shows is what the reader makes of it.
#
# The simulated registers are a table of their own, so a wrong register, unit, type or word order
# in either shows up here.

from loadrail import meters
from loadrail.meters.fingerprint import matches
from loadrail.meters.plan import plan
from loadrail.meters.plausible import is_a_meter
from loadrail.meters.reader import Reader
from loadrail.request import EXCEPTION, OK, Request
from loadrail_site.device import ModbusError
from loadrail_site.meters_simulated import SimulatedMeter

# Multiples of what the coarsest of them shows: 10 mA, and powers in whole watts.
_IMPORT = ([12_340, 5670, 890], [2838, 1303, 204])
_MIXED = ([-12_340, 5670, -16_000], [-2838, 1303, -3680])
_EXPORT = ([-230, -31_990, -4000], [-52, -7357, -920])
_LARGE = ([400_000, 399_990, 1000], [20_000, 12_000, 100])
_NO_SIGN = ("chint_dtsu666_h",)
_MILLI_V = (231_500, 229_900, 230_100)


def read_on(reader, meter, now_ms, requests):
    """Let the reader ask the meter; how many samples came of it."""
    request = Request()
    samples = 0
    for _ in range(requests):
        if not reader.next(request, now_ms):
            break
        request.exception = 0
        try:
            result, words = OK, meter.request(request.function, request.register, request.count)
        except ModbusError as refused:
            result, words, request.exception = EXCEPTION, None, refused.code
        samples += reader.answer(now_ms, result, words)
    return samples


def a_reader(name):
    row = meters.load(name)
    return Reader(row, row["line"][0], 200, 1000)


def sample_of(name, meter, rounds=1):
    reader = a_reader(name)
    for k in range(rounds):
        assert read_on(reader, meter, 1000 * k, 30) == 1, name
    return reader.sample


def _pad(values, phases):
    return list(values[:phases]) + [None] * (3 - phases)


def test_every_model_is_simulated():
    from loadrail_site.meters_maps import MODELS

    assert sorted(MODELS) == meters.names()


def test_currents_come_exactly_with_their_signs():
    for name in meters.names():
        meter = SimulatedMeter(name)
        for currents, powers in (_IMPORT, _MIXED, _EXPORT, _LARGE):
            meter.set(currents, powers, _MILLI_V)
            sample = sample_of(name, meter)
            told = [abs(ma) for ma in currents] if name in _NO_SIGN else list(currents)
            assert sample.current_ma == _pad(told, sample.phases), (name, currents)


def test_powers_and_their_sum_come_in_watts():
    for name in meters.names():
        meter = SimulatedMeter(name)
        meter.set(_MIXED[0], _MIXED[1], _MILLI_V)
        sample = sample_of(name, meter)
        if name in _NO_SIGN:
            assert sample.power_w == [None] * 3
            assert sample.total_power_w is None
        else:
            assert sample.power_w == _pad(_MIXED[1], sample.phases), name
            assert sample.total_power_w == sum(_MIXED[1][: sample.phases]), name


def test_the_slow_values_come_with_the_first_samples():
    for name in meters.names():
        row = meters.load(name)
        meter = SimulatedMeter(name)
        meter.set(_IMPORT[0], _IMPORT[1], _MILLI_V)
        meter.import_wh = 123_400_000
        meter.export_wh = 5_678_900
        sample = sample_of(name, meter, rounds=8)
        phases = sample.phases
        # (what the row has it as, what came, what is there, by how much a single may miss it)
        for key, came, there, miss in (
            ("frequency", sample.frequency_mhz, 50_000, 0),
            ("total_power", sample.own_total_w, sum(_IMPORT[1]), 0),
            ("import_energy", sample.import_wh, 123_400_000, 4),
            ("export_energy", sample.export_wh, 5_678_900, 1),
            ("voltage", sample.voltage_mv[0], _MILLI_V[0], 0),
            ("voltage", sample.voltage_mv[phases - 1], _MILLI_V[phases - 1], 0),
        ):
            if row.get(key):
                assert abs(came - there) <= miss, (name, key, came)
            else:
                assert came is None, (name, key)


def test_a_one_phase_meter_tells_nothing_of_the_others():
    for name in meters.names():
        sample = sample_of(name, SimulatedMeter(name))
        for phase in range(3):
            known = sample.current_ma[phase] is not None
            assert known == (phase < sample.phases), name


def test_a_meter_in_a_mode_without_signs_counts_export_as_import():
    for name in ("carlo_gavazzi_em24", "carlo_gavazzi_em1xx", "carlo_gavazzi_em3xx"):
        meter = SimulatedMeter(name)
        meter.shows_export = False
        meter.set(_EXPORT[0], _EXPORT[1])
        sample = sample_of(name, meter)
        assert sample.current_ma[0] == -_EXPORT[0][0], name


def test_a_current_that_is_not_a_number_makes_no_sample():
    for name in meters.names():
        for phase in range(meters.load(name)["phases"]):
            meter = SimulatedMeter(name)
            meter.set(_IMPORT[0], _IMPORT[1])
            meter.absent = ("i%d" % (phase + 1),)
            reader = a_reader(name)
            assert read_on(reader, meter, 0, 30) == 0, name
            assert reader.bad == 1
            assert reader.sample.at_ms is None


def test_a_current_without_a_direction_makes_no_sample_where_the_model_has_one():
    for name in meters.names():
        if meters.load(name)["sign"] == "power":
            meter = SimulatedMeter(name)
            meter.absent = ("p1",)
            assert read_on(a_reader(name), meter, 0, 30) == 0, name


def test_an_import_and_an_export_power_that_are_missing_leave_the_current_an_import():
    meter = SimulatedMeter("smartstuff_p1")
    meter.set(_MIXED[0], _MIXED[1])
    meter.absent = ("pe1",)
    sample = sample_of("smartstuff_p1", meter)
    assert sample.current_ma == [12_340, 5670, -16_000]
    assert sample.power_w[0] is None
    assert sample.total_power_w is None


def test_whole_amperes_are_never_less_than_what_the_power_tells():
    meter = SimulatedMeter("smartstuff_p1")
    meter.set([7000, 1000, -7000], [1840, 200, -1840], [230_000] * 3)
    sample = sample_of("smartstuff_p1", meter)
    assert sample.current_ma == [8000, 1000, -7000]


def test_voltages_and_energies_that_are_missing_are_not_known_and_the_sample_holds():
    for name in ("abb_b23", "smartstuff_p1", "eastron_sdm630"):
        meter = SimulatedMeter(name)
        meter.set(_IMPORT[0], _IMPORT[1])
        meter.absent = ("v1", "v2", "v3", "import")
        sample = sample_of(name, meter, rounds=3)
        assert sample.current_ma == _IMPORT[0], name
        assert sample.voltage_mv == [None] * 3, name
        assert sample.import_wh is None, name


def test_every_meter_answers_its_fingerprint():
    for name in meters.names():
        row = meters.load(name)
        unit, baud = row["line"][0], row["line"][1]
        meter = SimulatedMeter(name, unit, baud=baud)
        for check in row["fingerprint"]:
            words = meter.request(check[0], check[1], check[2])
            assert matches(check, words, unit, baud), (name, check)


def test_no_meter_answers_the_fingerprint_of_another_family():
    for name in meters.names():
        row = meters.load(name)
        for other in meters.names():
            if row["fingerprint"] and other.split("_")[0] != name.split("_")[0]:
                meter = SimulatedMeter(other, 1, baud=9600)
                assert not _answers(meter, row["fingerprint"]), (name, other)


def _answers(meter, fingerprint):
    for check in fingerprint:
        try:
            words = meter.request(check[0], check[1], check[2])
        except ModbusError:
            return False
        if not matches(check, words, meter.address, meter.baud):
            return False
    return True


def test_a_fingerprint_needs_every_part_of_it():
    check = (3, 0x4000, 11, "unit", 3)
    meter = SimulatedMeter("inepro_pro380", 5)
    words = meter.request(3, 0x4000, 11)
    assert matches(check, words, 5, 9600)
    assert not matches(check, words, 6, 9600)
    assert not matches(check, words[:10], 5, 9600)
    assert not matches((3, 0x4000, 11, "baud", 4), words, 5, 4800)
    assert not matches((3, 11, 1, "is", (71,)), [72], 1, 9600)
    assert not matches((3, 11, 1, "range", (1744, 1763)), [1764], 1, 9600)
    assert not matches((3, 110, 2, "text", (0, ("P1M3",))), [0x5031, 0x4D34], 1, 9600)
    assert not matches((3, 0, 6, "near", (1, 2, 3, 1800, 2600)), [0, 2300] * 2 + [0, 1799], 1, 0)


def test_every_healthy_meter_is_plausible_and_one_with_a_wrong_unit_is_not():
    for name in meters.names():
        meter = SimulatedMeter(name)
        meter.set(_MIXED[0], _MIXED[1])
        sample = sample_of(name, meter, rounds=8)
        assert is_a_meter(sample), name
        if sample.frequency_mhz is not None:
            sample.frequency_mhz = 500
            assert not is_a_meter(sample), name


def test_requests_for_one_sample():
    several = {
        "acrel_acr10r": 2,
        "acrel_adl400": 2,
        "acrel_adw300": 2,
        "carlo_gavazzi_em24": 2,
        "carlo_gavazzi_em3xx_s27": 2,
        "eastron_sdm72_v2_short": 2,
        "entes_emm": 2,
        "entes_mpr2": 2,
        "inepro_pro1_v1": 2,
        "inepro_pro380_v1": 6,
    }
    for name in meters.names():
        assert len(plan(meters.load(name))[0]) == several.get(name, 1), name
