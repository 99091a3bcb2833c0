# The console's commands that show how things are, each as text and as JSON. What takes many words
# is in modules of its own.

import json

from loadrail import __version__
from loadrail.commands import Refusal
from loadrail.lent import lend


def say(words, context):
    return _SHOW[words[0]][0](words, context)


def say_json(words, context):
    return _SHOW[words[0]][1](words, context)


def _status(words, context):
    if context.primary is None:
        for line in _idle(context):
            yield line + "\n"
        return
    for line in lend("status").table(context.primary, context.now_ms()):
        yield line + "\n"


def _status_json(words, context):
    if context.primary is None:
        yield json.dumps({"running": False, "warnings": list(_idle(context))}) + "\n"
        return
    for piece in lend("status").json_pieces(context.primary, context.now_ms()):
        yield piece
    yield "\n"


def _idle(context):
    """What to do where no control runs."""
    if context.safe_mode:
        yield "safe mode, for the firmware failed again and again; the bus is quiet"
        yield '"log" tells why; "reboot" tries again'
        return
    if context.settings.config is None:
        yield "no configuration; the bus is quiet"
        yield '"import" takes a whole one, "set" a key; then "save" and "reboot"'
        return
    yield "control is stopped, the bus is quiet; Ctrl-D or a reset starts it"


def _bus(words, context):
    for bus in context.buses:
        facts = bus.as_dict()
        yield "%s: %s\n" % (facts["name"], facts["state"])
        yield "  unit      ok  timeout   crc  mismatch  exception  late  turnaround ms\n"
        devices = facts["devices"]
        for unit in sorted(devices, key=int):
            row = devices[unit]
            yield "  %4s  %6d  %7d  %4d" % (unit, row["ok"], row["timeout"], row["crc"])
            yield "  %8d  %9d  %4d" % (row["mismatch"], row["exception"], row["late"])
            yield "  %s\n" % _turnaround(row["turnaround_ms"])


def _turnaround(row) -> str:
    """Least/mean/most, or nothing known."""
    if row["min"] is None:
        return "-"
    return "%d/%d/%d" % (row["min"], row["mean"], row["max"])


def _bus_json(words, context):
    yield '{"buses": ['
    for k, bus in enumerate(context.buses):
        yield ", " if k else ""
        for piece in _pieces(bus.as_dict(), 2):
            yield piece
    yield '], "jobs": '
    for piece in _pieces(context.jobs(), 1):
        yield piece
    yield "}\n"


def _pieces(value, depth):
    """JSON of an object in pieces, so that a board never needs room for all of it at once."""
    if not depth or not isinstance(value, dict) or not value:
        yield json.dumps(value)
        return
    before = "{"
    for key in value:
        yield "%s%s: " % (before, json.dumps(key))
        before = ", "
        for piece in _pieces(value[key], depth - 1):
            yield piece
    yield "}"


def _chargers(words, context):
    return lend("commands_chargers").lines(context.primary)


def _chargers_json(words, context):
    return lend("commands_chargers").json_pieces(context.primary)


def _meter(words, context):
    return lend("commands_meter").lines(context.primary, context.now_ms())


def _meter_json(words, context):
    return lend("commands_meter").json_pieces(context.primary, context.now_ms())


def _log(words, context):
    count = _count(words)
    for line in context.crash_lines():
        yield line + "\n"
    for age_s, text in context.log.last(count):
        yield "%s ago  %s\n" % (_age(age_s), text)


def _log_json(words, context):
    count = _count(words)
    yield '{"count": %d, "crash": %s, "lines": [' % (
        context.log.count,
        json.dumps(list(context.crash_lines())),
    )
    before = ""
    for age_s, text in context.log.last(count):
        yield before + json.dumps({"age_s": age_s, "text": text})
        before = ", "
    yield "]}\n"


def _count(words) -> "int | None":
    if len(words) < 2:
        return None
    if not words[1].isdigit():
        raise Refusal('"log" needs a number of lines, or nothing')
    return int(words[1])


def _age(age_s) -> str:
    """Five characters: "12 s", "34 min", "5 h", "6 d"."""
    for limit, unit_s, unit in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if age_s < limit:
            return "%3d %s" % (age_s // unit_s, unit)
    return "%3d d" % (age_s // 86_400)


def _facts():
    import sys

    it = sys.implementation
    version = ".".join([str(part) for part in it.version[:3]])
    machine = getattr(it, "_machine", sys.platform)
    return __version__, "%s %s" % (it.name, version), machine


def _version(words, context):
    yield "Loadrail %s on %s, %s\n" % _facts()


def _version_json(words, context):
    told = zip(("version", "interpreter", "machine"), _facts())
    yield json.dumps(dict(told)) + "\n"


_SHOW = {
    "status": (_status, _status_json),
    "bus": (_bus, _bus_json),
    "chargers": (_chargers, _chargers_json),
    "meter": (_meter, _meter_json),
    "log": (_log, _log_json),
    "version": (_version, _version_json),
}
