# The console's `check wiring [N|all|stop|apply]`: begins, shows and ends a check, and takes over
# the rotations that it found. Loaded when somebody asks.

from loadrail import commands, wiring, wiring_texts
from loadrail.commands import Refusal


def say(words, context):
    """`words` are "check", "wiring" and perhaps what to do; yields text."""
    primary = context.primary
    what = words[2] if len(words) == 3 else ""
    if what == "apply":
        for piece in commands.run(_found(primary), context):
            yield piece
        return
    if what == "stop" and primary.wiring is not None:
        primary.wiring.stop()
    elif what != "stop":
        _begin(primary, what, context.now_ms())
    if primary.wiring is None:
        yield "no check of the wiring is under way\n"
        return
    for line in wiring_texts.lines(primary.wiring, primary):
        yield line + "\n"


def _begin(primary, what, now_ms) -> None:
    """Begin a check, unless one is under way or only its result is asked for."""
    n = primary.chargers.n
    which = None
    if what not in ("", "all"):
        if not what.isdigit() or not 1 <= int(what) <= n:
            raise Refusal('"check wiring" needs the number of a charger, 1 to %d' % n)
        which = int(what) - 1
    one = primary.wiring
    if one is not None and (one.state == wiring.RUNNING or not what):
        return
    meter = primary.config.get("meter") or {}
    one = wiring.Wiring(meter.get("update_interval_ms", 0))
    primary.wiring = one
    one.start(now_ms, primary.chargers, primary.budget, which)


def _found(primary) -> str:
    """The command that takes over the rotations that were found."""
    found = wiring_texts.suggestions(primary.wiring) if primary.wiring is not None else {}
    if not found:
        raise Refusal("nothing was found that would be taken over")
    return "set " + "; ".join(["chargers[%d].phases %s" % (i, found[i]) for i in sorted(found)])
