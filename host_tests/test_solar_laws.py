"""Laws of the solar modes, for drawn skies, groups and modes."""

from conftest import cases_of
from hypothesis import given
from hypothesis import strategies as st
from logic.roofs import ONE, THREE, Roof

RESUME_S = 120
HOLD_S = 30
GAP_S = 5
FIRST_S = 10

sky = st.lists(
    st.tuples(st.integers(-10, 40), st.integers(1, 150)), min_size=1, max_size=12
)  # (A over all phases, s)
car = st.builds(
    lambda like, mode, plus_a, takes_a, priority: {
        **like,
        "solar_mode": mode,
        "eco_plus_min_a": plus_a,
        "takes_a": takes_a,
        "priority": priority,
    },
    st.sampled_from([ONE, THREE, {**ONE, "phases": "L2"}]),
    st.sampled_from(["solar", "solar", "eco_plus", "eco", "fast", "off"]),
    st.sampled_from([1, 6, 9]),
    st.sampled_from([6, 9, 32]),
    st.sampled_from([5, 5, 1]),
)
group = st.fixed_dictionaries(
    {
        "sharing": st.sampled_from(["equal", "priority"]),
        "surplus": st.sampled_from(["sum", "phase"]),
    }
)
start = st.sampled_from([0, (1 << 30) - 100_000])


def spread(sky_a):
    return [sky_a * 1000 // 3 + 1] * 3


def play(cars, settings, drawn, start_ms, look):
    """Let the sky change as drawn; `look(roof)` after every second."""
    roof = Roof(cars, [0, 0, 0], settings, start_ms)
    for amps, seconds in drawn:
        roof.sun(spread(amps))
        for _ in range(seconds):
            look(roof.step())
    return roof


def phases_of(roof, i):
    return bin(roof.c.mask[i]).count("1")


@cases_of(40)
@given(st.lists(car, min_size=1, max_size=5), group, sky, start, st.integers(0, 40))
def test_s1_s3_limits_stay_whole_within_the_budget_and_never_below_a_minimum(
    cars, settings, drawn, start_ms, budget_a
):
    def look(roof):
        roof.budget.set(budget_a * 1000)
        limits_ma = roof.c.limit_ma
        for i in range(roof.c.n):
            assert limits_ma[i] % 1000 == 0
            assert limits_ma[i] == 0 or limits_ma[i] >= 6000
        if roof.passed_s > 1:  # the first second was the old budget's
            for phase in range(3):
                on_it = [i for i in range(roof.c.n) if roof.c.mask[i] >> phase & 1]
                assert sum(limits_ma[i] for i in on_it) <= budget_a * 1000

    play(cars, settings, drawn, start_ms, look)


@cases_of(40)
@given(st.lists(car, min_size=1, max_size=5), group, sky, start)
def test_solar_cars_together_have_no_more_than_the_surplus_or_their_minimums(
    cars, settings, drawn, start_ms
):
    cars = [{**car, "solar_mode": "solar"} for car in cars]

    def look(roof):
        c, surplus = roof.c, roof.solar.surplus
        running = [i for i in range(c.n) if c.limit_ma[i]]
        for phase in range(1 if surplus.summed else 3):
            mine = [i for i in running if surplus.summed or c.mask[i] >> phase & 1]
            weight = {i: phases_of(roof, i) if surplus.summed else 1 for i in mine}
            given_ma = sum(c.limit_ma[i] * weight[i] for i in mine)
            least_ma = sum(6000 * weight[i] for i in mine)
            most_ma = max(0, surplus.ma[phase]) if surplus.known else 0
            assert given_ma <= max(most_ma, least_ma)
            if given_ma > least_ma:
                assert given_ma <= most_ma

    play(cars, settings, drawn, start_ms, look)


@cases_of(40)
@given(sky, start, st.sampled_from(["solar", "eco_plus"]))
def test_a_charge_resumes_only_after_2_min_of_enough_and_holds_30_s_at_most(drawn, start_ms, mode):
    state = {"on": False, "fresh": True, "enough": [], "short": 0, "balance": 0}

    def look(roof):
        enough = roof.solar.surplus.known and roof.solar.surplus.now_ma[0] >= 6000
        on = roof.c.limit_ma[0] > 0
        if on and not state["on"]:
            lasts_s = FIRST_S if state["fresh"] else RESUME_S
            past = [*state["enough"], enough][-lasts_s:]
            assert len(past) == lasts_s
            text = "".join("+" if here else "-" for here in past)
            assert "-" * (GAP_S + 1) not in text
            assert text[-1] == "+"
            state["balance"] = 0
        elif on:
            state["balance"] = max(0, state["balance"] + (-1 if enough else 1))
            assert state["balance"] <= HOLD_S + 1
        elif state["on"]:
            state["fresh"] = False
        state["on"] = on
        state["enough"].append(enough)

    cars = [{**ONE, "solar_mode": mode, "eco_plus_min_a": 6}]
    play(cars, {}, drawn, start_ms, look)


@cases_of(30)
@given(st.lists(car, min_size=1, max_size=4), group, sky, st.data())
def test_modes_may_change_at_any_moment(cars, settings, drawn, data):
    modes = st.sampled_from(["solar", "eco_plus", "eco", "fast", "off"])
    roof = Roof(cars, [0, 0, 0], settings)
    for amps, seconds in drawn:
        roof.sun(spread(amps))
        i = data.draw(st.integers(0, len(cars) - 1))
        mode = data.draw(modes)
        roof.mode(mode, i)
        roof.step(seconds)
        if mode == "off":
            assert roof.c.limit_ma[i] == 0
        if mode == "eco" and seconds > 20:
            assert roof.c.limit_ma[i] >= 6000


@cases_of(20)
@given(st.lists(car, min_size=1, max_size=4), group, sky)
def test_s4_the_same_sky_gives_the_same_limits_also_over_the_counters_wrap(cars, settings, drawn):
    histories = []
    for start_ms in (1000, (1 << 30) - 60_000, 1000):
        seen = []
        play(cars, settings, drawn, start_ms, lambda roof, seen=seen: seen.append(roof.limits_a()))
        histories.append(seen)
    assert histories[0] == histories[1] == histories[2]
