# python -m loadrail_bench: measure, show the table, keep build/bench.json and build/bench.png.
# The exit status is 1 where a number misses its target.

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from rich.console import Console

from loadrail_tools.paths import ROOT

sys.path.insert(0, str(ROOT / "lib"))  # the core is not installed, it is what is measured

from . import (
    allocations,
    bus_cycle,
    circuit_use,
    decision_cost,
    fairness,
    memory,
    picture,
    reaction,
    solar,
    speed,
)
from .table import Row, all_met, save, show

NUMBERS = (
    "circuit_use",
    "circuit_use_cars",
    "circuit_use_scarce",
    "fairness",
    "allocations",
    "memory",
    "reaction",
    "bus_cycle",
    "decision_cost",
    "speed",
    "solar_clear",
    "solar_broken",
    "solar_winter",
    "solar_small",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="loadrail_bench", description="Measure the targets.")
    parser.add_argument("--only", choices=NUMBERS, help="this number alone")
    parser.add_argument(
        "--hours", type=float, default=24.0, help="of circuit_use; fewer are quicker (default 24)"
    )
    told = parser.parse_args()
    if not 0.1 <= told.hours <= 24:
        parser.error("--hours: 0.1 to 24")
    measures = {
        "circuit_use": partial(circuit_use.measure, told.hours),
        "circuit_use_cars": partial(circuit_use.measure_cars, told.hours),
        "circuit_use_scarce": partial(circuit_use.measure_scarce, told.hours),
        "fairness": fairness.measure,
        "allocations": allocations.measure,
        "memory": memory.measure,
        "reaction": reaction.measure,
        "bus_cycle": bus_cycle.measure,
        "decision_cost": decision_cost.measure,
        "speed": speed.measure,
        "solar_clear": partial(solar.measure, "clear"),
        "solar_broken": partial(solar.measure, "broken"),
        "solar_winter": partial(solar.measure, "winter"),
        "solar_small": solar.measure_small,
    }
    chosen = [told.only] if told.only else list(NUMBERS)
    console = Console()
    with console.status("measuring " + ", ".join(chosen)):
        rows = _run([measures[name] for name in chosen])
    show(rows, console)
    save(rows, ROOT / "build" / "bench.json")
    picture.draw(rows, ROOT / "build" / "bench.png")
    return 0 if all_met(rows) else 1


def _run(measures: list[Callable[[], list[Row]]]) -> list[Row]:
    """All rows, in order. One process a number: the longest one takes some minutes."""
    if len(measures) == 1:
        return measures[0]()
    with ProcessPoolExecutor() as pool:
        running = [pool.submit(measure) for measure in measures]
        return [row for job in running for row in job.result()]


if __name__ == "__main__":
    sys.exit(main())
