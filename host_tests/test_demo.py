"""`loadrail demo` from outside: firmware on MicroPython, site on a tty, lines on a pipe."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

LOADRAIL = str(Path(sys.executable).parent / "loadrail")
PROMISES = 6


def command(tmp_path, *options):
    return [
        LOADRAIL,
        "demo",
        "--chargers",
        "4",
        "--picture",
        str(tmp_path / "x" / "p.png"),
        *options,
    ]


def is_png(path):
    return path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size > 10_000


def verdict_of(lines):
    at = next(number for number, line in enumerate(lines) if line.startswith("Verdict"))
    return [line.split()[0] for line in lines[at + 1 : at + 1 + PROMISES]]


def test_a_demo_says_a_line_every_5_s_keeps_its_promises_and_draws_a_picture(tmp_path):
    done = subprocess.run(
        command(tmp_path, "--seconds", "14"), capture_output=True, text=True, check=False
    )
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    times = [line.split()[0] for line in lines if " s  grid L1 " in line]
    assert times == ["5", "10"]
    assert "\x1b" not in done.stdout
    assert verdict_of(lines) == ["kept"] * 3 + ["not"] + ["kept"] * 2
    assert "4 of 4 chargers had a limit above 0" in done.stdout
    assert "x the line's floor of" in done.stdout
    assert is_png(tmp_path / "x" / "p.png")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_ends_in_order_with_a_verdict(tmp_path, number):
    with subprocess.Popen(
        command(tmp_path, "--seconds", "600"), stdout=subprocess.PIPE, text=True
    ) as process:
        first = process.stdout.readline()
        process.send_signal(number)
        rest = process.communicate()[0].splitlines()
    assert "of 63 A" in first
    assert process.returncode == 130
    assert verdict_of(rest)[-1] == "kept"
    assert any("stopped before its end" in line for line in rest)
    assert is_png(tmp_path / "x" / "p.png")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--scenario", "nope"], "known are day, quiet"),
        (["--chargers", "21"], "--chargers: 21 is not allowed; 1 to 20"),
        (["--chargers", "0"], "--chargers: 0 is not allowed; 1 to 20"),
        (["--seconds", "4"], "--seconds: 4 is not allowed; 5 to 3600"),
        (["--baud", "1234"], "bus.baud: 1234 is not allowed"),
        (["--scenario", os.devnull], "is no scenario"),
        (["--picture", os.devnull + "/p.png"], os.devnull),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_is_allowed(tmp_path, options, said):
    done = subprocess.run(command(tmp_path, *options), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr
    assert done.stdout == ""
