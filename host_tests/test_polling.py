"""In which order the chargers are asked when some are in trouble."""

import pytest
from test_safety import THREE
from world import World

from loadrail import presence
from loadrail.clock import add_ms
from loadrail.probing import Probing
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
    c = world.primary.chargers
    c.presence[:] = [presence.DOUBTFUL, presence.SILENT, presence.SILENT]
    probing = Probing(c, lambda i, now_ms: False)
    asked = [probing.next(cycle, world.run.ticks_ms()) for cycle in range(12)]
    assert {1, 2} <= set(asked)
    assert asked.count(0) >= 9


def test_s9_who_fell_silent_lately_leaves_the_others_their_round():
    world = World([THREE] * 4).until(100)
    c, now_ms = world.primary.chargers, world.run.ticks_ms()
    c.presence[:] = [presence.SILENT] * 4
    c.heard_at[:] = [add_ms(now_ms, -60_000)] * 3 + [now_ms]
    probing = Probing(c, lambda i, now_ms: False)
    asked = [probing.next(cycle, now_ms) for cycle in range(24)]
    assert asked.count(3) >= 12
    assert min(asked.count(i) for i in (0, 1, 2)) >= 2


# what is known of a charger with a watchdog of 15 s, and whether its case is urgent
@pytest.mark.parametrize(
    ("who", "wrote_ms", "heard_ms", "urgent"),
    [
        (presence.SILENT, 7500, 7400, True),
        (presence.DOUBTFUL, 7500, 7400, True),
        (presence.ONLINE, 7500, 7400, False),
        (presence.SILENT, 7400, 7400, False),
        (presence.SILENT, 14_900, 14_900, True),
        (presence.SILENT, 15_000, 14_900, False),  # it has run out
        (presence.SILENT, 14_900, 15_000, False),  # it is dead
        (presence.SILENT, None, 1000, False),
        (presence.NEVER, None, None, False),
    ],
)
def test_s9_it_is_urgent_to_ask_who_may_be_there_and_runs_out(who, wrote_ms, heard_ms, urgent):
    world = World([THREE] * 2, group={"communication_timeout_s": 15}).until(60)
    c, now_ms = world.primary.chargers, world.run.ticks_ms()
    assert c.timeout_ms[1] == 15_000

    def ago(ms):
        return None if ms is None else add_ms(now_ms, -ms)

    c.presence[:] = [presence.SILENT, who]
    c.wrote_at[:] = [None, ago(wrote_ms)]
    c.heard_at[:] = [None, ago(heard_ms)]
    probing = Probing(c, lambda i, now_ms: False)
    assert probing.urgent(now_ms) == (1 if urgent else None)
    missed = Probing(c, lambda i, now_ms: True)
    assert missed.urgent(now_ms) is None, "not again in the same cycle"


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


@pytest.mark.parametrize(
    ("limit_a", "draws_ma", "others", "for_ms", "written"),
    [
        (16, 0, "have room", 5000, True),
        (16, 0, "are to be told", 5000, False),
        (16, 0, "follow", 5000, False),
        (16, 0, "follow", 14_900, False),
        (16, 0, "follow", 15_000, True),  # whoever does not obey blocks nobody for good
        (16, 6500, "follow", 5000, False),  # as much as its failsafe current
        (16, 6600, "follow", 5000, True),  # it is awake
        (6, 5500, "follow", 5000, True),  # nothing to rise by
        (6, 5400, "follow", 5000, False),
        (0, 0, "follow", 5000, True),
    ],
)
def test_s2_a_first_write_that_may_wake_a_charger_waits_for_room(
    limit_a, draws_ma, others, for_ms, written
):
    world = World([THREE] * 2).until(40)
    c, poller, now_ms = world.primary.chargers, world.primary.poller, world.run.ticks_ms()
    c.failsafe_ma[1] = 6000
    c.unwritten[1], c.wrote_at[1] = True, add_ms(now_ms, -for_ms)
    c.limit_ma[1] = c.held_ma[1] = limit_a * 1000
    c.draw_ma[3:] = [draws_ma, 0, 0]
    c.wrote_at[0] = now_ms
    c.held_ma[0] = c.limit_ma[0] + (1000 if others == "are to be told" else 0)
    c.settle_at[0] = now_ms if others == "follow" else None
    poller._looked_at = None
    request = Request()
    assert poller.writing(now_ms, request) == written
    if written:
        assert (request.unit, request.values[0]) == (3, limit_a)
    c.unwritten[1] = False
    poller._looked_at = None
    assert poller.writing(now_ms, request), (
        "one whose watchdog is known to be fed waits for nobody"
    )


def test_s6_whose_answers_stand_still_is_found_though_somebody_configures_every_few_seconds():
    """A program that sets the group's limit again and again: the round of reading back goes on."""
    count = 12
    freeze = {"at_s": 60, "device": count, "do": "freeze", "writes": "dropped"}
    cars = [THREE] * (count - 1) + [("L1L2L3", None)]  # with nothing to tell it anew
    world = World(cars, events=[freeze])
    for at_s in range(50, 110, 5):
        world.until(at_s)
        world.primary.configure(world.primary.config, world.run.ticks_ms())
    c = world.primary.chargers
    assert c.frozen == [False] * (count - 1) + [True]
