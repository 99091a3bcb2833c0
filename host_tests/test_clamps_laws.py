"""Laws of the current clamps over drawn currents, waves, offsets and sample rates."""

import math
from array import array

from conftest import cases_of
from hypothesis import given
from hypothesis import strategies as st
from logic.test_clamps import sine

from loadrail import clamps
from loadrail.clamps import Clamp

mains_hz = st.one_of(st.sampled_from([50.0, 60.0]), st.floats(49.5, 50.5), st.floats(59.5, 60.5))
turns = st.floats(0, 2 * math.pi)
waves = st.fixed_dictionaries(
    {
        "hz": mains_hz,
        "start": turns,
        "third": st.sampled_from([0, 0.2]),
        "turn": turns,
        "offset": st.floats(-60, 60),
    }
)


def error_percent(clamp, ma):
    return abs(clamp.ma - ma) * 100 / ma


@cases_of(300)
@given(st.integers(2000, 150_000), waves)
def test_the_reading_is_within_1_percent_from_2_to_150_amperes(ma, wave):
    clamp = Clamp()
    assert clamp.measure(sine(clamp, ma, **wave)) == clamps.FINE
    assert error_percent(clamp, ma) <= 1


@cases_of(300)
@given(st.integers(3000, 150_000), st.integers(2000, 5000), waves)
def test_at_any_rate_from_2_to_5_khz_it_is_within_1_percent_from_3_amperes(ma, rate_hz, wave):
    clamp = Clamp(rate_hz)
    assert clamp.measure(sine(clamp, ma, rate_hz=rate_hz, **wave)) == clamps.FINE
    assert error_percent(clamp, ma) <= 1


@cases_of(200)
@given(st.integers(2000, 3000), st.sampled_from([2000, 2400, 2500, 3000, 4000, 5000]), waves)
def test_in_step_with_the_mains_it_is_within_2_percent_from_2_amperes(ma, rate_hz, wave):
    clamp = Clamp(rate_hz)
    assert clamp.measure(sine(clamp, ma, rate_hz=rate_hz, **wave)) == clamps.FINE
    assert error_percent(clamp, ma) <= 2


@cases_of(200)
@given(st.integers(200_000, 3_000_000), waves)
def test_a_current_beyond_the_adc_never_reads_less_than_full_scale(ma, wave):
    clamp = Clamp()
    wave["third"] = 0  # a harmonic may flatten the top, so that a little more fits
    assert clamp.measure(sine(clamp, ma, **wave)) == clamps.ABOVE_RANGE
    assert clamp.ma >= clamp.full_scale_ma


stretches = st.integers(0, 2000).flatmap(
    lambda seed: st.tuples(
        st.just(seed), st.integers(0, 65_535), st.integers(0, 65_535), st.integers(0, 700)
    )
)


@cases_of(300)
@given(stretches, st.integers(0, 5), st.integers(1, 4))
def test_any_samples_give_a_state_and_a_reading_only_where_it_is_one(stretch, first, step):
    seed, low, span, length = stretch
    samples = array("I", [low + (seed * k * k + k) % (span + 1) for k in range(length)])
    clamp = Clamp()
    state = clamp.measure(samples, first, step)
    assert state in (clamps.FINE, clamps.TOO_FEW, clamps.UNPLUGGED, clamps.ABOVE_RANGE)
    assert (clamp.ma is None) == (state in (clamps.TOO_FEW, clamps.UNPLUGGED))
    assert clamp.ma is None or clamp.ma >= 0
    zero = (clamp.offset, clamp.noise_ma)
    if clamp.calibrate(samples, first, step) != clamps.FINE:
        assert (clamp.offset, clamp.noise_ma) == zero


@cases_of(100)
@given(st.integers(600, 150_000), st.integers(0, 500), waves)
def test_a_calibrated_noise_only_lowers_the_reading_and_by_no_more_than_itself(ma, noise, wave):
    clamp = Clamp()
    samples = sine(clamp, ma, **wave)
    clamp.measure(samples)
    plain = clamp.ma
    assert clamp.set_zero(2048, noise)
    clamp.measure(samples)
    assert plain - noise <= clamp.ma <= plain


@cases_of(200)
@given(st.integers(0, 1 << 90))
def test_the_root_is_that_of_the_standard_library(square):
    assert clamps.isqrt(square) == math.isqrt(square)


def test_the_inner_sums_need_no_heap_on_a_32_bit_board():
    assert clamps._BLOCK * clamps._TOP * clamps._TOP < 1 << 30
    for rate_hz in (1000, 2000, 2510, 5000, 10_000):
        clamp = Clamp(rate_hz)
        assert sum(count for count, _ in clamp._blocks) == clamp.length
        assert max(count for count, _ in clamp._blocks) <= clamps._BLOCK
        assert sum(count * weight for count, weight in clamp._blocks) == clamp._weight
        assert clamp._weight * clamps._TOP < 1 << 30
