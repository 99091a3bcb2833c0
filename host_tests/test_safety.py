"""S1 to S9 and S13 on a whole site in virtual time, judged by what the devices really hold."""

import itertools
import random

import pytest
from world import World

from loadrail import presence, reasons
from loadrail.budget import METER_STALE
from loadrail.core import Primary
from loadrail.request import CRC, EXCEPTION, MISMATCH, TIMEOUT
from loadrail_site.charger import tc
from loadrail_site.virtual import Run

THREE = ("L1L2L3", {"phases": 3, "max_a": 32})


def nearly(limits_a, expected_a):
    """Equal but for one ampere less: meter and chargers round, and the core rounds down."""
    return all(0 <= b - a <= 1 for a, b in zip(limits_a, expected_a, strict=True))


def fair_weather(n, **more):
    """n three-phase cars at rest after their start."""
    return World([THREE] * n, **more).until(60)


# --- S1, S2: what may flow


def test_s1_what_may_flow_stays_within_the_circuit_while_cars_come_and_go():
    cars = [
        ("L1L2L3", {"phases": 3, "plug_in_s": 5}),
        ("L2L3L1", {"phases": 1, "max_a": 32, "plug_in_s": 8, "unplug_s": 70}),
        ("L3", {"phases": 1, "max_a": 32, "plug_in_s": 9}),
        ("L1", {"phases": 1, "max_a": 32, "plug_in_s": 30, "unplug_s": 60}),
        ("L1L2L3", {"phases": 3, "max_a": 32, "plug_in_s": 40}),
    ]
    world = World(cars, limit_a=40, house=[{"at_s": 0, "phases": ["L1", "L2", "L3"], "amps": 9}])

    def look():
        for phase in range(3):
            assert world.may_flow_ma(phase) <= 40_000, world.run.now_ms

    world.until(120, 50, look)
    assert sum(world.true_limits_a()) > 0


@pytest.mark.parametrize("seed", range(6))
def test_s1_s2_hold_while_one_frame_in_ten_is_lost_or_damaged(seed):
    dice = random.Random(seed)

    def faults(bus, request, now_ms):
        if dice.random() < 0.1:
            return dice.choice([TIMEOUT, CRC, MISMATCH, ("late", TIMEOUT)])
        return None

    phases = ["L1L2L3", "L2L3L1", "L1", "L2", "L3"]
    cars = [
        (dice.choice(phases), {"phases": dice.choice([1, 3]), "plug_in_s": dice.randrange(60)})
        for _ in range(dice.randrange(2, 9))
    ]
    world = World(cars, limit_a=32, faults=faults)

    def look():
        for phase in range(3):
            assert world.may_flow_ma(phase) <= 32_000, (seed, world.run.now_ms)

    world.until(150, 50, look)
    assert sum(world.true_limits_a()) > 0


def test_s1_s2_hold_for_twenty_chargers_across_the_wrap_of_the_tick_counter():
    world = World([THREE] * 20, limit_a=63, start_ms=(1 << 30) - 20_000)

    def look():
        for phase in range(3):
            assert world.may_flow_ma(phase) <= 63_000

    world.until(60, 50, look)
    charging = [amps for amps in world.true_limits_a() if amps]
    assert len(charging) == 10
    assert set(charging) <= {6, 7}


def test_s2_nobody_rises_before_the_lower_limit_of_another_is_acknowledged():
    """A second car comes; the first charger obeys its lower limit but its answers get lost, and
    so do those that would show the limit."""
    lost = []

    def faults(bus, request, now_ms):
        if request.unit != 2 or now_ms <= 41_000 or len(lost) == 3:
            return None
        if request.values is not None:
            if request.values[0] < 32:
                lost.append((now_ms, request.values[0]))
            return ("late", TIMEOUT)
        return CRC if request.count > 7 else None

    cars = [THREE, ("L1L2L3", {"phases": 3, "max_a": 32, "plug_in_s": 41})]
    world = World(cars, limit_a=32, faults=faults).until(90)
    lowered = [row for row in world.frames if row[1] == 2 and row[0] > 41_000 and row[2] < 32]
    raised = [row for row in world.frames if row[1] == 3 and row[0] > 41_000 and row[2] > 0]
    assert len(lost) == 3
    assert lowered[0][0] <= lost[-1][0] < raised[0][0]
    assert nearly(world.true_limits_a(), [16, 16])


