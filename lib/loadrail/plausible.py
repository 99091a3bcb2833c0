# Whether a meter's sample can be true (S5). What cannot be is no sample: the meter counts as lost.
#
# Units: mA (signed), mV, mHz, W, ms. A value that the meter does not have is None and skips its
# rule; a current must be there. The limits are those by which a meter is recognised on a bus:
# what a real grid connection shows passes; a wrong register, word order or scale does not.

from loadrail.clock import age_ms, clip
from loadrail.lent import lend

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


PLAUSIBLE = const(0)
CURRENT_MISSING = const(1)
CURRENT_RANGE = const(2)  # value mA, other: the range in mA
VOLTAGE_LOW = const(3)  # value mV
VOLTAGE_HIGH = const(4)  # value mV
FREQUENCY = const(5)  # value mHz
TOTAL_POWER = const(6)  # value W, other: the sum of the phases in W
PHASE_POWER = const(7)  # value W, other: current times voltage in W
FROZEN = const(8)  # value: how far the chargers' draw has moved, mA; other: for how long, s

UNKNOWN = (None, None, None)  # for a meter without voltages or phase powers

_LOW_MV = const(80_000)
_HIGH_MV = const(300_000)
_LOW_MHZ = const(45_000)
_HIGH_MHZ = const(65_000)
_ALLOWANCE_W = const(50)  # what rounding, and 0 A shown below the starting current, may make
_TOTAL_PERCENT = const(5)
_PHASE_PERCENT = const(10)

_FROZEN_MS = const(60_000)
_FROZEN_SAMPLES = const(10)
_MOVED_MA = const(3000)
# A draw and the sample that shows it may come this far apart: the meter refreshes late, chargers
# are read in turn. Before and after a move it must have stood still for so long to count.
_SETTLE_MS = const(15_000)
_SETTLE_SAMPLES = const(3)

# code: (name for programs, sentence). {p} is the phase; {v} and {o} are value and other as they
# are, {vk} and {ok} in thousands, {va} in A.
_ROWS = (
    ("plausible", "plausible"),
    ("current_missing", "the meter gives no current for {p}: is the number of phases right?"),
    ("current_range", "{p} shows {vk} A: the meter goes to {ok} A; do model and ratio fit?"),
    ("voltage_low", "{p} shows {vk} V: outside 80 to 300 V; is this phase connected?"),
    ("voltage_high", "{p} shows {vk} V: outside 80 to 300 V; is this a phase-to-phase reading?"),
    ("frequency", "the meter shows {vk} Hz: outside 45 to 65 Hz; is it the right model?"),
    ("total_power", "the total is {v} W, the phases together {o} W; is it the right model?"),
    ("phase_power", "{p} shows {v} W where its current and voltage make {o} W: mixed-up phases?"),
    (
        "frozen",
        "the same currents for {o} s while the chargers' moved by {va} A: is the meter stuck?",
    ),
)


class Plausible:
    """Judges the samples of one meter. What offended stands here until the next judgement."""

    def __init__(self, range_a: int, phases: int = 3, step_ma: int = 0):
        """`range_a` is the most that the meter can measure, 1..1000 A; `phases` 1 or 3. `step_ma`
        is how finely it shows currents, where that is coarse: a P1 port shows whole amperes.
        """
        self.code = PLAUSIBLE
        self.phase = None  # 0..2 where a single one offended
        self.value = 0  # what was shown; its unit is the code's
        self.other = 0  # what it was held against
        self._range_ma = range_a * 1000
        self._phases = phases
        self._step_ma = step_ma
        self._frozen = Frozen()

    def judge(
        self,
        now_ms: int,
        current_ma: list,
        voltage_mv: list = UNKNOWN,
        power_w: list = UNKNOWN,
        total_w: "int | None" = None,
        frequency_mhz: "int | None" = None,
        draw_ma: "int | None" = None,
    ) -> int:
        """One of the codes above, 0 where the sample may be used.

        `draw_ma` is what all chargers draw together, the sum over the phases; None while one of
        them is unread.
        """
        for phase in range(self._phases):
            if self._current(phase, current_ma[phase]) or self._voltage(phase, voltage_mv[phase]):
                return self.code
        if frequency_mhz is not None and not _LOW_MHZ <= frequency_mhz <= _HIGH_MHZ:
            return self._fault(FREQUENCY, None, frequency_mhz)
        for phase in range(self._phases):
            if self._power(phase, current_ma[phase], voltage_mv[phase], power_w[phase]):
                return self.code
        if self._total(power_w, total_w):
            return self.code
        frozen = self._frozen
        if frozen.sample(now_ms, current_ma, power_w, draw_ma):
            return self._fault(FROZEN, None, frozen.moved_ma, frozen.still_s)
        return self._fault(PLAUSIBLE, None, 0)

    def sentence(self) -> str:
        """The newest judgement in words, for the installer."""
        return sentence(self.code, self.phase, self.value, self.other)

    # --- inside

    def _fault(self, code, phase, value, other=0) -> int:
        self.code = code
        self.phase = phase
        self.value = value
        self.other = other
        return code

    def _current(self, phase, ma) -> int:
        if ma is None:
            return self._fault(CURRENT_MISSING, phase, 0)
        if abs(ma) >= self._range_ma:
            return self._fault(CURRENT_RANGE, phase, ma, self._range_ma)
        return PLAUSIBLE

    def _voltage(self, phase, mv) -> int:
        if mv is None or _LOW_MV <= mv <= _HIGH_MV:
            return PLAUSIBLE
        return self._fault(VOLTAGE_LOW if mv < _LOW_MV else VOLTAGE_HIGH, phase, mv)

    def _power(self, phase, ma, mv, power_w) -> int:
        """No power without its current; less power than current times voltage is reactive."""
        if mv is None or power_w is None:
            return PLAUSIBLE
        most_ma = abs(ma) + self._step_ma
        apparent_w = most_ma // 10 * (mv // 100) // 1000  # in units that stay below 2**30
        shown_w = abs(power_w)
        if apparent_w + _ALLOWANCE_W >= shown_w - shown_w * _PHASE_PERCENT // 100:
            return PLAUSIBLE
        return self._fault(PHASE_POWER, phase, power_w, apparent_w)

    def _total(self, power_w, total_w) -> int:
        """Each phase's own error counts, also where one exports what the others take."""
        if total_w is None:
            return PLAUSIBLE
        sum_w = size_w = 0
        for phase in range(self._phases):
            here_w = power_w[phase]
            if here_w is None:
                return PLAUSIBLE
            sum_w += here_w
            size_w += abs(here_w)
        if abs(total_w - sum_w) <= _ALLOWANCE_W + size_w * _TOTAL_PERCENT // 100:
            return PLAUSIBLE
        return self._fault(TOTAL_POWER, None, total_w, sum_w)


