# Good configurations get their defaults; bad ones are refused whole, each fault with its place.

from loadrail.clamps import Clamp
from loadrail.config import check

_LEAST = {"meter": {"address": 1}, "chargers": [{"address": 2}]}


def _with(**sections):
    raw = dict(_LEAST)
    raw.update(sections)
    return {key: raw[key] for key in raw if raw[key] is not None}


def test_addresses_are_enough():
    config, faults = check(_LEAST)
    assert not faults
    assert config["group"]["type"] == "dynamic"
    assert config["bus"]["baud"] == 9600
    assert config["meter"]["model"] == "eastron_sdm630"
    assert config["chargers"] == [
        {
            "address": 2,
            "phases": "unknown",
            "min_a": 6,
            "min_3p_a": 6,
            "max_a": 32,
            "priority": 5,
            "phase_switching": "off",
            "solar_mode": "fast",
            "eco_min_a": 6,
            "eco_plus_min_a": 1,
            "name": "",
        }
    ]


def test_the_full_form_is_taken_as_it_stands():
    config, faults = check(
        {
            "group": {
                "type": "dynamic",
                "limit_a": 63,
                "sharing": "equal",
                "phase_sharing": "mixed",
            },
            "bus": {"baud": 19200, "parity": "E", "stop_bits": 1},
            "meter": {
                "model": "eastron_sdm630",
                "address": 1,
                "bus": {"baud": 9600, "parity": "N", "stop_bits": 1},
            },
            "chargers": [
                {"address": 2, "phases": "L1L2L3", "max_a": 32, "min_a": 6, "name": "bay 1"}
            ],
        }
    )
    assert not faults
    assert config["group"]["limit_a"] == 63
    assert config["meter"]["bus"]["baud"] == 9600
    assert config["chargers"][0]["name"] == "bay 1"


def test_the_short_form_counts_addresses_up():
    config, faults = check(_with(chargers={"first_address": 2, "count": 20}))
    assert not faults
    assert [row["address"] for row in config["chargers"]] == list(range(2, 22))


def test_a_meter_of_its_own_bus_may_share_an_address():
    assert not check(_with(meter={"address": 2, "bus": {}}))[1]


def test_a_static_group_has_no_meter():
    assert not check(_with(group={"type": "static"}, meter=None))[1]


def _clamps(**more):
    more["model"] = "clamps"
    return _with(meter=more)


def test_clamps_need_nothing_else():
    config, faults = check(_clamps())
    assert not faults
    assert config["meter"] == {
        "model": "clamps",
        "update_interval_ms": 1000,
        "range_a": 1000,
        "clamp_ratio": 3000,
        "clamp_burden_mohm": 18_000,
        "phases": 3,
    }


def test_clamps_take_no_address_from_a_charger():
    assert not check(_with(meter={"model": "clamps"}, chargers=[{"address": 1}]))[1]


def test_a_meter_on_a_bus_has_no_keys_of_clamps():
    config, faults = check(_LEAST)
    assert not faults
    keys = ["address", "model", "phases", "range_a", "update_interval_ms"]
    assert sorted(config["meter"]) == keys


def test_every_zero_that_clamps_take_can_be_kept_and_no_other():
    one = Clamp()
    for offset in (1647, 1648, 2048, 2448, 2449):
        for noise_ma in (-1, 0, 500, 501):
            raw = _clamps(phases=1, clamp_zero=[[offset, noise_ma]])
            raw["chargers"] = [{"address": 2, "phases": "L1"}]
            faults = check(raw)[1]
            assert one.set_zero(offset, noise_ma) == (faults == []), (offset, noise_ma)


