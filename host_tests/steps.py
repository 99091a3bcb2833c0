"""The allocator alone, step by step, with chargers and cars that follow at once.

A case is plain data (JSON), so that one that fails can be printed as a line and replayed:
{"cars": [{phases, car_phases, max_a, wants_a, ...}], "budget_ma": [..3], "group": {...}}
"""

import json

from loadrail import demand, presence, registers
from loadrail.budget import METER_NONE
from loadrail.chargers import Chargers
from loadrail.config import check
from loadrail.decision import Allocator


class FixedBudget:
    """A budget that a test sets."""

    def __init__(self, ma):
        self.meter = METER_NONE
        self.may_raise = self.may_start = True
        self.set(ma)

    def set(self, ma):
        self.ma = list(ma)
        self.rise_ma = list(ma)
        self.start_ma = list(ma)


class Steps:
    """`case` as above. A car that is not there (`here` False) leaves its bay empty."""

    def __init__(self, case):
        self.case = case
        rows = []
        for k, car in enumerate(case["cars"]):
            row = {"address": 2 + k}
            for key in ("phases", "min_a", "min_3p_a", "max_a", "priority"):
                if key in car:
                    row[key] = car[key]
            rows.append(row)
        raw = {"group": {"type": "static", "limit_a": 500, **case.get("group", {})}}
        config, faults = check({**raw, "chargers": rows})
        assert not faults, faults
        self.cars = [dict(car) for car in case["cars"]]
        self.table = Chargers(len(rows))
        self.allocator = Allocator(len(rows), config["group"])
        self.budget = FixedBudget(case["budget_ma"])
        self.now_ms = case.get("start_ms", 0)
        self.passed_ms = 0
        self.history = []  # limits in A after each step
        for i, row in enumerate(config["chargers"]):
            self.table.place(i, row)
            self.table.presence[i] = presence.ONLINE
            self.table.known[i] = True
            self.table.held_ma[i] = 0
            self.table.timeout_ms[i], self.table.failsafe_ma[i] = 30_000, 6000

    def step(self, seconds=5, times=1):
        for _ in range(times):
            self.now_ms = (self.now_ms + seconds * 1000) & 0x3FFFFFFF
            self.passed_ms += seconds * 1000
            for i, car in enumerate(self.cars):
                self._read(i, car)
            self.table.age(self.now_ms, 1 << 27)
            demand.update(self.now_ms, self.table)
            self.allocator.decide(self.now_ms, self.table, self.budget, 0, 230)
            for i, limit_ma in enumerate(self.table.limit_ma):
                self.table.acknowledged(i, self.now_ms, limit_ma)
            self.history.append(self.limits_a())
        return self

    def _read(self, i, car):
        """The charger's status: what its car makes of the limit."""
        table = self.table
        table.heard(i, self.now_ms)
        limit_ma = table.limit_ma[i]
        status, draw_ma = registers.NO_CAR, 0
        if car.get("here", True):
            draw_ma = min(limit_ma, int(car.get("wants_a", 32) * 1000))
            if draw_ma:
                status = registers.CHARGING
            elif limit_ma:
                status = registers.STARTING
            else:
                status = registers.SHORT_NEW
        wires = car.get("car_phases", 3)
        terminals = [draw_ma if k < wires else 0 for k in range(3)]
        table.read_status(i, self.now_ms, status, terminals)

    def limits_a(self):
        return [ma // 1000 for ma in self.table.limit_ma]

    def charging(self):
        """The indices of those who have a limit."""
        return [i for i, ma in enumerate(self.table.limit_ma) if ma]

    def used_ma(self, phase):
        """What their limits add up to on a phase."""
        table = self.table
        on_it = [i for i in range(table.n) if table.mask[i] >> phase & 1]
        return sum(table.limit_ma[i] for i in on_it)

    def line(self):
        """The case as one line that can be replayed."""
        return json.dumps(self.case)


def one_phase(n, **more):
    return [{"phases": "L1", "car_phases": 1, **more} for _ in range(n)]


def three_phase(n, **more):
    return [{"phases": "L1L2L3", **more} for _ in range(n)]
