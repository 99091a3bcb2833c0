"""The simulated car: how it follows a signal."""

import pytest

from loadrail_site.car import Car

STEP_MS = 100


def drive(car, signal_a, from_ms, until_ms, offered=3):
    """The draw on each offered terminal at the end."""
    used = None
    for now_ms in range(from_ms, until_ms + 1, STEP_MS):
        used = car.step(now_ms, signal_a * 1000, offered)
    return [car.draw_ma] * used + [0] * (offered - used)


@pytest.mark.parametrize(
    ("signal_a", "max_a", "min_a", "draw_ma"),
    [
        (0, 16, 6, 0),
        (5, 16, 6, 0),
        (6, 16, 6, 5800),
        (8, 32, 10, 0),
        (10, 32, 10, 9800),
        (16, 16, 6, 15_800),
        (32, 16, 6, 16_000),
        (32, 32, 6, 31_800),
    ],
)
def test_a_settled_car_stays_just_below_the_signal(signal_a, max_a, min_a, draw_ma):
    car = Car(3, max_a, min_a=min_a)
    assert drive(car, signal_a, 0, 15_000) == [draw_ma] * 3


@pytest.mark.parametrize(
    ("phases", "offered", "draws"),
    [
        (3, 3, [5800] * 3),
        (2, 3, [5800, 5800, 0]),
        (1, 3, [5800, 0, 0]),
        (3, 1, [5800]),
        (1, 1, [5800]),
        (3, 0, []),
    ],
)
def test_a_car_uses_its_phases_of_those_offered(phases, offered, draws):
    assert drive(Car(phases), 6, 0, 15_000, offered) == draws


def test_nothing_happens_before_the_reaction_delay():
    car = Car(reaction_delay_ms=2000)
    assert drive(car, 16, 0, 1900) == [0, 0, 0]
    assert drive(car, 16, 2000, 2100)[0] > 0


def test_the_draw_ramps_up_and_down_at_the_given_rate():
    car = Car(1, 32, ramp_ma_per_s=4000, reaction_delay_ms=0)
    assert drive(car, 32, 0, 1000)[0] == 4000
    assert drive(car, 32, 1100, 3000)[0] == 12_000
    assert drive(car, 6, 3100, 4000)[0] == 8000


@pytest.mark.parametrize(("before_a", "after_a"), [(32, 6), (32, 0), (16, 6), (16, 10)])
def test_a_lower_signal_is_obeyed_within_the_five_seconds_of_the_standard(before_a, after_a):
    car = Car(3, 32)
    drive(car, before_a, 0, 15_000)
    assert max(drive(car, after_a, 15_100, 20_100)) <= after_a * 1000


def test_a_full_car_draws_nothing_more():
    car = Car(3, 16, 10, error_ma=0)
    drive(car, 16, 0, 60_000)
    assert car.is_full()
    assert drive(car, 16, 60_100, 61_000) == [0, 0, 0]
    assert 10 <= car.taken_wh() <= 25  # what flows while it ramps down comes on top


def test_a_car_that_takes_too_much_can_be_had():
    assert drive(Car(1, 32, error_ma=3000), 10, 0, 15_000)[0] == 13_000


@pytest.mark.parametrize(
    ("now_ms", "here"), [(0, False), (999, False), (1000, True), (4999, True), (5000, False)]
)
def test_a_car_is_there_from_plugging_in_to_unplugging(now_ms, here):
    assert Car(plug_in_ms=1000, unplug_ms=5000).is_here(now_ms) is here