# what is wrong, and what the fault must say: its place first, then what is allowed
_BAD = (
    (7, "the configuration: 7 is not an object", ""),
    ({}, "chargers: missing", "first_address"),
    (_with(chargers=[]), "chargers: empty", "first_address"),
    (_with(chargers="all"), 'chargers: "all" is not a list', "first_address"),
    (_with(chargers=[{"address": k} for k in range(2, 23)]), "chargers: 21 are too many", "20"),
    (_with(chargers=[{}]), "chargers[0].address: missing", "1 to 247"),
    (_with(chargers=[3]), "chargers[0]: 3 is not an object", ""),
    (_with(chargers=[{"address": 248}]), "chargers[0].address: 248", "1 to 247"),
    (_with(chargers=[{"address": "2"}]), 'chargers[0].address: "2"', "1 to 247"),
    (_with(chargers=[{"address": 2.0}]), "chargers[0].address: 2.0", "1 to 247"),
    (_with(chargers=[{"address": True}]), "chargers[0].address: true", "1 to 247"),
    (_with(chargers=[{"address": None}]), "chargers[0].address: null", "1 to 247"),
    (
        _with(chargers=[{"address": 2}, {"address": 5}, {"address": 6}, {"address": 2}]),
        "chargers[3].address: 2 is taken by chargers[0]",
        "",
    ),
    (_with(meter={"address": 2}), "chargers[0].address: 2 is taken by meter", ""),
    (_with(chargers={"first_address": 240, "count": 20}), "chargers: the last address", "247"),
    (_with(chargers={"first_address": 2, "count": 21}), "chargers.count: 21", "1 to 20"),
    (_with(chargers={"first_address": 2}), "chargers.count: missing", "1 to 20"),
    (_with(chargers=[{"address": 2, "phases": "L4"}]), 'chargers[0].phases: "L4"', "L1L2L3"),
    (_with(chargers=[{"address": 2, "min_a": 5}]), "chargers[0].min_a: 5", "6 to 32"),
    (_with(chargers=[{"address": 2, "max_a": 33}]), "chargers[0].max_a: 33", "6 to 32"),
    (
        _with(chargers=[{"address": 2, "min_3p_a": 10, "max_a": 8}]),
        "chargers[0].min_3p_a: 10 is above its max_a = 8",
        "",
    ),
    (_with(chargers=[{"address": 2, "priority": 10}]), "chargers[0].priority: 10", "0 to 9"),
    (
        _with(chargers=[{"address": 2, "min_a": 10, "max_a": 8}]),
        "chargers[0].min_a: 10 is above its max_a = 8",
        "",
    ),
    (_with(chargers=[{"address": 2, "nmae": "x"}]), "chargers[0].nmae: unknown", "name"),
    (_with(group={"limit_a": 5}), "group.limit_a: 5", "6 to 1000"),
    (_with(group={"limit_a": 63.5}), "group.limit_a: 63.5", "whole number"),
    (_with(group={"type": "clever"}), 'group.type: "clever"', "dynamic, static"),
    (_with(group={"margin_a": 11}), "group.limit_a: 16 leaves 5 A", "at least 6 A"),
    (_with(group={"largest_load_a": 17}), "group.limit_a: 16 leaves 5 A", "at least 6 A"),
    (_with(group={"feeder_a": 5}), "group.feeder_a: 5", "0, or a whole number from 6 to 1000"),
    (_with(group={"meter_loss_a": 17}), "group.meter_loss_a: 17 is above", "16"),
    (_with(group=[]), "group: [] is not an object", ""),
    (_with(bus={"baud": 9601}), "bus.baud: 9601", "19200"),
    (_with(bus={"parity": "even"}), 'bus.parity: "even"', "N, E, O"),
    (_with(bus={"stop_bits": 3}), "bus.stop_bits: 3", "1 to 2"),
    (_with(meter={"address": 1, "model": "x"}), 'meter.model: "x"', "eastron_sdm630"),
    (_with(meter={"address": 1, "bus": {"baud": 1}}), "meter.bus.baud: 1", "9600"),
    (_with(meter={}), "meter.address: missing", "1 to 247"),
    (_with(meter=7), "meter: 7 is not an object", ""),
    (_with(meter={"address": 1, "model": "clamp"}), 'meter.model: "clamp"', "clamps"),
    (_clamps(address=1), "meter.address: clamps are on no bus", "remove it"),
    (_clamps(bus={"baud": 9600}), "meter.bus: clamps are on no bus", "remove it"),
    (_clamps(bsu={}), "meter.bsu: unknown", "clamp_ratio"),
    (
        _with(meter={"address": 1, "clamp_ratio": 3000}),
        "meter.clamp_ratio: only clamps have it",
        'meter.model to "clamps"',
    ),
    (_with(meter={"address": 1, "clamp_zero": []}), "meter.clamp_zero: only clamps have", ""),
    (_clamps(clamp_ratio=499), "meter.clamp_ratio: 499", "500 to 10000"),
    (_clamps(clamp_burden_mohm=999), "meter.clamp_burden_mohm: 999 is", "1000 to 100000"),
    (_clamps(phases=2), "meter.phases: 2", "one of 0, 1, 3"),
    (_clamps(phases=True), "meter.phases: true", "one of 0, 1, 3"),
    (_clamps(clamp_zero=2048), "meter.clamp_zero: 2048", "[1648 to 2448, 0 to 500]"),
    (_clamps(clamp_zero=[2048, 0]), "meter.clamp_zero: [2048, 0]", "[1648 to 2448, 0 to 500]"),
    (_clamps(clamp_zero=[[2048]]), "meter.clamp_zero: [[2048]]", "a list of"),
    (_clamps(clamp_zero=[[2048, 0.5]]), "meter.clamp_zero: [[2048, 0.5]]", "a list of"),
    (_clamps(clamp_zero=[[True, 0]]), "meter.clamp_zero: [[True, 0]]", "a list of"),
    (_clamps(clamp_zero=[[2048, 0]]), "meter.clamp_zero: 1 rows", "phases = 3"),
    (_clamps(clamp_zero=[]), "meter.clamp_zero: 0 rows", "phases = 3"),
    (_clamps(range_a=16), "meter.range_a: 16 is not above", "group.limit_a = 16"),
    (
        _with(group={"limit_a": 194}, meter={"model": "clamps"}),
        "meter.clamp_burden_mohm: 18000 with clamp_ratio = 3000 measures up to 194 A",
        "above group.limit_a = 194",
    ),
    (_with(meter=None), "meter: missing", "static"),
    (_with(group={"type": "static"}), "meter: a static group has none", "dynamic"),
    (_with(gruop={}), "gruop: unknown", "group"),
    (_with(**{"\x1b[2J" + "x" * 50: 1}), "?[2J" + "x" * 32 + "...: unknown", "group"),
    (_with(bus={1: 2}), "bus.1: unknown", "baud"),
    (_with(version=2), "version: 2 is from a newer firmware", "flash the newer one"),
    (_with(version=0), "version: not allowed", "from 1 to 1"),
    (_with(version=True), "version: not allowed", "leave it out"),
    (_with(version="1"), "version: not allowed", "leave it out"),
    (_with(inputs=[]), "inputs: [] is not an object", ""),
    (_with(inputs={"contact": "stop"}), 'inputs.contact: "stop"', "emergency_stop, block"),
    (_with(chargers=[{"address": 2, "name": "\x1b[2J"}]), 'chargers[0].name: "?[2J"', "24"),
    (_with(chargers=[{"address": 2, "name": "\U0001f600"}]), 'chargers[0].name: "?"', "letters"),
    (
        _with(chargers=[{"address": 2, "eco_min_a": 20, "max_a": 16}]),
        "chargers[0].eco_min_a: 20 is above its max_a = 16",
        "",
    ),
    (
        _with(chargers=[{"address": 2, "eco_plus_min_a": 20, "max_a": 16}]),
        "chargers[0].eco_plus_min_a: 20 is above its max_a = 16",
        "",
    ),
    (
        {"group": {"type": "static"}, "chargers": [{"address": 2, "solar_mode": "eco"}]},
        'chargers[0].solar_mode: "eco" needs a meter',
        "static",
    ),
    (
        _with(group={"phase_sharing": "1_phase"}, chargers=[{"address": 2, "phases": "L1L2"}]),
        'chargers[0].phases: "L1L2" is not allowed',
        "L1, L2, L3",
    ),
    (
        _with(group={"phase_sharing": "3_phase"}, chargers=[{"address": 2, "phases": "L3"}]),
        'chargers[0].phases: "L3" is not allowed',
        "three phases",
    ),
)


