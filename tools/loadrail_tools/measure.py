"""What a demo measures beside its promises; machines are noisy, so it decides nothing."""

from dataclasses import dataclass

from .record import AFTER_STEP_MS, PHASES, Record, Step

TARGET_RATIO = 1.25
# bytes of a request and of its answer
METER_READ = (8, 5 + 2 * 18)
STATUS_READ = (8, 5 + 2 * 7)


@dataclass(frozen=True)
class Cycle:
    """One meter read and `chargers` status reads: what they took on average, and the floor."""

    chargers: int
    mean_ms: float
    floor_ms: float

    @property
    def ratio(self) -> float:
        return self.mean_ms / self.floor_ms


def cycle(record: Record) -> Cycle | None:
    """From the firmware's own counters; None where it has not told enough."""
    if not record.bus:
        return None
    spent = record.bus["buses"][0]["spent"]
    if not spent["meter"]["count"] or not spent["status"]["count"]:
        return None
    count = len(record.phases)
    meter_us, status_us = (spent[of]["us"] / spent[of]["count"] for of in ("meter", "status"))
    line, turnaround_ms = record.line, record.turnaround_ms
    floor_s = line.transaction_s(*METER_READ, turnaround_ms)
    floor_s += count * line.transaction_s(*STATUS_READ, turnaround_ms)
    return Cycle(count, (meter_us + count * status_us) / 1000, floor_s * 1000)


def reaction_ms(record: Record, step: Step) -> int | None:
    """From a load step to the grid being at or below the limit for good; 0: never above it.

    None where the run ended before.
    """
    back_ms = step.at_ms
    for overload in record.overloads:
        if overload["phase"] not in step.phases:
            continue
        if step.at_ms <= overload["start_ms"] <= step.at_ms + AFTER_STEP_MS:
            if overload["end_ms"] is None:
                return None
            back_ms = max(back_ms, overload["end_ms"])
    return back_ms - step.at_ms


def charged(record: Record) -> tuple[int, int]:
    """How many chargers ever had a limit above 0; the most, mA, that all took on a phase."""
    drawn_ma = 0
    for sample in record.samples:
        drawn_ma = max(drawn_ma, *(sample.grid_ma[p] - sample.house_ma[p] for p in PHASES))
    ever = {i for sample in record.samples for i, limit_a in enumerate(sample.asked_a) if limit_a}
    return len(ever), drawn_ma


def bus_totals(bus: dict) -> dict[str, int]:
    """The counters of all devices on all buses, added up."""
    names = ("ok", "timeout", "crc", "mismatch", "exception", "late")
    rows = [row for line in bus["buses"] for row in line["devices"].values()]
    return {name: sum(row[name] for row in rows) for name in names}
