"""Switching phases on a whole site (S11): why, how, and what the charger does by itself."""

import pytest
from test_safety import THREE, nearly
from world import World

from loadrail import status
from loadrail.switch_states import ALL, IDLE, LOCKED, ONE
from loadrail_site import teltocharge as tc

SWITCHED = {"phase_switching": "on"}
ONE_PHASE_CAR = ("L1L2L3", {"phases": 1, "max_a": 16})


def quick(cars, **more):
    """A world that runs fast through minutes, and has phase switching on."""
    more.setdefault("rows", SWITCHED)
    return World(cars, idle_ms=20, site_step_ms=100, **more)


def phases_of(world, i=0):
    return world.site.chargers[i].settings[tc.PHASE_TO_USE]


def safe(world):
    """What must hold at every look."""

    def look():
        for charger in world.site.chargers:
            assert charger.switches_under_load == 0
        for phase in range(3):
            assert world.site.grid_ma[phase] <= 32_000 or world.run.now_ms < 610_000

    return look


def short_of_l2(at_s=0, until_s=None):
    """The house leaves 4 A of 32 on L2."""
    steps = [{"at_s": at_s, "phases": ["L2"], "amps": 28}]
    if until_s:
        steps.append({"at_s": until_s, "phases": ["L2"], "amps": 0})
    return steps


def test_a_car_on_one_phase_is_put_on_one_phase_and_its_charger_back_when_it_leaves():
    cars = [("L1L2L3", {"phases": 1, "max_a": 16, "unplug_s": 1200})]
    world = quick(cars).until(280, 500, None)
    assert phases_of(world) == ALL
    world.until(700, 500, safe(world))
    assert phases_of(world) == ONE
    assert world.true_limits_a()[0] >= 16
    said = world.said()
    assert any("switches to L1: the car uses one phase only" in line for line in said), said
    assert any("is on L1 now" in line for line in said)
    world.until(1500, 500, safe(world))
    assert phases_of(world) == ALL
    assert any("switches to L1+L2+L3: the car has left" in line for line in world.said())


def test_less_than_6_a_on_one_phase_brings_one_phase_until_all_have_enough_again():
    world = quick([THREE], limit_a=32, house=short_of_l2(0, 1200))
    world.until(290, 500, safe(world))
    assert world.true_limits_a() == [0]
    world.until(700, 500, safe(world))
    assert phases_of(world) == ONE
    assert world.true_limits_a()[0] >= 30
    assert world.site.chargers[0].grid_current_ma()[1:] == [0, 0]
    assert any("another phase has too little left" in line for line in world.said())
    world.until(1320, 500, safe(world))
    assert phases_of(world) == ONE, "it must last for a while"
    world.until(1800, 500, safe(world))
    assert phases_of(world) == ALL
    assert nearly([min(world.site.chargers[0].draws_ma) // 1000], [31])


def test_s11_the_sequence_stops_waits_switches_and_starts_again_in_this_order():
    world = quick([THREE], limit_a=32, house=short_of_l2(0, 900)).until(899)
    world.frames.clear()
    world.writes.clear()
    seen = set()

    def look():
        seen.add(status.state_line(world.primary, 0))

    world.until(1700, 500, look)
    (switch,) = [row for row in world.writes if row[2] == tc.PHASE_TO_USE]
    assert switch[3] == [ALL]
    before = [row for row in world.frames if row[0] < switch[0]]
    zeros = [row for row in before if row[2] == 0]
    assert before[-1][2] == 0
    first_zero = next(k for k, row in enumerate(before) if row[2] == 0)
    assert before[first_zero - 1][2] == 6, "down to its minimum first"
    assert switch[0] - zeros[0][0] >= 90_000
    after = [row for row in world.frames if row[0] > switch[0] and row[2]]
    assert after[0][2] == 6
    assert any("waiting" in line and "three phases" in line for line in seen), seen


def test_s11_during_a_switch_the_old_and_the_new_phases_are_booked():
    world = quick([THREE], limit_a=32, house=short_of_l2(0, 900)).until(899)
    c, switching = world.primary.chargers, world.primary.phases.switching
    assert c.mask[0] == 1
    while switching.state[0] == IDLE:
        world.until(world.run.now_ms / 1000 + 1)
    while switching.state[0] != IDLE:
        assert c.mask[0] == 7
        world.until(world.run.now_ms / 1000 + 1)
    assert switching.code[0] == ALL


@pytest.mark.parametrize("on", ["off", "on"])
def test_nothing_is_switched_unless_allowed(on):
    world = quick([ONE_PHASE_CAR], rows={"phase_switching": on}).until(700)
    written = [row for row in world.writes if row[2] == tc.PHASE_TO_USE]
    assert bool(written) == (on == "on")


def test_a_charger_that_cannot_switch_is_left_alone():
    world = quick([ONE_PHASE_CAR])
    read = world.site.chargers[0].read

    def unable(function, first, count):
        words = list(read(function, first, count))
        if first <= tc.PHASE_CHANGE_POSSIBLE < first + count:
            words[tc.PHASE_CHANGE_POSSIBLE - first] = 0
        return words

    world.site.chargers[0].read = unable
    world.until(700)
    assert not [row for row in world.writes if row[2] == tc.PHASE_TO_USE]


def test_two_failures_lock_it_and_it_goes_on_as_it_is():
    world = quick([THREE], limit_a=32, house=short_of_l2(0, 1900))
    charger = world.site.chargers[0]
    write = charger.write

    def ignore(function, register, values):
        if register != tc.PHASE_TO_USE:
            write(function, register, values)

    charger.write = ignore
    world.until(2400, 500, safe(world))
    assert world.primary.phases.switching.state[0] == LOCKED
    assert phases_of(world) == ALL
    assert world.true_limits_a()[0] >= 31
    said = world.said()
    failed = [line for line in said if "did not switch to L1" in line]
    assert len(failed) == 2
    assert any("failed to switch phases too often" in line for line in said)


def test_what_a_charger_switches_by_itself_is_followed_and_not_fought():
    car = ("L1L2L3", {"phases": 1, "max_a": 16}, {"reading": {"phase_choice": "itself"}})
    world = quick([car, THREE], limit_a=32).until(200, 500, None)
    assert phases_of(world) == ONE
    assert not [row for row in world.writes if row[2] == tc.PHASE_TO_USE]
    assert any("switched to L1 by itself" in line for line in world.said())
    assert world.primary.chargers.mask[0] == 1


def test_s1_a_new_car_counts_on_all_phases_until_its_charger_was_read_again():
    cars = [
        ("L1L2L3", {"phases": 1, "max_a": 16, "unplug_s": 700}, {"reading": {}}),
        THREE,
    ]
    world = quick(cars, limit_a=40)
    charger = world.site.chargers[0]
    world.until(690)
    assert phases_of(world) == ONE
    charger.cars.append(type(charger.cars[0])(phases=3, max_a=32, plug_in_ms=701_000))
    world.until(702)
    charger.settings[tc.PHASE_TO_USE] = ALL  # as if it had chosen so for the new car

    def look():
        for phase in range(3):
            assert world.site.grid_ma[phase] <= 40_000

    world.until(760, 100, look)
    assert world.primary.chargers.mask[0] == 7
