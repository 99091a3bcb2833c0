"""What the demo shows while it runs: a live table on a terminal, elsewhere a line every 5 s.

The bars show what is true on the simulated site. The table shows what the firmware believes, all
but the column "holds": the limit that the charger truly has. They differ while a write is on its
way, and for as long as a charger is silent.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table as Grid
from rich.text import Text

from . import measure
from .firmware import lib_on_path
from .record import PHASE_NAMES, Record

with lib_on_path():
    from loadrail import registers, sentences

REDRAW_EVERY_S = 0.25
LINE_EVERY_S = 5
BAR_FULL = 1.25  # a bar's end, in limits
BAR_LABELS = 44  # columns beside a bar
OTHER_LINES = 12  # of the screen: all but the chargers' rows
FULL_WIDTH = 96  # below this the table has no room for reasons
SCALE = 10  # permille -> percent

HOUSE, CARS, OVER, FREE = "blue", "green", "red", "grey37"
WAITING = (registers.STARTING, registers.SHORT_PAUSED, registers.SHORT_NEW)
STYLES = {
    registers.CHARGING: "green",
    registers.STARTING: "cyan",
    registers.SHORT_PAUSED: "yellow",
    registers.SHORT_NEW: "yellow",
    registers.ERROR: "red",
}


@dataclass(frozen=True)
class View:
    """One moment of a demo."""

    now_s: float
    total_s: float
    record: Record
    snapshot: Callable[[], dict]  # of the site, see Site.snapshot
    status: dict | None  # the firmware's last `status json`


class Lines:
    """For files and pipes."""

    def __init__(self, console: Console):
        self._console = console
        self._next_s = LINE_EVERY_S

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def show(self, view: View) -> None:
        if view.now_s < self._next_s:
            return
        self._next_s += LINE_EVERY_S
        self._console.print(line(view), markup=False)
        self._console.file.flush()


def line(view: View) -> str:
    """The moment in one line."""
    grid_ma = view.record.samples[-1].grid_ma
    currents = zip(PHASE_NAMES, grid_ma, strict=True)
    amps = " ".join(f"{name} {ma / 1000:5.1f}" for name, ma in currents)
    text = f"{view.now_s:4.0f} s  grid {amps} of {view.record.limit_a} A"
    if view.status is None:
        return f"{text}  no word from the firmware yet"
    counts = count_chargers(view.status["chargers"])
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    return f"{text}  chargers: {told}  {meter_text(view.status['group'])}"


def count_chargers(rows: list[dict]) -> dict[str, int]:
    """How many the firmware believes to charge, to wait for power or their car, and so on."""
    online = [row["status"] for row in rows if row["online"]]
    counts = {
        "charging": online.count(registers.CHARGING),
        "waiting": sum(status in WAITING for status in online),
        "silent": len(rows) - len(online),
    }
    return {**counts, "idle": len(rows) - sum(counts.values())}


def meter_text(group: dict) -> str:
    if group["meter_age_ms"] is None:
        return "meter: no answer yet"
    age = f"{group['meter_age_ms'] / 1000:.1f} s ago"
    return f"meter ok, {age}" if group["meter_ok"] else f"meter LOST, {age}"


class Table:
    """For terminals: bars, a row a charger, counters. What does not fit is left out."""

    def __init__(self, console: Console):
        self._console = console
        self._live = Live(console=console, auto_refresh=False)
        self._next_s = 0.0

    def __enter__(self) -> "Table":
        self._live.__enter__()
        return self

    def __exit__(self, *details: object) -> None:
        self._live.__exit__(*details)

    def show(self, view: View) -> None:
        if view.now_s < min(self._next_s, view.total_s):
            return
        self._next_s = view.now_s + REDRAW_EVERY_S
        self._live.update(screen(view, *self._console.size), refresh=True)


def screen(view: View, width: int, height: int) -> RenderableType:
    """The whole screen."""
    site = view.snapshot()
    title = f"Loadrail demo  {view.now_s:.0f} of {view.total_s:.0f} s"
    bars = _bars(view, site, width - 4)  # a panel's frame and padding
    return Group(
        Panel(bars, title=title, title_align="left", border_style="grey50"),
        _light(view.status),
        _chargers(view, site, width, max(1, height - OTHER_LINES)),
        _bus_text(view),
    )


def _bars(view: View, site: dict, width: int) -> RenderableType:
    cells = max(10, width - BAR_LABELS)
    lines = [_bar(phase, site, cells) for phase in range(3)]
    heat = max(site["breaker"]["heat_permille"]) // SCALE
    breaker = Text(f"breaker: {heat} % of the heat that trips it", "yellow" if heat > 85 else "")
    if site["breaker"]["tripped"]:
        breaker = Text("breaker: TRIPPED", "bold red")
    facts = Text.assemble(
        ("■", HOUSE), " house  ", ("■", CARS), " chargers  ", ("┃", "bold"), " limit   ", breaker
    )
    if view.status:
        facts.append("   ").append(meter_text(view.status["group"]))
    facts.no_wrap, facts.overflow = True, "ellipsis"
    return Group(*lines, facts)


def _bar(phase: int, site: dict, cells: int) -> Text:
    grid_ma, house_ma, limit_a = site["grid_ma"][phase], site["house_ma"][phase], site["limit_a"]
    per_ma = cells / (BAR_FULL * limit_a * 1000)
    house, full = (max(0, round(ma * per_ma)) for ma in (house_ma, grid_ma))
    mark = round(limit_a * 1000 * per_ma)
    bar = Text(f"{PHASE_NAMES[phase]} ")
    for cell in range(cells):
        if cell == mark:
            bar.append("┃", "bold")
        elif cell < full:
            over = OVER if cell > mark else CARS
            bar.append("█", HOUSE if cell < min(house, full) else over)
        else:
            bar.append("·", FREE)
    bar.append(f" {grid_ma / 1000:5.1f}", "bold red" if grid_ma > limit_a * 1000 else "bold")
    bar.append(f" of {limit_a} A  ")
    bar.append(f"house {house_ma / 1000:5.1f}", HOUSE)
    bar.append(f"  cars {(grid_ma - house_ma) / 1000:5.1f}", CARS)
    bar.no_wrap, bar.overflow = True, "crop"
    return bar


def _light(status: dict | None) -> Text:
    """What the controller's light shows, and the first of what somebody should look after."""
    if status is None:
        return Text("")
    color = status["light"].split(",")[0]
    text = Text.assemble("  light: ", ("●", color), " ", status["light"])
    warnings = status["warnings"]
    if warnings:
        text.append(f"   {warnings[0]}", color)
    if len(warnings) > 1:
        text.append(f"  and {len(warnings) - 1} more")
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def _chargers(view: View, site: dict, width: int, room: int) -> RenderableType:
    if view.status is None:
        return Text("\n  The firmware has not said anything yet.\n")
    table = Grid(box=None, padding=(0, 1, 0, 0), header_style="bold", expand=True)
    full = width >= FULL_WIDTH
    table.add_column(" bay", justify="right", no_wrap=True)
    table.add_column("phases", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("limit", justify="right", no_wrap=True)
    table.add_column("holds", justify="right", no_wrap=True)
    table.add_column("draws L1/L2/L3", justify="right", no_wrap=True)
    table.add_column("booked", justify="right", no_wrap=True)
    if full:
        table.add_column("why", no_wrap=True, overflow="ellipsis", ratio=1)
    rows = view.status["chargers"]
    for i, row in enumerate(rows[:room]):
        cells = _cells(row, view.record.phases[i], site["chargers"][i])
        table.add_row(str(i + 1), *cells, *([row["reason_text"]] if full else []))
    if len(rows) <= room:
        return table
    return Group(table, Text(f"  and {len(rows) - room} more: this window is too low for them"))


def _cells(row: dict, phases: list[int], true: dict) -> list[RenderableType]:
    """Phases, state, limit, the limit it truly holds, draw, booked."""
    holds_a = true["limit_a"]
    differs = holds_a != row["limit_a"]
    return [
        "".join(PHASE_NAMES[phase] for phase in phases),
        _state(row),
        _amps(row["limit_a"]),
        Text(_amps(holds_a), "bold magenta" if differs else "grey62"),
        _draws(row["draw_a"]),
        _amps(max(row["booked_a"])),
    ]


def _state(row: dict) -> Text:
    if not row["online"]:
        return Text("silent", "bold red")
    # Shortened: what stands behind the comma is in the reason, too.
    words = sentences.EVSE_STATUS_TEXTS[row["status"]].split(",")[0].removesuffix(" to start")
    return Text(words.replace("the car", "car"), STYLES.get(row["status"], "grey62"))


def _draws(draw_a: list[float | None]) -> str:
    if draw_a == [0, 0, 0]:
        return "-"
    return "/".join("?" if a is None else f"{a:4.1f}" if a else "   0" for a in draw_a)


def _amps(amps: float | None) -> str:
    return "?" if amps is None else f"{amps:g}"


def _bus_text(view: View) -> Text:
    record = view.record
    if not record.bus:
        return Text("")
    totals = measure.bus_totals(record.bus)
    counters = ", ".join(f"{count} {name}" for name, count in totals.items())
    text = Text(f"  bus: {counters}", overflow="ellipsis", no_wrap=True)
    cycle = measure.cycle(record)
    if cycle:
        text.append(f"\n  {measure.cycle_text(cycle)}")
    return text
