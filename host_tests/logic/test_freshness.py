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


def test_a_count_that_gained_too_little_between_two_reads_has_stood_since():
    clock = _running()
    assert not clock.read(24_000, 10), "14 of the 20 s are missing"
    assert freshness.suspect(0, clock.chargers), "it is read again soon"
    assert freshness.any_stands(24_000, clock.chargers), "and nobody rises until then"
    for now_ms in (25_000, 26_000):
        assert not clock.read(now_ms, 10)
    assert clock.read(27_000, 10), "not 10 s after 24 s, but after 10 s"
    assert clock.chargers.frozen[0]


def test_a_count_that_goes_on_is_in_doubt_for_one_read():
    clock = _running()
    clock.read(24_000, 10)
    clock.read(25_000, 11)
    assert not freshness.suspect(0, clock.chargers)
    assert not clock.read(45_000, 31)
    assert not freshness.suspect(0, clock.chargers)


def test_a_count_that_is_a_little_late_or_began_anew_is_not_in_doubt():
    clock = _running()
    for now_ms, seconds in ((24_000, 21), (44_000, 12), (64_900, 29)):
        assert not clock.read(now_ms, seconds)
        assert not freshness.suspect(0, clock.chargers), seconds
