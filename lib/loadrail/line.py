# What an RTU line needs: lengths in bits and bytes, times in whole microseconds.
#
# Modbus over serial line 1.02: 2.5.1 the characters, 2.5.1.1 the silence between frames, t3.5.
# Times are rounded up, so that nobody sends too early for being short of a fraction.
# `baud` is in bits a second, `bits` those of one character with start, parity and stop.

from loadrail.request import READ_INPUT, WRITE_SINGLE

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# Above this rate the silence no longer follows the rate.
_FAST_BAUD = const(19200)
_FAST_GAP_US = const(1750)

_SHORT = const(8)  # bytes of a request to read, of FC06 both ways, and of the answer to FC16


def char_bits(parity: str, stop_bits: int) -> int:
    """Bits of a character: start, eight data bits, parity "N" (none), "E" or "O", stop bits."""
    return 9 + (parity != "N") + stop_bits


def char_us(baud: int, bits: int) -> int:
    """Time of one character."""
    return (bits * 1000000 + baud - 1) // baud


def gap_us(baud: int, char_us: int) -> int:
    """The silence that parts two frames, t3.5: 3.5 characters of `char_us` each, or 1.75 ms."""
    return (7 * char_us + 1) // 2 if baud <= _FAST_BAUD else _FAST_GAP_US


def request_bytes(request) -> int:
    """Length of a request's frame, 8..255."""
    return _SHORT if request.function <= WRITE_SINGLE else 9 + 2 * request.count


def answer_bytes(request) -> int:
    """Length of the frame that answers it with OK, 7..255; an exception has 5."""
    return 5 + 2 * request.count if request.function <= READ_INPUT else _SHORT


def transaction_us(request, baud, bits, turnaround_ms, gap_ms=0) -> int:
    """The least that an answered request takes on the line.

    Before the request is silence, t3.5 or `gap_ms` if that is longer; before the answer t3.5 and
    the device's `turnaround_ms`.
    """
    char = char_us(baud, bits)
    gap = gap_us(baud, char)
    before = gap if gap_ms * 1000 < gap else gap_ms * 1000
    count = request_bytes(request) + answer_bytes(request)
    return before + count * char + gap + turnaround_ms * 1000
