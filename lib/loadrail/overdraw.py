# A charger that draws more than it may (S7). What it draws is booked at once, and the others get
# the rest (claims.py); here its limit is written again, and if that does not help it is paused.
#
# Over is more than 10 % and 0.5 A for 7 s, once charger and car have had their 10 s to follow a
# lower limit. A pause lasts 15 min or until the car leaves; the third one in a session stays.
# Functions over columns of Chargers.

from loadrail import events
from loadrail.clock import age_ms, diff_ms
from loadrail.presence import ONLINE
from loadrail.registers import NO_CAR

_OVER_MS = 7000
_LEAST_MA = 500
PAUSE_MS = 900_000
MOST_PAUSES = 3  # then only a new car, or the operator's start, ends it


def look(now_ms: int, c, log) -> None:
    """Judge the last readings of all chargers."""
    for i in range(c.n):
        if c.paused_at[i] is not None and pause_left_ms(i, now_ms, c) == 0:
            c.paused_at[i] = None
        if c.status[i] == NO_CAR:
            release(i, c)
        if c.presence[i] == ONLINE and c.known[i]:
            _judge(i, now_ms, c, log)


def _judge(i, now_ms, c, log) -> None:
    allowed_ma = c.allowed_ma(i, now_ms)
    if not runs_away(i, now_ms, c):
        c.over_at[i] = None
        c.over_told[i] = False
        return
    if c.over_at[i] is None:
        c.over_at[i] = now_ms
    if diff_ms(c.draw_at[i], c.over_at[i]) < _OVER_MS:
        return  # seen again and again: one reading may be old, and the car long down
    draw_ma = max(c.draw_ma[3 * i : 3 * i + 3])
    if not c.over_told[i]:
        c.over_told[i] = True
        c.over_at[i] = now_ms
        c.wrote_at[i] = None  # due at once
        log.add(now_ms, events.OVERDRAW, i, draw_ma, allowed_ma)
    elif c.paused_at[i] is None:
        c.paused_at[i] = now_ms
        c.pauses[i] += 1
        log.add(now_ms, events.OVERDRAW_PAUSED, i, draw_ma, allowed_ma)


def runs_away(i: int, now_ms: int, c) -> bool:
    """Whether its last reading shows clearly more than it may draw."""
    allowed_ma = c.allowed_ma(i, now_ms)
    draw_ma = max(c.draw_ma[3 * i : 3 * i + 3])
    return draw_ma > allowed_ma + max(allowed_ma // 10, _LEAST_MA)


def pause_left_ms(i: int, now_ms: int, c) -> "int | None":
    """Of a paused charger; None = until the car leaves or an operator starts it."""
    if c.pauses[i] >= MOST_PAUSES:
        return None
    return max(0, PAUSE_MS - age_ms(now_ms, c.paused_at[i]))


def release(i: int, c) -> None:
    """Another car, or an operator who wants it to go on."""
    c.paused_at[i] = None
    c.pauses[i] = 0
