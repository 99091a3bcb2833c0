# Several chargers and one surplus: the group's sharing mode, promises, turns, phases.

from loadrail import reasons
from loadrail.switch_states import ALL
from loadrail.switch_states import ONE as ONE_PHASE
from loadrail.switch_wishes import LITTLE_SUN, MORE_SUN, POWER_BACK, Wishes
from logic.roofs import ONE, THREE, Roof, row_of

SETTLED_S = 60


def _roof(n, sun, like=ONE, **group):
    return Roof([like] * n, sun, group).step(SETTLED_S)


def _charging(roof):
    return [i for i in range(roof.c.n) if roof.c.limit_ma[i]]


def test_equal_shares_the_surplus_in_whole_amperes():
    for n, ma, amps in (
        (2, 20_000, [10, 10]),
        (2, 12_000, [6, 6]),
        (3, 20_000, [6, 7, 7]),
        (2, 70_000, [31, 31]),
    ):
        roof = _roof(n, ma)
        assert sorted(roof.limits_a()) == amps, (ma, roof.limits_a())


def test_priority_gives_each_in_turn_all_that_it_can_take():
    cars = [row_of(ONE, priority=5, max_a=16), row_of(ONE, priority=1, max_a=16)]
    for ma, amps in ((20_000, [0, 16]), (22_000, [6, 16]), (9000, [0, 9]), (40_000, [16, 16])):
        roof = Roof(cars, ma, {"sharing": "priority"}).step(2 * SETTLED_S)
        assert roof.limits_a() == amps, (ma, roof.limits_a())


def test_what_a_car_does_not_take_of_the_surplus_goes_to_the_other():
    roof = Roof([row_of(ONE, takes_a=7), ONE], 30_000).step(200)
    assert roof.limits_a()[1] >= 19


def test_cars_on_one_and_on_three_phases_share_the_sum():
    roof = Roof([ONE, THREE], [14_000, 10_000, 10_000]).step(SETTLED_S)
    one_a, three_a = roof.limits_a()
    assert one_a >= 6
    assert three_a >= 6
    assert one_a + 3 * three_a <= 34


def test_fast_chargers_take_the_sun_first_and_solar_ones_what_is_left():
    cars = [row_of(ONE, solar_mode="fast", max_a=10), ONE]
    roof = Roof(cars, 25_000).step(SETTLED_S)
    assert roof.limits_a() == [10, 15]
    assert roof.sun(14_000).step(90).limits_a() == [10, 0]


def test_eco_leaves_the_sun_to_those_who_live_on_it():
    roof = Roof([row_of(ONE, solar_mode="eco", eco_min_a=8), ONE], 7000).step(SETTLED_S)
    assert roof.limits_a() == [8, 6]
    assert roof.sun(20_000).step(30).limits_a() == [10, 10]


def test_s10_a_surplus_for_k_of_n_lets_exactly_k_charge():
    for n, ma, k in ((2, 11_000, 1), (3, 13_000, 2), (5, 6000, 1), (4, 25_000, 4)):
        roof = _roof(n, ma)
        assert len(_charging(roof)) == k, (n, ma, roof.limits_a())


def test_s10_turns_go_round_within_ceil_n_over_k_intervals_without_a_gap():
    for n, ma, k in ((3, 7000, 1), (5, 12_000, 2)):
        roof = _roof(n, ma)
        rounds = (n + k - 1) // k
        idle_s = [0] * n
        for _ in range((2 * rounds + 1) * 180):
            roof.step(5)
            for i in range(n):
                idle_s[i] = 0 if roof.c.limit_ma[i] else idle_s[i] + 5
                assert idle_s[i] <= rounds * 900 + 60, (n, k, i)
            assert len(_charging(roof)) <= k


def test_a_change_of_turns_wastes_no_2_min_of_sun():
    roof = _roof(2, 8000)
    first = _charging(roof)
    dark_s = 0
    for _ in range(1200):
        roof.step()
        dark_s += 0 if _charging(roof) else 1
    assert _charging(roof) != first
    assert dark_s <= 10


