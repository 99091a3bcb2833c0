"""One drawn day of 20 chargers, run by CPython and by MicroPython: are they the same bit for bit?

`python host_tests/same_day.py [HOURS [SEED]]` runs it on CPython, on MicroPython's unix port and,
where node is there, on its 32-bit WebAssembly port: every frame, every decision, and the heap at
each part's end. `make soak` runs the whole day, the tests some minutes of it.
"""

import contextlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
for _folder in ("lib", "tools", "host_tests"):
    sys.path.insert(0, str(HERE.parent / _folder))

from loadrail_bench.allocations import Skipped, port  # noqa: E402 - from the folders above
from loadrail_tools.paths import ROOT, micropython  # noqa: E402

PART_S = 60  # as much as the 32-bit port can do without collecting its garbage
CHARGERS = 20
LIMIT_A = 63
GROWTH = 1024  # bytes of heap by which a later part may end above the highest of the first half
THREES = ("L1L2L3", "L2L3L1", "L3L1L2")
_UPY = HERE / "upy" / "same_day.py"
_DRIVER = HERE / "upy" / "same_day.mjs"


def plan(hours, seed=1) -> dict:
    """All that a day is made of; the same seed draws the same one."""
    dice = random.Random(seed)
    seconds = int(hours * 3600) // PART_S * PART_S
    rows = [dice.choice(THREES) if k % 4 else f"L{k // 4 % 3 + 1}" for k in range(CHARGERS)]
    scenario = {
        "seconds": seconds,
        "limit_a": LIMIT_A,
        "seed": seed,
        "chargers": [{"phases": row, "cars": _cars(dice, seconds)} for row in rows],
        "house": {"base_a": [6, 7, 5], "noise_a": 0.3, "steps": _house(dice, seconds)},
        "events": _events(dice, seconds),
    }
    chargers = [{"address": 2 + k, "phases": row} for k, row in enumerate(rows)]
    for k in range(0, CHARGERS, 5):
        if len(rows[k + 1]) == 6:
            chargers[k + 1]["phase_switching"] = "on"
    config = {
        "group": {"limit_a": LIMIT_A, "margin_a": 1},
        "bus": {"baud": 19200, "parity": "E"},
        "meter": {"address": 1},
        "chargers": chargers,
    }
    return {
        "scenario": scenario,
        "config": config,
        "part_s": PART_S,
        "start_ms": (1 << 30) - 300_000,  # the counter wraps after five minutes
        "lost_permille": 20,
        "seed": seed,
        "idle_ms": 20,
        "site_step_ms": 100,
    }


def _cars(dice, seconds) -> list:
    """One car after the other, an hour or some each, and less where the day is short."""
    cars, at_s, long_s = [], dice.randrange(60), min(4 * 3600, seconds)
    while at_s < seconds:
        until_s = at_s + dice.randrange(long_s // 4, long_s)
        cars.append(
            {
                "phases": dice.choice([1, 2, 3, 3]),
                "max_a": dice.choice([10, 16, 32]),
                "energy_wh": dice.randrange(1000, 40_000),
                "error_ma": dice.choice([0, -200, -400]),
                "plug_in_s": at_s,
                "unplug_s": until_s,
            }
        )
        at_s = until_s + dice.randrange(60, 1800)
    return cars


def _house(dice, seconds) -> list:
    steps = []
    for at_s in sorted(dice.sample(range(seconds), max(3, seconds // 900))):
        phases = dice.sample(["L1", "L2", "L3"], dice.choice([1, 1, 3]))
        steps.append({"at_s": at_s, "phases": phases, "amps": dice.randrange(-5, 30)})
    return steps


def _events(dice, seconds) -> list:
    """Silences, restarts, somebody's app, a frozen one: a trouble every ten minutes."""
    events = []
    for at_s in range(200, seconds - 100, 600):
        device = dice.randrange(1, CHARGERS + 1)
        first, *then = dice.choice(
            [
                ({"do": "deaf"}, {"do": "back"}),
                ({"do": "silent"}, {"do": "back"}),
                ({"do": "restart"},),
                ({"do": "freeze"}, {"do": "thaw"}),
                ({"do": "app", "register": "amps_to_use", "value": 16},),
            ]
        )
        events.append({"at_s": at_s, "device": device, **first})
        events += [{"at_s": at_s + 40, "device": device, **more} for more in then]
    return events


@contextlib.contextmanager
def kept(day):
    """The path of a file with the plan."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_text(json.dumps(day))
        yield path


def commands(path) -> dict:
    """How each interpreter is started; of those that are missing the reason as a text."""
    python = [sys.executable, str(_UPY), str(path)]
    unix = [micropython(), "-X", "heapsize=8M", str(_UPY), str(path)]
    found = {"CPython": python, "MicroPython": unix}
    try:
        parts = [_DRIVER, port(), ROOT / "lib", ROOT / "tools/loadrail_site", _UPY, path]
        found["MicroPython, 32 bits"] = ["node", *map(str, parts)]
    except Skipped as why:
        found["MicroPython, 32 bits"] = str(why)
    return found


def begin(command) -> subprocess.Popen:
    """Start an interpreter on its day."""
    folders = ":".join([str(ROOT / "lib"), str(ROOT / "tools"), ".frozen"])
    return subprocess.Popen(
        command,
        env={**os.environ, "MICROPYPATH": folders, "PYTHONPATH": folders},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process) -> tuple[list, list]:
    """(the parts, the heap at the end of each; none where nothing tells)."""
    out, err = process.communicate()
    assert process.returncode == 0, out[-2000:] + err[-4000:]
    rows = [json.loads(line) for line in out.splitlines()]
    return [row[:6] for row in rows], [row[6] for row in rows if len(row) > 6]


def difference(one, other) -> str:
    """Where two runs part, as a sentence; empty where they do not."""
    for k, (mine, theirs) in enumerate(zip(one, other, strict=False)):
        if mine != theirs:
            return f"part {k}: {mine} is not {theirs}"
    return "" if len(one) == len(other) else f"{len(one)} parts are not {len(other)}"


def growth(used) -> int:
    """Bytes by which the heap of the second half is above the highest of the first."""
    half = (len(used) + 1) // 2
    return max(used[half:], default=0) - max(used[:half])


def main(hours=24.0, seed=1) -> int:
    failed, first, began_s = 0, None, time.monotonic()
    with kept(plan(float(hours), int(seed))) as path:
        running = {
            name: how if isinstance(how, str) else begin(how)
            for name, how in commands(path).items()
        }
        for name, process in running.items():
            if isinstance(process, str):
                print(f"{name}: skipped, {process}")
                continue
            parts, used = end(process)
            first = first or parts
            wrong = difference(first, parts)
            if not wrong and used and growth(used) > GROWTH:
                wrong = f"the heap has grown by {growth(used)} bytes"
            failed += bool(wrong)
            _, frames, writes, decisions, *hashes = parts[-1]
            print(f"{name}: {hours} h, {frames} frames ({writes} writes), {decisions} decisions")
            print(f"  {wrong or 'the same: ' + ' '.join(hashes)}, {_heap(used)}", flush=True)
    print(f"{time.monotonic() - began_s:.0f} s")
    return failed


def _heap(used) -> str:
    if not used:
        return "heap not told"
    return f"heap {min(used)} to {max(used)} bytes, {growth(used)} more in the second half"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
