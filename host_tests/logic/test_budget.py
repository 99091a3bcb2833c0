# Budget per phase: reserve, the two readings' ages, lowered at once, raised late, lost meters.

from loadrail.budget import (
    METER_FINE,
    METER_NONE,
    METER_STALE,
    METER_WAITING,
    Budget,
    Rules,
    limit_ma,
)
from loadrail.chargers import Chargers
from loadrail.presence import ONLINE, SILENT

# circuit, margin, largest other load, what the breaker holds -> limit to steer to
_LIMITS = (
    (63, 0, 0, 140, 63_000),
    (63, 2, 0, 140, 61_000),
    (63, 0, 20, 140, 63_000),  # 88.2 - 20 is more than the circuit
    (63, 0, 32, 140, 56_200),
    (63, 1, 32, 140, 55_200),
    (63, 0, 20, 120, 55_600),  # a selective main switch holds less
    (16, 0, 16, 140, 6_400),
    (16, 0, 40, 140, 0),
)


def test_the_limit_keeps_a_margin_and_a_reserve_for_the_largest_load():
    for circuit_a, margin_a, load_a, percent, expected in _LIMITS:
        assert limit_ma(circuit_a, margin_a, load_a, percent) == expected


def _rules(raise_after_s=10, start_after_s=30, **more):
    values = {"dynamic": True, "limit_ma": 63_000, "loss_ma": 0, "stale_ms": 10_000}
    values.update(more)
    rules = Rules(values["dynamic"], values["limit_ma"], values["loss_ma"], values["stale_ms"])
    rules.raise_after_ms = raise_after_s * 1000
    rules.start_after_ms = start_after_s * 1000
    return rules


class _Site:
    """A budget and one charger, read and sampled as a test says; time in s."""

    def __init__(self, start_ms=0, **more):
        self.start_ms = start_ms
        self.budget = Budget(start_ms)
        self.budget.configure(start_ms, _rules(**more))
        self.chargers = Chargers(1)
        row = {"address": 2, "phases": "L1L2L3", "min_a": 6, "min_3p_a": 6, "max_a": 32}
        row["priority"] = 5
        self.chargers.place(0, row)
        self.chargers.presence[0] = ONLINE
        self.chargers.timeout_ms[0] = 30_000
        self.chargers.works[0] = 1 << 6

    def at(self, seconds):
        return (self.start_ms + int(seconds * 1000)) & 0x3FFFFFFF

    def draw(self, seconds, amps):
        self.chargers.read_status(0, self.at(seconds), 0, [int(amps * 1000)] * 3)

    def meter(self, seconds, *amps):
        amps = amps * 3 if len(amps) == 1 else amps
        ma = [int(a * 1000) for a in amps]
        return self.budget.sample(self.at(seconds), ma, self.chargers)

    def update(self, seconds):
        self.budget.update(self.at(seconds), self.chargers)
        return [ma / 1000 for ma in self.budget.ma]

    def steady(self, seconds_from, seconds_to, grid_a, draw_a):
        """A sample a second, and a reading after each."""
        for s in range(seconds_from, seconds_to):
            self.meter(s, grid_a)
            self.draw(s + 0.5, draw_a)
            self.update(s + 0.5)
        return [ma / 1000 for ma in self.budget.ma]


def test_other_load_is_what_the_meter_sees_besides_the_chargers():
    for start_ms in (0, (1 << 30) - 3000):
        site = _Site(start_ms)
        assert site.steady(0, 5, 30, 10) == [43, 43, 43]


def test_s1_one_sample_after_a_pause_raises_nothing_two_do():
    site = _Site(raise_after_s=2)
    assert site.steady(0, 12, 50, 10) == [23, 23, 23]
    site.budget.configure(site.at(12), _rules(raise_after_s=2))
    assert site.steady(12, 13, 30, 10) == [23, 23, 23]
    assert site.steady(13, 18, 30, 10) == [43, 43, 43]


def test_export_does_not_make_the_circuit_larger():
    assert _Site().steady(0, 5, -20, 10) == [63, 63, 63]


