"""Consoles on ptys, as a serial port offers them: the real firmware's, and a scripted one."""

import contextlib
import json
import os
import subprocess
import threading
import tty
from contextlib import contextmanager

from controller import LOADRAIL, PATIENCE_S
from typer.testing import CliRunner

from loadrail_tools.cli import app

VERSION = {"machine": "a stand-in", "version": "0.1.0", "interpreter": "micropython 1.28.0"}

END = "the end"


def loadrail(*words, typed=""):
    """Run a command of `loadrail` here; see typer's Result."""
    return CliRunner().invoke(app, list(map(str, words)), input=typed)


def raw_pty():
    """(this side, the port's own side, its path). Keep the port's side open: users come and go."""
    here, port = os.openpty()
    tty.setraw(port)
    return here, port, os.ttyname(port)


@contextmanager
def firmware_on_a_port(folder, config, bus_tty, meter_tty=None):
    """The real firmware with its console on a pty: gives (path, process)."""
    here, port, path = raw_pty()
    file = folder / "device.json"
    file.write_text(json.dumps(config))
    command = [LOADRAIL, "run", "--config", str(file), "--bus", bus_tty]
    command += ["--meter-bus", meter_tty] if meter_tty else []
    process = subprocess.Popen(command, stdin=here, stdout=here, stderr=subprocess.STDOUT)
    try:
        yield path, process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE_S)
        os.close(here)
        os.close(port)


class StandIn:
    """A port that answers lines by a table: {line: text, a list of texts in turn, or None: it goes
    away}."""

    def __init__(self, answers=(), first=""):
        self.answers = {"version json": json.dumps(VERSION) + "\n", **dict(answers)}
        self.heard = []  # lines
        self._here, self._port, self.path = raw_pty()
        self.say(first)
        self._gone = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def say(self, text):
        os.write(self._here, text.encode())

    def unplug(self):
        """The port goes away; the thread does it, for it may be reading."""
        if not self._gone:
            os.write(self._port, f"\n{END}\n".encode())
            self._thread.join(PATIENCE_S)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.unplug()

    def _run(self):
        data = b""
        while True:
            with contextlib.suppress(OSError):
                data += os.read(self._here, 4096)
            *lines, data = data.split(b"\n")
            for line in lines:
                text = line.decode().split("\x15")[-1].lstrip("\x02")
                if text == END:
                    self._close()
                    return
                if text:
                    self.heard.append(text)
                answer = self.answers.get(text, "")
                if isinstance(answer, list):
                    answer = answer.pop(0) if answer else ""
                if answer is None:
                    self._close()
                    return
                self.say(answer)

    def _close(self):
        self._gone = True
        os.close(self._here)
        os.close(self._port)
