# The console's `meter`: what it is, how well it is read, and all that it shows. Loaded when asked
# for. JSON keeps the units of the core: mA, mV, W, Wh, mHz.

import json

from loadrail import status
from loadrail.clock import age_ms
from loadrail.sentences import amps

_PHASE_ROWS = (("current A", "current_ma"), ("voltage V", "voltage_mv"), ("power W", "power_w"))
# name, of a Sample, thousandths of the unit that people read
_SINGLE = (
    ("total power", "total_power_w", "W", 0),
    ("own total", "own_total_w", "W", 0),
    ("frequency", "frequency_mhz", "Hz", 3),
    ("import", "import_wh", "kWh", 3),
    ("export", "export_wh", "kWh", 3),
)


def lines(primary, now_ms: int):
    """For a person: lines with their ends."""
    yield status.meter_line(primary, now_ms) + "\n"
    meter = primary.meter
    if meter is None:
        return
    yield "%s\n" % _what(primary)
    facts = _facts(primary, now_ms)
    yield "implausible %d, unusable %d\n" % (facts["implausible"], facts["unusable"])
    if meter.fault:
        yield "not believed: %s\n" % meter.fault
    yield "             %9s %9s %9s\n" % ("L1", "L2", "L3")
    for title, key in _PHASE_ROWS:
        cells = [_cell(value, key) for value in facts[key]]
        yield "  %-10s %9s %9s %9s\n" % (title, cells[0], cells[1], cells[2])
    for title, key, unit, digits in _SINGLE:
        value = facts[key]
        if value is not None:
            yield "  %-12s %s %s\n" % (title, _decimal(value, digits), unit)


def json_pieces(primary, now_ms: int):
    """For a program: one line of JSON in pieces."""
    yield '{"meter": %s}\n' % json.dumps(_facts(primary, now_ms) if primary.meter else None)


def _what(primary) -> str:
    section = primary.config["meter"]
    if "address" not in section:
        return section["model"]
    bus = "its own bus" if "bus" in section else "the chargers' bus"
    return "%s, address %d, on %s" % (section["model"], section["address"], bus)


def _facts(primary, now_ms) -> dict:
    meter, section = primary.meter, primary.config["meter"]
    sample = meter.sample
    facts = {
        "model": section["model"],
        "address": section.get("address"),
        "age_ms": None if sample.at_ms is None else age_ms(now_ms, sample.at_ms),
        "implausible": meter.implausible,
        # whole answers that were no sample; clamps have no answers
        "unusable": meter.reader.bad if "address" in section else 0,
        "fault": meter.fault,
    }
    for _, key in _PHASE_ROWS:
        facts[key] = getattr(sample, key)
    for _, key, _, _ in _SINGLE:
        facts[key] = getattr(sample, key)
    return facts


def _cell(value, key) -> str:
    if value is None:
        return "-"
    if key == "current_ma":
        return amps(value)
    return str(value) if key == "power_w" else _decimal(value, 3)[:-2]


def _decimal(value, digits) -> str:
    """A whole number with so many of its digits behind the point: 0 or 3."""
    if not digits:
        return str(value)
    return "%s%d.%03d" % ("-" if value < 0 else "", abs(value) // 1000, abs(value) % 1000)
