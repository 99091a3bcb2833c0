"""Starts and ends of the real firmware on MicroPython: crashes, safe mode, new boards, Ctrl-C."""

import json
import os
import queue
import signal
import threading
import time
from contextlib import contextmanager

import pytest
from rtu_line import Device, start

from loadrail_tools.paths import module_path
from primary import store_file
from primary.crash import Crashes
from primary.store import Store

PATIENCE_S = 30
AGAIN = 75
STATIC = {"group": {"type": "static"}, "chargers": [{"address": 2}]}
QUIET = 'Loadrail 0.1.0: the bus is quiet. "status" tells why and what to do.'
RUNS = 'Loadrail 0.1.0: static group of 1, limit 16 A. "help" lists the commands.'


class Firmware:
    """A process with a console; `what`: see upy/safe_run.py, or None for the real main.py."""

    def __init__(self, place, tty, what):
        script = ("safe_run.py", str(place), tty, what)
        if what is None:
            script = ("../../firmware/main.py", str(place), tty)
        self.process = start(*script, path=module_path())
        self._lines = queue.Queue()
        self.said = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def type(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def expect(self, text, begin=""):
        """The next line with this text in it, that begins so."""
        while True:
            line = self._lines.get(timeout=PATIENCE_S)
            assert line is not None, f"{text!r} never came; said was {self.said}"
            self.said.append(line)
            if text in line and line.startswith(begin):
                return line

    def ask(self, command):
        self.type(command + " json")
        return json.loads(self.expect("", "{"))

    def ended(self):
        """The exit status."""
        return self.process.wait(PATIENCE_S)

    def leave(self):
        self.process.send_signal(signal.SIGINT)
        return self.ended()


@contextmanager
def running(place, what=None, tty="/dev/null"):
    firmware = Firmware(place, tty, what)
    try:
        yield firmware
    finally:
        if firmware.process.poll() is None:
            firmware.process.kill()
        firmware.process.wait()
        for pipe in (firmware.process.stdin, firmware.process.stdout, firmware.process.stderr):
            pipe.close()


@pytest.fixture
def place(tmp_path):
    """A folder of a controller that has its configuration."""
    assert Store(str(tmp_path)).save(STATIC) is None
    return tmp_path


def crash(place, what="fails"):
    with running(place, what) as firmware:
        assert firmware.ended() == AGAIN


# --- crashes and safe mode


def test_three_crashes_lead_to_safe_mode_and_the_bus_stays_quiet(place):
    with Device(lambda request: None) as device:
        for _ in range(3):
            crash(place)
        with running(place, "fails", device.path) as firmware:
            assert firmware.expect("Loadrail") == QUIET
            status = firmware.ask("status")
            assert status["running"] is False
            assert "safe mode" in status["warnings"][0]
            log = firmware.ask("log")
            assert log["crash"][0].startswith("crash after ")
            assert any("ValueError: made up" in line for line in log["crash"])
            assert any("safe_run.py" in line for line in log["crash"]), "where it came from"
            firmware.type("stop 1")
            firmware.expect('"stop" needs a running controller')
            firmware.type("reboot")
            firmware.expect("restarting")
            assert firmware.ended() == AGAIN
        assert device.requests == []
    crash(place)  # whoever asks for it gets another try


def test_a_run_without_memory_counts_as_a_crash_too(place):
    for _ in range(3):
        crash(place, "memory")
    with running(place) as firmware:
        assert firmware.expect("Loadrail") == QUIET
        assert "MemoryError" in " ".join(firmware.ask("log")["crash"])


def test_ctrl_c_in_safe_mode_ends_it(place):
    for _ in range(3):
        crash(place)
    with running(place) as firmware:
        firmware.expect(QUIET)
        assert firmware.leave() == 0
    with running(place) as firmware:
        assert firmware.expect("Loadrail") == RUNS


def test_a_power_cut_ends_a_series(place):
    crash(place)
    crash(place)
    with running(place) as firmware:
        firmware.expect(RUNS)
        firmware.ask("status")
        firmware.process.kill()
    crash(place)
    with running(place) as firmware:
        assert firmware.expect("Loadrail") == RUNS
        firmware.expect("the last run crashed, the 1. in a series")


def test_where_a_person_named_a_file_nothing_is_kept_beside_it(tmp_path):
    path = tmp_path / "site.json"
    path.write_text(json.dumps(STATIC))
    for _ in range(4):
        with running(path, "fails") as firmware:
            firmware.expect(RUNS)
            assert firmware.ended() == 1
    assert os.listdir(tmp_path) == ["site.json"]
    with running(path) as firmware:
        firmware.expect("was written by hand: it has no checksum")
        firmware.type("save")
        firmware.expect("saved")
        assert firmware.leave() == 0
    assert os.listdir(tmp_path) == ["site.json"]
    assert json.loads(path.read_text())["group"] == STATIC["group"]


# --- what a start finds


def test_a_new_board_has_a_console_and_a_quiet_bus_and_says_what_to_do(tmp_path):
    with Device(lambda request: None) as device:
        with running(tmp_path, None, device.path) as firmware:
            firmware.expect(QUIET)
            firmware.type("status")
            firmware.expect("no configuration; the bus is quiet")
            firmware.expect('then "save" and "reboot"')
            firmware.type("import " + json.dumps(STATIC))
            firmware.type("save")
            firmware.expect("saved")
            assert device.requests == []
            firmware.type("reboot")
            firmware.expect(RUNS)
            while not device.requests:
                assert firmware.process.poll() is None
                time.sleep(0.05)
            assert firmware.leave() == 0


def test_a_damaged_configuration_makes_the_backup_run_and_says_so(place):
    store = Store(str(place))
    store.load()
    store.healthy()
    (place / "config.json").write_bytes((place / "config.json").read_bytes()[:-9])
    with running(place) as firmware:
        firmware.expect(RUNS)
        firmware.expect("config.json: is damaged: its checksum differs")
        firmware.expect("the backup is used")


def test_a_configuration_by_hand_with_faults_is_refused_and_the_console_runs(tmp_path):
    (tmp_path / "config.json").write_text('{"group": {"limit_a": 5}}')
    with running(tmp_path) as firmware:
        firmware.expect(QUIET)
        firmware.expect("group.limit_a: 5 is not allowed; a whole number from 6 to 1000")
        assert firmware.ask("status")["running"] is False


# --- health, and the end


def test_health_makes_a_backup_counts_and_ends_a_series(place):
    crash(place)
    with running(place, "soon") as firmware:
        firmware.expect(RUNS)
        until = time.monotonic() + PATIENCE_S
        wanted = {"config.json", "config.json.bak", "counters.json", "crashes.json"}
        while set(os.listdir(place)) != wanted:
            assert time.monotonic() < until, os.listdir(place)
            time.sleep(0.05)
        firmware.type("maint 100")
        firmware.expect("the buses are quiet")
        firmware.process.send_signal(signal.SIGINT)
        firmware.expect("The watchdog lets you work for ")
        seen = json.loads(firmware.expect("", "{"))
        assert seen["armed"] == 1
        assert "fed" in seen["pins"]
        assert "stretched" in seen["pins"]
        assert firmware.ended() == 0
    assert (place / "config.json.bak").read_bytes() == (place / "config.json").read_bytes()
    assert store_file.read(store_file.Files(), str(place / "crashes.json"))[0]["series"] == 0


def test_ctrl_c_amid_a_frame_leaves_the_direction_pin_low(place):
    config = {**STATIC, "bus": {"baud": 1200}}  # a frame takes 73 ms
    assert Store(str(place)).save(config) is None
    with Device(lambda request: None) as device:
        with running(place, "ctrl_c", device.path) as firmware:
            firmware.expect("Stopped: the chargers are left to their own watchdogs.")
            pins = json.loads(firmware.expect("", "{"))["pins"]
            assert firmware.ended() == 0
    assert 1 in pins
    assert pins[-1] == 0


# --- the series itself


def start_again(folder, bitten=False):
    crashes = Crashes(store_file.Files(), str(folder / "crashes.json"))
    return crashes.begin(bitten), crashes


# how runs end: "crash", "bite" of the watchdog, "asked", "power", "well" (and then a crash);
# whether the run after them is safe
SERIES = [
    ([], False),
    (["crash", "crash"], False),
    (["crash", "crash", "crash"], True),
    (["bite", "bite", "bite"], True),
    (["crash", "bite", "crash"], True),
    (["crash", "crash", "asked", "crash"], False),
    (["crash", "crash", "power", "crash"], False),
    (["crash", "crash", "well", "crash"], False),
    (["crash", "well", "crash", "crash"], True),
    (["crash", "crash", "crash", "crash"], True),
    (["crash", "crash", "crash", "asked"], False),
    (["crash", "crash", "crash", "power"], False),
    (["asked", "bite"], False),
]


@pytest.mark.parametrize(("ends", "safe"), SERIES)
def test_what_leads_to_safe_mode(tmp_path, ends, safe):
    bitten = False
    for end in ends:
        _, crashes = start_again(tmp_path, bitten)
        bitten = end == "bite"
        if end == "well":
            crashes.healthy()
        if end in ("crash", "well"):
            crashes.add("text", 10)
        elif end == "asked":
            crashes.asked()
    assert start_again(tmp_path, bitten)[0] is safe


def test_a_reset_that_was_asked_for_is_no_bite(tmp_path):
    """On RP2 the hardware cannot tell them apart."""
    for _ in range(4):
        start_again(tmp_path)[1].asked()
        safe, crashes = start_again(tmp_path, bitten=True)
        assert (safe, crashes.total) == (False, 0)


def test_a_crash_that_restarts_the_board_is_not_counted_twice(tmp_path):
    start_again(tmp_path)[1].add("text", 10)
    assert start_again(tmp_path, bitten=True)[1].total == 1


def test_a_start_after_which_nothing_was_wrong_writes_nothing(tmp_path):
    for _ in range(3):
        start_again(tmp_path)
    assert os.listdir(tmp_path) == []


def test_the_last_three_crashes_are_kept_the_last_one_first(tmp_path):
    for k in range(5):
        start_again(tmp_path)[1].add(f"text {k}\nmore", k)
    _, crashes = start_again(tmp_path)
    assert crashes.total == 5
    assert list(crashes.lines()) == [
        *("crash after 4 s", "  text 4", "  more"),
        *("crash after 3 s", "  text 3", "  more"),
        *("crash after 2 s", "  text 2", "  more"),
    ]


STRANGE = ["", "[]", '{"ended": 1}', '{"crashes": [1], "ended": 1, "series": 3, "total": 3}']


@pytest.mark.parametrize("content", STRANGE)
def test_a_crash_file_that_makes_no_sense_is_told_and_leads_nowhere(tmp_path, content):
    (tmp_path / "crashes.json").write_text(content)
    safe, crashes = start_again(tmp_path)
    assert safe is False
    assert len(crashes.faults) == 1
    crashes.add("text", 1)
    assert start_again(tmp_path)[1].total == 1
