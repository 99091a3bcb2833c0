# What is tried runs only where the whole is good; what is kept comes back.

import json

from loadrail.config import check
from loadrail.settings import DEFAULTS, Settings

_RAW = {
    "group": {"limit_a": 63},
    "meter": {"address": 1},
    "chargers": {"first_address": 2, "count": 3},
}


def _of(settings, key):
    return dict(settings.get(key))[key]


def test_what_the_store_had_is_whole_and_kept():
    settings = Settings(_RAW)
    assert settings.faults == []
    assert settings.config == check(_RAW)[0]
    assert not settings.unsaved
    assert settings.diff() == []


def test_without_a_configuration_there_is_none():
    settings = Settings()
    assert settings.faults == []
    assert settings.raw is None and settings.config is None
    assert settings.get() == []
    assert settings.diff() == []
    assert not settings.unsaved


def test_a_bad_one_from_the_store_is_none_and_its_faults_are_told():
    settings = Settings({"chargers": []})
    assert len(settings.faults) == 1
    assert settings.raw is None and settings.config is None
    assert settings.revert() == ["there is no configuration that is kept; nothing was changed"]


def test_a_value_runs_at_once_and_is_not_kept_yet():
    settings = Settings(_RAW)
    assert settings.set("group.limit_a", "50") == []
    assert settings.config["group"]["limit_a"] == 50
    assert settings.raw["group"] == {"limit_a": 50}
    assert settings.unsaved
    assert settings.diff() == [("group.limit_a", 63, 50)]


def test_s12_a_bad_value_leaves_all_as_it_was():
    settings = Settings(_RAW)
    raw, config = settings.raw, settings.config
    for key, text, fault in (
        ("group.limit_a", "5", "group.limit_a: 5 is not allowed; a whole number from 6 to 1000"),
        ("group.limt_a", "50", "group.limt_a: unknown; known are "),
        ("group", "7", "group: 7 is not an object"),
        ("meter.address", "3", "chargers[1].address: 3 is taken by meter"),
        ("meter", "null", "meter: missing; "),
        ("chargers[+]", '{"address": 4}', "chargers[3].address: 4 is taken by chargers[2]"),
        ("chargers[7]", "null", "chargers[7]: there are 3 chargers, the first is [0]"),
        ("version", "2", "version: 2 is from a newer firmware"),
    ):
        faults = settings.set(key, text)
        assert len(faults) == 1 and faults[0].startswith(fault), faults
        assert settings.raw is raw and settings.config is config


def test_what_goes_only_together_is_set_together():
    settings = Settings(_RAW)
    assert settings.set("group.type", "static") != []
    assert settings.change([("group.type", "static"), ("meter", "null")]) == []
    assert "meter" not in settings.config
    assert settings.set("meter.model", "clamps") != []
    pairs = [("group.type", "null"), ("meter.model", "clamps")]
    assert settings.change(pairs) == []
    assert settings.config["meter"]["model"] == "clamps"


def test_of_several_values_none_runs_where_one_is_bad():
    settings = Settings(_RAW)
    assert settings.change([("group.limit_a", "50"), ("group.margin_a", "-1")]) != []
    assert settings.config["group"]["limit_a"] == 63


def test_a_value_of_one_charger_makes_a_list_of_the_short_form():
    settings = Settings(_RAW)
    assert settings.set("chargers[2].phases", "L1") == []
    rows = [{"address": 2}, {"address": 3}, {"address": 4, "phases": "L1"}]
    assert settings.raw["chargers"] == rows
    assert settings.diff() == [("chargers[2].phases", "unknown", "L1")]


def test_chargers_come_and_go():
    settings = Settings(_RAW)
    assert settings.set("chargers[+]", '{"address": 9}') == []
    assert settings.set("chargers[0]", "null") == []
    assert [row["address"] for row in settings.config["chargers"]] == [3, 4, 9]
    assert settings.set("chargers", '{"first_address": 2, "count": 20}') == []
    assert len(settings.config["chargers"]) == 20
    assert settings.set("chargers.count", "19") == []
    assert len(settings.config["chargers"]) == 19


def test_the_first_value_of_all_begins_with_the_defaults():
    settings = Settings()
    assert settings.set("group.limit_a", "63") == []
    assert settings.config["meter"]["address"] == 1
    assert [row["address"] for row in settings.config["chargers"]] == [2]
    assert settings.unsaved
    assert DEFAULTS == {"meter": {"address": 1}, "chargers": [{"address": 2}]}


def test_with_the_defaults_nobody_charges_while_no_meter_answers():
    config = check(DEFAULTS)[0]
    assert config["group"]["type"] == "dynamic"
    assert config["group"]["meter_loss_a"] == 0


def test_what_was_saved_comes_back():
    settings = Settings(_RAW)
    settings.set("group.limit_a", "50")
    settings.saved()
    assert not settings.unsaved
    settings.set("group.limit_a", "40")
    assert settings.unsaved
    assert settings.revert() == []
    assert _of(settings, "group.limit_a") == 50
    assert not settings.unsaved


