"""What users of other load managers complained about, each as a case (those about sharing)."""

import itertools

import pytest
from steps import Steps, one_phase, three_phase
from world import World

from loadrail import reasons, sentences

THREE = ("L1L2L3", {"phases": 3, "max_a": 32})


def changes(history, i):
    """How often the limit of charger i changed."""
    values = [limits[i] for limits in history]
    return sum(1 for a, b in itertools.pairwise(values) if a != b)


def test_01_less_than_two_minimums_stops_one_car_and_not_both_in_turns():
    """14 A for two cars falls to 11 A: both stopped, restarted, and so on."""
    steps = Steps({"cars": three_phase(2), "budget_ma": [14_000] * 3}).step(5, 30)
    assert steps.limits_a() == [7, 7]
    steps.budget.set([11_000] * 3)
    steps.step(5, 36)
    assert len(steps.charging()) == 1
    assert all(len([a for a in limits if a]) == 1 for limits in steps.history[31:])
    assert sorted(changes(steps.history[31:], i) <= 3 for i in range(2)) == [True, True]


def test_01_the_same_with_six_cars():
    steps = Steps({"cars": three_phase(6), "budget_ma": [38_000] * 3}).step(5, 30)
    steps.budget.set([33_000] * 3)
    steps.step(5, 36)
    assert all(len([a for a in limits if a]) == 5 for limits in steps.history[31:])


def test_02_a_third_car_gets_its_share_and_is_not_blocked():
    cars = [*three_phase(2), {"phases": "L1L2L3", "here": False}]
    steps = Steps({"cars": cars, "budget_ma": [32_000] * 3}).step(5, 40)
    assert steps.limits_a() == [16, 16, 0]
    steps.cars[2]["here"] = True
    steps.step(5, 40)
    assert sorted(steps.limits_a()) == [10, 11, 11]


def test_03_a_car_does_not_wait_for_a_phase_that_it_does_not_use():
    cars = [
        {"phases": "L1", "car_phases": 1},
        {"phases": "L1", "car_phases": 1},
        {"phases": "L2L3L1", "car_phases": 1},  # its terminal L1 is on L2
    ]
    steps = Steps({"cars": cars, "budget_ma": [7000, 32_000, 32_000]}).step(5, 120)
    assert 2 in steps.charging()
    assert steps.limits_a()[2] >= 30, "after a minute it counts on its own phase alone"


def test_03_an_overload_on_one_phase_stops_nobody_on_another():
    cars = [("L1", {"phases": 1, "max_a": 32}), ("L3", {"phases": 1, "max_a": 32})]
    house = [{"at_s": 60, "phases": ["L3"], "amps": 28}]
    world = World(cars, limit_a=32, house=house).until(90)
    assert world.true_limits_a()[0] >= 31
    assert world.true_limits_a()[1] == 0


@pytest.mark.parametrize("loss_a", [0, 10])
def test_04_a_lost_meter_never_leaves_or_raises_the_current(loss_a):
    events = [{"at_s": 60, "device": "meter", "do": "deaf"}]
    world = World([THREE] * 2, events=events, group={"meter_loss_a": loss_a}).until(59)
    before = sum(world.true_limits_a())

    def look():
        assert sum(world.true_limits_a()) <= before

    world.until(120, 500, look)
    assert sum(world.true_limits_a()) <= loss_a


def test_05_a_lower_limit_that_fits_is_given_and_nobody_is_stopped():
    steps = Steps({"cars": three_phase(2), "budget_ma": [40_000] * 3}).step(5, 40)
    for budget in (30_000, 20_000, 13_000, 12_000):
        steps.budget.set([budget] * 3)
        steps.step(5, 2)
        assert len(steps.charging()) == 2, budget


def test_05_a_car_that_is_plugged_in_does_not_start_and_stop():
    """It starts once, on what has been free for a while, and goes on."""
    cars = [("L1L2L3", {"phases": 3, "max_a": 32, "plug_in_s": 50})]
    house = [{"at_s": s, "phases": ["L1"], "amps": 22 + s % 3} for s in range(0, 120, 4)]
    world = World(cars, limit_a=32, house=house, group={"raise_after_s": 10, "start_after_s": 30})
    world.until(120)
    values = [row[2] for row in world.frames]
    starts = sum(1 for a, b in itertools.pairwise(values) if a == 0 and b > 0)
    stops = sum(1 for a, b in itertools.pairwise(values) if a > 0 and b == 0)
    assert (starts, stops) == (1, 0)


