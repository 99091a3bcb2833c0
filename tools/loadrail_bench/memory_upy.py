# Runs on MicroPython: the whole firmware in virtual time, for counting memory.
#
# What runs is what a board runs, from the files of a build: start, store, scheduler, owner of the
# bus, console, log, light, supervisor. Made up are the board, the clock, asyncio's loop, and what
# comes over the line: Rtu.transact, whose buffers are there, waits as long as a frame lasts and
# hands over words of group_upy.Answers. memory.mjs and memory.py call `start` and `go`.

import json
import sys

from group_upy import FRAME_MS, ROUND, Answers, raw_config

from loadrail.request import EXCEPTION, OK

ROUND_MS = 1000  # of virtual time a step of the inputs
# What a person or a program asks now and then: all of them within half an hour.
LINES = (
    "status",
    "status json",
    "chargers",
    "charger 3",
    "log",
    "bus json",
    "set group.limit_a 60",
    "diff",
    "revert",
    "help status",
    "get chargers[3]",
    "meter",
)
_ASK_EVERY_MS = 120_000
_ASK_FROM_MS = 60_000  # so that no answer is under way when memory is counted
_TICK_MS = 50  # nobody is woken earlier, which makes the rests between frames cheap
_WRAP_US = 1_048_576_000  # of ticks_us: 2**20 ms


class Loop:
    """asyncio and time in one: coroutines by the millisecond at which they go on.

    All its numbers are small ones, for a day, so that what is counted is the firmware's.
    """

    CancelledError = KeyboardInterrupt

    def __init__(self):
        self.ms = 0
        self._waiting = []  # [moment, coroutine]

    # time, as far as the firmware uses it

    def ticks_us(self):
        return (self.ms & 0xFFFFF) * 1000

    def ticks_ms(self):
        return self.ms

    def ticks_diff(self, a, b):
        return a - b if a >= b else a - b + _WRAP_US

    def ticks_add(self, a, b):
        return (a + b) % _WRAP_US

    def time(self):
        return self.ms // 1000

    # asyncio, as far as the firmware uses it

    def sleep_ms(self, ms):
        yield ms

    def create_task(self, coroutine):
        self._waiting.append([self.ms, coroutine])

    def Event(self):
        return self

    def set(self):
        raise RuntimeError("a critical job has failed")

    def wait(self):
        yield 1 << 29

    def go(self, ms):
        """Run for so long."""
        end = self.ms + ms
        while True:
            first = self._waiting[0]
            for row in self._waiting:
                if row[0] < first[0]:
                    first = row
            if first[0] > end:
                self.ms = end
                return
            self.ms = max(self.ms, first[0])
            first[0] = self.ms + max(_TICK_MS, first[1].send(None) or 0)


class Board:
    """Nothing is wired to it. The console is `typed` and `said`."""

    root = "/board"
    config_path = "/board/config.json"

    def __init__(self):
        self.typed = b""
        self.said = 0  # bytes

    def line_name(self, index):
        return "made up"

    def open_line(self, index, line):
        return self

    def close(self):
        pass

    def direction(self, index):
        return None

    def console(self):
        return self

    def read_byte(self):
        if not self.typed:
            return None
        byte, self.typed = self.typed[0], self.typed[1:]
        return byte

    def write(self, text):
        self.said += len(text)
        return True

    def light(self, red, green, blue):
        pass

    def inputs(self):
        return None

    def watchdog(self):
        return self

    def feed(self):
        pass


loop = Loop()
board = Board()
answers = None
app = None
asked = 0
most_a = 0  # that all chargers held at once: control works


async def transact(rtu, request, words):
    """In the place of Rtu.transact."""
    request.exception = 0
    request.turnaround_ms = 5
    await loop.sleep_ms(FRAME_MS)
    found = answers.to(request, loop.ms, loop.time() % ROUND)
    if found is not None and request.count > len(found):
        request.exception = 2  # what the made-up meter has not
        return EXCEPTION
    for k in range(0 if found is None else request.count):
        words[k] = found[k]
    rtu.counters.done(request.unit, OK, 0, 1000 * FRAME_MS, 2 * request.count)
    rtu.counters.turnaround(request.unit, 5000)
    return OK


def prepare(cycle_ms=1000):
    """What is no part of the firmware; nothing of it is loaded yet.

    cycle_ms: how often each charger is asked, as in the configuration, and the meter, too.
    """
    global answers
    answers = Answers()
    sys.modules["time"] = sys.modules["asyncio"] = loop
    with open(board.config_path, "w") as file:
        raw = raw_config()
        raw["group"]["cycle_ms"] = raw["meter"]["update_interval_ms"] = cycle_ms
        json.dump(raw, file)


def start():
    """Start the firmware, as main.py does, but for running it."""
    global app
    from primary import app_start, rtu
    from primary.crash import Crashes
    from primary.store import Store, join
    from primary.store_file import Files

    rtu.Rtu.transact = transact
    store = Store(board.root, None, "config.json")
    crashes = Crashes(Files(), join(board.root, "crashes.json"))
    app = app_start._made(board, store, crashes, True)
    loop.create_task(app.scheduler.run())


def go(ms):
    """Let it run, and ask something on the console now and then."""
    global asked, most_a
    while ms > 0:
        loop.go(min(ms, ROUND_MS))
        ms -= ROUND_MS
        most_a = max(most_a, sum(app.primary.chargers.held_ma) // 1000)
        if loop.ms >= asked * _ASK_EVERY_MS + _ASK_FROM_MS:
            board.typed += (LINES[asked % len(LINES)] + "\n").encode()
            asked += 1


def own_modules():
    """The firmware's modules that are loaded now, by name."""
    ours = ("loadrail", "primary", "umodbus")
    return sorted([name for name in sys.modules if name.split(".")[0] in ours])


def errors():
    """What has failed in any job."""
    return [row["error"] for row in app.jobs().values() if row["error"]]


kept = {}


def make(part):
    """One part of a controller's data, as a board has it. Its modules are loaded already."""
    from loadrail.config import check
    from loadrail.core import Primary
    from loadrail.settings import Settings
    from primary.console import Console
    from primary.log import Log

    if part == "settings":
        kept[part] = Settings(raw_config())
    elif part == "group":
        kept[part] = Primary(check(raw_config())[0], 0)
    elif part == "log":
        kept[part] = log = Log()
        for k in range(64):
            log.add("x" * (200 + k))  # more, and longer, than it keeps
    else:
        kept[part] = Console(board, None, None, None)
