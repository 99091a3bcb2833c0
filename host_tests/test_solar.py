"""Solar modes on a whole site: real registers, cars that ramp, a meter that lags behind."""

import copy
import json
import random

from world import World

from loadrail import charger_page, reasons, status
from loadrail.request import CRC, TIMEOUT
from loadrail.switch_states import ALL, ONE
from loadrail_site import teltocharge as tc
from loadrail_site.sun import Sun

ONE_CAR = ("L1", {"phases": 1, "max_a": 32, "energy_wh": 500_000})
THREE_CAR = ("L1L2L3", {"phases": 3, "max_a": 16, "energy_wh": 500_000})
SOLAR = {"solar_mode": "solar"}
SWITCHED = {"solar_mode": "solar", "phase_switching": "on"}


def steps(*rows):
    """(from second, A left over on each of L1, L2, L3)."""
    return [
        {"at_s": at_s, "phases": [name], "amps": -amps}
        for at_s, *sun in rows
        for name, amps in zip(("L1", "L2", "L3"), sun, strict=True)
    ]


def quick(cars, **more):
    more.setdefault("rows", SOLAR)
    return World(cars, idle_ms=20, site_step_ms=100, **more)


def set_modes(world, *modes):
    """Other modes in mid-run, as the console does it."""
    config = copy.deepcopy(world.primary.config)
    for row, mode in zip(config["chargers"], modes, strict=True):
        row["solar_mode"] = mode
    world.primary.configure(config, world.run.ticks_ms())


def imported_ma(world):
    return sum(world.site.grid_ma)


def test_a_car_follows_the_surplus_and_stops_after_it():
    world = quick([ONE_CAR], house=steps((0, 10.6, 0, 0), (200, 14.2, 0, 0), (300, 0, 0, 0)))
    world.until(190)
    assert world.true_limits_a() == [10]
    world.until(280)
    assert world.true_limits_a() == [14]
    assert imported_ma(world) < 0
    world.until(320)
    assert world.true_limits_a() == [6]
    assert "holding 6 A for" in status.state_line(world.primary, 0)
    world.until(345)
    assert world.true_limits_a() == [0]
    assert "waiting for sun: 0 of 6 A" in status.state_line(world.primary, 0)


def test_the_status_tells_mode_surplus_and_state():
    world = quick([ONE_CAR], house=steps((0, 10.6, 0, 0))).until(120)
    now_ms = world.run.ticks_ms()
    lines = list(status.table(world.primary, now_ms))
    assert any(line.startswith("sun: surplus 10.") for line in lines), lines
    told = json.loads("".join(status.json_pieces(world.primary, now_ms)))["chargers"][0]
    assert (told["mode"], told["solar"]) == ("solar", "charging")
    assert 10 <= told["surplus_a"] < 11
    assert "its share of the 10." in told["reason_text"]
    page = "".join(charger_page.lines(world.primary, 0, now_ms))
    assert "A of sun on each of its phases" in page
    set_modes(world, "fast")
    told = json.loads("".join(status.json_pieces(world.primary, now_ms)))["chargers"][0]
    assert (told["mode"], told["surplus_a"], told["solar"]) == ("fast", None, None)


def test_the_phases_are_netted_unless_each_is_to_count():
    house = steps((0, 10, 10, 10))
    assert quick([ONE_CAR], house=house).until(120).true_limits_a() == [30]
    by_phase = quick([ONE_CAR], house=house, group={"surplus": "phase"})
    assert by_phase.until(120).true_limits_a() == [10]


def test_s1_the_circuit_is_on_top_of_what_is_netted():
    house = [{"at_s": 0, "phases": ["L1"], "amps": 8}, *steps((0, -8, 30, 30))]
    world = quick([ONE_CAR], house=house, limit_a=20).until(120)
    assert world.true_limits_a() == [11]
    assert world.site.grid_ma[0] <= 20_000


def test_s1_fast_and_solar_chargers_keep_one_circuit():
    cars = [ONE_CAR, ONE_CAR, THREE_CAR, THREE_CAR]
    house = steps((0, 10, 30, 30), (300, -20, 0, 0), (600, 10, 30, 30))
    world = quick(cars, house=house, limit_a=32)
    set_modes(world, "fast", "solar", "solar", "fast")

    def look():
        late_ms = world.run.now_ms % 300_000
        if late_ms > 10_000:
            for phase in range(3):
                assert world.site.grid_ma[phase] <= 32_000
        assert not world.site.breaker.tripped

    world.until(900, 500, look)
    assert world.true_limits_a()[0] >= 6


