"""The bench's serial line in virtual time, and the real transports on it."""

import pytest

from loadrail.config import check
from loadrail_bench.bus_cycle_line import Clock, Line
from loadrail_bench.bus_cycle_real import Steered, umodbus_client
from loadrail_site.site import Site

LINE = {"baud": 19200, "parity": "N", "stop_bits": 1}
CHAR_US, GAP_US = 521, 1824
READ = bytes.fromhex("02030000000785fb")  # charger 2, registers 0 to 6
TURNAROUND_MS = 5


def site(chargers=2, **plan):
    entries = [{"phases": "L1L2L3", "cars": []} for _ in range(chargers)]
    return Site({"seconds": 100, "limit_a": 63, "chargers": entries, **plan}, sample_ms=0)


def line(clock, **plan):
    return Line(clock, site(**plan), LINE, TURNAROUND_MS)


@pytest.mark.parametrize(
    ("tick_ms", "now_us", "sleep_ms", "until_us"),
    [
        (1, 0, 3, 3000),
        (1, 2999, 1, 3000),  # a millisecond counts from the last whole one
        (1, 3000, 0, 3000),
        (10, 0, 1, 10_000),
        (10, 12_345, 8, 20_000),
        (10, 12_345, 9, 30_000),
    ],
)
def test_a_sleep_ends_on_a_tick(tick_ms, now_us, sleep_ms, until_us):
    clock = Clock(tick_ms)
    clock.sleep_us(now_us)
    list(clock.sleep_ms(sleep_ms))
    assert clock.now_us == until_us


def test_each_byte_of_an_answer_comes_when_its_last_bit_has():
    clock = Clock()
    wire = line(clock)
    wire.write(READ)
    wire.flush()
    assert clock.now_us == 8 * CHAR_US
    clock.sleep_us(GAP_US + TURNAROUND_MS * 1000 + CHAR_US - 1)
    assert (wire.any(), wire.read()) == (0, None)
    clock.sleep_us(1)
    assert wire.read() == b"\2"
    clock.sleep_us(18 * CHAR_US - 1)
    assert wire.any() == 17
    clock.sleep_us(1)
    assert wire.read()[:2] == b"\3\x0e"
    assert wire.last_us == clock.now_us


def test_who_is_not_there_says_nothing():
    clock = Clock()
    wire = line(clock)
    wire.write(bytes([9]) + READ[1:])
    clock.sleep_us(1_000_000)
    assert wire.any() == 0


def test_umodbus_and_the_transport_read_the_same_words():
    theirs = Clock()
    client = umodbus_client(theirs, line(theirs), LINE)
    words = client.read_holding_registers(3, 9, 4, signed=False)
    place = site()
    seen = {}

    def keep(request, purpose, result):
        if (request.unit, request.register, result) == (3, 7, 0):
            seen[3] = list(steered.bus._words[2:6])

    config, faults = check({"chargers": place.charger_configs(), "bus": LINE, "group": STATIC})
    assert not faults
    steered = Steered(place, config, TURNAROUND_MS, on_answer=keep)
    steered.until(3000)
    assert seen == {3: list(words)} == {3: place.device(3).request(3, 9, 4)}


STATIC = {"type": "static", "limit_a": 63}


def test_umodbus_tells_an_exception_and_a_silence():
    clock = Clock()
    client = umodbus_client(clock, line(clock), LINE)
    with pytest.raises(ValueError, match="exception code: 2"):
        client.read_holding_registers(2, 400, 2)
    before_us = clock.now_us
    with pytest.raises(OSError, match="no data"):
        client.read_holding_registers(9, 0, 2)
    # 119 looks, each after 3.5 of its characters of 11 bits, which are 572 us
    assert clock.now_us - before_us > 119 * 7 * 572 // 2


def test_the_site_goes_on_with_the_clock():
    clock = Clock()
    place = site()
    wire = Line(clock, place, LINE, TURNAROUND_MS)
    clock.sleep_us(10_000_000)
    wire.write(READ)
    assert place.now_ms == 10_004