def test_defaults_leave_what_is_wired():
    settings = Settings(
        {
            "group": {"limit_a": 63, "feeder_a": 32, "solar_hold_s": 60},
            "bus": {"baud": 19200},
            "meter": {"address": 100, "model": "eastron_sdm120"},
            "chargers": [{"address": 7, "phases": "L1", "name": "bay 1", "max_a": 16}],
            "inputs": {"selector": "on"},
        }
    )
    assert settings.defaults() == []
    assert settings.raw == {
        "version": 1,
        "group": {"type": "dynamic"},
        "bus": {"baud": 19200},
        "meter": {"address": 100, "model": "eastron_sdm120"},
        "chargers": [{"address": 7, "phases": "L1", "name": "bay 1"}],
    }


def test_defaults_of_the_short_form_and_of_a_static_group():
    settings = Settings(
        {
            "group": {"type": "static", "limit_a": 40},
            "chargers": {"first_address": 5, "count": 4, "max_a": 16},
        }
    )
    assert settings.defaults() == []
    assert settings.raw["chargers"] == {"first_address": 5, "count": 4}
    assert settings.config["group"]["type"] == "static"
    assert settings.config["group"]["limit_a"] == 16


def test_no_charger_is_dropped_by_the_defaults():
    settings = Settings(_RAW)
    settings.defaults()
    assert [row["address"] for row in settings.config["chargers"]] == [2, 3, 4]


def test_defaults_without_a_configuration_begin_one():
    settings = Settings()
    assert settings.defaults() == []
    assert settings.config == check(DEFAULTS)[0]


def test_get_gives_one_key_or_all_below():
    settings = Settings(_RAW)
    assert settings.get("group.limit_a") == [("group.limit_a", 63)]
    assert dict(settings.get("meter"))["meter.address"] == 1
    assert len(settings.get("meter")) == 5
    assert len(settings.get("chargers")) == 3 * len(settings.get("chargers[1]"))
    assert settings.get("chargers[1].address") == [("chargers[1].address", 3)]
    for key in ("limit_a", "group.limit", "chargers[3]", "chargers[1", "nothing"):
        assert settings.get(key) == [], key
    assert [key for key, _ in settings.get()] == sorted([key for key, _ in settings.get()])


def test_a_list_of_numbers_is_one_value():
    zero = [[2048, 1], [2047, 0], [2050, 3]]
    settings = Settings(
        {"meter": {"model": "clamps", "clamp_zero": zero}, "chargers": [{"address": 2}]}
    )
    assert settings.get("meter.clamp_zero") == [("meter.clamp_zero", zero)]


def test_keys_that_begin_so():
    settings = Settings(_RAW)
    assert list(settings.keys("group.solar")) == ["group.solar_hold_s", "group.solar_resume_s"]
    assert list(settings.keys("chargers[2].p")) == [
        "chargers[2].phase_switching",
        "chargers[2].phases",
        "chargers[2].priority",
    ]
    assert "meter.bus.baud" in list(settings.keys("me"))
    assert list(settings.keys("chargers[3]")) == []
    for key in list(settings.keys()):
        assert key.split("[")[0].split(".")[0] in ("group", "bus", "meter", "chargers", "inputs")
    assert "group.limit_a" in list(Settings().keys())


def test_what_is_exported_can_be_imported():
    settings = Settings(_RAW)
    settings.set("chargers[0].name", '"\\u017d; \\"5\\""')
    text = "".join(settings.export())
    assert all(32 <= ord(letter) < 127 for letter in text)
    assert json.loads(text) == settings.raw
    other = Settings()
    assert other.import_(text) == []
    assert other.raw == settings.raw and other.config == settings.config


def test_the_export_has_one_order():
    settings = Settings(_RAW)
    assert "".join(settings.export()) == (
        '{"chargers": {"count": 3, "first_address": 2}, "group": {"limit_a": 63}, '
        '"meter": {"address": 1}, "version": 1}'
    )


def test_s12_a_bad_import_leaves_all_as_it_was():
    settings = Settings(_RAW)
    raw, config = settings.raw, settings.config
    for text in ("", "{", "7", "[]", "{}", '{"chargers": [{"address": 2}]}', "null", '{"x": 1}'):
        assert settings.import_(text) != [], text
        assert settings.raw is raw and settings.config is config


def test_whole_chargers_and_sections_differ_as_one():
    settings = Settings(_RAW)
    settings.change([("group.type", "static"), ("meter", "null"), ("chargers[2]", "null")])
    found = settings.diff()
    assert [key for key, _, _ in found] == ["chargers[2]", "group.type", "meter"]
    assert found[0][1]["address"] == 4 and found[0][2] is None
    assert found[2][1]["address"] == 1 and found[2][2] is None
