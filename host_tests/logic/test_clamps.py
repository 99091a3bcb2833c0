# From samples of a current clamp to milliamperes, in steps of 134 mA as the default burden gives.

import math
from array import array

from loadrail import clamps
from loadrail.clamps import Clamp

_STEP_MA = 3_300_000 * 3000 / 4096 / 18_000


def sine(clamp, rms_ma, hz=50, rate_hz=clamps.RATE_HZ, start=0.3, third=0, turn=0, offset=0):
    """What an ADC shows of a current: samples rounded and cut at its ends. `offset` in steps."""
    peak = rms_ma / _STEP_MA * math.sqrt(2 / (1 + third * third))
    samples = array("H")
    for k in range(clamp.length):
        angle = 2 * math.pi * hz * k / rate_hz + start
        value = peak * (math.sin(angle) + third * math.sin(3 * angle + turn))
        samples.append(min(4095, max(0, round(2048 + offset + value))))
    return samples


def level(clamp, value):
    return array("H", [value] * clamp.length)


def noise(clamp, steps, seed=1):
    """Uniform noise of up to +-`steps` around the middle, the same on every interpreter."""
    samples = array("H")
    for _ in range(clamp.length):
        seed = (seed * 1103 + 12345) % 65521
        samples.append(2048 - steps + seed % (2 * steps + 1))
    return samples


def near(clamp, ma, percent=1.0):
    return clamp.ma is not None and abs(clamp.ma - ma) * 100 <= percent * ma


def test_a_sine_is_read_within_a_percent_from_2_to_150_amperes():
    clamp = Clamp()
    for hz in (50, 60, 49.5, 50.5):
        for ma in (2000, 3000, 6000, 16_000, 63_000, 150_000):
            for start in (0, 0.4, 1.1, 1.57, 2.5):
                assert clamp.measure(sine(clamp, ma, hz, start=start)) == clamps.FINE
                assert near(clamp, ma), (hz, ma, start, clamp.ma)


def test_every_sample_rate_from_2_to_5_khz_will_do():
    for rate_hz in (2000, 2001, 2345, 2500, 3333, 4000, 4999, 5000):
        clamp = Clamp(rate_hz)
        for hz in (50, 60, 49.5, 50.5):
            clamp.measure(sine(clamp, 10_000, hz, rate_hz))
            assert near(clamp, 10_000), (rate_hz, hz, clamp.ma)


def test_a_third_harmonic_counts_with_what_it_heats():
    clamp = Clamp()
    for turn in (0, 1.57, 3.14, 4.7):
        for ma in (2000, 16_000, 150_000):
            assert clamp.measure(sine(clamp, ma, third=0.2, turn=turn)) == clamps.FINE
            assert near(clamp, ma), (turn, ma, clamp.ma)


def test_an_offset_is_no_current():
    clamp = Clamp()
    for offset in (-300, -60, 60.5, 300):
        clamp.measure(sine(clamp, 10_000, offset=offset))
        assert near(clamp, 10_000), (offset, clamp.ma)
    clamp.measure(level(clamp, 2100))
    assert clamp.ma == 0


def test_150_amperes_fit_the_adc_with_a_harmonic_and_an_offset():
    clamp = Clamp()
    assert clamp.measure(sine(clamp, 150_000, third=0.2, turn=math.pi, offset=180)) == 0
    assert clamp.full_scale_ma == 194_454


def test_ratio_burden_and_reference_scale_the_reading():
    plain = Clamp()
    samples = sine(plain, 20_000)
    plain.measure(samples)
    for more, scale in (((2000, 18_000, 3300), 2 / 3), ((3000, 36_000, 3300), 1 / 2)):
        clamp = Clamp(clamps.RATE_HZ, *more)
        clamp.measure(samples)
        assert near(clamp, plain.ma * scale, 0.01)
    clamp = Clamp(reference_mv=1650)
    clamp.measure(samples)
    assert near(clamp, plain.ma / 2, 0.01)


def test_channels_sampled_in_turn_are_read_with_a_step():
    clamp = Clamp()
    rows = [sine(clamp, ma) for ma in (5000, 10_000, 20_000)]
    mixed = array("H", [0, 4095])  # what lies before it is not looked at
    for k in range(clamp.length):
        for row in rows:
            mixed.append(row[k])
    for channel in (0, 1, 2):
        clamp.measure(rows[channel])
        alone = clamp.ma
        assert clamp.measure(memoryview(mixed), 2 + channel, 3) == clamps.FINE
        assert clamp.ma == alone


def test_one_sample_less_than_needed_is_no_reading():
    clamp = Clamp()
    samples = sine(clamp, 10_000)
    assert clamp.measure(samples) == clamps.FINE
    assert clamp.measure(samples[:-1]) == clamps.TOO_FEW
    assert clamp.ma is None
    assert clamp.measure(samples, 1) == clamps.TOO_FEW
    assert clamp.measure(array("H")) == clamps.TOO_FEW
    mixed = array("H", list(samples) * 3)
    assert clamp.measure(mixed, 2, 3) == clamps.FINE
    assert clamp.measure(mixed, 3, 3) == clamps.TOO_FEW


def test_a_stretch_is_a_window_of_whole_periods_and_5_ms():
    for rate_hz, length in ((2000, 210), (2510, 264), (5000, 525), (4000, 420)):
        assert Clamp(rate_hz).length == length


def test_a_single_sample_at_either_end_reads_as_full_scale():
    clamp = Clamp()
    for end in (0, 4095):
        samples = sine(clamp, 10_000)
        samples[7] = end
        assert clamp.measure(samples) == clamps.ABOVE_RANGE
        assert clamp.ma >= clamp.full_scale_ma


