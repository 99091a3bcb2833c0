"""The local inputs in the firmware: the jobs, the file that is a computer's inputs, end to end."""

import json
import os
import queue
import subprocess
import threading

import pytest
from controller import Controller
from rtu_line import finish, start
from served_site import CAR, LINE, settings, small_site, sum_of_limits

from loadrail_tools.paths import firmware_command, module_path
from loadrail_tools.serve import buses, serving


@pytest.fixture(scope="module")
def seen():
    [seen] = finish(start("inputs_run.py"))
    return seen


def test_the_inputs_are_read_before_the_first_decision(seen):
    assert seen["at_once"] == [13, 32]


def test_reads_that_fail_for_1_s_change_nothing_and_one_more_stops_all(seen):
    assert seen["some_reads_failed"] == [13, 32]
    assert seen["too_many_failed"] == [6, 0]
    assert seen["back"] == [13, 32]


def test_an_emergency_stop_ends_a_maint_for_the_chargers_are_to_hear_of_it(seen):
    assert seen["maint_lasts"]
    assert seen["maint_is_over"]


def test_a_steady_light_is_set_once_and_never_again(seen):
    assert seen["steady"] == [[0, 255, 0], 0]


def test_a_light_that_blinks_once_a_second_is_set_twice_a_second(seen):
    assert 19 <= seen["blinks"] <= 21


def test_a_breath_is_at_most_20_steps_a_second(seen):
    assert 40 <= seen["steps_of_a_breath"] <= 80


def test_the_jobs_keep_no_memory(seen):
    assert seen["kept"] == 0


# --- the file


def leave(path, text):
    """Put it in the place of what was there, whole at any moment."""
    beside = path.with_suffix(".new")
    beside.write_text(text if isinstance(text, str) else json.dumps(text))
    beside.replace(path)


FILES = [
    ({"selector": 3, "contact": False}, [3, False]),
    ({"selector": 0, "contact": True}, [0, True]),
    ({"selector": 9}, [9, None]),
    ({"contact": True}, [None, True]),
    ({}, [None, None]),
    ({"selector": "3", "contact": 1}, [None, None]),
    ({"selector": True, "contact": "closed"}, [None, None]),
    ({"selector": 3.0, "contact": None}, [None, None]),
    ([3, False], [None, None]),
    ("", [None, None]),
    ('{"selector": 3, "con', [None, None]),
]


def test_a_file_shows_what_it_says_and_nothing_where_it_is_damaged(tmp_path):
    path = tmp_path / "inputs.json"
    process = start("inputs_file.py", str(path))

    def ask():
        process.stdin.write("\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    try:
        assert ask() == "OSError"
        for said, shown in FILES:
            leave(path, said)
            assert ask() == shown, said
        path.unlink()
        assert ask() == "OSError"
    finally:
        process.kill()
        process.communicate()


# --- the whole firmware


class InputController(Controller):
    """The firmware with a file for its inputs."""

    def __init__(self, folder, config, tty):
        path = folder / "site.json"
        path.write_text(json.dumps(config))
        self.inputs = folder / "inputs.json"
        self.process = subprocess.Popen(
            firmware_command(path, [tty, "--inputs", str(self.inputs)]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "MICROPYPATH": module_path()},
        )
        self.said = []
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()


def test_the_firmware_obeys_its_selector_and_its_emergency_stop(tmp_path):
    site = small_site([{"cars": [CAR]}] * 2)
    both = {"selector": "on", "contact": "emergency_stop"}
    path = tmp_path / "inputs.json"
    leave(path, {"selector": 2, "contact": False})

    def held():
        return [charger.settings[15] for charger in site.chargers]

    with serving(site, buses(site, LINE)) as server:
        config = settings(site, inputs=both)
        with InputController(tmp_path, config, server.ttys["chargers"]) as box:
            box.wait_for(lambda _: held() == [10, 10])
            status = box.ask("status json")
            assert {charger["reason"] for charger in status["chargers"]} == {"selector"}

            leave(path, {"selector": 2, "contact": True})
            stop = "emergency stop: goes on 2 s after the contact is released"
            box.expect(lambda line: line == "! " + stop)
            status = box.wait_for(lambda _: held() == [0, 0])
            assert (status["light"], status["warnings"]) == ("yellow, blinking", [stop])

            leave(path, {"selector": 8, "contact": False})
            reserved = "position 8 is reserved: set the power selector to 0..7"
            box.expect(lambda line: line == "! " + reserved)
            status = box.wait_for(lambda status: status["warnings"] == [reserved])
            assert held() == [0, 0]

            leave(path, {"selector": 1, "contact": False})
            box.wait_for(lambda status: held() == [6, 6] and sum_of_limits(status) == 12)
            jobs = box.ask("bus json")["jobs"]
            assert jobs["inputs"]["errors"] == jobs["light"]["errors"] == 0

            path.unlink()
            unread = "the power selector or the contact cannot be read: check its wiring"
            box.expect(lambda line: line == "! " + unread)
            box.wait_for(lambda _: held() == [0, 0])
            assert box.stop() == 0


def test_a_board_without_inputs_that_are_configured_lets_nobody_charge_and_says_so(tmp_path):
    site = small_site([{"cars": [CAR]}])
    with serving(site, buses(site, LINE)) as server:
        config = settings(site, inputs={"contact": "allow"})
        with Controller(tmp_path, config, server.ttys["chargers"]) as box:
            box.expect(lambda line: line == "! inputs: this board has none that could be read")
            status = box.wait_for(lambda status: status["chargers"][0]["limit_a"] == 0)
            assert status["chargers"][0]["reason"] == "input_unread"
            assert status["light"] == "yellow, blinking"