def test_s2_a_lower_limit_that_the_charger_passes_on_slowly_frees_nothing_before():
    cars = [THREE, ("L1L2L3", {"phases": 3, "max_a": 32, "plug_in_s": 41})]
    world = World(cars, limit_a=32)
    world.site.chargers[0]._signal.delay_ms = 4000

    def look():
        assert max(world.site.grid_ma) <= 32_000, world.run.now_ms

    world.until(80, 50, look)
    assert nearly(world.true_limits_a(), [16, 16])


# --- reaction


@pytest.mark.parametrize("sharing", ["equal", "priority"])
def test_a_load_step_is_answered_with_lower_limits_in_the_next_frames(sharing):
    house = [
        {"at_s": 0, "phases": ["L1", "L2", "L3"], "amps": 5},
        {"at_s": 60, "phases": ["L1", "L2"], "amps": 35},
    ]
    world = World([THREE] * 8, limit_a=63, house=house, group={"sharing": sharing}).until(59.9)
    before = world.true_limits_a()
    assert sum(before) > 50
    world.until(75)
    writes = {(at, unit): amps for at, unit, amps in world.frames}
    asked = [row for row in world.asked if row[0] >= 60_000]
    reads = [k for k, (_, unit) in enumerate(asked) if unit == world.site.meter.address]
    first = next(k for k in reads if asked[k + 1] in writes)
    assert first in reads[:3], "the meter shows the step after 200 ms and is read every 500"
    held = dict(enumerate(before, 2))
    for frame in asked[first + 1 :]:
        if frame not in writes:
            break
        held[frame[1]] = writes[frame]
    assert sum(held.values()) <= 63 - 35, "the very next frames have made room"
    assert max(world.site.grid_ma) <= 63_000
    assert not world.site.breaker.tripped
    for overload in world.site.recorder.overloads:
        assert overload["end_ms"] - overload["start_ms"] <= 10_000


def test_only_chargers_on_the_overloaded_phase_are_lowered():
    cars = [("L1", {"phases": 1, "max_a": 32}), ("L2", {"phases": 1, "max_a": 32})]
    house = [{"at_s": 60, "phases": ["L1"], "amps": 20}]
    world = World(cars, limit_a=32, house=house).until(58)
    assert nearly(world.true_limits_a(), [32, 32])
    world.until(80)
    assert nearly(world.true_limits_a(), [12, 32])


# --- S5: the meter


def test_s5_a_meter_that_falls_silent_brings_the_budget_of_its_loss():
    for loss_a in (0, 8):
        events = [{"at_s": 60, "device": "meter", "do": "deaf"}]
        world = World([THREE] * 2, events=events, group={"meter_loss_a": loss_a}).until(69)
        assert sum(world.true_limits_a()) > 16
        world.until(73)
        assert world.primary.budget.meter == METER_STALE
        assert world.primary.budget.ma == [loss_a * 1000] * 3
        assert sum(world.true_limits_a()) <= loss_a
        assert reasons.METER_LOST in world.primary.chargers.reason
        world.until(100)
        assert sum(world.true_limits_a()) == loss_a


def test_s5_a_meter_that_answers_nonsense_is_a_lost_meter():
    world = fair_weather(2)
    spoil = world.site.meter.read
    world.site.meter.read = lambda *args: [0x7FC0 for _ in spoil(*args)]
    world.until(75)
    assert world.primary.meter.bad > 10
    assert world.true_limits_a() == [0, 0]


def test_s5_a_meter_that_comes_back_raises_nobody_before_a_whole_window():
    events = [
        {"at_s": 60, "device": "meter", "do": "deaf"},
        {"at_s": 90, "device": "meter", "do": "back"},
    ]
    world = World([THREE] * 2, events=events, group={"raise_after_s": 10}).until(99)
    assert world.true_limits_a() == [0, 0]
    world.until(130)
    assert sum(world.true_limits_a()) > 40


