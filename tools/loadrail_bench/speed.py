# How fast time passes in virtual time: what the soak's hours cost.
#
# The evening of day.py with its 20 chargers, the core and the whole site, on one core of CPython;
# nobody looks on. The best of several stretches: others may use the machine meanwhile.

import time

from loadrail_site.virtual import Run

from .day import Day
from .table import Row

TARGET = 500
START_H = 18.0
WARM_UP_S = 60
STRETCH_S = 300
STRETCHES = 5
SITE_STEP_MS = 200  # as in the soak
IDLE_MS = 40


def measure() -> list[Row]:
    """The number, with the frames that the chargers' bus carried."""
    hours = (WARM_UP_S + STRETCHES * STRETCH_S) / 3600
    today = Day(hours, START_H)
    run = Run(today.primary, today.site, idle_ms=IDLE_MS, site_step_ms=SITE_STEP_MS)
    run.until(WARM_UP_S * 1000)
    best = frames = 0.0
    for k in range(1, STRETCHES + 1):
        before, began_s = run.buses[0].transactions, time.process_time()
        run.until((WARM_UP_S + k * STRETCH_S) * 1000)
        best = max(best, STRETCH_S / (time.process_time() - began_s))
        frames = (run.buses[0].transactions - before) / STRETCH_S
    note = f"one core, {frames:.0f} frames a second to the chargers"
    return [Row("virtual time with 20 chargers", best, ">=", TARGET, "x real time", note)]
