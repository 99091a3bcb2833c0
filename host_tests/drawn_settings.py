"""Draws further changes of the configuration into a case, and takes them back: what an installer
tries on the console while the chargers charge.

Its dice are its own: what else is drawn for a seed stays as it is. The keys are none of those that
drawn_troubles.py changes, so neither takes back what the other has set.
"""

import random

from loadrail.config_keys import CHARGER, GROUP

MOST = 6
SHORT_S = 15  # shorter watchdogs are only for failsafe currents of 0, see drawn_sites.py
BURST_S = (1, 4, 9, 60, 200)  # between a change and what takes it back


def draw(seed, case):
    """Add to "changes" of a case."""
    dice = random.Random(seed ^ 0x3C3C)
    group, rows = case["config"]["group"], case["config"]["chargers"]
    kinds = [*_of_the_group(dice, case)]
    for _ in range(dice.randrange(1, MOST + 1)):
        number = dice.randrange(len(rows))
        own = _of_a_charger(dice, case, number)
        key, value = dice.choice(kinds + own)
        at_s = dice.randrange(20, case["calm_s"] - 10)
        back_s = min(at_s + dice.choice(BURST_S), case["calm_s"])
        if (key, value) in own:
            before = rows[number].get(key, CHARGER[key][0])
            for when_s, what in ((at_s, value), (back_s, before)):
                _add(case, when_s, chargers={str(number + 1): {key: what}})
        else:
            before = group.get(key, GROUP[key][0])
            for when_s, what in ((at_s, value), (back_s, before)):
                _add(case, when_s, group={key: what})


def _add(case, at_s, group=None, chargers=None):
    case["changes"].append({"at_s": at_s, "group": group or {}, "chargers": chargers or {}})


def _of_the_group(dice, case):
    """(key, value) of each that may be changed."""
    group, limit_a = case["config"]["group"], case["config"]["group"]["limit_a"]
    yield "raise_after_s", dice.choice([0, 2, 10])
    yield "start_after_s", dice.choice([0, 2, 15])
    yield "rotation_interval_s", dice.choice([300, 600])
    yield "switch_wait_s", dice.choice([10, 30])
    yield "cycle_ms", dice.choice([500, 1000, 2000])
    if limit_a > 20:
        yield "margin_a", dice.choice([1, 3])
        yield "feeder_a", limit_a * dice.choice([50, 80]) // 100
        yield "power_limit_w", limit_a * 230 * dice.choice([2, 3])
    timeouts_s = [group, *(change["group"] for change in case["changes"])]
    timeouts_s = [part.get("communication_timeout_s", SHORT_S) for part in timeouts_s]
    if min(timeouts_s) >= SHORT_S:
        yield "failsafe_current_a", dice.choice([0, 6])
    if group["type"] == "dynamic":
        yield "meter_stale_s", dice.choice([5, 10])
        yield "largest_load_a", limit_a * dice.choice([20, 50]) // 100


def _of_a_charger(dice, case, number):
    """The same for one charger, by its place in the configuration."""
    row = case["config"]["chargers"][number]
    found = [("priority", dice.randrange(10))]
    own = [change["chargers"].get(str(number + 1), {}) for change in case["changes"]]
    least_a = min(part.get("max_a", row["max_a"]) for part in (row, *own))
    if least_a > 6:
        found.append(("min_a", dice.randrange(6, min(least_a, 10) + 1)))
    if "phase_switching" not in row:
        found.append(("phases", "unknown"))
    return found
