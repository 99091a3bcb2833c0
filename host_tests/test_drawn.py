"""The drawn sites hold all that they are meant to, and what goes wrong on them is found."""

import json

import pytest
from drawn_play import Play, play
from drawn_sites import COUNTS, LIMITS_A, draw
from drawn_troubles import blindness, suspicions

from loadrail.config_keys import GROUP

CASES = [draw(seed) for seed in range(300)]


def values(*path):
    """What stands at that place of all cases."""
    found = set()
    for case in CASES:
        here = case
        for key in path:
            here = here.get(key, {}) if isinstance(here, dict) else here
        found.add(json.dumps(here))
    return {json.loads(text) if text[0] not in "{[" else text for text in found}


def test_a_seed_always_draws_the_same_site():
    assert json.dumps(draw(7)) == json.dumps(draw(7))
    assert draw(7) != draw(8)


def test_what_an_installer_tries_changes_nothing_else_of_a_site():
    tried, left = draw(7, settings=True), draw(7, settings=False)
    assert len(tried["changes"]) > len(left["changes"])
    assert {**tried, "changes": None} == {**left, "changes": None}
    after = {}  # each change is taken back
    for change in sorted(tried["changes"], key=lambda change: change["at_s"]):
        after.update(change["group"])
    before = tried["config"]["group"]
    keys = {key for change in tried["changes"] for key in change["group"]}
    keys -= {key for change in left["changes"] for key in change["group"]}
    assert keys
    assert {key: after[key] for key in keys} == {
        key: before.get(key, GROUP[key][0]) for key in keys
    }


def test_a_case_is_the_same_after_json():
    case = json.loads(json.dumps(draw(3, 340)))
    assert play(case).counts == play(draw(3, 340)).counts


def test_the_sites_are_of_all_sizes_limits_and_ways_to_share():
    group = ("config", "group")
    assert {len(case["config"]["chargers"]) for case in CASES} == set(COUNTS)
    assert values(*group, "limit_a") == set(LIMITS_A)
    assert values(*group, "type") == {"dynamic", "static"}
    assert values(*group, "sharing") == {"equal", "priority"}
    assert values(*group, "phase_sharing") == {"mixed", "1_phase", "3_phase"}
    modes = {row.get("solar_mode") for case in CASES for row in case["config"]["chargers"]}
    assert modes == {None, "fast", "solar", "eco_plus", "eco", "off"}
    keys = {key for case in CASES for key in case["config"]["group"]}
    assert {"feeder_a", "power_limit_w", "imbalance_a", "margin_a"} <= keys


def test_without_solar_there_are_no_solar_modes():
    rows = [row for seed in range(60) for row in draw(seed, solar=False)["config"]["chargers"]]
    assert not [row for row in rows if "solar_mode" in row]


def test_the_cars_have_all_manners():
    cars = [
        car for case in CASES for entry in case["scenario"]["chargers"] for car in entry["cars"]
    ]
    assert {car["phases"] for car in cars} == {1, 2, 3}
    assert {10} == {car["error_percent"] for car in cars if "error_percent" in car}
    for key in ("rests_s", "energy_wh", "unplug_s", "reaction_delay_ms"):
        assert [car for car in cars if key in car], key


def test_all_goes_wrong_that_can():
    events = [event for case in CASES for event in case["scenario"]["events"]]
    chargers = {event["do"] for event in events if event["device"] != "meter"}
    meters = {event["do"] for event in events if event["device"] == "meter"}
    assert chargers == {
        *("deaf", "silent", "back", "restart", "lose_registers", "swap", "app"),
        *("freeze", "thaw", "lie", "error", "error_gone"),
    }
    assert meters == {"deaf", "silent", "back", "stick", "unstick", "reverse"}
    assert [case for case in CASES if case["restarts_s"]]
    changes = [change for case in CASES for change in case["changes"]]
    assert {key for change in changes for key in change["group"]} == {
        *("limit_a", "sharing", "communication_timeout_s", "failsafe_current_a"),
        *("margin_a", "largest_load_a", "feeder_a", "power_limit_w", "meter_stale_s"),
        *("raise_after_s", "start_after_s", "rotation_interval_s", "switch_wait_s", "cycle_ms"),
    }
    rows = [row for change in changes for row in change["chargers"].values()]
    assert {key for row in rows for key in row} == {"max_a", "min_a", "priority", "phases"}
    wraps = [case["start_ms"] + case["seconds"] * 1000 >= 1 << 30 for case in CASES]
    assert True in wraps
    assert False in wraps


def test_every_drawn_configuration_is_good_also_after_each_change():
    for case in CASES[:100]:
        Play(case)


def test_a_step_of_the_house_is_within_what_the_breaker_bears():
    for case in CASES:
        limit_a = case["scenario"]["limit_a"]
        levels = list(case["scenario"]["house"].get("base_a", (0, 0, 0)))
        for step in case["scenario"]["house"].get("steps", ()):
            for phase in (int(name[1]) - 1 for name in step["phases"]):
                assert step["amps"] - levels[phase] <= limit_a / 4 + 0.1
                assert step["amps"] <= limit_a
                levels[phase] = step["amps"]


def test_nothing_goes_wrong_in_the_calm_at_the_end():
    for case in CASES:
        calm_s = case["calm_s"]
        assert case["seconds"] - calm_s >= 60
        for entry in case["scenario"]["events"] + case["changes"]:
            assert entry["at_s"] <= calm_s
        assert max(case["restarts_s"], default=0) <= calm_s


# --- when whom to doubt


def case_of(*events):
    return {"seconds": 100, "scenario": {"chargers": [{}, {}], "events": list(events)}}


def event(at_s, device, do, **more):
    return {"at_s": at_s, "device": device, "do": do, **more}


@pytest.mark.parametrize(
    ("events", "doubted"),
    [
        ([event(5, 1, "restart")], [("restart", 5000, 13_000)]),
        ([event(5, 1, "swap")], [("restart", 5000, 13_000)]),
        ([event(5, 1, "app")], [("app", 5000, 5000)]),
        ([event(5, 1, "lie", what="greedy")], [("lie", 5000, 100_000)]),
        (
            [event(5, 1, "lie", what="greedy"), event(9, 1, "lie", what=None)],
            [("lie", 5000, 9000)],
        ),
        ([event(5, 1, "freeze"), event(9, 1, "thaw")], [("freeze", 5000, 9000)]),
        ([event(5, 1, "deaf"), event(9, 1, "back")], []),
    ],
)
def test_a_charger_is_doubted_while_it_cannot_be_taken_at_its_word(events, doubted):
    assert suspicions(case_of(*events)) == [doubted, []]


@pytest.mark.parametrize(
    ("events", "blind"),
    [
        ([], []),
        ([event(5, "meter", "deaf")], []),
        ([event(5, "meter", "stick")], [(5000, 100_000)]),
        ([event(5, "meter", "stick"), event(9, "meter", "unstick")], [(5000, 9000)]),
        (
            [
                event(5, "meter", "reverse", phases=[1]),
                event(9, "meter", "reverse", phases=[]),
            ],
            [(5000, 9000)],
        ),
    ],
)
def test_a_meter_is_doubted_while_it_shows_what_is_not_so(events, blind):
    assert blindness(case_of(*events)) == blind
