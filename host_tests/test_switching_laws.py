"""S11 over drawn lives of a charger: lost frames, silence, apps, cars that do not obey."""

import random

from conftest import cases_of
from hypothesis import given
from hypothesis import strategies as st

from loadrail import presence, registers
from loadrail.chargers import Chargers
from loadrail.phases import ORDERS
from loadrail.switch_states import (
    ALL,
    CONFIRM,
    DONE,
    FAILED,
    FOLLOWED,
    IDLE,
    LOCKED,
    ONE,
    QUIT,
    RAMP,
    START,
    STOP,
    WAIT,
    WRITE,
    mask_with,
)
from loadrail.switching import Switching

WRAP_MS = 1 << 30
WATCHDOG_MS = 30_000
FAILSAFE_MA = 6000
ZERO_STATES = (STOP, WAIT, WRITE, CONFIRM)


class Life:
    """One charger, what is known of it, and how that comes about; `rates` are a thousandth."""

    def __init__(self, seed, start_ms, wait_ms, pause_ms, most, **rates):
        self.dice = random.Random(seed)
        self.start_ms = start_ms
        self.wait_ms, self.pause_ms, self.most = wait_ms, pause_ms, most
        self.rates = rates
        self.t = 0  # never wraps, unlike now_ms
        # the truth
        self.code = self.dice.choice([ONE, ALL])
        self.limit_ma = 0
        self.draw_ma = 0
        self.car_phases = 3
        self.is_down_until = 0
        self.rogue_until = 0
        self.fed_t = 0
        self.other_reads = self.dice.choice([1, 1, 3, 5])  # of 6
        # the firmware
        self.c = c = Chargers(1)
        row = {"address": 2, "phases": self.dice.choice(["L1L2L3", "L3L1L2"]), "priority": 5}
        c.place(0, {**row, "min_a": 6, "min_3p_a": 6, "max_a": 32})
        c.phase_to_use = [None]
        c.timeout_ms[0], c.failsafe_ma[0] = WATCHDOG_MS, FAILSAFE_MA
        c.fed_at[0] = c.heard_at[0] = self.now_ms
        self.s = Switching(1)
        self.s.configure(0, True, wait_ms, pause_ms, most)
        self.s.able[0] = True
        self.share_ma = 0
        # what the laws ask for
        self.readings = []  # (t, mA)
        self.sent = []  # (t, number of the switch)
        self.begun = 0
        self.in_session = set()  # numbers of the switches that were sent
        self.seen = set()  # states and outcomes
        self.true_ma_at_switches = []

    @property
    def now_ms(self):
        return (self.start_ms + self.t) % WRAP_MS

    def chance(self, name):
        return self.dice.randrange(1000) < self.rates.get(name, 0)

    def frame(self):
        """(arrives, is answered)"""
        if self.t < self.is_down_until or self.chance("lost"):
            return False, False
        self.fed_t = self.t
        return True, not self.chance("unanswered")

    # --- the charger and its car

    def live(self):
        """What the world does before the next frame."""
        self.t += self.dice.choice([50, 200, 400, 900])
        if self.chance("silent"):
            self.is_down_until = self.t + self.dice.choice([3000, 20_000, 70_000])
        if self.chance("rogue"):
            self.rogue_until = self.t + self.dice.choice([300, 2000, 20_000])
        if self.chance("app"):
            self.code = self.dice.choice([ONE, 3, ALL])
        if self.chance("app"):
            self.limit_ma = self.dice.choice([0, 16_000])
        if self.chance("car"):
            self.car_phases = self.dice.choice([0, 1, 3])
        if self.t - self.fed_t > WATCHDOG_MS:
            self.limit_ma = FAILSAFE_MA
        wanted_ma = self.limit_ma
        if self.t < self.rogue_until:
            wanted_ma = self.dice.choice([900, 1000, 9000])
        if self.car_phases == 0:
            wanted_ma = 0
        # A car goes down at once or a little later; up as it likes.
        if self.dice.randrange(4):
            self.draw_ma = wanted_ma

    def terminals_ma(self):
        used = min(1, self.car_phases) if self.code == ONE else self.car_phases
        return [self.draw_ma if k < used else 0 for k in range(3)]

    # --- frames

    def read_status(self):
        arrives, answered = self.frame()
        if not (arrives and answered):
            self.c.missed(0)
            return
        status = registers.NO_CAR
        if self.car_phases:
            status = registers.CHARGING if self.draw_ma else registers.SHORT_PAUSED
        terminals_ma = self.terminals_ma()
        self.c.heard(0, self.now_ms)
        self.c.read_status(0, self.now_ms, status, terminals_ma)
        self.s.seen(0, self.c)
        self.readings.append((self.t, max(terminals_ma)))

    def read_settings(self):
        arrives, answered = self.frame()
        if not (arrives and answered):
            self.c.missed(0)
            return
        self.c.heard(0, self.now_ms)
        self.c.phase_to_use[0] = self.code
        self.c.held_ma[0] = self.limit_ma
        self.c.known[0] = True

    def write_limit(self):
        limit_ma = self.c.limit_ma[0]
        self.c.sending(0, self.now_ms, limit_ma)
        arrives, answered = self.frame()
        if arrives:
            self.limit_ma = limit_ma
        if answered:
            self.c.heard(0, self.now_ms)
            self.c.acknowledged(0, self.now_ms, limit_ma)
        else:
            self.c.missed(0)

    def write_code(self, code):
        arrives, answered = self.frame()
        if arrives and not self.chance("stubborn"):
            if code != self.code:
                self.true_ma_at_switches.append(max(self.terminals_ma()))
            self.code = code
        if answered:
            self.c.heard(0, self.now_ms)
            self.s.wrote(0, self.now_ms)
        else:
            self.c.missed(0)

    def poll(self):
        """What the bus carries next."""
        code = self.s.code_to_write(0, self.now_ms, self.c)
        if code is not None:
            self.judge(code)
            self.write_code(code)
        elif self.c.limit_ma[0] != self.c.held_ma[0] and self.dice.randrange(3):
            self.write_limit()
        elif not self.c.known[0] or self.dice.randrange(6) < self.other_reads:
            self.read_settings()
        else:
            self.read_status()

    def decide(self):
        c, s = self.c, self.s
        c.age(self.now_ms, 10_000)
        outcome = s.step(0, self.now_ms, c)
        self.seen.add(s.state[0])
        self.seen.add(outcome)
        if c.status[0] == registers.NO_CAR and c.presence[0] == presence.ONLINE:
            self.in_session.clear()
        if not self.dice.randrange(30):
            self.share_ma = self.dice.choice([0, 6000, 16_000])
        if not self.dice.randrange(4):
            if s.want(0, self.now_ms, c, self.dice.choice([ONE, ALL]), 1):
                self.begun += 1
        if s.state[0] == LOCKED and self.chance("unlock"):
            s.unlock(0)
        most_a = s.most_a(0, 6)
        limit_ma = self.share_ma if most_a is None else min(self.share_ma, most_a * 1000)
        if c.presence[0] in (presence.SILENT, presence.RELEASED) or not c.known[0]:
            limit_ma = min(c.limit_ma[0], FAILSAFE_MA)
        c.limit_ma[0] = limit_ma

    def run(self, rounds=500):
        for _ in range(rounds):
            self.live()
            self.poll()
            if not self.dice.randrange(2):
                self.decide()
            self.check()
        return self

    # --- the laws

    def judge(self, code):
        """A code goes out to the charger."""
        s, c = self.s, self.c
        assert code in (ONE, ALL)
        assert s.state[0] == WRITE
        assert s.must_be_zero(0)
        assert c.limit_ma[0] == c.held_ma[0] == 0
        assert self.t - self.readings[-1][0] < 5000
        for t, ma in self.readings:
            assert ma < 1000 or self.t - t >= max(5000, self.wait_ms)
        if not self.sent or self.sent[-1][1] != self.begun:
            since = self.sent[-1][0] if self.sent else 0
            assert self.t - since >= self.pause_ms
        self.sent.append((self.t, self.begun))
        self.in_session.add(self.begun)
        assert len(self.in_session) <= self.most

    def check(self):
        """Always."""
        s, c = self.s, self.c
        assert s.must_be_zero(0) == (s.state[0] in ZERO_STATES)
        masks = s.masks(0, c)
        if s.state[0] in (RAMP, *ZERO_STATES):
            assert masks == mask_with(ONE, c.order[0]) | mask_with(ALL, c.order[0])
        for phase in range(3):
            assert masks >> phase & 1 or c.draw_ma[phase] < 1000
        if not self.rates.get("app"):
            true_mask = mask_with(self.code, c.order[0])
            assert true_mask & ~masks == 0, "what it is really set to is booked"


