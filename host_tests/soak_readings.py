"""Plays sites under all combinations of the open readings for hours: make soak.

Without arguments every combination once, 12 chargers and 20 minutes a site, on all cores. A number
plays so many sites. A line of JSON, as a failure prints it, plays that case alone.
"""

import json
import multiprocessing
import os
import random
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in ("lib", "tools", "host_tests"):
    sys.path.insert(0, str(HERE.parent / folder))

from site_plans import play  # noqa: E402 - from the folders above

from loadrail_site import readings  # noqa: E402

CHARGERS = 12
SECONDS = 1200
SHOWN = 6  # faults of a case; the first ones tell most


def cases(most=None):
    """Sites that together play every combination, in a shuffled order that is always the same."""
    numbers = list(range(readings.COMBINATIONS))
    random.Random(1).shuffle(numbers)
    sites = [numbers[at : at + CHARGERS] for at in range(0, len(numbers), CHARGERS)]
    for seed, chosen in enumerate(sites[:most]):
        yield {
            "seed": seed,
            "readings": chosen,
            "seconds": SECONDS,
            "switching": seed % 2 == 0,
            "meter": seed % 5 == 3,
        }


def judge(case):
    """(case, faults); an error in the core is a fault too."""
    try:
        return case, play(case)
    except Exception as error:
        return case, [f"{type(error).__name__}: {error}"]


def soak(most=None):
    """Play them all; how many failed."""
    todo = list(cases(most))
    failed = done = 0
    began_s = time.monotonic()
    with multiprocessing.Pool(os.cpu_count()) as pool:
        for case, faults in pool.imap_unordered(judge, todo):
            done += 1
            if faults:
                failed += 1
                print("\r" + json.dumps(case), *faults[:SHOWN], sep="\n  ", flush=True)
            minutes = done * SECONDS // 60
            passed_s = int(time.monotonic() - began_s)
            told = f"{done} of {len(todo)} sites, {done * CHARGERS} readings, {failed} failed"
            print(f"\r{told}; {minutes} simulated minutes in {passed_s} s", end="", flush=True)
    print()
    return failed


if __name__ == "__main__":
    given = sys.argv[1] if len(sys.argv) > 1 else ""
    if given.startswith("{"):
        found = play(json.loads(given))
        print("\n".join(found) or "no fault")
        sys.exit(bool(found))
    sys.exit(bool(soak(int(given) if given else None)))
