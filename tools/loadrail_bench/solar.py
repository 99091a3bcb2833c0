# Charging on the surplus: simulated days of sun, and what the cars in `solar` mode made of them.
#
# Best: in each second the most that whole amperes and the minimums allow, for one who knows the
# sun, has no timers and follows at once. Grid: what the cars drew beyond the surplus of a moment.
# Two sites take turns: 15 kW of sun and a car on one phase, 30 kW and one on three. Both suit
# their car: in a shadow about its minimum is left. The third, 7 kW, does not; it has no
# target, as by the timers every longer shadow must stop the car, and cost it 2 min more.

from dataclasses import dataclass, field, replace
from itertools import combinations

from loadrail.config import check
from loadrail.core import Primary
from loadrail_site.site import Site
from loadrail_site.sun import Sun
from loadrail_site.virtual import Run

from .table import Row

DAYS = 20
LEAST_A = 6
CHARGES_MA = 1000
VOLTS = 230
# Coarser than in the tests: the meter is read each second, a car takes seconds.
IDLE_MS = 150
SITE_STEP_MS = 250
# (phases of the bay, phases of the car, its maximum)
ONE = ("L1", 1, 32)
THREE = ("L1L2L3", 3, 16)
# (cars, what the array gives on each phase at its best, mA)
SITES = (((ONE,), 22_000), ((THREE,), 43_000))
SMALL = ((ONE,), 10_000)


@dataclass
class Outcome:
    """Ampere seconds of one day, over all phases."""

    best: float = 0.0
    sunny: float = 0.0  # charged on the surplus
    grid: float = 0.0  # charged beyond it
    changes: list[int] = field(default_factory=list)  # starts and stops of each car

    @property
    def use_percent(self) -> float:
        return 100 * self.sunny / self.best if self.best else 100.0

    @property
    def grid_percent(self) -> float:
        drawn = self.sunny + self.grid
        return 100 * self.grid / drawn if drawn else 0.0


class Watch:
    """A site's recorder that fills an Outcome."""

    def __init__(self, cars):
        self.overloads: list = []
        self.out = Outcome(changes=[0] * len(cars))
        self._best = best_table(cars)
        self._on = [False] * len(cars)
        self._last_ms = 0

    def step(self, now_ms: int, grid_ma, chargers) -> None:
        """Count what has flowed since the step before."""
        passed_s, self._last_ms = (now_ms - self._last_ms) / 1000, now_ms
        drawn_ma = 0
        for k, charger in enumerate(chargers):
            draw_ma = sum(charger.draws_ma)
            drawn_ma += draw_ma
            if (draw_ma > CHARGES_MA) != self._on[k]:
                self._on[k] = not self._on[k]
                self.out.changes[k] += 1
        surplus_ma = max(0, drawn_ma - sum(grid_ma))
        sunny_ma = min(drawn_ma, surplus_ma)
        self.out.sunny += sunny_ma * passed_s / 1000
        self.out.grid += (drawn_ma - sunny_ma) * passed_s / 1000
        most = min(surplus_ma // 1000, len(self._best) - 1)
        self.out.best += self._best[most] * passed_s


def best_table(cars) -> list[int]:
    """The most amperes over all phases that the cars can use of 0, 1, 2 ... of surplus."""
    table = [0]
    while len(table) <= sum(wires * most for _, wires, most in cars):
        table.append(max(table[-1], _best(cars, len(table))))
    return table


def _best(cars, amps: int) -> int:
    best = 0
    for count in range(1, len(cars) + 1):
        for some in combinations(cars, count):
            if sum(wires * LEAST_A for _, wires, _ in some) > amps:
                continue
            most = min(amps, sum(wires * most for _, wires, most in some))
            if all(wires == 3 for _, wires, _ in some):
                most -= most % 3
            best = max(best, most)
    return best


def run(kind: str, seed: int, cars, array_ma: int, rows=None, **group) -> Outcome:
    """One day of a site with an array of `array_ma` at its best on each phase; `cars` are there
    all day. rows: further keys of the chargers, group: settings of the group."""
    sun = Sun(kind, seed, array_ma)
    start_s = sun.rise_s
    seconds = sun.set_s - start_s
    chargers = []
    for phases, wires, most_a in cars:
        car = {"phases": wires, "max_a": most_a, "energy_wh": 1_000_000, "error_ma": 0}
        chargers.append({"phases": phases, "cars": [{**car, "plug_in_s": 0}]})
    site = Site({"seconds": seconds, "limit_a": 63, "chargers": chargers}, sample_ms=0)
    site.house = Sun(kind, seed, array_ma, start_s=start_s)
    watch = site.recorder = Watch(cars)
    config, faults = check(
        {
            "group": {"limit_a": 63, **group},
            "bus": {"baud": 19200, "parity": "E"},
            "meter": {"address": site.meter.address, "bus": {"baud": 9600}},
            "chargers": [
                {**row, "solar_mode": "solar", **(rows or {})} for row in site.charger_configs()
            ],
        }
    )
    if faults:
        raise ValueError(faults)
    Run(Primary(config, 0), site, idle_ms=IDLE_MS, site_step_ms=SITE_STEP_MS).until(seconds * 1000)
    return watch.out


def _rows(kind: str, sites, days: int, aimed: bool) -> list[Row]:
    """The numbers of days of one kind, summed over the days."""
    outcomes = []
    for day in range(days):
        cars, array_ma = sites[day % len(sites)]
        outcomes.append(run(kind, day + 1, cars, array_ma))
    best = sum(out.best for out in outcomes)
    sunny, grid = sum(out.sunny for out in outcomes), sum(out.grid for out in outcomes)
    changes = [count for out in outcomes for count in out.changes]
    name = f"{kind} days" if aimed else f"{kind} days, shadows leave too little"
    told = f"{days} days, {sunny * VOLTS / 3.6e6 / days:.0f} kWh each"
    worst = min(out.use_percent for out in outcomes)
    use = Row(f"surplus used, {name}", 100 * sunny / best, None, None, "%", told)
    share = Row(f"from the grid, {name}", 100 * grid / (sunny + grid), None, None, "%")
    flaps = Row(
        f"starts and stops a car and day, {name}", sum(changes) / len(changes), None, None, ""
    )
    if aimed:
        use = replace(use, relation=">=", target=90.0, note=f"{told}, the worst {worst:.1f} %")
        worst = max(out.grid_percent for out in outcomes)
        share = replace(share, relation="<=", target=2.0, note=f"the worst {worst:.2f} %")
        flaps = replace(flaps, relation="<=", target=12, note=f"the most {max(changes)}")
    return [use, share, flaps]


def measure(kind: str) -> list[Row]:
    """The numbers, of DAYS days of one kind of sun.KINDS."""
    return _rows(kind, SITES, DAYS, True)


def measure_small() -> list[Row]:
    """The same where an array is too small for its car under broken clouds."""
    return _rows("broken", (SMALL,), 4, False)