TROUBLE = {
    "lost": 60,
    "unanswered": 60,
    "silent": 4,
    "rogue": 8,
    "app": 3,
    "car": 15,
    "stubborn": 250,
}
rates = st.fixed_dictionaries(
    {name: st.sampled_from([0, rate, 4 * rate]) for name, rate in TROUBLE.items()}
)
lives = {
    "seed": st.integers(0, 1 << 30),
    # the counter wraps at the first frame, within the run, or not at all
    "start_ms": st.sampled_from([WRAP_MS - 1, 0, *range(WRAP_MS - 200_000, WRAP_MS, 20_000)]),
    "wait_ms": st.sampled_from([5000, 7000, 20_000]),
    "pause_ms": st.sampled_from([0, 20_000, 60_000]),
    "most": st.integers(0, 4),
}


@cases_of(120)
@given(st.fixed_dictionaries(lives), rates)
def test_s11_nothing_is_written_under_current_too_soon_or_too_often_and_both_are_booked(how, rate):
    Life(**how, **rate, unlock=50).run()


@cases_of(60)
@given(st.fixed_dictionaries(lives), rates)
def test_s11_a_car_that_obeys_is_never_switched_under_current(how, rate):
    """However slow and lossy the bus, and whatever the charger's own watchdog lets it do."""
    life = Life(**how, **{**rate, "rogue": 0, "app": 0, "silent": 8}).run()
    assert all(ma < 1000 for ma in life.true_ma_at_switches)