def test_a_sample_waits_until_the_chargers_were_read_after_it():
    site = _Site()
    site.draw(0, 10)
    site.meter(1, 30)
    assert site.update(1.2) == [0, 0, 0]
    site.draw(1.5, 10)
    assert site.update(1.5) == [43, 43, 43]


def test_each_draw_is_taken_at_the_time_of_the_sample():
    """Half-way between two readings of 10 and 11 A the car drew 10.5."""
    site = _Site()
    site.draw(0, 10)
    site.meter(1, 30.5)
    site.draw(2, 11)
    assert site.update(2) == [43, 43, 43]


def test_nothing_may_rise_before_the_window_is_full_and_nothing_start_before_the_longer_one():
    site = _Site()
    site.steady(0, 9, 30, 10)
    assert not site.budget.may_raise
    site.steady(9, 12, 30, 10)
    assert site.budget.may_raise
    assert not site.budget.may_start
    site.steady(12, 32, 30, 10)
    assert site.budget.may_start


def test_a_budget_that_rises_counts_after_ten_seconds_and_for_a_start_after_thirty():
    site = _Site()
    site.steady(0, 40, 40, 10)
    assert site.steady(40, 49, 30, 10) == [33, 33, 33]
    assert site.steady(49, 53, 30, 10) == [43, 43, 43]
    assert site.budget.start_ma == [33_000] * 3
    site.steady(53, 75, 30, 10)
    assert site.budget.start_ma == [43_000] * 3


def test_an_over_limit_sample_lowers_at_once_and_the_other_phases_stay():
    site = _Site()
    site.steady(0, 40, 40, 10)
    assert site.meter(40, 70, 40, 40) is True
    assert site.budget.ma[0] == 63_000 - 70_000 + 10_000
    assert site.budget.ma[1:] == [33_000, 33_000]


def test_a_phase_that_is_above_the_limit_for_long_holds_back_no_other():
    site = _Site()
    site.steady(0, 40, 40, 10)
    for s in range(40, 90):  # the house alone has too much of L3, and less than before of L1
        site.meter(s, 30, 40, 74)
        site.draw(s + 0.5, 10)
        budget_a = site.update(s + 0.5)
        assert budget_a == ([33, 33, 0] if s < 49 else budget_a)
    assert budget_a == [43, 33, 0]
    assert site.budget.start_ma == [43_000, 33_000, 0]


def test_s1_a_sample_above_the_limit_lowers_the_other_phases_at_once_too():
    site = _Site()
    site.steady(0, 40, 40, 10)
    assert site.meter(40, 50, 30, 70) is True
    assert site.budget.ma == [23_000, 33_000, 3000]


def test_below_the_limit_one_odd_sample_is_not_believed_but_two_are():
    site = _Site()
    site.steady(0, 40, 40, 10)
    assert site.steady(40, 41, 50, 10) == [33, 33, 33]
    assert site.steady(41, 42, 40, 10) == [33, 33, 33]
    site.steady(42, 43, 50, 10)
    assert site.steady(43, 44, 50, 10) == [23, 23, 23]


def test_a_car_that_ramps_is_not_taken_for_other_load():
    site = _Site()
    site.steady(0, 40, 40, 10)
    site.meter(40, 50)  # the car has risen, its reading has not been renewed yet
    site.draw(40.5, 20)
    assert site.update(40.5) == [33, 33, 33]
    site.meter(41, 50)
    site.draw(41.5, 20)
    assert site.update(41.5) == [33, 33, 33]


def test_ramps_hide_a_rise_of_other_load_for_a_few_samples_at_most():
    site = _Site()
    site.steady(0, 40, 40, 10)
    for k in range(6):
        site.meter(40 + k, 55)
        site.draw(40.5 + k, 10 if k % 2 else 12)
        site.update(40.5 + k)
    assert site.budget.ma[0] < 22_000


def test_s5_a_meter_that_is_too_old_leaves_the_budget_of_its_loss():
    site = _Site(loss_ma=8000)
    site.steady(0, 20, 40, 10)
    assert site.update(29) == [33, 33, 33]
    assert site.update(30) == [8, 8, 8]
    assert site.budget.meter == METER_STALE