def test_07_a_load_that_flutters_about_an_edge_moves_nobody():
    """Whole amperes under a budget that trembles by 0.1 A about a whole number."""
    from loadrail.budget import METER_FINE

    steps = Steps({"cars": three_phase(1), "budget_ma": [20_050] * 3})
    steps.budget.meter = METER_FINE
    steps.step(5, 30)
    steps.history.clear()
    for k in range(100):
        steps.budget.set([20_050 if k % 2 else 19_950] * 3)
        steps.step(5, 1)
    assert changes(steps.history, 0) <= 1


def test_08_several_cars_are_decided_on_at_once_and_do_not_swing():
    steps = Steps({"cars": three_phase(6), "budget_ma": [60_000] * 3}).step(5, 40)
    assert steps.limits_a() == [10] * 6
    steps.budget.set([48_000] * 3)
    steps.step(5, 1)
    assert steps.limits_a() == [8] * 6, "in one decision, not one car after the other"
    steps.history.clear()
    steps.step(5, 40)
    assert all(limits == [8] * 6 for limits in steps.history)


def test_10_the_limit_of_a_phase_counts_whatever_the_sum_allows():
    cars = one_phase(3)
    case = {"cars": cars, "budget_ma": [32_000] * 3, "group": {"power_limit_w": 22_000}}
    steps = Steps(case).step(5, 40)
    assert sum(steps.limits_a()) <= 32