def test_a_current_beyond_the_adc_reads_at_least_full_scale():
    clamp = Clamp()
    for ma in (196_000, 300_000, 2_000_000):
        for offset in (0, -350, 350):
            assert clamp.measure(sine(clamp, ma, offset=offset)) == clamps.ABOVE_RANGE
            assert clamp.ma >= clamp.full_scale_ma
    assert clamp.ma > 260_000  # cut to a square wave of 275 A


def test_an_input_at_one_end_is_a_current_only_where_it_swings():
    clamp = Clamp()
    for end, way in ((0, 1), (4095, -1)):
        for swing, state in ((1023, clamps.UNPLUGGED), (1024, clamps.ABOVE_RANGE)):
            samples = level(clamp, end)
            for k in range(0, clamp.length, 2):
                samples[k] = end + way * swing
            assert clamp.measure(samples) == state, (end, swing)


def test_an_input_far_from_the_middle_has_no_clamp():
    clamp = Clamp()
    for value in (0, 5, 1600, 2500, 4095):
        assert clamp.measure(level(clamp, value)) == clamps.UNPLUGGED, value
        assert clamp.ma is None
        assert clamp.calibrate(level(clamp, value)) == clamps.UNPLUGGED
    for value in (1700, 2048, 2400):
        assert clamp.measure(level(clamp, value)) == clamps.FINE, value


def test_calibration_takes_the_noise_off():
    clamp = Clamp()
    clamp.measure(noise(clamp, 4))
    raw_ma = clamp.ma
    assert 300 < raw_ma < 400  # +-4 steps, uniform: 2.6 steps RMS
    assert clamp.calibrate(noise(clamp, 4)) == clamps.FINE
    assert clamp.noise_ma == raw_ma
    clamp.measure(noise(clamp, 4))
    assert clamp.ma < 30  # the root of the noise is rounded down
    samples = sine(clamp, 2000)
    rough = noise(clamp, 4, 77)
    for k in range(clamp.length):
        samples[k] += rough[k] - 2048
    clamp.measure(samples)
    with_ma = clamp.ma
    clamp.set_zero(2048, 0)
    clamp.measure(samples)
    assert clamp.ma > with_ma
    assert abs(with_ma * with_ma + raw_ma * raw_ma - clamp.ma * clamp.ma) < 2 * clamp.ma + 2000


def test_calibration_takes_the_offset():
    clamp = Clamp()
    assert clamp.calibrate(level(clamp, 2231)) == clamps.FINE
    assert (clamp.offset, clamp.noise_ma) == (2231, 0)
    assert clamp.calibrate(level(clamp, 1700)) == clamps.FINE
    assert clamp.offset == 1700
    clamp.measure(sine(clamp, 10_000, offset=-348))
    assert near(clamp, 10_000)


def test_an_input_far_from_its_own_zero_has_no_clamp():
    clamp = Clamp()
    assert clamp.set_zero(1800, 0)
    assert clamp.measure(level(clamp, 2300)) == clamps.UNPLUGGED
    assert clamp.measure(level(clamp, 1500)) == clamps.FINE


def test_a_clamp_around_a_live_cable_is_not_calibrated_away():
    clamp = Clamp()
    clamp.set_zero(2050, 100)
    for ma in (700, 3000, 150_000):
        assert clamp.calibrate(sine(clamp, ma)) == clamps.NOT_EMPTY
    assert clamp.calibrate(sine(clamp, 400_000)) == clamps.ABOVE_RANGE
    assert (clamp.offset, clamp.noise_ma) == (2050, 100)


def test_only_a_zero_that_calibrate_could_have_found_is_taken():
    clamp = Clamp()
    for offset, noise_ma in ((0, 0), (1600, 0), (2500, 0), (2048, -1), (2048, 501)):
        assert not clamp.set_zero(offset, noise_ma)
        assert (clamp.offset, clamp.noise_ma) == (2048, 0)
    assert clamp.set_zero(2448, 500)


def test_three_clamps_make_a_sample_and_one_missing_makes_none():
    three = [Clamp(), Clamp(), Clamp()]
    for clamp, ma in zip(three, (1000, 2000, 3000)):
        clamp.measure(sine(clamp, ma * 10))
    current_ma = [None] * 3
    assert clamps.collect(three, current_ma)
    assert current_ma == [clamp.ma for clamp in three]
    three[1].measure(level(three[1], 0))
    current_ma = [1, 2, 3]
    assert not clamps.collect(three, current_ma)
    assert current_ma == [1, 2, 3]


def test_one_clamp_fills_in_its_phase_alone():
    clamp = Clamp()
    clamp.measure(sine(clamp, 10_000))
    current_ma = [0, 0, 0]
    assert clamps.collect([clamp], current_ma)
    assert current_ma[0] == clamp.ma
    assert current_ma[1:] == [0, 0]


def test_a_clamp_has_no_sign():
    assert not clamps.SIGNED
    clamp = Clamp()
    samples = sine(clamp, 10_000)
    clamp.measure(samples)
    ma = clamp.ma
    clamp.measure(array("H", [4096 - value for value in samples]))
    assert clamp.ma == ma > 0


def test_every_state_has_a_text():
    assert len(clamps.TEXTS) == clamps.NOT_EMPTY + 1
    assert len(set(clamps.TEXTS)) == len(clamps.TEXTS)


def test_roots_are_whole_and_rounded_down():
    for square, root in ((0, 0), (1, 1), (3, 1), (4, 2), (99, 9), (100, 10), (1 << 60, 1 << 30)):
        assert clamps.isqrt(square) == root
