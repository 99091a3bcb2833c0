# Fairness: 20 equal three-phase cars on a circuit that carries the minimums of seven.
#
# Jain's index of what they got in 8 hours, (sum x)^2 / (n sum x^2): 1 where all got the same, 1/n
# where one got all. And the longest that a car stood without current, from being plugged in or
# from its last ampere: with turns of 15 min at most ceil(20 / 7) of them.

from loadrail.config import check
from loadrail.core import Primary
from loadrail_site.site import Site
from loadrail_site.virtual import Run

from .table import Row

CARS = 20
PLACES = 7
TURN_S = 900
_ROTATIONS = ("L1L2L3", "L2L3L1", "L3L1L2")
_CHARGES_MA = 1000


def jain(amounts: list[float]) -> float:
    """Jain's index of fairness, 1/n..1; 1 where nobody got anything."""
    squares = sum(amount * amount for amount in amounts)
    return sum(amounts) ** 2 / (len(amounts) * squares) if squares else 1.0


class Waits:
    """A site's recorder that keeps the longest time without current of each charger."""

    def __init__(self, cars: int):
        self.overloads: list = []  # of a Recorder; nothing else loads this circuit
        self.longest_ms = [0] * cars
        self.most_at_once = 0
        self._since_ms = [0] * cars

    def step(self, now_ms: int, grid_ma, chargers) -> None:
        """Look at all chargers."""
        charging = 0
        for number, charger in enumerate(chargers):
            if max(charger.draws_ma) > _CHARGES_MA:
                self._since_ms[number] = now_ms
                charging += 1
            waited_ms = now_ms - self._since_ms[number]
            self.longest_ms[number] = max(self.longest_ms[number], waited_ms)
        self.most_at_once = max(self.most_at_once, charging)


def run(hours: float) -> tuple[list[float], Waits]:
    """(energy of each car in Wh, how long they waited) of a static group."""
    car = {"phases": 3, "max_a": 16, "energy_wh": 1_000_000, "plug_in_s": 0}
    chargers = [{"phases": _ROTATIONS[i % 3], "cars": [dict(car)]} for i in range(CARS)]
    limit_a = PLACES * 6
    plan = {"seconds": int(hours * 3600), "limit_a": limit_a, "chargers": chargers}
    site = Site(plan, sample_ms=0)
    waits = site.recorder = Waits(CARS)
    config, faults = check(
        {
            "group": {"type": "static", "limit_a": limit_a, "rotation_interval_s": TURN_S},
            "bus": {"baud": 19200, "parity": "E"},
            "chargers": site.charger_configs(),
        }
    )
    if faults:
        raise ValueError(faults)
    Run(Primary(config, 0), site, idle_ms=20, site_step_ms=500).until(int(hours * 3_600_000))
    return [charger.cars[0].taken_wh() for charger in site.chargers], waits


def measure(hours: float = 8.0) -> list[Row]:
    """The rows of the table."""
    energies_wh, waits = run(hours)
    bound_min = -(-CARS // PLACES) * TURN_S / 60
    spread = f"{min(energies_wh) / 1000:.1f} to {max(energies_wh) / 1000:.1f} kWh a car"
    return [
        Row(f"Jain's index of energy over {hours:g} h", jain(energies_wh), ">=", 0.95, "", spread),
        Row(
            "longest wait",
            max(waits.longest_ms) / 60_000,
            "<=",
            bound_min,
            "min",
            f"{CARS} cars, {waits.most_at_once} at once",
        ),
    ]
