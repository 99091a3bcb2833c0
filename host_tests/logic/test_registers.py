# The TeltoCharge map by name.

from loadrail import registers
from loadrail.register_map import MAP, NAMES, decimal, decode, encode, in_range, range_text

# The maker's map a second time, one row a 16-bit register in the order of the addresses: name,
# type, scale, unit, documented raw values, access. A wide value starts at its lowest word; its
# other words are rows without a name.
_TABLE = """
voltage_l1             int16  1    V    -         R
voltage_l2             int16  1    V    -         R
voltage_l3             int16  1    V    -         R
current_l1             int16  0.1  A    -         R
current_l2             int16  0.1  A    -         R
current_l3             int16  0.1  A    -         R
evse_status            uint16 -    -    0..9      R
evse_status_time       uint32 1    s    -         R
-
evse_id                uint16 -    -    21571     R
three_phase_possible   uint16 -    -    0..1      R
phase_change_possible  uint16 -    -    0..1      R
amp_limit              uint16 1    A    0,6..32   R
phase_connected        uint16 -    -    0..7      R
phase_to_use           uint16 -    -    0..7      RW
amps_to_use            uint16 1    A    0,6..32   RW
session_request        uint16 -    -    0..2      RW
authorize_request      uint16 -    -    0..1      RW
socket_lock_request    uint16 -    -    0..2      RW
communication_timeout  uint16 1    s    0..600    RW
failsafe_current       uint16 1    A    0,6..32   RW
reboot_request         uint16 -    -    0..1      RW
authorization_required uint16 -    -    0..1      R
product_code           uint16 -    -    0..9999   R
serial_number          uint32 -    -    -         R
-
firmware_version       uint16 -    -    11200..29999 R
charge_point_state     uint16 -    -    0..9      R
max_grid_current       uint16 1    A    6..1000   R
user_max_current       uint16 1    A    6..32     R
lock_status            uint16 -    -    0..1      R
internal_temperature   int16  0.1  degC -400..1250 R
ocpp_connected         uint16 -    -    0..1      R
iec_state              uint16 -    -    0..8      R
warning_code           uint16 -    -    -         R
error_code             uint16 -    -    -         R
current_limit_cause    uint16 -    -    0..8      R
max_supported_power    uint16 -    -    0..2      R
active_power           uint16 1    W    -         R
session_energy         uint16 0.01 kWh  -         R
session_duration       uint16 1    s    -         R
lifetime_energy        uint64 0.01 kWh  -         R
-
-
-
"""
_DIVISORS = {"-": 1, "1": 1, "0.1": 10, "0.01": 100}
_WORDS = {"int16": 1, "uint16": 1, "uint32": 2, "uint64": 4}


def _rows():
    """(address, columns) of each named row."""
    rows = [line.split() for line in _TABLE.strip().split("\n")]
    assert len(rows) == 45
    return [(address, row) for address, row in enumerate(rows) if row != ["-"]]


def test_every_register_is_the_row_of_the_makers_map():
    assert len(MAP) == len(_rows()) == 40
    for address, (name, kind, scale, unit, documented, access) in _rows():
        words, signed = _WORDS[kind], kind == "int16"
        assert MAP[name][:3] == (address, words, signed), name
        assert MAP[name][3:5] == (_DIVISORS[scale], unit.replace("-", "")), name
        assert MAP[name][7] == (access == "RW"), name
        if documented == "-":
            assert MAP[name][5:7] == (None, None), name
            continue
        ends = [int(end) for end in documented.split(",")[-1].split("..")]
        assert MAP[name][5:7] == (ends[0], ends[-1]), name


def test_the_names_come_in_the_order_of_their_addresses():
    assert list(NAMES) == [row[0] for _, row in _rows()]


def test_the_documented_values_and_only_they_are_in_range():
    for _, row in _rows():
        name, documented = row[0], row[4]
        if documented == "-":
            for raw in (-0x8000, -1, 0, 1, 0x7FFF, 0xFFFF):
                assert in_range(name, raw), (name, raw)
            continue
        ends = [int(end) for end in documented.split(",")[-1].split("..")]
        assert in_range(name, ends[0]), name
        assert in_range(name, ends[-1]), name
        assert not in_range(name, ends[-1] + 1), name
        assert not in_range(name, ends[0] - 1), name
        zero = documented[0] == "0" or ends[0] < 0
        assert in_range(name, 0) == zero, name


