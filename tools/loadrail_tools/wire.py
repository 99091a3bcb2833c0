"""An RS485 line between two ttys: bytes take the time that they would take on copper.

The firmware's tty is one pseudo-terminal, the Modbus server's another; between them this keeps to
the baud rate and the character format. Nothing arrives early: a request reaches the server after
its last bit, an answer starts t3.5 + turnaround later (the server's own working time hides in
there), and each of its bytes comes when its last bit has, at most about 1 ms late.
Half duplex: who talks while the other does, spoils both.
`turnaround_ms` is a number, or a function of the request's frame; it may be changed at any time.

`fault(direction, frame)` may change what happens to a frame: it returns a list of
(delay_ms, bytes) to deliver instead, so [] loses it and [(300, frame)] is late.
Needs a running asyncio loop from `open` to `close`.
"""

import asyncio
import contextlib
import os
import random
import tempfile
import time
import tty
from collections import deque
from pathlib import Path

from .firmware import lib_on_path

with lib_on_path():
    from loadrail.line import char_bits

REQUEST = "request"
ANSWER = "answer"

# Answer bytes are handed over in portions: a portion per byte would cost more than it shows.
PORTION_S = 0.001
# asyncio rounds its timers up to whole milliseconds; what must be exact wakes this much earlier
# and sleeps the rest.
TIMER_S = 0.001
GARBLE = 0x5A


class Line:
    """Times of one serial setting, in seconds. Above 19200 baud the pauses are fixed (Modbus)."""

    def __init__(self, baud=19200, parity="E", stop_bits=1):
        self.baud = baud
        self.parity = parity
        self.stop_bits = stop_bits
        self.char_s = char_bits(parity, stop_bits) / baud
        self.t15_s = 1.5 * self.char_s if baud <= 19200 else 0.00075
        self.t35_s = 3.5 * self.char_s if baud <= 19200 else 0.00175

    def transaction_s(self, request_bytes, answer_bytes, turnaround_ms):
        """The least time that one transaction can take, with the pause that has to follow it."""
        return (request_bytes + answer_bytes) * self.char_s + 2 * self.t35_s + turnaround_ms / 1000


class Pty:
    """A raw pseudo-terminal. Its slave stays open here, so that users may come and go."""

    def __init__(self):
        self.master, self._slave = os.openpty()
        self.name = os.ttyname(self._slave)
        tty.setraw(self._slave)
        os.set_blocking(self.master, False)

    def read(self):
        try:
            return os.read(self.master, 4096)
        except BlockingIOError:
            return b""

    def write(self, data):
        with contextlib.suppress(BlockingIOError):  # nobody reads; a UART would lose it, too
            os.write(self.master, data)

    def close(self):
        os.close(self.master)
        os.close(self._slave)


class RandomFaults:
    """A fault hook with a probability for each kind; the same seed gives the same faults."""

    def __init__(self, seed=1, *, lose=0.0, damage=0.0, noise=0.0, late=0.0, late_ms=300):
        self._random = random.Random(seed)
        self._kinds = (
            (lose, lambda frame: []),
            (damage, self._damaged),
            (noise, self._noisy),
            (late, lambda frame: [(late_ms, frame)]),
        )

    def __call__(self, direction, frame):
        for probability, fault in self._kinds:
            if self._random.random() < probability:
                return fault(frame)
        return [(0, frame)]

    def _damaged(self, frame):
        place = self._random.randrange(len(frame))
        return [(0, frame[:place] + bytes([frame[place] ^ GARBLE]) + frame[place + 1 :])]

    def _noisy(self, frame):
        return [(0, self._random.randbytes(self._random.randint(1, 3)) + frame)]


