"""The bench charger (tools/bench_charger): run it on this computer, or compile it for a board.

    python -m loadrail_tools.bench_charger run --tty /dev/ttyUSB0
    python -m loadrail_tools.bench_charger build

A board gets build/bench_charger/: main.py and bench.json for its root, lib/ as it is. Unlike the
controller it needs the whole of umodbus, with its RTU server.
"""

import os
import shutil
import signal
import sys
from modulefinder import ModuleFinder
from pathlib import Path
from typing import Annotated

import typer

from .build import BuildError, compile_file
from .paths import ROOT, micropython

SOURCE = ROOT / "tools" / "bench_charger"
UMODBUS = ROOT / "build" / "umodbus" / "host"
TARGET = ROOT / "build" / "bench_charger"

ROOTS = (ROOT / "tools", ROOT / "lib", UMODBUS)  # where a board's packages are here

HEAP = "1M"  # 64-bit objects are twice as large as a board's
LONGEST_ARGUMENT = 255  # bytes; MicroPython dies of a longer one

app = typer.Typer(help="The bench charger.", no_args_is_help=True)


def module_path() -> str:
    """MICROPYPATH of the bench charger on this computer; its own `machine` comes first."""
    folders = [SOURCE / "unix", ROOT / "tools", ROOT / "lib", UMODBUS, ROOT]
    return ":".join([*map(str, folders), ".frozen"])


def command(arguments: list[str]) -> list[str]:
    """The command that runs it; its environment needs MICROPYPATH=module_path()."""
    return [micropython(), "-X", f"heapsize={HEAP}", str(SOURCE / "main.py"), *arguments]


@app.command()
def run(
    tty: Annotated[str, typer.Option(help="The tty of the line: /dev/ttyUSB0, a pty.")],
    address: Annotated[int, typer.Option(help="Modbus address, 1 to 247.")] = 2,
    count: Annotated[int, typer.Option(help="Chargers at this and the next addresses.")] = 1,
    phases: Annotated[str, typer.Option(help="Grid phases of its terminals: L2L3L1, L2.")] = (
        "L1L2L3"
    ),
    max_a: Annotated[int, typer.Option(help="The most that it can supply, 6 to 32 A.")] = 32,
    baud: Annotated[int, typer.Option(help="1200 to 115200.")] = 9600,
    parity: Annotated[str, typer.Option(help="N, E or O.")] = "N",
    stop_bits: Annotated[int, typer.Option(help="1 or 2.")] = 1,
    reading: Annotated[
        list[str] | None, typer.Option(help="An open question answered otherwise: fed_by=amps.")
    ] = None,
) -> None:
    """Play a TeltoCharge on a serial line, to try a controller on the desk; console on stdin."""
    arguments = [
        f"tty={tty}",
        f"address={address}",
        f"count={count}",
        f"phases={phases}",
        f"max_a={max_a}",
        f"baud={baud}",
        f"parity={parity}",
        f"stop_bits={stop_bits}",
        *(f"reading.{answer}" for answer in reading or ()),
    ]
    if any(len(argument.encode()) > LONGEST_ARGUMENT for argument in arguments):
        typer.echo(f"an option is longer than {LONGEST_ARGUMENT} bytes", err=True)
        raise typer.Exit(2)
    if os.getsid(0) == os.getpid():
        # A session's leader would get the tty as its controlling terminal; see cli.run.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    words = command(arguments)
    os.execve(words[0], words, {**os.environ, "MICROPYPATH": module_path()})


def sources() -> list[Path]:
    """What main.py imports, directly or not: all that a board needs, and nothing more."""
    finder = ModuleFinder([str(folder) for folder in ROOTS])
    finder.run_script(str(SOURCE / "main.py"))
    files = {Path(module.__file__) for module in finder.modules.values() if module.__file__}
    return sorted(files - {SOURCE / "main.py"})


def compile_all(target: Path) -> int:
    """Lay out a board's files below `target`, in the place of older ones; the bytes in all."""
    shutil.rmtree(target, ignore_errors=True)
    size = 0
    for source in sources():
        package = source.parent.name
        compiled = target / "lib" / package / f"{source.stem}.mpy"
        size += compile_file(source, compiled, f"{package}/{source.name}")
    for name in ("main.py", "bench.json"):
        shutil.copy(SOURCE / name, target / name)
    return size


@app.command()
def build() -> None:
    """Compile it for a board into build/bench_charger/."""
    try:
        size = compile_all(TARGET)
    except BuildError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{TARGET.relative_to(ROOT)}: {len(sources())} files, {size} bytes")


if __name__ == "__main__":
    sys.exit(app())
