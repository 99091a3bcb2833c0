# Use of the circuit: the energy that 20 cars get in 24 hours, against the most that was possible.
#
# The real core steers the site models in virtual time; bound.py says what was possible. On the
# way the breaker must hold, and nothing may flow above the limit but for 10 s after a load step.

from dataclasses import dataclass

from loadrail_site.virtual import Run

from .bound import VOLTS, free_a, most_wh
from .day import LIMIT_A, Day
from .table import Row
from .tally import Tally

SLOT_S = 60  # of the bound
# Of what the cars of day.py need. At 100 the circuit carries 70 % of it; at this nearly all, with
# the evening and the night at its limit.
SUITABLE_PERCENT = 60
# A frame takes 20 to 40 ms, a car seconds: coarser steps than in the tests change nothing here.
SITE_STEP_MS = 200
IDLE_MS = 20


@dataclass
class Outcome:
    """What a run came to."""

    used_wh: float
    bound_wh: float
    tally: Tally
    tripped: bool

    @property
    def use_percent(self) -> float:
        return 100 * self.used_wh / self.bound_wh

    def lost_percent(self) -> dict[str, float]:
        """Each stage's loss, in per cent of the bound."""
        wh = {stage: lost * VOLTS / 3600 for stage, lost in self.tally.lost_as.items()}
        return {stage: 100 * lost / self.bound_wh for stage, lost in wh.items()}


def run(hours: float, start_h: float = 0.0, **day) -> Outcome:
    """Run this part of the day; further arguments are those of Day."""
    today = Day(hours, start_h, **day)
    site, primary = today.site, today.primary
    tally = Tally(LIMIT_A * 1000, primary, today.house, today.house.rises_ms())
    site.recorder = tally
    Run(primary, site, idle_ms=IDLE_MS, site_step_ms=SITE_STEP_MS).until(today.seconds * 1000)
    free = free_a(today.house.table_ma, LIMIT_A, SLOT_S)
    bound_wh = most_wh(today.stays, free, SLOT_S)
    return Outcome(today.delivered_wh(), bound_wh, tally, site.breaker.tripped)


def measure(hours: float = 24.0) -> list[Row]:
    """The number: a site that suits its cars, and cars that draw just what they are told."""
    outcome = _run(hours, need_percent=SUITABLE_PERCENT, car={"error_ma": 0})
    rows = [
        Row("use of the circuit", outcome.use_percent, ">=", 97.0, "%", _told(outcome, hours)),
        Row("breaker trips", int(outcome.tripped), "==", 0, ""),
        Row(
            "above the limit, outside 10 s after a load step",
            outcome.tally.late_ms / 1000,
            "==",
            0,
            "s",
            f"{outcome.tally.over_ms / 1000:.0f} s within them, "
            f"peak {outcome.tally.peak_ma / 1000:.1f} A",
        ),
    ]
    lost = outcome.lost_percent()
    return rows + [Row(f"lost to {stage}", part, None, None, "%") for stage, part in lost.items()]


def measure_cars(hours: float = 24.0) -> list[Row]:
    """The same with cars that stay 0.2 A below what they are told, which the bound knows not."""
    outcome = _run(hours, need_percent=SUITABLE_PERCENT)
    name = "use of the circuit, cars 0.2 A below their limits"
    return [Row(name, outcome.use_percent, None, None, "%", _told(outcome, hours))]


def measure_scarce(hours: float = 24.0) -> list[Row]:
    """The same with more demand than the circuit carries all day: the bound may let cars starve
    for the sake of the sum, which turns do not."""
    outcome = _run(hours, car={"error_ma": 0})
    name = "use of the circuit, demand above it all day"
    return [Row(name, outcome.use_percent, None, None, "%", _told(outcome, hours))]


def _run(hours: float, **day) -> Outcome:
    # A part of the day is taken from its evening on, when the circuit is short.
    return run(hours, 0.0 if hours >= 24 else 18.0, **day)


def _told(outcome: Outcome, hours: float) -> str:
    return f"{outcome.used_wh / 1000:.1f} of {outcome.bound_wh / 1000:.1f} kWh in {hours:g} h"
