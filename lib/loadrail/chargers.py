# What is known of each charger, in columns: one list a fact, one place a charger.
#
# Currents are mA, times are the core's milliseconds, None is "not known". Nothing here decides.

from loadrail.clock import FOREVER_MS, age_ms, diff_ms, keep
from loadrail.phases import ALL, mask_of, place
from loadrail.registers import NO_CAR

# How sure we are of a charger
NEVER = 0  # not heard since the start; its limit and its watchdog are unknown
ONLINE = 1
DOUBTFUL = 2  # missed twice in a row
SILENT = 3  # missed for long: its own watchdog is awaited
RELEASED = 4  # silent, and its watchdog has surely run out: at its failsafe current
FOREIGN = 5  # something answers there that is not a TeltoCharge

_DOUBTFUL_AFTER = 2  # misses in a row
_SILENT_AFTER = 4  # at 10 % lost frames once in 10,000 cycles
_SETTLE_MS = 5000  # S2: a charger may take 5 s to pass a lower limit on (IEC 61851-1)
_REACT_MS = 10_000  # after its watchdog: 5 s for the charger's signal, 5 s for the car
_DRAW_TOLERANCE_MA = 500  # of a current that follows its limit
PHASE_USED_MA = 1000  # above this a phase counts as used


class Chargers:
    """The columns, `n` long; those named for phases are 3n long, charger by charger."""

    def __init__(self, n: int):
        self.n = n
        # from the configuration
        self.address = [0] * n
        self.order = [()] * n  # see phases.ORDERS
        self.mask = [ALL] * n  # phases that it may load
        self.min_a = [6] * n
        self.max_a = [32] * n
        # what it was told
        self.limit_ma = [0] * n  # commanded
        self.held_ma = [0] * n  # the most that it may hold as its limit
        self.settle_ma = [0] * n  # a limit it has left, but may not have passed on yet
        self.settle_at = [None] * n
        self.wrote_at = [None] * n  # last acknowledged write of its limit
        self.raised_at = [None] * n
        # what it says
        self.presence = [NEVER] * n
        self.misses = [0] * n  # in a row
        self.heard_at = [None] * n  # last valid answer
        self.fed_at = [None] * n  # last frame that may have fed its watchdog at its present limit
        self.known = [False] * n  # the slow block was read since it came (back)
        self.status = [9] * n  # evse_status
        self.timeout_ms = [None] * n  # its watchdog; 0 = off
        self.failsafe_ma = [None] * n
        self.amp_limit_a = [32] * n  # the most that it can supply
        self.overrides = [0] * n  # times somebody else changed its limit
        # currents on the grid's phases
        self.draw_ma = [0] * (3 * n)  # the most that may flow
        self.draw_at = [None] * n
        self._sure_ma = [0] * (3 * n)  # the least that surely flows
        self._sure_before_ma = [0] * (3 * n)  # the reading before
        self._before_at = [None] * n
        # why
        self.reason = [0] * n
        self.reason_phase = [0] * n
        self.reason_value = [0] * n  # mA, seconds or a count, as the reason says

    def place(self, i: int, address: int, order: tuple, min_a: int, max_a: int) -> None:
        """Configure charger `i`. Its limit is unknown until heard: its maximum is booked."""
        self.address[i] = address
        self.order[i] = order
        self.mask[i] = mask_of(order)
        self.min_a[i] = min_a
        self.max_a[i] = max_a
        self.held_ma[i] = max_a * 1000

    def inherit(self, i: int, old, k: int) -> None:
        """Take over what charger `k` of an `old` table knows; the configuration is our own."""
        for name, column in old.__dict__.items():
            if name in ("n", "address", "order", "mask", "min_a", "max_a"):
                continue
            mine = getattr(self, name)
            if len(column) == 3 * old.n and old.n != len(column):
                mine[3 * i : 3 * i + 3] = column[3 * k : 3 * k + 3]
            else:
                mine[i] = column[k]

    # --- what it says

    def read_currents(self, i: int, now_ms: int, terminal_ma) -> None:
        """Take the currents of its three terminals, mA."""
        at = 3 * i
        for k in range(at, at + 3):
            self._sure_before_ma[k] = self._sure_ma[k]
        self._before_at[i] = self.draw_at[i]
        place(self.order[i], terminal_ma, self.draw_ma, self._sure_ma, at)
        self.draw_at[i] = now_ms
        if self.status[i] == NO_CAR:
            self.mask[i] = mask_of(self.order[i])
        for phase in range(3):
            if self.draw_ma[at + phase] > PHASE_USED_MA:
                self.mask[i] |= 1 << phase
        self._settle(i, now_ms)

    def all_read_since(self, at_ms: int) -> bool:
        """Whether the currents of every charger that answers were read after `at_ms`."""
        for i in range(self.n):
            if self.presence[i] == ONLINE:
                read_at = self.draw_at[i]
                if read_at is None or diff_ms(read_at, at_ms) < 0:
                    return False
        return True

    def sure_draw_ma(self, phase: int, at_ms: int) -> int:
        """What all of them surely drew on a phase at a moment; who is silent counts as nothing."""
        total = 0
        for i in range(self.n):
            if self.presence[i] not in (ONLINE, DOUBTFUL) or self.draw_at[i] is None:
                continue
            k = 3 * i + phase
            after = self._sure_ma[k]
            before_at = self._before_at[i]
            late_ms = diff_ms(self.draw_at[i], at_ms)
            if late_ms > 0 and before_at is not None:
                span_ms = diff_ms(self.draw_at[i], before_at)
                if 0 < span_ms < 60_000:
                    late_ms = min(late_ms, span_ms)
                    after -= (after - self._sure_before_ma[k]) * late_ms // span_ms
            total += after
        return total

    # --- what it was told

    def sending(self, i: int, now_ms: int, limit_ma: "int | None") -> None:
        """A frame goes out to it, with this limit or with none: from now on it may hold the limit,
        and its watchdog may start anew (what feeds it is not documented).

        A limit up to its failsafe current does not count as feeding: whether it is heard or not,
        what the charger ends at is covered by the failsafe current that will be booked (S6).
        """
        failsafe_ma = self.failsafe_ma[i]
        if limit_ma is not None:
            self.held_ma[i] = max(self.held_ma[i], limit_ma)
        if limit_ma is None or failsafe_ma is None or limit_ma > failsafe_ma:
            self.fed_at[i] = now_ms

    def acknowledged(self, i: int, now_ms: int, limit_ma: int) -> None:
        """It confirmed this limit. A lower one may still take a while to reach the car."""
        if limit_ma < self.held_ma[i]:
            self.settle_ma[i] = max(self.settle_ma[i], self.held_ma[i])
            self.settle_at[i] = now_ms
        self.held_ma[i] = limit_ma
        self.wrote_at[i] = now_ms

    def _settle(self, i: int, now_ms: int) -> None:
        """A reading after the acknowledgement shows whether the lower limit has arrived."""
        if self.settle_at[i] is None or diff_ms(now_ms, self.settle_at[i]) <= 0:
            return
        at = 3 * i
        if max(self.draw_ma[at : at + 3]) <= self.held_ma[i] + _DRAW_TOLERANCE_MA:
            self.settle_at[i] = None
            self.settle_ma[i] = 0

    # --- what is booked

    def booked_ma(self, i: int, phase: int) -> int:
        """R of S1: the most that it may draw on a phase."""
        draw = self.draw_ma[3 * i + phase]
        if not self.mask[i] >> phase & 1:
            return draw
        return max(self.held_ma[i], self.limit_ma[i], draw)

    def booked_to_raise_ma(self, i: int, phase: int) -> int:
        """The same, and what a lowered limit has not surely freed yet (S2)."""
        if self.mask[i] >> phase & 1:
            return max(self.booked_ma(i, phase), self.settle_ma[i])
        return self.booked_ma(i, phase)

    # --- whether it is there

    def heard(self, i: int, now_ms: int) -> None:
        """It gave a valid answer. After a silence its settings must be read again."""
        if self.presence[i] in (NEVER, SILENT, RELEASED):
            self.known[i] = False
        self.presence[i] = ONLINE
        self.misses[i] = 0
        self.heard_at[i] = now_ms

    def missed(self, i: int) -> None:
        """It gave none."""
        self.misses[i] += 1
        if self.presence[i] in (ONLINE, DOUBTFUL):
            if self.misses[i] >= _SILENT_AFTER:
                self._fall_silent(i)
            elif self.misses[i] >= _DOUBTFUL_AFTER:
                self.presence[i] = DOUBTFUL

    def _fall_silent(self, i: int) -> None:
        """From now on its watchdog may put it to its failsafe current at any time."""
        self.presence[i] = SILENT
        self.held_ma[i] = max(self.held_ma[i], self.failsafe_ma[i] or 0)

    # --- time

    def age(self, now_ms: int, silent_ms: int) -> None:
        """Let time work: settled limits, silence, and watchdogs that have surely run out (S6)."""
        for i in range(self.n):
            if self.settle_at[i] is not None and age_ms(now_ms, self.settle_at[i]) >= _SETTLE_MS:
                self.settle_at[i] = None
                self.settle_ma[i] = 0
            if self.presence[i] in (ONLINE, DOUBTFUL):
                if age_ms(now_ms, self.heard_at[i]) >= silent_ms:
                    self._fall_silent(i)
            elif self.presence[i] == SILENT and self._watchdog_over(i, now_ms):
                self.presence[i] = RELEASED
                self.held_ma[i] = max(self.failsafe_ma[i], self.limit_ma[i])
                self.settle_at[i] = None
                self.settle_ma[i] = 0
                self.draw_ma[3 * i : 3 * i + 3] = [
                    0,
                    0,
                    0,
                ]  # bounded by what is held, not measured

    def _watchdog_over(self, i: int, now_ms: int) -> bool:
        timeout_ms = self.timeout_ms[i]
        if not timeout_ms or self.failsafe_ma[i] is None:
            return False  # off or never read: for ever
        # Its clock may be 2 % slow.
        return age_ms(now_ms, self.fed_at[i]) >= timeout_ms + timeout_ms // 50 + _REACT_MS

    def watchdog_over_in_ms(self, i: int, now_ms: int) -> "int | None":
        """How long a silent charger's watchdog still has, at most; None = for ever."""
        if not self.timeout_ms[i]:
            return None
        total_ms = self.timeout_ms[i] + self.timeout_ms[i] // 50 + _REACT_MS
        return max(0, total_ms - age_ms(now_ms, self.fed_at[i]))

    def forget_old_stamps(self, now_ms: int) -> None:
        """Once in a while, so that no stamp outlives the counter (see clock.keep)."""
        stamps = (self.wrote_at, self.raised_at, self.heard_at, self.fed_at)
        for column in stamps + (self.draw_at, self._before_at):
            for i in range(self.n):
                column[i] = keep(now_ms, column[i])


assert FOREVER_MS > 600_000 + _REACT_MS  # the longest watchdog that can be set
