"""Draws whole sites: the circuit, the chargers and cars on it, the house, the configuration.

`draw(seed)` is a case: plain data that JSON carries and drawn_play.py plays. All that is drawn
stands in it, so that parts of it can be left out (shrink.py). What happens on the site is drawn by
drawn_troubles.py. A site is one that an installer could leave behind: one charger alone, or one
step of the house, is within what the breaker bears until the controller has answered.
"""

import random

import drawn_hands
import drawn_settings
import drawn_troubles

from loadrail_site import readings
from loadrail_site.meters_maps import MODELS

SECONDS = (600, 1200, 1800)
LIMITS_A = (16, 20, 25, 32, 40, 50, 63, 80, 100, 125, 160, 200, 250)
THREES = ("L1L2L3", "L2L3L1", "L3L1L2", "L1L3L2", "L2L1L3", "L3L2L1")
TWOS = ("L1L2", "L2L3", "L3L1", "L2L1")
ONES = ("L1", "L2", "L3")
WIRES = {"1_phase": (0, 0, 1), "3_phase": (1, 0, 0), "mixed": (0.65, 0.05, 0.3)}
STEP_SHARE = 0.25  # of the limit: what comes at once, of the house or of a single car
COUNTS = (1, 2, 3, 3, 4, 5, 5, 6, 8, 8, 10, 12, 16, 20)
METERS = sorted(model for model in MODELS if MODELS[model][0] == 3)
NARROW = ("acrel_adl3000",)  # watts in 16 bits, which need a ratio above some 45 A
SUNNY = ("fast", "solar", "solar", "eco_plus", "eco", "off")


def draw(seed, seconds=None, solar=True, hands=None, settings=None):
    """The case of a seed. `seconds`: another length than its own; `solar`: whether sites may have
    solar modes; `hands`: whether people do something by hand, if not given on each third site;
    `settings`: whether they change more of the configuration, if not given on each second one."""
    dice = random.Random(seed)
    case = {"seed": seed, "seconds": dice.choice(SECONDS)}
    if seconds:
        case["seconds"] = seconds
    dynamic = dice.random() < 0.8
    sunny = dynamic and solar and dice.random() < 0.25
    group = _group(dice, dynamic)
    count = dice.choice(COUNTS)
    entries, rows = [], []
    for _ in range(count):
        entry, row = _charger(dice, group, case["seconds"])
        if sunny:
            row["solar_mode"] = dice.choice(SUNNY)
        entries.append(entry)
        rows.append(row)
    _join_limits(dice, group, rows)
    _fit_watchdog(group, count)
    case["scenario"] = {
        "seconds": case["seconds"],
        "limit_a": group["limit_a"],
        "seed": seed,
        "chargers": entries,
        "house": {},
        "events": [],
    }
    case["config"] = {"group": group, "chargers": rows}
    _lines(dice, case, dynamic, count)
    case["calm_s"] = case["seconds"] - drawn_troubles.CALM_S
    if dynamic:
        case["scenario"]["house"] = _house(dice, case, sunny)
    drawn_troubles.draw(dice, case)
    if seed % 2 if settings is None else settings:
        drawn_settings.draw(seed, case)
    if seed % 3 == 0 if hands is None else hands:
        drawn_hands.draw(seed, case)
    return case


def _group(dice, dynamic):
    group = {
        "type": "dynamic" if dynamic else "static",
        "limit_a": dice.choice(LIMITS_A),
        "sharing": dice.choice(["equal", "equal", "priority"]),
        "phase_sharing": dice.choice(["mixed", "mixed", "1_phase", "3_phase"]),
        "raise_after_s": dice.choice([2, 10]),
        "start_after_s": dice.choice([2, 15]),
        "rotation_interval_s": dice.choice([300, 900]),
        "communication_timeout_s": dice.choice([10, 15, 15, 30, 60]),
        "failsafe_current_a": dice.choice([6, 6, 0]),
        "switch_wait_s": 10,
    }
    if dynamic:
        group["meter_stale_s"] = dice.choice([5, 10])
        group["surplus"] = dice.choice(["sum", "phase"])
        group["solar_hold_s"] = dice.choice([5, 30])
        group["solar_resume_s"] = dice.choice([10, 60])
    return group


def _fit_watchdog(group, count):
    """A short watchdog where it can be kept: many chargers on a bad line cannot all be fed within
    10 s, and who falls back to a failsafe current so soon is faster than the others, who must
    make room (config_warnings tells that)."""
    if group["communication_timeout_s"] < 15 and (count > 8 or group["failsafe_current_a"]):
        group["communication_timeout_s"] = 15


