"""A failing case becomes small, and still fails in the same way."""

import copy

from drawn_play import play
from drawn_sites import draw
from shrink import kind_of, moment_of, shrink, without


def case_of(seed=5):
    return draw(seed, 600)


def test_a_fault_tells_its_kind_and_its_moment():
    fault = "12.20 s S1: L1 3 s over: house 4"
    assert (kind_of(fault), moment_of(fault)) == ("S1", 12.2)


def test_what_does_not_fail_stays_as_it_is():
    case = case_of()
    assert shrink(case, lambda smaller: None) == case


def test_the_case_that_was_given_is_not_touched():
    case = case_of()
    before = copy.deepcopy(case)
    shrink(case, lambda smaller: 100.0)
    assert case == before


def test_all_that_is_not_needed_is_left_out():
    case = shrink(case_of(), lambda smaller: 100.0, most_tries=500)
    assert len(case["config"]["chargers"]) == len(case["scenario"]["chargers"]) == 1
    assert case["scenario"]["chargers"][0]["cars"] == []
    assert case["scenario"]["events"] == case["changes"] == case["restarts_s"] == []
    assert case["seconds"] < 110
    assert case["lost"]["rate"] == 0
    assert set(case["config"]["group"]) == {"type", "limit_a"}


def test_what_is_needed_stays_while_others_go():
    case = case_of()
    event = next(event for event in case["scenario"]["events"] if event["device"] != "meter")
    address = case["config"]["chargers"][event["device"] - 1]["phases"]

    def fails(smaller):
        for other in smaller["scenario"]["events"]:
            if (other["at_s"], other["do"]) == (event["at_s"], event["do"]):
                row = smaller["config"]["chargers"][other["device"] - 1]
                return 590.0 if row["phases"] == address else None
        return None

    small = shrink(case, fails, most_tries=500)
    assert [(e["device"], e["do"]) for e in small["scenario"]["events"]] == [(1, event["do"])]
    assert len(small["config"]["chargers"]) == 1


def test_it_stops_after_so_many_tries():
    tries = []
    shrink(case_of(), lambda smaller: tries.append(1) or 100.0, most_tries=7)
    assert len(tries) == 1 + 7


def test_events_and_changes_of_the_others_follow_when_a_charger_goes():
    case = case_of()
    case["scenario"]["events"] = [
        {"at_s": 1, "device": 1, "do": "deaf"},
        {"at_s": 2, "device": 3, "do": "deaf"},
        {"at_s": 3, "device": "meter", "do": "deaf"},
    ]
    case["changes"] = [{"at_s": 4, "group": {}, "chargers": {"1": {"max_a": 8}, "3": {}}}]
    without(case, range(1))
    assert [event["device"] for event in case["scenario"]["events"]] == [2, "meter"]
    assert case["changes"][0]["chargers"] == {"2": {}}


def test_a_shrunken_case_can_be_played():
    case = shrink(case_of(), lambda smaller: 100.0, most_tries=500)
    assert play(case).faults == []
