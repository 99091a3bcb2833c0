"""`loadrail ports, status, log, search, monitor`: a controller over its console."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from . import monitor as watching
from . import ports as known
from .cli_common import FAILED, REFUSED, Json, Port, Yes, give, linked, progress, say, telling
from .config_file import as_text
from .device_link import Link, connect
from .live import display
from .recording import Entry, Recorder, read

LOOK_S = 1.0  # at a search


def ports(as_json: Json = False) -> None:
    """List the serial ports, and which of them may be a controller."""
    found = known.ports()
    if as_json:
        give({"ports": [vars(port) for port in found]})
        return
    if not found:
        say("no serial ports: plug the controller in, with a cable that carries data")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for port in found:
        table.add_row(port.path, port.what)
    Console(highlight=False).print(table)


def status(port: Port = None, as_json: Json = False) -> None:
    """Show the circuit, and every charger with its limit and why."""
    with linked(port, as_json) as link:
        if as_json:
            give(link.ask("status"))
            return
        typer.echo("\n".join(link.lines("status")))


def log(
    port: Port = None,
    count: Annotated[
        int | None, typer.Option("--count", "-n", min=1, help="Only so many lines.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what happened of late, and the last crash."""
    command = "log" if count is None else f"log {count}"
    with linked(port, as_json) as link:
        if as_json:
            give(link.ask(command))
        else:
            typer.echo("\n".join(link.lines(command)))
        if follow:
            link.on_log = lambda text: give({"text": text}) if as_json else typer.echo(text)
            with contextlib.suppress(KeyboardInterrupt):
                while True:
                    link.listen(LOOK_S)


def search(
    port: Port = None,
    chargers: Annotated[
        bool, typer.Option("--chargers", help="On the chargers' bus; they are not asked then.")
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Look for the meter over serial formats, addresses and models; only reads.

    Prints what to write into the configuration. Ctrl-C ends it in order.
    """
    where = "search chargers" if chargers else "search"
    if chargers and not yes:
        warning = "While it runs nobody speaks to the chargers; they fall back to their watchdogs."
        if as_json or not typer.confirm(f"{warning} Search on their bus?"):
            say("Not searched: say --yes" if as_json else "Not searched.")
            raise typer.Exit(REFUSED)
    logged: list[str] = []
    with linked(port, as_json) as link:
        said = link.lines(where)
        link.on_log = logged.append
        with progress(as_json) as bar:
            facts = _searched(link, bar)
    if facts is None:
        if as_json:
            give({"error": "\n".join(said)})
        else:
            say("\n".join(said))
        raise typer.Exit(FAILED)
    if as_json:
        give(facts)
    else:
        # The configuration stands in the log as one line, too.
        typer.echo("\n".join(text for text in logged if not text.startswith("{")))
        if facts["found"]:
            typer.echo(as_text(facts["config"]), nl=False)
    raise typer.Exit(0 if facts["found"] else FAILED)


def _searched(link: Link, bar: Progress) -> dict | None:
    """Wait for the end of the search: what it came to; None where none has begun."""
    task = bar.add_task("searching", total=100)
    facts = link.ask("search")["search"]
    if facts is None or facts["state"] != "running":
        return None
    try:
        while facts["state"] == "running":
            bar.update(task, completed=facts["done_percent"], description=_place(facts))
            link.listen(LOOK_S)
            facts = link.ask("search")["search"]
    except KeyboardInterrupt:
        link.lines("search stop")
        facts = link.ask("search")["search"]
    link.listen(LOOK_S)  # what it came to stands in the log
    return facts


def _place(facts: dict) -> str:
    at = facts["at"]
    if at is None:
        return "waiting for the line"
    return f"address {at['address']}, {at['baud']} 8{at['parity']}{at['stop_bits']}"


def monitor(
    port: Port = None,
    record: Annotated[
        Path | None, typer.Option(help="Keep all that is seen in this new file.")
    ] = None,
    replay: Annotated[
        Path | None, typer.Option(help="Show such a file instead of a controller.")
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0, help="Of a replay: 10 is ten times as fast, 0 at once.")
    ] = 1,
    every: Annotated[float, typer.Option(min=0.2, max=3600, help="Seconds between looks.")] = 1,
    seconds: Annotated[
        float | None, typer.Option(min=0, help="End after so long; else with Ctrl-C.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Watch the group: the grid against the limit, and every charger with its limit and why."""
    with telling(as_json), contextlib.ExitStack() as opened:
        try:
            if replay:
                told = watching.paced(read(replay), speed)
                title = f"Loadrail, {replay.name}"
            else:
                told = watching.entries(lambda on_log: connect(port, on_log), every, seconds)
                title = "Loadrail"
            if record:
                told = _kept(told, opened.enter_context(Recorder(record)))
            _show(told, title, as_json)
        except KeyboardInterrupt:
            pass
        except FileExistsError:
            _refuse(f"--record: {record} exists; name a new file")
        except ValueError as error:
            _refuse(str(error))


def _kept(told: Iterator[Entry], recorder: Recorder) -> Iterator[Entry]:
    for entry in told:
        recorder.add(entry)
        yield entry


def _show(told: Iterator[Entry], title: str, as_json: bool) -> None:
    if as_json:
        for entry in told:
            typer.echo(entry.as_json())
        return
    shown = watching.Shown(title)
    with display(Console(highlight=False, soft_wrap=True)) as screen:
        for entry in told:
            shown.take(entry)
            screen.show(shown.now_s, shown.moment)
        screen.show(shown.now_s, shown.moment, last=True)


def _refuse(text: str) -> None:
    say(text)
    raise typer.Exit(REFUSED)
