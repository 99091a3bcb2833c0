"""The onlooker of drawn sites finds a core that breaks what it promises, and no other.

Each test plays a small site by hand, once as the core is and once with one thing broken.
"""

import pytest
from drawn_play import Play
from shrink import kind_of, moment_of

from loadrail import overdraw, plausible, polling
from loadrail.registers import AMPS_TO_USE
from loadrail.request import CRC, OK, READ_HOLDING, Request
from loadrail.sharing import NO_LIMIT


def case_of(cars, *, seconds=200, events=(), rows=None, house=None, dynamic=True, **group):
    """A case with one three-phase charger a car."""
    group = {"limit_a": 32, "raise_after_s": 2, "start_after_s": 2, **group}
    group["type"] = "dynamic" if dynamic else "static"
    case = {
        "seed": 1,
        "seconds": seconds,
        "calm_s": seconds,
        "start_ms": 0,
        "turnaround_ms": [5, 5],
        "lost": {"rate": 0, "kinds": []},
        "restarts_s": [],
        "changes": [],
        "config": {"group": group, "bus": {"baud": 19200}},
        "scenario": {
            "seconds": seconds,
            "limit_a": group["limit_a"],
            "chargers": [{"phases": "L1L2L3", "cars": [car] if car else []} for car in cars],
            "house": house or {},
            "events": list(events),
        },
    }
    case["config"]["chargers"] = [dict(rows or {}) for _ in cars]
    if dynamic:
        case["config"]["meter"] = {"address": 1}
    return case


def found(case, breaking=None):
    """The kinds of findings, and the findings."""
    playing = Play(case)
    if breaking:
        breaking(playing.primary)
    faults = playing.judge().faults
    return {kind_of(fault) for fault in faults}, faults


CAR = {"phases": 3, "max_a": 32}
SMALL = {"phases": 3, "max_a": 10}
LATE = {"phases": 3, "max_a": 32, "plug_in_s": 80}
STUCK = {"at_s": 40, "device": "meter", "do": "stick"}
REVERSED = {"at_s": 40, "device": "meter", "do": "reverse", "phases": [0, 1, 2]}
HOUSE = {"base_a": [8, 8, 8]}


@pytest.mark.parametrize("dynamic", [False, True])
def test_an_honest_core_is_not_blamed(dynamic):
    assert found(case_of([CAR, CAR], dynamic=dynamic))[1] == []


@pytest.mark.parametrize("dynamic", [False, True])
def test_s1_a_core_that_deals_out_too_much_is_found(dynamic):
    def more(primary):
        primary.budget._rules.limit_ma += 6000
        if not dynamic:
            primary.budget._grant(primary.budget.limit_ma)

    assert "S1" in found(case_of([CAR, CAR], dynamic=dynamic), more)[0]


def test_s1_who_is_back_from_a_silence_and_gets_too_much_is_found_before_his_car_could_follow():
    silence = [{"at_s": 60, "device": 1, "do": "silent"}, {"at_s": 90, "device": 1, "do": "back"}]
    case = case_of([CAR], seconds=104, dynamic=False, events=silence, limit_a=16)
    case["changes"] = [{"at_s": 80, "group": {}, "chargers": {}}]
    assert found(case)[1] == []

    def more(primary):
        primary.budget._rules.limit_ma += 8000
        primary.budget._grant(primary.budget.limit_ma)

    def later(primary):
        primary.configure = lambda config, now_ms: more(primary)

    assert "S1" in found(case, later)[0]


@pytest.mark.parametrize(
    ("group", "room", "what"),
    [({"feeder_a": 16}, "_feeder_ma", "cable"), ({"power_limit_w": 9000}, "_power_w", "power")],
)
def test_s1_a_further_limit_that_the_core_forgets_is_found(group, room, what):
    case = case_of([CAR, CAR], dynamic=False, **group)
    assert found(case)[1] == []
    value = NO_LIMIT if room == "_feeder_ma" else 0
    kinds, faults = found(case, lambda primary: setattr(primary._allocator._rooms, room, value))
    assert kinds == {"S1"}
    assert what in faults[0]


def test_s1_the_house_counts_again_some_time_after_a_turned_meter_is_right():
    back = {"at_s": 90, "device": "meter", "do": "reverse", "phases": []}
    case = case_of([CAR], seconds=140, events=[REVERSED, back], house=HOUSE)
    assert found(case)[1] == []

    def believing(primary):
        sample = primary.budget.sample

        def zero_later(now_ms, ma, chargers):
            return sample(now_ms, [0, 0, 0] if now_ms > 60_000 else ma, chargers)

        primary.budget.sample = zero_later

    late = [fault for fault in found(case, believing)[1] if moment_of(fault) > 110]
    assert {kind_of(fault) for fault in late} == {"S1"}


def test_s1_what_a_greedy_car_takes_counts_once_it_was_seen():
    greedy = {**CAR, "error_ma": 0, "error_percent": 10}
    assert found(case_of([greedy, greedy], dynamic=False))[1] == []

    def blind(primary):
        chargers = primary.chargers
        chargers.booked_ma = lambda i, phase: chargers.limit_ma[i]
        chargers.booked_to_raise_ma = chargers.booked_ma
        primary._allocator._rooms.settle = forgetful(primary._allocator._rooms)

    assert "S1" in found(case_of([greedy, greedy], dynamic=False), blind)[0]


