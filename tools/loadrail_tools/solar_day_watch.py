"""What was true on a solar day: energies, starts, the grid, and samples for the picture.

The surplus is what sun less house and `fast` cars leaves, all phases together. It counts for the
cars in the order of SHARES: for `solar` first, as the other modes may take from the grid.
Energies are kWh at 230 V; power is kW.
"""

from dataclasses import dataclass

from loadrail_site.car import VOLTS
from loadrail_site.charger import Charger
from loadrail_site.recorder import Recorder
from loadrail_site.sun import Sun

CHARGES_MA = 1000  # a car that draws more is charging
SHARES = {"solar": 6, "eco_plus": 1, "eco": 1}  # A on each phase that its mode can use at least
PHASES = 3
MA_MS_PER_KWH = 3.6e15 / VOLTS / 1000
MA_PER_KW = 1e6 / VOLTS


@dataclass(frozen=True)
class Sample:
    """Means of one interval; `peak_a` is the highest of it on each phase."""

    at_ms: int  # where it ends
    sun_kw: float
    house_kw: float
    cars_kw: tuple[float, ...]  # by charger
    peak_a: tuple[float, ...]
    limits_a: tuple[int, ...]  # by charger, held at the end


class Watch(Recorder):
    """The recorder of a site with this sun, and chargers in these modes."""

    def __init__(self, limit_ma: int, sun: Sun, modes: list[str], keep_ms: int = 30_000):
        super().__init__(limit_ma, 0)
        self.modes = modes
        self.kept: list[Sample] = []
        self.surplus_kwh = self.usable_kwh = 0.0
        self.drawn_kwh = [0.0] * len(modes)
        self.sunny_kwh = [0.0] * len(modes)  # of it on the surplus
        self.starts = [0] * len(modes)
        self.peak_ma = 0  # of the grid, on any phase
        self.grid_ma = [0, 0, 0]
        self.now_kw = (0.0, 0.0, 0.0)  # sun, house, all cars
        ranks = list(SHARES)
        solar = [i for i, mode in enumerate(modes) if mode in SHARES]
        self._solar = sorted(solar, key=lambda i: ranks.index(modes[i]))
        self._sun, self._keep_ms, self._last_ms = sun, keep_ms, 0
        self._on = [False] * len(modes)
        self._begin(0)

    def step(self, now_ms: int, grid_ma: list[int], chargers: list[Charger]) -> None:
        """Count what has flowed since the step before."""
        super().step(now_ms, grid_ma, chargers)
        passed_ms, self._last_ms = now_ms - self._last_ms, now_ms
        draws_ma = [sum(charger.draws_ma) for charger in chargers]
        self._count_starts(draws_ma)
        self._count_energy(passed_ms / MA_MS_PER_KWH, grid_ma, draws_ma, chargers)
        sun_ma = PHASES * self._sun.sun_ma(now_ms)
        house_ma = sum(grid_ma) - sum(draws_ma) + sun_ma
        self.grid_ma = grid_ma
        self.now_kw = tuple(ma / MA_PER_KW for ma in (sun_ma, house_ma, sum(draws_ma)))
        self.peak_ma = max(self.peak_ma, *grid_ma)
        self._peak_ma = [max(pair) for pair in zip(self._peak_ma, grid_ma, strict=True)]
        for k, ma in enumerate((sun_ma, house_ma, *draws_ma)):
            self._sums[k] += ma * passed_ms
        if now_ms - self._from_ms >= self._keep_ms:
            self._keep(now_ms, chargers)

    def _count_starts(self, draws_ma: list[int]) -> None:
        for i, draw_ma in enumerate(draws_ma):
            charges = draw_ma > CHARGES_MA
            self.starts[i] += charges and not self._on[i]
            self._on[i] = charges

    def _count_energy(self, kwh_per_ma: float, grid_ma, draws_ma, chargers) -> None:
        solar_ma = sum(draws_ma[i] for i in self._solar)
        left_ma = surplus_ma = max(0, solar_ma - sum(grid_ma))
        for i, draw_ma in enumerate(draws_ma):
            self.drawn_kwh[i] += draw_ma * kwh_per_ma
        for i in self._solar:
            sunny_ma = min(draws_ma[i], left_ma)
            left_ma -= sunny_ma
            self.sunny_kwh[i] += sunny_ma * kwh_per_ma
        self.surplus_kwh += surplus_ma * kwh_per_ma
        usable_ma = max(self._usable_ma(surplus_ma, chargers), surplus_ma - left_ma)
        self.usable_kwh += usable_ma * kwh_per_ma

    def _usable_ma(self, surplus_ma: int, chargers: list[Charger]) -> int:
        """What the cars that are here and not full could take of it, had they no timers."""
        most_ma = 0
        for i in self._solar:
            charger = chargers[i]
            car = charger.car
            if car is None or car.is_full():
                continue
            wires = min(car.phases, len(charger.grid_phases))
            if surplus_ma >= SHARES[self.modes[i]] * 1000 * wires:
                most_ma += wires * min(car.max_ma, charger.max_a * 1000)
        return min(surplus_ma, most_ma)

    def _begin(self, now_ms: int) -> None:
        self._from_ms = now_ms
        self._sums = [0] * (2 + len(self.modes))
        self._peak_ma = [-self.limit_ma * 10] * PHASES

    def _keep(self, now_ms: int, chargers: list[Charger]) -> None:
        lasts_ms = now_ms - self._from_ms
        sun_kw, house_kw, *cars_kw = [total / lasts_ms / MA_PER_KW for total in self._sums]
        peak_a = tuple(ma / 1000 for ma in self._peak_ma)
        limits_a = tuple(charger.limit_and_cause()[0] for charger in chargers)
        self.kept.append(Sample(now_ms, sun_kw, house_kw, tuple(cars_kw), peak_a, limits_a))
        self._begin(now_ms)
