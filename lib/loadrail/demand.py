# What a car makes use of: how much, and on which phases.
#
# A car that has drawn clearly less than its limit for a minute keeps what it draws and MARGIN_A
# more; the rest goes to others. That margin is the probe: a car that wants more draws it, and
# gets its full share back at once. A car that has charged on fewer phases than its charger has
# counts on those alone after a minute; a phase that it begins to use counts at once.

from loadrail.clock import age_ms
from loadrail.phases import mask_of
from loadrail.presence import ONLINE
from loadrail.registers import SHORT_NEW

MARGIN_A = 3
_UNDER_MA = 1000  # a car within this of its limit uses it
_FOLLOWS_MS = 10_000  # a charger and its car need so long to follow a higher limit
_AFTER_MS = 60_000
_PROBE_MS = 30_000  # how often what it keeps is measured anew
_USED_MA = 1000  # a phase with more than this is in use


def uses_its_limit(i: int, now_ms: int, c) -> bool:
    """Whether more would be of use: not where the car has left some for a while already."""
    return c.under_at[i] is None or age_ms(now_ms, c.under_at[i]) < _FOLLOWS_MS


def update(now_ms: int, c) -> None:
    """Bring `demand_a` and `mask` of all chargers up to date with their last readings."""
    for i in range(c.n):
        if c.status[i] > SHORT_NEW:
            c.demand_a[i] = None
            c.under_at[i] = None
            c.narrow_at[i] = None
            continue
        _amount(i, now_ms, c)
        _phases(i, now_ms, c)


def _amount(i, now_ms, c) -> None:
    draw_ma = max(c.draw_ma[3 * i : 3 * i + 3])
    if draw_ma + _UNDER_MA > c.limit_ma[i]:
        c.demand_a[i] = None
        c.under_at[i] = None
        return
    if c.under_at[i] is None:
        c.under_at[i] = now_ms
    since_ms = age_ms(now_ms, c.under_at[i])
    if since_ms < _AFTER_MS:
        return
    keeps_a = (draw_ma + 999) // 1000 + MARGIN_A
    known_a = c.demand_a[i]
    if known_a is not None:
        # Measured anew every _PROBE_MS; a difference of 1 A is the car's own flutter.
        if age_ms(now_ms, c.probed_at[i]) < _PROBE_MS or known_a - 1 <= keeps_a <= known_a:
            return
    c.demand_a[i] = keeps_a
    c.probed_at[i] = now_ms


def _phases(i, now_ms, c) -> None:
    if c.presence[i] != ONLINE:
        c.narrow_at[i] = None
        return  # who is silent may have another car
    if not c.order[i]:
        return  # nobody knows which terminal is on which phase
    used = 0
    for phase in range(3):
        if c.draw_ma[3 * i + phase] > _USED_MA:
            used |= 1 << phase
    may_use = c.mask[i]
    if used in (0, may_use):
        c.narrow_at[i] = None
    elif used & ~may_use:
        c.mask[i] = may_use | used
        c.narrow_at[i] = None
    elif c.narrow_at[i] is None or c.narrow[i] != used:
        c.narrow[i] = used
        c.narrow_at[i] = now_ms
    elif age_ms(now_ms, c.narrow_at[i]) >= _AFTER_MS:
        c.mask[i] = used
        c.narrow_at[i] = None


def forget(i: int, c) -> None:
    """The car has gone: the next one may be another."""
    c.mask[i] = mask_of(c.order[i])
    c.demand_a[i] = None
    c.under_at[i] = None
    c.narrow_at[i] = None
    c.energy_as[i] = 0
