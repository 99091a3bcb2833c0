"""A late answer is not taken for that to another request, whatever came before it."""

import pytest
from rtu_line import frame, read_answer
from test_rtu_overheard import GOOD, Bus, read, write

from loadrail.request import CRC, EXCEPTION, MISMATCH, OK, TIMEOUT, Request
from primary.owed import _ROWS, Owed

LATE = read_answer(2, 3, [7] * 7)
RIGHT = read_answer(2, 3, [1] * 7)


@pytest.fixture
def bus(monkeypatch):
    bus = Bus(monkeypatch)
    bus.begin()
    return bus


def waited_us(bus, request, *pieces):
    """How long a request waits before it goes out; it must end well."""
    began, count = bus.now, len(bus.sent)
    assert bus.ask(request, *pieces) == OK
    return bus.sent[count][0] - began


# what else comes of the same device, just before the answer that is owed
@pytest.mark.parametrize(
    "older",
    [
        frame(2, 16, 0, 14, 0, 7),
        frame(2, 6, 0, 14, 0, 9),
        frame(2, 0x84, 2),
        frame(2, 0x83, 2),
        read_answer(2, 3, [5]),
        read_answer(2, 3, [5] * 7),
    ],
)
def test_s13_an_older_late_answer_does_not_pay_for_a_younger_debt(bus, older):
    bus.ask(write(9, timeout_ms=20))
    assert bus.ask(read(timeout_ms=20), (22_000, older), (38_000, LATE)) == TIMEOUT
    assert bus.ask(read(register=40, timeout_ms=20), (15_000, RIGHT)) == OK
    assert bus.words[:7] == [1] * 7


def test_s13_what_another_device_owes_since_does_not_hide_an_older_debt(bus):
    assert bus.ask(read()) == TIMEOUT
    damaged = read_answer(3, 3, [0, 0])[:-1] + b"\0"
    assert bus.ask(read(unit=3, count=2), (5000, damaged)) == CRC
    bus.play(20_000, LATE)
    assert bus.ask(read(register=40), (100_000, RIGHT)) == OK
    assert bus.words[:7] == [1] * 7


def test_s13_a_request_of_a_shorter_time_out_does_not_end_the_wait(bus):
    assert bus.ask(read()) == TIMEOUT
    for _ in range(3):
        assert bus.ask(read(unit=3, count=1, timeout_ms=20), (5000, read_answer(3, 3, [0]))) == OK
    bus.play(20_000, LATE)
    assert bus.ask(read(register=40), (100_000, RIGHT)) == OK
    assert bus.words[:7] == [1] * 7


def test_s13_a_debt_of_ours_does_not_hide_what_somebody_else_has_asked(bus):
    assert bus.ask(read(unit=4)) == TIMEOUT
    bus.idle(frame(2, 3, 0, 100, 0, 7))
    bus.play(50_000, LATE)
    assert bus.ask(read(), (5000, RIGHT)) == OK
    assert bus.words[:7] == [1] * 7


def test_s13_our_own_debt_does_not_hide_what_somebody_else_has_asked_meanwhile(bus):
    # Nor does it help to ask the same again: theirs was about other registers.
    theirs = frame(2, 3, 0, 100, 0, 7)
    assert bus.ask(read(), (2500, theirs), (50_000, LATE)) == MISMATCH
    assert bus.ask(read(), (5000, RIGHT)) == OK
    assert bus.words[:7] == [1] * 7


def test_s13_a_late_answer_to_us_does_not_pay_for_what_somebody_else_has_asked(bus):
    assert bus.ask(read(register=60)) == TIMEOUT
    bus.idle(frame(2, 3, 0, 100, 0, 7), read_answer(2, 3, [5] * 7))
    bus.play(100_000, LATE)
    assert bus.ask(read(), (5000, RIGHT)) == OK
    assert bus.words[:7] == [1] * 7


@pytest.mark.parametrize("late", [GOOD, frame(2, 0x83, 2)], ids=["equal", "refusal"])
def test_s13_who_asks_again_and_hears_the_first_answer_is_owed_the_second(bus, late):
    assert bus.ask(read()) == TIMEOUT
    assert bus.ask(read(), (5000, late)) == (OK if late == GOOD else EXCEPTION)
    bus.play(190_000, LATE)
    assert bus.ask(read(register=40), (100_000, RIGHT)) == OK
    assert bus.words[:7] == [1] * 7


def test_s13_that_also_holds_where_the_first_answer_takes_longer_than_it_was_owed_for(bus):
    first = read(count=16, timeout_ms=20)
    assert bus.ask(first) == TIMEOUT
    assert bus.ask(first, (15_000, read_answer(2, 3, [5] * 16))) == OK
    bus.play(10_000, read_answer(2, 3, [7] * 16))
    right = read_answer(2, 3, [1] * 16)
    assert bus.ask(read(register=40, count=16, timeout_ms=20), (15_000, right)) == OK
    assert bus.words[:16] == [1] * 16


@pytest.mark.parametrize(
    ("request_", "doubt"),
    [
        (frame(2, 3, 0, 0, 0, 7), 2),
        (frame(2, 3, 0, 0, 0, 6), 1),
        (frame(2, 4, 0, 0, 0, 7), 0),
        (frame(3, 3, 0, 0, 0, 7), 0),
    ],
)
def test_what_an_answer_leaves_in_doubt(request_, doubt):
    owed = owed_for(head(0))
    assert owed.doubt(request_, 10) == doubt
    assert owed.doubt(request_, 1000) == 0


