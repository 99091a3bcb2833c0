# The states of a phase switch (S11), what ends each, and their words: a table for switching.py.
#
# Nothing is switched under current: the limit goes to its minimum and to 0, nothing flows for a
# while, and only then is phase_to_use (register 14) written; it is read back before the charger
# starts again. In the functions `s` is Switching, `c` is Chargers; mA and ms.

from loadrail.clock import age_ms, diff_ms
from loadrail.phases import mask_of
from loadrail.presence import DOUBTFUL, ONLINE

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# The two values of phase_to_use that are ever written
ONE = const(0)  # its L1
ALL = const(6)  # its L1, L2 and L3

# States
IDLE = const(0)
RAMP = const(1)
STOP = const(2)
WAIT = const(3)
WRITE = const(4)
CONFIRM = const(5)
START = const(6)
LOCKED = const(7)  # failed too often

# How a sequence ends
DONE = const(8)
QUIT = const(9)  # broken off before anything was written
FAILED = const(10)
FOLLOWED = const(11)  # the charger has changed its phases by itself; also a `why`

_FLOWS_MA = 1000  # a contactor that moves above this wears, a car may fault
_FRESH_MS = 5000  # an older reading says nothing of now
_FOLLOWED_MA = 500  # this close to its limit a car follows it
_IN_ALL_MS = 600_000  # and the wait: a car that starts and stops would keep a sequence for ever


# --- what ends a state


def is_away(s, i, now_ms, c):
    if c.presence[i] not in (ONLINE, DOUBTFUL) or not c.known[i]:
        return True
    return c.phase_to_use[i] is None and not s.sent[i]


def _is_lost(s, i, now_ms, c):
    return s.sent[i] and is_away(s, i, now_ms, c)


def _changed_itself(s, i, now_ms, c):
    return not s.sent[i] and c.phase_to_use[i] != s.code[i]


def _is_taken(s, i, now_ms, c):
    return c.phase_to_use[i] == s.target[i]


def _is_odd(s, i, now_ms, c):
    return c.phase_to_use[i] not in (None, s.code[i], s.target[i])


def _takes_too_long(s, i, now_ms, c):
    return age_ms(now_ms, s.begun_at[i]) >= s.wait_ms[i] + _IN_ALL_MS


def _is_low(s, i, now_ms, c):
    low_a = c.min_3p_a[i] if c.mask[i] == 7 else c.min_a[i]
    return _read_after(s.since_at[i], i, c) and _draw_ma(i, c) <= low_a * 1000 + _FOLLOWED_MA


def _has_stopped(s, i, now_ms, c):
    return _read_after(s.zero_at[i], i, c) and not flows(i, c)


def _may_flow(s, i, now_ms, c):
    flow_at = s.flow_at[i]
    return s.zero_at[i] is None or (flow_at is not None and diff_ms(flow_at, s.since_at[i]) >= 0)


def _has_rested(s, i, now_ms, c):
    return age_ms(now_ms, s.since_at[i]) >= s.wait_ms[i] and is_calm(s, i, now_ms, c)


def _is_not_calm(s, i, now_ms, c):
    return not is_calm(s, i, now_ms, c)


def is_calm(s, i, now_ms, c):
    """All of S11: 0 is commanded and acknowledged, a fresh reading since then shows no current,
    and none was seen within the wait."""
    if c.limit_ma[i] or c.held_ma[i] or not _has_stopped(s, i, now_ms, c):
        return False
    is_fresh = age_ms(now_ms, c.draw_at[i]) < _FRESH_MS
    return is_fresh and age_ms(now_ms, s.flow_at[i]) >= s.wait_ms[i]


def defies(s, i, now_ms, c):
    """Whether it draws on phases that it says it does not use."""
    if not _read_after(s.since_at[i], i, c):
        return False
    return drawn(i, c) & ~mask_with(s.code[i], c.order[i]) != 0


def _charges(s, i, now_ms, c):
    return _read_after(s.since_at[i], i, c) and flows(i, c)


def flows(i, c) -> bool:
    return _draw_ma(i, c) >= _FLOWS_MA


def drawn(i, c) -> int:
    """The grid's phases on which current flows."""
    mask = 0
    for phase in range(3):
        if c.draw_ma[3 * i + phase] >= _FLOWS_MA:
            mask |= 1 << phase
    return mask


def mask_with(code: "int | None", order: tuple) -> int:
    """The grid's phases that a charger may load with this phase_to_use; None = not known."""
    return 1 << order[0] if code == ONE and len(order) == 3 else mask_of(order)


def _read_after(at_ms, i, c):
    read_at = c.draw_at[i]
    return at_ms is not None and read_at is not None and diff_ms(read_at, at_ms) > 0


def _draw_ma(i, c):
    return max(c.draw_ma[3 * i : 3 * i + 3])


# --- the table

# A silence after a write is a failure: it may be the write's doing.
_AWAY = ((_is_lost, FAILED), (is_away, QUIT), (_changed_itself, FOLLOWED))
# Only once it was sent can these be so. It counts as taken once it is read back, acknowledged
# or not. The old value is no refusal yet: a charger may need a while.
_SENT = _AWAY + ((_is_taken, START), (_is_odd, FAILED))
_LONG = _SENT + ((_takes_too_long, FAILED),)

# By state: must its limit be 0; (what ends it, what then), in this order; how long it may last
# (None = for ever); what then. CONFIRM is entered by the acknowledgement of the write.
TABLE = (
    (False, (), None, IDLE),
    (False, _AWAY + ((_is_low, STOP),), 15_000, STOP),  # RAMP
    (True, _LONG + ((_has_stopped, WAIT),), 60_000, FAILED),  # STOP
    (True, _LONG + ((_may_flow, STOP), (_has_rested, WRITE)), None, WAIT),  # WAIT: see wait_ms
    (True, _SENT + ((_is_not_calm, STOP),), 30_000, FAILED),  # WRITE
    (True, _SENT, 30_000, FAILED),  # CONFIRM
    # START: a car that does not start is no failure
    (False, _AWAY + ((defies, FAILED), (_charges, DONE)), 120_000, DONE),
    (False, (), None, LOCKED),
)

# By state, for people. {to} is one of PHASES_TEXTS, {t} a time; of IDLE there is nothing to say.
STATE_TEXTS = (
    "",
    "goes to its minimum for a switch to {to}",
    "stops for a switch to {to}",
    "stopped for a switch to {to}: waiting {t} more",
    "stopped for a switch to {to}: it is being written",
    "switched to {to}: to be confirmed",
    "starts on {to}",
    "not switched any more until it is unlocked: it failed twice",
)
# By the state in which a switch failed
FAILURE_TEXTS = (
    "",
    "",
    "the car did not stop drawing current",
    "the car went on drawing current",
    "the charger did not take its new phases",
    "the charger did not confirm its new phases",
    "the car draws on phases that the charger does not use, as it says",
    "",
)
PHASES_TEXTS = {ONE: "one phase", ALL: "three phases"}
