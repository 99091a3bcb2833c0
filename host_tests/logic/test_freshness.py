# Whether a charger's answers are alive: how often, and for how long, its seconds must stand.

from loadrail import freshness, registers
from loadrail.chargers import Chargers

_AT = registers.EVSE_STATUS_TIME


class Clock:
    """One charger whose evse_status_time is read; its status stays what it is."""

    def __init__(self):
        self.chargers = Chargers(1)
        self.chargers.keep(0, _AT, 2, [0, 0])

    def read(self, now_ms, seconds):
        """True where it is taken to be frozen, or to live, from this read on."""
        self.chargers.keep(0, _AT, 2, [seconds & 0xFFFF, seconds >> 16])
        return freshness.look(0, now_ms, self.chargers)


def _running():
    clock = Clock()
    for second in range(5):
        assert not clock.read(1000 * second, second)
    return clock


def test_seconds_that_stand_for_ten_seconds_are_frozen():
    clock = _running()
    for second in range(5, 14):
        assert not clock.read(1000 * second, 4)
    assert clock.read(14_000, 4)
    assert clock.chargers.frozen[0]
    assert clock.read(15_000, 5), "it lives again"
    assert not clock.chargers.frozen[0]


def test_a_count_that_began_anew_unseen_may_stand_at_the_same_number_more_than_once():
    clock = _running()
    for now_ms in (14_000, 15_500, 17_000):  # the reads between were lost
        assert not clock.read(now_ms, 4)
    assert not clock.read(18_000, 5)
    assert not clock.chargers.frozen[0]
