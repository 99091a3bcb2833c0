"""The demo as a picture: grid currents against the limit, the house, every charger's limit.

All of it is what was true on the site. The heat map shows the limit that each charger held; times
without answers are hatched.
"""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from .record import AFTER_STEP_MS, LEAST_A, PHASE_NAMES, Record, silences

INCHES, DPI = (14, 10), 100
# The colours of L1, L2, L3 after IEC 60446: brown, black, grey.
PHASE_COLOURS = ("#9c5a2b", "#1f1f1f", "#9a9a9a")
LIMIT_COLOUR = "#c62828"
STEP_COLOUR = "#f6c344"
ASIDE = {"fontsize": 12, "fontweight": "normal", "color": "#606060"}
COLUMNS = 900  # of the heat map: more than the eye can tell
STYLE = {
    "font.size": 13,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 14,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "hatch.linewidth": 1.2,
}


def draw(record: Record, path: Path) -> None:
    """Write the PNG. Raises OSError where that is impossible."""
    with mpl.rc_context(STYLE):
        # Without pyplot: no window system is asked for, nothing stays behind.
        figure = Figure(figsize=INCHES, dpi=DPI, layout="constrained")
        panels = figure.subplots(3, 1, sharex=True, height_ratios=(4, 1.5, 4.4))
        grid, house, chargers = panels
        _grid(grid, record)
        _house(house, record)
        bar = figure.colorbar(_chargers(chargers, record), ax=chargers, pad=0.01, aspect=25)
        bar.ax.set_title("A", fontsize=12)
        bar.outline.set_visible(False)
        chargers.set_xlabel("seconds")
        chargers.set_xlim(0, max(1, record.end_ms / 1000))
        chargers.xaxis.set_major_locator(MaxNLocator(nbins=10, steps=[1, 2, 3, 5, 6, 10]))
        figure.savefig(path, format="png")


def _seconds(record: Record) -> np.ndarray:
    return np.array([sample.at_ms for sample in record.samples]) / 1000


def _phases(axes: Axes, record: Record, currents_ma: list, **how: object) -> None:
    seconds = _seconds(record)
    amps = np.array(currents_ma) / 1000
    for phase, name in enumerate(PHASE_NAMES):
        axes.plot(seconds, amps[:, phase], color=PHASE_COLOURS[phase], label=name, **how)
    axes.set_ylabel("A")
    axes.margins(y=0.02)
    axes.grid(axis="y", color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)


def _grid(axes: Axes, record: Record) -> None:
    axes.set_title(f"Grid current per phase, circuit of {record.limit_a} A")
    axes.set_title("shaded: 10 s after a load step", loc="right", **ASIDE)
    _phases(axes, record, [sample.grid_ma for sample in record.samples], linewidth=1.8)
    axes.axhline(record.limit_a, color=LIMIT_COLOUR, linewidth=1.8, label="limit")
    top = max(record.limit_a, *(max(sample.grid_ma) / 1000 for sample in record.samples))
    axes.set_ylim(0, top * 1.16)
    for step in record.steps:
        at_s = step.at_ms / 1000
        if step.at_ms >= record.end_ms:
            continue
        phases = ", ".join(PHASE_NAMES[phase] for phase in step.phases)
        axes.axvspan(at_s, at_s + AFTER_STEP_MS / 1000, color=STEP_COLOUR, alpha=0.25, linewidth=0)
        text = f"house +{step.rise_ma / 1000:g} A on {phases}"
        axes.text(at_s, top * 1.15, " " + text, va="top", fontsize=11.5)
    axes.legend(loc="upper left", ncols=4, frameon=False, borderaxespad=0, columnspacing=1.4)


def _house(axes: Axes, record: Record) -> None:
    axes.set_title("of which the house")
    _phases(axes, record, [sample.house_ma for sample in record.samples], linewidth=1.4)
    axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))


def _chargers(axes: Axes, record: Record) -> QuadMesh:
    count = len(record.phases)
    every = max(1, len(record.samples) // COLUMNS)
    seconds = np.append(_seconds(record)[::every], record.end_ms / 1000)
    limits = np.array([sample.limits_a for sample in record.samples[::every]], float).T
    # Without the map's palest part, so that the least limit stands out from none.
    colours = ListedColormap(mpl.colormaps["YlGnBu"](np.linspace(0.25, 1, 256)))
    mesh = axes.pcolormesh(
        seconds,
        np.arange(0.5, count + 1),
        np.ma.masked_equal(limits, 0),
        cmap=colours.with_extremes(bad="#f4f4f4"),
        vmin=LEAST_A,
        vmax=max(16, limits.max(initial=0)),
        rasterized=True,
    )
    axes.set_title("Limit of each charger")
    axes.set_title("blank: 0 A, hatched: silent", loc="right", **ASIDE)
    for silence in silences(record):
        end_ms = record.end_ms if silence.to_ms is None else silence.to_ms
        axes.add_patch(
            Rectangle(
                (silence.from_ms / 1000, silence.charger + 0.5),
                (end_ms - silence.from_ms) / 1000,
                1,
                fill=False,
                hatch="////",
                edgecolor=LIMIT_COLOUR,
                linewidth=1,
            )
        )
    axes.hlines(np.arange(1.5, count), 0, record.end_ms / 1000, color="white", linewidth=1.5)
    axes.set_ylim(count + 0.5, 0.5)
    axes.set_yticks(range(1, count + 1), [f"bay {i}" for i in range(1, count + 1)], fontsize=9.5)
    axes.tick_params(axis="y", length=0)
    return mesh
