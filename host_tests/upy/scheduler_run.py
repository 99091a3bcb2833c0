# Runs on MicroPython: jobs that work, fail and end, until a critical one fails.
# Prints what was seen as a line of JSON.

import asyncio
import json
import time

from primary.scheduler import Scheduler

seen = {"plain": 0, "coroutine": 0, "logged": [], "released": False, "raised": None}


def plain():
    seen["plain"] += 1


async def coroutine():
    await asyncio.sleep_ms(1)
    seen["coroutine"] += 1


def failing():
    raise ValueError("not today")


async def ending():
    await asyncio.sleep_ms(1)


async def bus():
    try:
        while True:
            scheduler.beat("bus")
            await asyncio.sleep_ms(3)
    finally:
        seen["released"] = True


def critical():
    job = scheduler.jobs["critical"]
    if min(seen["plain"], seen["coroutine"], scheduler.jobs["failing"].runs) > 5 and job.runs > 8:
        raise KeyError("stop")


def log(job, error):
    seen["logged"].append([job.name, type(error).__name__])


async def main():
    try:
        await scheduler.run()
    except KeyError as error:
        seen["raised"] = type(error).__name__ + ": " + str(error)
    later = seen["plain"]
    await asyncio.sleep_ms(30)
    seen["plain_later"] = seen["plain"]
    seen["plain"] = later


scheduler = Scheduler(time.ticks_ms, log)
scheduler.add("plain", 5, plain)
scheduler.add("coroutine", 5, coroutine)
scheduler.add("failing", 5, failing)
scheduler.add_task("ending", ending, 10, critical=False)
scheduler.add_task("bus", bus, 60000)
scheduler.add("critical", 5, critical, deadline_ms=60000, critical=True)
asyncio.run(main())
seen["jobs"] = scheduler.as_dict()
print(json.dumps(seen))
