# Current clamps on a board's ADC: raw 12-bit samples become mA RMS, in whole numbers.
#
# A clamp is a current transformer of 3000:1 without a burden; the board has the burden and holds
# the middle of it at half the ADC's reference. The caller samples at a fixed rate and hands over
# one stretch a channel: `Clamp.length` values of 0..4095 (MicroPython: `read_u16() >> 4`).
# Nothing is allocated per sample, and the sums in the inner loop need no heap on a 32-bit board.
#
# Default burden, 18 ohm: 150 A / 3000 = 50 mA RMS, 70.7 mA peak, 1.27 V of the 1.65 V that are
# there on either side. A third harmonic of 20 % may raise the peak by 18 %, to 1.50 V; the rest is
# for an offset of up to 0.15 V. The ADC's end is at 194 A RMS of a pure sine; a step is 134 mA.

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


SIGNED = False  # an RMS value has no direction: export looks like import

RATIO = const(3000)
BURDEN_MOHM = const(18_000)
REFERENCE_MV = const(3300)

# Out of step with 50 and 60 Hz: each sample of a stretch falls on another point of the wave, and
# rounding averages out (under 1 % from 2 A). At 2000 or 2500 Hz the same few points come again
# and again: then it is up to 2 % at 2 A, under 1 % from 3 A.
RATE_HZ = const(2510)

# What a stretch was
FINE = const(0)
TOO_FEW = const(1)  # samples
UNPLUGGED = const(2)  # the middle is not where the board holds it
ABOVE_RANGE = const(3)  # the ADC is at its end: this, or more
NOT_EMPTY = const(4)  # only of `calibrate`: a current flows, or the noise is too much

TEXTS = (
    "fine",
    "too few samples",
    "no clamp is plugged in, or its plug is not all the way in",
    "the current is above what the input can measure",
    "a current flows through the clamp: take it off the cable to calibrate",
)

_TOP = const(4095)
_STEPS = const(4096)
_MIDDLE = const(2048)
_OFF_MIDDLE = const(400)  # further off, 150 A would not fit; a divider of 5 % stays within 110
_SWING = const(1024)  # a signal and not an open input that lies at one end
_BLOCK = const(64)  # 64 * 4095**2 < 2**30: more squares might not fit a small int
_MOST_NOISE_MA = const(500)  # more would hide a current that flows while calibrating


