# What a decision for 20 chargers costs in memory, counted on MicroPython with 32-bit words.
#
# The WebAssembly port (npm) has a board's word size, which the one on this computer has not; its
# sources are compiled there as they are, so `modules` is more than what .mpy files would take.
# Without node or npm, or without a registry to install from, it is skipped with the reason.

import json
import shutil
import subprocess
from pathlib import Path

from loadrail_tools.paths import ROOT

from .table import Row

PACKAGE = "@micropython/micropython-webassembly-pyscript"
VERSION = "1.27.0"
FOLDER = ROOT / "build" / "wasm"
BLOCKS = 10
DECISIONS = 100  # a block: one round of the inputs in group_upy.py
_HERE = Path(__file__).parent


class Skipped(Exception):
    """Why nothing was counted."""


def port() -> Path:
    """The port's module, installed on first use."""
    if shutil.which("node") is None:
        raise Skipped("node is not installed")
    folder = FOLDER / "node_modules" / PACKAGE
    there = folder / "package.json"
    if not there.exists() or json.loads(there.read_text())["version"] != VERSION:
        if shutil.which("npm") is None:
            raise Skipped("npm is not installed")
        command = ["npm", "install", "--prefix", str(FOLDER), "--no-save", f"{PACKAGE}@{VERSION}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Skipped("npm could not install the port: " + done.stderr.strip()[-200:])
    return folder / "micropython.mjs"


def count(lib: Path = ROOT / "lib") -> dict:
    """What allocations.mjs found; bytes."""
    files = [_HERE / "allocations.mjs", port(), lib, _HERE / "group_upy.py"]
    command = ["node", *map(str, files), str(BLOCKS), str(DECISIONS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError("the count on MicroPython failed:\n" + done.stderr)
    return json.loads(done.stdout)


def measure() -> list[Row]:
    """The rows of the table."""
    name = f"kept after {BLOCKS * DECISIONS} decisions"
    try:
        found = count()
    except Skipped as why:
        return [Row(name, None, "==", 0, "B", f"skipped: {why}")]
    if found["word_bits"] != 32:
        raise RuntimeError("the port has other words than a board")
    used = found["used"]
    return [
        # The most of all blocks, so that a leak that something later lets go of counts as well.
        Row(name, max(used) - used[0], "==", 0, "B", found["version"].partition("; ")[2]),
        Row("garbage of one decision, mean", found["garbage_mean"], None, None, "B"),
        Row("garbage of one decision, most", found["garbage_most"], None, None, "B"),
        Row("live heap of the group", found["group"], None, None, "B", "20 chargers"),
        Row("live heap of the core's modules", found["modules"], None, None, "B", "from .py"),
    ]
