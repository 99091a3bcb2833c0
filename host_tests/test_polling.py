"""In which order the chargers are asked when some are in trouble."""

import pytest
from test_safety import THREE
from world import World

from loadrail import presence
from loadrail.request import TIMEOUT, Request

UNIT = 12  # of the last charger, to which two frames are lost


def losing_two_frames(from_s):
    """Faults for a Run: the first two frames to UNIT from then on are lost."""
    lost = []

    def faults(bus, request, now_ms):
        if request.unit != UNIT or now_ms < from_s * 1000 or len(lost) == 2:
            return None
        lost.append(now_ms)
        return TIMEOUT

    return lost, faults


@pytest.mark.parametrize("from_s", range(100, 108))  # wherever the others' round is
def test_s9_who_missed_twice_is_asked_before_those_who_fell_silent_a_while_ago(from_s):
    dead = [{"at_s": 90, "device": k, "do": "silent"} for k in range(1, 9)]
    lost, faults = losing_two_frames(from_s)
    world = World([THREE] * 11, events=dead, faults=faults).until(from_s + 10)
    assert world.primary.chargers.presence[:8] == [presence.SILENT] * 8
    asked_ms = [at_ms for at_ms, unit in world.asked if unit == UNIT and at_ms > lost[1]]
    assert asked_ms[0] - lost[1] < 3000
    dead = [unit for at_ms, unit in world.asked if 2 <= unit < 10 and lost[1] < at_ms]
    assert len(dead) >= 4, "they have their turns"


def test_s13_those_who_miss_now_and_then_leave_one_slot_of_four_to_the_others():
    world = World([THREE] * 3).until(40)
    c, poller = world.primary.chargers, world.primary.poller
    c.presence[:] = [presence.DOUBTFUL, presence.SILENT, presence.SILENT]
    c.misses[:] = [2, 50, 60]
    asked = []
    request = Request()
    for _ in range(12):
        poller.cycle += 1
        assert poller._probe(world.run.ticks_ms(), request, True)
        asked.append(request.unit)
    assert {3, 4} <= set(asked)
    assert asked.count(2) >= 9


@pytest.mark.parametrize(
    ("who", "after_ms", "cycles", "lowered"),
    [
        (presence.ONLINE, 0, 0, False),
        (presence.DOUBTFUL, 0, 0, False),
        (presence.DOUBTFUL, 1900, 0, False),
        (presence.DOUBTFUL, 2000, 0, True),
        (presence.DOUBTFUL, 0, 1, True),
        (presence.SILENT, 2000, 0, False),
        (presence.SILENT, 0, 1, False),
    ],
)
def test_s5_a_lower_limit_waits_for_nobodys_slot(who, after_ms, cycles, lowered):
    world = World([THREE] * 2).until(40)
    c, poller, now_ms = world.primary.chargers, world.primary.poller, world.run.ticks_ms()
    poller._missed_in[1], poller._missed_at[1] = poller.cycle, now_ms
    c.presence[1] = who
    c.limit_ma[1] = c.held_ma[1] - 6000
    poller.cycle += cycles
    request = Request()
    assert poller.lowering(now_ms + after_ms, request) == lowered
    if lowered:
        assert (request.unit, request.values[0]) == (3, c.limit_ma[1] // 1000)
