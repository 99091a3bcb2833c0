"""S5 over drawn meter samples: what a site can show passes, and each single fault is named."""

from conftest import cases_of
from hypothesis import assume, given
from hypothesis import strategies as st

from loadrail import plausible
from loadrail.clock import add_ms
from loadrail.plausible import Frozen, Plausible

RANGE_A = 100

anything = st.one_of(st.none(), st.integers(), st.integers(-400_000, 400_000))
three = st.lists(anything, min_size=3, max_size=3)


@cases_of(500)
@given(
    st.lists(
        st.tuples(st.integers(0, 1 << 29), three, three, three, anything, anything, anything),
        min_size=1,
        max_size=8,
    ),
    st.integers(1, 1000),
    st.sampled_from([1, 3]),
)
def test_s5_any_numbers_give_a_code_and_a_sentence(samples, range_a, phases):
    judge = Plausible(range_a, phases)
    now_ms = 0
    for span_ms, *sample in samples:
        now_ms = add_ms(now_ms, span_ms)
        code = judge.judge(now_ms, *sample)
        assert plausible.PLAUSIBLE <= code <= plausible.FROZEN
        assert "{" not in judge.sentence()
        if any(ma is None for ma in sample[0][:phases]):
            assert code != plausible.PLAUSIBLE


