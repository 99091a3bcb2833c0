# Runs on MicroPython: a bus whose search goes wrong, after its line could not be opened for it for
# a while, and not at all with one of its settings. Prints what was seen as a line of JSON.

import asyncio
import json

from loadrail.request import RESULT_NAMES
from primary import searching
from primary.bus import Bus
from primary.log import Log

searching._RETRY_MS = 1


class Board:
    opened = []
    gone = 3  # times that 19200 baud fails, as without an adapter

    def open_line(self, index, line):
        if line["baud"] == 19200 and self.gone:
            self.gone -= 1
            raise OSError(5)
        if line["baud"] == 38400:
            raise OSError(22)
        if line["baud"] == 1200:
            raise ValueError("baud")
        self.opened.append(line["baud"])
        return Stream()

    def direction(self, index):
        return None

    def line_name(self, index):
        return "line"


class Stream:
    closed = 0

    def any(self):
        return 0

    def write(self, data):
        return len(data)

    def close(self):
        Stream.closed += 1


class Core:
    asked = 0

    def next_request(self, bus, now_ms):
        self.asked += 1


class Broken:
    """A search that wants one read at each of some speeds, and then fails."""

    over = False
    gap_ms = 0
    answered = ()
    lines = [(19200, "N", 1), (38400, "E", 1), (1200, "O", 1)]
    ended = []

    def __init__(self, core):
        self.core = core
        self.core_asked = []

    @property
    def line(self):
        return self.lines[0]

    def next(self, request, now_ms):
        self.core_asked.append(self.core.asked)
        if not self.lines:
            raise MemoryError()
        request.read(1, 3, 0, 1, 10)
        return True

    def answer(self, now_ms, result, words):
        self.ended.append((self.lines.pop(0)[0], RESULT_NAMES[result]))

    def refuse(self, now_ms):
        self.ended.append((self.lines.pop(0)[0], "refused"))

    def stop(self):
        self.over = True


async def main():
    core, log = Core(), Log()
    board = Board()
    line = {"baud": 9600, "parity": "N", "stop_bits": 1, "gap_ms": 0}
    bus = Bus("bus", 1, core, board, line, log, lambda: None)
    task = asyncio.create_task(bus.own())
    await asyncio.sleep_ms(20)
    broken = bus.search = Broken(core)
    while not (broken.over and core.asked > broken.core_asked[-1]):
        await asyncio.sleep_ms(1)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    seen = {
        "core_asked": broken.core_asked,
        "over": broken.over,
        "opened": board.opened,
        "closed": Stream.closed,
        "ended": broken.ended,
        "log": list(log.since(0)),
    }
    print(json.dumps(seen))


asyncio.run(main())
