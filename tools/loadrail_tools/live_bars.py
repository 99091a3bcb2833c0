"""The upper part of the live table: a bar a phase against the limit, and the light."""

from rich.console import Group, RenderableType
from rich.text import Text

from .moment import Moment, house_ma, meter_text
from .record import PHASE_NAMES

BAR_FULL = 1.25  # a bar's end, in limits
BAR_LABELS = 44  # columns beside a bar
SCALE = 10  # permille -> percent
WARM = 85  # percent of the heat that trips the breaker

COLOURS = ("green", "blue", "white", "yellow", "red")  # of the light

HOUSE, CARS, OVER, FREE = "blue", "green", "red", "grey37"


def bars(moment: Moment, width: int) -> RenderableType:
    """Three bars, and a line on what they mean."""
    if moment.limit_a is None:
        return Text("The controller has not said anything yet.")
    cells = max(10, width - BAR_LABELS)
    facts = Text.assemble(
        ("■", HOUSE), " house  ", ("■", CARS), " chargers  ", ("┃", "bold"), " limit"
    )
    if moment.tripped:
        facts.append("   ").append("breaker: TRIPPED", "bold red")
    elif moment.heat_permille is not None:
        heat = moment.heat_permille // SCALE
        text = f"   breaker: {heat} % of the heat that trips it"
        facts.append(text, "yellow" if heat > WARM else "")
    if moment.status:
        facts.append("   ").append(meter_text(moment.status["group"]))
    facts.no_wrap, facts.overflow = True, "ellipsis"
    return Group(*[_bar(moment, phase, cells) for phase in range(3)], facts)


def _bar(moment: Moment, phase: int, cells: int) -> Text:
    limit_ma = moment.limit_a * 1000
    grid_ma, cars_ma = moment.grid_ma[phase], moment.cars_ma[phase]
    other_ma = house_ma(moment, phase)
    per_ma = cells / (BAR_FULL * limit_ma)
    # Without a meter the chargers' own currents are all that there is to show.
    full = max(0, round((cars_ma or 0 if grid_ma is None else grid_ma) * per_ma))
    house = min(full, max(0, round((other_ma or 0) * per_ma)))
    mark = round(limit_ma * per_ma)
    bar = Text(f"{PHASE_NAMES[phase]} ")
    for cell in range(cells):
        if cell == mark:
            bar.append("┃", "bold")
        elif cell < full:
            bar.append("█", HOUSE if cell < house else OVER if cell > mark else CARS)
        else:
            bar.append("·", FREE)
    over = grid_ma is not None and grid_ma > limit_ma
    bar.append(f" {_amps(grid_ma)}", "bold red" if over else "bold")
    bar.append(f" of {moment.limit_a} A  ")
    bar.append(f"house {_amps(other_ma)}", HOUSE)
    bar.append(f"  cars {_amps(cars_ma)}", CARS)
    bar.no_wrap, bar.overflow = True, "crop"
    return bar


def _amps(ma: int | None) -> str:
    return "    ?" if ma is None else f"{ma / 1000:5.1f}"


def light(status: dict | None) -> Text:
    """What the controller's light shows, and the first of what somebody should look after."""
    if status is None:
        return Text("")
    word = status["light"].split(",")[0]
    colour = word if word in COLOURS else ""
    text = Text.assemble("  light: ", ("●", colour), " ", status["light"])
    warnings = status["warnings"]
    if warnings:
        text.append(f"   {warnings[0]}", colour)
    if len(warnings) > 1:
        text.append(f"  and {len(warnings) - 1} more")
    text.no_wrap, text.overflow = True, "ellipsis"
    return text
