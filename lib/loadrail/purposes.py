# What a request is for. The core keeps it beside the request; counters name it.

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


METER = const(0)
STATUS = const(1)  # voltages, currents, evse_status
SETTINGS = const(2)  # identity, abilities, limit, watchdog
LIMIT = const(3)  # a write of amps_to_use
READBACK = const(4)  # status and settings up to the limit, in one read
DETAILS = const(5)  # product, caps, warnings; further on the energies
ENERGY = const(6)
PROBE = const(7)  # what the charger can do over Modbus
WATCHDOG = const(8)  # a write of communication_timeout and failsafe_current
PHASES = const(9)  # a write of phase_to_use
ORDER = const(10)  # what an operator asked for

NAMES = (
    "meter",
    "status",
    "settings",
    "limit",
    "readback",
    "details",
    "energy",
    "probe",
    "watchdog",
    "phases",
    "order",
)

# (first register, registers) of the reads; 16 at a time is what every charger must allow.
BLOCKS = {
    STATUS: (0, 7),
    READBACK: (0, 16),
    SETTINGS: (7, 16),
    DETAILS: (23, 16),
    ENERGY: (39, 6),
}
DETAILS_AND_ENERGY = (23, 22)  # where the charger allows as many
