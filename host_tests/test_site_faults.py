"""Chargers that lie, freeze, forget, or are changed behind our back; cars that take too much.

What they say stands in their registers; what is true, in limit_and_cause and the currents.
"""

import subprocess
import sys
from pathlib import Path

import pytest

import loadrail_site
from loadrail_site import teltocharge as tc
from loadrail_site.actions import ACTIONS
from loadrail_site.car import Car
from loadrail_site.charger import Charger
from loadrail_site.device import ModbusError
from loadrail_site.lies import LIES
from loadrail_site.site import Site

STEP_MS = 100
SETTLED_MS = 15_000  # signal, reaction and ramp are over


def run(charger, until_ms):
    for now_ms in range(charger.now_ms + STEP_MS, until_ms + 1, STEP_MS):
        charger.step(now_ms)


def charging(amps_a=10, **charger):
    """A charger whose car draws all it may."""
    charger.setdefault("cars", [Car(3, 32, error_ma=0)])
    charger = Charger(2, amps_a=amps_a, **charger)
    charger.step(0)
    run(charger, SETTLED_MS)
    return charger


def site_of(*events, **changes):
    car = {"phases": 3, "error_ma": 0}
    chargers = [{"amps_a": 10, "cars": [dict(car)]}, {"amps_a": 10, "cars": [dict(car)]}]
    return Site({"seconds": 90, "limit_a": 63, "chargers": chargers, "events": events, **changes})


def step(site, until_ms):
    for now_ms in range(site.now_ms + STEP_MS, until_ms + 1, STEP_MS):
        site.step(now_ms)


# --- lies


