"""What a demo measures beside its promises; machines are noisy, so it decides nothing."""

from dataclasses import dataclass

from .firmware import lib_on_path
from .record import AFTER_STEP_MS, PHASES, Record, Step

with lib_on_path():
    from loadrail.line import answer_bytes, request_bytes
    from loadrail.purposes import BLOCKS, STATUS
    from loadrail.request import READ_HOLDING, READ_INPUT, Request

TARGET_RATIO = 1.25
# A sample of the Eastron SDM630 is one read: voltages, currents, powers.
METER_READ = Request().read(1, READ_INPUT, 0, 18, 0)
STATUS_READ = Request().read(2, READ_HOLDING, *BLOCKS[STATUS], 0)


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
    floor_s = _floor_s(record, METER_READ) + count * _floor_s(record, STATUS_READ)
    return Cycle(count, (meter_us + count * status_us) / 1000, floor_s * 1000)


def _floor_s(record: Record, request: Request) -> float:
    count = request_bytes(request), answer_bytes(request)
    return record.line.transaction_s(*count, record.turnaround_ms)


def cycle_text(cycle: Cycle) -> str:
    return (
        f"reading the meter and {cycle.chargers} chargers takes {cycle.mean_ms:.0f} ms, "
        f"{cycle.ratio:.2f} x the line's floor of {cycle.floor_ms:.0f} ms"
    )


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


def bus_notes(record: Record) -> list[str]:
    """The counters and the cycle, a line each, as far as the firmware has told them."""
    if not record.bus:
        return []
    notes = [bus_text(record.bus)]
    told = cycle(record)
    return [*notes, cycle_text(told)] if told else notes


def bus_text(bus: dict) -> str:
    """How all requests on all buses have ended."""
    return "bus: " + ", ".join(f"{count} {name}" for name, count in bus_totals(bus).items())
