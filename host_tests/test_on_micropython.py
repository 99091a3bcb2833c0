"""What decides runs unchanged on MicroPython: recorded inputs bit for bit.

The logic tests run there too, on what is built: see test_build_fold.py.
"""

import json
import os
import random
import subprocess
import sys

import pytest
from conftest import ROOT
from world import configuration

from loadrail.core import Primary
from loadrail.request import CRC, TIMEOUT
from loadrail_site.scenario import load
from loadrail_site.site import Site
from loadrail_site.virtual import Run
from loadrail_tools.paths import SCENARIOS, micropython


def run(command, *arguments):
    """Run a script of host_tests/upy; its output."""
    folders = [ROOT / "lib", ROOT / "tools", ROOT / "host_tests"]
    path = ":".join([*map(str, folders), ".frozen"])
    done = subprocess.run(
        [*command, *map(str, arguments)],
        env={**os.environ, "MICROPYPATH": path, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Recorder(Primary):
    """A core that writes down all that goes in, and what it asked."""

    def __init__(self, config, now_ms, lines):
        self.lines = lines
        super().__init__(config, now_ms)

    def next_request(self, bus, now_ms):
        request = super().next_request(bus, now_ms)
        asked = None if request is None else [request.unit, request.function, request.register]
        self.lines.append(["next", bus, now_ms, 0, asked])
        return request

    def answer(self, bus, now_ms, result, words):
        taken = None if words is None else list(words)
        self.lines.append(["answer", bus, now_ms, result, taken])
        super().answer(bus, now_ms, result, words)


@pytest.mark.parametrize("sharing", ["equal", "priority"])
def test_recorded_inputs_give_the_same_limits_on_both_interpreters(tmp_path, sharing):
    dice = random.Random(7)

    def faults(bus, request, now_ms):
        return dice.choice([TIMEOUT, CRC]) if dice.random() < 0.03 else None

    site = Site(load(SCENARIOS / "day.json"), seconds=60)
    config = configuration(site, sharing=sharing, margin_a=1)
    start_ms = (1 << 30) - 30_000  # the counter wraps half-way
    lines = []
    core = Recorder(config, start_ms, lines)
    Run(core, site, offset_ms=start_ms, faults=faults).until(60_000)

    recording = tmp_path / "recording.json"
    head = [json.dumps(config), json.dumps(start_ms)]
    recording.write_text("\n".join(head + [json.dumps(line) for line in lines]) + "\n")
    replay = ROOT / "host_tests/upy/replay.py"
    here = run([sys.executable, str(replay)], recording).splitlines()
    there = run([micropython(), "-X", "heapsize=4M", str(replay)], recording).splitlines()
    assert len(here) > 100, "a recording in which something happens"
    assert here == there
