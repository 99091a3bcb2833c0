# From a meter's words to whole numbers, without floats: 16, 32 and 64 bit integers, IEEE 754.
#
# One rule for all: value * multiply / divide, rounded to the nearest, halves away from zero.
# `None` is what the meter marks as absent: not-a-number and infinity, all ones where unsigned,
# the largest and the smallest value where signed. A value of 2**63 or more in a float is none
# either.

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# Kinds of values: odd ones of the integers are signed.
U16 = const(0)
I16 = const(1)
U32 = const(2)
I32 = const(3)
U64 = const(4)
I64 = const(5)
F32 = const(6)
F64 = const(7)

WORDS = (1, 1, 2, 2, 4, 4, 2, 4)  # of each kind

# The largest value of each integer kind stands for "absent"; so does the smallest signed one.
_ABSENT = (0xFFFF, 0x7FFF, 0xFFFFFFFF, 0x7FFFFFFF, 0xFFFFFFFFFFFFFFFF, 0x7FFFFFFFFFFFFFFF)


def number(words, at: int, kind: int, multiply=1, divide=1, low_first=False) -> "int | None":
    """The value whose first word is words[at]; `low_first`: the least significant word is."""
    size = WORDS[kind]
    step = 1
    if low_first:
        at += size - 1
        step = -1
    if kind >= F32:
        return _float(words, at, step, kind, multiply, divide)
    signed = kind & 1
    value = words[at]
    if signed and value & 0x8000:
        value -= 0x10000  # before the other words: small negative values stay small on the way
    for _ in range(size - 1):
        at += step
        value = value << 16 | words[at]
    if value == _ABSENT[kind] or (signed and ~value == _ABSENT[kind]):
        return None
    if divide == 1:
        return value * multiply
    parts = (2 * abs(value) * multiply + divide) // (2 * divide)
    return -parts if value < 0 else parts


def _float(words, at, step, kind, multiply, divide):
    first = words[at]
    if kind == F32:
        exponent = ((first >> 7) & 0xFF) - 127
        mantissa = (first & 0x7F | 0x80) << 16 | words[at + step]
        tiny, bits = -127, 23
    else:
        exponent = ((first >> 4) & 0x7FF) - 1023
        mantissa = (first & 0x0F | 0x10) << 16 | words[at + step]
        mantissa = (mantissa << 16 | words[at + 2 * step]) << 16 | words[at + 3 * step]
        tiny, bits = -1023, 52
    if exponent >= 63:
        return None  # infinity and not-a-number are among these
    if exponent == tiny:
        return 0  # below 1e-37
    parts = _scaled(mantissa, bits - exponent, multiply, divide)
    return -parts if first & 0x8000 else parts


def _scaled(mantissa, shift, multiply, divide):
    """mantissa * multiply / divide / 2**shift, rounded.

    Twelve bits at a time: the whole product of a single's mantissa would be a long integer.
    """
    low = (mantissa & 0xFFF) * multiply
    high = (mantissa >> 12) * multiply + (low >> 12)
    low &= 0xFFF
    shift -= 1  # twice the value, so that its last bit tells the half
    if shift >= 12:
        double = high >> (shift - 12)
    elif shift >= 0:
        double = high << (12 - shift) | low >> shift
    else:
        double = (high << 12 | low) << -shift
    return (double + divide) // (2 * divide)
