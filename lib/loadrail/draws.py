# What the chargers draw: their readings on the grid's phases, and what these tell of a moment
# between two of them.
#
# A part of Chargers, which has the rest that is used here: n, order, presence, misses,
# falls_back, frozen.

from loadrail.clock import age_ms, diff_ms
from loadrail.phases import place
from loadrail.presence import DOUBTFUL, NEVER, ONLINE, SILENT

_MOTION_MA = 1500  # a car ramps by several amperes between two readings
_FLUTTER_MA = 300  # a car's current that nobody changes moves by less
_LONGEST_STEP_MS = 10_000  # between two readings, that one stands for the time to the next
_NEAR_MS = 1500  # a reading that came so much later still tells of the moment
_LONGEST_LINE_MS = 60_000  # between two readings, that a straight line is a fair guess


class Draws:
    """Columns 3n long are by charger and phase, mA."""

    def __init__(self, n: int):
        self.draw_ma = [0] * (3 * n)  # the most that may flow
        self.draw_at = [None] * n
        self._sure_ma = [0] * (3 * n)  # the least that surely flows
        self._sure_before_ma = [0] * (3 * n)  # the reading before
        self._before_at = [None] * n
        self._sure_older_ma = [0] * (3 * n)  # and the one before that
        self._older_at = [None] * n
        self.energy_as = [0] * n  # what the car has drawn, ampere seconds over all phases
        self._energy_ms = [0] * n  # and what is not yet a whole one, mA x ms

    def read_currents(self, i: int, now_ms: int, terminal_ma) -> None:
        """Take the currents of a charger's three terminals, mA."""
        at = 3 * i
        self._count_energy(i, now_ms)
        for k in range(at, at + 3):
            self._sure_older_ma[k] = self._sure_before_ma[k]
            self._sure_before_ma[k] = self._sure_ma[k]
        self._older_at[i] = self._before_at[i]
        self._before_at[i] = self.draw_at[i]
        place(self.order[i], terminal_ma, self.draw_ma, self._sure_ma, at)
        self.draw_at[i] = now_ms

    def _count_energy(self, i, now_ms) -> None:
        """What it drew since the last reading, at that reading's current."""
        span_ms = age_ms(now_ms, self.draw_at[i])
        if self.draw_at[i] is None or span_ms > _LONGEST_STEP_MS:
            return
        drawn = self._energy_ms[i] + sum(self._sure_ma[3 * i : 3 * i + 3]) * span_ms
        self.energy_as[i] += drawn // 1_000_000
        self._energy_ms[i] = drawn % 1_000_000

    def any_unasked(self) -> bool:
        """Whether one has not even been asked yet: what it draws will be known in a moment."""
        for i in range(self.n):
            if self.presence[i] == NEVER and self.misses[i] == 0:
                return True
        return False

    def all_read_since(self, at_ms: int) -> bool:
        """Whether the currents of every charger that answers were read after `at_ms`."""
        if self.any_unasked():
            return False
        for i in range(self.n):
            if self.presence[i] == ONLINE:
                read_at = self.draw_at[i]
                if read_at is None or diff_ms(read_at, at_ms) < 0:
                    return False
        return True

    def sure_draw_ma(self, phase: int, at_ms: "int | None", whose=None) -> int:
        """What all of them drew on a phase at a moment, as far as it is known; or those alone for
        whom `whose` is True.

        at_ms None: just now, of the last two readings the higher one. A meter may show what was a
        moment ago, and a car that is on its way down must not look like somebody else's load.
        Who has just fallen silent counts with his last reading (see `any_awaited`), who has been
        silent for longer with nothing.
        """
        total = 0
        for i in range(self.n):
            here = self.presence[i] in (ONLINE, DOUBTFUL) or self._is_awaited(i)
            if not here or self.draw_at[i] is None or (whose and not whose[i]):
                continue
            k = 3 * i + phase
            if at_ms is None:
                total += max(self._sure_ma[k], self._sure_before_ma[k])
            else:
                total += self._sure_at_ma(i, k, at_ms)
        return total

    def _sure_at_ma(self, i, k, at_ms) -> int:
        """On the line between the two readings around a moment; before and after them, the nearer
        one."""
        after, after_at = self._sure_ma[k], self.draw_at[i]
        before, before_at = self._sure_before_ma[k], self._before_at[i]
        if before_at is not None and self._older_at[i] is not None:
            if diff_ms(before_at, at_ms) > 0:
                after, after_at = before, before_at
                before, before_at = self._sure_older_ma[k], self._older_at[i]
        late_ms = diff_ms(after_at, at_ms)
        if late_ms <= 0 or before_at is None:
            return after
        span_ms = diff_ms(after_at, before_at)
        if not 0 < span_ms < _LONGEST_LINE_MS:
            return after
        return after - (after - before) * min(late_ms, span_ms) // span_ms

    def least_draw_ma(self, phase: int) -> int:
        """What all of them drew on a phase at a moment that lies among their last readings, in any
        case: cars ramp, and one that does not answer may draw nothing any more."""
        total = 0
        for i in range(self.n):
            if self.presence[i] == ONLINE and self._older_at[i] is not None:
                k = 3 * i + phase
                total += min(self._sure_ma[k], self._sure_before_ma[k], self._sure_older_ma[k])
        return total

    def is_forgotten(self, at_ms: int) -> bool:
        """Whether the readings around a moment are gone, and with them what was drawn then."""
        for i in range(self.n):
            if self.presence[i] in (ONLINE, DOUBTFUL) and self._older_at[i] is not None:
                if diff_ms(self._older_at[i], at_ms) > _NEAR_MS:
                    return True
        return False

    def any_in_motion(self, phase: int) -> bool:
        """Whether cars' currents on a phase changed between their last three readings, in sum:
        then a straight line between two of them is a poor guess."""
        total_ma = 0
        for i in range(self.n):
            if self._before_at[i] is None:
                continue  # a first reading has nothing to be compared with
            k = 3 * i + phase
            before_ma = self._sure_before_ma[k]
            moved_ma = abs(self._sure_ma[k] - before_ma)
            if self._older_at[i] is not None:
                moved_ma = max(moved_ma, abs(before_ma - self._sure_older_ma[k]))
            total_ma += moved_ma if moved_ma > _FLUTTER_MA else 0
        return total_ma > _MOTION_MA

    def any_doubtful(self) -> bool:
        """Whether one has missed twice: what it drew last may flow no more."""
        return DOUBTFUL in self.presence

    def any_awaited(self) -> bool:
        """Whether a silent charger's watchdog is still running down.

        Meanwhile nobody knows what it draws. Its last reading is taken for it, so that its car is
        not counted twice, as booked and as somebody else's load; in return, nobody may rise.
        """
        for i in range(self.n):
            if self._is_awaited(i):
                return True
        return False

    def _is_awaited(self, i) -> bool:
        silent = self.presence[i] == SILENT and not self.frozen[i]
        return silent and self.falls_back(i)  # the others may last
