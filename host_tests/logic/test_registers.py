# The TeltoCharge map by name.

from loadrail import registers
from loadrail.register_map import MAP, decode, encode, in_range


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
    assert not in_range("evse_status", 10)
    assert in_range("voltage_l1", -5)
