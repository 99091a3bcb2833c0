# The console's `chargers`: a row a charger on who it is, whether it answers and what it may take.
# Loaded when asked for. What it draws and why it has its limit is what `status` tells.

import json

from loadrail import abilities, status
from loadrail.presence import NEVER, ONLINE
from loadrail.sentences import amps


def lines(primary):
    """For a person: lines with their ends."""
    yield "  no  addr  phases  cap A  limit A  booked A     watchdog  answers         name\n"
    for i in range(primary.chargers.n):
        facts = _facts(primary, i)
        yield "  %2d  %4d  %-6s  %5d  %7s  %-11s  %7s  %-14s  %s\n" % (
            i + 1,
            facts["address"],
            facts["phases"],
            facts["cap_a"],
            status.cell(status.limit_ma(primary.chargers, i)),
            facts["booked"],
            facts["watchdog"],
            facts["answers"],
            facts["name"],
        )


def json_pieces(primary):
    """For a program: one line of JSON in pieces."""
    before = '{"chargers": ['
    for i in range(primary.chargers.n):
        facts = _facts(primary, i)
        for key in ("booked", "watchdog"):  # the same as text
            del facts[key]
        yield before + status.charger_json(primary, i)[:-1]
        yield ", " + json.dumps(facts)[1:]
        before = ", "
    yield "]}\n"


def _facts(primary, i) -> dict:
    c, row = primary.chargers, primary.config["chargers"][i]
    timeout_ms = c.timeout_ms[i]
    return {
        "address": c.address[i],
        "name": row["name"],
        "phases": row["phases"],
        "cap_a": c.cap_a[i],
        "answers": _answers(c, i),
        "timeout_s": None if timeout_ms is None else timeout_ms // 1000,
        "failsafe_a": None if timeout_ms is None else c.failsafe_ma[i] // 1000,
        "booked": "/".join([amps(c.booked_ma(i, phase)) for phase in range(3)]),
        "watchdog": _watchdog(c, i),
    }


def _answers(c, i) -> str:
    if c.presence[i] == NEVER:
        return "not yet"
    if c.presence[i] != ONLINE:
        return "no"
    return "yes" if c.commissioned(i) else "yes, step %d/%d" % (c.step[i] + 1, abilities.DONE)


def _watchdog(c, i) -> str:
    """Its time, and what it falls to."""
    if c.timeout_ms[i] is None:
        return "-"
    if not c.timeout_ms[i]:
        return "off"
    return "%d s:%s A" % (c.timeout_ms[i] // 1000, amps(c.failsafe_ma[i]))
