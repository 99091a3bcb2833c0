"""How long a device thought before it answered, as each request tells it, in virtual time."""

import pytest
from rtu_line import frame, read_answer
from test_rtu_overheard import GOOD, WORDS, Bus, read

from loadrail.request import EXCEPTION, OK


@pytest.fixture
def bus(monkeypatch):
    return Bus(monkeypatch)


@pytest.mark.parametrize("turnaround_us", [2100, 5000, 20300])
@pytest.mark.parametrize("answer", [GOOD, frame(2, 0x83, 2)], ids=["ok", "exception"])
def test_the_turnaround_is_told_in_whole_milliseconds_rounded_up(bus, turnaround_us, answer):
    request = read()
    assert bus.ask(request, (turnaround_us, answer)) in (OK, EXCEPTION)
    measured_ms = bus.rtu.counters.as_dict()["devices"]["2"]["turnaround_ms"]["min"]
    assert measured_ms <= request.turnaround_ms < measured_ms + 1
    assert turnaround_us / 1000 <= request.turnaround_ms <= turnaround_us / 1000 + 4


def test_without_an_answer_there_is_no_turnaround(bus):
    request = read()
    for pieces in ([], [(2500, GOOD[:-1])], [(2500, read_answer(3, 3, WORDS))]):
        assert bus.ask(request, (2500, GOOD)) == OK
        assert request.turnaround_ms > 0
        assert bus.ask(request, *pieces) != OK
        assert request.turnaround_ms is None
