# The site of the bench: 20 bays on a 63 A connection, and who parks there in 24 hours.
#
# Mixed on purpose: three-phase bays in all three rotations, some with cars that charge on one or
# two phases, and single-phase bays; chargers of 16 and 32 A, cars of 16 and 32 A. There is more
# demand than the circuit carries for most of the day, in the night until cars are full and leave.

import random

from loadrail.config import check
from loadrail.core import Primary
from loadrail_site.site import Site

from .bound import Stay
from .house_load import DAY_S, HouseLoad

LIMIT_A = 63
# (phases of the bay, its maximum, the car's phases, the car's maximum)
_BAYS = (
    [("L1L2L3", 32, 3, 16), ("L2L3L1", 16, 3, 16), ("L3L1L2", 32, 3, 16)] * 3
    + [("L1L2L3", 32, 1, 32), ("L2L3L1", 32, 2, 16), ("L3L1L2", 16, 1, 16)]
    + [("L1", 32, 1, 32), ("L2", 32, 1, 32), ("L3", 32, 1, 32)] * 2
    + [("L2", 16, 1, 16), ("L3", 32, 1, 16)]
)


def stays_of(bay: int, rng: random.Random) -> list[tuple[float, float, float]]:
    """(from hour, to hour, kWh) of a bay: one from the night, by day a guest in two of three
    bays, and one who comes home."""
    stays = [(0.0, rng.uniform(6.0, 8.8), rng.uniform(12, 32))]
    if bay % 3 != 2:
        stays.append((rng.uniform(9.0, 10.5), rng.uniform(14.5, 16.5), rng.uniform(8, 26)))
    stays.append((rng.uniform(16.8, 20.5), 24.0, rng.uniform(14, 40)))
    return stays


class Day:
    """The site, its controller, and the same day as the bound sees it.

    hours, start_h: how much of the day, and from when. car: arguments of every Car; group:
    settings of the group; a seed draws another day; need_percent: of what the cars need.
    """

    def __init__(self, hours=24.0, start_h=0.0, *, car=None, group=None, seed=7, need_percent=100):
        self.seconds = int(hours * 3600)
        start_s = int(start_h * 3600) % DAY_S
        rng = random.Random(seed)
        self.stays: list[Stay] = []
        chargers = []
        for bay, (phases, charger_a, wires, car_a) in enumerate(_BAYS):
            cars = []
            for from_h, to_h, kwh in stays_of(bay, rng):
                from_s = max(0, int(from_h * 3600) - start_s)
                to_s = min(self.seconds, int(to_h * 3600) - start_s)
                if to_s <= from_s:
                    continue
                energy_wh = int(kwh * 10 * need_percent)
                grid = [int(name) - 1 for name in phases.split("L")[1:]][:wires]
                self.stays.append(
                    Stay(tuple(grid), min(charger_a, car_a), energy_wh, from_s, to_s)
                )
                told = {"phases": wires, "max_a": car_a, "energy_wh": energy_wh, **(car or {})}
                cars.append({**told, "plug_in_s": from_s, "unplug_s": to_s})
            chargers.append({"phases": phases, "max_a": charger_a, "cars": cars})
        plan = {"seconds": self.seconds, "limit_a": LIMIT_A, "chargers": chargers}
        self.site = Site(plan, sample_ms=0)
        self.house = self.site.house = HouseLoad(self.seconds, start_s, seed)
        self.primary = Primary(self._configuration(group or {}), 0)

    def _configuration(self, group: dict) -> dict:
        config, faults = check(
            {
                "group": {"limit_a": LIMIT_A, **group},
                "bus": {"baud": 19200, "parity": "E"},
                "meter": {"address": self.site.meter.address, "bus": {"baud": 9600}},
                "chargers": self.site.charger_configs(),
            }
        )
        if faults:
            raise ValueError(faults)
        return config

    def delivered_wh(self) -> float:
        """What all cars have taken."""
        return sum(car.taken_wh() for charger in self.site.chargers for car in charger.cars)
