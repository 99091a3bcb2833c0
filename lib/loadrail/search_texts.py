# The search for the meter in words, as JSON, and as what to write into the configuration. Loaded
# when somebody asks. `index` is that of a bus, 0 that of the chargers.

import json

from loadrail import search
from loadrail import search_identify as kinds
from loadrail.core import CHARGER_BUS
from loadrail.meters.unusable import UNUSABLE

_STATES = ("running", "found", "failed", "stopped")
_KINDS = {
    kinds.CHARGER: ("charger", "a TeltoCharge charger"),
    kinds.USELESS: ("useless", "%s; it cannot serve: %s"),
    kinds.DOUBTFUL: ("doubtful", "answers as %s does, but shows nothing that a meter could"),
    kinds.UNSURE: ("unsure", "%s perhaps, but answers were lost: see to the line, search again"),
    kinds.STRANGE: ("unknown", "no meter that is known here"),
    search.GARBLED: ("garbled", "damaged answers: two devices there, or a bad line"),
}


def place(address: int, line: tuple) -> str:
    """An address and a line, as people write it."""
    return "address %d, %s" % (address, format_of(line))


def answered(entry: tuple) -> str:
    """What is at one place, of `Search.answered`."""
    address, line, kind, name = entry
    text = _KINDS[kind][1]
    if kind == kinds.USELESS:
        text = text % (UNUSABLE[name][0], UNUSABLE[name][2])
    elif kind in (kinds.DOUBTFUL, kinds.UNSURE):
        text = text % name
    return "%s: %s" % (place(address, line), text)


def progress(one) -> str:
    """Where a search is that runs."""
    if one.line is None:
        return "it waits for the line"
    told = (one.leg[0], place(one.address, one.line), one.done_percent, span(one.left_ms))
    return "%s: %s; %d %% done, at most %s more" % told


def result(one, index: int, primary) -> list:
    """Lines on the end of a search: the meter and its configuration, or that there is none."""
    found = one.found
    if found is None:
        many = len(one.answered) + one.kept_back
        ended = "stopped" if one.state == search.STOPPED else "tried everything"
        return ["%s: no meter; other devices that answered: %d" % (ended, many)]
    lines = [
        "found %s (%s), %s" % (found.row["shown"], found.model, place(found.address, found.line)),
        "it shows %s; compare that with its display" % reading(found.sample),
    ]
    if found.sample.phases == 1:
        lines.append("it sees one phase only, so each charger's phases must be L1")
    if found.alike:
        lines.append("it may also be %s, which is read the same way" % " or ".join(found.alike))
    if found.hides_export:
        lines.append("its total is not the sum of its phases, so it may hide exports")
    if found.row["note"]:
        lines.append("to check: " + found.row["note"])
    if index == CHARGER_BUS and found.line != line_of(index, primary):
        told = format_of(line_of(index, primary))
        lines.append("the chargers' bus has %s: set the meter to that, or part them" % told)
    lines.append(json.dumps(configuration(found, index, primary)))
    return lines


def configuration(found, index: int, primary) -> dict:
    """What to write into the configuration; no "bus": it shares that of the chargers."""
    meter = {"model": found.model, "address": found.address}
    if index != CHARGER_BUS or found.line != line_of(index, primary):
        meter["bus"] = _line_as_dict(found.line)
    return {"meter": meter}


def line_of(index: int, primary) -> tuple:
    """The line that is configured for a bus."""
    config = primary.config
    line = config["bus"] if index == CHARGER_BUS else config["meter"]["bus"]
    return line["baud"], line["parity"], line["stop_bits"]


def reading(sample) -> str:
    """Each phase's current and power."""
    phases = []
    for phase in range(sample.phases):
        text = "L%d %s A" % (phase + 1, _tenths(sample.current_ma[phase]))
        if sample.power_w[phase] is not None:
            text += " %d W" % sample.power_w[phase]
        phases.append(text)
    return ", ".join(phases)


def as_dict(one, index: int, primary) -> dict:
    """All of a search, ready for JSON."""
    found = one.found
    facts = {
        "state": _STATES[one.state],
        "done_percent": one.done_percent,
        "left_s": one.left_ms // 1000,
        "requests": one.requests,
        "leg": one.leg[0] if one.leg else None,
        "at": _place_as_dict(one.address, one.line) if one.line else None,
        "answered": [],
        "kept_back": one.kept_back,
        "found": None,
        "config": None,
    }
    for address, line, kind, name in one.answered:
        entry = _place_as_dict(address, line)
        entry.update({"kind": _KINDS[kind][0], "model": name})
        facts["answered"].append(entry)
    if found:
        facts["found"] = _place_as_dict(found.address, found.line)
        facts["found"].update({"model": found.model, "alike": found.alike})
        facts["found"]["hides_export"] = found.hides_export
        facts["config"] = configuration(found, index, primary)
    return facts


def span(ms: int) -> str:
    """A time, rounded up."""
    return "%d s" % ((ms + 999) // 1000) if ms < 90_000 else "%d min" % ((ms + 59_999) // 60_000)


def format_of(line: tuple) -> str:
    """As in 9600 8N1."""
    return "%d 8%s%d" % line


def _line_as_dict(line):
    return {"baud": line[0], "parity": line[1], "stop_bits": line[2]}


def _place_as_dict(address, line):
    facts = _line_as_dict(line)
    facts["address"] = address
    return facts


def _tenths(ma):
    parts = (abs(ma) + 50) // 100
    return "%s%d.%d" % ("-" if ma < 0 and parts else "", parts // 10, parts % 10)
