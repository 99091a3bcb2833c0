# A roof with chargers whose cars follow at once, second by second: for the tests of solar modes.

from loadrail import demand, presence, registers
from loadrail.budget import METER_FINE
from loadrail.chargers import Chargers
from loadrail.clock import add_ms
from loadrail.config import check
from loadrail.decision import Allocator
from loadrail.solar import made_of
from loadrail.switching import Switching

WRAP_MS = 1 << 30
ONE = {"phases": "L1", "solar_mode": "solar"}
THREE = {"phases": "L1L2L3", "solar_mode": "solar"}


def row_of(like, **more):
    row = dict(like)
    row.update(more)
    return row


class Meter:
    """A budget as solar.py and decision.py read it: the circuit has `a` on each phase."""

    def __init__(self, a):
        self.meter = METER_FINE
        self.may_raise = self.may_start = True
        self.set(a * 1000)
        self.grid_ma = [0, 0, 0]
        self.grid_at = None

    def set(self, ma):
        self.ma = [ma] * 3
        self.start_ma = [ma] * 3
        self.rise_ma = [ma] * 3


class Roof:
    """`cars`: keys of their chargers' rows, and "takes_a". `sun`: what is left over before the
    chargers, mA on each phase (one number: on L1 alone)."""

    def __init__(self, cars, sun=0, group=None, start_ms=WRAP_MS - 100_000):
        self.cars = [dict(car) for car in cars]
        self.group = group or {}
        self.c = self.solar = None
        self.budget = Meter(63)
        self.now_ms = start_ms
        self.passed_s = 0
        self.switching = Switching(len(cars))
        self.sun(sun)
        self.configure()

    def sun(self, ma):
        self.sun_ma = [ma, 0, 0] if isinstance(ma, int) else list(ma)
        return self

    def configure(self, **group):
        """Take the rows of the cars and these settings as a new configuration in mid-run."""
        self.group.update(group)
        settings = {"type": "dynamic", "limit_a": 63}
        settings.update(self.group)
        rows = []
        for k, car in enumerate(self.cars):
            rows.append({key: car[key] for key in car if key not in ("takes_a", "here")})
            rows[k]["address"] = 2 + k
        raw = {"group": settings, "chargers": rows, "meter": {"address": 1}}
        config, faults = check(raw)
        assert not faults, faults
        old = self.c
        self.c = c = Chargers(len(rows))
        for i, row in enumerate(config["chargers"]):
            c.place(i, row)
            c.presence[i] = presence.ONLINE
            c.known[i] = True
            c.held_ma[i] = 0
            c.timeout_ms[i], c.failsafe_ma[i] = 30_000, 6000
            if old is not None:
                c.inherit(i, old, i)
        self.solar = made_of(config["chargers"], config["group"], self.solar, old)
        self.allocator = Allocator(c.n, config["group"])
        return self

    def mode(self, mode, i=0):
        self.cars[i]["solar_mode"] = mode
        return self.configure()

    def step(self, seconds=1, metered=True):
        for _ in range(seconds):
            self.passed_s += 1
            self.now_ms = add_ms(self.now_ms, 1000)
            self._read(metered)
            self.decide()
        return self

    def _read(self, metered):
        c, grid_ma = self.c, [-ma for ma in self.sun_ma]
        for i in range(c.n):
            for phase in range(3):
                grid_ma[phase] += self.draw_ma(i) if c.mask[i] >> phase & 1 else 0
        if metered:
            self.budget.grid_ma[:] = grid_ma
            self.budget.grid_at = self.now_ms
        for i, car in enumerate(self.cars):
            c.heard(i, self.now_ms)
            draw_ma = self.draw_ma(i)
            status = registers.CHARGING if draw_ma else registers.SHORT_NEW
            if not car.get("here", True):
                status = registers.NO_CAR
            c.read_status(i, self.now_ms, status, [draw_ma] * 3)

    def draw_ma(self, i):
        car = self.cars[i]
        if not car.get("here", True):
            return 0
        return min(self.c.limit_ma[i], car.get("takes_a", 32) * 1000)

    def decide(self):
        c = self.c
        c.age(self.now_ms, 1 << 27)
        demand.update(self.now_ms, c)
        for i in range(c.n):
            c.hold[i] = 0
            c.most_a[i] = 32
        self.solar.update(self.now_ms, c, self.budget, self.switching)
        self.allocator.decide(self.now_ms, c, self.budget, 0, 230)
        for i in range(c.n):
            c.acknowledged(i, self.now_ms, c.limit_ma[i])

    def until(self, fits, patience_s=600):
        """Go on until it fits; how many seconds that took."""
        for k in range(patience_s):
            if fits(self):
                return k
            self.step()
        raise AssertionError("it never came: %s A, %s" % (self.limits_a(), self.said()))

    def limits_a(self):
        return [ma // 1000 for ma in self.c.limit_ma]

    def why(self, i=0):
        return self.c.reason[i]

    def said(self, i=0):
        from loadrail.sentences import sentence

        c = self.c
        return sentence(c.reason[i], c.reason_room[i], c.reason_value[i], c.reason_s[i])
