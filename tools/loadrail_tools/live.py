"""The live table of the demo and of `loadrail monitor`; elsewhere than on a terminal, a line
every 5 s.
"""

from collections.abc import Callable

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from .live_bars import bars, light
from .live_rows import chargers
from .moment import Moment, count_chargers, meter_text
from .record import PHASE_NAMES

REDRAW_EVERY_S = 0.25
LINE_EVERY_S = 5
OTHER_LINES = 12  # of the screen: all but the chargers' rows


class Lines:
    """For files and pipes."""

    def __init__(self, console: Console):
        self._console = console
        self._next_s = LINE_EVERY_S

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def show(self, now_s: float, make: Callable[[], Moment], last: bool = False) -> None:
        """Print the moment that `make` gives, if a line is due; the last one if it is the only."""
        if now_s < self._next_s and not (last and self._next_s == LINE_EVERY_S):
            return
        # After a gap one line is enough.
        self._next_s = now_s - now_s % LINE_EVERY_S + LINE_EVERY_S
        self._console.print(line(make()), markup=False)
        self._console.file.flush()


def line(moment: Moment) -> str:
    """The moment in one line."""
    if moment.limit_a is None:
        return f"{moment.now_s:4.0f} s  {moment.trouble or 'no word from the firmware yet'}"
    currents = zip(PHASE_NAMES, moment.grid_ma, strict=True)
    amps = " ".join(f"{name} {_amps(ma)}" for name, ma in currents)
    text = f"{moment.now_s:4.0f} s  grid {amps} of {moment.limit_a} A"
    if moment.trouble:
        return f"{text}  {moment.trouble}"
    if moment.status is None:
        return f"{text}  no word from the firmware yet"
    counts = count_chargers(moment.status)
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    return f"{text}  chargers: {told}  {meter_text(moment.status['group'])}"


def _amps(ma: int | None) -> str:
    return "    ?" if ma is None else f"{ma / 1000:5.1f}"


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

    def show(self, now_s: float, make: Callable[[], Moment], last: bool = False) -> None:
        """Draw the moment that `make` gives, if the screen is due, or it is the last one."""
        if now_s < self._next_s and not last:
            return
        self._next_s = now_s + REDRAW_EVERY_S
        self._live.update(screen(make(), *self._console.size), refresh=True)


def display(console: Console) -> Table | Lines:
    """What suits where the output goes."""
    return Table(console) if console.is_terminal else Lines(console)


def screen(moment: Moment, width: int, height: int) -> RenderableType:
    """The whole screen."""
    frame = Panel(
        bars(moment, width - 4),  # a panel's frame and padding
        title=moment.title,
        title_align="left",
        border_style="red" if moment.trouble else "grey50",
    )
    below = [f"  {text}" for text in ([moment.trouble] if moment.trouble else moment.notes)]
    notes = Text("\n".join(below), "bold red" if moment.trouble else "")
    notes.overflow, notes.no_wrap = "ellipsis", True
    rows = chargers(moment, width, max(1, height - OTHER_LINES))
    return Group(frame, light(moment.status), rows, notes)
