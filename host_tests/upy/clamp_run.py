# Runs on MicroPython: the clamps' job on a board that is made up. Prints what was seen as a line
# of JSON. No time passes: every wait is one turn of the loop.

import asyncio
import gc
import json
import math

from loadrail.clamps import Clamp
from loadrail.config import check
from loadrail.core import Primary
from primary.clamp_job import ClampJob
from primary.log import Log

RATE_HZ = 5000
AMPS = (10, 20, 40)

turn = asyncio.sleep_ms
slept_ms = [0]
held = [0, 0]  # samples worked through since the last turn of the loop, and the most ever
add = Clamp._add


def no_wait(ms):
    slept_ms[0] += ms
    return turn(0)


def counted(self, samples, start, stop, step, weight):
    held[0] += (stop - start) // step
    held[1] = max(held)
    add(self, samples, start, stop, step, weight)


class Source:
    """Has the samples after some looks; says what was asked of it."""

    channels = 3
    rate_hz = RATE_HZ
    reference_mv = 3300

    def __init__(self):
        self.started = 0
        self.looks = 0
        self.broken = None  # "silent" or "gone"
        self.steps = 3_300_000 * 3000 / 4096 / 18_000  # mA

    def start(self, buffer):
        if self.broken == "gone":
            raise OSError(19)
        self.started += 1
        self.looks = 3
        self.buffer = buffer

    def ready(self):
        self.looks -= 1
        if self.broken or self.looks:
            return False
        for k in range(len(self.buffer)):
            angle = 2 * math.pi * 50 * (k // 3) / RATE_HZ
            value = AMPS[k % 3] * 1000 / self.steps * math.sqrt(2) * math.sin(angle)
            self.buffer[k] = 2048 + round(value)
        return True


class Clock:
    now = 0


async def ticking():
    while True:
        held[0] = 0
        await turn(0)


async def take(job, times):
    for _ in range(times):
        Clock.now += 1000
        await job.run()


async def main():
    seen = {}
    ticker = asyncio.create_task(ticking())
    raw = {"group": {"limit_a": 63}, "meter": {"model": "clamps"}, "chargers": [{"address": 2}]}
    core = Primary(check(raw)[0], 0)
    source, log = Source(), Log()
    job = ClampJob(core, source, log, lambda: Clock.now)
    await take(job, 1)
    seen["grid_ma"] = list(core.budget.grid_ma)
    seen["length"] = core.meter.clamps[0].length
    seen["slept_ms"] = slept_ms[0]
    await take(job, 19)  # by then the charger's silence has been told of
    gc.collect()
    before = gc.mem_alloc()
    await take(job, 20)
    gc.collect()
    seen["kept"] = gc.mem_alloc() - before
    seen["held"] = held[1]
    seen["started"] = source.started

    at = core.budget.grid_at
    for how in ("silent", "silent", "gone", None):
        source.broken = how
        await take(job, 1)
    seen["log"] = list(log.since(0))
    seen["without"] = [at, core.budget.grid_at]

    job.calibrate()
    at = core.budget.grid_at
    await take(job, 1)
    seen["found"] = list(job.found)
    seen["fed_while_calibrating"] = core.budget.grid_at != at
    seen["calibrating"] = job.calibrating

    source.channels = 1
    await take(job, 1)
    seen["too_few"] = list(log.since(0))[-1]
    raw["meter"] = {"address": 1}
    core.configure(check(raw)[0], Clock.now)
    before = source.started
    await take(job, 3)
    seen["asked_of_no_clamps"] = source.started - before
    ticker.cancel()
    print(json.dumps(seen))


asyncio.sleep_ms = no_wait
Clamp._add = counted
asyncio.run(main())
