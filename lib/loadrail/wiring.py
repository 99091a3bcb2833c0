# `check wiring`: on which phase of the meter a step of one charger shows, in which direction, and
# how much of it. What that means is in wiring_texts.py.
#
# One charger after another goes from its minimum up by some amperes and down again, three times or
# more, while all others stay at their minimum. It only ever lowers caps (`most_a`) before a
# decision; what rises does so by the decision's own rules. Currents are mA, responses permille of
# the charger's own step. The caller owes one `step` a decision, before the shares. It ends by
# itself: a charger takes 10 min at most.

from loadrail import reasons
from loadrail.budget import METER_FINE
from loadrail.clock import age_ms
from loadrail.presence import DOUBTFUL, ONLINE
from loadrail.registers import CHARGING, CURRENT_L1, SHORT_NEW, SHORT_PAUSED, THREE_PHASE_POSSIBLE

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# What became of the check of one charger
TO_COME = const(0)
UNDER_WAY = const(1)
MEASURED = const(2)
NO_ROOM = const(3)  # it could not be raised far enough
NOT_FOLLOWED = const(4)  # its car took no more, or did not come down
UNSTEADY = const(5)  # limit, car or house never stood still
HELD = const(6)  # by the operator, a pause or a switch of phases
CAR_STOPPED = const(7)
SILENT = const(8)

# How the whole check stands
RUNNING = const(20)
DONE = const(21)
STOPPED = const(22)
METER_LOST = const(23)
SOMEBODY_SILENT = const(24)
CONFIGURED = const(25)  # a new configuration came
# and why it did not begin
NO_METER = const(26)
NOBODY_CHARGES = const(27)

_STEP_A = const(10)
_LEAST_STEP_MA = const(4000)
_STEADY_MA = const(500)  # between two readings
_QUIET_MA = const(2500)  # between two samples of a level
_AFTER_MS = const(3000)  # the meter follows, its own averaging done
_ARRIVES_MS = const(60_000)  # at a level, or never
_LEVEL_MS = const(120_000)
_CHARGER_MS = const(600_000)
_SAMPLES = const(5)  # of a level; the middle one counts
CYCLES = const(3)  # at least
_MOST_CYCLES = const(6)
_ONE_MAY_DIFFER = const(5)  # of so many cycles: a kettle was switched in between
_LEAST_TOLERANCE = const(125)  # permille; or 1 A, where that is more


class Result:
    """What was measured at one charger, with this `order` (phases.ORDERS) of its `wires`."""

    def __init__(self, order: tuple, wires: int):
        self.outcome = TO_COME
        self.order = order
        self.wires = wires  # terminals that are connected, 1..3
        self.step_ma = 0  # of the terminal that rose most
        self.terminals = [0, 0, 0]  # responses of its own terminals
        self.phases = [0, 0, 0]  # and of the meter's phases, signed
        self.restless = 0  # mask of the phases that did something else each time; bit 0 is L1
        self.spread = 0  # of the phases' responses that agree
        self.grid_ma = [0, 0, 0]  # when its check began, and what it drew then by terminal
        self.draw_ma = [0, 0, 0]


