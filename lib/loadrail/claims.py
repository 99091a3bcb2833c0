# Who takes part in sharing, and what the others take off it.

from loadrail import overdraw, reasons
from loadrail.presence import (
    DEFIANT,
    DOUBTFUL,
    FOREIGN,
    GARBLED,
    NEVER,
    ONLINE,
    RELEASED,
    SILENT,
)
from loadrail.rooms import add

_OVERDRAW_MA = 500  # beyond this a car does not follow its limit

# evse_status -> reason why a charger gets nothing; None = it wants current
_STATUS_REASON = (
    None,
    None,
    None,
    None,
    reasons.CAR_STOPPED,
    reasons.NOT_AUTHORISED,
    reasons.NOT_ALLOWED,
    reasons.NO_CAR,
    reasons.CHARGER_ERROR,
    reasons.STATUS_UNKNOWN,
)
_PRESENCE_REASON = {
    FOREIGN: reasons.FOREIGN,
    NEVER: reasons.NEVER_HEARD,
    RELEASED: reasons.RELEASED,
}


def refuse(i: int, now_ms: int, c, cap_a: int, min_a: int) -> "int | None":
    """The reason why charger `i` takes no part, set for it too; None where it does."""
    held_ma = max(c.held_ma[i], c.limit_ma[i])
    why = _unreachable(i, c)
    if why is not None:
        return c.because(i, why, held_ma)
    if c.presence[i] == SILENT:
        rest_ms = c.watchdog_over_in_ms(i, now_ms)
        if rest_ms is None:
            return c.because(i, reasons.SILENT_FOR_EVER, held_ma)
        return c.because(i, reasons.SILENT, held_ma, time_s=rest_ms // 1000)
    if c.balks[i] >= DEFIANT:
        return c.because(i, reasons.DEFIES, held_ma)
    if c.hold[i]:
        return c.because(i, c.hold[i], held_ma, c.hold_room[i], c.hold_s[i])
    if c.limit_ma[i] and overdraw.runs_away(i, now_ms, c):
        return c.because(i, reasons.RUNS_AWAY, max(c.draw_ma[3 * i : 3 * i + 3]))
    if c.most_a[i] < min_a:
        return c.because(i, c.most_why[i], c.most_a[i] * 1000, c.most_room[i])
    if cap_a < min_a:
        return c.because(i, reasons.CAP_TOO_LOW, cap_a * 1000)
    why = _STATUS_REASON[c.status[i]]
    return None if why is None else c.because(i, why)


def _unreachable(i, c) -> "int | None":
    """Why it cannot be told anything now, but for a plain silence."""
    presence = c.presence[i]
    if presence in (NEVER, SILENT) and c.garbled[i] >= GARBLED:
        return reasons.GARBLED
    if presence == SILENT:
        return reasons.FROZEN if c.frozen[i] else None
    if presence in (ONLINE, DOUBTFUL):
        return None if c.known[i] else reasons.SETTINGS_AWAITED
    return _PRESENCE_REASON[presence]


def fix(i: int, why: "int | None", c, fixed_ma: list) -> None:
    """Count what sharing cannot dispose of: all that is booked for one who cannot be steered, and
    what one draws who should not, or not so much."""
    steered = c.presence[i] in (ONLINE, DOUBTFUL) and c.known[i] and c.balks[i] < DEFIANT
    steered = steered and why != reasons.RUNS_AWAY
    awaited = _about_to_be_heard(i, c)
    for phase in range(3):
        if steered:
            ma = _not_following_ma(i, phase, why, c)
        elif awaited:
            ma = c.draw_ma[3 * i + phase]
        else:
            ma = c.booked_ma(i, phase)
        add(fixed_ma, c.mask[i], phase, ma)


def _about_to_be_heard(i, c) -> bool:
    """At a start: not asked yet. Nothing rises meanwhile (S8), so nobody is lowered for what will
    be known in a moment; what it draws counts all the same."""
    if c.presence[i] == NEVER:
        return c.misses[i] == 0
    return c.presence[i] == ONLINE and c.timeout_ms[i] is None


def _not_following_ma(i, phase, why, c) -> int:
    """What a steered charger draws although it should not, once it has had time to follow."""
    draw_ma = c.draw_ma[3 * i + phase]
    if why is not None and why != reasons.CAR_STOPPED:
        return draw_ma
    over_ma = draw_ma - max(c.held_ma[i], c.limit_ma[i], c.settle_ma[i])
    if draw_ma and over_ma < c.beyond_ma[i] and c.demand_a[i] is None:
        over_ma = c.beyond_ma[i]  # as it did before: else its limit would go up and down
    return over_ma if over_ma > _OVERDRAW_MA else 0
