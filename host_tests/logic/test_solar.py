# Solar modes: what starts, with how much, and the timers.

from loadrail import reasons
from loadrail.budget import METER_FINE, METER_STALE
from loadrail.clock import FOREVER_MS, age_ms, clip
from logic.roofs import ONE, THREE, Roof, row_of

SETTLED_S = 40


def _amps(car, surplus_a, **group):
    """What a charger gets where that many amperes are left over on each of its phases."""
    phases = 3 if len(car["phases"]) > 2 else 1
    ma = surplus_a * 1000 if phases == 1 else [surplus_a * 1000] * 3
    return Roof([car], ma, group).step(SETTLED_S).limits_a()[0]


def test_each_mode_starts_and_charges_with_what_the_maker_says():
    plus_1, plus_8 = {"solar_mode": "eco_plus"}, {"solar_mode": "eco_plus", "eco_plus_min_a": 8}
    eco_10 = {"solar_mode": "eco", "eco_min_a": 10}
    table = (
        # mode, ((surplus in A, what the charger gets), ...)
        ({"solar_mode": "solar"}, ((0, 0), (5, 0), (6, 6), (7, 7), (16, 16), (40, 32))),
        (plus_1, ((0, 0), (1, 6), (5, 6), (6, 6), (10, 10))),
        (plus_8, ((0, 0), (6, 0), (7, 0), (8, 8), (12, 12))),
        (eco_10, ((0, 10), (5, 10), (9, 10), (10, 10), (16, 16))),
        ({"solar_mode": "eco"}, ((0, 6), (3, 6), (9, 9))),
        ({"solar_mode": "off"}, ((0, 0), (30, 0))),
        ({"solar_mode": "fast"}, ((0, 32), (10, 32))),
    )
    for mode, rows in table:
        for car in (ONE, THREE):
            for surplus in ("sum", "phase"):
                for surplus_a, amps in rows:
                    got = _amps(row_of(car, **mode), surplus_a, surplus=surplus)
                    assert got == amps, (mode, car, surplus, surplus_a, got)


def test_a_surplus_is_cut_to_whole_amperes_and_never_rounded_up():
    for ma, amps in ((5999, 0), (6000, 6), (6999, 6), (7000, 7), (12_999, 12)):
        assert Roof([ONE], ma).step(SETTLED_S).limits_a() == [amps], ma


def test_sum_nets_the_phases_and_phase_counts_the_least_of_them():
    for sun, phase_a, sum_a in (
        ([18_000, 0, 0], 0, 6),
        ([10_000, 8000, 6000], 6, 8),
        ([20_000, 20_000, -4000], 0, 12),
        ([6000, 6000, 5999], 0, 0),
        ([-3000, 30_000, -3000], 0, 8),
    ):
        for surplus, amps in (("phase", phase_a), ("sum", sum_a)):
            roof = Roof([THREE], sun, {"surplus": surplus}).step(SETTLED_S)
            assert roof.limits_a() == [amps], (sun, surplus)


def test_phase_counts_only_the_phases_that_a_charger_uses():
    sun = [2000, 9000, 2000]
    roof = Roof([row_of(ONE, phases="L2")], sun, {"surplus": "phase"}).step(SETTLED_S)
    assert roof.limits_a() == [9]


def test_the_chargers_own_minimum_counts_where_it_is_higher():
    car = row_of(THREE, min_3p_a=8)
    for surplus_a, amps in ((7, 0), (8, 8)):
        assert _amps(car, surplus_a) == amps
    assert _amps(row_of(car, solar_mode="eco_plus"), 2) == 8


def test_what_it_draws_itself_is_part_of_the_surplus():
    roof = Roof([ONE], 9000).step(600)
    assert roof.limits_a() == [9]
    assert roof.why() == reasons.SUN_SHARE


def _charging(mode="solar", **group):
    roof = Roof([row_of(ONE, solar_mode=mode)], 10_000, group).step(SETTLED_S)
    assert roof.limits_a() == [10]
    return roof


def test_on_a_shortage_6_a_are_held_for_30_s_and_then_nothing():
    for hold_s in (30, 1, 45):
        for mode in ("solar", "eco_plus"):
            roof = _charging(mode, solar_hold_s=hold_s).sun(0)
            roof.until(lambda r: r.why() == reasons.SUN_SHORT, 10)
            assert roof.limits_a() == [6]
            held_s = roof.until(lambda r: r.limits_a() == [0])
            assert held_s == hold_s, (mode, held_s)


def test_enough_again_must_last_for_2_min_before_it_goes_on():
    for resume_s in (120, 1, 75):
        roof = _charging(solar_resume_s=resume_s).sun(0).step(60).sun(8000)
        assert roof.limits_a() == [0]
        roof.until(lambda r: r.why() == reasons.SUN_LASTS, 20)
        waited_s = roof.until(lambda r: r.limits_a() != [0])
        assert waited_s == resume_s, waited_s


def test_a_shortage_that_ends_within_30_s_stops_nothing():
    roof = _charging().sun(3000).step(28).sun(10_000)
    for _ in range(200):
        assert roof.step().limits_a()[0] >= 6
    assert roof.limits_a() == [10]


def test_short_breaks_in_a_shortage_do_not_give_30_s_more():
    roof = _charging()
    grid_s = 0
    for _ in range(40):
        roof.sun(2000).step(20).sun(9000).step(12)
        grid_s += 20 if roof.limits_a()[0] else 0
    assert grid_s <= 60
    assert roof.limits_a() == [0]


