"""What a simulation came to: a row a charger, and all of it for programs."""

from rich.table import Table

from .conclusion import measured
from .record import PHASE_NAMES, Record
from .verdict import Finding, passed
from .watched import WatchedSite


def charger_rows(site: WatchedSite, record: Record) -> list[dict]:
    """By charger: what its cars got, for how long it had a limit, and how often it started."""
    rows = []
    for i, charger in enumerate(site.chargers):
        limits_a = [sample.asked_a[i] for sample in record.samples]
        allowed_ms = limit_ams = starts = 0
        for k in range(1, len(limits_a)):
            lasted_ms = record.samples[k].at_ms - record.samples[k - 1].at_ms
            if limits_a[k - 1]:
                allowed_ms += lasted_ms
                limit_ams += lasted_ms * limits_a[k - 1]
            elif limits_a[k]:
                starts += 1
        cars = charger.cars
        rows.append(
            {
                "charger": i + 1,
                "address": charger.address,
                "phases": "".join(PHASE_NAMES[phase] for phase in charger.grid_phases),
                "cars": len(cars),
                "full": sum(car.is_full() for car in cars),
                "energy_wh": sum(car.taken_wh() for car in cars),
                "allowed_s": allowed_ms // 1000,
                "mean_limit_a": round(limit_ams / allowed_ms, 1) if allowed_ms else None,
                "starts": starts,
            }
        )
    return rows


def table(rows: list[dict]) -> Table:
    """The rows, and their sum."""
    shown = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    shown.add_column("bay", justify="right")
    shown.add_column("phases")
    for name in ("cars", "full", "kWh", "had a limit for", "of, on average", "starts"):
        shown.add_column(name, justify="right")
    for row in rows:
        mean_a = row["mean_limit_a"]
        shown.add_row(
            str(row["charger"]),
            row["phases"],
            str(row["cars"]),
            str(row["full"]),
            _kwh(row["energy_wh"]),
            _span(row["allowed_s"]),
            "-" if mean_a is None else f"{mean_a:.1f} A",
            str(row["starts"]),
        )
    totals = [sum(row[key] for row in rows) for key in ("cars", "full", "energy_wh")]
    shown.add_row("all", "", *map(str, totals[:2]), _kwh(totals[2]), style="bold")
    return shown


def as_dict(rows: list[dict], record: Record, findings: list[Finding]) -> dict:
    """For programs."""
    return {
        "kept": passed(findings),
        "seconds": record.end_ms / 1000,
        "limit_a": record.limit_a,
        "promises": [
            {"promise": finding.promise, "kept": finding.kept, "figures": finding.figures}
            for finding in findings
        ],
        "measured": measured(record),
        "tripped_at_ms": record.tripped_at_ms,
        "overloads": len(record.overloads),
        "energy_wh": sum(row["energy_wh"] for row in rows),
        "chargers": rows,
    }


def _kwh(wh: int) -> str:
    return f"{wh / 1000:.2f}"


def _span(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
