# The console's `check wiring [N|all|stop|apply]`: begins, shows and ends a check, and takes over
# the rotations that it found. Loaded when somebody asks.

from loadrail import config, wiring, wiring_texts

_NEEDS = '"check" needs "wiring", then perhaps a charger\'s number, "all", "stop" or "apply"\n'


def pieces(words, context):
    """`words` are all of the line; yields text."""
    primary = context.primary
    if words[1:2] != ["wiring"] or len(words) > 3:
        yield _NEEDS
        return
    what = words[2] if len(words) == 3 else ""
    if what == "apply":
        yield _apply(primary, context.now_ms())
        return
    if what == "stop" and primary.wiring is not None:
        primary.wiring.stop()
    elif what != "stop":
        fault = _begin(primary, what, context.now_ms())
        if fault:
            yield fault
            return
    if primary.wiring is None:
        yield "no check of the wiring is under way\n"
        return
    for line in wiring_texts.lines(primary.wiring, primary):
        yield line + "\n"


def _begin(primary, what, now_ms) -> "str | None":
    """Begin a check, unless one is under way or only its result is asked for."""
    n = primary.chargers.n
    which = None
    if what not in ("", "all"):
        if not what.isdigit() or not 1 <= int(what) <= n:
            return '"check wiring" needs the number of a charger, 1 to %d\n' % n
        which = int(what) - 1
    one = primary.wiring
    if one is not None and (one.state == wiring.RUNNING or not what):
        return None
    meter = primary.config.get("meter") or {}
    one = wiring.Wiring(meter.get("update_interval_ms", 0))
    primary.wiring = one
    one.start(now_ms, primary.chargers, primary.budget, which)
    return None


def _apply(primary, now_ms) -> str:
    """Take over what was found; it holds until the controller starts anew."""
    found = wiring_texts.suggestions(primary.wiring) if primary.wiring is not None else {}
    if not found:
        return "nothing was found that would be taken over\n"
    new = dict(primary.config)
    new["chargers"] = [dict(row) for row in primary.config["chargers"]]
    told = ""
    for i in sorted(found):
        new["chargers"][i]["phases"] = found[i]
        told += 'chargers[%d].phases is "%s" now\n' % (i, found[i])
    checked, faults = config.check(new)
    if faults:
        return "refused: %s\n" % "; ".join(faults)
    primary.configure(checked, now_ms)
    return told + "Put it in the configuration too: it is forgotten with the next start.\n"