@st.composite
def a_site(draw):
    """A sample of a real connection: power is part of current times voltage, and every value has
    the error of a meter.
    """
    current_ma = draw(st.lists(st.integers(-99_999, 99_999), min_size=3, max_size=3))
    voltage_mv = draw(st.lists(st.integers(80_000, 300_000), min_size=3, max_size=3))
    power_w = []
    for ma, mv in zip(current_ma, voltage_mv, strict=True):
        factor = draw(st.integers(0, 105))  # percent: what is real, and the error of two readings
        small = draw(st.integers(-20, 20))
        power_w.append(ma * mv // 1_000_000 * factor // 100 + small)
    error = draw(st.integers(-4, 4))
    total_w = sum(power_w) + sum(map(abs, power_w)) * error // 100 + draw(st.integers(-40, 40))
    return {
        "current_ma": current_ma,
        "voltage_mv": voltage_mv,
        "power_w": power_w,
        "total_w": total_w,
        "frequency_mhz": draw(st.integers(45_000, 65_000)),
        "draw_ma": draw(st.one_of(st.none(), st.integers(0, 640_000 * 3))),
    }


@cases_of(500)
@given(a_site(), st.sets(st.sampled_from(["voltage_mv", "power_w", "total_w", "frequency_mhz"])))
def test_s5_what_a_site_can_show_is_plausible(sample, missing):
    for key in missing:
        sample[key] = plausible.UNKNOWN if key in ("voltage_mv", "power_w") else None
    judge = Plausible(RANGE_A)
    assert judge.judge(0, **sample) == plausible.PLAUSIBLE, judge.sentence()


@cases_of(200)
@given(a_site(), st.sampled_from([1, 10, 100, 1000]))
def test_s5_a_meter_that_cuts_its_currents_is_plausible_with_its_step_known(sample, step_ma):
    cut = [abs(ma) // step_ma * step_ma for ma in sample["current_ma"]]
    sample["current_ma"] = cut
    judge = Plausible(RANGE_A, 3, step_ma)
    assert judge.judge(0, **sample) == plausible.PLAUSIBLE, judge.sentence()


phases = st.integers(0, 2)


@cases_of(200)
@given(a_site(), phases)
def test_s5_a_missing_current_is_named(sample, phase):
    sample["current_ma"][phase] = None
    judge = Plausible(RANGE_A)
    assert judge.judge(0, **sample) == plausible.CURRENT_MISSING
    assert judge.phase == phase


@cases_of(200)
@given(a_site(), phases, st.integers(100_000, 1 << 40), st.sampled_from([1, -1]))
def test_s5_a_current_beyond_the_range_is_named(sample, phase, size_ma, sign):
    sample["current_ma"][phase] = sign * size_ma
    judge = Plausible(RANGE_A)
    assert judge.judge(0, **sample) == plausible.CURRENT_RANGE
    assert (judge.phase, judge.value) == (phase, sign * size_ma)


@cases_of(200)
@given(a_site(), phases, st.one_of(st.integers(max_value=79_999), st.integers(300_001)))
def test_s5_a_voltage_that_no_phase_has_is_named(sample, phase, mv):
    sample["voltage_mv"][phase] = mv
    judge = Plausible(RANGE_A)
    code = judge.judge(0, **sample)
    assert code == (plausible.VOLTAGE_LOW if mv < 80_000 else plausible.VOLTAGE_HIGH)
    assert (judge.phase, judge.value) == (phase, mv)


@cases_of(200)
@given(a_site(), st.one_of(st.integers(max_value=44_999), st.integers(65_001)))
def test_s5_a_frequency_that_no_grid_has_is_named(sample, mhz):
    sample["frequency_mhz"] = mhz
    judge = Plausible(RANGE_A)
    assert judge.judge(0, **sample) == plausible.FREQUENCY
    assert judge.value == mhz


@cases_of(200)
@given(a_site(), st.integers(1, 1 << 40), st.sampled_from([1, -1]))
def test_s5_a_total_that_is_not_the_sum_is_named(sample, beyond_w, sign):
    sum_w = sum(sample["power_w"])
    size_w = sum(map(abs, sample["power_w"]))
    sample["total_w"] = sum_w + sign * (size_w * 5 // 100 + 50 + beyond_w)
    judge = Plausible(RANGE_A)
    assert judge.judge(0, **sample) == plausible.TOTAL_POWER
    assert (judge.value, judge.other) == (sample["total_w"], sum_w)


@cases_of(200)
@given(a_site(), phases, st.integers(0, 1 << 40), st.sampled_from([1, -1]))
def test_s5_a_power_without_its_current_is_named(sample, phase, beyond_w, sign):
    most_w = abs(sample["current_ma"][phase]) * sample["voltage_mv"][phase] // 1_000_000
    sample["power_w"][phase] = sign * ((most_w + 50) * 10 // 9 + 5 + beyond_w)
    sample["total_w"] = sum(sample["power_w"])
    judge = Plausible(RANGE_A)
    assert judge.judge(0, **sample) == plausible.PHASE_POWER
    assert (judge.phase, judge.value) == (phase, sample["power_w"][phase])


@cases_of(200)
@given(
    st.integers(0, (1 << 30) - 1),
    st.integers(200, 10_000),
    st.integers(0, 64_000),
    st.integers(0, 64_000),
    st.lists(st.integers(-60_000, 60_000), min_size=3, max_size=3),
)
def test_s5_a_frozen_meter_is_found_within_two_minutes_of_the_move(
    start_ms, every_ms, before_ma, after_ma, current_ma
):
    assume(abs(after_ma - before_ma) > 3000)
    frozen = Frozen()
    found_ms = None
    for at_ms in range(0, 150_001, every_ms):
        draw_ma = before_ma if at_ms <= 30_000 else after_ma
        stuck = frozen.sample(add_ms(start_ms, at_ms), current_ma, plausible.UNKNOWN, draw_ma)
        assert not stuck or at_ms >= 60_000
        if stuck and found_ms is None:
            found_ms = at_ms
    assert found_ms is not None
    assert frozen.moved_ma == abs(after_ma - before_ma)


@st.composite
def loads(draw):
    """What the chargers draw: levels that last, each with its length in seconds."""
    return draw(st.lists(st.tuples(st.integers(0, 96_000), st.integers(1, 120)), max_size=8))


@cases_of(200)
@given(loads(), st.integers(0, 12), st.integers(0, 12), st.integers(1, 5))
def test_s5_a_meter_that_follows_however_late_is_never_called_stuck(
    levels, meter_late_s, read_late_s, every_s
):
    flows = [total for total, seconds in levels for _ in range(seconds)]
    judge = Plausible(1000)
    for at in range(0, len(flows), every_s):
        shown = flows[max(0, at - meter_late_s)]
        known = flows[max(0, at - read_late_s)]
        code = judge.judge(at * 1000, [shown, 5000, 0], draw_ma=known)
        assert code == plausible.PLAUSIBLE, at


@cases_of(100)
@given(st.lists(st.integers(0, 3000), min_size=1, max_size=60), st.integers(0, 60_000), three)
def test_s5_a_quiet_site_with_a_steady_draw_is_never_called_stuck(wobble_ma, base_ma, values):
    frozen = Frozen()
    for at in range(600):
        draw_ma = base_ma + wobble_ma[at % len(wobble_ma)]
        assert not frozen.sample(at * 1000, values, plausible.UNKNOWN, draw_ma)