def test_the_mode_changes_in_mid_session_without_a_stop():
    world = quick([ONE_CAR], house=steps((0, 9, 0, 0))).until(120)
    set_modes(world, "fast")
    world.until(180)
    assert world.true_limits_a() == [32]
    set_modes(world, "solar")
    flows = []
    world.until(300, 500, lambda: flows.append(world.site.chargers[0].draws_ma[0]))
    assert min(flows) > 4000, "it has not stopped in between"
    assert world.true_limits_a() == [9]
    set_modes(world, "off")
    assert world.until(310).true_limits_a() == [0]
    set_modes(world, "eco")
    assert world.until(400).true_limits_a() == [9]


def test_s5_without_the_meter_nothing_is_charged_on_a_sun_that_nobody_sees():
    world = quick([ONE_CAR], house=steps((0, 10, 0, 0))).until(120)
    world.site.meter.silent = True
    world.until(140)
    assert world.true_limits_a() == [0]
    assert world.primary.chargers.reason[0] in (reasons.METER_LOST, reasons.SUN_UNKNOWN)


def test_s11_phases_follow_the_sun_through_the_safe_sequence():
    house = steps((0, 4, 4, 4), (1200, 10, 10, 10))
    world = quick([THREE_CAR], house=house, rows=SWITCHED)
    charger = world.site.chargers[0]
    world.until(290)
    assert world.true_limits_a() == [0], "12 A are too little for three phases"
    world.until(700)
    assert charger.settings[tc.PHASE_TO_USE] == ONE
    assert world.true_limits_a() == [12]
    world.until(1400)
    assert charger.settings[tc.PHASE_TO_USE] == ONE, "it must last for a while"
    world.until(1900)
    assert charger.settings[tc.PHASE_TO_USE] == ALL
    assert world.true_limits_a() == [10]
    assert charger.switches_under_load == 0
    said = world.said()
    assert any("switches to L1: the sun suffices for one phase only" in line for line in said)
    assert any("switches to L1+L2+L3: the sun has sufficed" in line for line in said), said


def test_s11_phases_follow_the_sun_only_so_many_times_a_session():
    rows = []
    for k in range(3):  # without the limit it switches five times
        rows += [(k * 1400, 4, 4, 4), (k * 1400 + 600, 10, 10, 10)]
    world = quick(
        [THREE_CAR], house=steps(*rows), rows=SWITCHED, group={"switches_per_session": 3}
    ).until(3200)
    assert len([row for row in world.writes if row[2] == tc.PHASE_TO_USE]) == 3
    assert world.site.chargers[0].switches_under_load == 0


def test_two_cars_share_the_sun_and_give_it_back():
    world = quick([ONE_CAR, ONE_CAR], house=steps((0, 20.5, 0, 0), (200, 11, 0, 0))).until(190)
    assert world.true_limits_a() == [10, 10]
    world.until(260)
    assert sorted(world.true_limits_a())[0] == 0
    assert sum(world.true_limits_a()) in (10, 11)


def test_s1_half_an_hour_of_broken_clouds_with_lost_frames_keeps_the_circuit():
    dice = random.Random(3)

    def faults(bus, request, now_ms):
        return dice.choice([TIMEOUT, CRC]) if dice.random() < 0.1 else None

    cars = [THREE_CAR, THREE_CAR, ONE_CAR]
    world = World(cars, limit_a=40, rows=SOLAR, faults=faults, idle_ms=20, site_step_ms=100)
    world.site.house = Sun("broken", 5, 50_000, start_s=12 * 3600)
    taken = {"sun": 0, "grid": 0}

    def look():
        assert not world.site.breaker.tripped
        drawn_ma = sum(sum(charger.draws_ma) for charger in world.site.chargers)
        surplus_ma = max(0, drawn_ma - sum(world.site.grid_ma))
        taken["sun"] += min(drawn_ma, surplus_ma)
        taken["grid"] += max(0, drawn_ma - surplus_ma)
        for amps in world.true_limits_a():
            assert amps == 0 or amps >= 6

    world.until(1800, 1000, look)
    assert taken["sun"] > 0
    assert taken["grid"] < taken["sun"] // 20
