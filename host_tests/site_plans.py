"""Drawn sites for the oracle: chargers under given readings, cars, a house, all that goes wrong.

A case is small and says all: {"seed", "readings" (numbers of combinations, one a charger),
"seconds", "switching", "meter"}. The same case gives the same run.
"""

import random

from oracle import Oracle
from world import World

from loadrail.core import Primary
from loadrail.request import CRC, MISMATCH, TIMEOUT
from loadrail_site import readings
from loadrail_site.lies import LIES
from loadrail_site.virtual import DOUBLED, LATE, OVERDUE

LOST = 0.1  # of all frames
QUIET_S = 70  # at the end nothing goes wrong any more
ROUND_S = 240  # in a long run everything happens again
FIRST_S = 40  # by then the cars charge
THREES = ("L1L2L3", "L2L3L1", "L3L1L2", "L1L3L2")
ONES = ("L1", "L2", "L3")
APP = (
    ("amps_to_use", (6, 10, 16, 32)),
    ("communication_timeout", (0, 5, 60)),
    ("failsafe_current", (0, 16)),
    ("user_max_current", (6, 10, 16)),
    ("phase_to_use", (0, 6)),  # of chargers on three phases
)


def number_of(reading):
    """The number of the combination that a full reading is."""
    number = 0
    for question in readings.COMBINED:
        answers = readings.READINGS[question]
        number = number * len(answers) + answers.index(reading[question])
    return number


def play(case):
    """Run a case; the oracle's faults."""
    return Play(case).run()


