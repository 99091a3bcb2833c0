# The table of the numbers, each beside its target, and the same as JSON.

import json
import operator
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

_HOLDS = {">=": operator.ge, "<=": operator.le, "==": operator.eq}
_STYLES = {"met": "green", "NOT met": "bold red"}


@dataclass(frozen=True)
class Row:
    """One number. Without a target it only informs; without a value it was skipped.

    plot: where the picture shows it: panel, series, x.
    """

    name: str
    value: float | None
    relation: str | None  # ">=", "<=", "==" or None
    target: float | None
    unit: str
    note: str = ""
    plot: tuple | None = None

    @property
    def verdict(self) -> str:
        """Met, NOT met, skipped, or nothing where there is no target."""
        if self.value is None:
            return "skipped"
        if self.relation is None:
            return ""
        return "met" if _HOLDS[self.relation](self.value, self.target) else "NOT met"


def all_met(rows: list[Row]) -> bool:
    """Whether no number misses its target; what was skipped does not count."""
    return all(row.verdict != "NOT met" for row in rows)


def show(rows: list[Row], console: Console) -> None:
    """Print the table."""
    table = Table(title="loadrail bench")
    for name, justify in (
        ("number", "left"),
        ("value", "right"),
        ("target", "right"),
        ("", "left"),
        ("note", "left"),
    ):
        table.add_column(name, justify=justify)
    for row in rows:
        value = "-" if row.value is None else f"{_number(row.value)} {row.unit}"
        target = "" if row.relation is None else f"{row.relation} {_number(row.target)} {row.unit}"
        verdict = row.verdict
        text = Text(verdict, style=_STYLES.get(verdict, ""))
        table.add_row(row.name, value, target, text, row.note)
    console.print(table)


def save(rows: list[Row], path: Path) -> None:
    """Keep the same as JSON: a list of rows with their verdicts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = [{**asdict(row), "verdict": row.verdict} for row in rows]
    path.write_text(json.dumps(plain, indent=1) + "\n")


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.2f}"
