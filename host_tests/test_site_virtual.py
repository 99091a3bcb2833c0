"""The virtual bus: what a transaction lasts, turnarounds, and each kind of trouble."""

import pytest

from loadrail.line import transaction_us
from loadrail.request import CRC, EXCEPTION, MISMATCH, OK, PORT, TIMEOUT, Request
from loadrail_site.charger import Charger
from loadrail_site.collision import Collision
from loadrail_site.virtual import DOUBLED, LATE, OVERDUE, Run

LINE = {"baud": 19200, "parity": "E", "stop_bits": 1}
TIMEOUT_MS = 150


class Core:
    """Asks for what it is told to, one after the other, and notes how each ended."""

    buses = 1

    def __init__(self, *asks):
        self.config = {"bus": LINE}
        self.asks = list(asks)
        self.ended = []  # (ms, result, words, turnaround_ms, exception)
        self.began_ms = []
        self._request = Request()

    def next_request(self, bus, now_ms):
        if not self.asks:
            return None
        self.began_ms.append(now_ms)
        ask = self.asks.pop(0)
        if len(ask) == 2:
            return self._request.write(ask[0], 15, [ask[1]], TIMEOUT_MS)
        return self._request.read(*ask, TIMEOUT_MS)

    def answer(self, bus, now_ms, result, words):
        request = self._request
        self.ended.append((now_ms, result, words, request.turnaround_ms, request.exception))

    def results(self):
        return [row[1] for row in self.ended]


class Place:
    """A site without time."""

    def __init__(self, *devices):
        self.now_ms = 0
        self._devices = {device.address: device for device in devices}

    def device(self, address):
        return self._devices.get(address)

    def step(self, now_ms):
        self.now_ms = now_ms


READ = (2, 3, 0, 7)
READ_US = transaction_us(Request().read(*READ, TIMEOUT_MS), 19200, 11, 0)
FIRST_BYTE_MS = 3  # t3.5 and one character, rounded up


def carried(*asks, devices=None, until_ms=2000, **run):
    core = Core(*asks)
    Run(core, Place(*(devices or [Charger(2), Charger(3)])), **run).until(until_ms)
    return core


def first_only(fault):
    """The first request meets the fault, the others none."""
    faults = [fault]
    return lambda bus, request, now_ms: faults.pop() if faults else None


@pytest.mark.parametrize(
    ("mine_ms", "all_ms", "turnaround_ms"), [(None, 5, 5), (None, 40, 40), (20, 5, 20), (0, 5, 0)]
)
def test_an_answer_takes_the_line_and_the_devices_turnaround(mine_ms, all_ms, turnaround_ms):
    core = carried(READ, devices=[Charger(2, turnaround_ms=mine_ms)], turnaround_ms=all_ms)
    assert core.ended[0][0] == (READ_US + turnaround_ms * 1000) // 1000
    assert core.ended[0][3] == turnaround_ms + FIRST_BYTE_MS


def test_a_turnaround_drawn_from_a_range_covers_it_and_repeats():
    def turnarounds():
        charger = Charger(2, turnaround_ms=(5, 9))
        core = carried(*[READ] * 200, devices=[charger], until_ms=10_000)
        return [row[3] - FIRST_BYTE_MS for row in core.ended]

    seen = turnarounds()
    assert set(seen) == set(range(5, 10))
    assert seen == turnarounds()


def test_a_turnaround_may_depend_on_the_request_and_the_time():
    def slow_writes(request, now_ms):
        return 2 if request.values is None else 50 + now_ms // 1000

    core = carried(READ, (2, 6), devices=[Charger(2)], turnaround_ms=slow_writes)
    assert [row[3] - FIRST_BYTE_MS for row in core.ended] == [2, 50]


def test_an_exception_has_its_code_and_a_turnaround_and_the_next_answer_no_code():
    core = carried((2, 3, 40, 6), READ)
    told = [(result, turnaround_ms, code) for _, result, _, turnaround_ms, code in core.ended]
    assert told == [(EXCEPTION, 5 + FIRST_BYTE_MS, 2), (OK, 5 + FIRST_BYTE_MS, 0)]