class Play:
    """One case under way."""

    def __init__(self, case):
        self.case = case
        self.dice = random.Random(case["seed"])
        self.events = []
        n = len(case["readings"])
        self.suspicions = [[] for _ in range(n)]
        cars = [self._charger(number) for number in case["readings"]]
        self.wires = [len(phases) // 2 for phases, *_ in cars]
        self.restarts_s = []
        self.last_s = case["seconds"] - QUIET_S
        for begin_s in range(FIRST_S, self.last_s - 60, ROUND_S):
            self._round(n, begin_s, min(begin_s + ROUND_S, self.last_s))
        house = self._house()
        self.world = World(
            cars,
            limit_a=self.dice.choice([50, 63, 80]),
            house=house,
            events=self.events,
            start_ms=(1 << 30) - self.dice.randrange(1000, 120_000),
            group={"raise_after_s": self.dice.choice([2, 10]), "phase_sharing": "mixed"},
            turnaround_ms=(2, 30),
            faults=self._fault,
            idle_ms=20,
            site_step_ms=100,
        )
        self._allow_switching()
        self.oracle = Oracle(self.world, self.suspicions)

    # --- what there is

    def _charger(self, number):
        dice = self.dice
        phases = dice.choice(THREES) if dice.random() < 0.75 else dice.choice(ONES)
        car = {
            "phases": dice.choice([1, 3, 3]) if len(phases) == 6 else 1,
            "max_a": dice.choice([10, 16, 32]),
            "plug_in_s": dice.choice([0, dice.randrange(0, 120)]),
        }
        if dice.random() < 0.3:
            car["unplug_s"] = car["plug_in_s"] + dice.randrange(60, self.case["seconds"])
        if dice.random() < 0.1:
            car["energy_wh"] = dice.randrange(100, 600)
        reading = readings.combination(number)
        charger = {"reading": {question: reading[question] for question in readings.COMBINED}}
        charger["signal_delay_ms"] = dice.choice([1000, 1000, 3000])
        return phases, car, charger

    def _house(self):
        dice = self.dice
        steps = [{"at_s": 0, "phases": list(ONES), "amps": dice.randrange(0, 9)}]
        for at_s in sorted(dice.sample(range(FIRST_S, self.last_s), self.case["seconds"] // 60)):
            phases = dice.sample(ONES, dice.choice([1, 3]))
            steps.append({"at_s": at_s, "phases": phases, "amps": dice.randrange(-4, 14)})
        return steps

    def _allow_switching(self):
        """With waits shorter than a configuration may ask for, so that it happens at all."""
        if not self.case.get("switching"):
            return
        config = self.world.primary.config
        config["group"].update(switch_wait_s=10, switch_pause_s=30)
        for row in config["chargers"]:
            row["phase_switching"] = "on" if len(row["phases"]) == 6 else "off"
        self.world.primary.configure(config, self.world.run.ticks_ms())

    # --- what goes wrong

    def _round(self, n, begin_s, end_s):
        """Each trouble meets a charger of its own, at a moment of its own."""
        victims = self.dice.sample(range(n), n)
        span_s = end_s - begin_s
        silences = [self._silence] * self.dice.choice([1, 3])
        for trouble in [self._restart, self._app, self._freeze, self._lie, *silences]:
            if len(victims) > 1:  # one at least has no trouble
                at_s = begin_s + self.dice.randrange(0, max(1, span_s - 50))
                trouble(victims.pop(), at_s, end_s)
        at_s = begin_s + self.dice.randrange(0, span_s)
        if self.dice.random() < 0.5 and not self._is_frozen(at_s):
            self.restarts_s.append(at_s)
        if self.case.get("meter"):
            at_s = begin_s + self.dice.randrange(0, max(1, span_s - 30))
            self._event(at_s, "meter", "deaf")
            self._event(at_s + self.dice.choice([5, 25]), "meter", "back")

    def _is_frozen(self, at_s):
        """Who has never seen a clock move cannot tell that it stands still: a new controller."""
        for rows in self.suspicions:
            for kind, from_ms, until_ms in rows:
                if kind == "freeze" and from_ms <= at_s * 1000 < until_ms + 20_000:
                    return True
        return False

    def _event(self, at_s, device, do, **more):
        self.events.append({"at_s": at_s, "device": device, "do": do, **more})

    def _suspect(self, i, kind, from_s, until_s):
        self.suspicions[i].append((kind, from_s * 1000, until_s * 1000))

    def _silence(self, i, at_s, end_s):
        self._event(at_s, i + 1, self.dice.choice(["deaf", "silent"]))
        self._event(min(end_s, at_s + self.dice.choice([3, 12, 30, 60])), i + 1, "back")

    def _restart(self, i, at_s, end_s):
        do = self.dice.choice(["restart", "restart", "lose_registers"])
        self._event(at_s, i + 1, do)
        self._suspect(i, do, at_s, at_s + 8)

    def _app(self, i, at_s, end_s):
        register, values = self.dice.choice(APP[: 5 if self.wires[i] == 3 else 4])
        self._event(at_s, i + 1, "app", register=register, value=self.dice.choice(values))
        self._suspect(i, "app", at_s, at_s)

    def _freeze(self, i, at_s, end_s):
        until_s = min(end_s, at_s + self.dice.randrange(8, 60))
        self._event(at_s, i + 1, "freeze", writes=self.dice.choice(["obeyed", "dropped"]))
        self._event(until_s, i + 1, "thaw")
        self._suspect(i, "freeze", at_s, until_s)

    def _lie(self, i, at_s, end_s):
        what = LIES[self.case["seed"] % len(LIES)]
        until_s = self.dice.choice([end_s, self.case["seconds"]])
        self._event(at_s, i + 1, "lie", what=what)
        if until_s == end_s:
            self._event(until_s, i + 1, "lie", what=None)
        self._suspect(i, "lie", at_s, until_s)

    def _fault(self, bus, request, now_ms):
        if self.dice.random() >= LOST or now_ms >= self.last_s * 1000:
            return None
        late = (OVERDUE, self.dice.randrange(0, 80))
        return self.dice.choice([TIMEOUT, CRC, MISMATCH, (LATE, TIMEOUT), DOUBLED, late])

    # --- how it goes

    def run(self):
        for at_s in sorted(self.restarts_s):
            self.world.until(at_s)
            self._new_controller()
        self.world.until(self.case["seconds"])
        return self.oracle.finish()

    def _new_controller(self):
        run = self.world.run
        self.world.primary = run.primary = Primary(run.primary.config, run.ticks_ms())
        self.oracle.watch(run.primary)