def test_each_bad_value_is_named_with_its_place_and_what_is_allowed():
    for raw, where, allowed in _BAD:
        config, faults = check(raw)
        assert config is None, raw
        found = [fault for fault in faults if fault.startswith(where)]
        assert len(found) == 1, (where, faults)
        assert allowed in found[0], found


def test_a_list_in_a_list_beyond_what_the_stack_holds_is_a_fault_and_no_error():
    deep = []
    for _ in range(20_000):
        deep = [deep]
    config, faults = check(_with(group={"limit_a": deep}))
    assert config is None
    assert faults == ["group.limit_a: that is not allowed; a whole number from 6 to 1000"]


def test_the_name_of_a_charger_may_have_letters_of_other_tongues():
    name = "Stellplatz für René \u017d5"
    config, faults = check(_with(chargers=[{"address": 2, "name": name}]))
    assert not faults
    assert config["chargers"][0]["name"] == name


def test_without_a_section_of_inputs_there_are_none():
    assert check(_LEAST)[0]["inputs"] == {
        "selector": "off",
        "contact": "none",
        "contact_active": "closed",
        "contact_current_a": 6,
    }


def test_all_faults_are_told_at_once():
    _, faults = check({"group": {"limit_a": 5}, "bus": {"baud": 1}, "chargers": [{"x": 1}]})
    assert len(faults) == 4


def test_a_meter_measures_one_phase_where_only_one_is_connected():
    chargers = [{"address": 2, "phases": "L1"}]
    for phases, has in ((0, 3), (1, 1), (3, 3)):
        config, faults = check(_with(meter={"address": 1, "phases": phases}, chargers=chargers))
        assert not faults
        assert config["meter"]["phases"] == has
    meter = {"address": 1, "model": "eastron_sdm120", "phases": 3}
    faults = check(_with(meter=meter, chargers=chargers))[1]
    assert faults == ["meter.phases: 3 is not allowed; the eastron_sdm120 sees one phase"]


def test_a_one_phase_meter_has_chargers_on_its_phase_only():
    meter = {"address": 1, "model": "eastron_sdm120"}
    config, faults = check(_with(meter=meter, chargers=[{"address": 2, "phases": "L1"}]))
    assert not faults
    config, faults = check(_with(meter=meter))
    assert config is None
    assert faults == [
        'chargers[0].phases: "unknown" is not allowed; the meter measures one phase, '
        'so it must be "L1"'
    ]
