# From a meter's registers to signed milliamperes.

from loadrail.meters import MODELS, decode, float32_milli

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
    ((0x4B80, 0x0000), None),  # 2**24: too much for thousandths
    ((0x7F80, 0x0000), None),  # infinity
    ((0x7FC0, 0x0000), None),  # not a number
    ((0xFF80, 0x0001), None),
    ((0x0000, 0x0001), 0),  # smallest of all
)


def test_float32_becomes_thousandths_without_a_float():
    for words, milli in _FLOATS:
        assert float32_milli(*words) == milli, words


def _sample(currents, powers, volts=(0x4366, 0)):
    words = []
    for value in [volts] * 3 + list(currents) + list(powers):
        words += value
    return words


_10_A = (0x4120, 0x0000)
_MINUS_10_A = (0xC120, 0x0000)
_2300_W = (0x450F, 0xC000)
_MINUS_2300_W = (0xC50F, 0xC000)
_NAN = (0x7FC0, 0x0000)
_5000_A = (0x459C, 0x4000)


def _decode(words):
    currents, powers, volts = [0] * 3, [0] * 3, [0] * 3
    fine = decode(MODELS["eastron_sdm630"], words, currents, powers, volts)
    return fine, currents, powers, volts


def test_the_phase_powers_give_the_currents_their_sign():
    words = _sample([_10_A, _10_A, _MINUS_10_A], [_2300_W, _MINUS_2300_W, _2300_W])
    fine, currents, powers, volts = _decode(words)
    assert fine
    assert currents == [10000, -10000, 10000]
    assert powers == [2300, -2300, 2300]
    assert volts == [230000] * 3


def test_missing_is_never_zero():
    assert not _decode(_sample([_10_A, _NAN, _10_A], [_2300_W] * 3))[0]
    assert not _decode(_sample([_10_A] * 3, [_2300_W, _2300_W, _NAN]))[0]


def test_more_than_a_thousand_amperes_is_a_fault():
    assert not _decode(_sample([_10_A, _10_A, _5000_A], [_2300_W] * 3))[0]
