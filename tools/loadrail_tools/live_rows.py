"""The lower part of the live table: a row a charger, and why it has what it has.

What the rows show is what the controller believes, all but the column "holds": the limit that a
simulated charger truly has. They differ while a write is on its way, and for as long as a charger
is silent.
"""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from .firmware import lib_on_path
from .moment import Moment, state_of

with lib_on_path():
    from loadrail import registers, sentences

FULL_WIDTH = 96  # below this the table has no room for reasons
LABEL_WIDTH = 14
QUIET = "grey62"
STYLES = {
    registers.CHARGING: "green",
    registers.STARTING: "cyan",
    registers.SHORT_PAUSED: "yellow",
    registers.SHORT_NEW: "yellow",
    registers.ERROR: "red",
}


def chargers(moment: Moment, width: int, room: int) -> RenderableType:
    """The table, of `room` rows at most."""
    if moment.status is None:
        return Text("\n  The firmware has not said anything yet.\n")
    columns = _columns(moment, width)
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", expand=True)
    for name, justify, more, _ in columns:
        table.add_column(name, justify=justify, no_wrap=True, **more)
    rows = moment.status["chargers"]
    for i in range(min(room, len(rows))):
        table.add_row(*[cell(moment, i) for _, _, _, cell in columns])
    if len(rows) <= room:
        return table
    return Group(table, Text(f"  and {len(rows) - room} more: this window is too low for them"))


def _columns(moment: Moment, width: int) -> list[tuple]:
    """(header, justify, more of the column, cell of moment and charger): those that say
    something here."""
    rows = moment.status["chargers"]
    modes = any(row.get("mode", "fast") != "fast" for row in rows)
    wanted = (
        (True, " bay", "right", {"max_width": LABEL_WIDTH, "overflow": "ellipsis"}, _label),
        (moment.phases, "phases", "left", {}, lambda moment, i: moment.phases[i]),
        (True, "state", "left", {}, _state),
        (modes, "mode", "left", {}, lambda moment, i: rows[i]["mode"]),
        (True, "limit", "right", {}, lambda moment, i: _amps(rows[i]["limit_a"])),
        (moment.holds_a, "holds", "right", {}, _holds),
        (True, "draws L1/L2/L3", "right", {}, lambda moment, i: _draws(rows[i]["draw_a"])),
        (True, "booked", "right", {}, lambda moment, i: _amps(max(rows[i]["booked_a"]))),
        (width >= FULL_WIDTH, "why", "left", {"overflow": "ellipsis", "ratio": 1}, _why),
    )
    return [column for shown, *column in wanted if shown]


def _label(moment: Moment, i: int) -> str:
    return moment.labels[i] if moment.labels else str(i + 1)


def _state(moment: Moment, i: int) -> Text:
    away = state_of(moment.status, i)
    if away:
        return Text(away, QUIET if away == "not heard yet" else "bold red")
    status = moment.status["chargers"][i]["status"]
    # Shortened: what stands behind the comma is in the reason, too.
    words = sentences.EVSE_STATUS_TEXTS[status].split(",")[0].removesuffix(" to start")
    return Text(words.replace("the car", "car"), STYLES.get(status, QUIET))


def _holds(moment: Moment, i: int) -> Text:
    holds_a = moment.holds_a[i]
    differs = holds_a != moment.status["chargers"][i]["limit_a"]
    return Text(_amps(holds_a), "bold magenta" if differs else QUIET)


def _why(moment: Moment, i: int) -> Text:
    return Text(moment.status["chargers"][i]["reason_text"])


def _draws(draw_a: list[float | None]) -> str:
    if draw_a == [0, 0, 0]:
        return "-"
    return "/".join("?" if a is None else f"{a:4.1f}" if a else "   0" for a in draw_a)


def _amps(amps: float | None) -> str:
    return "?" if amps is None else f"{amps:g}"
