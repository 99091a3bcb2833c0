# The console's commands that do something: orders for chargers, their solar mode, the controller's
# rest and its restart. Loaded when one is asked for.

from loadrail.commands import Refusal, numbers, run

_REST_S = 300  # `maint` without a time
_MOST_REST_S = 3600


def say(words, context):
    if words[0] == "mode" and len(words) > 2:
        return run(_modes(words, context), context)
    if words[0] in _OWN:
        return _OWN[words[0]](words, context)
    return _order_lines(words, context)


def say_json(words, context):
    """Orders: {name: [{"charger": number, "result": what became of it, or "error": why not}]}."""
    import json

    if words[0] == "mode":
        for piece in _mode_json(words, context):
            yield piece
        return
    if words[0] in _OWN:
        yield json.dumps({words[0]: "".join(_OWN[words[0]](words, context)).strip()}) + "\n"
        return
    rows = list(_ordered(words, context))
    if len(rows) == 1 and rows[0][2]:
        raise Refusal(rows[0][2])
    named = [{"charger": i + 1, "error" if no else "result": no or yes} for i, yes, no in rows]
    yield json.dumps({words[0]: named}) + "\n"


def _order_lines(words, context):
    for i, done, refusal in _ordered(words, context):
        yield "%s charger %d: %s\n" % (words[0], i + 1, "refused: " + refusal if refusal else done)


def _ordered(words, context):
    """Give an order to all that are named: (index, what became of it, why it is refused)."""
    from loadrail import orders

    primary, kind = context.primary, orders.NAMES.index(words[0])
    for i in numbers(words, context):
        refusal = primary.order(kind, i, context.now_ms())
        asked = primary.orders.pending[i] == kind
        yield i, "asked for" if asked else "done", refusal


def _modes(words, context) -> str:
    """The command that sets the solar mode of all that are named."""
    which = numbers(words, context)
    return "set " + "; ".join(["chargers[%d].solar_mode %s" % (i, words[2]) for i in which])


def _mode(words, context):
    for i in numbers(words, context):
        mode = context.settings.config["chargers"][i]["solar_mode"]
        yield "charger %d: %s\n" % (i + 1, mode)


def _mode_json(words, context):
    import json

    if len(words) > 2:
        return run(_modes(words, context) + " json", context)
    which, rows = numbers(words, context), context.settings.config["chargers"]
    told = [{"charger": i + 1, "solar_mode": rows[i]["solar_mode"]} for i in which]
    return [json.dumps({"mode": told}) + "\n"]


def _maint(words, context):
    time_s = int(words[1]) if len(words) > 1 and words[1].isdigit() else _REST_S
    if len(words) > 1 and not (words[1].isdigit() and time_s <= _MOST_REST_S):
        raise Refusal('"maint" needs a time in seconds, 0 to %d, or nothing' % _MOST_REST_S)
    context.maint(time_s)
    if not time_s:
        yield "control goes on\n"
        return
    yield "for %d s the buses are quiet and the watchdog is fed; " % time_s
    yield "the chargers fall back to their own watchdogs\n"


def _reboot(words, context):
    yield "restarting\n"
    context.reboot()


_OWN = {"mode": _mode, "maint": _maint, "reboot": _reboot}
