"""The virtual line keeps to what the transport does: silence before a request, the first byte."""

import pytest

from loadrail.line import transaction_us
from loadrail.request import READ_HOLDING, TIMEOUT, Request
from loadrail_site.bus import VirtualBus

READ = Request().read(2, READ_HOLDING, 0, 7, 300)


def line(baud, parity="N", stop_bits=1, **more):
    return {"baud": baud, "parity": parity, "stop_bits": stop_bits, **more}


@pytest.mark.parametrize(
    ("setting", "first_byte_ms"),
    [
        (line(9600), 5 + 4),  # t3.5 of 3.65 ms; a character of 1.04 ms more would make it 5
        (line(19200, "E"), 5 + 3),
        (line(115200), 5 + 2),
        (line(9600, gap_ms=50), 5 + 4),  # that silence is before requests alone
    ],
)
def test_an_answer_begins_one_silence_and_the_turnaround_after_the_request(setting, first_byte_ms):
    assert VirtualBus(setting).first_byte_ms(5) == first_byte_ms


@pytest.mark.parametrize(("gap_ms", "more_us"), [(0, 0), (3, 0), (4, 353), (50, 46_353)])
def test_a_configured_silence_counts_where_it_is_longer_than_the_lines(gap_ms, more_us):
    least_us = transaction_us(READ, 9600, 10, 5)
    assert VirtualBus(line(9600, gap_ms=gap_ms)).span_us(READ, 5) == least_us + more_us


@pytest.mark.parametrize(("gap_ms", "result"), [(0, None), (50, TIMEOUT)])
def test_a_stray_that_comes_in_a_configured_silence_meets_the_request(gap_ms, result):
    bus = VirtualBus(line(115200, gap_ms=gap_ms))
    bus.leave_stray(20_000, READ)
    assert bus.meet_stray(0, READ, bus.span_us(READ, 5))[1] == result
