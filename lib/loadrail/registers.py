# The TeltoCharge registers that the steady state needs: 0-based PDU addresses, and the codes of
# evse_status. All 45 by name are in register_map.py.

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# The fast block, read every cycle: voltages, currents, evse_status.
FAST_FIRST = const(0)
FAST_COUNT = const(7)
CURRENT_L1 = const(3)
EVSE_STATUS = const(6)

# The slow block, read now and then: identity, abilities, limits, watchdog. 16 registers, which is
# the smallest block limit that a charger is expected to have.
SLOW_FIRST = const(7)
SLOW_COUNT = const(16)
EVSE_ID = const(9)
AMP_LIMIT = const(12)
AMPS_TO_USE = const(15)
COMMUNICATION_TIMEOUT = const(19)
FAILSAFE_CURRENT = const(20)

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