def test_a_gap_of_some_seconds_does_not_begin_the_2_min_anew():
    roof = _charging().sun(0).step(60).sun(8000)
    roof.until(lambda r: r.why() == reasons.SUN_LASTS, 20)
    roof.step(60).sun(0).step(4).sun(8000)
    assert roof.until(lambda r: r.limits_a() == [8]) <= 66


def test_a_gap_of_half_a_minute_begins_the_2_min_anew():
    roof = _charging().sun(0).step(60).sun(8000).step(100).sun(0).step(30).sun(8000)
    assert roof.until(lambda r: r.limits_a() == [8]) >= 120


def test_a_glint_of_sun_starts_nothing():
    roof = Roof([ONE], 0).step(60)
    for _ in range(20):
        roof.sun(20_000).step(8).sun(0).step(20)
        assert roof.limits_a() == [0]


def test_one_odd_sample_lowers_nobody():
    roof = _charging().sun(0).step(1).sun(10_000)
    for _ in range(30):
        assert roof.step().limits_a() == [10]


def test_the_first_start_waits_for_no_2_min():
    roof = Roof([ONE], 0).step(30).sun(7000)
    assert roof.until(lambda r: r.limits_a() == [7]) < 20


def test_the_next_car_waits_for_no_2_min_either():
    roof = _charging().sun(0).step(60)
    roof.cars[0]["here"] = False
    roof.step(5)
    roof.cars[0]["here"] = True
    assert roof.sun(7000).until(lambda r: r.limits_a() == [7]) < 20


def test_eco_plus_goes_on_down_to_its_minimum_and_starts_at_it():
    car = row_of(ONE, solar_mode="eco_plus", eco_plus_min_a=9)
    roof = Roof([car], 9000).step(SETTLED_S)
    assert roof.limits_a() == [9]
    assert roof.sun(6000).step(300).limits_a() == [6]
    assert roof.sun(5000).step(60).limits_a() == [0]
    assert roof.sun(8000).step(300).limits_a() == [0]
    assert roof.sun(9000).step(140).limits_a() == [9]


def test_eco_never_stops_for_want_of_sun():
    roof = Roof([row_of(ONE, solar_mode="eco", eco_min_a=8)], 20_000).step(SETTLED_S)
    assert roof.limits_a() == [20]
    assert roof.sun(0).step(300).limits_a() == [8]


def test_the_mode_changes_in_mid_session():
    roof = _charging()
    assert roof.mode("fast").step(20).limits_a() == [32]
    assert roof.mode("solar").step(3).limits_a()[0] >= 6
    assert roof.step(60).limits_a() == [10]
    assert roof.mode("off").step(1).limits_a() == [0]
    assert roof.why() == reasons.SOLAR_OFF
    assert roof.mode("eco_plus").step(SETTLED_S).limits_a() == [10]
    assert roof.sun(0).step(60).limits_a() == [0]
    assert roof.mode("eco").step(SETTLED_S).limits_a() == [6]


def test_from_fast_to_solar_without_sun_it_stops_after_30_s():
    roof = Roof([row_of(ONE, solar_mode="fast")], 0).step(SETTLED_S)
    roof.mode("solar").step(2)
    assert roof.limits_a() == [6]
    roof.step(26)
    assert roof.limits_a() == [6]
    assert roof.step(6).limits_a() == [0]


def test_a_new_configuration_does_not_begin_a_timer_anew():
    roof = _charging().sun(0)
    roof.until(lambda r: r.why() == reasons.SUN_SHORT, 10)
    roof.step(20).configure(margin_a=1)
    assert roof.until(lambda r: r.limits_a() == [0]) <= 9
    roof.sun(8000).until(lambda r: r.why() == reasons.SUN_LASTS, 20)
    roof.step(100).configure(margin_a=2)
    assert roof.until(lambda r: r.limits_a() != [0]) == 20


def test_without_a_meter_there_is_no_surplus_and_solar_stops():
    for mode, amps in (("solar", 0), ("eco_plus", 0), ("eco", 6)):
        roof = _charging(mode)
        roof.budget.meter = METER_STALE
        for _ in range(60):
            assert roof.step(1, metered=False).limits_a()[0] <= 6
        assert roof.limits_a() == [amps], mode
        roof.budget.meter = METER_FINE
        roof.step(300)
        assert roof.limits_a() == [10], mode


def test_a_meter_whose_samples_stop_leaves_no_surplus():
    roof = _charging().step(60, metered=False)
    assert roof.limits_a() == [0]
    assert roof.why() == reasons.SUN_UNKNOWN


def test_s3_the_budget_is_on_top_of_the_sun():
    roof = Roof([ONE], 20_000)
    roof.budget.set(9300)
    assert roof.step(SETTLED_S).limits_a() == [9]
    roof.budget.set(5000)
    assert roof.step(5).limits_a() == [0]


def test_timers_survive_the_longest_silence_of_the_counter():
    roof = _charging().sun(0).step(60)
    s = roof.solar
    s.fit_at[0] = roof.now_ms
    for _ in range(20):
        roof.now_ms = (roof.now_ms + FOREVER_MS // 2) & 0x3FFFFFFF
        s.clip_stamps(roof.now_ms)
    assert age_ms(roof.now_ms, s.fit_at[0]) == FOREVER_MS
    assert s.fit_at[0] == clip(roof.now_ms, s.fit_at[0])