@pytest.mark.parametrize(
    ("lie", "written_a", "read_back_a", "true_a", "draw_ma"),
    [
        (None, 6, 6, 6, 6000),
        (None, 0, 0, 0, 0),
        ("deaf_ear", 6, 10, 10, 10_000),
        ("deaf_ear", 0, 10, 10, 10_000),
        ("deaf_ear", 16, 10, 10, 10_000),
        ("parrot", 6, 6, 10, 10_000),
        ("parrot", 0, 0, 10, 10_000),
        ("greedy", 10, 10, 13, 13_000),
        ("greedy", 16, 16, 21, 21_000),
        ("greedy", 0, 0, 0, 0),
        ("sleepwalker", 0, 0, 8, 8000),
        ("sleepwalker", 6, 6, 6, 6000),
    ],
)
def test_what_a_lying_charger_says_and_what_flows(lie, written_a, read_back_a, true_a, draw_ma):
    charger = charging()
    charger.lie = lie
    assert charger.request(6, 15, 1, [written_a]) == [written_a], "every write is acknowledged"
    assert charger.request(3, 15, 1) == [read_back_a]
    run(charger, 2 * SETTLED_MS)
    assert charger.limit_and_cause()[0] == true_a
    assert charger.grid_current_ma() == [draw_ma] * 3
    assert charger.request(3, 3, 3) == [draw_ma // 100] * 3, "its currents are honest"


def test_the_truth_told_again_holds_from_then_on():
    charger = charging()
    charger.lie = "parrot"
    charger.write(6, 15, [6])
    charger.lie = None
    assert charger.limit_and_cause()[0] == 6


def test_a_parrot_goes_on_with_the_limit_it_had_when_it_became_one():
    charger = charging()
    charger.write(6, 15, [8])
    charger.lie = "parrot"
    for amps_a in (6, 16, 0):
        charger.write(6, 15, [amps_a])
        assert charger.limit_and_cause()[0] == 8


def test_a_deaf_ear_is_deaf_for_amps_to_use_alone():
    charger = charging()
    charger.lie = "deaf_ear"
    charger.write(16, 19, [60, 8])
    assert charger.request(3, 19, 2) == [60, 8]


@pytest.mark.parametrize("lie", LIES)
def test_who_lies_is_still_fed_by_what_it_acknowledges(lie):
    charger = charging(reading={"fed_by": "amps"})
    charger.lie = lie
    for until_ms in range(20_000, 60_001, 10_000):
        charger.write(6, 15, [10])
        run(charger, until_ms)
    assert not charger.watchdog.expired(charger.now_ms)


def test_no_lie_draws_through_an_open_contactor():
    charger = charging()
    charger.lie = "sleepwalker"
    charger.error_bits = 1
    run(charger, 2 * SETTLED_MS)
    assert charger.grid_current_ma() == [0, 0, 0]


def test_an_unknown_lie_is_refused():
    with pytest.raises(ValueError):
        charging().lie = "white"


# --- frozen answers


@pytest.mark.parametrize(("writes", "draw_ma"), [("obeyed", 6000), ("dropped", 10_000)])
def test_frozen_answers_show_one_moment_whatever_happens(writes, draw_ma):
    charger = charging()
    before = charger.read(3, 0, 45)
    charger.frozen_writes = writes
    charger.freeze()
    assert charger.request(6, 15, 1, [6]) == [6]
    run(charger, 2 * SETTLED_MS)
    assert charger.read(3, 0, 45) == before
    assert charger.read(3, 6, 3) == before[6:9], "the time in the state stands still, too"
    assert charger.grid_current_ma() == [draw_ma] * 3


@pytest.mark.parametrize(("writes", "read_back_a"), [("obeyed", 6), ("dropped", 10)])
def test_thawed_it_shows_what_is(writes, read_back_a):
    charger = charging()
    charger.frozen_writes = writes
    charger.freeze()
    charger.write(6, 15, [6])
    run(charger, 2 * SETTLED_MS)
    charger.thaw()
    assert charger.read(3, 15, 1) == [read_back_a]
    assert charger.read(3, 3, 1) == [read_back_a * 10]


@pytest.mark.parametrize(("writes", "limit_a"), [("obeyed", 10), ("dropped", 6)])
def test_dropped_writes_and_reads_feed_no_watchdog(writes, limit_a):
    charger = charging()
    charger.frozen_writes = writes
    charger.freeze()
    for until_ms in range(20_000, 60_001, 5000):
        charger.write(6, 15, [10])
        charger.read(3, 0, 7)
        run(charger, until_ms)
    assert charger.limit_and_cause()[0] == limit_a


def test_frozen_or_not_a_bad_request_is_refused():
    charger = charging()
    charger.freeze()
    with pytest.raises(ModbusError):
        charger.read(3, 40, 6)
    with pytest.raises(ModbusError):
        charger.write(6, 15, [3])


def test_a_restart_thaws():
    charger = charging()
    charger.freeze()
    charger.write(6, 15, [6])
    charger.restart()
    run(charger, 3 * SETTLED_MS)
    assert (charger.read(3, 15, 1), charger.read(3, 3, 1)) == ([6], [60])


# --- what is forgotten


@pytest.mark.parametrize("boot_ms", [0, 3000, 20_000])
def test_a_restart_is_silent_for_the_time_of_booting(boot_ms):
    charger = charging(boot_ms=boot_ms)
    charger.restart()
    silent_ms = 0
    while charger.request(3, 0, 1) is None:
        charger.step(charger.now_ms + STEP_MS)
        silent_ms += STEP_MS
    assert silent_ms == max(boot_ms, STEP_MS)


def test_one_restart_may_take_longer_than_others():
    charger = charging(boot_ms=3000)
    charger.restart(60_000)
    run(charger, SETTLED_MS + 59_900)
    assert charger.is_deaf()
    run(charger, SETTLED_MS + 60_000)
    assert not charger.is_deaf()


def test_lost_registers_are_back_at_their_defaults_without_a_pause():
    charger = charging(max_a=16)
    charger.write(16, 19, [60, 8])
    charger.lose_registers()
    assert charger.request(3, 14, 8) == [6, 16, 0, 0, 0, 30, 6, 0]
    assert charger.limit_and_cause()[0] == 16
    assert charger.watchdog.timeout_s == 30
    charger.step(charger.now_ms + STEP_MS)
    assert charger.grid_current_ma() == [10_000] * 3, "the current goes on"


# --- a phone


@pytest.mark.parametrize(
    ("register", "value", "address"),
    [
        ("phase_to_use", 0, 14),
        ("amps_to_use", 7, 15),
        ("socket_lock_request", 1, 18),
        ("communication_timeout", 120, 19),
        ("failsafe_current", 16, 20),
        ("max_grid_current", 40, 28),
        ("user_max_current", 8, 29),
    ],
)
def test_the_app_changes_a_setting_and_it_is_read_back(register, value, address):
    site = site_of({"at_s": 1, "device": 1, "do": "app", "register": register, "value": value})
    step(site, 1000)
    assert site.chargers[0].request(3, address, 1) == [value]


@pytest.mark.parametrize(
    ("register", "cause"),
    [("user_max_current", tc.CAUSE_USER), ("max_grid_current", tc.CAUSE_MAX_GRID)],
)
def test_a_cap_set_by_the_app_caps_what_flows(register, cause):
    charger = charging(16)
    ACTIONS["app"](charger, register=register, value=8)
    charger.write(6, 15, [16])
    run(charger, 2 * SETTLED_MS)
    assert charger.grid_current_ma() == [8000] * 3
    assert charger.limit_and_cause() == (8, cause)
    assert charger.read(3, 15, 1) == [16]


def test_the_app_has_the_effects_of_a_write():
    charger = charging()
    ACTIONS["app"](charger, register="communication_timeout", value=0)
    run(charger, 120_000)
    assert charger.limit_and_cause()[0] == 10
    ACTIONS["app"](charger, register="session_request", value=1)
    run(charger, 130_000)
    assert charger.status == tc.NOT_AUTHORIZED


def test_the_app_feeds_no_watchdog():
    charger = charging()
    for until_ms in range(20_000, 60_001, 5000):
        ACTIONS["app"](charger, register="amps_to_use", value=10)
        run(charger, until_ms)
    assert charger.watchdog.expired(charger.now_ms)


def test_a_switch_by_the_app_under_current_is_not_the_primarys():
    charger = charging()
    ACTIONS["app"](charger, register="phase_to_use", value=0)
    assert charger.switches_under_load == 0


@pytest.mark.parametrize(
    ("register", "value"),
    [
        ("amps_to_use", 5),
        ("failsafe_current", 33),
        ("communication_timeout", 601),
        ("user_max_current", 5),
        ("max_grid_current", 1001),
        ("evse_status", 0),
    ],
)
def test_what_the_app_cannot_set_is_refused(register, value):
    with pytest.raises(ValueError):
        ACTIONS["app"](charging(), register=register, value=value)


# --- events


@pytest.mark.parametrize(
    ("event", "attribute", "value"),
    [
        ({"do": "lie", "what": "parrot"}, "lie", "parrot"),
        ({"do": "freeze", "writes": "dropped"}, "frozen_writes", "dropped"),
        ({"do": "freeze"}, "frozen_writes", "obeyed"),
        ({"do": "error"}, "error_bits", 1 << 10),
    ],
)
def test_events_take_arguments(event, attribute, value):
    site = site_of({"at_s": 1, "device": 2, **event})
    step(site, 1000)
    assert getattr(site.chargers[1], attribute) == value


def test_events_end_what_others_began():
    site = site_of(
        {"at_s": 1, "device": 1, "do": "lie", "what": "greedy"},
        {"at_s": 1, "device": 2, "do": "freeze"},
        {"at_s": 2, "device": 1, "do": "lie", "what": None},
        {"at_s": 2, "device": 2, "do": "thaw"},
    )
    step(site, 20_000)
    assert site.chargers[0].lie is None
    assert site.chargers[1].request(3, 3, 1) == [100]


def test_events_restart_and_forget():
    site = site_of(
        {"at_s": 1, "device": 1, "do": "restart", "boot_ms": 30_000},
        {"at_s": 1, "device": 2, "do": "lose_registers"},
    )
    step(site, 30_000)
    assert site.chargers[0].is_deaf()
    assert site.chargers[1].settings[tc.AMPS_TO_USE] == 32


@pytest.mark.parametrize("event", [{"do": "explode"}, {"do": "freeze", "writes": "eaten"}])
def test_an_event_that_nothing_can_do_is_refused(event):
    with pytest.raises(ValueError):
        step(site_of({"at_s": 1, "device": 1, **event}), 2000)


# --- a car that takes too much


@pytest.mark.parametrize(
    ("limit_a", "draw_ma"), [(0, 0), (6, 6600), (10, 11_000), (16, 17_600), (32, 35_200)]
)
def test_a_car_may_take_ten_percent_too_much(limit_a, draw_ma):
    car = Car(3, 40, error_ma=0, error_percent=10)
    assert charging(limit_a, cars=[car]).grid_current_ma() == [draw_ma] * 3


def test_a_car_that_takes_too_much_takes_no_more_than_it_can():
    car = Car(3, 16, error_ma=0, error_percent=10)
    assert charging(16, cars=[car]).grid_current_ma() == [16_000] * 3


# --- parts of reads


def test_every_read_shows_the_same_words_as_a_read_of_all():
    charger = charging()
    whole = charger.read(3, 0, 45)
    for first in range(45):
        for count in range(1, 46 - first):
            assert charger.read(3, first, count) == whole[first : first + count]


IN_BOTH = """
import sys
sys.path[:0] = sys.argv[1:]
from loadrail_site import lies
from loadrail_site.device import Garbled, ModbusError
from loadrail_site.site import Site
from loadrail_site.stranger import Stranger
doings = [("lie", "what", lie) for lie in lies.LIES]
doings += [("freeze", "writes", "dropped"), ("app", "register", "user_max_current")]
events = []
for number, (do, name, value) in enumerate(doings):
    event = {"at_s": 10 + number, "device": number + 1, "do": do, name: value}
    if do == "app":
        event["value"] = 8
    events.append(event)
events.append({"at_s": 30, "device": 7, "do": "lose_registers"})
chargers = [{"amps_a": 10, "reading": {"phase_choice": "itself"}, "cars": [{"phases": 1 + k % 3}]}
            for k in range(8)]
chargers[7]["address"] = 8
site = Site({"seconds": 90, "limit_a": 63, "chargers": chargers, "events": events})
site.hang(Stranger(20))
for now_ms in range(0, 90001, 250):
    site.step(now_ms)
    if now_ms % 5000 == 0:
        print(site.grid_ma, [charger.limit_and_cause() for charger in site.chargers])
        for address in range(2, 21):
            device = site.device(address)
            try:
                if device:
                    print(device.request(3, 0, 45), device.request(6, 15, 1, [6]))
            except Garbled:
                print("garbled")
            except ModbusError as error:
                print(error.code)
"""


def test_all_of_it_is_the_same_on_cpython_and_micropython(tmp_path):
    script = tmp_path / "both.py"
    script.write_text(IN_BOTH)
    tools = Path(loadrail_site.__file__).parent.parent
    lib = tools.parent / "lib"
    said = []
    for name in (sys.executable, str(Path(sys.executable).parent / "micropython")):
        command = [name, str(script), str(lib), str(tools)]
        said.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert said[0] == said[1]
    assert "garbled" in said[0]
    assert len(said[0].splitlines()) == 19 * (1 + 8)