def test_11_a_release_just_given_is_not_taken_back_for_a_better_candidate():
    """A car with less energy arrives a moment after another has started."""
    cars = [*three_phase(1), {"phases": "L1L2L3", "here": False}]
    steps = Steps({"cars": cars, "budget_ma": [6000] * 3}).step(5, 4)
    steps.cars[1]["here"] = True
    steps.step(5, 200 // 5)
    assert all(limits == [6, 0] for limits in steps.history[1:])


def test_12_right_after_a_start_nothing_is_dealt_out_that_others_hold_already():
    world = World([THREE] * 3, limit_a=32)
    for charger in world.site.chargers[:2]:
        charger.settings[15] = 16

    def look():
        assert sum(world.true_limits_a()) <= 32

    world.until(60, 100, look)
    assert min(world.true_limits_a()) >= 9


def test_12_what_happens_is_told_with_its_time():
    steps = Steps({"cars": three_phase(2), "budget_ma": [6000] * 3}).step(5, 3)
    table = steps.table
    said = sentences.sentence(
        table.reason[1], table.reason_room[1], table.reason_value[1], table.reason_s[1]
    )
    assert said == "waiting for its turn, in about 15 min: L1 has too little for all"


def test_14_a_share_that_is_not_used_goes_to_others_and_comes_back_at_once():
    cars = [*three_phase(1, wants_a=7), *three_phase(1)]
    steps = Steps({"cars": cars, "budget_ma": [32_000] * 3}).step(5, 11)
    assert steps.limits_a()[1] <= 16, "for a minute it is its own"
    steps.step(5, 24)
    assert steps.limits_a() == [10, 22]
    assert steps.table.reason[0] == reasons.DEMAND
    steps.cars[0]["wants_a"] = 32
    steps.step(5, 2)
    assert steps.limits_a()[1] <= 17, "the other one gives way in the next decisions"
    steps.step(5, 20)
    assert steps.limits_a() == [16, 16]


def test_14_a_car_that_sleeps_keeps_its_minimum_only():
    cars = [*three_phase(1, wants_a=0), *three_phase(1)]
    steps = Steps({"cars": cars, "budget_ma": [32_000] * 3}).step(5, 40)
    assert steps.limits_a() == [6, 26]


def test_15_some_cars_need_more_than_six_amperes_on_three_phases():
    cars = [*three_phase(2, min_3p_a=10), *one_phase(1, min_3p_a=10)]
    steps = Steps({"cars": cars, "budget_ma": [17_000] * 3}).step(5, 40)
    for limits in steps.history:
        assert all(amps == 0 or amps >= 10 for amps in limits[:2])
    assert steps.limits_a()[2] >= 6, "on one phase it can do with six"


def test_15_limits_rise_in_steps():
    steps = Steps({"cars": three_phase(1), "budget_ma": [32_000] * 3})
    steps.step(1, 60)
    values = [limits[0] for limits in steps.history]
    rises = [(k, b - a) for k, (a, b) in enumerate(itertools.pairwise(values)) if b > a]
    assert values[0] == 6
    assert all(later[0] - earlier[0] >= 5 for earlier, later in itertools.pairwise(rises))
    assert all(step <= max(1, (32 - values[k]) // 2) for k, step in rises)
    assert values[-1] == 32


def test_16_a_dead_charger_costs_the_others_its_reservation_and_nothing_else():
    events = [{"at_s": 60, "device": 1, "do": "deaf"}]
    world = World([THREE] * 3, limit_a=63, events=events).until(59)
    others = world.true_limits_a()[1:]
    world.until(75)
    held = world.primary.chargers.booked_ma(0, 0) // 1000
    assert sum(world.true_limits_a()[1:]) >= 63 - 2 * held - 1
    assert min(world.true_limits_a()[1:]) >= 6
    assert sum(others) > 0


def test_16_a_failsafe_is_told_apart_from_a_share():
    events = [{"at_s": 60, "device": 1, "do": "deaf"}]
    world = World([THREE] * 2, limit_a=40, events=events).until(130)
    assert world.primary.chargers.reason[0] == reasons.RELEASED
    assert world.site.chargers[0].limit_and_cause()[0] == 6, "what it really does, in its register"


def test_17_uneven_loads_stay_within_the_difference_allowed():
    cars = one_phase(2) + three_phase(1)
    case = {"cars": cars, "budget_ma": [80_000] * 3, "group": {"imbalance_a": 20}}
    steps = Steps(case).step(5, 60)
    for limits in steps.history:
        assert limits[0] + limits[1] <= 20
    assert steps.limits_a() == [10, 10, 32]


@pytest.mark.parametrize(
    ("cars", "expected"),
    [
        (one_phase(1), [18]),  # 4.2 kW on one phase: not a third of it
        (three_phase(1), [6]),
        (one_phase(2), [9, 9]),
        (three_phase(2), [6, 0]),
    ],
)
def test_17_a_limit_on_power_is_not_split_per_phase(cars, expected):
    case = {"cars": cars, "budget_ma": [63_000] * 3, "group": {"power_limit_w": 4200}}
    steps = Steps(case).step(5, 30)
    assert steps.limits_a() == expected


def test_17_each_charger_has_its_own_timer():
    """One that has just been raised does not hold another one up."""
    cars = [*three_phase(1), {"phases": "L1L2L3", "here": False}]
    steps = Steps({"cars": cars, "budget_ma": [60_000] * 3}).step(5, 2)
    steps.cars[1]["here"] = True
    steps.step(5, 1)
    assert steps.limits_a()[1] == 6


# --- what the modes promise


def test_mixed_sharing_serves_three_phase_chargers_first():
    cars = [*one_phase(1), {"phases": "L1L2L3"}]
    steps = Steps({"cars": cars, "budget_ma": [11_000] * 3}).step(5, 4)
    assert steps.charging() == [1]
    same = {"cars": cars, "budget_ma": [11_000] * 3, "group": {"phase_sharing": "3_phase"}}
    same["cars"] = [{"phases": "unknown", "car_phases": 1}, {"phases": "L1L2L3"}]
    assert Steps(same).step(5, 4).charging() == [0]


def test_mixed_sharing_lets_the_others_use_the_phase_that_has_a_surplus():
    cars = [*three_phase(1), {"phases": "L2", "car_phases": 1}]
    steps = Steps({"cars": cars, "budget_ma": [10_000, 32_000, 10_000]}).step(5, 40)
    assert steps.limits_a() == [10, 22]


def test_single_amperes_are_dealt_in_turn():
    steps = Steps({"cars": three_phase(3), "budget_ma": [31_000] * 3})
    seen = set()
    for _ in range(3):
        steps.step(5, 900 // 5)
        seen.add(steps.limits_a().index(11))
    assert seen == {0, 1, 2}


def test_priority_goes_by_status_then_the_operators_priority_then_time_then_address():
    priority = {"sharing": "priority"}
    cars = [
        {"phases": "L1L2L3", "here": False, "priority": 0},
        *three_phase(1, priority=5),
        *three_phase(1, priority=1),
        *three_phase(1, priority=5),
    ]
    steps = Steps({"cars": cars, "budget_ma": [70_000] * 3, "group": priority}).step(5, 40)
    assert steps.limits_a() == [0, 32, 32, 6]
    steps.cars[0]["here"] = True
    steps.step(5, 20)
    assert steps.limits_a() == [0, 32, 32, 6], "who charges comes before who waits"
    steps.cars[2]["here"] = False
    steps.step(5, 40)
    assert steps.limits_a() == [32, 32, 0, 6], "once it charges too, its priority counts"


def test_the_chargers_own_feeder_is_a_limit_in_both_group_types():
    case = {"cars": three_phase(3), "budget_ma": [80_000] * 3, "group": {"feeder_a": 32}}
    assert sum(Steps(case).step(5, 40).limits_a()) == 32
    world = World([THREE] * 3, limit_a=63, group={"feeder_a": 20}).until(60)
    assert 19 <= sum(world.true_limits_a()) <= 20