def test_what_one_waits_2_min_for_is_not_promised_to_another():
    roof = Roof([ONE, row_of(ONE, here=False)], 8000).step(SETTLED_S)
    roof.sun(0).step(60)
    assert roof.limits_a() == [0, 0]
    roof.sun(8000).until(lambda r: r.why(0) == reasons.SUN_LASTS, 20)
    roof.cars[1]["here"] = True
    for _ in range(115):
        assert roof.step().limits_a() == [0, 0]
        assert roof.why(1) in (reasons.SUN_TURN, reasons.NO_CAR)
    assert roof.step(20).limits_a() == [8, 0]


def test_a_second_amount_that_has_not_lasted_does_not_resume():
    roof = _roof(2, 14_000)
    roof.sun(7000).step(60)
    assert len(_charging(roof)) == 1
    roof.sun(14_000)
    assert len(_charging(roof.step(100))) == 1
    assert len(_charging(roof.step(40))) == 2


def test_who_is_short_stays_short_and_does_not_swap_with_the_other():
    roof = _roof(2, 12_000).sun(11_000)
    for _ in range(60):
        roof.step()
    assert len(_charging(roof)) == 1


def test_while_one_holds_the_other_does_not_take_his_sun():
    roof = _roof(2, 12_000).sun(11_000)
    for _ in range(25):
        assert roof.step().limits_a() == [6, 6]


def test_a_car_that_nothing_suits_blocks_nobody():
    cars = [THREE, ONE]
    roof = Roof(cars, 12_000, {"rotation_interval_s": 300}).step(60)
    for _ in range(2000):
        assert roof.step().limits_a() == [0, 12]


def test_a_stopped_one_leaves_its_sun_at_once():
    roof = _roof(2, 20_000)
    roof.mode("off", 0).step(40)
    assert roof.limits_a() == [0, 20]


# --- phases

SWITCHED = row_of(THREE, phase_switching="on")


def _suits(sun, code=ALL, **group):
    """What the surplus would carry, in the column that the wishes read."""
    roof = Roof([SWITCHED], sun, group)
    roof.switching.configure(0, True)
    roof.switching.code[0] = code
    return roof.step(SETTLED_S).c.sun_for[0]


def test_the_sun_suits_one_phase_from_6_a_and_three_from_18_a():
    for ma, phases in ((0, 0), (5900, 0), (6000, 1), (17_900, 1), (18_000, 3), (40_000, 3)):
        assert _suits(ma) == phases, ma
    for sun, phases in (([7000, 5000, 9000], 1), ([6000] * 3, 3), ([5000, 9000, 9000], 0)):
        assert _suits(sun, surplus="phase") == phases, sun


def test_who_may_not_switch_or_has_no_solar_mode_is_asked_nothing():
    for mode in ("fast", "off", "eco"):
        roof = Roof([row_of(SWITCHED, solar_mode=mode), ONE], 9000)
        roof.switching.configure(0, True)
        assert roof.step(5).c.sun_for == [None, None]


def _wish(code, sun_for, seconds, why=0, room_a=32):
    roof = Roof([SWITCHED], 9000).step(SETTLED_S)
    c, s, w = roof.c, roof.switching, Wishes(1)
    s.configure(0, True)
    s.able[0] = True
    s.code[0] = c.phase_to_use[0] = code
    s.why[0] = why
    c.sun_for[0] = sun_for
    left = [room_a] * 7
    left[3] = 3 * room_a
    for k in range(seconds + 1):
        wish = w.wish(0, roof.now_ms + k * 1000 & 0x3FFFFFFF, c, s, left, left, 6, 6)
        if wish:
            return k, wish
    return None


def test_phases_follow_the_sun_when_it_lasts():
    for code, sun_for, why, room_a, wanted in (
        (ALL, 1, 0, 32, (60, (ONE_PHASE, LITTLE_SUN))),
        (ALL, 0, 0, 32, None),
        (ALL, 3, 0, 32, None),
        (ALL, 1, 0, 5, None),
        (ONE_PHASE, 3, LITTLE_SUN, 32, (300, (ALL, MORE_SUN))),
        (ONE_PHASE, 3, LITTLE_SUN, 5, None),
        (ONE_PHASE, 1, LITTLE_SUN, 32, None),
        (ONE_PHASE, 0, LITTLE_SUN, 32, None),
        (ONE_PHASE, None, LITTLE_SUN, 32, (120, (ALL, POWER_BACK))),  # no solar mode any more
    ):
        got = _wish(code, sun_for, 400, why, room_a)
        assert got == wanted, (code, sun_for, why, got)
