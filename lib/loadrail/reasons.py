# Why a charger has what it has: one code a decision, and the one place that makes it a sentence.
#
# A code comes with a phase (0..2) and a value, whose unit its row names.

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


NOT_DECIDED = const(0)
OWN_MAXIMUM = const(1)
SHARE = const(2)
NO_ROOM = const(3)
RISING = const(4)
START_HOLD = const(5)
METER_AWAITED = const(6)
METER_LOST = const(7)
CAR_STOPPED = const(8)
NOT_AUTHORISED = const(9)
NOT_ALLOWED = const(10)
NO_CAR = const(11)
CHARGER_ERROR = const(12)
STATUS_UNKNOWN = const(13)
NEVER_HEARD = const(14)
SILENT = const(15)
SILENT_FOR_EVER = const(16)
RELEASED = const(17)
FOREIGN = const(18)
CAP_TOO_LOW = const(19)

# code: (name for programs, sentence). {phase} is L1..L3; {a} is the value in A, {s} in whole s,
# {n} as it is.
_ROWS = (
    ("not_decided", "not looked at yet"),
    ("own_maximum", "all that the charger can take: {a} A"),
    ("share", "its share of the {a} A that {phase} has for the chargers"),
    ("no_room", "waiting: {phase} has too little left, {a} A"),
    ("rising", "more is coming: waits until it is surely free, or for 5 s since the last step"),
    ("start_hold", "controller started: nothing rises until {n} more chargers have answered"),
    ("meter_awaited", "waiting for the first answer of the meter"),
    ("meter_lost", "the meter is lost: all chargers together may have {a} A"),
    ("car_stopped", "the car has stopped charging"),
    ("not_authorised", "not authorised at the charger"),
    ("not_allowed", "the car needs ventilation or has no full control pilot: no charging"),
    ("no_car", "no car"),
    ("charger_error", "the charger reports an error"),
    ("status_unknown", "the charger does not know its own state"),
    ("never_heard", "has never answered: {a} A stay booked; check its address and wiring"),
    ("silent", "silent: {a} A stay booked until its own watchdog has run out"),
    ("silent_for_ever", "silent, and its watchdog is off: {a} A stay booked until it answers"),
    ("released", "silent: its watchdog has put it to {a} A, which stay booked"),
    ("foreign", "a device that is not a TeltoCharge answers here: check the address"),
    ("cap_too_low", "the charger can supply {a} A, less than its minimum"),
)


def name(code: int) -> str:
    """The word for programs: stable, lower case."""
    return _ROWS[code][0]


def sentence(code: int, phase: int = 0, value: int = 0) -> str:
    """What a person reads. `value` is mA where the sentence names amperes."""
    text = _ROWS[code][1]
    text = text.replace("{phase}", ("L1", "L2", "L3")[phase])
    text = text.replace("{a}", amps(value))
    return text.replace("{n}", str(value))


def amps(ma: int) -> str:
    """12300 -> '12.3', 6000 -> '6'. Rounded down towards zero."""
    sign = "-" if ma <= -100 else ""
    tenths = abs(ma) // 100
    if tenths % 10 == 0:
        return "%s%d" % (sign, tenths // 10)
    return "%s%d.%d" % (sign, tenths // 10, tenths % 10)
