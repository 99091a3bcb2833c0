"""`loadrail config`: a controller's configuration as a file, and back. Nothing typed is lost."""

import contextlib
import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from . import config_file
from .cli_common import FAILED, REFUSED, Json, Port, Yes, give, linked, say, telling
from .config_file import ConfigFault
from .device_link import Link, Refused
from .ports import LinkError

# What somebody begins with who has no configuration yet.
FIRST = {
    "group": {"type": "dynamic", "limit_a": 32},
    "bus": {"baud": 19200, "parity": "E", "stop_bits": 1},
    "meter": {"model": "eastron_sdm630", "address": 1},
    "chargers": [{"address": 2, "phases": "L1L2L3", "name": ""}],
}
SAVE_S = 30.0  # it waits for the buses to be quiet

app = typer.Typer(
    help="The controller's configuration: as a file, and back.", no_args_is_help=True
)


@dataclass(frozen=True)
class Asked:
    """What somebody wants to be asked and told."""

    yes: bool = False
    as_json: bool = False
    reboot: bool = False

    def tell(self, text: str) -> None:
        if not self.as_json:
            say(text)


File = Annotated[Path, typer.Argument(help="The configuration, JSON.")]


@app.command()
def check(file: File, as_json: Json = False) -> None:
    """Check a file; no controller is needed."""
    with telling(as_json):
        _, warnings = config_file.check(config_file.read(file))
    if as_json:
        give({"good": True, "warnings": warnings})
        return
    for text in warnings:
        say(f"Warning: {text}")
    typer.echo(f"{file} is a good configuration.")


@app.command()
def pull(
    file: Annotated[
        Path | None, typer.Argument(help="Where it goes; else to standard output.")
    ] = None,
    port: Port = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Fetch what the controller runs with."""
    if file and file.exists() and not force:
        say(f"{file} exists; --force replaces it")
        raise typer.Exit(REFUSED)
    with linked(port, as_json) as link:
        raw = link.ask("export")
    if file is None:
        typer.echo(json.dumps(raw) if as_json else config_file.as_text(raw), nl=as_json)
        return
    with telling(as_json):
        config_file.write(file, config_file.as_text(raw))
    if as_json:
        give({"file": str(file)})
    else:
        typer.echo(f"kept as {file}")


@app.command()
def push(
    file: File,
    port: Port = None,
    yes: Yes = False,
    reboot: Annotated[
        bool, typer.Option("--reboot", help="Restart it, if something takes effect only then.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Give the controller a file: it is tried, shown, and kept if you say so."""
    if as_json and not yes:
        say("--json asks nothing, so it needs --yes")
        raise typer.Exit(REFUSED)
    with telling(as_json):
        raw = config_file.read(file)
    with linked(port, as_json) as link:
        kept = _push(link, raw, Asked(yes, as_json, reboot))
    raise typer.Exit(0 if kept else FAILED)


@app.command()
def edit(port: Port = None) -> None:
    """Open the controller's configuration in $EDITOR, then give it back."""
    with linked(port, False) as link:
        before = config_file.as_text(_exported(link) or FIRST)
        path = Path(tempfile.mkdtemp(prefix="loadrail-")) / "site.json"
        config_file.write(path, before)
        with _kept_unless_done(path) as done:
            raw = _edited(path, before)
            if raw is not None and not _push(link, raw, Asked()):
                raise typer.Exit(FAILED)
            done()


@contextlib.contextmanager
def _kept_unless_done(path: Path) -> Iterator:
    """What somebody has typed stays, unless the controller has it."""
    ends = []
    try:
        yield lambda: ends.append(True)
    finally:
        if ends:
            path.unlink()
            path.parent.rmdir()
        else:
            say(f"What you wrote is kept as {path}")
            say(f'"loadrail config push {path}" tries it again')


def _edited(path: Path, before: str) -> object | None:
    """A good configuration; None where nothing was changed. Raises ConfigFault if given up."""
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    while True:
        try:
            subprocess.run([*editor, str(path)], check=True)
        except (OSError, subprocess.CalledProcessError):
            raise ConfigFault([f"the editor {editor[0]} failed; set EDITOR to another"]) from None
        if path.read_text(encoding="utf-8") == before:
            typer.echo("Nothing was changed.")
            return None
        try:
            raw = config_file.read(path)
            config_file.check(raw)
            return raw
        except ConfigFault as fault:
            for line in fault.faults:
                say(line)
            if not typer.confirm("Edit it again?", default=True):
                raise ConfigFault(["The configuration was refused; nothing was sent."]) from None


def _push(link: Link, raw: object, asked: Asked) -> bool:
    """Try it, show what differs, keep it or go back: whether it is kept."""
    for text in config_file.check(raw)[1]:
        asked.tell(f"Warning: {text}")
    line = config_file.as_line(raw)
    before = _exported(link)
    tried = link.ask("import " + line)
    try:
        difference = link.ask("diff")["diff"] if asked.as_json else link.lines("diff")
        if not asked.as_json:
            typer.echo("\n".join(difference))
        if tried["unsaved"]:
            if not (asked.yes or typer.confirm("Keep it over restarts?")):
                raise typer.Abort
            link.ask("save", SAVE_S)
    except (typer.Abort, KeyboardInterrupt):
        _put_back(link, before)
        say("Not kept: the controller goes on with what it had.")
        return False
    except Refused:
        _put_back(link, before)
        raise
    except LinkError as error:
        told = '"diff" on its console tells whether it is kept'
        raise LinkError(f"{error}\n{told}") from None
    if asked.as_json:
        give({"kept": True, "diff": difference, "later": tried["later"]})
    else:
        typer.echo("Kept.")
    _start_anew(link, tried["later"], asked)
    return True


def _put_back(link: Link, before: dict | None) -> None:
    """What ran before, tried values of others included."""
    with contextlib.suppress(Refused):
        link.ask("revert" if before is None else "import " + config_file.as_line(before))


def _start_anew(link: Link, later: list[str], asked: Asked) -> None:
    """Where lines have changed, or there was no configuration: they wait for the next start."""
    if not later:
        return
    told = f"With the next start only: {', '.join(later)}."
    if asked.reboot or (not (asked.yes or asked.as_json) and typer.confirm(f"{told} Restart?")):
        link.lines("reboot")
        asked.tell("It restarts; the chargers go on meanwhile.")
    else:
        asked.tell(f"{told} --reboot restarts it.")


def _exported(link: Link) -> dict | None:
    """The configuration that runs; None where there is none."""
    with contextlib.suppress(Refused):
        return link.ask("export")
    return None
