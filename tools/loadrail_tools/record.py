"""What a demo records, to be judged (verdict.py), measured (measure.py) and drawn (picture.py).

What is true comes from the simulated site (samples at each of its steps, overloads, the breaker),
what the firmware believed from its console (`told`, `bus`). Times are milliseconds from the site's
start; currents are mA, or A where the name says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .wire import Line

PHASES = (0, 1, 2)
PHASE_NAMES = ("L1", "L2", "L3")
LEAST_A = 6  # IEC 61851: a car takes no less
AFTER_STEP_MS = 10_000  # how long a load step may keep the grid above its limit


@dataclass(frozen=True)
class Sample:
    """The true state of the site after one of its steps."""

    at_ms: int
    grid_ma: tuple[int, ...]
    house_ma: tuple[int, ...]
    limits_a: tuple[int, ...]  # by charger: what it holds, failsafe current and the like included
    may_a: tuple[tuple[int, ...], ...]  # by charger and phase: that limit, where its car can load
    asked_a: tuple[int, ...]  # by charger: its register amps_to_use
    answers: tuple[bool, ...]  # by charger: not silent, not deaf
    heat_permille: int  # of the breaker's hottest phase; 1000 trips


@dataclass(frozen=True)
class Step:
    """The house takes `rise_ma` more on each of these phases from this time on."""

    at_ms: int
    phases: tuple[int, ...]
    rise_ma: int


@dataclass(frozen=True)
class Told:
    """One `status json` of the firmware, and what the chargers truly might take as it came."""

    at_ms: int
    status: dict
    may_a: tuple[tuple[int, ...], ...]  # as in Sample


@dataclass
class Record:
    """All that a demo has seen."""

    limit_a: int
    phases: list[list[int]]  # by charger: the grid's phases that it hangs on
    steps: list[Step]
    line: Line = field(default_factory=Line)
    turnaround_ms: float = 5
    samples: list[Sample] = field(default_factory=list)
    overloads: list[dict] = field(default_factory=list)  # as loadrail_site.recorder has them
    tripped_at_ms: int | None = None
    told: list[Told] = field(default_factory=list)
    bus: dict | None = None  # the last `bus json`
    ended_early: bool = False  # the firmware did, by itself
    exit_status: int | None = None  # the firmware's; None: it had to be killed

    @property
    def end_ms(self) -> int:
        return self.samples[-1].at_ms if self.samples else 0


@dataclass(frozen=True)
class Silence:
    """A charger gave no answers from `from_ms` to `to_ms` (None: until the end)."""

    charger: int
    from_ms: int
    to_ms: int | None


def load_steps(base_ma: list[int], steps: list[tuple]) -> list[Step]:
    """The rises among a house's steps (at_ms, phases, level_ma)."""
    levels = list(base_ma)
    rises = []
    for at_ms, phases, level_ma in steps:
        higher = tuple(phase for phase in phases if level_ma > levels[phase])
        if higher:
            rises.append(Step(at_ms, higher, max(level_ma - levels[phase] for phase in higher)))
        for phase in phases:
            levels[phase] = level_ma
    return rises


def silences(record: Record) -> Iterator[Silence]:
    """Every time that a charger gave no answers, charger by charger."""
    for charger in range(len(record.phases)):
        from_ms = None
        for sample in record.samples:
            if sample.answers[charger]:
                if from_ms is not None:
                    yield Silence(charger, from_ms, sample.at_ms)
                from_ms = None
            elif from_ms is None:
                from_ms = sample.at_ms
        if from_ms is not None:
            yield Silence(charger, from_ms, None)
