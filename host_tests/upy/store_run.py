# Runs on MicroPython: configurations are saved while two buses carry frames without a pause.
# Prints what was seen as a line of JSON.
#
# The file system is made up, and looks at the buses at each operation; the lines are made up too,
# and answer each request some milliseconds after it.

import asyncio
import json
import time

from loadrail.config import check
from loadrail.core import Primary
from primary import bus as bus_module
from primary import rtu
from primary.bus import Bus
from primary.hush import Hush
from primary.log import Log
from primary.store import Store

RAW = {
    "group": {"limit_a": 40, "cycle_ms": 100},
    "meter": {"address": 1, "update_interval_ms": 200, "bus": {"timeout_ms": 20}},
    "bus": {"timeout_ms": 20},
    "chargers": {"first_address": 2, "count": 4},
}
SAVES = 12
ENOENT = 2

seen = {
    "faults": [],
    "saves": 0,
    "operations": 0,
    "during": 0,
    "frames": [0, 0],
    "refused": 0,
    "under_way": 0,
}
on_the_wire = [False, False]


def now_ms():
    return time.ticks_ms() & 0x3FFFFFFF


class Counted(rtu.Rtu):
    """Says when a request is under way; `stream` is the number of its line."""

    async def transact(self, request, words):
        on_the_wire[self.stream.index] = True
        try:
            return await rtu.Rtu.transact(self, request, words)
        finally:
            on_the_wire[self.stream.index] = False


class Stream:
    """Nobody ever answers."""

    def __init__(self, index):
        self.index = index

    def any(self):
        return 0

    def write(self, data):
        seen["frames"][self.index] += 1
        return len(data)

    def flush(self):
        pass


class Board:
    def open_line(self, index, line):
        return Stream(index)

    def direction(self, index):
        return None

    def line_name(self, index):
        return "line"


class Files:
    """A file system in memory."""

    def __init__(self):
        self.files = {}

    def _look(self):
        seen["operations"] += 1
        seen["during"] += on_the_wire[0] or on_the_wire[1]

    def open(self, path, mode):
        self._look()
        return File(self, path, mode)

    def rename(self, old, new):
        self._look()
        self.files[new] = self.files.pop(old)

    def remove(self, path):
        self._look()
        del self.files[path]

    def stat(self, path):
        if path not in self.files:
            raise OSError(ENOENT)
        return (0,) * 6 + (len(self.files[path]),)


class File:
    def __init__(self, files, path, mode):
        self._files = files
        self._path = path
        self._at = 0
        if mode == "wb":
            files.files[path] = b""

    def write(self, data):
        self._files._look()
        self._files.files[self._path] += bytes(data)

    def read(self, size=1 << 20):
        data = self._files.files[self._path][self._at : self._at + size]
        self._at += len(data)
        return data

    def flush(self):
        self._files._look()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


async def main():
    board, log = Board(), Log()
    settings = check(RAW)[0]
    core = Primary(settings, now_ms())
    buses = []
    hush = Hush(buses, now_ms)
    tasks = []
    for index, line in enumerate((settings["bus"], settings["meter"]["bus"])):
        bus = Bus("bus", index, core, board, line, log, lambda: None)
        bus.hush = hush
        buses.append(bus)
        tasks.append(asyncio.create_task(bus.own()))
    store = Store("/", hush, files=Files())
    for k in range(SAVES):
        before = list(seen["frames"])
        while min([seen["frames"][i] - before[i] for i in (0, 1)]) == 0 or not on_the_wire[k % 2]:
            await asyncio.sleep_ms(1)
        seen["under_way"] += 1
        if store.save(RAW) is not None:
            seen["refused"] += 1
        raw = dict(RAW)
        raw["group"] = {"limit_a": 20 + k}
        fault = await store.save_when_quiet(raw)
        if fault or store.load()[0] != raw:
            seen["faults"].append(fault or "not kept")
        seen["saves"] += 1
    while not on_the_wire[0]:
        await asyncio.sleep_ms(1)
    waiting = asyncio.create_task(store.when_quiet(lambda: seen["faults"].append("not dropped")))
    await asyncio.sleep_ms(0)
    waiting.cancel()
    held = list(seen["frames"])
    while seen["frames"][0] == held[0]:
        await asyncio.sleep_ms(50)
    seen["dropped"] = True
    for task in tasks:
        task.cancel()
    print(json.dumps(seen))


bus_module.Rtu = Counted
asyncio.run(main())
