"""What pymodbus serves beside plain answers: two devices at one address, own turnarounds."""

import time
from itertools import product

import pytest
from served_site import LINE, small_site
from test_site_wire import LONG_S, SHORT_S, Client, frame, is_intact

from loadrail_site import teltocharge as tc
from loadrail_tools.serve import Bus, buses, serving, turnarounds

READ_STATUS = frame(2, 3, 0, 0, 0, 7)
READ_MAXIMUM = frame(2, 3, 0, tc.AMP_LIMIT, 0, 1)
WRITE_20_A = frame(2, 6, 0, tc.AMPS_TO_USE, 0, 20)


@pytest.fixture
def served():
    """Two chargers of 32 and 16 A at address 2, and a raw client."""
    site = small_site([{}, {"address": 2, "max_a": 16}])
    with serving(site, buses(site, LINE)) as server:
        client = Client(server.ttys["chargers"])
        yield client, site.chargers
        client.close()


@pytest.mark.parametrize(("asked", "length"), [(READ_MAXIMUM, 7), (WRITE_20_A, 8)])
def test_answers_that_disagree_arrive_whole_and_damaged(served, asked, length):
    client, chargers = served
    answer = client.ask(asked, length)
    assert (len(answer), answer[:2]) == (length, asked[:2])
    assert not is_intact(answer)
    obeyed = chargers[0].settings[tc.AMPS_TO_USE]
    assert obeyed == (20 if asked == WRITE_20_A else 0), "heard all the same"


def test_answers_that_agree_arrive_intact_also_after_damaged_ones(served):
    client, _ = served
    assert not is_intact(client.ask(READ_MAXIMUM, 7))
    assert is_intact(client.ask(READ_STATUS))


@pytest.mark.parametrize("ways", list(product(("silent", "deaf"), repeat=2)))
def test_two_that_are_both_gone_give_no_byte(served, ways):
    client, chargers = served
    for charger, way in zip(chargers, ways, strict=True):
        setattr(charger, way, True)
    assert client.ask(READ_STATUS, wait_s=SHORT_S) == b""


def test_a_device_with_a_turnaround_of_its_own_does_not_answer_earlier():
    site = small_site([{"turnaround_ms": 60}, {}])
    with serving(site, buses(site, LINE, turnaround_ms=5)) as server:
        client = Client(server.ttys["chargers"])
        sent = time.monotonic()
        client.send(READ_STATUS)
        first, _ = client.arrivals(1, LONG_S)[0]
        client.close()
    assert first - sent >= len(READ_STATUS) * LINE.char_s + LINE.t35_s + 0.060


def test_turnarounds_are_the_devices_own_a_drawn_range_or_those_of_the_bus():
    site = small_site([{"turnaround_ms": 60}, {"turnaround_ms": [10, 12]}, {}])
    turnaround_ms = turnarounds(Bus("chargers", site.devices(), LINE, turnaround_ms=7))
    assert {turnaround_ms(frame(2)) for _ in range(9)} == {60}
    assert {turnaround_ms(frame(3)) for _ in range(99)} == {10, 11, 12}
    assert [turnaround_ms(frame(unit)) for unit in (4, 1, 99)] == [7, 7, 7]
