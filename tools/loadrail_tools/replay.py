"""`loadrail replay`: plays a case that a soak has found, and says what it finds.

Needs the checkout: the onlookers that judge a case belong to the tests.
"""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from .cli_common import FAILED, REFUSED, Json, give, say
from .paths import ROOT


def load(text: str) -> dict:
    """The case in a file's text, bare or with what was found. Raises ValueError."""
    case = json.loads(text)
    if isinstance(case, dict):
        case = case.get("case", case)
    if not isinstance(case, dict) or "scenario" not in case:
        raise ValueError("this is no case of a soak")
    return case


def replay(
    file: Annotated[Path, typer.Argument(help="The case, JSON, as make soak leaves it.")],
    as_json: Json = False,
) -> None:
    """Play a case of the soak again. The exit status is 1 where it still fails."""
    sys.path[:0] = [str(ROOT / folder) for folder in ("lib", "tools", "host_tests")]
    from drawn_play import Unplayable, play

    try:
        case = load(file.read_text())
        told = play(case)
    except (OSError, ValueError, Unplayable) as error:
        give({"error": str(error)}) if as_json else say(f"{file}: {error}")
        raise typer.Exit(REFUSED) from None
    if as_json:
        give({"faults": told.faults, "counts": told.counts})
    else:
        for fault in told.faults:
            typer.echo(fault)
        typer.echo(f"{case['seconds']} s, {len(told.faults)} findings")
    raise typer.Exit(FAILED if told.faults else 0)
