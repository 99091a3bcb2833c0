# Every register in words.

from loadrail.register_map import NAMES, in_range
from loadrail.register_texts import bit_texts, is_documented, text_of

_NO_YES = ("no", "yes")
_PHASES = ("L1", "L2", "L3", "L1+L2", "L1+L3", "L2+L3", "L1+L2+L3", "none")
# Each word a part that the text of 0, 1, 2 ... must have, lower case. All codes of the map.
_CODES = {
    "evse_status": (
        "charging",
        "start",
        "paused",
        "not started",
        "stopped by the car",
        "not authorised",
        "not allowed",
        "no car",
        "error",
        "unknown",
    ),
    "phase_connected": _PHASES,
    "phase_to_use": _PHASES,
    "three_phase_possible": _NO_YES,
    "phase_change_possible": _NO_YES,
    "authorize_request": _NO_YES,
    "reboot_request": _NO_YES,
    "authorization_required": _NO_YES,
    "ocpp_connected": _NO_YES,
    "lock_status": ("unlocked", "locked"),
    "session_request": ("none", "stop", "start"),
    "socket_lock_request": ("automatic", "always locked", "unlock now"),
    "charge_point_state": (
        "no car",
        "permission",
        "authorised",
        "charging",
        "paused",
        "finished",
        "stopped by the user",
        "error",
        "reserved",
        "other",
    ),
    "iec_state": ("A,", "B1,", "B2,", "C1,", "C2,", "D1,", "D2,", "E,", "F,"),
    "current_limit_cause": (
        "hardware",
        "grid",
        "user",
        "cable",
        "simplified control pilot",
        "defaults",
        "balancing",
        "temperature",
        "8 (no meaning documented)",
    ),
    "max_supported_power": (
        "7.4 kW (one phase, 32 A)",
        "11 kW (three phases, 16 A)",
        "22 kW (three phases, 32 A)",
    ),
}
_BITS = {
    "warning_code": (
        "midplate",
        "temperature",
        "draws more",
        "needs ventilation",
        "clock",
        "control pilot refused",
        "control pilot seen",
        "without ventilation refused",
        "clamp",
        "NFC",
        "PEN fault has been",
    ),
    "error_code": (
        "input voltage",
        "output voltage",
        "leakage sensor self-test failed",
        "diode",
        "overcurrent",
        "temperature",
        "PEN fault is",
        "proximity pilot",
        "current leakage",
        "socket lock",
        "internal",
    ),
}


def test_every_code_has_a_text_of_its_own():
    for name in _CODES:
        said = [text_of(name, raw) for raw in range(len(_CODES[name]))]
        assert len(set(said)) == len(said), name
        for text, part in zip(said, _CODES[name]):
            assert part in text, (name, text)
        assert "documented" in text_of(name, len(said)), name


def test_phases_and_yes_and_no_are_said_in_these_very_words():
    for name in _CODES:
        if _CODES[name] in (_NO_YES, _PHASES):
            for raw, text in enumerate(_CODES[name]):
                assert text_of(name, raw) == text


def test_every_register_of_few_values_has_its_codes_in_this_test():
    few = [name for name in NAMES if in_range(name, 1) and not in_range(name, 10)]
    assert sorted(few) == sorted(_CODES)


def test_every_bit_has_a_text_of_its_own():
    for name in _BITS:
        said = [text_of(name, 1 << bit) for bit in range(11)]
        assert len(set(said)) == 11
        for text, part in zip(said, _BITS[name]):
            assert part in text, (name, text)
            assert ";" not in text, "it parts the texts of two bits"


def test_all_bits_that_are_set_are_told_lowest_first():
    assert text_of("warning_code", 0b11) == "midplate is open; temperature"
    assert text_of("error_code", 0b100100) == "leakage sensor self-test failed; temperature"
    for name in _BITS:
        assert text_of(name, 0) == "none"
        assert list(bit_texts(name, 0)) == []
        assert len(text_of(name, 0xFFFF).split("; ")) == 16


def test_an_unknown_bit_is_told_as_such_beside_the_known():
    for name in _BITS:
        for bit in range(11, 16):
            unknown = "bit %d (not documented)" % bit
            assert text_of(name, 1 << bit) == unknown
            known = text_of(name, 2)
            assert text_of(name, 1 << bit | 2) == known + "; " + unknown


