# What a charger truly lets its car take, and which of its limits that is.
#
# The smallest of what the primary wrote, or its absence left, and of the charger's own caps; a
# lie comes on top. Called at every step of every charger, so the usual case goes straight through.

from . import lies
from . import teltocharge as tc


def limit_and_cause(charger):
    """Amperes, 0 or at least 6, and the code of current_limit_cause."""
    lie = charger.lie
    limit_a = charger.held_a if lie == lies.PARROT else charger.settings[tc.AMPS_TO_USE]
    cause = tc.CAUSE_LOAD_BALANCE
    if charger.watchdog.expired(charger.now_ms):
        limit_a = _after_timeout_a(charger, limit_a)
        cause = tc.CAUSE_EVSE_DEFAULTS
    if limit_a:
        cap_a = min(charger.max_a, charger.max_grid_a, charger.user_max_a, charger.cable_a)
        if cap_a < limit_a:
            limit_a, cause = cap_a, _cause_of(charger, cap_a)
        if limit_a < tc.MIN_A:
            limit_a = 0
    return (lies.allowed_a(lie, limit_a) if lie else limit_a), cause


def _after_timeout_a(charger, amps_a):
    after = charger.reading["after_timeout"]
    if after == "stop":
        return 0
    failsafe_a = charger.settings[tc.FAILSAFE_CURRENT]
    return failsafe_a if after == "failsafe" else min(amps_a, failsafe_a)


def _cause_of(charger, cap_a):
    if charger.max_a == cap_a:
        return tc.CAUSE_HARDWARE
    if charger.max_grid_a == cap_a:
        return tc.CAUSE_MAX_GRID
    return tc.CAUSE_USER if charger.user_max_a == cap_a else tc.CAUSE_CABLE