def test_s5_no_meter_at_the_start_is_a_lost_meter_and_nothing_is_written_before():
    events = [{"at_s": 0, "device": "meter", "do": "deaf"}]
    world = World([THREE] * 2, events=events).until(4.9)  # a third of the watchdogs' 15 s
    assert not world.frames
    world.until(20)
    assert {row[2] for row in world.frames} == {0}


# --- S6: silent chargers


def silent_world(timeout_s, do="deaf", **more):
    """Two cars on 32 A; the first charger falls silent at 60 s while it has 16 A."""
    events = [{"at_s": 60, "device": 1, "do": do}, {"at_s": 200, "device": 1, "do": "back"}]
    group = {"communication_timeout_s": timeout_s or 30}
    world = World([THREE] * 2, limit_a=32, events=events, group=group, **more)
    if not timeout_s:
        keep_watchdog(world.site.chargers[0], 0)
    return world


def keep_watchdog(charger, timeout_s):
    """A charger that lets nobody change its watchdog."""
    charger.settings[tc.COMMUNICATION_TIMEOUT] = timeout_s
    charger.watchdog.timeout_s = timeout_s
    write = charger.write

    def stubborn(function, register, values):
        if register != tc.COMMUNICATION_TIMEOUT:
            write(function, register, values)

    charger.write = stubborn


@pytest.mark.parametrize("do", ["deaf", "silent"])
def test_s6_a_silent_charger_keeps_its_reservation_until_its_watchdog_has_surely_run_out(do):
    world = silent_world(30, do).until(65)
    c = world.primary.chargers
    assert c.presence[0] == presence.SILENT
    assert c.booked_ma(0, 0) == 16_000
    assert c.reason[0] == reasons.SILENT

    def look():
        for phase in range(3):
            assert world.may_flow_ma(phase) <= 32_000, world.run.now_ms

    world.until(95, 50, look)
    assert c.booked_ma(0, 0) == 16_000, "30 s are over, but not surely"
    world.until(125, 50, look)
    assert c.presence[0] == presence.RELEASED
    assert c.booked_ma(0, 0) == 6_000
    assert c.reason[0] == reasons.RELEASED
    world.until(160, 50, look)
    assert world.true_limits_a()[1] > 16, "the other one gets what is free"
    world.until(203, 50, look)
    assert c.presence[0] == presence.ONLINE
    world.until(240, 50, look)
    assert nearly(world.true_limits_a(), [16, 16])


def test_s6_with_the_watchdog_off_the_reservation_stays_for_ever():
    world = silent_world(0).until(190)
    c = world.primary.chargers
    assert c.presence[0] == presence.SILENT
    assert c.reason[0] == reasons.SILENT_FOR_EVER
    assert c.booked_ma(0, 0) == 16_000
    assert world.limits_a()[1] <= 16


def test_s6_who_never_acknowledged_a_write_stays_booked_for_what_feeds_it_it_may_not_obey():
    world = silent_world(30).until(61)
    c = world.primary.chargers
    c.works[0] = 0
    world.until(190)
    assert c.presence[0] == presence.SILENT
    assert c.reason[0] == reasons.SILENT_FOR_EVER
    assert c.booked_ma(0, 0) == 16_000
    assert not c.any_awaited(), "the others may rise in what is left"


@pytest.mark.parametrize("lie", ["parrot", "deaf_ear"])
def test_s6_who_did_not_obey_its_limits_stays_booked_for_it_may_not_obey_its_watchdog(lie):
    events = [{"at_s": 20, "device": 1, "do": "lie", "what": lie}]
    events += [{"at_s": 70, "device": 1, "do": "silent"}]
    cars = [THREE, ("L1L2L3", {"phases": 3, "max_a": 32, "plug_in_s": 30})]
    world = World(cars, limit_a=48, events=events, group={"type": "static"}).until(69)
    c = world.primary.chargers
    drawn_ma = c.draw_ma[0]
    assert drawn_ma > 30_000, "beside the other one it may have 24 A"
    world.until(190)
    assert c.presence[0] == presence.SILENT
    assert c.reason[0] == reasons.SILENT_FOR_EVER
    assert c.booked_ma(0, 0) >= drawn_ma
    assert not c.any_awaited(), "the other one may rise in what is left"
    assert nearly(world.true_limits_a()[1:], [16])


