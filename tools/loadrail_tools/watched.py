"""A simulated site that keeps what was true after its steps."""

import functools

from loadrail_site import teltocharge
from loadrail_site.charger import Charger
from loadrail_site.site import Site

from .record import PHASES, Sample


def _may_a(charger: Charger) -> tuple[int, ...]:
    """What a charger may take of the grid's phases: without a car, which may come, of all."""
    phases = tuple(charger.grid_phases)
    if charger.car:
        terminals = charger.terminals_in_use()[: charger.car.phases]
        phases = tuple(charger.grid_phases[terminal] for terminal in terminals)
    return _on_phases(charger.limit_and_cause()[0], phases)


@functools.cache
def _on_phases(limit_a: int, phases: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(limit_a if phase in phases else 0 for phase in PHASES)


class WatchedSite(Site):
    """A site that keeps what was true after its steps."""

    def __init__(self, scenario: dict, chargers: int, seconds: float | None):
        self.samples: list[Sample] = []
        self.keep_ms = 0  # between two samples; 0: after each step
        self._next_ms = 0
        super().__init__(scenario, chargers, seconds, sample_ms=0)

    def step(self, now_ms: int) -> None:
        super().step(now_ms)
        if now_ms < self._next_ms:
            return
        self._next_ms = now_ms + self.keep_ms
        chargers = self.chargers
        self.samples.append(
            Sample(
                now_ms,
                tuple(self.grid_ma),
                tuple(self.house_ma),
                tuple(charger.limit_and_cause()[0] for charger in chargers),
                tuple(_may_a(charger) for charger in chargers),
                tuple(charger.settings[teltocharge.AMPS_TO_USE] for charger in chargers),
                tuple(not (charger.silent or charger.is_deaf()) for charger in chargers),
                max(self.breaker.heat_permille()),
            )
        )
