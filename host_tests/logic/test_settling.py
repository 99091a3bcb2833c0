# S2: what a lowered limit has freed is free once it is seen in the currents, or after 5 s; after
# 10 s where the car was at rest, for it may have begun to wake at the limit that it had.

from loadrail.chargers import Chargers
from loadrail.registers import NO_CAR

_CHARGING = 2
_ROW = {
    "address": 2,
    "phases": "L1L2L3",
    "min_a": 6,
    "min_3p_a": 6,
    "max_a": 32,
    "priority": 5,
}


def _lowered(draw_ma, status=_CHARGING, known=True):
    """One charger at 16 A that draws so much, then told 0 A at 1000 ms."""
    c = Chargers(1)
    c.place(0, _ROW)
    c.heard(0, 0)
    c.known[0] = known
    c.acknowledged(0, 0, 16_000)
    c.settle_at[0], c.settle_ma[0], c.rest_at[0] = None, 0, None
    c.read_status(0, 500, status, [draw_ma] * 3)
    c.acknowledged(0, 1000, 0)
    assert c.booked_to_raise_ma(0, 0) == 16_000
    return c


def test_s2_a_current_that_has_fallen_shows_that_a_lower_limit_has_arrived():
    c = _lowered(15_800)
    c.read_status(0, 2000, _CHARGING, [9000] * 3)
    assert c.booked_to_raise_ma(0, 0) == 16_000
    c.read_status(0, 3000, _CHARGING, [0] * 3)
    assert c.booked_to_raise_ma(0, 0) == 0


def test_s2_a_car_at_rest_shows_nothing_and_its_limit_is_free_after_10_s():
    c = _lowered(0)
    for now_ms in range(2000, 11_000, 1000):
        c.read_status(0, now_ms, _CHARGING, [0] * 3)
        c.age(now_ms, 60_000)
        assert c.booked_to_raise_ma(0, 0) == 16_000
    c.age(11_000, 60_000)
    assert c.booked_to_raise_ma(0, 0) == 0


def test_s2_a_car_that_wakes_at_the_signal_it_had_counts_with_all_of_it():
    c = _lowered(0)
    for now_ms in range(2000, 11_000, 1000):
        c.read_status(0, now_ms, _CHARGING, [max(0, now_ms - 5000)] * 3)  # it ramps, slowly
        c.age(now_ms, 60_000)
        assert c.booked_to_raise_ma(0, 0) == 16_000
    c.age(11_000, 60_000)
    assert c.booked_to_raise_ma(0, 0) == 5000, "what it draws"


def test_s2_a_car_that_is_slow_to_lower_its_current_counts_with_that_after_5_s():
    c = _lowered(15_800)
    for now_ms in (2000, 3000, 4000, 5000):
        c.read_status(0, now_ms, _CHARGING, [15_800 - now_ms] * 3)
        c.age(now_ms, 60_000)
        assert c.booked_to_raise_ma(0, 0) == 16_000
    c.age(6000, 60_000)
    assert c.booked_to_raise_ma(0, 0) == 10_800


def test_s2_after_a_silence_nobody_knows_whether_a_car_rests():
    c = _lowered(15_800, known=False)
    for now_ms in range(2000, 11_000, 1000):
        c.read_status(0, now_ms, _CHARGING, [0] * 3)
        c.age(now_ms, 60_000)
        assert c.booked_to_raise_ma(0, 0) == 16_000
    c.age(11_000, 60_000)
    assert c.booked_to_raise_ma(0, 0) == 0


def test_s2_where_no_car_is_nothing_can_wake():
    c = _lowered(0, NO_CAR)
    c.read_status(0, 2000, NO_CAR, [0] * 3)
    assert c.booked_to_raise_ma(0, 0) == 0
