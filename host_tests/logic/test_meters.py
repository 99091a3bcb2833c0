# From a meter's registers to whole numbers and signed milliamperes.

import sys

from loadrail import meters
from loadrail.meters.unusable import UNUSABLE
from loadrail.meters.words import F32, F64, I16, I32, I64, U16, U32, U64, number

# IEEE 754 words -> thousandths; the bit patterns are worked out by hand or by struct
_FLOATS = (
    ((0x0000, 0x0000), 0),
    ((0x8000, 0x0000), 0),
    ((0x3F80, 0x0000), 1000),
    ((0xBF80, 0x0000), -1000),
    ((0x41B9, 0x999A), 23200),  # 23.2
    ((0x3A83, 0x126F), 1),  # 0.001
    ((0x3A03, 0x126F), 1),  # 0.0005 rounds away from zero
    ((0x39FB, 0xA882), 0),  # 0.00048
    ((0x4366, 0x0000), 230000),
    ((0x4974, 0x2400), 1000000000),  # 1,000,000
    ((0x4B80, 0x0000), 16777216000),  # 2**24
    ((0x7F80, 0x0000), None),  # infinity
    ((0x7FC0, 0x0000), None),  # not a number
    ((0xFF80, 0x0001), None),
    ((0x0000, 0x0001), 0),  # smallest of all
)


def test_float32_becomes_thousandths_without_a_float():
    for words, milli in _FLOATS:
        assert number(words, 0, F32, 1000) == milli, words


# (words, kind, multiply, divide) -> value; bit patterns by hand or by struct
_NUMBERS = (
    (([0x0000], U16, 10, 1), 0),
    (([0xFFFE], U16, 10, 1), 655340),
    (([0xFFFF], U16, 10, 1), None),
    (([0xFFFF], I16, 1, 1), -1),
    (([0x8001], I16, 1, 1), -32767),
    (([0x8000], I16, 1, 1), None),
    (([0x7FFF], I16, 1, 1), None),
    (([0x0001, 0x86A0], U32, 1, 10), 10000),
    (([0xFFFF, 0xFFFF], U32, 1, 1), None),  # SmartStuff, ABB: absent
    (([0xFFFF, 0xFFFF], I32, 1, 1), -1),
    (([0x7FFF, 0xFFFF], I32, 1, 1), None),  # ABB, Carlo Gavazzi: absent, overflow
    (([0x8000, 0x0000], I32, 1, 1), None),
    (([0xFFFF, 0xCFC7], I32, 1, 1), -12345),
    (([0x0000, 0x0005], I32, 1, 10), 1),  # half away from zero
    (([0x0000, 0x0004], I32, 1, 10), 0),
    (([0xFFFF, 0xFFFB], I32, 1, 10), -1),
    (([0xFFFF, 0xFFFC], I32, 1, 10), 0),
    (([0, 0, 0x0001, 0x0000], U64, 10, 1), 655360),
    (([0xFFFF] * 4, U64, 10, 1), None),
    (([0xFFFF] * 4, I64, 10, 1), -10),
    (([0x7FFF, 0xFFFF, 0xFFFF, 0xFFFF], I64, 10, 1), None),
    (([0x42C8, 0x0000], F32, 1, 10), 10),  # 100.0
    (([0x42BE, 0x0000], F32, 1, 10), 10),  # 95.0: half away from zero
    (([0xC2BE, 0x0000], F32, 1, 10), -10),
    (([0x42BD, 0xFFFF], F32, 1, 10), 9),
    (([0x3F00, 0x0000], F32, 1, 1), 1),  # 0.5
    (([0x3EFF, 0xFFFF], F32, 1, 1), 0),
    (([0x5EFF, 0xFFFF], F32, 1, 1), 0x7FFFFF8000000000),
    (([0x5F00, 0x0000], F32, 1, 1), None),  # 2**63
    (([0x40FE, 0x2400, 0, 0], F64, 1, 1), 123456),
    (([0xC0FE, 0x2408, 0, 0], F64, 1, 1), -123457),  # 123456.5
    (([0x7FF8, 0, 0, 0], F64, 1, 1), None),
    (([0x7FF0, 0, 0, 0], F64, 1, 1), None),
    (([0x0000, 0, 0, 1], F64, 1, 1), 0),
)


def test_every_kind_of_register_becomes_a_whole_number():
    for arguments, value in _NUMBERS:
        assert number(arguments[0], 0, *arguments[1:]) == value, arguments


def test_the_low_word_may_come_first_and_the_value_stand_anywhere():
    for arguments, value in _NUMBERS:
        words = [1, 2] + list(reversed(arguments[0])) + [3]
        assert number(words, 2, *arguments[1:], low_first=True) == value, arguments


def test_every_model_has_a_whole_row():
    assert len(meters.names()) == len(set(meters.names())) > 30
    for name in meters.names():
        row = meters.load(name)
        address, baud, parity, stop_bits = row["line"]
        assert 1 <= address <= 247 and baud in (2400, 9600, 19200, 38400), name
        assert parity in ("N", "E") and stop_bits in (1, 2), name
        assert row["function"] in (3, 4) and row["phases"] in (1, 3), name
        assert row["shown"] and row["confidence"] in ("high", "medium", "low"), name
        assert row["note"] or row["confidence"] == "high", name
        assert row["sign"] in ("power", "export", "none"), name
        assert row["current"] and (row.get("power") or row["sign"] == "none"), name
        assert (row.get("export_power") is not None) == (row["sign"] == "export"), name


def test_a_model_that_is_not_there_is_an_error():
    for name in ("", "eastron", "eastron_", "eastron_sdm72_v1", "eastron_sdm630 ", "x_sdm630"):
        try:
            meters.load(name)
        except KeyError:
            continue
        raise AssertionError(name)


def test_a_model_that_cannot_serve_cannot_be_configured():
    for name in UNUSABLE:
        assert name not in meters.names(), name


def test_only_the_row_in_use_stays_in_memory():
    meters.load("eastron_sdm630")
    assert "loadrail.meters.eastron" not in sys.modules
    assert not hasattr(meters, "eastron")


def test_rows_of_a_family_do_not_share_what_one_of_them_changes():
    before = meters.load("eastron_sdm120")["phases"]
    meters.load("eastron_sdm120")["phases"] = 7
    assert meters.load("eastron_sdm120")["phases"] == before
    assert meters.load("eastron_sdm630")["phases"] == 3
