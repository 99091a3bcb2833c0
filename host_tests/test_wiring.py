"""`check wiring` on whole sites in virtual time: cars that follow, a house that does not."""

import random
from types import SimpleNamespace

import pytest
from conftest import cases_of
from hypothesis import given
from hypothesis import strategies as st
from test_safety import THREE
from world import World

from loadrail import commands, wiring, wiring_texts
from loadrail.orders import STOP
from loadrail.phases import NAMES, ORDERS
from loadrail.request import TIMEOUT
from loadrail.settings import Settings
from loadrail.wiring import Result, Wiring, measure
from loadrail.wiring_texts import Verdict, phase_of

ORDERS_OF_THREE = sorted(name for name in ORDERS if len(ORDERS[name]) == 3)
SETTLED_S = 45
MOST_S = 700  # of one charger: 10 min, and what a level may last beyond


def one(phases, **more):
    """A charger with a car on its terminal 1."""
    return (phases, {"phases": 1, "max_a": 32, **more})


def three(phases, **more):
    return (phases, {"phases": 3, "max_a": 32, **more})


class Site(World):
    """A world with a check. `told`: what is configured, where that is not the truth;
    `meter`: what it makes of the currents of L1 to L3; `noise_a`: of the house."""

    def __init__(self, cars, *, told=None, meter=None, noise_a=0, **more):
        super().__init__(cars, **more)
        primary = self.primary
        for row, phases in zip(primary.config["chargers"], told or (), strict=False):
            row["phases"] = phases
        primary.configure(primary.config, self.run.ticks_ms())
        self.site.house.noise_ma = int(noise_a * 1000)
        if meter:
            step = self.site.meter.step
            self.site.meter.step = lambda now_ms, ma: step(now_ms, [int(x) for x in meter(*ma)])
        self.check = primary.wiring = Wiring(500)

    def begin(self, which=None):
        primary = self.primary
        return self.check.start(self.run.ticks_ms(), primary.chargers, primary.budget, which)

    def finish(self, look=None, most_s=MOST_S):
        """To the end of the check; returns how long that took, s."""
        began_s = self.run.now_ms // 1000
        while self.check.state == wiring.RUNNING:
            self.until(self.run.now_ms / 1000 + 1, 100, look)
            assert self.run.now_ms // 1000 - began_s < most_s
        return self.run.now_ms // 1000 - began_s

    def told(self):
        return list(wiring_texts.lines(self.check, self.primary))

    def verdict(self, i=0):
        assert self.check.results[i].outcome == wiring.MEASURED, self.told()
        return Verdict(self.check.results[i])


def checked(cars, which=None, **more):
    """A site after its check."""
    site = Site(cars, **more).until(SETTLED_S)
    assert site.begin(which) == wiring.RUNNING
    site.finish(most_s=MOST_S * len(cars))
    return site


# --- what it finds


@pytest.mark.parametrize("told", ["L1L2L3", "unknown"])
@pytest.mark.parametrize("truth", ORDERS_OF_THREE)
def test_a_car_on_one_phase_shows_the_rotation_of_its_charger(truth, told):
    site = checked([one(truth)], told=[told])
    here = ORDERS[truth][0]
    v = site.verdict()
    assert v.known[0] == here
    if told != "unknown" and ORDERS[told][0] == here:
        assert f"fine: terminal 1 is on {NAMES[here]}" in site.told()[1]
        assert wiring_texts.suggestions(site.check) == {}
        return
    best = wiring_texts.suggestions(site.check)[0]
    assert truth in v.orders
    assert ORDERS[best][0] == here
    assert f'set chargers[0].phases to "{best}"' in site.told()[1]


@pytest.mark.parametrize("truth", ["L1L2L3", "L2L3L1", "L1L3L2"])
def test_a_car_on_two_phases_shows_which_they_are(truth):
    site = checked([(truth, {"phases": 2, "max_a": 32})], told=["L1L2L3"])
    assert sorted(site.verdict().following) == sorted(ORDERS[truth][:2])
    assert site.verdict().as_configured == (truth == "L1L2L3")


