"""The command `loadrail` as a whole: its help, its completion, and what wraps other parts."""

import json
import os
import subprocess
from types import SimpleNamespace

import pytest
from console_pty import loadrail
from controller import LOADRAIL

from loadrail_tools import flash, manifest
from loadrail_tools.device import DeviceError, Facts

COMMANDS = (
    "ports",
    "flash",
    "config",
    "status",
    "monitor",
    "log",
    "search",
    "simulate",
    "run",
    "bench",
    "demo",
    "charger",
)


def completed(shell, words, cursor):
    """What the shell is offered."""
    asked = {"_LOADRAIL_COMPLETE": f"complete_{shell}", "COMP_WORDS": words}
    asked |= {"COMP_CWORD": str(cursor), "_TYPER_COMPLETE_ARGS": words}
    done = subprocess.run(
        [LOADRAIL], env={**os.environ, **asked}, capture_output=True, text=True, check=False
    )
    return done.stdout


def test_every_command_is_in_the_help_and_has_its_own():
    told = loadrail("--help").stdout
    for command in COMMANDS:
        assert f" {command} " in told
        assert loadrail(command, "--help").exit_code == 0


@pytest.mark.parametrize(
    ("words", "cursor", "offered"),
    [
        ("loadrail mon", 1, ["monitor"]),
        ("loadrail config ", 2, ["check", "pull", "push", "edit"]),
        ("loadrail simulate ", 2, ["day", "quiet"]),
        ("loadrail flash --board rp_", 3, ["rp_pico"]),
        ("loadrail status --js", 2, ["--json"]),
    ],
)
def test_the_shell_completes_commands_options_and_values(words, cursor, offered):
    lines = completed("bash", words, cursor).split()
    assert set(offered) <= set(lines)
    for word in offered:
        assert word in completed("zsh", words, cursor)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_shown_for_each_shell(shell):
    done = subprocess.run(
        [LOADRAIL],
        env={**os.environ, "_LOADRAIL_COMPLETE": f"source_{shell}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "_LOADRAIL_COMPLETE" in done.stdout


@pytest.fixture
def flashed(monkeypatch):
    """What a board does is test_flash.py's; here a report, or an error, is given."""
    calls = []

    def fake(port, board, progress):
        calls.append((port, board))
        if board not in manifest.BOARDS:
            raise DeviceError(f"{board}: no such board")
        progress(5, 10, "/main.py")
        progress(10, 10, "")
        facts = Facts("rp2", (1, 28, 0), 6, "a Pico")
        return flash.Report(board, facts, ["/main.py"], 3, [], "")

    monkeypatch.setattr(flash, "flash", fake)
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: [PICO])
    monkeypatch.delenv("LOADRAIL_PORT", raising=False)
    return calls


PICO = SimpleNamespace(device="/dev/ttyACM7", vid=0x2E8A, description="Board in FS mode")


def test_flash_finds_the_port_and_tells_what_it_did(flashed):
    done = loadrail("flash", "--board", "rp_pico")
    assert done.exit_code == 0
    assert "rp_pico: 1 files written, 3 were right already" in done.stdout
    told = json.loads(loadrail("flash", "--board", "rp_pico", "-p", "/dev/x", "--json").stdout)
    assert (told["port"], told["kept"], told["facts"]["machine"]) == ("/dev/x", 3, "a Pico")
    assert flashed == [("/dev/ttyACM7", "rp_pico"), ("/dev/x", "rp_pico")]


def test_a_flash_that_fails_says_why(flashed):
    done = loadrail("flash", "--board", "nope")
    assert (done.exit_code, done.stderr) == (1, "nope: no such board\n")
    told = json.loads(loadrail("flash", "--board", "nope", "--json").stdout)
    assert told == {"error": "nope: no such board"}


def test_bench_hands_its_options_on():
    done = subprocess.run(
        [LOADRAIL, "bench", "--only", "nothing"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "argument --only: invalid choice" in done.stderr
