"""The breaker model against the points of IEC 60898, and what its default is chosen for."""

import pytest

from loadrail_site import breaker
from loadrail_site.breaker import Breaker

HOUR_S = 3600


def seconds_to_trip(device, x, limit_s, step_s=0.1, warm_x=0.0):
    """How long the current x In flows before the trip; None where it still holds at limit_s."""
    device.step(0, [0, 0, 0])
    start_s = 0
    if warm_x:
        start_s = 10 * device.tau_s
        device.step(int(start_s * 1000), [int(warm_x * device.rated_a * 1000)] * 3)
    current_ma = int(x * device.rated_a * 1000)
    for step in range(1, int(limit_s / step_s) + 1):
        device.step(int((start_s + step * step_s) * 1000), [current_ma, 0, 0])
        if device.tripped:
            return step * step_s
    return None


TAUS = [
    (16, breaker.EARLIEST_TAU_S),
    (32, breaker.DEFAULT_TAU_S),
    (32, breaker.LATEST_TAU_S),
    (63, breaker.EARLIEST_TAU_S),
    (63, breaker.DEFAULT_TAU_S),
    (63, breaker.LATEST_TAU_ABOVE_32_A_S),
]


@pytest.mark.parametrize(("rated_a", "tau_s"), TAUS)
def test_1_13_in_holds_for_two_hours(rated_a, tau_s):
    device = Breaker(rated_a, tau_s)
    assert seconds_to_trip(device, 1.13, 2 * HOUR_S, 10) is None
    assert device.heat_permille()[0] >= 990


@pytest.mark.parametrize(("rated_a", "tau_s"), TAUS)
def test_1_45_in_trips_within_the_hour(rated_a, tau_s):
    assert seconds_to_trip(Breaker(rated_a, tau_s), 1.45, HOUR_S, 1) is not None


@pytest.mark.parametrize(("rated_a", "tau_s"), TAUS)
def test_2_55_in_trips_in_its_band(rated_a, tau_s):
    took_s = seconds_to_trip(Breaker(rated_a, tau_s), 2.55, 200)
    assert 1 <= took_s <= (60 if rated_a <= 32 else 120)


@pytest.mark.parametrize(
    ("tau_s", "edge_s"), [(breaker.EARLIEST_TAU_S, 1.0), (breaker.LATEST_TAU_S, 60.0)]
)
def test_the_edges_are_the_edges_of_the_band(tau_s, edge_s):
    assert abs(seconds_to_trip(Breaker(32, tau_s), 2.55, 70, 0.01) - edge_s) < 0.2


@pytest.mark.parametrize(("x", "trips"), [(4.99, False), (5.0, True), (8.0, True)])
def test_the_magnet_opens_at_once_from_five_times_in(x, trips):
    device = Breaker(63)
    device.step(0, [0, 0, 0])
    device.step(1, [0, int(x * 63_000), 0])
    assert device.tripped is trips


def test_the_default_held_at_in_bears_1_3_in_for_12_s():
    took_s = seconds_to_trip(Breaker(63), 1.3, 60, warm_x=1.0)
    assert 12 <= took_s <= 13


def test_heat_after_one_long_step_is_that_after_many_short_ones():
    long, short = Breaker(63), Breaker(63)
    for device, step_ms in ((long, 60_000), (short, 50)):
        device.step(0, [0, 0, 0])
        for now_ms in range(step_ms, 60_001, step_ms):
            device.step(now_ms, [70_000, -50_000, 0])
    assert abs(long.heat_permille()[0] - short.heat_permille()[0]) <= 1
    assert abs(long.heat_permille()[1] - short.heat_permille()[1]) <= 1
    assert short.heat_permille()[2] == 0


def test_a_trip_stays_with_its_time_and_phase():
    device = Breaker(16)
    device.step(0, [0, 0, 0])
    device.step(500, [0, 0, 100_000])
    device.step(60_000, [100_000, 0, 0])
    assert (device.tripped, device.tripped_at_ms, device.tripped_phase) == (True, 500, 2)
