# Who of those in trouble is asked next. A cycle has one slot for them, and a further one for who
# may well be there, but would not be fed in time if he waited for the others.
#
# Each kind of trouble has a round of its own, so that nobody passes others by in two of them.

from loadrail.clock import age_ms
from loadrail.presence import DOUBTFUL, ONLINE, SILENT

_LATELY_MS = 30_000  # who was heard within it is asked every other time, however many are dead
_HURRY_MS = 15_000  # who was heard within it is worth a second time-out a cycle, but no longer

# Kinds
_ANY = 0
_LATELY = 1
_FRESH = 2  # two misses may be chance: who is doubtful comes first, three times of four
_URGENT = 3


class Probing:
    """left_alone(i, now_ms): whether charger `i` is not to be asked in this cycle any more."""

    def __init__(self, chargers, left_alone):
        self._chargers = chargers
        self._left_alone = left_alone
        self._turns = [0, 0, 0, 0]  # who was asked last, of each kind

    def next(self, cycle: int, now_ms: int) -> "int | None":
        """Whose the slot of a cycle is; None: nobody's."""
        i = self._next(now_ms, _FRESH) if cycle & 3 else None
        if i is None and cycle & 1:
            i = self._next(now_ms, _LATELY)
        return self._next(now_ms, _ANY) if i is None else i

    def urgent(self, now_ms: int) -> "int | None":
        """Who has not been fed for half the time of his watchdog, and was heard of late."""
        c = self._chargers
        if DOUBTFUL in c.presence or SILENT in c.presence:
            return self._next(now_ms, _URGENT)
        return None

    def _next(self, now_ms, kind):
        c = self._chargers
        for k in range(1, c.n + 1):
            i = (self._turns[kind] + k) % c.n
            if c.presence[i] == ONLINE or self._left_alone(i, now_ms):
                continue
            if kind == _FRESH and c.presence[i] != DOUBTFUL:
                continue
            if kind == _LATELY and age_ms(now_ms, c.heard_at[i]) >= _LATELY_MS:
                continue
            if kind == _URGENT and not self._hurries(i, now_ms):
                continue
            self._turns[kind] = i
            return i
        return None

    def _hurries(self, i, now_ms) -> bool:
        c = self._chargers
        timeout_ms = c.timeout_ms[i]
        if not timeout_ms or age_ms(now_ms, c.heard_at[i]) >= _HURRY_MS:
            return False
        return timeout_ms // 2 <= age_ms(now_ms, c.wrote_at[i]) < timeout_ms
