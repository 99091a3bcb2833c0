# What a whole controller of 20 chargers takes of a 32-bit heap: see memory_upy.py for what runs.
#
# The WebAssembly port (npm) runs the files of a build, as a board without a frozen image does.
# Data are the same in both; of the modules a frozen image leaves in flash what is bytecode and
# names, so its live heap lies between `data` and `live`.
# Without node or npm, or without a registry to install from, it is skipped with the reason.

import json
import subprocess
import tempfile
from pathlib import Path

from loadrail_tools import build

from .allocations import Skipped, port
from .table import Row

HOURS = 24
HEAP = 4 << 20  # far from full: when it grows, it grows by much, and is slow
_CYCLE_MS = 1000
_SLOW_MS = 3000  # for many hours: the same work, less often
_HERE = Path(__file__).parent
_EXTRA = {name: _HERE / name for name in ("group_upy.py", "memory_upy.py")}


def built(folder: Path) -> Path:
    """The firmware's files as a board without line numbers gets them, and what runs them."""
    build.build(folder, "rp_pico", extra=_EXTRA)
    return folder / "lib"


def run(lib: Path, hours: float = 1, heap: int = HEAP, cycle_ms: int = _CYCLE_MS) -> dict:
    """A controller's life: bytes in use after the start and after each 10 min."""
    return _node(lib, "run", heap, hours, cycle_ms)


def parts(lib: Path, modules: list[str]) -> dict:
    """Bytes of these modules, and of each part of the data."""
    return _node(lib, "parts", HEAP, 0, _CYCLE_MS, " ".join(modules))


def _node(lib, what, heap, hours, cycle_ms, said="") -> dict:
    words = [_HERE / "memory.mjs", port(), lib, what, heap, hours, cycle_ms]
    command = ["node", *map(str, words)]
    done = subprocess.run(command, input=said, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError("the count on MicroPython failed:\n" + done.stdout + done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def growth(used: list[int]) -> int:
    """What the last quarter has more than any time before it: all has been asked for by then."""
    quarter = max(1, len(used) // 4)
    return max(used[-quarter:]) - max(used[:-quarter])


def measure(hours: int = HOURS) -> list[Row]:
    """The rows of the table."""
    try:
        port()
        with tempfile.TemporaryDirectory() as scratch:
            lib = built(Path(scratch))
            hour = run(lib)
            found = parts(lib, hour["modules"])
            day = run(lib, hours, cycle_ms=_SLOW_MS)
    except Skipped as why:
        return [Row("live heap after an hour", None, "<=", 48 * 1024, "B", f"skipped: {why}")]
    return [
        Row("live heap after an hour", hour["used"][-1], "<=", 48 * 1024, "B", "from .mpy"),
        Row("of it modules", found["modules"], None, None, "B", "from .mpy"),
        Row("the rest: data", hour["used"][-1] - found["modules"], None, None, "B"),
        *[
            Row(f"data: {part}", found[part], None, None, "B")
            for part in ("settings", "group", "log", "console")
        ],
        Row(f"grown over {hours} h", max(0, growth(day["used"])), "==", 0, "B"),
    ]