@pytest.mark.parametrize("told", ["L1", "unknown"])
@pytest.mark.parametrize("truth", ["L1", "L2", "L3"])
def test_a_one_phase_charger_is_found_for_sure(truth, told):
    site = checked([one(truth)], told=[told])
    v = site.verdict()
    assert v.orders == [truth]
    assert v.as_configured == (truth == told)


@pytest.mark.parametrize("truth", ["L1L2L3", "L3L1L2"])
def test_a_car_on_three_phases_checks_direction_and_ratio_and_says_that_the_order_is_open(truth):
    site = checked([three(truth)], told=["L1L2L3"])
    assert site.verdict().following == [0, 1, 2]
    assert "fine" in site.told()[1]
    assert "in which order cannot be told" in site.told()[1]


@pytest.mark.parametrize("mask", [1, 2, 4, 7])
def test_a_clamp_that_is_turned_round_is_found_on_each_phase(mask):
    signs = [-1 if mask >> phase & 1 else 1 for phase in range(3)]
    site = checked([THREE], meter=lambda a, b, c: (signs[0] * a, signs[1] * b, signs[2] * c))
    phases = site.check.results[0].phases
    assert [phases[phase] < 0 for phase in range(3)] == [sign < 0 for sign in signs]
    assert "turned round" in site.told()[1]


@pytest.mark.parametrize(
    "factor, limit_a, word",
    [
        (0.1, 63, "about a tenth"),
        (0.5, 63, "about half"),
        (2, 63, "about twice"),
        (10, 400, "about ten times"),
    ],
)
def test_a_wrong_ratio_is_found(factor, limit_a, word):
    site = checked([THREE], limit_a=limit_a, meter=lambda *ma: [factor * x for x in ma])
    assert word in site.told()[1]


def test_a_ratio_so_wrong_that_nothing_may_rise_shows_in_the_numbers():
    site = Site([THREE], meter=lambda *ma: [10 * x for x in ma], idle_ms=5, site_step_ms=0)
    site.until(SETTLED_S)
    while site.primary.chargers.draw_ma[0] < 5000:  # it comes and goes, as nothing fits
        site.until(site.run.now_ms / 1000 + 1)
        assert site.run.now_ms < 200_000
    assert site.begin() == wiring.RUNNING
    site.finish()
    assert site.check.results[0].outcome == wiring.NO_ROOM
    assert "the meter showed 58/58/58 A, and it drew 5.8/5.8/5.8 A" in site.told()[1]


def test_a_meter_that_sits_elsewhere_shows_nothing():
    dice = random.Random(1)
    site = checked([three("L1L2L3")], meter=lambda *ma: [dice.randrange(900) for _ in ma])
    assert "nothing of its step" in site.told()[1]


@pytest.mark.parametrize("phase", range(3))
def test_one_clamp_around_another_conductor_is_named(phase):
    dice = random.Random(1)

    def meter(*ma):
        return [dice.randrange(900) if p == phase else ma[p] for p in range(3)]

    site = checked([THREE], meter=meter)
    assert f"nothing of its step shows on {NAMES[phase]}:" in site.told()[1]


@pytest.mark.parametrize("name", ["L2L1L3", "L2L3L1"])
def test_chargers_on_all_phases_show_that_the_meter_has_them_exchanged(name):
    shown = ORDERS[name]

    def meter(*ma):
        out = [0, 0, 0]
        for phase in range(3):
            out[shown[phase]] = ma[phase]
        return out

    site = checked([one("L1L2L3"), one("L2L3L1"), one("L3")], meter=meter)
    assert wiring_texts.exchanged(wiring_texts.verdicts_of(site.check)) == list(shown)
    assert "the meter most likely has its phases exchanged" in site.told()[1]
    assert wiring_texts.suggestions(site.check) == {}


