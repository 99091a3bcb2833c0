# The bench as a picture: reaction, bus cycle, cost of a decision, each beside its floor or bound.
#
# It is drawn from the rows' `plot` alone, (panel, series, x, further numbers), so that what
# bench.json keeps can be drawn again. A panel of which nothing was measured is left out.

import math
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .table import Row

PANEL_INCHES, DPI = (7, 5.2), 100
COLOURS = ("#1565c0", "#2e7d32", "#ef6c00", "#6a1b9a")
BOUND_COLOUR = "#c62828"
FLOOR_COLOUR = "#9e9e9e"
STYLE = {
    "font.size": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
}
_CHARGERS = (1, 5, 10, 15, 20)
WIDTH = 0.38  # of one of two bars

# series -> its rows, in the order of the table
Series = dict[str, list[Row]]


def draw(rows: list[Row], path: Path) -> bool:
    """Write the PNG; False where no row is to be shown. Raises OSError where it cannot."""
    panels: dict[str, Series] = {}
    for row in rows:
        if row.plot and row.value is not None:
            panels.setdefault(row.plot[0], {}).setdefault(row.plot[1], []).append(row)
    chosen = [(of, panels[name]) for name, of in _PANELS.items() if name in panels]
    if not chosen:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):
        size = (PANEL_INCHES[0] * len(chosen), PANEL_INCHES[1])
        figure = Figure(figsize=size, dpi=DPI, layout="constrained")
        axes = figure.subplots(1, len(chosen), squeeze=False)[0]
        for place, (of, series) in zip(axes, chosen, strict=True):
            of(place, series)
            place.grid(axis="y", color="#e4e4e4", linewidth=0.8)
            place.set_axisbelow(True)
            place.set_ylim(bottom=0)
            place.legend(frameon=False)
        figure.savefig(path, format="png")
    return True


def _reaction(axes: Axes, series: Series) -> None:
    axes.set_title("Over-limit sample to last acknowledgement")
    for colour, (line, rows) in zip(COLOURS, series.items(), strict=False):
        xs = [row.plot[2] for row in rows]
        axes.plot(xs, [row.plot[3] for row in rows], "o-", color=colour, label=line)
        axes.plot(xs, [row.plot[4] for row in rows], "--", color=colour, linewidth=1)
    axes.plot([], [], "--", color="black", linewidth=1, label="floor of the line")
    axes.set_xlabel("chargers")
    axes.set_xticks(_CHARGERS)
    axes.set_ylabel("ms")


def _bus_cycle(axes: Axes, series: Series) -> None:
    axes.set_title("Bus cycle: meter and 20 chargers, 19200 8N1")
    axes.axhline(1, color=FLOOR_COLOUR, linestyle="--", label="floor of the line")
    for k, (who, rows) in enumerate(series.items()):
        at = [row.plot[2] + (k - (len(series) - 1) / 2) * WIDTH for row in rows]
        bars = axes.bar(at, [row.value for row in rows], WIDTH, color=COLOURS[2 * k], label=who)
        axes.bar_label(bars, fmt="%.2f", fontsize=10)
        for x, row in zip(at, rows, strict=True):
            if row.relation:
                ends = (x - WIDTH / 2, x + WIDTH / 2)
                axes.hlines(row.target, *ends, color=BOUND_COLOUR, linewidth=2)
    axes.plot([], [], color=BOUND_COLOUR, linewidth=2, label="target")
    axes.set_xticks(sorted({row.plot[2] for rows in series.values() for row in rows}))
    axes.set_xlabel("dead chargers")
    axes.set_ylabel("x floor")


def _decision(axes: Axes, series: Series) -> None:
    axes.set_title("Cost of one decision")
    for colour, (regime, rows) in zip(COLOURS, series.items(), strict=False):
        xs = [row.plot[2] for row in rows]
        axes.plot(xs, [row.value for row in rows], "o-", color=colour, label=regime)
        _n_log_n(axes, rows)
    axes.plot([], [], "--", color=BOUND_COLOUR, linewidth=1, label="n log n, from 5 on")
    axes.set_xlabel("chargers")
    axes.set_xticks(_CHARGERS)
    axes.set_ylabel(rows[0].unit)


def _n_log_n(axes: Axes, rows: list[Row]) -> None:
    """What the target allows, through the cost at n = 5."""
    from_five = [row for row in rows if row.plot[2] >= 5]
    if not from_five or from_five[0].plot[2] != 5:
        return
    scale = from_five[0].value / (5 * math.log(5))
    xs = [row.plot[2] for row in from_five]
    bound = [scale * x * math.log(x) for x in xs]
    axes.plot(xs, bound, "--", color=BOUND_COLOUR, linewidth=1)


_PANELS = {"reaction": _reaction, "bus cycle": _bus_cycle, "decision": _decision}
