"""`loadrail simulate` and `loadrail bench`: no controller, no waiting."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from .cli_common import FAILED, REFUSED, Json, give, progress, say
from .paths import ROOT, scenario_names

PICTURE = ROOT / "build" / "simulation.png"


def simulate(
    scenario: Annotated[
        str,
        typer.Argument(help="One of tools/scenarios/, or a file.", autocompletion=scenario_names),
    ] = "day",
    seconds: Annotated[
        float | None, typer.Option(help="Another length, 5 s to 7 days; its times follow.")
    ] = None,
    chargers: Annotated[int, typer.Option(help="Only so many of its chargers, 1 to 20.")] = 20,
    group: Annotated[
        list[str] | None,
        typer.Option("--group", "-g", help="A key of the group: sharing=priority, margin_a=3."),
    ] = None,
    picture: Annotated[Path, typer.Option(help="Where the picture goes, PNG.")] = PICTURE,
    baud: Annotated[int, typer.Option(min=1, help="Of the one line for all devices.")] = 19200,
    parity: Annotated[str, typer.Option(help="N, E or O.")] = "E",
    stop_bits: Annotated[int, typer.Option(help="1 or 2.")] = 1,
    turnaround_ms: Annotated[int, typer.Option(min=0, help="A device's time to answer.")] = 5,
    as_json: Json = False,
) -> None:
    """Let the core steer a simulated site in virtual time, hours in minutes; draw the result.

    The exit status is 1 where a promise was broken.
    """
    from . import simulate as running
    from .simulated_site import configuration, load_site
    from .wire import Line

    line = Line(baud, parity, stop_bits)
    try:
        site = load_site(scenario, chargers, seconds, running.SECONDS)
        site.keep_ms = running.keep_ms(site.seconds)
        raw = configuration(site, line, _keys(group or []))
        picture.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        give({"error": str(error)}) if as_json else say(str(error))
        raise typer.Exit(REFUSED) from None
    with progress(as_json) as bar:
        task = bar.add_task(f"simulating {scenario}", total=site.seconds)
        record = running.simulate(
            site, raw, line, turnaround_ms, lambda now_s: bar.update(task, completed=now_s)
        )
    _conclude(site, record, picture, as_json)


def _keys(words: list[str]) -> dict:
    """{"margin_a": 3} of ["margin_a=3"]; ValueError where one has no value."""
    keys = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise ValueError(f"--group: {word} is not KEY=VALUE, as in sharing=priority")
        try:
            keys[key] = json.loads(value)
        except ValueError:
            keys[key] = value
    return keys


def _conclude(site, record, picture: Path, as_json: bool) -> None:
    from . import simulated_result, verdict
    from .conclusion import say_verdict
    from .picture import draw

    findings = verdict.judge_site(record)
    rows = simulated_result.charger_rows(site, record)
    try:
        draw(record, picture)
        drawn = f"Picture: {picture}"
    except OSError as error:
        drawn, picture = f"No picture: {error}", None
    if as_json:
        told = simulated_result.as_dict(rows, record, findings)
        give({**told, "picture": str(picture) if picture else None})
    else:
        console = Console(highlight=False, soft_wrap=True)
        console.print(simulated_result.table(rows))
        say_verdict(console, record, findings, interrupted=False)
        console.print(drawn, markup=False)
    raise typer.Exit(0 if verdict.passed(findings) else FAILED)


def bench(
    context: typer.Context,
    as_json: Json = False,
) -> None:
    """Measure the targets in virtual time: use of the circuit, fairness, memory.

    Further options are those of `python -m loadrail_bench`, as --only or --hours.
    """
    command = [sys.executable, "-m", "loadrail_bench", *context.args]
    out = subprocess.DEVNULL if as_json else None
    done = subprocess.run(command, stdout=out, check=False)
    if as_json and done.returncode in (0, 1):
        typer.echo(json.dumps(json.loads((ROOT / "build" / "bench.json").read_text())))
    raise typer.Exit(done.returncode)
