# A day of a whole site in virtual time, on any interpreter; every one must print the same.
#
# `Day` is made of a plan (host_tests/same_day.py draws it) and goes on a part at a time. A part
# ends as [simulated s, frames, writes, decisions, hash of all frames, hash of all decisions]: a
# frame with its time, bus, unit, function, register and values; a decision with each limit, what
# each charger holds, why, and the budget. As a program: arguments PLAN [FROM_S UNTIL_S]; prints a
# line of JSON a part, with the bytes in use behind it where the interpreter can tell, and all that
# is hashed of these seconds.

import gc
import json
import sys
from hashlib import sha256

from loadrail.config import check
from loadrail.core import Primary
from loadrail.request import CRC, MISMATCH, TIMEOUT
from loadrail_site.dice import Dice
from loadrail_site.site import Site
from loadrail_site.virtual import DOUBLED, LATE, OVERDUE, Run

_SPOILT = (TIMEOUT, CRC, MISMATCH, (LATE, TIMEOUT), DOUBLED, (OVERDUE, 40))


class Day:
    """`plan`: scenario, config, part_s, start_ms of the counter, lost_permille, seed, steps."""

    def __init__(self, plan, show=(0, 0)):
        config, faults = check(plan["config"])
        if faults:
            raise ValueError(faults)
        self.site = Site(plan["scenario"], sample_ms=0)
        self.primary = Primary(config, plan["start_ms"])
        self.run = Run(
            self.primary,
            self.site,
            offset_ms=plan["start_ms"],
            turnaround_ms=(2, 30),
            faults=self._fault,
            on_frame=self._see,
            idle_ms=plan["idle_ms"],
            site_step_ms=plan["site_step_ms"],
        )
        self._dice = Dice(plan["seed"])
        self._lost = plan["lost_permille"]
        self._part_ms = 1000 * plan["part_s"]
        self._end_ms = 1000 * plan["scenario"]["seconds"]
        self._show = (1000 * show[0], 1000 * show[1])
        self._frames = sha256()
        self._choices = sha256()
        self._count = self._writes = self._decided = 0

    def part(self):
        """Go on for one part: its line, or None where the day is over."""
        if self.run.now_ms >= self._end_ms:
            return None
        self.run.until(self.run.now_ms + self._part_ms)
        frames, self._frames = _ended(self._frames)
        choices, self._choices = _ended(self._choices)
        counts = [self.run.now_ms // 1000, self._count, self._writes, self.primary.decisions]
        return counts + [frames, choices]

    def _fault(self, bus, request, now_ms):
        if self._dice.roll(1000) >= self._lost:
            return None
        return _SPOILT[self._dice.roll(len(_SPOILT))]

    def _see(self, bus, request, now_ms):
        primary = self.primary
        values = request.values
        if values is not None:
            values = list(values)[: request.count]
            self._writes += 1
        row = (now_ms, bus, request.unit, request.function, request.register, request.count)
        self._hash(self._frames, row + (values, request.timeout_ms), now_ms)
        self._count += 1
        if primary.decisions != self._decided:
            self._decided = primary.decisions
            c = primary.chargers
            why = (c.reason, c.reason_value, c.reason_s)
            rows = (now_ms, c.limit_ma, c.held_ma, why, primary.budget.ma)
            self._hash(self._choices, rows, now_ms)

    def _hash(self, into, row, now_ms):
        text = repr(row)
        into.update(text.encode())
        if self._show[0] <= now_ms < self._show[1]:
            print(text)


def _ended(running):
    """A hash in digits, and the one that goes on from it: a digest ends it on MicroPython."""
    told = running.digest()
    return "".join(["%02x" % byte for byte in told[:8]]), sha256(told)


def main(path, *show):
    with open(path) as file:
        plan = json.load(file)
    day = Day(plan, [int(second) for second in show] or (0, 0))
    while True:
        line = day.part()
        if line is None:
            return
        if hasattr(gc, "mem_alloc"):
            gc.collect()
            line.append(gc.mem_alloc())
        print(json.dumps(line))


if __name__ == "__main__":
    main(*sys.argv[1:])
