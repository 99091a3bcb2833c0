"""`loadrail demo --scenario solar`: a day of sun in virtual time, paced to be watched.

The core is the same as on a controller, and so is what the table shows of it. What is true comes
from the simulated site (solar_day_watch.py).
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table as Rows
from rich.text import Text

from . import live, solar_day_site
from .conclusion import MARKS
from .firmware import lib_on_path
from .moment import Moment
from .paths import ROOT
from .record import PHASE_NAMES
from .solar_day_site import clock
from .solar_day_watch import Watch

with lib_on_path():
    from loadrail import solar_texts, status
    from loadrail.core import Primary
    from loadrail_site.virtual import Run

PICTURE = ROOT / "build" / "demo-solar.png"
SECONDS = (5, 3600)  # or 0: as fast as it goes
# Coarse, so that a day fits into the time: the meter is read each second, a car takes seconds.
IDLE_MS = 250
SITE_STEP_MS = 500
SLICE_MS = 10_000
HOUR_MS = 3_600_000
REFUSED, INTERRUPTED = 2, 130


class Lines:
    """For files and pipes: a line at each full hour of the day."""

    def __init__(self, console: Console, day: "Day"):
        self._console, self._day = console, day
        self._next_h = int(day.from_h) + 1
        self._said_h = day.from_h

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def show(self, _: float, make: Callable[[], Moment], last: bool = False) -> None:
        """Print the moment that `make` gives, if its hour has come."""
        at_h = self._day.at_h()
        if at_h < self._next_h and not (last and at_h > self._said_h):
            return
        self._next_h, self._said_h = int(at_h) + 1, at_h
        moment = make()
        bays = enumerate(moment.status["chargers"], 1)
        told = ", ".join(f"{bay} {row['mode']} {_state(row)}" for bay, row in bays)
        self._console.print(f"{moment.title}: {moment.notes[0]}; {told}", markup=False)


def _state(row: dict) -> str:
    if row["limit_a"]:
        held = "holding " if row["solar"] == "holding" else ""
        return f"{held}{row['limit_a']} A"
    return row["solar"] or "0 A"


class Day:
    """One day of the site, from `from_h` to `until_h`."""

    def __init__(self, chargers: int, from_h: float, until_h: float):
        self.from_h, self.until_h = from_h, until_h
        self.site, config = solar_day_site.make(chargers, from_h, until_h)
        self.modes = [row["solar_mode"] for row in config["chargers"]]
        limit_ma = self.site.limit_a * 1000
        self.watch = self.site.recorder = Watch(limit_ma, self.site.house, self.modes)
        self.primary = Primary(config, 0)
        self.run = Run(self.primary, self.site, idle_ms=IDLE_MS, site_step_ms=SITE_STEP_MS)
        self.end_ms = int(self.site.seconds * 1000)

    def play(self, seconds: float, shown: "live.Table | Lines") -> None:
        """To its end, in so many seconds at the least."""
        begin = time.monotonic()
        while self.run.now_ms < self.end_ms:
            self.run.until(min(self.end_ms, self.run.now_ms + SLICE_MS))
            shown.show(time.monotonic() - begin, self.moment)
            early_s = begin + seconds * self.run.now_ms / self.end_ms - time.monotonic()
            if early_s > 0:
                time.sleep(early_s)
        shown.show(time.monotonic() - begin, self.moment, last=True)

    def at_h(self) -> float:
        """The time of the day."""
        return self.from_h + self.run.now_ms / HOUR_MS

    def moment(self) -> Moment:
        """What is true, beside what the core believes."""
        told = json.loads("".join(status.json_pieces(self.primary, self.run.ticks_ms())))
        chargers = self.site.chargers
        grid_ma, house_ma = self.site.grid_ma, self.site.house_ma
        sun_kw, house_kw, cars_kw = self.watch.now_kw
        grid_kw = house_kw + cars_kw - sun_kw
        word = "grid" if grid_kw >= 0 else "exported"
        powers = f"sun {sun_kw:.1f} kW, house {house_kw:.1f}, cars {cars_kw:.1f}"
        powers += f", {word} {abs(grid_kw):.1f}"
        surplus = "" if self.primary.solar is None else solar_texts.line(self.primary.solar)
        return Moment(
            f"Loadrail solar day  {clock(self.at_h())}",
            self.run.now_ms / 1000,
            self.site.limit_a,
            list(grid_ma),
            [all_ma - other_ma for all_ma, other_ma in zip(grid_ma, house_ma, strict=True)],
            told,
            phases=["".join(PHASE_NAMES[p] for p in charger.grid_phases) for charger in chargers],
            holds_a=[charger.limit_and_cause()[0] for charger in chargers],
            heat_permille=max(self.site.breaker.heat_permille()),
            tripped=self.site.breaker.tripped,
            notes=[powers, surplus, "in the bars the house is what is left of it beside the sun"],
        )


def figures(watch: Watch) -> dict:
    """What the day came to. Percents are None where there was nothing to divide."""
    used_kwh = sum(watch.sunny_kwh)
    rows = []
    for i, mode in enumerate(watch.modes):
        grid_kwh = None if mode == "fast" else watch.drawn_kwh[i] - watch.sunny_kwh[i]
        row = {"bay": i + 1, "mode": mode, "kwh": watch.drawn_kwh[i], "grid_kwh": grid_kwh}
        rows.append({**row, "starts": watch.starts[i]})
    solar = [row for row in rows if row["mode"] == "solar"]
    solar_kwh = sum(row["kwh"] for row in solar)
    return {
        "within_limit": not watch.overloads,
        "peak_a": watch.peak_ma / 1000,
        "used_percent": _percent(used_kwh, watch.usable_kwh),
        "usable_kwh": watch.usable_kwh,
        "surplus_kwh": watch.surplus_kwh,
        "solar_kwh": solar_kwh,
        "solar_grid_percent": _percent(sum(row["grid_kwh"] for row in solar), solar_kwh),
        "chargers": rows,
    }


def _percent(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole else None


def say(console: Console, day: Day, told: dict) -> None:
    """The verdict, and a row a car."""
    span = f"{clock(day.from_h)} to {clock(day.at_h())}"
    console.print(f"\nVerdict on the day from {span}", style="bold")
    most = f"{told['peak_a']:.1f} A at most"
    text = Text("  ").append(*MARKS[told["within_limit"]])
    console.print(text.append(f"  the circuit is never above its {day.site.limit_a} A: {most}"))
    usable = f"{told['usable_kwh']:.1f} kWh that the cars could have taken"
    console.print(
        f"  surplus used: {_tell(told['used_percent'])} of the {usable},"
        f" of {told['surplus_kwh']:.1f} kWh in all"
    )
    from_grid = f"{_tell(told['solar_grid_percent'])} of {told['solar_kwh']:.1f} kWh"
    console.print(f"  from the grid in mode solar: {from_grid}")
    table = Rows(box=None, padding=(0, 2, 0, 2), header_style="bold")
    for name in ("bay", "mode", "kWh", "from the grid", "starts"):
        table.add_column(name, justify="left" if name == "mode" else "right")
    for row in told["chargers"]:
        grid = "-" if row["grid_kwh"] is None else f"{row['grid_kwh']:.1f}"
        energy = f"{row['kwh']:.1f}"
        table.add_row(str(row["bay"]), row["mode"], energy, grid, str(row["starts"]))
    console.print(table)


def _tell(percent: float | None) -> str:
    return "nothing" if percent is None else f"{percent:.1f} %"


def demo(
    seconds: float,
    chargers: int,
    picture: Path = PICTURE,
    from_h: float = solar_day_site.FROM_H,
    until_h: float = solar_day_site.UNTIL_H,
) -> int:
    """The exit status: 0 never above the limit, 1 not so, 2 refused, 130 interrupted."""
    from .solar_picture import draw

    console = Console(highlight=False, soft_wrap=True)
    least_s, most_s = SECONDS
    if seconds and not least_s <= seconds <= most_s:
        allowed = f"0, or {least_s} to {most_s}"
        print(f"--seconds: {seconds:g} is not allowed; {allowed}", file=sys.stderr)
        return REFUSED
    if chargers < 1:
        print(f"--chargers: {chargers} is not allowed; at least 1", file=sys.stderr)
        return REFUSED
    day = Day(chargers, from_h, until_h)
    interrupted = False
    try:
        with live.Table(console) if console.is_terminal else Lines(console, day) as shown:
            day.play(seconds, shown)
    except KeyboardInterrupt:
        interrupted = True
    told = figures(day.watch)
    say(console, day, told)
    if not day.watch.kept:
        return INTERRUPTED
    try:
        picture.parent.mkdir(parents=True, exist_ok=True)
        draw(day.watch, from_h, until_h, picture)
        console.print(f"Picture: {picture}", markup=False)
    except OSError as error:
        console.print(f"No picture: {error}", markup=False)
    if interrupted:
        return INTERRUPTED
    return 0 if told["within_limit"] else 1
