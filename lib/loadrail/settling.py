# Limits that a charger has left: when what they freed is free for others (S2), and for how long
# its car may still follow them.
#
# A part of Chargers, which has the rest that is used here: n, limit_ma, held_ma, draw_ma, known,
# status, balks, unwritten, wrote_at, failsafe_ma.

from loadrail.clock import age_ms, diff_ms
from loadrail.presence import DEFIANT
from loadrail.registers import NO_CAR
from loadrail.watchdogs import REACT_MS

DRAW_TOLERANCE_MA = 500  # of a current that follows its limit
_WAKE_MS = 15_000  # known.py counts 3 s from before; a lower limit is told and followed in 12 s
_SETTLE_MS = 5000  # S2: a charger may take 5 s to pass a lower limit on (IEC 61851-1)


class Settling:
    """Columns on the limits before the present one; mA and ms."""

    def __init__(self, n: int):
        self.settle_ma = [0] * n  # a limit it has left, but may not have passed on yet
        self.settle_at = [None] * n
        self.rest_at = [None] * n  # when it left one while its car was at rest
        self.grace_ma = [0] * n  # a limit that it has left, but its car may still follow
        self.grace_at = [None] * n  # when that was
        self.later_ma = [0] * n  # a lower one that it has left since
        self.later_at = [None] * n
        self.raised_at = [None] * n

    def _leave(self, i, now_ms) -> None:
        """It leaves `held_ma` for a lower limit; a higher one that it left just now counts on."""
        held_ma = self.held_ma[i]
        if self.balks[i] < DEFIANT:
            self.settle_ma[i] = max(self.settle_ma[i], held_ma)
            self.settle_at[i] = now_ms
            if self._may_rest(i):
                self.rest_at[i] = now_ms
        if held_ma >= self.grace_ma[i] or age_ms(now_ms, self.grace_at[i]) >= REACT_MS:
            self.grace_ma[i] = held_ma
            self.grace_at[i] = now_ms
        elif held_ma >= self.later_ma[i] or age_ms(now_ms, self.later_at[i]) >= REACT_MS:
            self.later_ma[i] = held_ma
            self.later_at[i] = now_ms

    def allowed_ma(self, i: int, now_ms: int) -> int:
        """The most that its car may draw now, charger and car having their time to follow."""
        allowed_ma = max(self.held_ma[i], self.limit_ma[i])
        if age_ms(now_ms, self.grace_at[i]) < REACT_MS:
            allowed_ma = max(allowed_ma, self.grace_ma[i])
        if age_ms(now_ms, self.later_at[i]) < REACT_MS:
            allowed_ma = max(allowed_ma, self.later_ma[i])
        return allowed_ma

    def wakes_too_early(self, i: int, now_ms: int) -> bool:
        """Whether a write may be a rise, while others have still to make room (S2): its watchdog
        may have run out before we came, and with the first write the limit that it was found at
        holds again. Who draws more than its failsafe current is awake."""
        if not self.unwritten[i] or age_ms(now_ms, self.wrote_at[i]) >= _WAKE_MS:
            return False
        draws_ma = self.most_drawn_ma(i)
        asleep = draws_ma <= self.failsafe_ma[i] + DRAW_TOLERANCE_MA
        if not asleep or draws_ma + DRAW_TOLERANCE_MA >= self.limit_ma[i]:
            return False
        for k in range(self.n):
            if k != i and self.known[k] and self._makes_room(k):
                return True
        return False

    def _makes_room(self, i) -> bool:
        """Whether it has a lower limit still to be told, or to follow."""
        return self.limit_ma[i] < self.held_ma[i] or self.settle_at[i] is not None

    def _settle_by_reading(self, i, now_ms) -> None:
        """A reading after the acknowledgement shows whether the lower limit has arrived."""
        if self.settle_at[i] is None or diff_ms(now_ms, self.settle_at[i]) <= 0:
            return
        arrived = self.most_drawn_ma(i) <= self.held_ma[i] + DRAW_TOLERANCE_MA
        if arrived and not self._may_wake(i, now_ms):
            self._settled(i)

    def _settle_by_time(self, i, now_ms) -> None:
        if self.settle_at[i] is not None and age_ms(now_ms, self.settle_at[i]) >= _SETTLE_MS:
            if not self._may_wake(i, now_ms):
                self._settled(i)

    def _settled(self, i) -> None:
        self.settle_at[i] = None
        self.settle_ma[i] = 0

    def _may_wake(self, i, now_ms) -> bool:
        """Whether its car may still begin to draw by a signal that it had before: one that is on
        its way to the car, or one that a car at rest may wake at."""
        if age_ms(now_ms, self.raised_at[i]) < REACT_MS:
            return True
        return age_ms(now_ms, self.rest_at[i]) < REACT_MS

    def _may_rest(self, i) -> bool:
        """Whether its car is at rest; after a silence nobody knows what it draws."""
        if not self.known[i]:
            return True
        return self.status[i] != NO_CAR and self.most_drawn_ma(i) <= DRAW_TOLERANCE_MA

    def most_drawn_ma(self, i: int) -> int:
        """Its current on the fullest phase."""
        at = 3 * i
        return max(self.draw_ma[at : at + 3])
