# One charger and its switching, for the tests of both: a reading, a decision, a while that passes.

from loadrail import presence, registers
from loadrail.chargers import Chargers
from loadrail.clock import add_ms
from loadrail.switch_states import ALL, CONFIRM, IDLE, ONE, RAMP, STOP, WAIT, WRITE
from loadrail.switch_wishes import LACK, Wishes
from loadrail.switching import Switching

WRAP_MS = 1 << 30


class Bay:
    """One charger on L2L3L1, so that its terminal 1 is on L2, and its switching."""

    def __init__(self, code=ALL, start_ms=WRAP_MS - 100_000, phases="L2L3L1"):
        self.now_ms = start_ms
        self.c = c = Chargers(1)
        self.s = Switching(1)
        self.w = Wishes(1)
        row = {"address": 2, "phases": phases, "min_a": 6, "min_3p_a": 7, "max_a": 32}
        row["priority"] = 5
        c.place(0, row)
        c.phase_to_use = [code]
        c.presence[0] = presence.ONLINE
        c.known[0] = True
        c.timeout_ms[0], c.failsafe_ma[0] = 30_000, 6000
        self.s.configure(0, True)
        self.s.able[0] = True
        self.allow(0)
        self.read(0, registers.SHORT_PAUSED)
        self.step()
        self.ago(300_000)

    def ago(self, ms):
        """Time passes in which nothing happens and nobody looks."""
        self.now_ms = add_ms(self.now_ms, ms)
        return self

    def allow(self, limit_ma, acknowledged=True):
        self.c.limit_ma[0] = limit_ma
        if acknowledged:
            self.c.held_ma[0] = limit_ma
        return self

    def read(self, draw_ma, status=registers.CHARGING):
        """A reading: a number is its terminal 1 alone, or three by terminal."""
        terminals = [draw_ma, 0, 0] if isinstance(draw_ma, int) else draw_ma
        self.ago(1)
        self.c.read_status(0, self.now_ms, status, terminals)
        self.s.seen(0, self.c)
        return self

    def step(self):
        self.ago(1)
        self.outcome = self.s.step(0, self.now_ms, self.c)
        return self

    def rest(self, ms, draw_ma=0, status=registers.SHORT_PAUSED):
        """Time passes with a reading and a decision each second."""
        while ms > 0:
            self.ago(min(ms, 1000) - 2).read(draw_ma, status).step()
            ms -= 1000
        return self

    def want(self, code=None):
        if code is None:
            code = ONE if self.s.code[0] == ALL else ALL
        return self.s.want(0, self.now_ms, self.c, code, LACK)

    def refusal(self, code=ONE):
        return self.s.refusal(0, self.now_ms, self.c, code)

    def code_to_write(self):
        return self.s.code_to_write(0, self.now_ms, self.c)

    def masks(self):
        return self.s.masks(0, self.c)

    @property
    def state(self):
        return self.s.state[0]

    def go(self, state):
        """On to a state by the straight way."""
        if state == IDLE:
            return self
        self.allow(16_000 if state == RAMP else 0)
        assert self.want()
        if state == RAMP:
            return self
        self.step()
        if state == STOP:
            return self
        self.read(0).step()
        if state == WAIT:
            return self
        self.rest(91_000)
        if state == WRITE:
            return self
        self.send()
        if state == CONFIRM:
            return self
        self.c.phase_to_use[0] = self.s.target[0]
        return self.step()

    def send(self):
        assert self.code_to_write() == self.s.target[0]
        self.s.wrote(0, self.now_ms)
        return self

    def switch(self, code=None):
        """The whole of it."""
        assert self.want(code), self.refusal()
        self.step().read(0).step().rest(91_000).send()
        self.c.phase_to_use[0] = self.s.target[0]
        self.step().read(6000).step()
        assert self.state == IDLE
        return self.allow(0).read(0, registers.SHORT_PAUSED)


def set_phases(code):
    def act(bay):
        bay.c.phase_to_use[0] = code

    return act


def be(column, value):
    def act(bay):
        table = bay.c if hasattr(bay.c, column) else bay.s
        getattr(table, column)[0] = value

    return act
