"""The real firmware's console on a serial port: people at a terminal, programs, mpremote, junk."""

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from console_device import Device
from served_site import CAR, LINE, settings, small_site

from loadrail_tools.serve import buses, serving

MPREMOTE = str(Path(sys.executable).parent / "mpremote")
PROMPT = "\r> "


@contextmanager
def device(folder):
    """A board with a charger; gives (Device, somebody at its console, the bus's counters)."""
    site = small_site([{"cars": [CAR]}])
    (folder / "config.json").write_text(json.dumps(settings(site)))
    with serving(site, buses(site, LINE)) as server:
        with Device(folder, server.ttys["chargers"]) as board:
            with board.open() as line:
                line.expect('"help" lists the commands.')
                yield board, line, server.wires["chargers"].counters


def answer(line, command):
    """What a program gets."""
    line.type(command + "\n")
    line.expect("{")
    return json.loads("{" + line.expect("}\n"))


def settled(bus):
    """Requests that the site has counted, once the line has been quiet for two seconds."""
    last = None
    while last != bus["requests"]:
        last = bus["requests"]
        time.sleep(2)
    return last


def test_people_get_prompt_tab_and_history_and_programs_plain_lines(tmp_path):
    with device(tmp_path) as (_, line, _bus):
        line.type(b"\r")
        line.expect(PROMPT)
        line.type(b"vers\t")
        line.expect(PROMPT + "version ")
        line.type(b"\r")
        line.expect("\nLoadrail 0.")
        line.expect(PROMPT)
        line.type(b"set group.li\t")
        line.expect(PROMPT + "set group.limit_a ")
        line.type(b"50\r")
        line.expect("group.limit_a: 50, was 40")
        line.expect(PROMPT)
        line.type(b"\x1b[A\x1b[A")
        line.expect(PROMPT + "version")
        line.type(b"\x15get group.limit_a\r")
        line.expect("group.limit_a = 50\n")
        line.expect(PROMPT)
        line.type(b"version json\n")
        line.expect("{")
        line.expect("}\n")
        line.type(b"get group.limit_a json\n")
        came = line.expect("}\n")
        said = [row for row in came.split("\n") if row and not row.startswith("! ")]
        assert said == ['{"group.limit_a": 50}']


def test_mpremote_works_and_the_console_before_and_after(tmp_path):
    board_files, here = tmp_path / "board", tmp_path / "here"
    board_files.mkdir()
    here.mkdir()
    (here / "note.txt").write_text("kept on the board\n" * 40)

    def mpremote(*words):
        command = [MPREMOTE, "connect", board.path, "resume", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=here)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    with device(board_files) as (board, line, bus):
        assert answer(line, "get group.limit_a json") == {"group.limit_a": 40}
        assert "config.json" in mpremote("ls")
        mpremote("cp", "note.txt", ":note.txt")
        asked = settled(bus)  # what was on its way when control was left
        assert asked > 0
        mpremote("cp", ":note.txt", "back.txt")
        assert (here / "back.txt").read_text() == (board_files / "note.txt").read_text()
        assert mpremote("exec", "print(6 * 7)").strip() == "42"
        run = "import loadrail; loadrail.run({!r})".format
        said = mpremote("exec", run("set group.limit_a 50"), "exec", run("save json"))
        assert "group.limit_a: 50, was 40" in said
        assert '{"saved": true' in said
        assert "needs a running controller" in mpremote("exec", run("stop 1"))
        assert "control is stopped" in mpremote("exec", run("status"))
        # A busy computer may count the last one late; control asks for ten and more a second.
        assert bus["requests"] <= asked + 1, "the bus is quiet meanwhile"
        assert board.starts == 1
        line.said = ""
        line.type(b"\x04")
        line.expect('"help" lists the commands.')
        assert board.starts == 2
        assert answer(line, "get group.limit_a json") == {"group.limit_a": 50}


# what programs send that look for a modem, a printer or a GPS behind any port
PROBES = (
    b"AT\r",
    b"ATE1 E0\nATI\nAT+GMM\n",
    b"\x7e\x00\x78\xf0\x7e" * 20,
    b"\xb5b\x06\x00\x00\x00\x06\x18",
    b"\x00" * 300,
    bytes(range(128, 256)) * 3,
    b"x" * 10_000 + b"\n",
    b"\x1b[" + b"1;" * 300,
    b"$PMTK605*31\n",
    b"\x10\x02\xff\xfe\r\r\n\n",
)


def test_a_program_that_sends_junk_disturbs_nothing(tmp_path):
    with device(tmp_path) as (_, line, _bus):
        before = answer(line, "get json")
        for probe in PROBES:
            line.type(probe)
            line.type(b"\x15\n")
        line.said = ""
        line.type(b"version json\n")
        line.expect('"version": ')
        line.expect("}\n")
        line.said = ""
        assert answer(line, "get json") == before
        jobs = answer(line, "bus json")["jobs"]
        assert jobs["control"]["late"] == jobs["bus"]["late"] == 0
        assert {job["errors"] for job in jobs.values()} == {0}