class Wiring:
    """One check. `results` has a Result, or None where it is not asked for, for each charger."""

    def __init__(self, update_ms: int):
        self.state = NOBODY_CHARGES
        self.results = []
        self.which = None  # the charger under test
        self.levels = []  # its terminals and the phases, mA, at down, up, down ...
        self._update_ms = update_ms  # the meter's
        self._chargers = None
        self._begun_at = None
        self._sample_at = None
        self._read_at = None
        self._now_ma = [0, 0, 0]  # its terminals, as read last

    def start(self, now_ms: int, c, budget, which: "int | None" = None) -> int:
        """Begin with charger `which`, or all that charge. Returns `state`: RUNNING, or why not."""
        self._chargers = c
        self.results = [None] * c.n
        for i in range(c.n) if which is None else (which,):
            if c.status[i] == CHARGING and c.presence[i] == ONLINE and not c.hold[i]:
                self.results[i] = Result(c.order[i], _wires(i, c))
        self.state = RUNNING
        if budget.meter != METER_FINE:
            self.state = NO_METER
        elif c.any_awaited():
            self.state = SOMEBODY_SILENT
        elif self.results == [None] * c.n:
            self.state = NOBODY_CHARGES
        else:
            self._next(now_ms, c, budget)
        return self.state

    def stop(self, why: int = STOPPED) -> None:
        """End it now; caps are gone with the next decision."""
        if self.state == RUNNING:
            self.state = why
            self.which = None

    def step(self, now_ms: int, c, budget) -> None:
        """Go on, once a decision: c.hold and c.most_a are set, the shares are still to come."""
        if self.state != RUNNING:
            return
        if c is not self._chargers:
            self.stop(CONFIGURED)
        elif budget.meter != METER_FINE:
            self.stop(METER_LOST)
        elif c.any_awaited():
            self.stop(SOMEBODY_SILENT)
        else:
            outcome = self._lost(self.which, now_ms, c)
            if outcome is None:
                self._look(self.which, now_ms, c, budget)
            else:
                self._leave(outcome, now_ms, c, budget)
        if self.state == RUNNING:
            self._cap(c)

    # --- inside

    @property
    def _is_up(self) -> bool:
        return len(self.levels) % 2 == 1

    def _up_a(self, i, c) -> int:
        return min(c.min_3p_a[i] + _STEP_A, c.max_a[i], c.cap_a[i])

    def _cap(self, c) -> None:
        """Lower what each may have at most: all stay at their minimum, but the one that is up."""
        for k in range(c.n):
            most_a = self._up_a(k, c) if k == self.which and self._is_up else c.min_3p_a[k]
            c.cap(k, most_a, reasons.HELD_LOW)

    def _next(self, now_ms, c, budget) -> None:
        """On to the next charger, or to the end."""
        self.which = None
        for i in range(c.n):
            if self.which is None and self.results[i] and self.results[i].outcome == TO_COME:
                self.which = i
        if self.which is None:
            self.state = DONE
            return
        result = self.results[self.which]
        result.outcome = UNDER_WAY
        result.grid_ma[:] = budget.grid_ma
        result.draw_ma[:] = self._now_ma = terminals_ma(self.which, c)
        self.levels = []
        self._begun_at = now_ms
        self._begin_level(now_ms)

    def _begin_level(self, now_ms) -> None:
        self._level_at = now_ms
        self._steady_at = None
        self._taken = []

    def _lost(self, i, now_ms, c) -> "int | None":
        """Why the check of charger `i` ends without an answer, or None."""
        if c.presence[i] not in (ONLINE, DOUBTFUL):
            return SILENT
        if c.hold[i]:
            return HELD
        if c.status[i] in (SHORT_NEW, SHORT_PAUSED):
            return NO_ROOM
        if c.status[i] != CHARGING:
            return CAR_STOPPED
        if self._up_a(i, c) * 1000 < c.min_3p_a[i] * 1000 + _LEAST_STEP_MA:
            return NO_ROOM
        most_ms = _ARRIVES_MS if self._steady_at is None else _LEVEL_MS
        late = age_ms(now_ms, self._level_at) >= most_ms
        if not late and age_ms(now_ms, self._begun_at) < _CHARGER_MS:
            return None
        if not self._limit_is_there(i, c):
            return NO_ROOM
        return UNSTEADY if self._car_is_there(i, c) else NOT_FOLLOWED

    def _leave(self, outcome, now_ms, c, budget) -> None:
        self.results[self.which].outcome = outcome
        self._next(now_ms, c, budget)

    def _look(self, i, now_ms, c, budget) -> None:
        """Take what is new: a reading of the charger, a sample of the meter."""
        if c.draw_at[i] != self._read_at:
            self._read_at = c.draw_at[i]
            self._take_reading(i, now_ms, c)
        if budget.grid_at == self._sample_at:
            return
        self._sample_at = budget.grid_at
        if self._steady_at is None:
            return
        if age_ms(now_ms, self._steady_at) < _AFTER_MS + self._update_ms:
            return
        newest = self._now_ma + budget.grid_ma
        self._taken = [row for row in self._taken if _is_near(row, newest)] + [newest]
        if len(self._taken) == _SAMPLES:
            self._end_level(i, now_ms, c, budget)

    def _take_reading(self, i, now_ms, c) -> None:
        """Samples count from when limit and car have arrived and stand still."""
        before, self._now_ma = self._now_ma, terminals_ma(i, c)
        moved = max([abs(self._now_ma[t] - before[t]) for t in range(3)]) > _STEADY_MA
        if moved or not self._limit_is_there(i, c) or not self._car_is_there(i, c):
            self._steady_at = None
            self._taken = []
        elif self._steady_at is None:
            self._steady_at = now_ms

    def _limit_is_there(self, i, c) -> bool:
        low_ma = c.min_3p_a[i] * 1000
        if self._is_up:
            return c.limit_ma[i] >= low_ma + _LEAST_STEP_MA
        return 0 < c.limit_ma[i] <= low_ma

    def _car_is_there(self, i, c) -> bool:
        if not self._is_up:
            return 1000 <= max(self._now_ma) <= c.limit_ma[i] + 2 * _STEADY_MA
        rise_ma = [self._now_ma[t] - self.levels[-1][t] for t in range(3)]
        return max(rise_ma) >= _LEAST_STEP_MA - _STEADY_MA

    def _end_level(self, i, now_ms, c, budget) -> None:
        self.levels.append([middle([row[k] for row in self._taken]) for k in range(6)])
        self._begin_level(now_ms)
        cycles = len(self.levels) // 2
        if not self._is_up or cycles < CYCLES:
            return  # the down after an up is still to come
        result = self.results[i]
        if measure(self.levels, result) or cycles == _MOST_CYCLES:
            self._leave(MEASURED, now_ms, c, budget)


