"""A solar day as a picture: sun, house and cars, the grid against its limit, every limit."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from .picture import ASIDE, DPI, INCHES, LIMIT_COLOUR, PHASE_COLOURS, STEP_COLOUR, STYLE
from .record import LEAST_A, PHASE_NAMES
from .solar_day_site import clock
from .solar_day_watch import Watch

HOUR_MS = 3_600_000
HOUSE_COLOUR = "#7a8797"
# By mode, from dark to light for its first, second, ... car.
CAR_COLOURS = {
    "solar": ("#1b7837", "#5aae61", "#a6dba0"),
    "eco_plus": ("#2166ac", "#67a9cf", "#bdd7e7"),
    "eco": ("#01857b", "#5ab4ac", "#b5dfd9"),
    "fast": ("#762a83", "#a97fb8", "#d4bfdd"),
}


def draw(watch: Watch, from_h: float, until_h: float, path: Path) -> None:
    """Write the PNG. Raises OSError where that is impossible."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=INCHES, dpi=DPI, layout="constrained")
        panels = figure.subplots(3, 1, sharex=True, height_ratios=(5, 3, 2.4))
        power, grid, chargers = panels
        hours = np.array([from_h + sample.at_ms / HOUR_MS for sample in watch.kept])
        _power(power, watch, hours)
        _grid(grid, watch, hours)
        bar = figure.colorbar(_limits(chargers, watch, hours, from_h), ax=chargers, pad=0.01)
        bar.ax.set_title("A", fontsize=12)
        bar.outline.set_visible(False)
        chargers.set_xlabel("time of the day")
        chargers.set_xlim(from_h, until_h)
        long = until_h - from_h > 3
        chargers.xaxis.set_major_locator(MultipleLocator(1 if long else 0.25))
        chargers.xaxis.set_major_formatter(FuncFormatter(lambda at_h, _: clock(at_h)))
        figure.savefig(path, format="png")


def car_colours(modes: list[str]) -> list[str]:
    """By charger: those of one mode are shades of one colour."""
    shades = [modes[:i].count(mode) for i, mode in enumerate(modes)]
    return [
        CAR_COLOURS[mode][shade % len(CAR_COLOURS[mode])]
        for mode, shade in zip(modes, shades, strict=True)
    ]


def _power(axes: Axes, watch: Watch, hours: np.ndarray) -> None:
    axes.set_title("Sun, house and cars")
    axes.set_title("above the sun: from the grid; below it: exported", loc="right", **ASIDE)
    sun = np.array([sample.sun_kw for sample in watch.kept])
    axes.fill_between(hours, sun, color=STEP_COLOUR, alpha=0.3, linewidth=0)
    loads = np.array([(sample.house_kw, *sample.cars_kw) for sample in watch.kept]).T
    names = [f"bay {i + 1}, {mode}" for i, mode in enumerate(watch.modes)]
    colours = [HOUSE_COLOUR, *car_colours(watch.modes)]
    axes.stackplot(hours, loads, labels=["house", *names], colors=colours, linewidth=0)
    axes.plot(hours, sun, color="#e08e00", linewidth=1.8, label="sun")
    axes.set_ylabel("kW")
    axes.set_ylim(0, 1.32 * max(1, sun.max(initial=0), loads.sum(axis=0).max(initial=0)))
    _frame(axes)
    axes.legend(loc="upper left", ncols=4, frameon=False, fontsize=11.5, columnspacing=1.4)


def _grid(axes: Axes, watch: Watch, hours: np.ndarray) -> None:
    limit_a = watch.limit_ma // 1000
    axes.set_title(f"Grid current per phase, circuit of {limit_a} A")
    axes.set_title("the highest in each half minute; below 0: export", loc="right", **ASIDE)
    peaks_a = np.array([sample.peak_a for sample in watch.kept])
    for phase, name in enumerate(PHASE_NAMES):
        axes.plot(hours, peaks_a[:, phase], color=PHASE_COLOURS[phase], label=name, linewidth=1)
    axes.axhline(limit_a, color=LIMIT_COLOUR, linewidth=1.8, label="limit")
    axes.axhline(0, color="#606060", linewidth=0.8)
    axes.set_ylabel("A")
    axes.set_ylim(top=1.4 * max(limit_a, peaks_a.max(initial=0)))
    _frame(axes)
    axes.legend(loc="upper left", ncols=4, frameon=False, borderaxespad=0, columnspacing=1.4)


def _limits(axes: Axes, watch: Watch, hours: np.ndarray, from_h: float) -> QuadMesh:
    count = len(watch.modes)
    limits = np.array([sample.limits_a for sample in watch.kept], float).T
    colours = ListedColormap(mpl.colormaps["YlGnBu"](np.linspace(0.25, 1, 256)))
    mesh = axes.pcolormesh(
        np.insert(hours, 0, from_h),
        np.arange(0.5, count + 1),
        np.ma.masked_equal(limits, 0),
        cmap=colours.with_extremes(bad="#f4f4f4"),
        vmin=LEAST_A,
        vmax=max(16, limits.max(initial=0)),
        rasterized=True,
    )
    axes.set_title("Limit of each charger")
    axes.set_title("blank: 0 A", loc="right", **ASIDE)
    axes.hlines(np.arange(1.5, count), *hours[[0, -1]], color="white", linewidth=1.5)
    axes.set_ylim(count + 0.5, 0.5)
    names = [f"bay {i + 1}, {mode}" for i, mode in enumerate(watch.modes)]
    axes.set_yticks(range(1, count + 1), names, fontsize=10.5)
    axes.tick_params(axis="y", length=0)
    return mesh


def _frame(axes: Axes) -> None:
    axes.grid(axis="y", color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)
