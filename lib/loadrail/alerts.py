# What a person should look after: told once to the log, and shown as long as it lasts.
#
# A charger counts as silent here after the group's communication timeout; what is booked for it is
# older business (chargers.py). Sentences are made in alert_texts.py, when somebody asks.

from loadrail import events
from loadrail.budget import METER_STALE
from loadrail.clock import age_ms
from loadrail.presence import DEFIANT, DOUBTFUL, FOREIGN, ONLINE
from loadrail.presence import GARBLED as GARBLED_AFTER
from loadrail.registers import ERROR

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# Kinds
FINE = const(0)
SILENT = const(1)
NEVER_HEARD = const(2)
IS_FOREIGN = const(3)
GARBLED = const(4)
FROZEN = const(5)
DEFIES = const(6)
OVERDRAWN = const(7)
IN_ERROR = const(8)
INTRUDER = const(9)
METER = const(10)

# Levels; lights.py shows them
OK = const(0)
WARNING = const(1)
ALARM = const(2)  # something may flow that we cannot help
_ALARMS = (DEFIES, OVERDRAWN, INTRUDER, METER)


def of_charger(i: int, c) -> int:
    """What is wrong with charger `i`, the worst of it: a kind."""
    if c.presence[i] == FOREIGN:
        return IS_FOREIGN
    if c.presence[i] not in (ONLINE, DOUBTFUL):
        if not c.told[i]:
            return FINE  # a moment ago it was there
        if c.frozen[i]:
            return FROZEN
        if c.garbled[i] >= GARBLED_AFTER:
            return GARBLED
        return NEVER_HEARD if c.heard_at[i] is None else SILENT
    if c.balks[i] >= DEFIANT:
        return DEFIES
    if c.over_told[i] or c.paused_at[i] is not None:
        return OVERDRAWN
    return IN_ERROR if c.status[i] == ERROR else FINE


def level(primary, now_ms: int) -> int:
    """The worst of all: OK, WARNING or ALARM."""
    if primary.budget.meter == METER_STALE or not primary.alone(now_ms):
        return ALARM
    worst = WARNING if primary.inputs.troubles() else OK
    for i in range(primary.chargers.n):
        kind = of_charger(i, primary.chargers)
        if kind != FINE:
            worst = max(worst, ALARM if kind in _ALARMS else WARNING)
    return worst


def tell(now_ms: int, uptime_s: int, c, timeout_s: int, log) -> None:
    """Note in the log who has fallen silent for `timeout_s`, and who is back."""
    for i in range(c.n):
        here = c.presence[i] in (ONLINE, FOREIGN)
        if here:
            if c.told[i]:
                c.told[i] = False
                log.add(now_ms, events.BACK, i)
        elif not c.told[i]:
            unheard_s = uptime_s
            if c.heard_at[i] is not None:
                unheard_s = age_ms(now_ms, c.heard_at[i]) // 1000
            if unheard_s >= timeout_s:
                c.told[i] = True
                kind = events.GARBLED if c.garbled[i] >= GARBLED_AFTER else events.SILENT
                log.add(now_ms, kind, i, timeout_s)