@cases_of(40)
@given(st.fixed_dictionaries(lives))
def test_s11_after_two_failures_nothing_is_written_any_more(how):
    life = Life(**{**how, "most": 6, "pause_ms": 20_000}, stubborn=1000, unanswered=100)
    life.run(800)
    assert (life.s.state[0], life.s.failures[0]) == (LOCKED, 2)
    sent = len(life.sent)
    life.rates["stubborn"] = 0
    life.run(200)
    assert len(life.sent) == sent
    assert life.s.state[0] == LOCKED


@cases_of(30)
@given(st.fixed_dictionaries(lives), st.sampled_from(sorted(ORDERS)), st.booleans(), st.booleans())
def test_s11_who_may_not_be_switched_is_never_written_to(how, phases, allowed, able):
    life = Life(**{**how, "most": 6, "pause_ms": 0})
    life.c.order[0] = ORDERS[phases]
    life.s.allowed[0], life.s.able[0] = allowed, able
    life.check = lambda: None
    life.run(150)
    may = allowed and able and len(ORDERS[phases]) == 3
    assert may or (not life.begun and not life.sent)


def test_s11_the_drawn_lives_are_lives_in_which_it_all_happens():
    """Laws that nothing puts to the test hold for ever."""
    seen = set()
    sent = switched = 0
    for seed in range(60):
        quiet = seed % 2
        how = {"seed": seed, "start_ms": WRAP_MS - 100_000, "most": 4, "unlock": 50}
        trouble = {} if quiet else TROUBLE
        life = Life(**how, wait_ms=5000, pause_ms=20_000, **trouble).run()
        seen |= life.seen
        sent += len(life.sent)
        switched += len(life.true_ma_at_switches)
        assert switched or not quiet
    states = {IDLE, RAMP, STOP, WAIT, WRITE, CONFIRM, START, LOCKED}
    assert seen >= states | {DONE, QUIT, FAILED, FOLLOWED}
    assert sent > switched > 60