def test_s1_what_a_greedy_car_was_seen_to_take_counts_on_when_its_charger_is_silent():
    greedy = {**CAR, "error_ma": 0, "error_percent": 10}
    silent = {"at_s": 60, "device": 1, "do": "silent"}
    case = case_of([greedy, {**CAR, "error_ma": 0}], dynamic=False, events=[silent])
    assert found(case)[1] == []

    class Forgetful(list):
        def __setitem__(self, i, ma):
            pass

    def forgetting(primary):
        primary.chargers.beyond_ma = Forgetful(primary.chargers.beyond_ma)

    late = [fault for fault in found(case, forgetting)[1] if moment_of(fault) > 85]
    assert "S1" in {kind_of(fault) for fault in late}


def test_nobody_is_asked_to_know_of_a_greed_that_began_in_a_silence():
    greedy = {**CAR, "error_ma": 0, "error_percent": 10, "plug_in_s": 70}
    silent = {"at_s": 60, "device": 1, "do": "silent"}
    back = {"at_s": 150, "device": 1, "do": "back"}
    case = case_of([greedy, {**CAR, "error_ma": 0}], dynamic=False, events=[silent, back])
    assert found(case)[1] == []


def forgetful(rooms):
    """Counts nothing as fixed: what cars take too much is forgotten."""
    settle = rooms.settle

    def wrapped(metered):
        rooms.fixed_ma[:] = [0] * len(rooms.fixed_ma)
        settle(metered)

    return wrapped


def test_s5_a_stuck_meter_that_is_believed_is_found(monkeypatch):
    case = case_of([SMALL, LATE], seconds=300, events=[STUCK])
    assert found(case)[1] == []
    monkeypatch.setattr(plausible.Frozen, "sample", lambda *_: False)
    assert "S5" in found(case)[0]


def test_s9_a_limit_that_is_refreshed_too_late_is_found(monkeypatch):
    case = case_of([CAR], dynamic=False, communication_timeout_s=30)
    assert found(case)[1] == []
    monkeypatch.setattr(polling.Poller, "_refresh_ms", lambda *_: 10_000)
    assert "S9" in found(case)[0]


# frames in a row that nobody answered, and when the next refresh comes, with a watchdog of 15 s
@pytest.mark.parametrize(
    ("lost", "after_s", "blamed"),
    [
        (0, 4.9, False),
        (0, 5.5, True),
        (2, 14.9, False),
        (2, 15.1, True),
        (4, 14.9, False),
        (4, 15.1, True),
    ],
)
def test_s9_how_late_a_refresh_may_be_depends_on_what_was_lost(lost, after_s, blamed):
    playing = Play(case_of([CAR], communication_timeout_s=15))
    frames, request = playing.oracle.frames, Request()

    def send(at_s, result):
        frames.sent(0, request, int(at_s * 1000))
        frames.ended(0, result, None, int(at_s * 1000) + 20)

    request.write(2, AMPS_TO_USE, [0], 300)
    send(100, OK)
    request.read(2, READ_HOLDING, 0, 15, 300)
    for k in range(lost):
        send(101 + k, CRC)
    request.write(2, AMPS_TO_USE, [0], 300)
    send(100 + after_s, OK)
    late = f"0.00 s S9: address 2 is written after {int(after_s * 1000)} ms, lost {lost}"
    assert (late in playing.oracle.faults) == blamed


def test_s10_a_turn_that_never_comes_is_found():
    case = case_of([CAR, CAR], seconds=1300, limit_a=8, dynamic=False, rotation_interval_s=300)
    assert found(case)[1] == []

    def for_ever(primary):
        primary._allocator.turns.interval_ms = 1 << 27

    assert "S10" in found(case, for_ever)[0]


def test_an_error_that_escapes_the_core_is_found():
    def broken(primary):
        primary.poller.reading = lambda *_: 1 // 0

    kinds, faults = found(case_of([CAR]), broken)
    assert kinds == {"error"}
    assert "ZeroDivisionError" in faults[0]


def test_s3_the_minimum_of_a_changed_configuration_counts():
    case = case_of([CAR], dynamic=False)
    case["changes"] = [{"at_s": 60, "group": {}, "chargers": {"1": {"max_a": 10}}}]
    assert found(case)[1] == []

    def deaf_to_it(primary):
        primary.configure = lambda config, now_ms: None

    assert "S3" in found(case, deaf_to_it)[0]


def test_s1_a_lower_limit_is_followed_in_time():
    case = case_of([CAR], dynamic=False)
    case["changes"] = [{"at_s": 60, "group": {"limit_a": 16}, "chargers": {}}]
    assert found(case)[1] == []

    def deaf_to_it(primary):
        primary.configure = lambda config, now_ms: None

    assert "S1" in found(case, deaf_to_it)[0]


def test_s7_a_charger_that_lets_too_much_flow_unnoticed_is_found(monkeypatch):
    lie = {"at_s": 60, "device": 1, "do": "lie", "what": "greedy"}
    case = case_of([CAR], dynamic=False, events=[lie], rows={"max_a": 16})
    assert found(case)[1] == []
    monkeypatch.setattr(overdraw, "look", lambda *_: None)
    assert "S7" in found(case)[0]
