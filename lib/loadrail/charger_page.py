# All that is known of one charger: what it may do, what it can do, and its 45 registers in words.
# Loaded when somebody asks.

from loadrail import abilities, charger_view, status
from loadrail.alert_texts import who
from loadrail.commands import numbers
from loadrail.image import COUNT
from loadrail.sentences import amps, span

_YES_NO = {abilities.UNSHOWN: "not shown", abilities.YES: "yes", abilities.NO: "no"}


def say(words, context):
    """The console's `charger N`."""
    return lines(context.primary, numbers(words, context, False)[0], context.now_ms())


def say_json(words, context):
    return json_pieces(context.primary, numbers(words, context, False)[0], context.now_ms())


def lines(primary, i: int, now_ms: int):
    """For a person: lines with their ends."""
    c = primary.chargers
    yield "%s\n" % who(primary, i)
    yield "  %s\n" % status.state_line(primary, i)
    for text in charger_view.problems(_words(c, i), lambda address: c.has(i, address)):
        yield "  %s\n" % text
    for name, value in facts(primary, i, now_ms):
        yield "  %-22s  %s\n" % (name, value)
    for line in charger_view.lines(_words(c, i), lambda address: c.has(i, address)):
        yield "  %s\n" % line


def json_pieces(primary, i: int, now_ms: int):
    """For a program: one line of JSON in pieces."""
    import json

    c = primary.chargers
    yield '{"charger": %d, "facts": {' % (i + 1)
    before = ""
    for name, value in facts(primary, i, now_ms):
        yield '%s"%s": %s' % (before, name.replace(" ", "_"), json.dumps(value))
        before = ", "
    yield '}, "registers": '
    for piece in charger_view.json_pieces(_words(c, i), lambda address: c.has(i, address)):
        yield piece
    yield "}\n"


def facts(primary, i: int, now_ms: int):
    """What was found out about it, and what it is doing: (name, text)."""
    c = primary.chargers
    done = c.commissioned(i)
    yield "commissioning", "done" if done else "step %d of %d" % (c.step[i] + 1, abilities.DONE)
    yield "function codes", _codes(c.works[i]) or "none yet"
    yield "refused codes", _codes(c.refused[i]) or "none"
    yield "registers a read", str(c.block[i]) if done else "at least %d" % c.block[i]
    yield "start over Modbus", _YES_NO[c.takes_start[i]]
    turn_ms = c.turn_ms[i]
    yield "slowest answer", "-" if turn_ms is None else "%d ms" % turn_ms
    yield "booked", "/".join([amps(c.booked_ma(i, phase)) for phase in range(3)]) + " A"
    yield "cap", "%d A" % c.cap_a[i]
    yield "watchdog", _watchdog(c, i)
    if primary.solar is not None:
        yield "solar mode", status.solar_texts().fact(primary.solar, i)
    yield "set back", "%d times what somebody else had changed" % c.overrides[i]


def _watchdog(c, i) -> str:
    if c.timeout_ms[i] is None:
        return "-"
    if not c.timeout_ms[i]:
        return "off"
    falls_to = amps(c.failsafe_ma[i])
    as_wanted = "" if c.settings_fine[i] else ", not as configured yet"
    return "%s, then %s A%s" % (span(c.timeout_ms[i] // 1000), falls_to, as_wanted)


def _codes(bits) -> str:
    return ", ".join([str(code) for code in range(17) if bits >> code & 1])


def _words(c, i):
    return memoryview(c.words)[COUNT * i : COUNT * (i + 1)]
