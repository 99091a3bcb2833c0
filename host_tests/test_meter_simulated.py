"""The simulated meters refuse what the real ones do, and the two simulated SDM630 agree."""

import pytest

from loadrail import meters
from loadrail.meters.plan import plan
from loadrail_site.device import ModbusError
from loadrail_site.meter import Meter
from loadrail_site.meters_maps import MODELS
from loadrail_site.meters_simulated import SimulatedMeter

ADDRESS, FUNCTION, VALUE = 2, 1, 3


def refused(model, *read):
    with pytest.raises(ModbusError) as caught:
        SimulatedMeter(model).read(*read)
    return caught.value.code


@pytest.mark.parametrize("model", sorted(MODELS))
def test_a_read_beyond_the_limit_is_refused(model):
    _, functions, longest, *_ = MODELS[model]
    first = plan(meters.load(model))[0][0][0]
    assert refused(model, functions[0], first, longest + 1) == VALUE
    assert refused(model, functions[0], first, 0) == VALUE


@pytest.mark.parametrize("model", sorted(MODELS))
def test_a_register_that_is_not_there_is_refused(model):
    assert refused(model, MODELS[model][1][0], 60_000, 2) == ADDRESS


@pytest.mark.parametrize("model", sorted(MODELS))
def test_a_read_that_ends_within_a_value_is_refused(model):
    function = MODELS[model][1][0]
    meter = SimulatedMeter(model)
    for block in plan(meters.load(model))[0]:
        for _, offset, kind, _, _ in block[2]:
            if kind >= 2:  # more than one register
                register = block[0] + offset
                with pytest.raises(ModbusError) as caught:
                    meter.read(function, register, 1)
                assert caught.value.code == ADDRESS
                with pytest.raises(ModbusError):
                    meter.read(function, register + 1, 1)


@pytest.mark.parametrize(
    ("model", "read", "code"),
    [
        ("carlo_gavazzi_em24", (4, 0x0C, 12), VALUE),  # currents and powers at once
        ("carlo_gavazzi_em24", (3, 0x0A, 2), ADDRESS),  # the code, not alone
        ("carlo_gavazzi_em24", (6, 0x0C, 2), FUNCTION),
        ("carlo_gavazzi_em3xx", (3, 0x00, 24), VALUE),
        ("siemens_pac2200", (3, 41, 15), ADDRESS),  # beyond 42 there is nothing
        ("siemens_pac2200", (3, 64001, 10), ADDRESS),  # the device's names come whole
        ("siemens_pac3100", (3, 55, 2), ADDRESS),
        ("siemens_pac1600", (3, 29, 22), ADDRESS),  # 31 to 48 cannot be read through
        ("abb_b23", (4, 0x5B00, 2), FUNCTION),
        ("eastron_sdm630", (4, 1, 2), ADDRESS),
        ("eastron_sdm630", (4, 0, 3), ADDRESS),
        ("eastron_sdm630", (3, 0, 2), FUNCTION),
        ("eastron_sdm72_v2_short", (4, 0, 18), VALUE),
        ("inepro_pro380_v1", (3, 0x2068, 6), VALUE),
        ("smartstuff_p1", (3, 40, 12), ADDRESS),
    ],
)
def test_what_a_model_refuses(model, read, code):
    assert refused(model, *read) == code


@pytest.mark.parametrize(
    ("model", "read", "words"),
    [
        ("smartstuff_p1", (3, 110, 2), [0x5031, 0x4D33]),
        ("abb_b23", (3, 0x8960, 6), [0x4232, 0x3320, 0x3231, 0x322D, 0x3130, 0x3000]),
        ("abb_b21", (3, 0x5B18, 2), [0xFFFF, 0xFFFF]),
        ("acrel_adl400", (3, 0xF009, 1), [0xA400]),
        ("chint_dtsu666_h", (3, 2001, 1), [0x3B11]),
        (
            "inepro_pro1",
            (3, 0x4000, 11),
            [0x1712, 0x123, 0x602, 7, 4800, 0x4000, 0] + [0x4000, 0] * 2,
        ),
        ("eastron_sdm630", (4, 0, 4), [0x4366, 0, 0x4366, 0]),
        ("carlo_gavazzi_em24", (4, 0, 4), [2300, 0, 2300, 0]),  # low word first
        ("abb_b23", (3, 0x5B00, 2), [0, 2300]),
    ],
)
def test_words_that_a_model_answers(model, read, words):
    assert SimulatedMeter(model, 7, baud=4800).read(*read) == words


def test_an_overflow_of_carlo_gavazzi_is_shown_low_word_first():
    meter = SimulatedMeter("carlo_gavazzi_em24")
    meter.absent = ("i1",)
    assert meter.read(4, 0x0C, 2) == [0xFFFF, 0x7FFF]


def test_on_a_site_it_shows_what_the_other_simulated_sdm630_shows():
    one, other = Meter(1), SimulatedMeter("eastron_sdm630", 1)
    for now_ms in range(0, 600_000, 100):
        currents = [12_340 + now_ms % 700, -5670, 890 - now_ms % 1900]
        for meter in (one, other):
            meter.step(now_ms, currents)
        assert one.shown_ma == other.shown_ma
        assert one.read(4, 0, 18) == other.read(4, 0, 18)
        assert one.read(4, 0x46, 2) == other.read(4, 0x46, 2)


def test_energies_are_counted_by_direction():
    meter = SimulatedMeter("eastron_sdm630")
    for now_ms in range(0, 3_600_001, 1000):
        meter.step(now_ms, [10_000, -5000, 0])
    assert abs(meter.import_wh - 2300) < 1
    assert abs(meter.export_wh - 1150) < 1


def test_nothing_can_be_written():
    with pytest.raises(ModbusError):
        SimulatedMeter("eastron_sdm630").write(16, 0x1C, [0x4040, 0])
