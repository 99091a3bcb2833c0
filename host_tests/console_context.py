"""A context for the console's commands over a site in virtual time, and one without control."""

import asyncio
import json
from types import SimpleNamespace

from world import World

from loadrail import commands
from loadrail.settings import Settings

CAR = {"max_a": 16}
BUS = {
    "name": "bus",
    "state": "open",
    "devices": {
        "2": {
            "ok": 5,
            "timeout": 0,
            "crc": 0,
            "mismatch": 0,
            "exception": 0,
            "late": 0,
            "turnaround_ms": {"min": 1, "mean": 2, "max": 3},
        }
    },
}


class Store:
    """Keeps what it is given; `fault`: what is wrong with it."""

    fault = None
    kept = None

    async def save_when_quiet(self, raw):
        if self.fault is None:
            self.kept = raw
        return self.fault


class Log:
    count = 3

    def last(self, count=None):
        lines = [(90_000, "one"), (7300, "two"), (5, "three")]
        return iter(lines if count is None else lines[len(lines) - count :] if count else [])


class Idle:
    """No control runs."""

    primary = clamps = inputs = None
    buses = ()
    safe_mode = False

    def __init__(self, raw=None):
        self.settings = Settings(raw)
        self.store, self.log = Store(), Log()
        self.asked = []

    def now_ms(self):
        return 0

    def jobs(self):
        return {"control": {"late": 0}}

    def crash_lines(self):
        return ["crash after 5 s", "  ValueError: x"]

    def maint(self, seconds):
        self.asked.append(("maint", seconds))

    def reboot(self):
        self.asked.append("reboot")

    def say(self, line):
        """The whole answer, as the console would write it."""
        said, pieces, result = "", commands.run(line, self), None
        while True:
            try:
                piece = pieces.send(result)
            except StopIteration:
                return said
            result = None
            if isinstance(piece, str):
                said += piece
            else:
                result = asyncio.run(piece)

    def ask(self, line):
        """The same for programs: the one line of JSON."""
        said = self.say(line + " json")
        assert said.count("\n") == 1 and said.endswith("\n"), said
        return json.loads(said)


class Running(Idle):
    """Two chargers: the first with a car that charges."""

    def __init__(self):
        self.world = World([("L1L2L3", CAR), ("L2L3L1", None)])
        super().__init__(self.world.primary.config)
        self.primary = self.world.primary
        self.buses = [SimpleNamespace(name="bus", search=None, as_dict=lambda: BUS)]
        self.world.until(40)

    def now_ms(self):
        return self.world.run.ticks_ms()
