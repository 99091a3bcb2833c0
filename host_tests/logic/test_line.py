# Lengths and times on an RTU line, against numbers worked out by hand.

from loadrail.line import (
    answer_bytes,
    char_bits,
    char_us,
    gap_us,
    request_bytes,
    transaction_us,
)
from loadrail.request import READ_HOLDING, READ_INPUT, WRITE_MULTIPLE, Request


def _read(count, function=READ_HOLDING):
    return Request().read(2, function, 0, count, 200)


def _many(count):
    return Request().write(2, 14, [0] * count, 200, WRITE_MULTIPLE)


def test_a_character_has_ten_to_twelve_bits():
    for parity, stop_bits, bits in (("N", 1, 10), ("E", 1, 11), ("O", 1, 11), ("N", 2, 11)):
        assert char_bits(parity, stop_bits) == bits
    assert char_bits("E", 2) == 12


def test_times_are_never_short():
    for baud, bits, char, gap in (
        (1200, 11, 9167, 32085),
        (9600, 10, 1042, 3647),
        (19200, 11, 573, 2006),
        (38400, 11, 287, 1750),
        (115200, 10, 87, 1750),
    ):
        assert char_us(baud, bits) == char
        assert char * baud >= bits * 1000000
        assert gap_us(baud, char) == gap


def test_lengths_of_frames():
    for request, out, back in (
        (_read(1), 8, 7),
        (_read(7), 8, 19),
        (_read(125, READ_INPUT), 8, 255),
        (Request().write(2, 14, [16], 200), 8, 8),
        (_many(1), 11, 8),
        (_many(2), 13, 8),
        (_many(123), 255, 8),
    ):
        assert (request_bytes(request), answer_bytes(request)) == (out, back)


def test_a_transaction_is_its_bytes_two_silences_and_the_turnaround():
    assert transaction_us(_read(7), 19200, 11, 5) == 27 * 573 + 2 * 2006 + 5000
    assert transaction_us(_many(2), 115200, 10, 0) == 21 * 87 + 2 * 1750


def test_a_longer_silence_is_kept_before_the_request_alone():
    plain = transaction_us(_read(7), 9600, 10, 20)
    for gap_ms, more in ((0, 0), (3, 0), (4, 4000 - 3647), (100, 100000 - 3647)):
        assert transaction_us(_read(7), 9600, 10, 20, gap_ms) == plain + more


def test_a_cycle_of_20_chargers_takes_what_the_line_needs():
    # Six registers of the meter, then seven of each charger, in ms, at 5 ms turnaround.
    for baud, parity, floor_ms in (
        (9600, "N", 847),
        (19200, "E", 513),
        (38400, "E", 340),
        (115200, "N", 228),
    ):
        bits = char_bits(parity, 1)
        span_us = transaction_us(_read(6), baud, bits, 5)
        span_us += 20 * transaction_us(_read(7), baud, bits, 5)
        assert abs(span_us - floor_ms * 1000) < 3000
