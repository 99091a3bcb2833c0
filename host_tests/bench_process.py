"""The bench charger as a process on MicroPython, and the lines that join it to others."""

import os
import queue
import select
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

from controller import PATIENCE_S, Controller
from pymodbus.client import ModbusSerialClient
from rtu_line import Pty, Relay, Worker


class Bench(Controller):
    """`loadrail_tools.bench_charger run` as a process, or another command; see Controller."""

    def __init__(self, tty, *options, command=None, path=None):
        command = command or [sys.executable, "-m", "loadrail_tools.bench_charger", "run"]
        env = {**os.environ, "NO_COLOR": "1"}
        if path:
            env["MICROPYPATH"] = path
        else:
            command = [*command, "--tty", tty, "--baud", "19200", *options]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=env,
        )
        self.said = []
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def answer(self, line):
        """The first line that is said to a typed one."""
        self.type(line)
        return self.expect(lambda said: not said.startswith(("-", "!")))

    def wait_until(self, fits):
        """Ask for the status line until it fits; returns it."""
        until = time.monotonic() + PATIENCE_S
        while not fits(said := self.answer("status")):
            assert time.monotonic() < until, said
            time.sleep(0.1)
        return said


@contextmanager
def bench(*options):
    """A bench charger and the path of the tty at the other end of its line."""
    with Relay() as relay, Bench(relay.ptys[1].path, *options) as process:
        process.expect(lambda line: line == "! the line is open")
        yield process, relay.ptys[0].path


class Hub(Worker):
    """A bus with any number of ptys: what one says, all others hear."""

    def __init__(self, count):
        super().__init__(*(Pty() for _ in range(count)))

    def work(self):
        masters = [pty.master for pty in self.ptys]
        while not self.stopping.is_set():
            for ready in select.select(masters, [], [], 0.02)[0]:
                data = os.read(ready, 4096)
                for other in masters:
                    if other != ready:
                        os.write(other, data)


@contextmanager
def client(path):
    """pymodbus as the primary."""
    master = ModbusSerialClient(port=path, baudrate=19200, timeout=2, retries=0)
    assert master.connect()
    try:
        yield master
    finally:
        master.close()