def _join_limits(dice, group, rows):
    """The further limits of a group, each one now and then."""
    limit_a = group["limit_a"]
    if dice.random() < 0.2 and limit_a > 20:
        group["margin_a"] = dice.choice([1, 3])
    if dice.random() < 0.1:
        group["feeder_a"] = max(6, limit_a * dice.choice([50, 80]) // 100)
    if dice.random() < 0.1:
        group["power_limit_w"] = limit_a * 230 * dice.choice([2, 3])
    if dice.random() < 0.1:
        group["imbalance_a"] = dice.choice([16, 20])
    for row in rows:
        if len(row["phases"]) == 6 and dice.random() < 0.3:
            row["phase_switching"] = "on"


def _charger(dice, group, seconds):
    """(its entry of the scenario, its row of the configuration)."""
    share = WIRES[group["phase_sharing"]]
    phases = dice.choice(dice.choices((THREES, TWOS, ONES), share)[0])
    max_a = dice.choice([16, 32, 32])
    entry = {"phases": phases, "max_a": max_a, "cars": _cars(dice, max_a, seconds)}
    if dice.random() < 0.5:
        number = dice.randrange(readings.COMBINATIONS)
        reading = readings.combination(number)
        entry["reading"] = {question: reading[question] for question in readings.COMBINED}
    if dice.random() < 0.3:
        entry["signal_delay_ms"] = dice.choice([100, 3000])
    row = {"phases": phases if dice.random() < 0.92 else "unknown"}
    row["max_a"] = min(max_a, dice.choice([32, 32, 20, 13]))
    if dice.random() < 0.2:
        row["min_a"] = row["min_3p_a"] = dice.choice([7, 10])
    if dice.random() < 0.3:
        row["priority"] = dice.randrange(10)
    return entry, row


def _cars(dice, max_a, seconds):
    """The cars of a charger, one after the other; there may be none."""
    cars = []
    at_s = dice.choice([0, 0, dice.randrange(0, 120), dice.randrange(0, seconds)])
    for _ in range(dice.choice([0, 1, 1, 1, 1, 1, 1, 2, 2])):
        car = {"phases": dice.choice([1, 2, 3, 3, 3]), "max_a": dice.choice([8, 10, 16, 16, 32])}
        car["plug_in_s"] = at_s
        stay_s = dice.randrange(60, seconds)
        if dice.random() < 0.6:
            car["unplug_s"] = at_s + stay_s
        if dice.random() < 0.15:
            car["energy_wh"] = dice.randrange(100, 1000)
        if dice.random() < 0.25:
            car["rests_s"] = _rests(dice, at_s, stay_s)
        car.update(dice.choice(MANNERS))
        cars.append(car)
        if "unplug_s" not in car:
            break
        at_s = car["unplug_s"] + dice.randrange(30, 120)
    return cars


# How a car follows its signal; all within the 5 s of IEC 61851-1 but for what it takes too much.
MANNERS = (
    {},
    {},
    {},
    {"error_ma": 0},
    {"error_ma": -1500},
    {"reaction_delay_ms": 3000, "ramp_ma_per_s": 16_000},  # slow
    {"reaction_delay_ms": 0, "ramp_ma_per_s": 64_000},
    {"error_ma": 0, "error_percent": 10},  # greedy
)


def _rests(dice, at_s, stay_s):
    """It sleeps at first, or stops by itself and comes back."""
    if dice.random() < 0.4:
        return [[at_s, at_s + dice.randrange(10, 300)]]
    from_s = at_s + dice.randrange(20, stay_s)
    return [[from_s, from_s + dice.randrange(10, 300)]]


def _lines(dice, case, dynamic, count):
    """Serial lines, time-outs, the meter, and where the tick counter stands."""
    fast = count > 8
    case["config"]["bus"] = {
        "baud": dice.choice([19200, 38400] if fast else [9600, 19200]),
        "parity": dice.choice(["N", "E"]),
    }
    case["turnaround_ms"] = dice.choice([[2, 30], [5, 5], [20, 60]] if not fast else [[2, 20]])
    case["start_ms"] = (1 << 30) - dice.randrange(1000, case["seconds"] * 1500)
    if not dynamic:
        return
    meter = {"address": 1, "update_interval_ms": dice.choice([500, 1000])}
    meter["model"] = dice.choice(METERS) if dice.random() < 0.4 else "eastron_sdm630"
    if meter["model"] in NARROW and case["scenario"]["limit_a"] > 40:
        meter["model"] = "eastron_sdm630"
    if dice.random() < 0.5:
        meter["bus"] = {"baud": 9600}
    case["config"]["meter"] = meter
    if meter["model"] != "eastron_sdm630":
        case["scenario"]["meter"] = {"model": meter["model"]}


def _house(dice, case, sunny):
    """Levels a phase; each step up is one that the breaker bears beside a full circuit."""
    limit_a = case["scenario"]["limit_a"]
    step_a = limit_a * STEP_SHARE
    lowest_a = -limit_a // 2 if sunny else -limit_a // 8
    highest_a = limit_a // 3 if sunny else limit_a * 3 // 4
    levels = [dice.randrange(0, max(1, limit_a // 4)) for _ in range(3)]
    house = {"base_a": list(levels), "steps": []}
    if dice.random() < 0.6:
        house["noise_a"] = dice.choice([0.1, 0.4])
    at_s = 0
    while True:
        at_s += dice.randrange(30, 60 if sunny else 200)
        if at_s >= case["calm_s"]:
            return house
        phase = dice.randrange(3)
        most_a = min(highest_a, levels[phase] + step_a)
        phases = dice.choice([[phase], [0, 1, 2]])
        if len(phases) == 3:
            most_a = min(most_a, min(levels) + step_a)
        level = round(dice.uniform(lowest_a, most_a), 1)
        for here in phases:
            levels[here] = level
        house["steps"].append(
            {"at_s": at_s, "phases": [ONES[here] for here in phases], "amps": level}
        )