def test_s13_a_late_answer_is_heard_out_however_long_it_was_waited_for(monkeypatch):
    # At this speed the longest frame is shorter than the wait.
    bus = Bus(monkeypatch, 115200, 10)
    bus.begin()
    assert bus.ask(read(count=100), (300_000, read_answer(2, 3, [9] * 100))) == TIMEOUT
    ends = bus.arrivals[-1][0]
    assert bus.ask(read(register=200, count=100), (5000, read_answer(2, 3, [1] * 100))) == OK
    assert bus.words[:100] == [1] * 100
    assert bus.sent[-1][0] > ends


def test_an_answered_request_of_somebody_else_keeps_nobody_waiting(bus):
    bus.idle(frame(2, 3, 0, 100, 0, 7), LATE)
    assert waited_us(bus, read(), (5000, RIGHT)) < 5000


def test_of_two_requests_of_somebody_else_one_answer_pays_for_one(bus):
    bus.idle(frame(2, 3, 0, 100, 0, 7), frame(2, 3, 0, 200, 0, 7), LATE)
    bus.play(60_000, LATE)
    assert waited_us(bus, read(), (5000, RIGHT)) > 60_000
    assert bus.words[:7] == [1] * 7


def test_what_somebody_else_asks_twice_one_answer_does_not_pay_for(bus):
    theirs = frame(2, 3, 0, 100, 0, 7)
    bus.idle(theirs, theirs, LATE)
    bus.play(60_000, LATE)
    assert waited_us(bus, read(), (5000, RIGHT)) > 60_000
    assert bus.words[:7] == [1] * 7


def test_s13_whoever_asks_on_and_on_without_an_answer_does_not_silence_us(bus):
    began, count = bus.now, len(bus.sent)
    for k in range(40):
        bus.play(25_000 * k, frame(2, 3, 0, 100, 0, 7))
    assert bus.ask(read()) == MISMATCH
    assert bus.sent[count][0] - began < 250_000


def test_a_dead_device_keeps_no_other_waiting(bus):
    for register in (0, 40):
        assert bus.ask(read(unit=9, register=register, count=2, timeout_ms=200)) == TIMEOUT
        for unit in (2, 3, 4):
            answer = read_answer(unit, 3, [1, 2])
            assert waited_us(bus, read(unit=unit, count=2), (5000, answer)) < 5000


# --- alone, in a plain counter


def owed_for(*requests, span_us=1000, others=False):
    owed = Owed(lambda a, b: a - b)
    for at_us, request in enumerate(requests):
        owed.note(request, 0, at_us, span_us, others)
    return owed


def head(register, unit=2, count=7, function=3):
    return frame(unit, function, register >> 8, register & 255, 0, count)


def test_as_many_as_fit_are_remembered_and_then_the_oldest_is_given_up():
    owed = owed_for(*[head(0, unit=1 + k) for k in range(_ROWS)])
    assert all(owed.left_us(head(9, unit=1 + k), 100) == 900 + k for k in range(_ROWS))
    owed.note(head(0, unit=200), 0, 100, 1000, False)
    assert owed.left_us(head(9, unit=1), 100) == 0
    assert owed.left_us(head(9, unit=2), 100) == 901
    assert owed.left_us(head(9, unit=200), 100) == 1000


def test_it_ends_with_its_own_time_and_not_with_that_of_a_counter_that_wraps():
    owed = owed_for(head(0))
    assert owed.left_us(head(9), 999) == 1
    assert owed.left_us(head(9), -5000) == 0  # what looks like the future is long ago
    assert owed.left_us(head(9), 999) == 0


def test_the_same_once_more_takes_no_more_room():
    owed = owed_for(head(0, unit=1), *[head(0)] * (2 * _ROWS))
    assert owed.left_us(head(9, unit=1), 100) == 900
    assert owed.left_us(head(9), 100) == 900 + 2 * _ROWS


def test_forgotten_is_forgotten():
    owed = owed_for(head(0))
    owed.forget()
    assert owed.left_us(head(9), 10) == 0
    assert owed.doubt(head(0), 10) == 0


@pytest.mark.parametrize(
    ("answer", "pays"),
    [
        (read_answer(2, 3, [0] * 7), True),
        (frame(2, 0x83, 2), True),
        (frame(2, 0x84, 2), False),
        (read_answer(2, 3, [0] * 6), False),
        (read_answer(2, 4, [0] * 7), False),
        (read_answer(3, 3, [0] * 7), False),
    ],
)
def test_what_could_be_the_answer_pays_for_somebody_else(answer, pays):
    owed = owed_for(head(0), others=True)
    owed.came(answer, 0, 10)
    assert (owed.left_us(head(9), 10) == 0) == pays


def test_the_answer_to_many_written_registers_pays_for_somebody_else():
    many = Request().write(2, 14, [6, 600], 200, 16)
    owed = owed_for(head(14, function=16, count=2), others=True)
    assert owed.left_us(head(14, function=16, count=many.count), 10) == 990
    owed.came(frame(2, 16, 0, 14, 0, 2), 0, 10)
    assert owed.left_us(head(14, function=16, count=2), 10) == 0
