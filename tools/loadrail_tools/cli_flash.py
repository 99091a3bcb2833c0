"""`loadrail flash`: the firmware onto a board."""

from typing import Annotated

import typer

from . import ports
from .cli_common import FAILED, Json, Port, give, progress, say, telling


def boards() -> list[str]:
    """The boards that there is a firmware for."""
    from . import manifest

    return list(manifest.BOARDS)


def flash(
    board: Annotated[str, typer.Option(help="Which board it is.", autocompletion=boards)],
    port: Port = None,
    as_json: Json = False,
) -> None:
    """Put the firmware on a board: what changed only, verified; then start it.

    The configuration stays. The board needs MicroPython on it, 1.24 to 1.29.
    """
    from . import flash as flashing
    from .build import BuildError
    from .device import DeviceError

    with telling(as_json), progress(as_json) as bar:
        path = port or ports.find()
        task = bar.add_task("building", total=None)

        def show(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total, description=name or "verifying")

        try:
            report = flashing.flash(path, board, show)
        except (DeviceError, BuildError) as error:
            if as_json:
                give({"error": str(error)})
            else:
                bar.stop()
                say(str(error))
            raise typer.Exit(FAILED) from None
    if as_json:
        facts = vars(report.facts)
        give({**vars(report), "facts": facts, "port": path})
    else:
        typer.echo(flashing.told(report))