def test_s6_a_charger_at_zero_is_booked_its_failsafe_current_when_it_falls_silent():
    events = [{"at_s": 60, "device": 1, "do": "deaf"}]
    cars = [("L1L2L3", None), THREE]
    world = World(cars, limit_a=32, events=events).until(58)
    assert nearly(world.true_limits_a(), [0, 32])
    world.until(110)
    assert world.primary.chargers.booked_ma(0, 0) == 6000
    assert world.true_limits_a()[1] <= 26


def test_s6_one_dead_charger_does_not_hold_up_the_others():
    events = [{"at_s": 0, "device": 1, "do": "deaf"}]
    world = World([THREE] * 4, limit_a=63, events=events).until(90)
    assert world.primary.chargers.presence[0] == presence.NEVER
    assert world.primary.chargers.booked_ma(0, 0) == 32_000, "nobody knows what it holds"
    # 63 - 32 booked; what it draws at its failsafe current counts as somebody else's
    assert 63 - 32 - 6 - 1 <= sum(world.true_limits_a()[1:]) <= 63 - 32 - 6


# --- S8: a restart


def test_s8_after_a_start_nothing_rises_until_every_charger_has_answered():
    events = [{"at_s": 0, "device": 3, "do": "deaf"}, {"at_s": 20, "device": 3, "do": "back"}]
    world = World([THREE] * 3, events=events).until(19.9)
    assert world.true_limits_a() == [0, 0, 0]
    assert world.primary.chargers.reason[0] == reasons.START_HOLD
    world.until(30)
    assert world.true_limits_a() == [6, 6, 6] or min(world.true_limits_a()) > 6


def test_s8_a_restarted_controller_goes_on_from_what_the_chargers_hold():
    world = World([THREE] * 2, limit_a=40)
    for charger in world.site.chargers:
        charger.settings[tc.AMPS_TO_USE] = 16
    world.until(30)
    assert {row[2] for row in world.frames} <= {16, 17, 18, 19, 20}
    assert nearly(world.true_limits_a(), [20, 20])


def test_s8_a_restart_under_full_current_lowers_nobody():
    """The first readings come while cars draw; there is nothing to compare them with."""
    world = World([THREE] * 3, limit_a=63).until(60)
    before = world.true_limits_a()
    assert sum(before) >= 60
    at_ms = world.run.now_ms
    again = Run(Primary(world.primary.config, 5), world.site, offset_ms=5)
    again.now_us = at_ms * 1000
    for step in range(1, 40):
        again.until(at_ms + 250 * step)
        assert nearly(world.true_limits_a(), before), step


def test_s8_a_restart_shuffles_no_turns():
    """Who charges goes on; who waits, waits."""
    world = World([THREE] * 4, limit_a=14)
    for charger in world.site.chargers[2:]:
        charger.settings[tc.AMPS_TO_USE] = 7

    def look():
        assert [amps > 0 for amps in world.true_limits_a()] == [False, False, True, True]

    world.until(60, 500, look)


# --- S9: watchdogs


def test_s9_limits_are_refreshed_within_a_third_of_the_chargers_timeout():
    for timeout_s in (6, 15, 30, 0):
        world = World([THREE] * 3, group={"communication_timeout_s": timeout_s or 15})
        if not timeout_s:
            for charger in world.site.chargers:
                keep_watchdog(charger, 0)
        world.until(90)
        for unit in (2, 3, 4):
            times = [row[0] for row in world.frames if row[1] == unit and row[0] > 20_000]
            gaps = [b - a for a, b in itertools.pairwise(times)]
            # and where the watchdog cannot be had, as if it were as configured
            assert max(gaps) <= (timeout_s or 15) * 1000 // 3 + 50