def test_one_wrong_charger_among_right_ones_is_the_one_to_blame():
    cars = [one("L1L2L3"), one("L3L1L2"), one("L3")]
    site = checked(cars, told=["L1L2L3", "L2L3L1", "L3"])
    assert wiring_texts.suggestions(site.check) == {1: "L3L1L2"}
    assert ["fine" in line for line in site.told()[1:]] == [True, False, True]


def test_only_the_charger_that_is_asked_for_is_checked():
    site = checked([one("L1L2L3"), one("L2L3L1")], which=1)
    assert site.check.results[0] is None
    assert len(site.told()) == 2
    assert "charger 2" in site.told()[1]


# --- a house that does not rest


@pytest.mark.parametrize("seed", range(4))
def test_noise_of_an_ampere_changes_no_verdict(seed):
    site = Site([one("L2L3L1"), three("L1L2L3")], told=["L1L2L3"], noise_a=1).until(SETTLED_S)
    site.site.house.seed = seed
    site.begin()
    site.finish(most_s=2 * MOST_S)
    assert wiring_texts.suggestions(site.check) == {0: "L2L3L1"}
    assert "fine" in site.told()[2]


@pytest.mark.parametrize("after_s", [18, 25, 32, 39, 46])
def test_a_kettle_that_is_switched_on_during_the_check_changes_no_verdict(after_s):
    kettle = {"at_s": SETTLED_S + after_s, "phases": ["L1", "L2", "L3"], "amps": 9}
    site = checked([one("L2L3L1")], told=["L1L2L3"], house=[kettle])
    assert wiring_texts.suggestions(site.check) == {0: "L2L3L1"}