def test_s5_before_the_first_sample_nothing_is_known_and_then_it_is_lost():
    site = _Site()
    site.update(9)
    assert site.budget.meter == METER_WAITING
    site.update(10.1)
    assert site.budget.meter == METER_STALE


def test_s5_a_configuration_does_not_make_it_wait_longer_for_the_first_sample():
    site = _Site()
    for s in range(1, 10):
        site.budget.configure(site.at(s), _rules())
    site.update(10.1)
    assert site.budget.meter == METER_STALE


def test_s1_a_group_that_was_static_for_a_while_waits_for_its_meter_anew():
    site = _Site()
    site.steady(0, 40, 40, 10)
    site.budget.configure(site.at(40), _rules(dynamic=False))
    assert site.update(40) == [63, 63, 63]
    site.budget.configure(site.at(45), _rules())
    assert site.budget.meter == METER_WAITING
    assert site.steady(45, 58, 40, 10) == [33, 33, 33]
    assert site.budget.meter == METER_FINE


def test_s5_a_group_that_was_static_does_not_wait_for_its_meter_for_ever():
    site = _Site()
    site.steady(0, 40, 40, 10)
    site.budget.configure(site.at(40), _rules(dynamic=False))
    site.budget.configure(site.at(41), _rules())
    site.update(50)
    assert site.budget.meter == METER_WAITING
    assert site.update(51.1) == [0, 0, 0]
    assert site.budget.meter == METER_STALE


def test_s5_after_a_loss_the_windows_begin_anew():
    site = _Site()
    site.steady(0, 40, 40, 10)
    site.update(60)
    site.steady(60, 62, 40, 10)
    assert site.budget.meter == METER_FINE
    assert not site.budget.may_raise


def test_while_a_silent_chargers_watchdog_runs_down_the_budget_only_falls():
    site = _Site()
    site.steady(0, 40, 40, 10)
    site.chargers.presence[0] = SILENT
    for s in range(40, 60):
        site.meter(s, 30)
        site.update(s + 0.5)
    assert site.budget.ma == [33_000] * 3
    for s in range(60, 63):
        site.meter(s, 50)
        site.update(s + 0.5)
    assert site.budget.ma == [23_000] * 3


def test_a_static_group_has_its_limit_at_once():
    site = _Site(dynamic=False)
    assert site.budget.meter == METER_NONE
    assert site.update(0) == [63, 63, 63]
    assert site.budget.may_start


def test_a_new_lower_limit_counts_at_once_a_higher_one_after_the_window():
    site = _Site()
    site.steady(0, 40, 40, 10)
    site.budget.configure(site.at(40), _rules(limit_ma=50_000))
    assert site.budget.ma == [20_000] * 3
    site.budget.configure(site.at(40), _rules(limit_ma=63_000))
    assert site.budget.ma == [20_000] * 3
    assert not site.budget.may_raise


def test_nobody_rises_into_what_only_a_straight_line_between_two_readings_shows():
    site = _Site(raise_after_s=2, start_after_s=2)
    site.steady(0, 20, grid_a=40, draw_a=20)
    site.update(20)
    assert site.budget.rise_ma == site.budget.ma == [43_000] * 3
    site.meter(20, 40)
    site.draw(20.5, 6)  # it ramps down: what was it at 20.0? the house may have been 34 A
    site.meter(21, 34)
    site.draw(21.5, 6)
    site.update(21.6)
    assert site.budget.ma == [43_000] * 3
    assert site.budget.rise_ma == [63_000 - 34_000 + 6_000] * 3
    assert site.budget.start_ma == site.budget.rise_ma


def test_who_does_not_answer_may_draw_nothing_any_more_where_others_want_to_rise():
    site = _Site(raise_after_s=2, start_after_s=2)
    site.steady(0, 20, grid_a=40, draw_a=20)
    site.chargers.presence[0] = SILENT
    site.meter(20, 40)
    site.update(21)
    assert site.budget.ma == [43_000] * 3, "its last reading stands for it"
    assert site.budget.rise_ma == [23_000] * 3
