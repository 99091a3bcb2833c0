# Why a charger has what it has: one code a decision. sentences.py makes it a sentence.
#
# A code comes with a room of sharing.py (0..2 are the phases), a value whose unit its sentence
# names, and a time to come in seconds.

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


NOT_DECIDED = const(0)
OWN_MAXIMUM = const(1)
SHARE = const(2)
DEMAND = const(3)
NO_ROOM = const(4)
TURN_AWAITED = const(5)
RISING = const(6)
STABLE_AWAITED = const(7)
START_HOLD = const(8)
METER_AWAITED = const(9)
METER_LOST = const(10)
CAR_STOPPED = const(11)
NOT_AUTHORISED = const(12)
NOT_ALLOWED = const(13)
NO_CAR = const(14)
CHARGER_ERROR = const(15)
STATUS_UNKNOWN = const(16)
NEVER_HEARD = const(17)
SILENT = const(18)
SILENT_FOR_EVER = const(19)
RELEASED = const(20)
FOREIGN = const(21)
CAP_TOO_LOW = const(22)
SETTINGS_AWAITED = const(23)
DEFIES = const(24)
FROZEN = const(25)
GARBLED = const(26)
OVERDRAW = const(27)
OVERDRAW_FOR_GOOD = const(28)
OPERATOR = const(29)
CAP_GRID = const(30)
CAP_USER = const(31)
CAP_SEEN = const(32)
INTRUDER = const(33)
SWITCHING = const(34)
RUNS_AWAY = const(35)
HELD_LOW = const(36)
EMERGENCY_STOP = const(37)
BLOCKED = const(38)
REDUCED = const(39)
SELECTOR = const(40)
SELECTOR_RESERVED = const(41)
INPUT_UNREAD = const(42)
SOLAR_OFF = const(43)
SUN_AWAITED = const(44)
SUN_LASTS = const(45)
SUN_TURN = const(46)
SUN_SHARE = const(47)
SUN_SHORT = const(48)
SUN_TOPPED = const(49)
SUN_UNKNOWN = const(50)