def test_a_load_that_comes_and_goes_within_seconds_is_told_in_bounded_time():
    site = Site([one("L2L3L1")], told=["L1L2L3"], limit_a=100).until(SETTLED_S)
    site.site.house.currents_ma = lambda now_ms: [8000 * (now_ms // 1500 % 2)] * 3
    site.begin()
    assert site.finish() <= 130
    assert site.check.results[0].outcome == wiring.UNSTEADY
    assert "quiet" in site.told()[1]


def test_single_samples_that_stand_out_count_nothing():
    count = [0]

    def meter(*ma):
        count[0] += 1
        return [x + (0 if count[0] % 60 else 15_000) for x in ma]

    site = checked([one("L2L3L1")], told=["L1L2L3"], limit_a=100, meter=meter)
    assert site.check.results[0].phases == [0, 1000, 0]


@pytest.mark.parametrize("seed", range(6))
def test_where_the_house_is_too_restless_that_is_said_and_nothing_wrong(seed):
    site = Site([one("L2L3L1")], told=["L1L2L3"], limit_a=100).until(SETTLED_S)
    dice = random.Random(seed)
    level = [0, 0]

    def currents_ma(now_ms):
        if now_ms >= level[0]:
            level[:] = [now_ms + 3000, dice.randrange(40_000)]
        return [level[1], level[1], level[1]]

    site.site.house.currents_ma = currents_ma
    site.begin()
    site.finish()
    outcome = site.check.results[0].outcome
    assert outcome in (wiring.MEASURED, wiring.UNSTEADY, wiring.NO_ROOM)
    text = site.told()[1]
    assert "quiet" in text or 'set chargers[0].phases to "L2L3L1"' in text


# --- what it may do


@pytest.mark.parametrize("told", [None, ["L2L3L1", "unknown", "L1L2L3"]])
def test_s1_what_may_flow_stays_within_the_circuit_during_a_check(told):
    cars = [THREE, three("L2L3L1"), three("L3L1L2")]
    site = Site(cars, told=told, limit_a=32).until(SETTLED_S)
    site.begin()

    def look():
        for phase in range(3):
            assert site.may_flow_ma(phase) <= 32_000, site.run.now_ms

    site.finish(look, 3 * MOST_S)
    assert [result.outcome for result in site.check.results] == [wiring.MEASURED] * 3


def test_all_others_stay_at_their_minimum_and_nobody_is_paused():
    site = Site([THREE] * 3, limit_a=63).until(SETTLED_S)
    site.begin()
    site.until(SETTLED_S + 15)
    caps = set()

    def look():
        limits_a = site.limits_a()
        assert min(limits_a) >= 6
        for i in range(3):
            if i != site.check.which and site.check.which is not None:
                assert limits_a[i] == 6
        caps.add(max(limits_a))

    while site.check.which == 0:
        site.until(site.run.now_ms / 1000 + 0.1)
        if site.check.which == 0:
            look()
    assert caps == {6, 16}


def test_limits_come_back_once_the_check_is_over():
    site = Site([THREE] * 3, limit_a=63).until(SETTLED_S)
    before_a = site.limits_a()
    site.begin()
    site.finish(most_s=3 * MOST_S)
    site.until(site.run.now_ms / 1000 + 40)
    assert sum(site.limits_a()) >= sum(before_a) - 1
    assert min(site.limits_a()) >= min(before_a) - 1


def test_it_gives_the_same_across_the_wrap_of_the_tick_counter():
    site = checked([one("L3L1L2")], told=["L1L2L3"], start_ms=(1 << 30) - 100_000)
    assert wiring_texts.suggestions(site.check) == {0: "L3L1L2"}


@pytest.mark.parametrize("lost", [0.03, 0.1])
@pytest.mark.parametrize("seed", range(3))
def test_what_it_says_while_frames_are_lost_is_right(seed, lost):
    """With one in ten a charger may count as silent, which ends it."""
    dice = random.Random(seed)
    site = checked(
        [one("L3L1L2"), THREE],
        told=["L1L2L3"],
        faults=lambda bus, request, now_ms: TIMEOUT if dice.random() < lost else None,
    )
    done = site.check.state == wiring.DONE
    assert done or lost == 0.1
    said = wiring_texts.suggestions(site.check)
    assert said == {0: "L3L1L2"} or (said == {} and not done)


# --- what ends it


def during(site, act=None, i=0):
    """Ten seconds into a check something happens; returns what became of charger i."""
    site.until(SETTLED_S)
    assert site.begin() == wiring.RUNNING
    site.until(SETTLED_S + 10)
    assert site.check.which == 0
    if act:
        act()
    site.finish(most_s=2 * MOST_S)
    assert site.check.which is None
    return site.check.results[i].outcome


def test_a_lost_meter_ends_it():
    site = Site([THREE])
    assert during(site, lambda: setattr(site.site.meter, "deaf", True)) == wiring.UNDER_WAY
    assert site.check.state == wiring.METER_LOST


@pytest.mark.parametrize("i", [0, 1])
def test_a_silent_charger_ends_it(i):
    site = Site([THREE] * 2)
    during(site, lambda: setattr(site.site.chargers[i], "deaf", True))
    assert site.check.state == wiring.SOMEBODY_SILENT


def test_an_operator_who_stops_the_charger_ends_its_check_and_the_next_one_follows():
    site = Site([THREE] * 2)
    assert during(site, lambda: site.primary.order(STOP, 0, site.run.ticks_ms())) == wiring.HELD
    assert site.check.results[1].outcome == wiring.MEASURED
    assert site.check.state == wiring.DONE


def test_an_operator_who_stops_the_check_ends_it():
    site = Site([THREE] * 2)
    assert during(site, site.check.stop) == wiring.UNDER_WAY
    assert site.check.state == wiring.STOPPED
    assert site.check.results[1].outcome == wiring.TO_COME
    site.until(SETTLED_S + 60)
    assert min(site.limits_a()) > 16


def test_a_new_configuration_ends_it():
    site = Site([THREE])
    primary = site.primary
    during(site, lambda: primary.configure(primary.config, site.run.ticks_ms()))
    assert site.check.state == wiring.CONFIGURED
    assert len(site.told()) == 1


def test_a_car_that_leaves_ends_its_check():
    assert during(Site([three("L1L2L3", unplug_s=SETTLED_S + 12)])) == wiring.CAR_STOPPED


def test_a_car_that_does_not_rise_is_told():
    assert during(Site([three("L1L2L3", max_a=8)])) == wiring.NOT_FOLLOWED


def test_a_charger_whose_maximum_leaves_no_step_is_told_at_once():
    site = Site([THREE], rows={"max_a": 9}).until(SETTLED_S)
    site.begin()
    assert site.finish() <= 2
    assert site.check.results[0].outcome == wiring.NO_ROOM


def test_too_little_for_a_step_is_told_within_minutes():
    site = Site([THREE] * 5, limit_a=32).until(SETTLED_S)
    site.begin()
    assert site.finish(most_s=600) < 600
    charging = [result for result in site.check.results if result]
    assert charging
    assert {result.outcome for result in charging} == {wiring.NO_ROOM}


def test_it_does_not_begin_without_a_meter_or_a_car():
    site = Site([THREE], group={"type": "static"}).until(SETTLED_S)
    assert site.begin() == wiring.NO_METER
    site = Site([("L1L2L3", None), THREE]).until(SETTLED_S)
    assert site.begin(0) == wiring.NOBODY_CHARGES
    assert site.begin(1) == wiring.RUNNING
    site = Site([THREE] * 2).until(SETTLED_S)
    site.site.chargers[1].deaf = True
    site.until(SETTLED_S + 12)
    assert site.begin(0) == wiring.SOMEBODY_SILENT
    assert site.limits_a()[0] > 16, "nothing is capped"


# --- laws of the verdict


@cases_of(300)
@given(
    st.sampled_from([name for name in sorted(ORDERS) if name != "unknown"]),
    st.sampled_from([(1000, 0, 0), (1000, 1000, 0), (1000, 1000, 1000), (1000, 700, 400)]),
    st.integers(4000, 26_000),
    st.integers(0, 500),
    st.integers(0, 1 << 30),
)
def test_under_noise_of_half_an_ampere_the_true_order_is_never_excluded(
    name, active, step_ma, noise_ma, seed
):
    order = ORDERS[name]
    active = active[: len(order)] + (0,) * (3 - len(order))
    dice = random.Random(seed)
    levels = []
    for k in range(7):
        here_ma = 6000 + (step_ma if k % 2 else 0)
        row = [here_ma * share // 1000 for share in active] + [5000] * 3
        for t in range(len(order)):
            row[3 + phase_of(order, t)] += row[t]
        for phase in range(3):
            row[3 + phase] += dice.randint(-noise_ma, noise_ma)
        levels.append(row)
    result = Result((), len(order))
    assert measure(levels, result)
    verdict = Verdict(result)
    assert name in verdict.orders
    assert all(known in (None, order[t]) for t, known in enumerate(verdict.known[: len(order)]))


def test_the_console_begins_shows_applies_and_ends_a_check():
    """What was found is in force at once, and kept by `save`."""
    site = Site([one("L2L3L1")], told=["L1L2L3"])
    site.primary.wiring = None
    kept = Settings(site.primary.config)
    context = SimpleNamespace(primary=site.primary, now_ms=site.run.ticks_ms, settings=kept)

    def say(line):
        return "".join(commands.run(line, context))

    assert "no check of the wiring is under way" in say("check wiring stop")
    assert "nothing was found" in say("check wiring apply")
    assert "1 to 1" in say("check wiring 2")
    assert "needs" in say("check")
    assert "needs" in say("check wiring 1 2")
    site.until(SETTLED_S)
    say("check wiring 1")
    assert site.primary.wiring.state == wiring.RUNNING
    site.until(SETTLED_S + 200)
    assert site.primary.wiring.state != wiring.RUNNING
    assert "L2L3L1" in say("check wiring")
    assert 'chargers[0].phases: "L2L3L1", was "L1L2L3"' in say("check wiring apply")
    assert site.primary.config["chargers"][0]["phases"] == "L2L3L1"
    site.until(SETTLED_S + 260)
    assert site.true_limits_a()[0] >= 31
