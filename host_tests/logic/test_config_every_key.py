# Each key of the configuration: its lowest and highest value, the first beyond, and other types.

from loadrail import config_keys as keys
from loadrail.config import check

_LEAST = {"meter": {"address": 1}, "chargers": [{"address": 2}]}

# key: lowest, highest, and the values in between that are not allowed all the same
_NUMBERS = {
    "group.limit_a": (6, 1000),
    "group.margin_a": (0, 100),
    "group.largest_load_a": (0, 1000),
    "group.breaker_percent": (105, 160),
    "group.feeder_a": (0, 1000, 1, 5),
    "group.power_limit_w": (0, 1_000_000),
    "group.imbalance_a": (0, 1000),
    "group.raise_after_s": (0, 300),
    "group.start_after_s": (0, 900),
    "group.rotation_interval_s": (300, 7200),
    "group.meter_stale_s": (3, 60),
    "group.meter_loss_a": (0, 1000),
    "group.cycle_ms": (100, 10_000),
    "group.communication_timeout_s": (5, 600),
    "group.failsafe_current_a": (0, 32, 1, 5),
    "group.switch_wait_s": (10, 600),
    "group.switch_pause_s": (300, 7200),
    "group.switches_per_session": (1, 50),
    "group.solar_hold_s": (0, 900),
    "group.solar_resume_s": (0, 3600),
    "bus.baud": (1200, 115200, 1201, 9601, 14400, 115199),
    "bus.stop_bits": (1, 2),
    "bus.timeout_ms": (20, 5000),
    "bus.gap_ms": (0, 500),
    "meter.address": (1, 247),
    "meter.update_interval_ms": (200, 10_000),
    "meter.range_a": (10, 1000),
    "meter.phases": (0, 3, 2),
    "chargers.address": (1, 247),
    "chargers.min_a": (6, 32),
    "chargers.min_3p_a": (6, 32),
    "chargers.max_a": (6, 32),
    "chargers.priority": (0, 9),
    "chargers.eco_min_a": (6, 32),
    "chargers.eco_plus_min_a": (1, 32),
    "inputs.contact_current_a": (6, 32),
}
_OF_CLAMPS = {
    "meter.clamp_ratio": (500, 10_000),
    "meter.clamp_burden_mohm": (1000, 100_000),
}
_WORDS = {
    "group.type": "dynamic static",
    "group.sharing": "equal priority",
    "group.phase_sharing": "1_phase 3_phase mixed",
    "group.surplus": "sum phase",
    "bus.parity": "N E O",
    "meter.model": "clamps eastron_sdm630 smartstuff_p1_1p",
    "chargers.phases": "unknown L1 L2 L3 L1L2 L1L3 L2L1 L2L3 L3L1 L3L2 L1L2L3 L1L3L2 L2L1L3 "
    "L2L3L1 L3L1L2 L3L2L1",
    "chargers.phase_switching": "off on",
    "chargers.solar_mode": "fast solar eco_plus eco off",
    "inputs.selector": "off on",
    "inputs.contact": "none emergency_stop block allow reduce",
    "inputs.contact_active": "closed open",
}
_OTHERS = ("meter.bus", "meter.clamp_zero", "chargers.name")
_NO_NUMBERS = (None, True, False, "7", "", 7.0, 6.5, [7], {"a": 7}, 1 << 40, -(1 << 40))
_NO_WORDS = (None, True, 0, 1, 2.5, "", "OFF", "on ", ["on"], {"on": 1}, "x" * 500)


def _faults(key, value, base=None):
    """What is wrong with this one key; not with others, nor with what does not go together."""
    section, _, name = key.partition(".")
    raw = dict(base or _LEAST)
    if section == "chargers":
        raw["chargers"] = [{"address": 2, name: value}]
        key = "chargers[0]." + name
    else:
        raw[section] = dict(raw.get(section, {}))
        raw[section][name] = value
    config, faults = check(raw)
    assert (config is None) == bool(faults)
    return [one for one in faults if one.startswith(key + ":") and "not allowed; " in one]


def _all_keys():
    found = []
    for section in keys.SECTIONS:
        found += [section + "." + name for name in keys.SECTIONS[section]]
    return sorted(found + ["chargers." + name for name in keys.CHARGER])


def test_this_table_has_every_key():
    told = list(_NUMBERS) + list(_OF_CLAMPS) + list(_WORDS) + list(_OTHERS)
    assert sorted(told) == _all_keys()


def _check_numbers(numbers, base):
    for key in numbers:
        lowest, highest = numbers[key][:2]
        for value in (lowest, highest):
            assert _faults(key, value, base) == [], (key, value)
        for value in (lowest - 1, highest + 1) + numbers[key][2:] + _NO_NUMBERS:
            found = _faults(key, value, base)
            assert len(found) == 1, (key, value)
            assert str(lowest) in found[0] and str(highest) in found[0], found


def test_each_number_ends_where_it_should():
    _check_numbers(_NUMBERS, None)


def test_each_number_of_clamps_ends_where_it_should():
    clamps = {"meter": {"model": "clamps"}, "chargers": [{"address": 2}]}
    _check_numbers(_OF_CLAMPS, clamps)


def test_each_word_is_taken_and_no_other():
    for key in _WORDS:
        words = _WORDS[key].split()
        for word in words:
            assert _faults(key, word) == [], (key, word)
        for value in _NO_WORDS:
            found = _faults(key, value)
            assert len(found) == 1, (key, value)
            assert words[0] in found[0], found


def test_a_name_has_24_characters_at_most():
    assert _faults("chargers.name", "x" * 24) == []
    for value in ("x" * 25, 5, None, ["x"], "a\nb", "a\x7f", "\x9b1", "\ud7ff\ue000"):
        assert len(_faults("chargers.name", value)) == 1, value


def test_a_key_that_is_not_known_is_refused_in_every_section():
    for section in list(keys.SECTIONS) + ["chargers"]:
        raw = dict(_LEAST)
        if section == "chargers":
            raw[section] = [{"address": 2, "limit": 1}]
        else:
            raw[section] = dict(raw.get(section, {}))
            raw[section]["limit"] = 1
        faults = check(raw)[1]
        assert len(faults) == 1
        assert ".limit: unknown; known are " in faults[0], faults


def test_the_meters_own_line_has_the_keys_of_the_chargers_line():
    for name, bad in (("baud", 9601), ("parity", "X"), ("stop_bits", 3), ("timeout_ms", 19)):
        meter = {"address": 1, "bus": {name: bad}}
        faults = check({"meter": meter, "chargers": [{"address": 2}]})[1]
        assert len(faults) == 1
        assert faults[0].startswith("meter.bus.%s: " % name)


def test_the_short_form_has_what_chargers_have_alike():
    short = {"first_address": 2, "count": 3}
    for key in keys.CHARGER:
        raw = dict(_LEAST)
        raw["chargers"] = dict(short)
        raw["chargers"][key] = keys.CHARGER[key][0] or 5
        faults = check(raw)[1]
        expected = 1 if key in ("address", "name") else 0
        assert len(faults) == expected, (key, faults)
