"""A late answer is not taken for that to another request, whatever came late before it."""

import pytest
from rtu_line import frame, read_answer
from test_rtu_overheard import Bus, read, write

from loadrail.request import OK, TIMEOUT

LATE = read_answer(2, 3, [7] * 7)
RIGHT = read_answer(2, 3, [1] * 7)


# what else of the same device comes late, just before the answer that is owed
@pytest.mark.parametrize(
    "older",
    [
        frame(2, 16, 0, 14, 0, 7),
        frame(2, 6, 0, 14, 0, 9),
        frame(2, 0x84, 2),
        read_answer(2, 3, [5]),
    ],
)
def test_s13_an_older_late_answer_does_not_pay_for_a_younger_debt(monkeypatch, older):
    bus = Bus(monkeypatch)
    bus.begin()
    bus.ask(write(9, timeout_ms=20))
    assert bus.ask(read(timeout_ms=20), (24_000, older), (36_000, LATE)) == TIMEOUT
    assert bus.ask(read(register=40, timeout_ms=20), (15_000, RIGHT)) == OK
    assert bus.words[:7] == [1] * 7


def test_the_late_answer_itself_ends_the_wait_for_it(monkeypatch):
    bus = Bus(monkeypatch)
    bus.begin()
    assert bus.ask(read(timeout_ms=200), (205_000, LATE)) == TIMEOUT
    began = bus.now
    assert bus.ask(read(register=40, timeout_ms=200), (5000, RIGHT)) == OK
    assert bus.now - began < 100_000
    assert bus.words[:7] == [1] * 7
