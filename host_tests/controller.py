"""The real firmware on MicroPython as a process, talked to through its console."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

LOADRAIL = str(Path(sys.executable).parent / "loadrail")
PATIENCE_S = 30  # how long a test waits for what must come; not a promise of anybody


class Controller:
    """`loadrail run` with a configuration (a dict, or text for a file that is no JSON)."""

    def __init__(self, folder, config, *ttys):
        path = folder / "site.json"
        path.write_text(config if isinstance(config, str) else json.dumps(config))
        command = [LOADRAIL, "run", "--config", str(path), "--bus", ttys[0]]
        if len(ttys) > 1:
            command += ["--meter-bus", ttys[1]]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "NO_COLOR": "1"},
        )
        self.said = []
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(line.decode().rstrip("\n"))
        self._lines.put(None)

    def type(self, data):
        """Type a line, or raw bytes."""
        self.process.stdin.write(data if isinstance(data, bytes) else data.encode() + b"\n")
        self.process.stdin.flush()

    def expect(self, fits):
        """The next line for which `fits` holds; all others are kept in `said`."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, until - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError("it never came; said was:\n" + "\n".join(self.said))
            self.said.append(line)
            if fits(line):
                return line

    def ask(self, command):
        """The answer of a command that speaks JSON."""
        self.type(command)
        return json.loads(self.expect(lambda line: line.startswith("{")))

    def wait_for(self, fits):
        """Ask for the status until it fits; returns it."""
        until = time.monotonic() + PATIENCE_S
        while True:
            status = self.ask("status json")
            if fits(status):
                return status
            assert time.monotonic() < until, status
            time.sleep(0.2)

    def stop(self):
        """Ctrl-C; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
