"""A serial line for tests: the firmware's end is MicroPython on a pty, the other end is ours."""

import json
import os
import select
import shutil
import subprocess
import sys
import threading
import time
import tty
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UPY = Path(__file__).resolve().parent / "upy"
MICROPYTHON = shutil.which("micropython", path=str(Path(sys.executable).parent))
PATH = "lib:firmware:.:build/umodbus/device:.frozen"

if str(ROOT / "firmware") not in sys.path:  # what of it does no I/O is tested here as well
    sys.path.append(str(ROOT / "firmware"))


def crc(data: bytes) -> bytes:
    """CRC-16/MODBUS bit by bit: slow, and neither ours nor umodbus's."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value.to_bytes(2, "little")


def frame(*body: int) -> bytes:
    return bytes(body) + crc(bytes(body))


def read_answer(unit: int, function: int, words: list[int]) -> bytes:
    data = b"".join(word.to_bytes(2, "big") for word in words)
    return frame(unit, function, len(data), *data)


class Pty:
    """`path` is what the firmware opens; `master` is the descriptor of the far end."""

    def __init__(self):
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)

    def close(self):
        for descriptor in {self.master, self._slave} - {-1}:
            os.close(descriptor)
        self.master = self._slave = -1  # the number may be another file's by now


class Worker(threading.Thread):
    """A thread that works until the `with` block ends, and whose failure fails the test."""

    def __init__(self, *ptys: Pty):
        super().__init__(daemon=True)
        self.ptys = ptys
        self.stopping = threading.Event()
        self.failure = None

    def run(self):
        try:
            self.work()
        except Exception as error:
            self.failure = error

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.join(10)
        for pty in self.ptys:
            pty.close()
        if self.failure:
            raise self.failure


class Device(Worker):
    """Answers each request with what `answer(request)` returns: bytes, or a list of pieces.

    A piece is bytes to write, a number of seconds to wait, or a function to call.
    """

    def __init__(self, answer):
        super().__init__(Pty())
        self.answer = answer
        self.requests = []

    @property
    def path(self):
        return self.ptys[0].path

    def work(self):
        pending = b""
        master = self.ptys[0].master
        while self.ptys[0].master >= 0 and not self.stopping.is_set():
            if not select.select([master], [], [], 0.02)[0]:
                continue
            pending += os.read(master, 4096)
            while len(pending) >= 8:
                length = 9 + pending[6] if pending[1] == 16 else 8
                if len(pending) < length:
                    break
                request, pending = pending[:length], pending[length:]
                self.requests.append(request)
                self.play(self.answer(request))

    def play(self, pieces):
        for piece in [pieces] if isinstance(pieces, bytes) else pieces or []:
            if isinstance(piece, bytes):
                os.write(self.ptys[0].master, piece)
            elif callable(piece):
                piece()
            else:
                time.sleep(piece)


class Relay(Worker):
    """Joins two ptys, so that two programs which both want to open a tty can talk."""

    def __init__(self):
        super().__init__(Pty(), Pty())

    def work(self):
        near, far = (pty.master for pty in self.ptys)
        while not self.stopping.is_set():
            for ready in select.select([near, far], [], [], 0.02)[0]:
                os.write(far if ready == near else near, os.read(ready, 4096))


def start(script: str, *arguments: str, path: str = PATH) -> subprocess.Popen:
    """MicroPython running host_tests/upy/<script>; it prints one JSON value a line.

    An argument must be shorter than 256 bytes, or MicroPython dies; longer ones go by stdin.
    """
    return subprocess.Popen(
        [MICROPYTHON, str(UPY / script), *arguments],
        cwd=ROOT,
        env={**os.environ, "MICROPYPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def feed(process: subprocess.Popen, text: str):
    """All of its stdin, without waiting for the end of it."""
    process.stdin.write(text)
    process.stdin.close()
    process.stdin = None


def finish(process: subprocess.Popen, stdin: str = "", timeout: float = 60) -> list:
    """Its JSON lines; fails with what it wrote to stderr."""
    try:
        out, err = process.communicate(stdin if process.stdin else None, timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"MicroPython hung\n{out}\n{err}") from None
    assert process.returncode == 0, f"{out}\n{err}"
    return [json.loads(line) for line in out.splitlines()]


def transact(path: str, requests: list, **options) -> tuple[list, dict]:
    """Carry out `requests` with the firmware's transport: (results, counters).

    A request is (unit, function, register, count or list of values, timeout_ms).
    """
    process = start("rtu_client.py", path, json.dumps(options))
    *results, counters = finish(process, json.dumps(requests))
    return results, counters
