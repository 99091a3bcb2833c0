"""What the console answers in docs/commissioning.md, as the real firmware answers it.

    python -m loadrail_tools.commissioning_docs

types each line there that begins with "> " to the firmware, which runs on a folder that is empty
at first, and writes below it what came back. The site behind it is simulated, on two buses and in
real time, so this takes some minutes. A comment before a block may order, in this sequence:

    <!-- play: meter silent; inputs {"contact": true}; wait 30; lines 12; until word -->

an action of the meter (loadrail_site/actions.py); what the inputs' file holds; so many seconds to
pass; the most lines to show of an answer; after the last one, what the log tells up to a word.
"""

import json
import os
import queue
import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from loadrail_site.actions import ACTIONS
from loadrail_site.site import Site

from . import paths
from .serve import CHARGER_BUS, METER_BUS, SiteServer, buses, serving
from .wire import Line

TARGET = paths.ROOT / "docs" / "commissioning.md"
BLOCK = re.compile(
    r"(?:^<!-- play: ([^\n]*) -->\n)?^```text\n((?:(?!```).)*?^> .*?)^```",
    re.DOTALL | re.MULTILINE,
)
PATIENCE_S = 120
WIDTH = 160
HEAP = "2M"  # the answers are shown here, not how little memory they get by with
END = '"interpreter": '  # of the answer to `version json`, which is asked after each command
SITE = {
    "seconds": 3600,
    "limit_a": 40,
    "meter": {"address": 2, "update_ms": 500},
    "house": {"base_a": [6, 4, 5], "noise_a": 0.1},
    "first_address": 11,
    "chargers": [
        {"phases": "L1L2L3", "cars": [{"phases": 1, "max_a": 32, "plug_in_s": 0}]},
        {"phases": "L2L3L1", "cars": [{"phases": 1, "max_a": 16, "plug_in_s": 0}]},
        {"phases": "L3L1L2", "cars": []},
    ],
}


class Console:
    """The firmware on this computer, with a folder to keep its things in."""

    def __init__(self, folder: Path, ttys: list[str]):
        self._inputs = folder / "inputs.json"
        self.set_inputs('{"contact": true}')
        kept = folder / "kept"
        kept.mkdir()
        command = paths.firmware_command(kept, [*ttys, "--inputs", str(self._inputs)])
        self._shown = {str(kept): "kept", ttys[0]: "/dev/ttyUSB0", ttys[1]: "/dev/ttyUSB1"}
        self._command = [word.replace(paths.HEAP, HEAP) for word in command]
        self._start()

    def set_inputs(self, text: str) -> None:
        new = self._inputs.with_suffix(".new")
        new.write_text(text)
        new.replace(self._inputs)

    def waiting(self) -> list[str]:
        """The lines that have come by themselves."""
        return [self._lines.get() for _ in range(self._lines.qsize())]

    def type(self, command: str) -> list[str]:
        """The lines that come until this command is done."""
        self._send(command)
        if command == "reboot":
            told = self.until("restarting")
            self.stop()  # a board's reset leaves nothing behind
            self._start()
            return told
        self._send("version json")
        return self.until(END)[:-1]

    def until(self, word: str) -> list[str]:
        """The lines that come, up to one that has the word."""
        found = []
        until_s = time.monotonic() + PATIENCE_S
        while not found or word not in found[-1]:
            try:
                found.append(self._lines.get(timeout=max(0.1, until_s - time.monotonic())))
            except queue.Empty:
                raise TimeoutError(f"no {word!r} in {found}") from None
        return found

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def _start(self) -> None:
        self._lines = queue.Queue()
        self._process = subprocess.Popen(
            self._command,
            env={**os.environ, "MICROPYPATH": paths.module_path()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _send(self, line: str) -> None:
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        for line in self._process.stdout:
            told = line.rstrip()
            for path, shown in self._shown.items():
                told = told.replace(path, shown)
            self._lines.put(fitting(told))


def orders_of(comment: str | None) -> dict:
    """{"wait": "30", ...} of a comment."""
    parts = [part.partition(" ") for part in (comment or "").split("; ") if part]
    return {word: value for word, _, value in parts}


def commands_of(shown: str) -> list[str]:
    """What is typed in a block."""
    return [line[2:] for line in shown.splitlines() if line.startswith("> ")]


def play(block: re.Match, console: Console, server: SiteServer) -> str:
    """The block with the answers of now."""
    orders = orders_of(block[1])
    if "meter" in orders:
        server.call(ACTIONS[orders["meter"]], server.site.meter)
    if "inputs" in orders:
        console.set_inputs(json.dumps(json.loads(orders["inputs"])))
    time.sleep(float(orders.get("wait", 0)))
    told = []
    for command in commands_of(block[2]):
        told += console.waiting()
        answer = console.type(command)
        most = int(orders.get("lines", len(answer)))
        told += ["> " + command, *answer[:most], *["..."] * (len(answer) > most)]
    if "until" in orders:
        told += console.until(orders["until"])
    before = f"<!-- play: {block[1]} -->\n" if block[1] else ""
    print("\n".join(told), flush=True)
    return before + "```text\n" + "\n".join(told) + "\n```"


def fitting(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 4] + " ..."


def main() -> None:
    lines = (Line(19200, "E", 1), Line(9600, "N", 1))
    site = Site(SITE)
    with tempfile.TemporaryDirectory() as folder, serving(site, buses(site, *lines)) as server:
        console = Console(Path(folder), [server.ttys[CHARGER_BUS], server.ttys[METER_BUS]])
        try:
            text = BLOCK.sub(lambda block: play(block, console, server), TARGET.read_text())
        finally:
            console.stop()
    TARGET.write_text(text)


if __name__ == "__main__":
    main()
