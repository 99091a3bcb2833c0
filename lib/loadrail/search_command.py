# The console's `search`: begins one, tells how far it is, ends it. Loaded when somebody asks.
#
# The bus that the search runs on keeps it as `search`, and lends it the line as long as it runs.

import json

from loadrail import search_texts
from loadrail.core import CHARGER_BUS
from loadrail.search import RUNNING, Search


def say(words, context):
    """`search`, `search chargers` or `search stop`."""
    rest = words[1] if len(words) > 1 else ""
    index, one, running = _last(context.buses)
    if rest == "stop":
        if running:
            one.stop()
        yield "the search is stopped\n" if running else "no search is under way\n"
    elif running:
        yield "%s: %s\n" % (context.buses[index].name, search_texts.progress(one))
        for entry in one.answered:
            yield "  %s\n" % search_texts.answered(entry)
    else:
        yield _start(rest, context)


def say_json(words, context):
    """How the last search stands; with a word after `search`, after doing what that says.

    `search json` alone begins none: a program may look as often as it likes.
    """
    if len(words) > 1:
        list(say(words, context))
    index, one, _ = _last(context.buses)
    facts = None
    if one is not None:
        facts = search_texts.as_dict(one, index, context.primary)
        facts["bus"] = context.buses[index].name
    yield json.dumps({"search": facts}) + "\n"


def _last(buses):
    """(index of its bus, the search, whether it runs) of the last one; None: there is none."""
    for index, bus in enumerate(buses):
        if bus.search is not None:
            return index, bus.search, bus.search.state == RUNNING
    return None, None, False


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
