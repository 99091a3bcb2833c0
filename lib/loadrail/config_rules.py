# What no single value of a configuration shows: what does not go together (see config.py).
#
# Every fault is a line: which key, what it is, and what is allowed.

from loadrail import meters
from loadrail.budget import limit_ma
from loadrail.config import CLAMPS
from loadrail.phases import ORDERS


def phases_of(model: str) -> int:
    """How many phases a meter of this model has, 1 or 3; 3 where there is no such model."""
    return meters.load(model)["phases"] if model in meters.names() else 3


def across(config, faults) -> None:
    """What no single value shows."""
    group, meter = config["group"], config.get("meter")
    if group["type"] == "dynamic" and meter is None:
        faults.append('meter: missing; a dynamic group needs one, or set group.type to "static"')
    if group["type"] == "static" and meter is not None:
        faults.append('meter: a static group has none; remove it, or set group.type to "dynamic"')
    _currents_fit(group, faults)
    taken = {}
    if meter is not None:
        _meter_fits(meter, group, faults)
    if meter is not None and "address" in meter and "bus" not in meter:
        taken[meter["address"]] = "meter"
    for k, row in enumerate(config["chargers"]):
        where = "chargers[%d]" % k
        address = row["address"]
        if address in taken:
            faults.append("%s.address: %d is taken by %s" % (where, address, taken[address]))
        taken[address] = where
        for key in ("min_a", "min_3p_a", "eco_min_a", "eco_plus_min_a"):
            if row[key] > row["max_a"]:
                told = (where, key, row[key], row["max_a"])
                faults.append("%s.%s: %d is above its max_a = %d" % told)
        if meter is None and row["solar_mode"] not in ("fast", "off"):
            faults.append(
                '%s.solar_mode: "%s" needs a meter; a static group has none'
                % (where, row["solar_mode"])
            )
        _phases_fit(where, row["phases"], group["phase_sharing"], faults)
        _meter_sees(where, row["phases"], meter, faults)
        if row["phase_switching"] == "on" and len(ORDERS[row["phases"]]) != 3:
            faults.append(
                '%s.phase_switching: needs three phases in a known order; phases is "%s"'
                % (where, row["phases"])
            )


def _meter_fits(meter, group, faults) -> None:
    """What a meter can see, and what clamps can show."""
    if meter["phases"] > phases_of(meter["model"]):
        faults.append("meter.phases: 3 is not allowed; the %s sees one phase" % meter["model"])
    if meter["model"] == CLAMPS:
        from loadrail import clamp_meter

        clamp_meter.check(meter, group["limit_a"], faults)


def _meter_sees(where, phases, meter, faults) -> None:
    """On a phase that is not measured nothing can be dealt out."""
    if meter is not None and meter["phases"] == 1 and phases != "L1":
        faults.append(
            '%s.phases: "%s" is not allowed; the meter measures one phase, so it must be "L1"'
            % (where, phases)
        )


def _currents_fit(group, faults) -> None:
    """What the currents of a group must leave and may not exceed."""
    reserve = (group["margin_a"], group["largest_load_a"], group["breaker_percent"])
    left_ma = limit_ma(group["limit_a"], *reserve)
    if left_ma < 6000:
        faults.append(
            "group.limit_a: %d leaves %d A after margin_a = %d and the reserve for "
            "largest_load_a = %d; at least 6 A must be left"
            % (group["limit_a"], left_ma // 1000, group["margin_a"], group["largest_load_a"])
        )
    if group["meter_loss_a"] > group["limit_a"]:
        faults.append(
            "group.meter_loss_a: %d is above group.limit_a = %d"
            % (group["meter_loss_a"], group["limit_a"])
        )


def _phases_fit(where, phases, sharing, faults) -> None:
    """A group of one- or three-phase chargers has no others."""
    wires = len(ORDERS[phases])
    if sharing == "1_phase" and wires > 1:
        allowed = "group.phase_sharing is 1_phase: one of L1, L2, L3, unknown"
    elif sharing == "3_phase" and 0 < wires < 3:
        allowed = "group.phase_sharing is 3_phase: three phases, or unknown"
    else:
        return
    faults.append('%s.phases: "%s" is not allowed; %s' % (where, phases, allowed))