class Wire:
    """One bus. `tty` is the path for the firmware, `server_tty` the one for the server."""

    def __init__(self, line, *, turnaround_ms=5, fault=None, tty_path=None):
        self.line = line
        self.turnaround_ms = turnaround_ms
        self.fault = fault
        self.counters = dict.fromkeys(("requests", "answers", "request_bytes", "answer_bytes"), 0)
        self.counters.update(collisions=0, faults=0, server_late=0)
        self._folder = None if tty_path else tempfile.TemporaryDirectory(prefix="loadrail-")
        self.tty = str(tty_path or Path(self._folder.name) / "bus")
        self._client = None  # the firmware's Pty, None while the line is cut
        self._server = Pty()
        self.server_tty = self._server.name
        self._request = bytearray()  # what the firmware is sending
        self._request_end = 0.0  # when its last bit is through
        self._request_spoiled = False
        self._due_ms = 0  # turnaround of who is to answer it
        self._answer = None  # what the server has said to the last request, not yet on the line
        self._to_send = deque()  # (start, bytes) on the way to the firmware
        self._free_at = 0.0  # when the last of them is through
        self._answer_spoiled = False
        self._tasks = set()
        self._something_to_send = asyncio.Event()

    def open(self):
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._server.master, self._on_server_bytes)
        self._start(self._send())
        self.mend()

    def close(self):
        self.cut()
        self._loop.remove_reader(self._server.master)
        for task in self._tasks:
            task.cancel()
        self._server.close()
        if self._folder:
            self._folder.cleanup()

    def cut(self):
        """The firmware's tty goes away, as when an adapter is unplugged."""
        if self._client is None:
            return
        self._loop.remove_reader(self._client.master)
        self._client.close()
        self._client = None
        self._request.clear()
        os.unlink(self.tty)

    def mend(self):
        """The firmware's tty is there (again), at the same path."""
        if self._client is not None:
            return
        self._client = Pty()
        self._loop.add_reader(self._client.master, self._on_client_bytes)
        os.symlink(self._client.name, self.tty)

    def _start(self, coroutine):
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_client_bytes(self):
        now = time.monotonic()
        data = self._client.read()
        first = not self._request
        self._request += data
        self._request_end = max(now, self._request_end) + len(data) * self.line.char_s
        self.counters["request_bytes"] += len(data)
        if self._to_send and self._to_send[0][0] < self._request_end:
            self._collide()
        if first and data:
            self._start(self._carry_request())

    async def _carry_request(self):
        # A pause of 1.5 characters ends a frame: what follows later belongs to another one.
        while (left := self._request_end + self.line.t15_s - time.monotonic()) > 0:
            await asyncio.sleep(left)
        frame = bytes(self._request)
        spoiled = self._request_spoiled
        self._request.clear()
        self._request_spoiled = False
        if not frame or spoiled:
            return
        self._answer = None
        due_ms = self.turnaround_ms
        self._due_ms = due_ms(frame) if callable(due_ms) else due_ms
        self.counters["requests"] += 1
        for delay_ms, piece in self._apply_fault(REQUEST, frame):
            if delay_ms:
                await asyncio.sleep(delay_ms / 1000)
            self._server.write(piece)

    def _on_server_bytes(self):
        data = self._server.read()
        if self._answer is None:
            self._answer = bytearray()
            self._start(self._carry_answer(self._answer))
        self._answer += data

    async def _carry_answer(self, answer):
        start = self._request_end + self.line.t35_s + self._due_ms / 1000
        # The server writes a frame at once, but it may be read in parts: collect them as long as
        # there is time before the first bit is due.
        await asyncio.sleep(max(0, start - time.monotonic() - 2 * TIMER_S))
        if self._answer is answer:
            self._answer = None
        self.counters["answers"] += 1
        if time.monotonic() > start:
            self.counters["server_late"] += 1
        for delay_ms, piece in self._apply_fault(ANSWER, bytes(answer)):
            begin = max(start + delay_ms / 1000, self._free_at, time.monotonic())
            self._free_at = begin + len(piece) * self.line.char_s
            self._to_send.append((begin, piece))
            self._something_to_send.set()

    def _collide(self):
        self.counters["collisions"] += 1
        self._request_spoiled = self._answer_spoiled = True

    def _apply_fault(self, direction, frame):
        if self.fault is None:
            return [(0, frame)]
        pieces = self.fault(direction, frame)
        if pieces != [(0, frame)]:
            self.counters["faults"] += 1
        return pieces

    async def _send(self):
        while True:
            await self._something_to_send.wait()
            while self._to_send:
                start, data = self._to_send[0]
                await self._send_frame(start, data)
                self._to_send.popleft()
                self._answer_spoiled = False
            self._something_to_send.clear()

    async def _send_frame(self, start, data):
        """Hand each byte to the firmware once its last bit is through."""
        sent = 0
        end = start + len(data) * self.line.char_s
        await asyncio.sleep(start + self.line.char_s - time.monotonic())
        if self._request:
            self._collide()
        while sent < len(data):
            now = time.monotonic()
            due = len(data) if now >= end else int((now - start) / self.line.char_s)
            if due > sent:
                self._hand_over(data[sent:due])
                sent = due
            if end - now > PORTION_S + TIMER_S:
                await asyncio.sleep(PORTION_S)
            else:
                await _sleep_until(end)

    def _hand_over(self, data):
        if self._answer_spoiled:
            data = bytes(byte ^ GARBLE for byte in data)
        if self._client is not None:
            self._client.write(data)
            self.counters["answer_bytes"] += len(data)


async def _sleep_until(when):
    """Sleep until a time of the monotonic clock, never less, and more exactly than asyncio can."""
    early = when - TIMER_S - time.monotonic()
    if early > 0:
        await asyncio.sleep(early)
    while (left := when - time.monotonic()) > 0:
        time.sleep(left)