def test_s9_if_a_decision_cannot_be_finished_the_bus_goes_quiet():
    world = fair_weather(2)

    def broken(*args):
        raise ZeroDivisionError

    world.primary._allocator._shares = broken
    with pytest.raises(ZeroDivisionError):
        world.until(62)
    assert world.primary.quiet
    frames = len(world.asked)
    world.until(120)
    assert len(world.asked) == frames
    assert all(charger.limit_and_cause()[0] <= 6 for charger in world.site.chargers)


# --- S13: dead devices


def test_s13_dead_devices_together_cost_one_timeout_a_cycle():
    events = [{"at_s": 60, "device": k, "do": "deaf"} for k in (2, 5, 9)]
    world = World([THREE] * 12, events=events).until(75)
    bus, poller = world.run.buses[0], world.primary.poller
    timeouts, cycles = bus.timeouts, poller.cycle
    world.until(105)
    assert bus.timeouts - timeouts <= poller.cycle - cycles + 1


def test_s13_a_charger_that_answers_again_is_back_within_a_few_cycles():
    events = [{"at_s": 60, "device": 2, "do": "deaf"}, {"at_s": 80, "device": 2, "do": "back"}]
    world = World([THREE] * 4, events=events).until(79.9)
    cycle = world.primary.poller.cycle
    while world.primary.chargers.presence[1] != presence.ONLINE:
        world.until(world.run.now_ms / 1000 + 0.1)
        assert world.primary.poller.cycle <= cycle + 3


def test_a_charger_that_refuses_a_write_is_not_taken_for_dead():
    def faults(bus, request, now_ms):
        refused = request.unit == 2 and request.values is not None and now_ms > 60_000
        return EXCEPTION if refused else None

    world = World([THREE] * 2, faults=faults).until(90)
    assert world.primary.chargers.presence[0] == presence.ONLINE


def test_a_device_that_is_no_charger_is_never_written_to():
    world = World([THREE] * 2)
    world.site._by_address[2] = world.site.meter
    world.until(60)
    assert 2 not in {row[1] for row in world.frames}
    assert world.true_limits_a()[1] > 0
    assert world.primary.chargers.booked_ma(0, 0) == 32_000


# --- what others change


def test_a_limit_that_somebody_else_changed_is_mended_and_counted():
    world = fair_weather(2)
    world.site.chargers[0].settings[tc.AMPS_TO_USE] = 7
    world.until(75)
    assert world.primary.chargers.limit_ma[0] == world.true_limits_a()[0] * 1000
    assert world.true_limits_a()[0] > 7


# --- static groups


def test_a_static_group_shares_the_whole_circuit_without_a_meter():
    world = World([THREE] * 5, limit_a=100, group={"type": "static"}).until(60)
    assert world.true_limits_a() == [20] * 5
    assert all(unit != 1 for _, unit in world.asked)


def test_priority_in_a_static_group_fills_one_after_the_other():
    cars = [("L1L2L3", {"phases": 3, "max_a": 30})] * 5
    world = World(cars, limit_a=100, group={"type": "static", "sharing": "priority"})
    config = world.primary.config
    for row in config["chargers"]:
        row["max_a"] = 30
    world.primary.configure(config, 0)
    world.until(90)
    assert world.true_limits_a() == [30, 30, 30, 10, 0]


# --- a new configuration in mid-run


def test_a_lower_limit_in_a_new_configuration_counts_at_once():
    world = fair_weather(3)
    assert 62 <= sum(world.true_limits_a()) <= 63
    config = dict(world.primary.config)
    config["group"] = dict(config["group"], limit_a=20)
    world.primary.configure(config, world.run.ticks_ms())
    world.until(63)
    assert sum(world.true_limits_a()) <= 20
    world.until(80)
    assert 19 <= sum(world.true_limits_a()) <= 20


def test_a_charger_that_comes_back_keeps_what_it_has():
    """It is not paused merely because its settings must be read again."""
    world = silent_world(30)
    world.until(210)
    after = [row[2] for row in world.frames if row[1] == 2 and row[0] > 200_000]
    assert after
    assert min(after) >= 6
