"""What a soak tells at its end: how much was played, what went wrong in it, what was found."""

from rich.table import Table
from shrink import kind_of

INVARIANTS = (*[f"S{number}" for number in range(1, 14)], "back", "hold", "error")


def summary(rows, passed_s):
    """A table of the played seeds; `passed_s` is what this run took of real time."""
    table = Table(title="soak of drawn sites", show_header=False)
    hours = sum(row["seconds"] for row in rows) / 3600
    cpu_s = sum(row["cpu_s"] for row in rows)
    sizes = [row["chargers"] for row in rows]
    static = sum(row["type"] == "static" for row in rows)
    table.add_row("simulated", f"{hours:.1f} h")
    table.add_row("sites", f"{len(rows)}, seeds {rows[0]['seed']} to {rows[-1]['seed']}")
    table.add_row("of them static", str(static))
    table.add_row("chargers", f"{sum(sizes)}, {min(sizes)} to {max(sizes)} a site")
    table.add_row("this run", f"{passed_s / 60:.1f} min")
    table.add_row("speed of one core", f"{hours * 3600 / max(cpu_s, 0.01):.0f} x real time")
    for kind, count in totals(rows):
        table.add_row(kind, str(count))
    failed = [row for row in rows if row["faults"]]
    table.add_section()
    table.add_row("sites with findings", str(len(failed)))
    for kind in INVARIANTS:
        seeds = [row["seed"] for row in failed if kind in map(kind_of, row["faults"])]
        if seeds:
            shown = ", ".join(map(str, seeds[:10])) + (" ..." if len(seeds) > 10 else "")
            table.add_row(kind, f"{len(seeds)} sites: {shown}")
    tripped = sum("tripped" in fault for row in failed for fault in row["faults"])
    table.add_row("breaker trips", str(tripped))
    return table


def totals(rows):
    """(kind, how often in all) of what was counted, frames first."""
    sums = {}
    for row in rows:
        for kind, count in row["counts"].items():
            sums[kind] = sums.get(kind, 0) + count
    return sums.items()