def test_numbers_come_with_their_unit():
    for name, raw, text in (
        ("voltage_l1", 231, "231 V"),
        ("voltage_l2", -1, "-1 V"),
        ("voltage_l3", 0, "0 V"),
        ("current_l1", 163, "16.3 A"),
        ("current_l2", -5, "-0.5 A"),
        ("current_l3", 0, "0.0 A"),
        ("amp_limit", 32, "32 A"),
        ("amps_to_use", 16, "16 A"),
        ("failsafe_current", 6, "6 A"),
        ("max_grid_current", 1000, "1000 A"),
        ("user_max_current", 10, "10 A"),
        ("internal_temperature", 350, "35.0 degC"),
        ("internal_temperature", -55, "-5.5 degC"),
        ("active_power", 65535, "65535 W"),
        ("session_energy", 1234, "12.34 kWh"),
        ("lifetime_energy", 5, "0.05 kWh"),
        ("lifetime_energy", 0x8000000000000001, "92233720368547758.09 kWh"),
        ("serial_number", 0xFFFFFFFF, "4294967295"),
    ):
        assert text_of(name, raw) == text


def test_times_identity_and_versions_are_said_as_people_say_them():
    for name, raw, text in (
        ("evse_status_time", 0, "0 s"),
        ("evse_status_time", 59, "59 s"),
        ("evse_status_time", 60, "1 min 00 s"),
        ("evse_status_time", 3599, "59 min 59 s"),
        ("evse_status_time", 3600, "1 h 00 min 00 s"),
        ("evse_status_time", 0xFFFFFFFF, "1193046 h 28 min 15 s"),
        ("session_duration", 3723, "1 h 02 min 03 s"),
        ("communication_timeout", 30, "30 s"),
        ("communication_timeout", 0, "0 s, off"),
        ("evse_id", 21571, "TC, a TeltoCharge"),
        ("product_code", 22, "EVC0022"),
        ("product_code", 9999, "EVC9999"),
        ("firmware_version", 11200, "1.12.00"),
        ("firmware_version", 20307, "2.03.07"),
    ):
        assert text_of(name, raw) == text


def test_a_limit_of_0_amperes_is_a_limit():
    for name in ("amp_limit", "amps_to_use", "failsafe_current"):
        assert text_of(name, 0) == "0 A"
        assert is_documented(name, 0)
        for raw in (1, 5, 33):
            assert text_of(name, raw) == "%d A (documented: 0 or 6..32 A)" % raw


def test_a_value_outside_the_map_is_shown_with_what_is_documented():
    for name, raw, text in (
        ("evse_status", 77, "77 (documented: 0..9)"),
        ("phase_to_use", 8, "8 (documented: 0..7)"),
        ("current_limit_cause", 9, "9 (documented: 0..8)"),
        ("user_max_current", 0, "0 A (documented: 6..32 A)"),
        ("max_grid_current", 1001, "1001 A (documented: 6..1000 A)"),
        ("communication_timeout", 601, "601 s (documented: 0..600 s)"),
        ("internal_temperature", 1251, "125.1 degC (documented: -40.0..125.0 degC)"),
        ("internal_temperature", -401, "-40.1 degC (documented: -40.0..125.0 degC)"),
        ("product_code", 10000, "10000 (documented: 0..9999)"),
        ("firmware_version", 0, "0 (documented: 11200..29999)"),
        ("evse_id", 0, "0, not a TeltoCharge: that has 21571"),
    ):
        assert text_of(name, raw) == text
        assert not is_documented(name, raw)


def test_only_values_with_a_known_meaning_count_as_documented():
    for name, raw, told in (
        ("current_limit_cause", 7, True),
        ("current_limit_cause", 8, False),
        ("warning_code", 0x07FF, True),
        ("warning_code", 0x0800, False),
        ("error_code", 0, True),
        ("error_code", 0x8001, False),
        ("current_l1", -0x8000, True),
        ("lifetime_energy", 0xFFFFFFFFFFFFFFFF, True),
    ):
        assert is_documented(name, raw) == told, (name, raw)


def test_no_value_of_any_register_is_without_a_text():
    for name in NAMES:
        for raw in list(range(-0x8000, 0x10000, 997)) + [-1, 0, 0xFFFF]:
            assert text_of(name, raw), (name, raw)
