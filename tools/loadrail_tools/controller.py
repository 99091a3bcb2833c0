"""The firmware as a process of this computer: ask its console, hand on what it answers."""

import contextlib
import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from . import paths

SIGNAL_S = 1.0  # a Ctrl-C has reached the firmware by then, or never will
END_S = 5.0  # for the firmware to end in order


class Firmware:
    """The firmware as a process: ask its console, hand on the JSON that it answers with."""

    def __init__(self, config: Path, tty: str, on_answer: Callable[[dict], None]):
        self.said: list[str] = []  # what was no answer, the last lines
        self._on_answer = on_answer
        self._process = subprocess.Popen(
            paths.firmware_command(config, [tty]),
            env={**os.environ, "MICROPYPATH": paths.module_path()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def ask(self, command: str) -> None:
        with contextlib.suppress(OSError):  # it has ended; `running` tells
            self._process.stdin.write(command + "\n")
            self._process.stdin.flush()

    def running(self) -> bool:
        return self._process.poll() is None

    def end(self, *, maybe_told: bool = False) -> int | None:
        """Let it end in order: its exit status, None where it had to be killed.

        `maybe_told`: the Ctrl-C that ended us has probably reached it too; once is enough.
        """
        try:
            if not (maybe_told and self._ended_within(SIGNAL_S)):
                self._process.send_signal(signal.SIGINT)
            if not self._ended_within(END_S):
                self._process.kill()
                self._process.wait()
                return None
            return self._process.returncode
        finally:
            self._reader.join(END_S)
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _ended_within(self, seconds: float) -> bool:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return not self.running()

    def _read(self) -> None:
        for line in self._process.stdout:
            answer = None
            if line.startswith("{"):
                with contextlib.suppress(ValueError):
                    answer = json.loads(line)
            if answer is None:
                self.said = [*self.said[-19:], line.rstrip()]
            else:
                self._on_answer(answer)
