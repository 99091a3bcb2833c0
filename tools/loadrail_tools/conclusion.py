"""What the demo says at its end: the verdict, a promise a line, and what was measured."""

from rich.console import Console
from rich.text import Text

from . import measure
from .record import PHASE_NAMES, Record
from .verdict import Finding

MARKS = {True: ("kept     ", "green"), False: ("BROKEN   ", "bold red"), None: ("not tried", "")}


def say_verdict(
    console: Console, record: Record, findings: list[Finding], *, interrupted: bool
) -> None:
    """The verdict, a promise a line; then what was measured."""
    console.print()
    stopped = ", stopped before its end" if interrupted else ""
    console.print(f"Verdict after {record.end_ms / 1000:.0f} s{stopped}", style="bold")
    for finding in findings:
        text = Text("  ").append(*MARKS[finding.kept])
        console.print(text.append(f"  {finding.promise}: {finding.figures}"))
    console.print("Measured, decides nothing", style="bold")
    for text in measured(record):
        console.print("  " + text, markup=False)


def measured(record: Record) -> list[str]:
    """Sentences with figures that depend on the computer, too."""
    count, most_ma = measure.charged(record)
    had = f"{count} of {len(record.phases)} chargers had a limit above 0 at some time"
    texts = [f"{had}; all together took up to {most_ma / 1000:.1f} A on a phase"]
    cycle = measure.cycle(record)
    if cycle:
        texts.append(f"{measure.cycle_text(cycle)} (target {measure.TARGET_RATIO})")
    for step in record.steps:
        if step.at_ms < record.end_ms:
            phases = " and ".join(PHASE_NAMES[phase] for phase in step.phases)
            what = f"{step.rise_ma / 1000:g} A more on {phases} at {step.at_ms / 1000:.1f} s"
            texts.append(f"{what}: {_reaction(measure.reaction_ms(record, step))}")
    if record.bus:
        texts.append(measure.bus_text(record.bus))
    return texts


def _reaction(reaction_ms: int | None) -> str:
    if reaction_ms is None:
        return "still above the limit when the demo ended"
    if reaction_ms == 0:
        return "the grid stayed at or below the limit"
    return f"the grid was back below the limit after {reaction_ms / 1000:.1f} s"
