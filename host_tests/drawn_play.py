"""Plays a case of drawn_sites.py and judges it. `play(case)` tells what was found."""

import random
import traceback
from pathlib import Path

from drawn_hands import Hands
from drawn_oracle import DrawnOracle
from drawn_troubles import blindness, suspicions

from loadrail.config import check
from loadrail.core import Primary
from loadrail.request import CRC, MISMATCH, TIMEOUT
from loadrail_site.site import Site
from loadrail_site.virtual import DOUBLED, LATE, OVERDUE, Run

SITE_STEP_MS = 200
IDLE_MS = 40
LOST = {
    "timeout": TIMEOUT,
    "crc": CRC,
    "mismatch": MISMATCH,
    "late": (LATE, TIMEOUT),
    "doubled": DOUBLED,
}
LATEST_MS = 80  # after its time-out


class Unplayable(ValueError):
    """What the case asks for is no configuration."""


class Told:
    """What came of a case: `faults`, a line each; counts; and how warm the breaker became."""

    def __init__(self, faults, counts):
        self.faults = faults
        self.counts = counts


def play(case):
    """Run a case; Told. An error of the core is a fault too. Raises Unplayable."""
    return Play(case).judge()


class Play:
    """One case under way; the oracle's world."""

    def __init__(self, case):
        self.case = case
        self.dice = random.Random(case["seed"])
        self.site = Site(case["scenario"], sample_ms=0)
        self.raw = case["config"]
        start_ms = case["start_ms"] & 0x3FFFFFFF
        self.primary = Primary(self._configuration(self.raw), start_ms)
        self.counts = {"frames": 0, "lost": 0}
        self._lost = case["lost"]["kinds"], case["lost"]["rate"]
        self.run = Run(
            self.primary,
            self.site,
            offset_ms=start_ms,
            turnaround_ms=tuple(case["turnaround_ms"]),
            faults=self._fault if self._lost[1] else None,
            on_frame=self._sent,
            idle_ms=IDLE_MS,
            site_step_ms=SITE_STEP_MS,
        )
        self.oracle = DrawnOracle(self, suspicions(case), blindness(case))
        self.hands = Hands(self) if "hands" in case else None

    def judge(self):
        """Play it to its end; Told."""
        case, oracle = self.case, self.oracle
        agenda = [(at_s, self._new_controller) for at_s in case["restarts_s"]]
        for change in case["changes"]:
            agenda.append((change["at_s"], lambda change=change: self._configure(change)))
        if self.hands:
            agenda += self.hands.agenda()
        try:
            for at_s, happens in sorted(agenda, key=lambda entry: entry[0]):
                self.run.until(at_s * 1000)
                happens()
            self.run.until(case["seconds"] * 1000)
            faults = oracle.finish() if case["seconds"] > case["calm_s"] else oracle.faults
        except Unplayable:
            raise
        except Exception as error:  # whatever escapes the core is what is looked for
            where = traceback.extract_tb(error.__traceback__)[-1]
            text = f"{type(error).__name__} in {Path(where.filename).name}: {error}"
            faults = [*oracle.faults, f"{self.run.now_ms / 1000:.2f} s error: {text}"]
        self._count()
        return Told(faults, self.counts)

    # --- what happens

    def _new_controller(self):
        """Power is back: it knows what is stored, and nothing of the chargers."""
        run = self.run
        self.primary = run.primary = Primary(self.primary.config, run.ticks_ms())
        self.oracle.restarted(run.primary)
        if self.hands:
            self.hands.begin()

    def _configure(self, change):
        raw = {**self.raw, "group": {**self.raw["group"], **change["group"]}}
        raw["chargers"] = [
            {**row, **change["chargers"].get(str(k), {})}
            for k, row in enumerate(raw["chargers"], 1)
        ]
        self.raw = raw
        config = self._configuration(raw)
        self.oracle.configured(config)
        self.primary.configure(config, self.run.ticks_ms())

    def _configuration(self, raw):
        rows = zip(self.site.charger_configs(), raw["chargers"], strict=True)
        config, faults = check({**raw, "chargers": [{**own, **row} for own, row in rows]})
        if faults:
            raise Unplayable(faults)
        return config

    def _sent(self, bus, request, now_ms):
        self.counts["frames"] += 1

    def _fault(self, bus, request, now_ms):
        kinds, rate = self._lost
        if self.dice.random() >= rate or now_ms >= self.case["calm_s"] * 1000:
            return None
        self.counts["lost"] += 1
        kind = self.dice.choice(kinds)
        return LOST[kind] if kind in LOST else (OVERDUE, self.dice.randrange(LATEST_MS))

    def count(self, kind):
        """One more of this kind has happened."""
        self.counts[kind] = self.counts.get(kind, 0) + 1

    def _count(self):
        """What happened, by kind."""
        case, counts = self.case, self.counts
        for event in case["scenario"]["events"]:
            self.count(event["do"])
        counts["controller restarted"] = len(case["restarts_s"])
        counts["configured"] = len(case["changes"])
        start_ms = case["start_ms"]
        counts["counter wrapped"] = int(start_ms + case["seconds"] * 1000 >= 1 << 30)
