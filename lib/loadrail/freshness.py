# Whether a charger's answers are alive: evse_status_time counts seconds, so answers in which it
# stands still come from somewhere that has stopped looking (a gateway's cache, a hung charger).
#
# Only a charger whose time was seen to move is judged by it: the register may mean nothing in a
# firmware that nobody has seen. Some functions over columns of Chargers; time in ms.

from loadrail import registers
from loadrail.clock import add_ms, age_ms, diff_ms

_DOUBT_MS = 2000  # a count of seconds that is the same after this may stand
_STANDS_MS = 10_000  # a count of seconds has moved by then, surely
# Reads that show the same, so that odd answers judge nobody: after some that were lost the count
# may have begun anew, unseen, and stand at the same number once or twice.
_READS = 4
_BEHIND_S = 3  # the most that a living count may gain too little between two reads

_MASK = 0x3FFFFFFF  # of 32 bits these tell apart what is read within months


def look(i: int, now_ms: int, c) -> bool:
    """Judge the newest evse_status_time of charger `i`; True where `frozen` has changed."""
    at = registers.EVSE_STATUS_TIME
    count = (c.word(i, at) | c.word(i, at + 1) << 16) & _MASK
    moved = count != c.clock_s[i]
    if moved or c.clock_at[i] is None or _status_is_newer(i, c):
        behind_s = _behind_s(i, now_ms, count, c)
        if moved and c.clock_at[i] is not None:
            c.clock_runs[i] = True
        c.clock_s[i] = count
        c.clock_at[i] = add_ms(now_ms, -1000 * behind_s)
        c.still_reads[i] = 1 if behind_s else 0
        was_frozen = c.frozen[i]
        c.frozen[i] = False
        return was_frozen
    c.still_reads[i] += 1
    if c.frozen[i] or not c.clock_runs[i] or c.still_reads[i] < _READS:
        return False
    stands = age_ms(now_ms, c.clock_at[i]) >= _STANDS_MS
    c.frozen[i] = stands
    return stands


def _behind_s(i, now_ms, count, c) -> int:
    """For how long the count of one that was not in doubt has stood before this read: its time is
    read every 20 s or so, and it may have stopped soon after the read before."""
    if not c.clock_runs[i] or c.still_reads[i] or _status_is_newer(i, c):
        return 0
    gained_s = count - c.clock_s[i]
    behind_s = age_ms(now_ms, c.clock_at[i]) // 1000 - gained_s
    return behind_s if gained_s > 0 and behind_s > _BEHIND_S else 0


def suspect(i: int, c) -> bool:
    """Whether the next read should show the time again soon."""
    return c.clock_runs[i] and c.still_reads[i] > 0


def any_stands(now_ms: int, c) -> bool:
    """Whether somebody's time may stand: what he draws may be long over, so nobody rises into
    what seems free beside him."""
    for i in range(c.n):
        if suspect(i, c) and age_ms(now_ms, c.clock_at[i]) >= _DOUBT_MS:
            return True
    return False


def _status_is_newer(i, c) -> bool:
    """A new status starts the count anew, perhaps at the same number."""
    return (
        not c.frozen[i]
        and c.status_at[i] is not None
        and (diff_ms(c.status_at[i], c.clock_at[i]) > 0)
    )
