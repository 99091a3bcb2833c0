# The TeltoCharge's register table as the simulated charger needs it: addresses, ranges, codes.
#
# Written from the table, independently of the firmware's own copy in lib/, so that a slip in one
# of them shows. 16-bit registers, 0-based addresses, low word first, one holding table.

COUNT = 45

(
    VOLTAGE_L1,
    VOLTAGE_L2,
    VOLTAGE_L3,
    CURRENT_L1,
    CURRENT_L2,
    CURRENT_L3,
    EVSE_STATUS,
    EVSE_STATUS_TIME_LO,
    EVSE_STATUS_TIME_HI,
    EVSE_ID,
    THREE_PHASE_POSSIBLE,
    PHASE_CHANGE_POSSIBLE,
    AMP_LIMIT,
    PHASE_CONNECTED,
    PHASE_TO_USE,
    AMPS_TO_USE,
    SESSION_REQUEST,
    AUTHORIZE_REQUEST,
    SOCKET_LOCK_REQUEST,
    COMMUNICATION_TIMEOUT,
    FAILSAFE_CURRENT,
    REBOOT_REQUEST,
    AUTHORIZATION_REQUIRED,
    PRODUCT_CODE,
    SERIAL_NUMBER_LO,
    SERIAL_NUMBER_HI,
    FIRMWARE_VERSION,
    CHARGE_POINT_STATE,
    MAX_GRID_CURRENT,
    USER_MAX_CURRENT,
    LOCK_STATUS,
    INTERNAL_TEMPERATURE,
    OCPP_CONNECTED,
    IEC_STATE,
    WARNING_CODE,
    ERROR_CODE,
    CURRENT_LIMIT_CAUSE,
    MAX_SUPPORTED_POWER,
    ACTIVE_POWER,
    SESSION_ENERGY,
    SESSION_DURATION,
    LIFETIME_ENERGY_W0,
    LIFETIME_ENERGY_W1,
    LIFETIME_ENERGY_W2,
    LIFETIME_ENERGY_W3,
) = range(COUNT)

IDENTITY = 21571  # "TC", what a search looks for in EVSE_ID
SERIAL_NUMBER_BASE = 1_000_000  # and its address, of the simulated ones
MIN_A = 6  # least current but 0, IEC 61851

# Writable registers with a plain range; PHASE_TO_USE and the two currents have rules of their own.
RANGES = {
    SESSION_REQUEST: (0, 2),
    AUTHORIZE_REQUEST: (0, 1),
    SOCKET_LOCK_REQUEST: (0, 2),
    COMMUNICATION_TIMEOUT: (0, 600),
    REBOOT_REQUEST: (0, 1),
}
CURRENTS = (AMPS_TO_USE, FAILSAFE_CURRENT)  # 0, or MIN_A up to a maximum
WRITABLE = (PHASE_TO_USE,) + CURRENTS + tuple(RANGES)

# evse_status
CHARGING = 0
WAITING_FOR_EV = 1
PAUSED_AFTER_CHARGE = 2  # was charging, not enough power
PAUSED_BEFORE_CHARGE = 3  # has not charged, not enough power
STOPPED_BY_EV = 4
NOT_AUTHORIZED = 5
NOT_ALLOWED = 6
NO_EV = 7
ERROR = 8
UNKNOWN = 9

# What the other two state registers say in each evse_status. Without a PWM signal a car that
# wanted to charge is in C1, one that did not is in B1.
IEC_STATES = (4, 2, 3, 1, 2, 1, 1, 0, 8, 7)
CHARGE_POINT_STATES = (3, 2, 4, 2, 5, 1, 1, 0, 7, 9)
STOPPED_BY_USER = 6  # charge_point_state

# Phases code 0..7 -> bits: 1 = L1, 2 = L2, 4 = L3.
PHASE_BITS = (1, 2, 4, 3, 5, 6, 7, 0)

# current_limit_cause
CAUSE_HARDWARE = 0
CAUSE_MAX_GRID = 1
CAUSE_USER = 2
CAUSE_CABLE = 3
CAUSE_EVSE_DEFAULTS = 5
CAUSE_LOAD_BALANCE = 6


def phase_code(bits):
    """The phases code of a set of bits."""
    return PHASE_BITS.index(bits)