class Clamp:
    """One channel. `rate_hz` is 1000..10000, exact to 0.1 %."""

    def __init__(
        self,
        rate_hz: int = RATE_HZ,
        ratio: int = RATIO,
        burden_mohm: int = BURDEN_MOHM,
        reference_mv: int = REFERENCE_MV,
    ):
        self.ma = None  # newest reading, mA RMS, never negative; None where there is none
        self.state = TOO_FEW  # what the newest stretch was
        self.offset = _MIDDLE  # what the ADC shows without a current
        self.noise_ma = 0  # and the RMS of the noise then
        # The sum of two windows, the second 5 ms later. 100 ms are 5 periods of 50 Hz and 6 of
        # 60 Hz, so nobody need find the period; and where the mains is a little off, what is
        # left over of the wave's square (100 Hz) comes with opposite signs in the two.
        window = (rate_hz + 5) // 10
        shift = (rate_hz + 100) // 200
        self._blocks = _split(shift, 1) + _split(window - shift, 2) + _split(shift, 1)
        self._weight = 2 * window
        self.length = window + shift  # samples that a stretch needs
        span_ma = reference_mv * ratio * 1000 // burden_mohm  # from end to end of the ADC
        self.full_scale_ma = isqrt(span_ma * span_ma // 8)  # a sine that just fits, RMS
        self._times = (reference_mv * ratio * 1000) ** 2
        self._by = (_STEPS * burden_mohm * self._weight) ** 2
        self._sum = 0  # of the deviations from `offset`
        self._squares = 0
        self._low = self._high = 0

    def measure(self, samples, first: int = 0, step: int = 1) -> int:
        """Read the stretch that starts at samples[first] and takes every `step`-th (channels that
        are sampled in turn); sets and returns `state`, sets `ma`.

        Where the ADC is at its end, `ma` is at least `full_scale_ma`. The caller may do
        something else between two channels: this takes some milliseconds on a small board.
        """
        self.ma = None
        self.state = self._take(samples, first, step, self.offset)
        if self.state in (FINE, ABOVE_RANGE):
            self.ma = isqrt(max(0, self._square_ma() - self.noise_ma * self.noise_ma))
        if self.state == ABOVE_RANGE:
            self.ma = max(self.ma, self.full_scale_ma)
        return self.state

    def calibrate(self, samples, first: int = 0, step: int = 1) -> int:
        """Take the zero from a stretch with the clamp plugged in but around no cable.

        On FINE `offset` and `noise_ma` are new; on anything else they stay.
        """
        state = self._take(samples, first, step, _MIDDLE)
        if state != FINE:
            return state
        offset = self.offset + self._mean()
        return FINE if self.set_zero(offset, isqrt(self._square_ma())) else NOT_EMPTY

    def set_zero(self, offset: int, noise_ma: int) -> bool:
        """Take the zero of an earlier `calibrate`; False, and nothing changes, if it is none."""
        if abs(offset - _MIDDLE) > _OFF_MIDDLE or not 0 <= noise_ma <= _MOST_NOISE_MA:
            return False
        self.offset = offset
        self.noise_ma = noise_ma
        return True

    # --- inside

    def _take(self, samples, first, step, middle) -> int:
        """Add up a stretch, and say what it is."""
        if len(samples) <= first + (self.length - 1) * step:
            return TOO_FEW
        self._sum = self._squares = 0
        self._low = self._high = samples[first]
        at = first
        for count, weight in self._blocks:
            stop = at + count * step
            self._add(samples, at, stop, step, weight)
            at = stop
        clipped = self._low <= 0 or self._high >= _TOP
        if clipped and self._high - self._low >= _SWING:
            return ABOVE_RANGE
        off = self.offset + self._mean() - middle
        return UNPLUGGED if abs(off) > _OFF_MIDDLE else FINE

    def _add(self, samples, start, stop, step, weight) -> None:
        """Up to _BLOCK samples."""
        offset, low, high = self.offset, self._low, self._high
        total = squares = 0
        for at in range(start, stop, step):
            value = samples[at]
            if value < low:
                low = value
            elif value > high:
                high = value
            value -= offset
            total += value
            squares += value * value
        self._low, self._high = low, high
        self._sum += weight * total
        self._squares += weight * squares  # may go beyond 2**30, but only once a block

    def _mean(self) -> int:
        return (self._sum + self._weight // 2) // self._weight

    def _square_ma(self) -> int:
        """Mean square without the offset, mA**2."""
        spread = self._weight * self._squares - self._sum * self._sum
        return spread * self._times // self._by


def _split(count, weight) -> tuple:
    """So many samples as blocks of (samples, weight)."""
    whole = ((_BLOCK, weight),) * (count // _BLOCK)
    rest = count % _BLOCK
    return whole + ((rest, weight),) if rest else whole


def collect(clamps, current_ma: list) -> bool:
    """Fill in the newest reading of each clamp, L1 first; False where one has none, like
    meters.decode. Phases without a clamp are left as they are.
    """
    for clamp in clamps:
        if clamp.ma is None:
            return False
    for phase in range(len(clamps)):
        current_ma[phase] = clamps[phase].ma
    return True


def isqrt(square: int) -> int:
    """The whole root, rounded down. It is put together from small numbers, so that on a 32-bit
    board it is one itself even where the square is not.
    """
    bit = 1
    while bit * bit <= square:
        bit <<= 1
    root = 0
    while bit:
        if (root + bit) * (root + bit) <= square:
            root += bit
        bit >>= 1
    return root
