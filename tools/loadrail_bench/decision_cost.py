# What one decision costs for n = 1..20 chargers, counted and not timed: it is the same each time.
#
# With valgrind: instructions of the processor, MicroPython running the sources (callgrind).
# Without it, or where MicroPython's symbols are stripped: bytecode instructions in CPython, which
# grow in the same way but for what loops inside one of them.

import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import mean

from loadrail_tools.paths import ROOT, micropython

from .decision_cost_upy import COUNTED, REGIMES, Group
from .table import Row

SIZES = (1, 2, 3, 5, 7, 10, 12, 15, 17, 20)
LEAST, MOST = 5, 20  # the target speaks of these
TARGET = round(MOST * math.log(MOST) / (LEAST * math.log(LEAST)), 2)
# The C functions behind decision_cost_marks.py's begin and end
_BEGIN, _END = "mp_micropython_opt_level", "mp_micropython_stack_use"
_HERE = Path(__file__).parent

Costs = dict[str, dict[int, float]]  # regime -> n -> mean of COUNTED decisions


class Skipped(Exception):
    """Why valgrind has counted nothing."""


def by_valgrind(sizes=SIZES) -> Costs:
    """Instructions of a decision. Raises Skipped."""
    if shutil.which("valgrind") is None:
        raise Skipped("valgrind is not installed")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "counts"
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
        command += [f"--zero-before={_BEGIN}", f"--dump-before={_END}"]
        command += [sys.executable, micropython(), str(_HERE / "decision_cost_marks.py")]
        path = ":".join([str(ROOT / "lib"), str(_HERE), ".frozen"])
        done = subprocess.run(
            [*command, json.dumps(list(sizes))],
            env={**os.environ, "MICROPYPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError("the count under valgrind failed:\n" + done.stderr[-2000:])
        counts = [_summary(out.with_name(f"counts.{k + 1}")) for k in range(_dumps(out))]
    if len(counts) != len(REGIMES) * len(sizes) * COUNTED:
        raise Skipped(
            f"callgrind saw {len(counts)} decisions; are MicroPython's symbols stripped?"
        )
    each = iter(counts)
    return {r: {n: mean(next(each) for _ in range(COUNTED)) for n in sizes} for r in REGIMES}


def _dumps(out: Path) -> int:
    return len(list(out.parent.glob(out.name + ".*")))


def _summary(path: Path) -> int:
    return int(re.search(r"^summary: (\d+)$", path.read_text(), re.MULTILINE)[1])


class Bytecodes:
    """Counts CPython's bytecode instructions between `begin` and `end`."""

    def __init__(self):
        self.counts: list[int] = []
        self._count = 0

    def begin(self) -> None:
        self._count = 0
        sys.settrace(self._trace)

    def end(self) -> None:
        sys.settrace(None)
        self.counts.append(self._count)

    def _trace(self, frame, event, arg):
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        self._count += event == "opcode"
        return self._trace


def by_bytecodes(sizes=SIZES) -> Costs:
    """Bytecode instructions of a decision in CPython."""
    costs: Costs = {}
    for regime in REGIMES:
        costs[regime] = {}
        for n in sizes:
            counter = Bytecodes()
            Group(n, regime).run(counter.begin, counter.end)
            costs[regime][n] = mean(counter.counts)
    return costs


def measure() -> list[Row]:
    """The rows of the table."""
    try:
        costs, unit = by_valgrind(), "instructions"
        told = "x86 instructions on MicroPython"
    except Skipped as why:
        costs, unit = by_bytecodes(), "bytecodes"
        told = f"bytecodes in CPython: {why}"
    return rows_of(costs, unit, told)


def rows_of(costs: Costs, unit: str, told: str) -> list[Row]:
    """Growth against the target, and each cost."""
    rows = []
    for regime, by_n in costs.items():
        note = f"{by_n[LEAST] / 1000:.0f} to {by_n[MOST] / 1000:.0f} thousand {told}"
        name = f"decision for {MOST} chargers against {LEAST}, {regime}"
        rows.append(Row(name, by_n[MOST] / by_n[LEAST], "<=", TARGET, "x", note))
        for n, cost in by_n.items():
            plot = ("decision", regime, n)
            name = f"decision for {n} charger{'s' * (n > 1)}, {regime}"
            rows.append(Row(name, cost / 1000, None, None, f"thousand {unit}", plot=plot))
    return rows
