"""How soon 20 chargers are lowered once the meter has shown too much, on each kind of line."""

import pytest

from loadrail.config import check
from loadrail.core import Primary
from loadrail.line import transaction_us
from loadrail.registers import AMPS_TO_USE
from loadrail.request import OK, Request
from loadrail_site.site import Site
from loadrail_site.virtual import Run

N = 20
LIMIT_A = 400
TURNAROUND_MS = 5
STEP_S = 90  # by then all charge with all that their cars take
MOST_PERCENT = 115  # of what the line itself needs
LINES = [(9600, "N"), (19200, "E"), (38400, "E"), (115200, "N")]


class Stopwatch:
    """A site whose house takes 260 A more at once; times are microseconds of the run."""

    def __init__(self, baud, parity):
        car = {"phases": 3, "max_a": 16, "plug_in_s": 0}
        step = {"at_s": STEP_S, "phases": ["L1", "L2", "L3"], "amps": 260}
        scenario = {
            "seconds": 3600,
            "limit_a": LIMIT_A,
            "chargers": [{"phases": "L1L2L3", "cars": [dict(car)]} for _ in range(N)],
            "house": {"steps": [step]},
        }
        self.site = Site(scenario, sample_ms=0)
        config, faults = check(
            {
                "group": {"limit_a": LIMIT_A},
                "bus": {"baud": baud, "parity": parity},
                "meter": {"address": self.site.meter.address},
                "chargers": self.site.charger_configs(),
            }
        )
        assert not faults
        self.primary = Primary(config, 0)
        self.over_us = None  # the last byte of the first answer above the limit
        self.lowered_us = {}  # unit -> when its lower limit was acknowledged
        self.between = []  # requests meanwhile that lowered nobody
        self._answer, self.primary.answer = self.primary.answer, self._seen
        more = {"turnaround_ms": TURNAROUND_MS, "on_frame": self._sent, "idle_ms": 20}
        self.run = Run(self.primary, self.site, **more)
        self._request = None
        self._is_over = False  # what the meter shows to the request under way
        self.before_a = []

    def limits_a(self):
        return [charger.settings[AMPS_TO_USE] for charger in self.site.chargers]

    def go(self):
        self.run.until(STEP_S * 1000 - 1)
        self.before_a = self.limits_a()
        self.run.until(STEP_S * 1000 + 15_000)
        return self

    def _sent(self, bus, request, now_ms):
        self._request = request
        self._is_over = max(self.site.meter.shown_ma) > LIMIT_A * 1000

    def _seen(self, bus, now_ms, result, words):
        request = self._request
        if request.unit == self.site.meter.address:
            if result == OK and self.over_us is None and self._is_over:
                self.over_us = self.run.now_us
        elif self.over_us is not None and len(self.lowered_us) < N:
            i = request.unit - self.site.chargers[0].address
            lower = request.values is not None and request.register == AMPS_TO_USE
            if lower and result == OK and request.values[0] < self.before_a[i]:
                self.lowered_us.setdefault(request.unit, self.run.now_us)
            else:
                self.between.append((request.unit, request.function, request.register))
        self._answer(bus, now_ms, result, words)


@pytest.mark.parametrize("baud, parity", LINES)
def test_s1_twenty_chargers_are_lowered_in_hardly_more_than_the_line_needs(baud, parity):
    watch = Stopwatch(baud, parity).go()
    assert min(watch.before_a) > 6
    assert len(watch.lowered_us) == N
    one = Request().write(2, AMPS_TO_USE, [6], 300)
    floor_us = N * transaction_us(one, baud, 10 + (parity == "E"), TURNAROUND_MS)
    took_us = max(watch.lowered_us.values()) - watch.over_us
    assert took_us * 100 <= floor_us * MOST_PERCENT, (took_us, floor_us)
    assert not watch.between
    assert all(b < a for a, b in zip(watch.before_a, watch.limits_a(), strict=True))
