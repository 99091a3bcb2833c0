"""Cars that rest, a meter that sticks or is turned, a charger that is another one now."""

import pytest

from loadrail_site import teltocharge as tc
from loadrail_site.car import Car
from loadrail_site.charger import Charger
from loadrail_site.lies import GREEDY
from loadrail_site.meter import Meter
from loadrail_site.meters_simulated import SimulatedMeter
from loadrail_site.site import Site

STEP_MS = 100
METERS = (Meter, lambda: SimulatedMeter("abb_b23"))


def draw_ma(car, until_ms):
    for now_ms in range(0, until_ms + 1, STEP_MS):
        car.step(now_ms, 10_000, 3)
    return car.draw_ma


@pytest.mark.parametrize(
    ("until_ms", "expected_ma"),
    [(9000, 9800), (19_000, 0), (30_000, 9800), (45_000, 0), (60_000, 9800)],
)
def test_a_car_takes_nothing_in_its_rests(until_ms, expected_ma):
    rests = ((10_000, 20_000), (40_000, 50_000))
    assert draw_ma(Car(3, 16, rests=rests), until_ms) == expected_ma


def test_a_resting_car_is_not_full_and_its_charger_waits_for_it():
    charger = Charger(2, amps_a=10, cars=[Car(3, 16, rests=[(0, 60_000)])])
    for now_ms in range(0, 20_000, STEP_MS):
        charger.step(now_ms)
    assert not charger.car.is_full()
    assert charger.status == tc.WAITING_FOR_EV


def test_a_scenario_gives_rests_in_seconds():
    car = {"rests_s": [[1, 2.5]]}
    site = Site({"seconds": 60, "limit_a": 16, "chargers": [{"cars": [car]}]})
    assert site.chargers[0].cars[0].rests == [(1000, 2500)]


@pytest.mark.parametrize("made", METERS)
def test_a_stuck_meter_goes_on_with_what_it_showed(made):
    meter = made()
    meter.step(0, [1000, 2000, 3000])
    meter.stuck = True
    meter.step(5000, [9000, 9000, 9000])
    assert meter.shown_ma == [1000, 2000, 3000]
    meter.stuck = False
    meter.step(5200, [9000, 9000, 9000])
    assert meter.shown_ma == [9000, 9000, 9000]


@pytest.mark.parametrize("made", METERS)
def test_a_turned_transformer_changes_the_sign_of_its_phase_alone(made):
    meter = made()
    meter.reversed = (1,)
    meter.step(0, [1000, 2000, -3000])
    assert meter.shown_ma == [1000, -2000, -3000]


def test_events_stick_and_turn_the_meter():
    events = [
        {"at_s": 1, "device": "meter", "do": "stick"},
        {"at_s": 2, "device": "meter", "do": "unstick"},
        {"at_s": 2, "device": "meter", "do": "reverse", "phases": [0, 2]},
        {"at_s": 3, "device": "meter", "do": "reverse", "phases": []},
    ]
    site = Site({"seconds": 60, "limit_a": 16, "chargers": [{}], "events": events})
    seen = []
    for now_ms in (1000, 2000, 3000):
        site.step(now_ms)
        seen.append((site.meter.stuck, site.meter.reversed))
    assert seen == [(True, ()), (False, (0, 2)), (False, ())]


def serial(charger):
    low, high = charger.read(3, tc.SERIAL_NUMBER_LO, 2)
    return high << 16 | low


def test_a_swapped_charger_has_another_serial_number_and_all_defaults():
    charger = Charger(2, max_a=16, amps_a=10, cars=[Car(3, 32)])
    charger.step(0)
    charger.lie = GREEDY
    before = serial(charger)
    charger.write(16, tc.FAILSAFE_CURRENT, [10])
    charger.swap()
    assert charger.is_deaf()
    charger.step(10_000)
    assert not charger.is_deaf()
    assert serial(charger) != before
    assert charger.settings[tc.FAILSAFE_CURRENT] == tc.MIN_A
    assert charger.settings[tc.AMPS_TO_USE] == 16
    assert charger.lie is None
