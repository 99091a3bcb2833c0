# Runs on MicroPython: what the transport allocates, and how long it holds the event loop.
# Prints a line of JSON: heap growth over argv[1] transactions, and for a line that babbles the
# most bytes taken between two turns of another task, and (to be read, not asserted) the gap in us.

import asyncio
import gc
import json
import sys
import time
from array import array

from loadrail.request import Request
from primary import rtu as rtu_module
from primary.frame import crc16


class Line:
    """Answers at once: a read with zeros, a write with its echo; each 7th request not at all.

    Each 5th answer comes after somebody else's request, and each 11th before one.
    """

    def __init__(self):
        self.buffer = bytearray(256)
        self.waiting = 0
        self.requests = 0

    def any(self):
        return self.waiting

    def readinto(self, view):
        assert len(view) >= self.waiting
        count = self.waiting
        for i in range(count):
            view[i] = self.buffer[i]
        self.waiting = 0
        return count

    def write(self, data):
        self.requests += 1
        self.waiting = 0
        if not self.requests % 5:
            self.interrupt()
        if self.requests % 7:
            self.answer(data)
        if not self.requests % 11:
            self.interrupt()
        return len(data)

    def answer(self, data):
        buffer = self.buffer
        at = self.waiting
        end = at + 6
        for i in range(6):
            buffer[at + i] = data[i]
        if data[1] == 3:
            buffer[at + 2] = 2 * data[5]
            end = at + 3 + buffer[at + 2]
            for i in range(at + 3, end):
                buffer[i] = 0
        self.end(end)

    def interrupt(self):
        # By turns FC03, FC06 and FC16 of one register.
        buffer = self.buffer
        at = self.waiting
        function = (3, 6, 16)[self.requests % 3]
        for i, byte in enumerate((30, function, 0, 14, 0, 1, 2, 0, 6)):
            buffer[at + i] = byte
        self.end(at + (9 if function == 16 else 6))

    def end(self, end):
        crc = crc16(self.buffer, self.waiting, end)
        self.buffer[end] = crc & 255
        self.buffer[end + 1] = crc >> 8
        self.waiting = end + 2


class Babble:
    """Always has more: heads of frames that never come right."""

    def __init__(self):
        self.taken = 0

    def any(self):
        return 256

    def readinto(self, view):
        for i in range(len(view)):
            view[i] = 3
        self.taken += len(view)
        return len(view)

    def write(self, data):
        return len(data)


async def growth(transactions):
    rtu = rtu_module.Rtu(Line(), 115200, 10)
    rtu._gap_us = 0  # nobody is on this line who needs silence
    words = array("H", (0 for _ in range(125)))
    request = Request()
    values = [6, 600]
    before = 0
    for i in range(transactions):
        if i == 100:
            gc.collect()
            before = gc.mem_alloc()
        kind = i % 3
        unit = 2 + i % 20
        if kind == 0:
            request.read(unit, 3, 0, 7, 2)
        elif kind == 1:
            request.write(unit, 14, values, 2, 16)
        else:
            request.write(unit, 14, values, 2)
            request.count = 1
        await rtu.transact(request, words)
    assert rtu.counters.transactions == transactions
    gc.collect()
    return gc.mem_alloc() - before, rtu.counters.intruders


async def flood():
    line = Babble()
    rtu = rtu_module.Rtu(line, 115200, 10)
    request = Request().read(2, 3, 0, 7, 20)
    words = array("H", (0 for _ in range(125)))
    most = gap_us = 0

    async def transactions():
        for _ in range(5):
            await rtu.transact(request, words)

    task = asyncio.create_task(transactions())
    last = time.ticks_us()
    while not task.done():
        await asyncio.sleep_ms(0)
        now = time.ticks_us()
        gap_us = max(gap_us, time.ticks_diff(now, last))
        most = max(most, line.taken)
        last = now
        line.taken = 0
    return most, gap_us


async def main():
    most, gap_us = await flood()
    grown, intruders = await growth(int(sys.argv[1]))
    seen = {"growth": grown, "intruders": intruders, "most_bytes": most, "gap_us": gap_us}
    print(json.dumps(seen))


asyncio.run(main())