def _is_near(row, other) -> bool:
    """Whether the house stood still from one sample to another."""
    return max([abs(row[n] - other[n]) for n in range(3, 6)]) <= _QUIET_MA


def terminals_ma(i: int, c) -> list:
    """The currents of charger `i` by its own terminals, as read last."""
    words = [c.word(i, CURRENT_L1 + t) for t in range(3)]
    return [0 if word & 0x8000 else word * 100 for word in words]


def _wires(i, c) -> int:
    """How many of its terminals are connected: as configured, else as it says."""
    if c.order[i]:
        return len(c.order[i])
    return 1 if c.has(i, THREE_PHASE_POSSIBLE) and not c.word(i, THREE_PHASE_POSSIBLE) else 3


def middle(values: list) -> int:
    """The middle one, of an even number the lower one of the two."""
    return sorted(values)[(len(values) - 1) // 2]


def measure(levels: list, result: Result) -> bool:
    """From `levels` (down, up, down ...: three terminals and three phases, mA) to responses.

    Each up is compared with the mean of the downs before and after it, so that a slow drift of the
    house cancels. A response is the middle one of all cycles. True where the cycles agree for all
    phases; those for which they do not are `restless`.
    """
    cycles = len(levels) // 2
    rises = []
    for k in range(1, 2 * cycles, 2):
        before, up, after = levels[k - 1], levels[k], levels[k + 1]
        rises.append([up[n] - (before[n] + after[n]) // 2 for n in range(6)])
    steps_ma = [max(1000, max(rise[:3])) for rise in rises]
    result.step_ma = middle(steps_ma)
    tolerance = max(_LEAST_TOLERANCE, 1_000_000 // result.step_ma)
    result.restless = result.spread = 0
    for n in range(6):
        responses = [rises[k][n] * 1000 // steps_ma[k] for k in range(cycles)]
        typical = middle(responses)
        if n < 3:
            result.terminals[n] = typical
            continue
        result.phases[n - 3] = typical
        near = [value for value in responses if abs(value - typical) <= tolerance]
        if len(near) < cycles - (1 if cycles >= _ONE_MAY_DIFFER else 0):
            result.restless |= 1 << (n - 3)
        else:
            result.spread = max(result.spread, max(near) - min(near))
    return not result.restless
