# The TeltoCharge register map by name: 45 registers, 0-based PDU addresses, wide values low word
# first. Source: the maker's public Modbus map (2025 to 2026); nothing was measured on a charger.
#
# For people and for what is done now and then; loaded only when used.

from loadrail.registers import signed16

# name: (address, words, signed, divisor, unit, lowest, highest, writable). Lowest and highest
# are raw register values; None where the maker gives no range. A limit in amperes may also be 0.
MAP = {
    "voltage_l1": (0, 1, True, 1, "V", None, None, False),
    "voltage_l2": (1, 1, True, 1, "V", None, None, False),
    "voltage_l3": (2, 1, True, 1, "V", None, None, False),
    "current_l1": (3, 1, True, 10, "A", None, None, False),
    "current_l2": (4, 1, True, 10, "A", None, None, False),
    "current_l3": (5, 1, True, 10, "A", None, None, False),
    "evse_status": (6, 1, False, 1, "", 0, 9, False),
    "evse_status_time": (7, 2, False, 1, "s", None, None, False),
    "evse_id": (9, 1, False, 1, "", 21571, 21571, False),
    "three_phase_possible": (10, 1, False, 1, "", 0, 1, False),
    "phase_change_possible": (11, 1, False, 1, "", 0, 1, False),
    "amp_limit": (12, 1, False, 1, "A", 6, 32, False),
    "phase_connected": (13, 1, False, 1, "", 0, 7, False),
    "phase_to_use": (14, 1, False, 1, "", 0, 7, True),
    "amps_to_use": (15, 1, False, 1, "A", 6, 32, True),
    "session_request": (16, 1, False, 1, "", 0, 2, True),
    "authorize_request": (17, 1, False, 1, "", 0, 1, True),
    "socket_lock_request": (18, 1, False, 1, "", 0, 2, True),
    "communication_timeout": (19, 1, False, 1, "s", 0, 600, True),
    "failsafe_current": (20, 1, False, 1, "A", 6, 32, True),
    "reboot_request": (21, 1, False, 1, "", 0, 1, True),
    "authorization_required": (22, 1, False, 1, "", 0, 1, False),
    "product_code": (23, 1, False, 1, "", 0, 9999, False),
    "serial_number": (24, 2, False, 1, "", None, None, False),
    "firmware_version": (26, 1, False, 1, "", 11200, 29999, False),
    "charge_point_state": (27, 1, False, 1, "", 0, 9, False),
    "max_grid_current": (28, 1, False, 1, "A", 6, 1000, False),
    "user_max_current": (29, 1, False, 1, "A", 6, 32, False),
    "lock_status": (30, 1, False, 1, "", 0, 1, False),
    "internal_temperature": (31, 1, True, 10, "degC", -400, 1250, False),
    "ocpp_connected": (32, 1, False, 1, "", 0, 1, False),
    "iec_state": (33, 1, False, 1, "", 0, 8, False),
    "warning_code": (34, 1, False, 1, "", None, None, False),
    "error_code": (35, 1, False, 1, "", None, None, False),
    "current_limit_cause": (36, 1, False, 1, "", 0, 8, False),
    "max_supported_power": (37, 1, False, 1, "", 0, 2, False),
    "active_power": (38, 1, False, 1, "W", None, None, False),
    "session_energy": (39, 1, False, 100, "kWh", None, None, False),
    "session_duration": (40, 1, False, 1, "s", None, None, False),
    "lifetime_energy": (41, 4, False, 100, "kWh", None, None, False),
}
# as their addresses go: a dict has no order on MicroPython
NAMES = tuple(sorted(MAP, key=lambda name: MAP[name][0]))
_ZERO_TOO = ("amp_limit", "amps_to_use", "failsafe_current")


def decode(name: str, words, first: int = 0) -> int:
    """The raw whole number of register `name` in `words`, a block that starts at address `first`.

    Divide by MAP[name][3] for the unit in MAP[name][4]. Raises KeyError for an unknown name and
    IndexError where the block does not hold it.
    """
    address, count, signed = MAP[name][:3]
    at = address - first
    if at < 0:
        raise IndexError(name)
    if count == 1:
        return signed16(words[at]) if signed else words[at]
    value = 0
    for k in range(count):
        value |= words[at + k] << (16 * k)
    return value


def in_range(name: str, raw: int) -> bool:
    """Whether a raw value is one that the maker documents."""
    lowest, highest = MAP[name][5:7]
    if raw == 0 and name in _ZERO_TOO:
        return True
    return lowest is None or lowest <= raw <= highest


def range_text(name: str) -> str:
    """The documented values without their unit: "0 or 6..32", "-40.0..125.0", "21571".

    Empty where the maker gives no range.
    """
    lowest, highest = MAP[name][5:7]
    if lowest is None:
        return ""
    if lowest == highest:
        return decimal(name, lowest)
    zero = "0 or " if name in _ZERO_TOO else ""
    return "%s%s..%s" % (zero, decimal(name, lowest), decimal(name, highest))


def decimal(name: str, raw: int) -> str:
    """A raw value as the digits of a number in the register's unit: 163 -> "16.3"."""
    divisor = MAP[name][3]
    sign = "-" if raw < 0 else ""
    whole, rest = divmod(abs(raw), divisor)
    if divisor == 1:
        return "%s%d" % (sign, whole)
    # divisors are powers of ten: 10 + 3 -> "13" gives "3", 100 + 3 -> "103" gives "03"
    return "%s%d.%s" % (sign, whole, str(divisor + rest)[1:])


def encode(name: str, raw: int) -> int:
    """The word to write for a raw value. Raises ValueError with what is allowed."""
    if not MAP[name][7]:
        raise ValueError("%s cannot be written" % name)
    if not in_range(name, raw):
        raise ValueError("%s: %d is not %s" % (name, raw, range_text(name)))
    return raw & 0xFFFF
