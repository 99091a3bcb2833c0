"""What the commands of `loadrail` share: their options, how they fail, how they show progress."""

import contextlib
import json
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from . import ports
from .config_file import ConfigFault
from .device_link import Link, Refused, connect

FAILED, REFUSED = 1, 2  # exit statuses: it could not be done; what was given is not allowed

Port = Annotated[
    str | None,
    typer.Option(
        "--port",
        "-p",
        envvar="LOADRAIL_PORT",
        help="The controller's serial port; not needed where there is only one.",
        autocompletion=ports.completions,
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One line of JSON, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def say(text: str) -> None:
    """A line that is no result: to standard error."""
    typer.echo(text, err=True)


def give(answer: object) -> None:
    """A result for programs."""
    typer.echo(json.dumps(answer))


@contextlib.contextmanager
def telling(as_json: bool) -> Iterator[None]:
    """Say what went wrong and what to do, instead of a traceback; exit with 1, or 2 if refused."""
    try:
        yield
    except ports.LinkError as error:
        _end(as_json, [str(error)], FAILED)
    except Refused as refused:
        _end(as_json, str(refused).splitlines(), REFUSED)
    except ConfigFault as fault:
        _end(as_json, fault.faults, REFUSED)
    except OSError as error:
        _end(as_json, [f"{error.filename}: {error.strerror}"], FAILED)


def _end(as_json: bool, lines: list[str], status: int) -> None:
    if as_json:
        give({"error": lines[0] if len(lines) == 1 else lines})
    else:
        for line in lines:
            say(line)
    raise typer.Exit(status)


@contextlib.contextmanager
def linked(port: str | None, as_json: bool) -> Iterator[Link]:
    """A connection for one command."""
    with telling(as_json), connect(port) as link:
        yield link


def progress(quiet: bool) -> Progress:
    """A bar on standard error, where there is a terminal to see it."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
    )
    return Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )
