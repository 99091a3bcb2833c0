"""Another primary on the line, on real ttys: ours end right, and the other one is noticed."""

import contextlib
import json
import os
import random
import select
import threading

from pymodbus import FramerType, ModbusException
from pymodbus.client import ModbusSerialClient
from rtu_line import Device, Pty, Worker, crc, feed, finish, frame, read_answer, start, transact
from test_rtu_overheard import GOOD, NOBODY, READ_3, SET_3, SET_MANY, SET_MOST, WORDS

LONG = 2000  # ms; a time-out that does not run out, even on a busy machine
SHORT = 60  # ms; one that runs out
READ = [2, 3, 0, 7, LONG]


def test_on_a_tty_requests_among_answers_are_counted_and_ours_end_right():
    script = iter(
        [
            [GOOD],
            [READ_3, read_answer(3, 3, [0] * 10), GOOD],
            [GOOD, 0.02, SET_3, SET_3],
            [frame(2, 6, 0, 14, 0, 16), 0.02, SET_MANY, frame(3, 16, 0, 14, 0, 2)],
            [b"\0\xff", SET_MOST, GOOD],
            [GOOD],
        ]
    )
    rows = [READ, READ, READ, 100, [2, 6, 14, [16], LONG], 100, READ, READ]
    with Device(lambda request: next(script)) as device:
        results, counters = transact(device.path, rows)
    assert [name for name, _ in results] == ["ok"] * 6
    assert all(words == WORDS for _, words in results if words)
    assert counters["intruders"] == {"count": 4, "unit": 3, "function": 16}


def test_on_a_tty_noise_and_late_answers_are_nobody():
    noise = random.Random(11)
    script = iter(
        [
            [GOOD],
            [],
            [frame(2, 6, 0, 14, 0, 16), GOOD],  # the answer to the write is late
            *([noise.randbytes(12), GOOD, 0.01, noise.randbytes(60)] for _ in range(10)),
        ]
    )
    rows = [READ, [2, 6, 14, [16], SHORT], READ]
    rows += [row for _ in range(10) for row in (READ, 40)]
    with Device(lambda request: next(script)) as device:
        results, counters = transact(device.path, rows)
    assert results[2] == ["ok", WORDS]
    assert counters["noise"] > 300
    assert counters["intruders"] == NOBODY


class Hub(Worker):
    """Several ttys on one pair of wires: each hears all the others."""

    def __init__(self, count):
        super().__init__(*(Pty() for _ in range(count)))

    def work(self):
        masters = [pty.master for pty in self.ptys]
        while not self.stopping.is_set():
            for ready in select.select(masters, [], [], 0.02)[0]:
                data = os.read(ready, 4096)
                for master in masters:
                    if master != ready:
                        os.write(master, data)


class Chargers(Worker):
    """Answers reads of all units with zeros, and writes; hears nothing but requests."""

    def __init__(self, path):
        super().__init__()
        self.tty = os.open(path, os.O_RDWR | os.O_NOCTTY)

    def work(self):
        pending = b""
        while not self.stopping.is_set():
            if not select.select([self.tty], [], [], 0.02)[0]:
                continue
            pending += os.read(self.tty, 4096)
            while len(pending) >= 8:
                length = 9 + pending[6] if pending[1] == 16 else 8
                if len(pending) < length:
                    break
                request, pending = pending[:length], pending[length:]
                assert crc(request[:-2]) == request[-2:]
                os.write(self.tty, self.answer(request))

    def answer(self, request):
        if request[1] <= 4:
            return read_answer(request[0], request[1], [0] * request[5])
        return frame(*request[:6])


def other_primary(path, stopping, asked):
    """Another Modbus implementation that knows nothing of us, on the same line."""
    client = ModbusSerialClient(
        path, framer=FramerType.RTU, baudrate=19200, parity="N", timeout=0.1, retries=0
    )
    assert client.connect()
    try:
        while not stopping.is_set():
            for ask in (
                lambda: client.read_holding_registers(0, count=10, device_id=3),
                lambda: client.write_register(14, 16, device_id=3),
                lambda: client.write_registers(14, [6, 600], device_id=4),
            ):
                asked.append(1)
                with contextlib.suppress(ModbusException):  # it hears our answers, too
                    ask()
                stopping.wait(0.01)
    finally:
        client.close()


def test_on_a_shared_line_pymodbus_is_noticed_and_ours_end_right():
    rows = [row for _ in range(15) for row in (READ, 30, [2, 6, 14, [16], LONG], 10)]
    stopping, asked = threading.Event(), []
    with Hub(3) as hub, Chargers(hub.ptys[2].path):
        process = start("rtu_client.py", hub.ptys[0].path, "{}")
        thread = threading.Thread(
            target=other_primary, args=(hub.ptys[1].path, stopping, asked), daemon=True
        )
        thread.start()
        try:
            feed(process, json.dumps(rows))
            *results, counters = finish(process)
        finally:
            stopping.set()
            thread.join(10)
    assert [name for name, _ in results] == ["ok"] * 30
    assert 0 < counters["intruders"]["count"] <= len(asked)
    assert counters["intruders"]["unit"] in (3, 4)
