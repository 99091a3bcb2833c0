# What a good configuration lets happen that its owner may not have meant; see config.warnings.
#
# None of it is refused: the controller stays within the limits with each, or it is a matter of
# what the circuit bears without the controller, which only its owner can judge. 20 chargers that
# fall back to 6 A on a circuit of 63 A, say, are what the maker delivers.

from loadrail import meters
from loadrail.budget import limit_ma
from loadrail.config import CLAMPS
from loadrail.phases import NAMES, ORDERS, mask_of

_LEAST_A = 6
_LEAST_W = 1380  # 6 A at 230 V on one phase
_ROUND_CHARACTERS = 60  # a charger's status read, a limit written, and the silences between
_CHARACTER_BITS = 11
_ROUND_MS = 20  # and its own time for both
_MAKE_ROOM_S = 15  # from a charger's last answer to the moment when all others have made room


def warnings(config: dict) -> "list[str]":
    """A line each, with its key in front as in a fault."""
    found = []
    group, rows, meter = config["group"], config["chargers"], config.get("meter")
    reserve = (group["margin_a"], group["largest_load_a"], group["breaker_percent"])
    left_a = limit_ma(group["limit_a"], *reserve) // 1000
    ends_a = group["limit_a"]
    if group["feeder_a"]:
        left_a, ends_a = min(left_a, group["feeder_a"]), min(ends_a, group["feeder_a"])
    _alone(group["failsafe_current_a"], rows, ends_a, found)
    _least(rows, left_a, found)
    _of_group(group, rows, found)
    _watchdogs(group, config["bus"], len(rows), found)
    _too_soon(group, found)
    if meter is not None:
        _of_meter(meter, group, rows, found)
    return found


def _alone(failsafe_a, rows, ends_a, found) -> None:
    """All chargers at their failsafe current, since nobody steers them."""
    count, phase = max([(_on(rows, phase), -phase) for phase in range(3)])
    if count * failsafe_a > ends_a:
        found.append(
            "group.failsafe_current_a: without the controller, %d chargers on %s may draw %d A "
            "each, %d A in all; the circuit has %d A. If its breaker must not be what ends that, "
            "choose 0" % (count, NAMES[-phase], failsafe_a, count * failsafe_a, ends_a)
        )


def _least(rows, left_a, found) -> None:
    """Minimums: of one that never fits, and of all at once."""
    for k, row in enumerate(rows):
        if row["min_a"] > left_a:
            told = (k, row["min_a"], left_a)
            found.append("chargers[%d].min_a: %d, but there are never more than %d A" % told)
    for phase in range(3):
        fit = sum_a = 0
        least = sorted([row["min_a"] for row in rows if _is_on(row, phase)])
        for min_a in least:
            sum_a += min_a
            fit += 1 if sum_a <= left_a else 0
        if fit < len(least):
            told = (left_a, fit, len(least), NAMES[phase])
            found.append(
                "group.limit_a: %d A are enough for %d of the %d chargers on %s at a time; the "
                "others wait for their turns" % told
            )
            return


def _of_group(group, rows, found) -> None:
    """Limits that keep everybody from charging."""
    if 0 < group["power_limit_w"] < _LEAST_W:
        told = (group["power_limit_w"], _LEAST_W)
        found.append("group.power_limit_w: %d is below %d, so nobody can charge" % told)
    if 0 < group["meter_loss_a"] < _LEAST_A:
        told = (group["meter_loss_a"], _LEAST_A)
        found.append("group.meter_loss_a: %d is as good as 0: below %d A nobody charges" % told)
    if 0 < group["imbalance_a"] < _LEAST_A:
        for row in rows:
            if len(ORDERS[row["phases"]]) != 3:
                told = (group["imbalance_a"], _LEAST_A)
                found.append(
                    "group.imbalance_a: %d is below %d, so a car on one phase cannot begin" % told
                )
                return


def _watchdogs(group, bus, count, found) -> None:
    """Each charger must be fed three times in its watchdog's time, at the line's speed."""
    round_ms = count * (_ROUND_CHARACTERS * _CHARACTER_BITS * 1000 // bus["baud"] + _ROUND_MS)
    if 3 * round_ms > group["communication_timeout_s"] * 1000:
        told = (group["communication_timeout_s"], count, bus["baud"], round_ms)
        found.append(
            "group.communication_timeout_s: %d is short: a round of %d chargers at %d baud takes "
            "some %d ms, and three must fit" % told
        )


def _too_soon(group, found) -> None:
    """Silence is sure after 5 s, and then the others have 10 s to follow a lower limit."""
    failsafe_a, timeout_s = group["failsafe_current_a"], group["communication_timeout_s"]
    if failsafe_a and timeout_s < _MAKE_ROOM_S:
        found.append(
            "group.communication_timeout_s: %d is short: a charger that falls silent is back at "
            "its failsafe current of %d A before the others have surely made room; choose %d or "
            "more, or a failsafe current of 0" % (timeout_s, failsafe_a, _MAKE_ROOM_S)
        )


def _of_meter(meter, group, rows, found) -> None:
    """What the meter is too slow for, or cannot see."""
    interval_ms = meter["update_interval_ms"]
    if 2 * interval_ms > group["meter_stale_s"] * 1000:
        told = (interval_ms, group["meter_stale_s"])
        found.append(
            "meter.update_interval_ms: %d is long for group.meter_stale_s = %d: with one sample "
            "missed the meter counts as lost" % told
        )
    model = meter["model"]
    if model != CLAMPS and meters.load(model)["sign"] != "none":
        return
    for k, row in enumerate(rows):
        if row["solar_mode"] in ("solar", "eco_plus"):
            told = (k, row["solar_mode"], model)
            found.append("chargers[%d].solar_mode: %s, but %s sees no export" % told)


def _on(rows, phase) -> int:
    return len([row for row in rows if _is_on(row, phase)])


def _is_on(row, phase) -> bool:
    return bool(mask_of(ORDERS[row["phases"]]) >> phase & 1)