def test_what_is_documented_is_told_in_the_unit():
    for name, text in (
        ("evse_status", "0..9"),
        ("evse_id", "21571"),
        ("amp_limit", "0 or 6..32"),
        ("max_grid_current", "6..1000"),
        ("internal_temperature", "-40.0..125.0"),
        ("current_l1", ""),
    ):
        assert range_text(name) == text


def test_decimals_are_made_of_whole_numbers():
    for name, raw, text in (
        ("current_l1", 163, "16.3"),
        ("current_l1", 0, "0.0"),
        ("current_l1", -5, "-0.5"),
        ("current_l1", -0x8000, "-3276.8"),
        ("voltage_l1", -230, "-230"),
        ("internal_temperature", -105, "-10.5"),
        ("session_energy", 7, "0.07"),
        ("session_energy", 1230, "12.30"),
        ("lifetime_energy", 0xFFFFFFFFFFFFFFFF, "184467440737095516.15"),
    ):
        assert decimal(name, raw) == text


def test_the_map_has_45_registers_without_gap_or_overlap():
    taken = []
    for name in MAP:
        address, words = MAP[name][:2]
        taken += range(address, address + words)
    assert sorted(taken) == list(range(45))


def test_the_constants_are_the_rows_of_the_map():
    assert MAP["current_l1"][0] == registers.CURRENT_L1
    assert MAP["evse_status"][0] == registers.EVSE_STATUS
    assert MAP["evse_id"][0] == registers.EVSE_ID
    assert MAP["amp_limit"][0] == registers.AMP_LIMIT
    assert MAP["amps_to_use"][0] == registers.AMPS_TO_USE
    assert MAP["communication_timeout"][0] == registers.COMMUNICATION_TIMEOUT
    assert MAP["failsafe_current"][0] == registers.FAILSAFE_CURRENT
    assert MAP["evse_id"][5] == registers.TELTOCHARGE_ID


def test_wide_values_come_low_word_first_and_signs_count():
    words = [0] * 45
    words[7], words[8] = 0x0005, 0x0001
    words[24], words[25] = 0xFFFF, 0x00FF
    words[41:45] = [1, 2, 3, 4]
    words[31] = 0x10000 - 55
    words[3] = 161
    assert decode("evse_status_time", words) == 0x10005
    assert decode("serial_number", words) == 0xFFFFFF
    assert decode("lifetime_energy", words) == 0x0004000300020001
    assert decode("internal_temperature", words) == -55
    assert decode("current_l1", words) == 161
    assert decode("evse_id", [0, 0, 21571], 7) == 21571


def test_every_signed_register_goes_below_zero_and_no_other_does():
    for _, row in _rows():
        name, kind = row[0], row[1]
        full = decode(name, [0xFFFF] * 45)
        assert full == (-1 if kind == "int16" else (1 << (16 * _WORDS[kind])) - 1), name


def test_a_block_that_does_not_hold_a_register_says_so():
    for words, first in (([0] * 7, 0), ([0] * 16, 16)):
        try:
            decode("amps_to_use", words, first)
        except IndexError:
            continue
        raise AssertionError("no IndexError")


def test_only_documented_values_can_be_written():
    for raw in (0, 6, 17, 32):
        assert encode("amps_to_use", raw) == raw
    for name, raw in (
        ("amps_to_use", 5),
        ("amps_to_use", 33),
        ("amps_to_use", -1),
        ("communication_timeout", 601),
        ("evse_status", 3),
    ):
        try:
            encode(name, raw)
        except ValueError as error:
            assert name in str(error)
            continue
        raise AssertionError((name, raw))


def test_a_refused_value_is_answered_with_what_is_allowed():
    for name, raw, said in (
        ("amps_to_use", 5, "amps_to_use: 5 is not 0 or 6..32"),
        ("communication_timeout", 601, "communication_timeout: 601 is not 0..600"),
        ("evse_status", 3, "evse_status cannot be written"),
    ):
        try:
            encode(name, raw)
        except ValueError as error:
            assert str(error) == said
            continue
        raise AssertionError((name, raw))


def test_only_the_writable_registers_take_a_value():
    for _, row in _rows():
        name, access = row[0], row[5]
        try:
            encode(name, 0)
        except ValueError:
            assert access == "R", name
            continue
        assert access == "RW", name
