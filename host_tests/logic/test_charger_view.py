# All registers of one charger: lines, JSON, and what is wrong.

import json

from loadrail.charger_view import json_pieces, lines, problems, value
from loadrail.register_map import MAP, NAMES

# a healthy charger at work, by address
_WORDS = (
    [231, 229, 230, 163, 0, 0x10000 - 5, 0, 3723, 0]  # voltages, currents, status and its time
    + [21571, 1, 0, 32, 6, 6, 16, 0, 0, 0, 30, 6, 0]  # identity to reboot_request
    + [0, 22, 0x5678, 0x1234, 11200, 3, 30, 32, 1, 350]  # authorization to temperature
    + [0, 4, 0, 0, 6, 2, 3700, 1234, 3723, 1, 2, 0, 0]  # ocpp_connected to lifetime_energy
)


def _all(address):
    return True


def _none(address):
    return False


def _but(missing):
    return lambda address: address != missing


def _only(read):
    return lambda address: address == read


def _with(**changes):
    words = list(_WORDS)
    for name in changes:
        words[MAP[name][0]] = changes[name]
    return words


def _parsed(words, have=_all):
    return json.loads("".join(json_pieces(words, have)))


def test_each_register_has_a_line_in_the_order_of_addresses():
    told = list(lines(_WORDS, _all))
    assert [line.split()[0] for line in told] == list(NAMES)
    for text in (
        "current_l1              16.3 A",
        "current_l3              -0.5 A",
        "evse_status             charging",
        "evse_status_time        1 h 02 min 03 s",
        "phase_connected         L1+L2+L3",
        "authorization_required  no",
        "serial_number           305419896",
        "lifetime_energy         1310.73 kWh",
    ):
        assert text in told


def test_the_values_stand_below_each_other():
    for line in lines(_WORDS, _all):
        assert line[22:24] == "  "
        assert line[24] != " "


def test_what_was_not_read_is_unknown_and_not_0():
    zeros = [0] * 45
    for line in lines(zeros, _none):
        assert line[24:] == "-"
    told = _parsed(zeros, _none)
    assert sorted(told) == sorted(NAMES)
    for name in told:
        assert told[name] is None
    assert list(problems([0xFFFF] * 45, _none)) == []


def test_a_partly_read_charger_tells_what_it_has():
    fast = list(lines(_WORDS, lambda address: address < 7))
    assert fast[6] == "evse_status             charging"
    for line in fast[7:]:
        assert line[24:] == "-"
    told = _parsed(_WORDS, lambda address: 7 <= address < 23)
    assert told["evse_status"] is None
    assert told["amps_to_use"]["raw"] == 16
    assert told["product_code"] is None


def test_a_wide_value_counts_only_when_all_its_words_were_read():
    for name in ("evse_status_time", "serial_number", "lifetime_energy"):
        address, count = MAP[name][:2]
        for missing in range(address, address + count):
            assert value(name, _WORDS, _but(missing)) is None
        for outside in (address - 1, address + count):
            assert value(name, _WORDS, _but(outside)) is not None


def test_the_json_gives_raw_value_unit_and_text():
    told = _parsed(_WORDS)
    assert len(told) == 40
    for name, raw, number, unit, text in (
        ("current_l1", 163, 16.3, "A", "16.3 A"),
        ("current_l3", -5, -0.5, "A", "-0.5 A"),
        ("evse_status", 0, 0, "", "charging"),
        ("firmware_version", 11200, 11200, "", "1.12.00"),
        ("session_energy", 1234, 12.34, "kWh", "12.34 kWh"),
        ("lifetime_energy", 0x20001, 1310.73, "kWh", "1310.73 kWh"),
    ):
        assert told[name] == {"raw": raw, "value": number, "unit": unit, "text": text}


def test_the_json_number_is_printed_digit_by_digit():
    words = _with(session_energy=1230)
    words[41:45] = [0xFFFF] * 4
    told = "".join(json_pieces(words, _all))
    assert '"raw": 1230, "value": 12.30, ' in told
    assert '"raw": 18446744073709551615, "value": 184467440737095516.15, ' in told


def test_only_an_undocumented_value_is_marked_in_the_json():
    told = _parsed(_with(evse_status=77, current_limit_cause=8, error_code=1 << 13))
    marked = [name for name in told if "documented" in told[name]]
    assert sorted(marked) == ["current_limit_cause", "error_code", "evse_status"]
    for name in marked:
        assert told[name]["documented"] is False
    assert told["evse_status"]["raw"] == 77
    assert told["error_code"]["text"] == "bit 13 (not documented)"


def test_any_words_give_json_and_one_register_a_piece():
    for word in (0, 1, 9, 0x7FFF, 0x8000, 0xFFFF):
        pieces = list(json_pieces([word] * 45, _all))
        assert len(pieces) == 41
        for name, piece in zip(NAMES, pieces):
            assert '"%s": ' % name in piece
        assert len(json.loads("".join(pieces))) == 40


def test_a_healthy_charger_has_no_problems():
    assert list(problems(_WORDS, _all)) == []


def test_each_error_and_each_warning_is_a_sentence_errors_first():
    words = _with(error_code=1 << 2 | 1 << 4, warning_code=1 << 1 | 1 << 12)
    assert list(problems(words, _all)) == [
        "error: leakage sensor self-test failed",
        "error: overcurrent",
        "warning: temperature",
        "warning: bit 12 (not documented)",
    ]


def test_a_limit_from_outside_is_told_with_its_setting():
    for cause, said in (
        (0, []),
        (1, ["limited by the grid limit set in the charger; max_grid_current is 30 A"]),
        (2, ["limited by the user's static setting; user_max_current is 32 A"]),
        (3, ["limited by the charging cable"]),
        (4, ["limited by a simplified control pilot"]),
        (5, ["limited by the charger's defaults"]),
        (6, []),
        (7, ["limited by temperature"]),
        (8, ["limited by cause 8 (no meaning documented)"]),
        (77, ["limited by cause 77 (documented: 0..8)"]),
    ):
        assert list(problems(_with(current_limit_cause=cause), _all)) == said


def test_a_limit_is_told_without_a_setting_that_was_not_read():
    for have in (_but(29), _only(36)):
        told = list(problems(_with(current_limit_cause=2), have))
        assert told == ["limited by the user's static setting"]


def test_problems_are_told_from_what_was_read_of_them():
    words = _with(error_code=1, warning_code=1, current_limit_cause=7)
    for address, said in (
        (34, "warning: midplate is open"),
        (35, "error: input voltage out of range"),
        (36, "limited by temperature"),
    ):
        assert list(problems(words, _only(address))) == [said]
