"""Clamps in the firmware: the job that samples, and the file that is a computer's input."""

import json
import math
import os
import queue
import subprocess
import threading

import pytest
from controller import Controller
from rtu_line import finish, start

from loadrail import clamps
from loadrail_tools.paths import firmware_command, module_path

STEP_MA = 3_300_000 * 3000 / 4096 / 18_000
ROWS = clamps.Clamp().length


@pytest.fixture(scope="module")
def seen():
    [seen] = finish(start("clamp_run.py"))
    return seen


def test_the_job_feeds_the_core_with_what_each_clamp_reads(seen):
    for ma, amps in zip(seen["grid_ma"], (10, 20, 40), strict=True):
        assert abs(ma - amps * 1000) <= amps * 10
    assert seen["started"] == 40


def test_the_job_waits_for_a_whole_stretch_before_it_looks(seen):
    assert 105 <= seen["slept_ms"] <= 130


def test_the_loop_is_held_for_one_clamp_at_most(seen):
    """At the highest rate a board may have; 10 ms is what that takes on a small one."""
    assert seen["held"] == seen["length"] == 525


def test_the_job_keeps_no_memory_from_one_stretch_to_the_next(seen):
    assert seen["kept"] == 0


def test_s5_a_board_without_samples_feeds_nothing_and_is_told_of_once(seen):
    assert seen["log"] == [
        "clamps: no samples come",
        "clamps: the input cannot be read ([Errno 19] ENODEV)",
        "clamps: samples come",
    ]
    before, after = seen["without"]
    assert after - before == 4000


def test_a_stretch_for_the_zero_is_no_sample_and_a_live_cable_is_refused(seen):
    assert seen["found"] == [clamps.NOT_EMPTY] * 3
    assert seen["fed_while_calibrating"] is False
    assert seen["calibrating"] is False


def test_a_board_with_too_few_inputs_is_told_of(seen):
    assert seen["too_few"] == "clamps: this board has inputs for 1 only"


def test_nothing_is_sampled_once_the_meter_is_another(seen):
    assert seen["asked_of_no_clamps"] == 0


# --- the file


def stretch(number, amps, first=0):
    """What a program that samples leaves: sines of so many A, from the `first` sample on."""
    words = [number]
    for at in range(first, first + ROWS):
        angle = 2 * math.pi * 50 * at / clamps.RATE_HZ
        for phase, here in enumerate(amps):
            peak = here * 1000 * math.sqrt(2) / STEP_MA
            words.append(2048 + round(peak * math.sin(angle + 2 * phase)))
    return b"".join(word.to_bytes(2, "little") for word in words)


def leave(path, data):
    """Put it in the place of what was there, whole at any moment."""
    beside = path.with_suffix(".new")
    beside.write_bytes(data)
    beside.replace(path)


class Asked:
    """clamp_file.py, an order at a time."""

    def __init__(self, path, count):
        self.process = start("clamp_file.py", str(path), str(count))

    def __call__(self, order):
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def numbered(number, count=6):
    return b"".join(word.to_bytes(2, "little") for word in (number, *range(300, 300 + count)))


def test_a_stretch_is_one_that_was_left_after_its_start(tmp_path):
    path = tmp_path / "clamps"
    leave(path, numbered(65_535))
    with Asked(path, 6) as ask:
        for number in (0, 1, 258):
            assert ask("start") is None
            assert ask("ready") is False
            leave(path, numbered(number))
            assert ask("ready") == [300, 301, 302, 303, 304, 305]


def test_a_stretch_that_is_too_short_is_none(tmp_path):
    path = tmp_path / "clamps"
    leave(path, numbered(1))
    with Asked(path, 6) as ask:
        assert ask("start") is None
        for count in (0, 5):
            leave(path, numbered(2 + count, count))
            assert ask("ready") is False
        leave(path, numbered(9))
        assert ask("ready") == [300, 301, 302, 303, 304, 305]


def test_a_file_that_is_not_there_is_an_error_until_it_is(tmp_path):
    path = tmp_path / "clamps"
    with Asked(path, 6) as ask:
        assert ask("start") == "OSError"
        leave(path, numbered(1))
        assert ask("start") is None
        path.unlink()
        assert ask("ready") == "OSError"


class Sampler(threading.Thread):
    """Leaves a stretch of `amps` every 20 ms."""

    def __init__(self, path, amps):
        super().__init__(daemon=True)
        self.path = path
        self.amps = amps
        self._stopping = threading.Event()

    def run(self):
        number = 0
        while not self._stopping.wait(0.02):
            number += 1
            leave(self.path, stretch(number & 0xFFFF, self.amps, first=number * ROWS))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self.join(10)


class ClampController(Controller):
    """The firmware with clamps, and no line that could be opened."""

    def __init__(self, folder, config):
        path = folder / "site.json"
        path.write_text(json.dumps(config))
        tty = str(folder / "ttyUSB9")
        self.process = subprocess.Popen(
            firmware_command(path, [tty, "--clamps", str(folder / "clamps")]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "MICROPYPATH": module_path()},
        )
        self.said = []
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()


def settings(**meter):
    return {
        "group": {"limit_a": 63, "meter_stale_s": 3},
        "meter": {"model": "clamps", "update_interval_ms": 200, **meter},
        "chargers": [{"address": 2}],
    }


def near(shown_a, amps):
    return all(
        shown is not None and abs(shown - true) <= 0.3
        for shown, true in zip(shown_a, amps, strict=True)
    )


def test_the_firmware_reads_its_grid_with_clamps_and_takes_their_zero(tmp_path):
    with Sampler(tmp_path / "clamps", (10, 20, 0)) as sampler:
        with ClampController(tmp_path, settings()) as box:
            box.wait_for(lambda status: near(status["group"]["grid_a"], (10, 20, 0)))
            box.type("calibrate")
            refused = clamps.TEXTS[clamps.NOT_EMPTY]
            box.expect(lambda line: line == f"L1: refused: {refused}")
            box.expect(lambda line: line == f"L2: refused: {refused}")
            box.expect(lambda line: line == "L3: offset 2048, noise 0 mA")
            sampler.amps = (0, 0, 0)
            box.wait_for(lambda status: near(status["group"]["grid_a"], (0, 0, 0)))
            box.type("calibrate show")
            zeros = '"clamp_zero": [[2048, 0], [2048, 0], [2048, 0]]'
            box.expect(lambda line: line.endswith(zeros))
            jobs = box.ask("bus json")["jobs"]
            assert jobs["clamps"]["errors"] == 0
            assert box.stop() == 0


def test_s5_without_samples_the_firmware_says_so_and_its_meter_is_lost(tmp_path):
    with ClampController(tmp_path, settings()) as box:
        box.expect(lambda line: line.startswith("! clamps: the input cannot be read"))
        box.expect(lambda line: line.startswith("! the meter is lost"))
        box.type("calibrate")
        box.expect(lambda line: line == "refused: the board gave no samples; nothing was changed")
        assert box.stop() == 0
