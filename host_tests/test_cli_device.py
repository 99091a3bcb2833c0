"""`loadrail` against the real firmware: its console on a pty, its chargers simulated."""

import json
import threading
import time
from contextlib import contextmanager

from console_pty import StandIn, firmware_on_a_port, loadrail
from controller import PATIENCE_S
from served_site import CAR, LINE, settings, small_site

from loadrail_tools.device_link import connect
from loadrail_tools.serve import buses, serving
from loadrail_tools.wire import Line


@contextmanager
def group(folder, meter_line=None, charging=False, **more):
    """Two chargers, of which one has a car; gives the port's path, if wanted once it charges."""
    site = small_site([{"cars": [CAR]}, {}])
    with serving(site, buses(site, LINE, meter_line)) as server:
        config = settings(site, **more)
        with firmware_on_a_port(folder, config, *server.ttys.values()) as (path, _):
            until = time.monotonic() + PATIENCE_S
            with connect(path) as link:
                while charging and not charges(link.ask("status")):
                    assert time.monotonic() < until
                    link.listen(0.2)
            yield path


def charges(status):
    return (status["chargers"][0]["draw_a"][0] or 0) >= 6


def answer(*words):
    """The JSON of a command that must succeed."""
    done = loadrail(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_what_a_controller_tells_comes_in_words_and_as_json(tmp_path):
    with group(tmp_path, charging=True) as path:
        told = loadrail("status", "--port", path)
        assert told.exit_code == 0
        lines = told.stdout.splitlines()
        assert lines[0].startswith("Loadrail ") and "limit 40 A" in lines[0]
        assert "bay 1: charging; " in told.stdout
        assert charges(answer("status", "-p", path))
        logged = answer("log", "-p", path)["lines"]
        assert any(line["text"].endswith("is open") for line in logged)
        assert len(answer("log", "-n", "1", "-p", path)["lines"]) == 1
        assert "is open" in loadrail("log", "-p", path).stdout
        record_and_replay(path, tmp_path / "seen.jsonl")


def record_and_replay(path, file):
    entries = loadrail("monitor", "-p", path, "--record", file, "--seconds", 2, "--json")
    assert entries.exit_code == 0
    seen = entries.stdout.splitlines()
    assert seen == file.read_text().splitlines()[1:]
    kinds = {kind for line in seen for kind in json.loads(line)} - {"at_ms"}
    assert {"status", "bus", "chargers"} <= kinds
    assert "trouble" not in kinds
    again = loadrail("monitor", "--replay", file, "--speed", 0, "--json")
    assert again.stdout.splitlines() == seen
    shown = loadrail("monitor", "--replay", file, "--speed", 0).stdout
    assert "of 40 A  chargers: 1 charging, 0 waiting, 0 silent, 1 idle" in shown
    taken = loadrail("monitor", "-p", path, "--record", file)
    assert (taken.exit_code, taken.stderr) == (2, f"--record: {file} exists; name a new file\n")


def test_a_search_shows_what_to_write_into_the_configuration(tmp_path):
    meter = {"address": 1, "bus": {"baud": 9600, "parity": "N", "stop_bits": 1}}
    with group(tmp_path, Line(9600, "N", 1), meter=meter) as path:
        done = loadrail("search", "-p", path)
        with connect(path) as link:
            facts = link.ask("search")["search"]
    assert done.exit_code == 0
    assert facts["state"] == "found"
    assert facts["found"]["model"].startswith("eastron_sdm")
    assert json.loads(done.stdout[done.stdout.index("\n{") :]) == facts["config"]


def test_a_search_that_cannot_begin_says_why(tmp_path):
    with group(tmp_path) as path:
        done = loadrail("search", "-p", path)
        assert done.exit_code == 1
        assert "no other bus than the chargers'" in done.stderr
        refused = loadrail("search", "--chargers", "-p", path, typed="n\n")
        assert refused.exit_code == 2
        assert "fall back to their watchdogs" in refused.stdout
        assert loadrail("search", "--chargers", "--json", "-p", path).exit_code == 2


def test_the_log_is_followed_until_the_controller_goes_away():
    mark = '{"version": "1", "machine": "m"}\n'
    answers = {"log": "  1 s ago  before\n", "version json": [mark, mark + "! after\n"]}
    with StandIn(answers) as port:
        pulled = threading.Timer(1, port.unplug)
        pulled.start()
        done = loadrail("log", "--follow", "-p", port.path)
        pulled.join()
    assert done.stdout.splitlines() == ["  1 s ago  before", "after"]
    assert (done.exit_code, "broke: is the cable in" in done.stderr) == (1, True)
