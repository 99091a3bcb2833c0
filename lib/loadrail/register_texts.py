# What the value of a TeltoCharge register means, in words and with its unit.
#
# Takes raw values as register_map.decode gives them. No value raises: what the maker's public map
# (2025 to 2026) does not document is shown as it is, and said to be so. Whole numbers only, so
# that a 64-bit energy keeps every digit. For people; loaded only when used.

from loadrail.register_map import MAP, decimal, in_range, range_text
from loadrail.sentences import EVSE_STATUS_TEXTS

_NO_YES = ("no", "yes")
_PHASES = ("L1", "L2", "L3", "L1+L2", "L1+L3", "L2+L3", "L1+L2+L3", "none")

# name: the meaning of 0, 1, 2 ...
_MEANINGS = {
    "evse_status": EVSE_STATUS_TEXTS,
    "phase_connected": _PHASES,
    "phase_to_use": _PHASES,
    "three_phase_possible": _NO_YES,
    "phase_change_possible": _NO_YES,
    "authorize_request": _NO_YES,
    "reboot_request": _NO_YES,
    "authorization_required": _NO_YES,
    "ocpp_connected": _NO_YES,
    "lock_status": ("unlocked", "locked"),
    "session_request": ("none", "stop", "start if it is stopped"),  # 2 not before 2026
    "socket_lock_request": ("automatic", "always locked", "automatic, unlock now"),
    "charge_point_state": (
        "no car",
        "car connected, waits for permission",
        "authorised",
        "charging",
        "paused",
        "finished, car still connected",
        "stopped by the user",
        "error",
        "reserved, no car",
        "other",
    ),
    # the letters are those of IEC 61851; "no signal" is a control pilot without PWM
    "iec_state": (
        "A, no car",
        "B1, car connected, not authorised yet, no signal",
        "B2, car connected, told its current",
        "C1, car ready or told to stop, no signal",
        "C2, charging",
        "D1, car wants ventilation, no signal",
        "D2, charging with ventilation",
        "E, fault on the control pilot",
        "F, fault of the charger",
    ),
    # Each goes on after "limited by". The range of the map has an 8 too, and no meaning for it.
    "current_limit_cause": (
        "the hardware",
        "the grid limit set in the charger",
        "the user's static setting",
        "the charging cable",
        "a simplified control pilot",
        "the charger's defaults",
        "load balancing",
        "temperature",
    ),
    "max_supported_power": (
        "7.4 kW (one phase, 32 A)",
        "11 kW (three phases, 16 A)",
        "22 kW (three phases, 32 A)",
    ),
}

# name: the meaning of bit 0, 1, 2 ...
_BITS = {
    "warning_code": (
        "midplate is open",
        "temperature",
        "car draws more than it is allowed",
        "car needs ventilation",
        "clock has lost the time",
        "simplified control pilot refused",
        "simplified control pilot seen",
        "charging without ventilation refused",
        "current clamp of the PEN detection is not calibrated",
        "NFC module fault",
        "PEN fault has been seen",
    ),
    "error_code": (
        "input voltage out of range",
        "output voltage out of range",
        "leakage sensor self-test failed",
        "fault of the car's diode or on the control pilot line",
        "overcurrent",
        "temperature",
        "PEN fault is present",
        "fault on the proximity pilot (cable or socket)",
        "current leakage",
        "socket lock fault",
        "internal fault",
    ),
}


def text_of(name: str, raw: int) -> str:
    """A raw value in words with its unit: current_l1 163 -> "16.3 A".

    A value that the maker does not document is shown with those that are: "77 (documented: 0..9)".
    Raises KeyError for an unknown name and nothing else.
    """
    if name in _BITS:
        return "; ".join(bit_texts(name, raw)) or "none"
    if not in_range(name, raw):
        return _undocumented(name, raw)
    meanings = _MEANINGS.get(name)
    if meanings is not None:
        return meanings[raw] if raw < len(meanings) else "%d (no meaning documented)" % raw
    form = _FORMS.get(name)
    return _number(name, raw) if form is None else form(raw)


def bit_texts(name: str, raw: int):
    """What each set bit of warning_code or error_code means, lowest first, one text a bit."""
    meanings = _BITS[name]
    for bit in range(16):
        if raw >> bit & 1:
            yield meanings[bit] if bit < len(meanings) else "bit %d (not documented)" % bit


def is_documented(name: str, raw: int) -> bool:
    """Whether the maker's map says what this raw value means: its range, bits and codes."""
    if name in _BITS:
        return raw >> len(_BITS[name]) == 0
    if not in_range(name, raw):
        return False
    return name not in _MEANINGS or raw < len(_MEANINGS[name])


def _undocumented(name, raw) -> str:
    if name == "evse_id":
        return "%d, not a TeltoCharge: that has %s" % (raw, range_text(name))
    unit = MAP[name][4]
    allowed = range_text(name)
    return "%s (documented: %s)" % (_number(name, raw), (allowed + " " + unit).strip())


def _number(name, raw) -> str:
    return (decimal(name, raw) + " " + MAP[name][4]).strip()


def _version(raw) -> str:
    """11200 -> "1.12.00"."""
    return "%d.%02d.%02d" % (raw // 10000, raw // 100 % 100, raw % 100)


def _duration(time_s) -> str:
    """3723 -> "1 h 02 min 03 s"; what is 0 in front is left out."""
    if time_s < 60:
        return "%d s" % time_s
    if time_s < 3600:
        return "%d min %02d s" % (time_s // 60, time_s % 60)
    return "%d h %02d min %02d s" % (time_s // 3600, time_s // 60 % 60, time_s % 60)


# name: the text of a documented value that is neither a plain number nor a code
_FORMS = {
    "evse_id": lambda raw: "TC, a TeltoCharge",
    "evse_status_time": _duration,
    "session_duration": _duration,
    "communication_timeout": lambda raw: "%d s" % raw if raw else "0 s, off",
    "product_code": lambda raw: "EVC%04d" % raw,
    "firmware_version": _version,
}