class Frozen:
    """Finds a meter that answers with the same values for ever, by the chargers that it must see.

    A quiet site may show the same for hours; so it is the chargers' draw that must have moved, by
    more than 3 A, and stayed there. A single other current or power clears everything.
    """

    def __init__(self):
        self.stuck = False
        self.moved_ma = 0  # how far the draw has moved since the values stand still
        self.still_s = 0  # and for how long they do
        self._current_ma = [None] * 3
        self._power_w = [None] * 3
        self._since = None  # when these values were first seen
        self._samples = 0  # and how often since, up to _FROZEN_SAMPLES
        self._from_ma = None  # the draw, once it had time to settle
        self._moved_at = None  # since when it is elsewhere
        self._moved_samples = 0

    def sample(self, now_ms: int, current_ma: list, power_w: list, draw_ma: "int | None") -> bool:
        """Take a sample's values and the draw known at that time; whether the meter is stuck."""
        if self._differs(current_ma, power_w):
            self._begin(now_ms, current_ma, power_w)
            return False
        self._since = clip(now_ms, self._since)
        self._moved_at = clip(now_ms, self._moved_at)
        self._samples = min(self._samples + 1, _FROZEN_SAMPLES)
        still_ms = age_ms(now_ms, self._since)
        self.still_s = still_ms // 1000
        if self.stuck or draw_ma is None:
            return self.stuck
        if self._from_ma is None:
            if still_ms >= _SETTLE_MS:
                self._from_ma = draw_ma
            return False
        self._follow(now_ms, draw_ma)
        enough = still_ms >= _FROZEN_MS and self._samples >= _FROZEN_SAMPLES
        settled = self._moved_samples > _SETTLE_SAMPLES
        settled = settled and age_ms(now_ms, self._moved_at) >= _SETTLE_MS
        self.stuck = enough and settled
        return self.stuck

    def _differs(self, current_ma, power_w) -> bool:
        if self._since is None:
            return True
        for phase in (0, 1, 2):
            if current_ma[phase] != self._current_ma[phase]:
                return True
            if power_w[phase] != self._power_w[phase]:
                return True
        return False

    def _begin(self, now_ms, current_ma, power_w) -> None:
        for phase in (0, 1, 2):
            self._current_ma[phase] = current_ma[phase]
            self._power_w[phase] = power_w[phase]
        self._since = now_ms
        self._samples = 1
        self._from_ma = None
        self._moved_samples = 0
        self.stuck = False
        self.moved_ma = 0
        self.still_s = 0

    def _follow(self, now_ms, draw_ma) -> None:
        """Note since when the draw is elsewhere. A short excursion may fall between samples."""
        self.moved_ma = abs(draw_ma - self._from_ma)
        if self.moved_ma <= _MOVED_MA:
            self._moved_samples = 0
            return
        if self._moved_samples == 0:
            self._moved_at = now_ms
        self._moved_samples = min(self._moved_samples + 1, _SETTLE_SAMPLES + 1)


def name(code: int) -> str:
    """The word for programs: stable, lower case."""
    return _ROWS[code][0]


def sentence(code: int, phase: "int | None", value: int, other: int) -> str:
    """What a person reads."""
    text = _ROWS[code][1]
    if phase is not None:
        text = text.replace("{p}", "L%d" % (phase + 1))
    text = text.replace("{vk}", _thousandths(value)).replace("{ok}", _thousandths(other))
    text = text.replace("{va}", lend("sentences").amps(value))
    return text.replace("{v}", str(value)).replace("{o}", str(other))


def _thousandths(milli: int) -> str:
    """431000 -> '431.0', -79999 -> '-79.999': all digits, so that no limit looks kept."""
    text = "%s%d.%03d" % ("-" if milli < 0 else "", abs(milli) // 1000, abs(milli) % 1000)
    while text.endswith("0") and not text.endswith(".0"):
        text = text[:-1]
    return text
