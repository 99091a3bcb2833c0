"""What people do by hand on drawn sites: all kinds are drawn, done, and judged."""

import copy
import json

import pytest
from drawn_hands import FIRST_S, USES
from drawn_play import Play, play
from drawn_sites import draw
from shrink import kind_of, shrink, without
from test_drawn_oracle import CAR, case_of

from loadrail import holds, orders
from loadrail.registers import AMPS_TO_USE

CASES = [draw(seed, hands=True) for seed in range(120)]
INPUTS = {"selector": "off", "contact": "none", "contact_active": "closed", "contact_current_a": 6}


def by_hand(*, turns=((0, 0, False),), made=(), checks=(), locked=(), **inputs):
    """A case of two cars where hands do this."""
    case = case_of([CAR, CAR])
    case["config"]["inputs"] = {**INPUTS, **inputs}
    case["hands"] = {"turns": turns, "orders": made, "checks": checks, "locked": locked}
    return case


def test_each_third_site_has_hands_and_all_else_is_drawn_as_without():
    assert [seed for seed in range(9) if "hands" in draw(seed)] == [0, 3, 6]
    case = draw(3)
    del case["hands"], case["config"]["inputs"]
    assert case == draw(3, hands=False)


def test_all_kinds_are_drawn_while_troubles_last():
    done = [entry for case in CASES for entry in case["hands"]["orders"]]
    assert {name for _, name, _ in done} == set(orders.NAMES)
    turns = [turn for case in CASES for turn in case["hands"]["turns"]]
    assert {position for _, position, _ in turns} == {None, *range(10)}
    assert {closed for _, _, closed in turns} == {None, False, True}
    assert {case["config"]["inputs"]["contact"] for case in CASES} == set(USES)
    for case in CASES:
        hands, end_s = case["hands"], case["calm_s"]
        numbers = range(1, len(case["config"]["chargers"]) + 1)
        moments = [at_s for key in ("orders", "checks") for at_s, *_ in hands[key]]
        assert all(FIRST_S <= at_s < end_s for at_s in moments)
        assert all(number in numbers for _, _, number in hands["orders"])
        assert (hands["turns"][0][0], hands["turns"][-1][:2]) == (0, [end_s, 0])


def test_a_case_with_hands_is_the_same_after_json():
    case = draw(30, 340)
    assert play(json.loads(json.dumps(case))).counts == play(case).counts


@pytest.mark.parametrize(
    "hands",
    [
        {"made": [[60, "stop", 1]]},
        {"turns": [[0, 0, False], [60, 0, True]], "contact": "emergency_stop"},
        {"turns": [[0, 0, False], [60, 1, False]], "selector": "on"},
        {"turns": [[0, 0, False], [60, None, False]], "selector": "on"},
    ],
)
def test_a_core_that_does_not_obey_is_found(monkeypatch, hands):
    assert play(by_hand(**hands)).faults == []
    update = holds.update

    def deaf(now_ms, c, orders, inputs):
        update(now_ms, c, orders, inputs)
        for i in range(c.n):
            c.hold[i], c.most_a[i] = 0, 32

    monkeypatch.setattr(holds, "update", deaf)
    assert {kind_of(fault) for fault in play(by_hand(**hands)).faults} == {"hold"}


def test_orders_checks_and_inputs_reach_the_core():
    made = [[60, "stop", 1], [75, "restart", 1], [100, "start", 1]]
    made += [[110, "lock", 2], [120, "unlock", 2], [150, "restart", 1], [160, "authorise", 2]]
    turns = [[0, 0, False], [180, 1, False]]
    case = by_hand(turns=turns, made=made, checks=[[130, 1]], locked=[2], selector="on")
    playing = Play(case)
    playing.case["seconds"] = 155
    assert playing.judge().faults == []
    assert playing.site.chargers[1].settings[AMPS_TO_USE] == 0, "nobody has authorised it"
    counts = play(case | {"seconds": 200}).counts
    assert [counts["ordered " + name] for name in orders.NAMES] == [1] * 6
    assert counts["order refused"] == 1, "no restart under current"
    assert counts["wiring checked"] == 1


def test_hands_are_left_out_where_a_fault_does_not_need_them():
    case = shrink(draw(3), lambda smaller: 100.0, most_tries=800)
    assert case["hands"] == {"turns": [], "orders": [], "checks": [], "locked": []}
    play(case)


def test_hands_follow_when_a_charger_goes():
    case = by_hand(made=[[1, "stop", 1], [2, "stop", 2]], checks=[[3, 1], [4, 2]], locked=[1, 2])
    before = copy.deepcopy(case["hands"]["turns"])
    without(case, range(1))
    hands = case["hands"]
    assert (hands["orders"], hands["locked"]) == ([[2, "stop", 1]], [1])
    assert hands["checks"] == [[3, None], [4, 1]]
    assert hands["turns"] == before
