# The status light: which colour and pattern tell how the group is, and how bright it is when.
#
# Colours speak as those of the chargers themselves do (maker's wiki, LED indicators): white for
# starting, blue for waiting, green for charging, yellow for "not without you", red for a fault.
# The more urgent, the quicker: a lamp of one colour, or an eye that sees none, has that too.

from loadrail import alerts, registers
from loadrail.budget import METER_WAITING
from loadrail.presence import DOUBTFUL, ONLINE

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


FINE = const(0)
CHARGING = const(1)
WAITING = const(2)
STARTING = const(3)
WARNING = const(4)
SHUT = const(5)
ALARM = const(6)

# kind: (colour, red, green, blue, pattern, period in ms), the less urgent first
_ROWS = (
    ("green", 0, 255, 0, "steady", 0),
    ("green", 0, 255, 0, "breathing", 4000),
    ("blue", 0, 0, 255, "breathing", 4000),
    ("white", 255, 255, 255, "breathing", 4000),
    ("yellow", 255, 255, 0, "breathing", 2000),
    ("yellow", 255, 255, 0, "blinking", 1000),
    ("red", 255, 0, 0, "blinking", 500),
)
_WAITS = (  # for the car, for power, for a person
    registers.STARTING,
    registers.SHORT_PAUSED,
    registers.SHORT_NEW,
    registers.NOT_AUTHORISED,
    registers.NOT_ALLOWED,
)
_LEAST = const(10)  # of 255, at the bottom of a breath: it never looks switched off


def kind(primary, now_ms: int) -> int:
    """What the light has to tell, the most urgent of all."""
    level = alerts.level(primary, now_ms)
    if level == alerts.ALARM:
        return ALARM
    local = primary.inputs
    if local.shut and local.troubles():
        return SHUT
    if level == alerts.WARNING:
        return WARNING
    if primary.budget.meter == METER_WAITING or primary.unheard(now_ms):
        return STARTING
    return _of_cars(primary.chargers)


def _of_cars(c) -> int:
    waits = False
    for i in range(c.n):
        if c.presence[i] in (ONLINE, DOUBTFUL):
            if c.status[i] == registers.CHARGING:
                return CHARGING
            waits = waits or c.status[i] in _WAITS
    return WAITING if waits else FINE


def text(of: int) -> str:
    """A kind in words: "green, steady"."""
    row = _ROWS[of]
    return "%s, %s" % (row[0], row[4])


def brightness(of: int, now_ms: int) -> int:
    """0..255 at this moment of its pattern."""
    period_ms = _ROWS[of][5]
    if not period_ms:
        return 255
    at_ms = now_ms % period_ms
    if _ROWS[of][4] == "blinking":
        return 255 if 2 * at_ms < period_ms else 0
    rising = min(at_ms, period_ms - at_ms) * 510 // period_ms  # 0..255
    return max(_LEAST, rising * rising // 255)  # an eye sees the root of it


def color(of: int, now_ms: int) -> tuple:
    """(red, green, blue), each 0..255, at this moment."""
    now = brightness(of, now_ms)
    row = _ROWS[of]
    return row[1] * now // 255, row[2] * now // 255, row[3] * now // 255
