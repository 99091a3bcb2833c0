# The console's commands: a line in, pieces of text out. No I/O here.
#
# A command is a generator of pieces; whoever runs it writes them one by one and lets the other
# jobs run in between. A context has: primary, now_ms(), buses (each with as_dict(): name, state,
# devices by unit), clamps (their job, or None) and jobs(), a dict by name.

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
    if isinstance(arguments, tuple):
        if rest not in arguments:
            allowed = [(words[0] + " " + word).strip() for word in arguments]
            yield '"%s" takes no "%s"; try: %s\n' % (words[0], rest, " | ".join(allowed))
            return
    else:
        rest = words
    for piece in function(rest, context):
        yield piece


def _help(rest, context):
    for name in sorted(_COMMANDS):
        _, arguments, text = _COMMANDS[name]
        if isinstance(arguments, tuple):
            arguments = " ".join(["[%s]" % word for word in arguments if word])
        yield "  %-32s %s\n" % ((name + " " + arguments).strip(), text)


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


def _chargers_of(words, context):
    """The indices that "N" or "all" names, and what is wrong with it."""
    n = context.primary.chargers.n
    if len(words) == 2 and words[1] == "all":
        return range(n), None
    if len(words) == 2 and words[1].isdigit() and 1 <= int(words[1]) <= n:
        return [int(words[1]) - 1], None
    return [], '"%s" needs the number of a charger, 1 to %d, or "all"\n' % (words[0], n)


def _order(words, context):
    from loadrail import orders

    which, fault = _chargers_of(words, context)
    if fault:
        yield fault
    kind = orders.NAMES.index(words[0])
    for i in which:
        refusal = context.primary.order(kind, i, context.now_ms())
        done = "asked for" if context.primary.orders.pending[i] == kind else "done"
        said = "refused: " + refusal if refusal else done
        yield "%s charger %d: %s\n" % (words[0], i + 1, said)


def _charger(words, context):
    from loadrail import charger_page

    as_json = words[-1] == "json"
    which, fault = _chargers_of(words[:-1] if as_json else words, context)
    if fault or len(which) > 1:
        yield '"charger" needs the number of a charger, 1 to %d\n' % context.primary.chargers.n
        return
    page = charger_page.json_pieces if as_json else charger_page.lines
    for piece in page(context.primary, which[0], context.now_ms()):
        yield piece


def _search(rest, context):
    from loadrail import search_command

    for piece in search_command.pieces(rest, context):
        yield piece


def _check(words, context):
    from loadrail import wiring_command

    for piece in wiring_command.pieces(words, context):
        yield piece


def _calibrate(rest, context):
    from loadrail import clamp_zero

    for piece in clamp_zero.pieces(rest, context):
        yield piece


# name: (generator, what may follow it, help). What follows is a tuple of all that may, or a text
# for the help; then the generator gets all words and looks for itself.
_COMMANDS = {
    "authorise": (_order, "N|all", "authorise the car that waits for it"),
    "bus": (_bus, ("", "json"), "how well each device answers"),
    "calibrate": (_calibrate, ("", "show"), "take the zero of clamps that are around no cable"),
    "charger": (_charger, "N [json]", "all that is known of one charger"),
    "check": (_check, "wiring [N|all|stop|apply]", "whether the meter sees each car where it is"),
    "help": (_help, ("",), "this list"),
    "lock": (_order, "N|all", "keep the socket locked always"),
    "restart": (_order, "N|all", "restart a charger that draws nothing"),
    "search": (_search, ("", "chargers", "stop", "json"), "find the meter, on its bus or theirs"),
    "start": (_order, "N|all", "let it charge again after a stop"),
    "status": (_status, ("", "json"), "the circuit, and every charger with its limit and why"),
    "stop": (_order, "N|all", "hold it at 0 A until started, or until the car leaves"),
    "unlock": (_order, "N|all", "unlock the socket; from always locked back to automatic"),
    "version": (_version, ("",), "the firmware's version"),
}
