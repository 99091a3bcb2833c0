# The console's `search`: begins one, tells how far it is, ends it. Loaded when somebody asks.
#
# The bus that the search runs on keeps it as `search`, and lends it the line as long as it runs.

import json

from loadrail import search_texts
from loadrail.core import CHARGER_BUS
from loadrail.search import RUNNING, Search


def pieces(rest: str, context):
    """`rest` is "", "chargers", "stop" or "json"; `context` as in loadrail.commands."""
    index = _last(context.buses)
    one = None if index is None else context.buses[index].search
    running = one is not None and one.state == RUNNING
    if rest == "json":
        facts = None
        if one is not None:
            facts = search_texts.as_dict(one, index, context.primary)
            facts["bus"] = context.buses[index].name
        yield json.dumps({"search": facts}) + "\n"
    elif rest == "stop":
        if running:
            one.stop()
        yield "the search is stopped\n" if running else "no search is under way\n"
    elif running:
        yield "%s: %s\n" % (context.buses[index].name, search_texts.progress(one))
        for entry in one.answered:
            yield "  %s\n" % search_texts.answered(entry)
    else:
        yield _start(rest, context)


def _last(buses):
    """Which bus has the last search, or None."""
    for index, bus in enumerate(buses):
        if bus.search is not None:
            return index
    return None


def _start(rest, context) -> str:
    primary = context.primary
    group = primary.config["group"]
    alone = (group["communication_timeout_s"], group["failsafe_current_a"])
    if rest == "" and primary.buses == 1:
        return (
            "no other bus than the chargers': while a search runs there nobody speaks to them, "
            'and after %d s they fall back to %d A each; "search chargers" does it\n' % alone
        )
    index = CHARGER_BUS if rest else primary.meter_bus
    meter = primary.config.get("meter", {})
    preferred = (meter["address"],) if "address" in meter else ()
    known = tuple(primary.chargers.address) if index == CHARGER_BUS else ()
    for bus in context.buses:
        bus.search = None
    one = Search(search_texts.line_of(index, primary), preferred, known)
    bus = context.buses[index]
    bus.search = one
    return '%s: searching, at most %s; "search" tells how far it is, "search stop" ends it\n' % (
        bus.name,
        search_texts.span(one.left_ms),
    )
