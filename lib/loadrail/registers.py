# The TeltoCharge registers that the steady state needs: 0-based PDU addresses, and the codes of
# evse_status. All 45 by name are in register_map.py.

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


CURRENT_L1 = const(3)
EVSE_STATUS = const(6)

EVSE_STATUS_TIME = const(7)  # and 8, low word first
EVSE_ID = const(9)
THREE_PHASE_POSSIBLE = const(10)
PHASE_CHANGE_POSSIBLE = const(11)
AMP_LIMIT = const(12)
PHASE_TO_USE = const(14)
AMPS_TO_USE = const(15)
SESSION_REQUEST = const(16)
AUTHORIZE_REQUEST = const(17)
SOCKET_LOCK_REQUEST = const(18)
COMMUNICATION_TIMEOUT = const(19)
FAILSAFE_CURRENT = const(20)
REBOOT_REQUEST = const(21)
AUTHORIZATION_REQUIRED = const(22)
SERIAL_NUMBER = const(24)  # and 25, low word first
FIRMWARE_VERSION = const(26)
CHARGE_POINT_STATE = const(27)
MAX_GRID_CURRENT = const(28)
USER_MAX_CURRENT = const(29)
LOCK_STATUS = const(30)
WARNING_CODE = const(34)
ERROR_CODE = const(35)
MAX_SUPPORTED_POWER = const(37)

MAX_SUPPORTED_POWER_A = (32, 16, 32)  # by the code in register 37: 7.4, 11 and 22 kW
STOPPED_BY_USER = const(6)  # charge_point_state

TELTOCHARGE_ID = const(21571)  # register 9: "TC"

# evse_status, in the order of the maker's priority sharing
CHARGING = const(0)
STARTING = const(1)  # waits for the car to start
SHORT_PAUSED = const(2)  # has charged, not enough power
SHORT_NEW = const(3)  # has not charged yet, not enough power
CAR_STOPPED = const(4)  # the car ended it; may start again by itself
NOT_AUTHORISED = const(5)
NOT_ALLOWED = const(6)  # simplified control pilot or ventilation needed
NO_CAR = const(7)
ERROR = const(8)
UNKNOWN = const(9)


def signed16(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word
