# The console's commands: a line in, pieces of text out. No I/O here.
#
# A command is a generator of pieces; whoever runs it writes them one by one and lets the other
# jobs run in between. A context has: primary, now_ms(), buses (each with as_dict(): name, state,
# devices by unit) and jobs(), a dict by name.

from loadrail import __version__, status


def run(line: str, context):
    """Carry one line out: yields pieces of text, each answer ends with a line end."""
    words = line.split()
    if not words:
        return
    row = _COMMANDS.get(words[0])
    if row is None:
        yield '"%s" is no command; "help" lists them\n' % words[0]
        return
    function, arguments, _ = row
    rest = " ".join(words[1:])
    if rest not in arguments:
        allowed = [(words[0] + " " + word).strip() for word in arguments]
        yield '"%s" takes no "%s"; try: %s\n' % (words[0], rest, " | ".join(allowed))
        return
    for piece in function(rest, context):
        yield piece


def _help(rest, context):
    for name in sorted(_COMMANDS):
        _, arguments, text = _COMMANDS[name]
        optional = " ".join(["[%s]" % word for word in arguments if word])
        yield "  %-14s %s\n" % ((name + " " + optional).strip(), text)


def _version(rest, context):
    yield "Loadrail %s\n" % __version__


def _status(rest, context):
    now_ms = context.now_ms()
    if rest == "json":
        for piece in status.json_pieces(context.primary, now_ms):
            yield piece
        yield "\n"
        return
    for line in status.table(context.primary, now_ms):
        yield line + "\n"


def _bus(rest, context):
    if rest == "json":
        import json

        yield '{"buses": ['
        for k, bus in enumerate(context.buses):
            yield (", " if k else "") + json.dumps(bus.as_dict())
        yield '], "jobs": %s}\n' % json.dumps(context.jobs())
        return
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


# name: (generator, what may follow it, help)
_COMMANDS = {
    "bus": (_bus, ("", "json"), "how well each device answers"),
    "help": (_help, ("",), "this list"),
    "status": (_status, ("", "json"), "the circuit, and every charger with its limit and why"),
    "version": (_version, ("",), "the firmware's version"),
}
