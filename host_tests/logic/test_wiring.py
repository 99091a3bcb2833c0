# From levels of terminals and phases to a verdict: every order, direction, ratio and disturbance.

from loadrail import wiring, wiring_texts
from loadrail.phases import NAMES, ORDERS
from loadrail.wiring import Result, measure, middle
from loadrail.wiring_texts import Verdict, phase_of

ORDERS_OF_THREE = sorted([name for name in ORDERS if len(ORDERS[name]) == 3])


def levels(order, active, house=(), ratio=(1000, 1000, 1000), step_ma=10_000, cycles=3):
    """What is measured where terminal t takes active[t] permille of the step; the meter shows
    ratio[p] of what flows on phase p. `house`: (level, phase, mA) on top, 0 is the first down."""
    made = []
    for k in range(2 * cycles + 1):
        current_ma = 6000 + (step_ma if k % 2 else 0)
        row = [current_ma * active[t] // 1000 for t in range(3)] + [3000, 3000, 3000]
        for t in range(3):
            if row[t]:
                p = phase_of(ORDERS[order], t)
                row[3 + p] += row[t] * ratio[p] // 1000
        for at, phase, ma in house:
            if at == k:
                row[3 + phase] += ma
        made.append(row)
    return made


def result_of(made, told="L1L2L3", wires=None):
    result = Result(ORDERS[told], wires or len(ORDERS[told]))
    measure(made, result)
    result.outcome = wiring.MEASURED
    return result


def verdict(made, told="L1L2L3", wires=None):
    return Verdict(result_of(made, told, wires))


class Check:
    """What the texts need of a check that is done."""

    def __init__(self, results):
        self.state = wiring.DONE
        self.results = results


class Primary:
    def __init__(self, n):
        self.config = {"chargers": [{"address": 2 + k, "name": ""} for k in range(n)]}


def said(results):
    return list(wiring_texts.lines(Check(results), Primary(len(results))))


# --- which phase


def test_a_car_on_one_phase_shows_where_terminal_1_is():
    for order in ORDERS_OF_THREE:
        for told in ORDERS_OF_THREE + ["unknown"]:
            v = verdict(levels(order, (1000, 0, 0)), told, 3)
            here = ORDERS[order][0]
            assert v.known == [here, None, None], (order, told)
            same = told != "unknown" and ORDERS[told][0] == here
            assert v.as_configured == same
            best = told if same else NAMES[here] + NAMES[(here + 1) % 3] + NAMES[(here + 2) % 3]
            assert v.best == best, "the configured one where it fits, else the one in sequence"


def test_a_car_on_two_phases_shows_where_terminal_3_is():
    for order in ORDERS_OF_THREE:
        v = verdict(levels(order, (1000, 1000, 0)), "unknown", 3)
        assert v.known == [None, None, ORDERS[order][2]], order
        assert sorted(v.following) == sorted(ORDERS[order][:2])
        assert len(v.orders) == 2
        assert order in v.orders


def test_equal_currents_on_three_phases_never_tell_the_order():
    for order in ORDERS_OF_THREE:
        v = verdict(levels(order, (1000, 1000, 1000)), "L1L2L3")
        assert v.orders == ORDERS_OF_THREE
        assert v.known == [None, None, None]
        assert v.as_configured
        assert v.best == "L1L2L3"
        assert verdict(levels(order, (1000, 1000, 1000)), "unknown", 3).best is None


def test_unequal_currents_tell_the_whole_order():
    for order in ORDERS_OF_THREE:
        for told in ORDERS_OF_THREE + ["unknown"]:
            v = verdict(levels(order, (1000, 750, 500)), told, 3)
            assert v.orders == [order]
            assert v.best == order
            assert v.as_configured == (told == order)


def test_a_charger_with_one_or_two_wires_is_found():
    for order in ORDERS:
        wires = len(ORDERS[order])
        if wires not in (1, 2):
            continue
        active = (1000, 0, 0) if wires == 1 else (1000, 700, 0)
        for told in [name for name in ORDERS if len(ORDERS[name]) == wires]:
            v = verdict(levels(order, active), told)
            assert v.orders == [order], (order, told)
            assert v.best == order
            assert v.as_configured == (told == order)


def test_a_charger_with_one_wire_may_show_its_current_at_any_terminal():
    for t in range(3):
        active = [0, 0, 0]
        active[t] = 1000
        v = verdict(levels("L3", active), "L1")
        assert v.best == "L3"
        assert v.is_news


# --- direction and ratio


def test_a_clamp_that_is_turned_round_is_named_and_changes_no_order():
    for mask in range(1, 8):
        ratio = [-1000 if mask >> p & 1 else 1000 for p in range(3)]
        result = result_of(levels("L1L2L3", (1000, 1000, 1000), (), ratio))
        v = Verdict(result)
        turned = sum([1 << p for p in v.following if result.phases[p] < 0])
        assert turned == mask
        assert v.as_configured
        text = said([result])
        assert len(text) == 2
        assert "falls on " in text[1]
        assert ("the whole meter" in text[1]) == (mask == 7)
        for p in range(3):
            named = NAMES[p] in text[1].split("when")[0]
            assert named == bool(mask >> p & 1), (mask, text)


def test_wrong_ratios_are_told_by_their_usual_factors():
    cases = (
        (1000, None),
        (900, None),
        (1200, None),
        (100, "a tenth of"),
        (500, "half of"),
        (2000, "twice"),
        (10_000, "ten times"),
        (300, "less than"),
        (1450, "more than"),
        (4000, "more than"),
    )
    for ratio, word in cases:
        v = verdict(levels("L2L3L1", (1000, 1000, 1000), (), [ratio] * 3), "L2L3L1")
        assert [v.share(p) for p in v.following] == [ratio] * 3
        text = said([v.result])[1]
        if word is None:
            assert "fine" in text, text
        else:
            assert word + " what flows on L1, L2 and L3" in text, text
            assert "fine" not in text


def test_one_wrong_ratio_is_told_for_its_phase_alone():
    text = said([result_of(levels("L1L2L3", (1000, 1000, 1000), (), (1000, 500, 1000)))])
    assert len(text) == 2
    assert "half of what flows on L2, 5 A of 10 A" in text[1]


def test_terminals_that_rise_unequally_are_no_wrong_ratio():
    assert "fine" in said([result_of(levels("L1L2L3", (1000, 750, 500)))])[1]


def test_a_fault_and_another_order_are_both_told():
    text = said([result_of(levels("L2L3L1", (1000, 0, 0), (), [-500] * 3))])
    assert len(text) == 4
    assert "turned round" in text[1]
    assert "half of" in text[2]
    assert 'set chargers[0].phases to "L2L3L1"' in text[3]


# --- what does not answer, or answers too much


def test_a_phase_without_an_answer_is_named():
    for p in range(3):
        ratio = [1000, 1000, 1000]
        ratio[p] = 0
        v = verdict(levels("L1L2L3", (1000, 1000, 1000), (), ratio))
        assert v.following == [q for q in range(3) if q != p]
        text = said([v.result])
        assert len(text) == 2
        assert "nothing of its step shows on %s:" % NAMES[p] in text[1]


def test_no_answer_at_all_says_nothing_of_the_order():
    for active in ((1000, 0, 0), (1000, 1000, 0), (1000, 1000, 1000)):
        v = verdict(levels("L3L1L2", active, (), (0, 0, 0)))
        assert v.following == []
        assert not v.is_news
        text = said([v.result])
        assert len(text) == 2
        assert "nothing of its step of 10 A" in text[1]


def test_half_of_two_phases_without_an_answer_is_told():
    text = said([result_of(levels("L1L2L3", (1000, 1000, 0), (), (1000, 0, 1000)))])
    assert "only on L1" in text[1]


def test_a_clamp_around_two_conductors_is_told_and_nothing_else():
    made = levels("L1L2L3", (1000, 0, 0))
    for row in made:
        row[4] = row[3]
    v = verdict(made, "L3L1L2")
    assert v.extra
    assert not v.is_news
    text = said([v.result])
    assert len(text) == 2
    assert "shows on L1 and L2, but its car uses only 1" in text[1]


def test_a_charger_that_loads_more_phases_than_configured_is_told():
    text = said([result_of(levels("L1L2L3", (1000, 1000, 1000)), "L1")])
    assert "it loads 3 phases, but is configured with 1" in text[1]


# --- the house

# something else on L1 at each up of six cycles
WILD = [(3, 0, 20_000), (5, 0, 5000), (7, 0, -15_000), (9, 0, 30_000), (11, 0, -8000)]


def test_a_steady_drift_of_the_house_is_nothing():
    drift = [(k, p, 1500 * k * (1 - p)) for k in range(7) for p in range(3)]
    result = result_of(levels("L2L3L1", (1000, 0, 0), drift))
    assert result.restless == 0
    assert result.phases == [0, 1000, 0]


def test_one_load_that_is_switched_asks_for_more_cycles_and_then_counts_no_more():
    for at in range(1, 7):
        house = [(k, p, ma) for k in range(at, 13) for p, ma in ((0, -8000), (1, 5000), (2, 9000))]
        made = levels("L1L2L3", (1000, 0, 0), house, cycles=6)
        for cycles in (3, 4, 5, 6):
            result = Result(ORDERS["L1L2L3"], 3)
            done = measure(made[: 2 * cycles + 1], result)
            assert done == (cycles >= 5), (at, cycles)
            assert result.restless == (0 if done else 7)
            assert result.phases == [1000, 0, 0]


def test_one_up_that_the_house_spoils_counts_no_more_after_five_cycles():
    for at in (1, 3, 5, 7, 9):
        made = levels("L1L2L3", (1000, 0, 0), [(at, 0, -8000), (at, 2, 9000)], cycles=5)
        result = Result(ORDERS["L1L2L3"], 3)
        assert measure(made, result)
        assert result.phases == [1000, 0, 0]
        if at <= 5:
            assert not measure(made[:7], result)
            assert result.restless == 5


def test_a_house_that_never_rests_gives_no_verdict_on_its_phases():
    result = result_of(levels("L1L2L3", (1000, 0, 0), WILD, cycles=6))
    assert result.restless == 1
    v = Verdict(result)
    assert not v.following
    assert not v.is_news
    assert "changed too much on L1 to tell" in said([result])[1]


def test_where_a_restless_phase_may_hide_the_step_a_small_answer_is_none():
    small = [(k, 1, 1500) for k in range(1, 13, 2)]
    v = verdict(levels("L1L2L3", (1000, 0, 0), WILD + small, cycles=6))
    assert v.result.phases[1] == 150
    assert v.following == []


def test_a_restless_phase_does_not_hide_that_another_follows():
    v = verdict(levels("L2L3L1", (1000, 0, 0), WILD, cycles=6))
    assert v.following == [1]
    assert v.best == "L2L3L1"


def test_steps_of_another_size_each_time_are_no_noise():
    made = levels("L1L2L3", (1000, 1000, 1000))
    for k, ma in ((1, 10_000), (3, 5000), (5, 7000)):
        made[k] = [6000 + ma] * 3 + [9000 + ma] * 3
    result = result_of(made)
    assert result.phases == [1000, 1000, 1000]
    assert result.step_ma == 7000
    assert not result.restless


def test_the_middle_one_is_one_of_them():
    assert middle([3]) == 3
    assert middle([5, 1]) == 1
    assert middle([9, 1, 5]) == 5
    assert middle([4, 2, 3, 1]) == 2


# --- several chargers


def shown_by(meter, order):
    """The order that a charger seems to have where the meter shows phase p on meter[p]."""
    seen = tuple([meter[p] for p in ORDERS[order]])
    return next(name for name in ORDERS if ORDERS[name] == seen)


def test_several_chargers_that_agree_blame_the_meter():
    for name in ORDERS_OF_THREE:
        meter = ORDERS[name]
        told = ["L1L2L3", "L2L3L1", "L3L1L2"]
        made = [levels(shown_by(meter, order), (1000, 0, 0)) for order in told]
        results = [result_of(m, order) for m, order in zip(made, told)]
        check = Check(results)
        moved = wiring_texts.exchanged(wiring_texts.verdicts_of(check))
        text = said(results)
        if name == "L1L2L3":
            assert moved is None
            assert all("fine" in line for line in text[1:])
            continue
        assert moved == list(meter)
        assert wiring_texts.suggestions(check) == {}, "the chargers are right"
        assert "exchanged" in text[1]
        assert not any("set chargers" in line for line in text)


def test_one_charger_alone_does_not_blame_the_meter():
    results = [
        result_of(levels("L2L3L1", (1000, 0, 0))),
        result_of(levels("L1", (1000, 0, 0)), "L1"),
    ]
    check = Check([None] + results)
    assert wiring_texts.exchanged(wiring_texts.verdicts_of(check)) is None
    assert wiring_texts.suggestions(check) == {1: "L2L3L1"}
    assert 'set chargers[1].phases to "L2L3L1"' in said([None] + results)[1]


def test_chargers_that_disagree_are_each_told_their_own_order():
    results = [
        result_of(levels("L2L3L1", (1000, 0, 0))),
        result_of(levels("L3L1L2", (1000, 0, 0))),
        result_of(levels("L1L2L3", (1000, 0, 0)), "unknown", 3),
    ]
    assert wiring_texts.suggestions(Check(results)) == {0: "L2L3L1", 1: "L3L1L2", 2: "L1L2L3"}


def test_equal_currents_on_three_phases_speak_neither_for_the_meter_nor_against_it():
    wrong = result_of(levels("L2L3L1", (1000, 0, 0)))
    three = result_of(levels("L1L2L3", (1000, 1000, 1000)))
    assert wiring_texts.exchanged({0: Verdict(wrong), 1: Verdict(three)}) is None
    moved = wiring_texts.exchanged({0: Verdict(wrong), 1: Verdict(three), 2: Verdict(wrong)})
    assert moved == [1, None, None]


def test_every_state_and_outcome_has_its_words():
    for state in range(wiring.RUNNING + 1, wiring.NOBODY_CHARGES + 1):
        check = Check([])
        check.state = state
        assert len(list(wiring_texts.lines(check, Primary(0)))) == 1
    for outcome in range(wiring.TO_COME, wiring.SILENT + 1):
        result = Result((), 3)
        if outcome != wiring.MEASURED:
            result.outcome = outcome
            assert len(said([result])) == 2
            assert "{" not in said([result])[1]
