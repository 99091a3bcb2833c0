# Raising: only into room that is surely free (S2), step by step, in order.
#
# A start begins at the minimum; then at most every RAISE_EVERY_MS, and at most half of the
# headroom a step, so that two who rise at once cannot overshoot what neither has seen yet.

from loadrail import demand, reasons
from loadrail.budget import METER_STALE
from loadrail.clock import age_ms
from loadrail.presence import ONLINE
from loadrail.rooms import add
from loadrail.sharing import NO_LIMIT, USES

RAISE_EVERY_MS = 5000  # a charger and its car follow within about this, so judge only then
_LONGER_MS = 8000  # but rather this, where its own ramp still makes the room look smaller


def rise(now_ms, order, target_a, min_a, c, rooms, budget, steady: bool, unheard: int) -> None:
    """Raise the limits of those in `order` towards their targets.

    steady: the budget has been there for a while and did not fall just now (S4).
    unheard: chargers that must answer first (S8).
    """
    free_ma = rooms.free_ma(c)
    unproven_ma = [budget.ma[phase] - budget.rise_ma[phase] for phase in range(3)]
    for phase in range(3):
        free_ma[phase] -= unproven_ma[phase]
    for i in order:
        limit_ma = c.limit_ma[i]
        if target_a[i] * 1000 <= limit_ma:
            continue
        if unheard:
            c.because(i, reasons.START_HOLD, unheard)
            continue
        new_ma = 0
        if steady and (limit_ma or budget.may_start):
            needs_ma = (target_a[i] * 1000, min_a[i] * 1000)
            new_ma = _step_ma(i, now_ms, *needs_ma, c, free_ma, unproven_ma)
        if new_ma <= limit_ma:
            if budget.meter != METER_STALE:
                waits = limit_ma == 0 and not budget.may_start
                c.because(i, reasons.STABLE_AWAITED if waits else reasons.RISING)
            continue
        for phase in range(3):
            if c.mask[i] >> phase & 1:
                more_ma = max(0, new_ma - c.booked_to_raise_ma(i, phase))
                add(free_ma, c.mask[i], phase, -more_ma)
        c.limit_ma[i] = new_ma
        c.raised_at[i] = now_ms


def _step_ma(i, now_ms, target_ma, min_ma, c, free_ma, unproven_ma) -> int:
    """The limit to which charger `i` may rise now; 0 = not now."""
    limit_ma = c.limit_ma[i]
    if c.presence[i] != ONLINE or c.held_ma[i] != limit_ma:
        return 0  # the last write is not settled yet
    if age_ms(now_ms, c.raised_at[i]) < RAISE_EVERY_MS:
        return 0
    if limit_ma and not demand.uses_its_limit(i, now_ms, c):
        return 0
    most_ma = _own_ma(i, c)  # what it holds already is not taken again
    free_here_ma = NO_LIMIT
    for room, weight in USES[c.mask[i]]:
        free_here_ma = min(free_here_ma, free_ma[room] // weight)
    most_ma += free_here_ma
    if limit_ma == 0:
        return min_ma if min_ma <= most_ma else 0
    new_ma = _half_way_ma(limit_ma, most_ma, target_ma)
    if new_ma < target_ma and age_ms(now_ms, c.raised_at[i]) < _LONGER_MS:
        hoped_ma = most_ma + _least_ma(i, c, unproven_ma)
        if new_ma < _half_way_ma(limit_ma, hoped_ma, target_ma):
            return 0
    return new_ma


def _half_way_ma(limit_ma, most_ma, target_ma) -> int:
    half_ma = (most_ma - limit_ma) // 2000 * 1000
    return min(target_ma, most_ma // 1000 * 1000, limit_ma + max(1000, half_ma))


def _own_ma(i, c) -> int:
    """What is booked for charger `i` on every phase that it uses."""
    return _least_ma(i, c, [c.booked_to_raise_ma(i, phase) for phase in range(3)])


def _least_ma(i, c, ma) -> int:
    """The least of three currents, of the phases that charger `i` uses."""
    least_ma = NO_LIMIT
    for phase in range(3):
        if c.mask[i] >> phase & 1:
            least_ma = min(least_ma, ma[phase])
    return least_ma