def test_who_is_not_there_costs_the_time_out():
    core = carried((9, 3, 0, 7))
    assert core.ended == [(TIMEOUT_MS, TIMEOUT, None, None, 0)]


@pytest.mark.parametrize(
    ("fault", "result", "heard"),
    [
        (TIMEOUT, TIMEOUT, False),
        (PORT, PORT, False),
        (CRC, CRC, True),
        (MISMATCH, MISMATCH, True),
        (EXCEPTION, EXCEPTION, True),
        ((LATE, TIMEOUT), TIMEOUT, True),
        ((OVERDUE, 0), TIMEOUT, True),
        (DOUBLED, OK, True),
    ],
)
def test_how_a_fault_ends_a_write_and_whether_the_charger_has_heard_it(fault, result, heard):
    charger = Charger(2)
    core = carried((2, 8), devices=[charger], faults=first_only(fault))
    assert core.results() == [result]
    assert charger.settings[15] == (8 if heard else 0)
    assert (core.ended[0][3] is None) == (result not in (OK, EXCEPTION))


def test_two_answers_that_collide_are_a_crc_error_and_take_the_time_of_an_answer():
    both = Collision(Charger(2), Charger(2, max_a=16))
    core = carried((2, 3, 12, 7), (2, 3, 14, 2), devices=[both])
    assert core.results() == [CRC, OK]
    assert core.ended[0][0] == (READ_US + 5000) // 1000


# --- answers that come when nobody waits for them


def test_a_doubled_answer_holds_the_next_request_up_for_its_own_time():
    alone = carried(READ, READ).ended
    doubled = carried(READ, READ, faults=first_only(DOUBLED)).ended
    assert doubled[0] == alone[0]
    assert doubled[1][1] == OK
    assert 10 <= doubled[1][0] - alone[1][0] <= 12, "19 characters of 573 us"


@pytest.mark.parametrize(
    ("after_ms", "results", "heard"),
    [
        (0, [OK, OK], True),  # the next request waits until it is through
        (3, [TIMEOUT, OK], False),  # it hits the next request,
        (9, [CRC, OK], True),  # the answer to that,
        (28, [OK, CRC], True),  # the answer to the one after,
        (60, [OK, OK], True),  # or nothing
    ],
)
def test_an_overdue_answer_spoils_what_it_meets(after_ms, results, heard):
    charger = Charger(3)
    devices = [Charger(2), charger]
    core = carried(READ, (3, 8), READ, devices=devices, faults=first_only((OVERDUE, after_ms)))
    assert core.results() == [TIMEOUT, *results]
    assert charger.settings[15] == (8 if heard else 0)


def test_an_overdue_answer_of_a_resting_bus_disturbs_nobody():
    class Resting(Core):
        def next_request(self, bus, now_ms):
            return None if 0 < now_ms < 500 else super().next_request(bus, now_ms)

    core = Resting(READ, READ)
    Run(core, Place(Charger(2)), faults=first_only((OVERDUE, 100))).until(2000)
    assert core.results() == [TIMEOUT, OK]


@pytest.mark.parametrize(
    ("turnaround_ms", "result"),
    [(TIMEOUT_MS - FIRST_BYTE_MS, OK), (TIMEOUT_MS - FIRST_BYTE_MS + 1, TIMEOUT), (400, TIMEOUT)],
)
def test_an_answer_that_begins_after_the_time_out_is_none(turnaround_ms, result):
    charger = Charger(2, turnaround_ms=turnaround_ms)
    core = carried((2, 8), devices=[charger])
    assert core.results() == [result]
    assert charger.settings[15] == 8, "it has heard, all the same"
    if result == TIMEOUT:
        assert core.ended[0][0] == TIMEOUT_MS


def test_an_answer_after_the_time_out_is_in_the_way_of_the_next_one():
    slow = Charger(2, turnaround_ms=155)
    core = carried((2, 8), (3, 3, 0, 7), (3, 3, 0, 7), devices=[slow, Charger(3)])
    assert core.results() == [TIMEOUT, CRC, OK]
