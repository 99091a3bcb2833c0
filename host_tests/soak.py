"""Plays drawn sites for many simulated hours on all cores, and shrinks what fails: make soak.

`python host_tests/soak.py [--hours 500] [--first 0] [--jobs N] [--fresh]`. Seeds count up from the
first one. What was played is kept in build/soak/ beside a mark of the sources that it was played
with, so a run that was stopped goes on, and one with other sources begins anew. A seed that fails
becomes a small case in build/soak/cases/, which `loadrail replay` plays again.
"""

import argparse
import hashlib
import itertools
import json
import multiprocessing
import os
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in ("lib", "tools", "host_tests"):
    sys.path.insert(0, str(HERE.parent / folder))

from drawn_play import Unplayable, play  # noqa: E402 - from the folders above
from drawn_sites import draw  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: E402
from shrink import kind_of, moment_of, shrink  # noqa: E402
from soak_table import summary  # noqa: E402

STATE = HERE.parent / "build" / "soak"
SOURCES = ("lib/loadrail", "tools/loadrail_site", "host_tests")
SHOWN = 3  # faults of a seed; the first ones tell most
SHRUNK = 12  # seeds of a run; shrinking one takes as long as playing a hundred


def mark():
    """A few letters that change with all that decides or judges."""
    digest = hashlib.sha256()
    for source in SOURCES:
        for path in sorted((HERE.parent / source).rglob("*.py")):
            if source == "host_tests" and path.name.startswith("test_"):
                continue
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def judge(seed):
    """What came of a seed: a dict that JSON carries."""
    case = draw(seed)
    began_s = time.process_time()
    told = play(case)
    return {
        "seed": seed,
        "seconds": case["seconds"],
        "chargers": len(case["config"]["chargers"]),
        "type": case["config"]["group"]["type"],
        "cpu_s": round(time.process_time() - began_s, 2),
        "counts": told.counts,
        "faults": told.faults,
    }


def small(seed):
    """(seed, the shrunken case, its faults)."""
    case = draw(seed)
    kind = kind_of(play(case).faults[0])

    def fails(smaller):
        try:
            faults = play(smaller).faults
        except Unplayable:
            return None
        moments = [moment_of(fault) for fault in faults if kind_of(fault) == kind]
        return moments[0] if moments else None

    case = shrink(case, fails)
    return seed, kind, case, play(case).faults


def kept(path):
    """What an earlier run with the same sources has played, by seed."""
    if not path.exists():
        return {}
    rows = {}
    for line in path.read_text().splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue  # the run was stopped while it wrote
        rows[row["seed"]] = row
    return rows


def soak(hours, first, jobs, fresh, console):
    """Play; returns the rows of all seeds that count, in order."""
    STATE.mkdir(parents=True, exist_ok=True)
    path = STATE / f"{mark()}.jsonl"
    done = {} if fresh else kept(path)
    if fresh:
        path.unlink(missing_ok=True)
    todo, wanted_s, seeds = [], hours * 3600, []
    for seed in itertools.count(first):
        if wanted_s <= 0:
            break
        wanted_s -= done[seed]["seconds"] if seed in done else draw(seed)["seconds"]
        seeds.append(seed)
        if seed not in done:
            todo.append(seed)
    if done:
        console.print(f"{len(seeds) - len(todo)} of {len(seeds)} sites were played before")
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    failed = sum(1 for seed in seeds if done.get(seed, {}).get("faults"))
    with Progress(*columns, console=console) as bar, multiprocessing.Pool(jobs) as pool:
        task = bar.add_task("", total=len(seeds), completed=len(seeds) - len(todo))
        with path.open("a") as file:
            for row in pool.imap_unordered(judge, todo):
                done[row["seed"]] = row
                file.write(json.dumps(row) + "\n")
                file.flush()
                if row["faults"]:
                    failed += 1
                    bar.console.print(f"seed {row['seed']}", *row["faults"][:SHOWN], sep="\n  ")
                played = sum(done[seed]["seconds"] for seed in seeds if seed in done) / 3600
                text = f"{played:.0f} of {hours:g} h, {failed} of {len(seeds)} sites failed"
                bar.update(task, advance=1, description=text)
    return [done[seed] for seed in seeds]


def keep_small(rows, jobs, console):
    """Shrink the first seeds that failed, into files."""
    failed = [row["seed"] for row in rows if row["faults"]][:SHRUNK]
    folder = STATE / "cases"
    folder.mkdir(exist_ok=True)
    with multiprocessing.Pool(jobs) as pool:
        for seed, kind, case, faults in pool.imap_unordered(small, failed):
            path = folder / f"{kind}-{seed}.json".lower()
            path.write_text(json.dumps({"case": case, "faults": faults[:SHOWN]}, indent=1) + "\n")
            told = f"seed {seed} is small: loadrail replay {path.relative_to(HERE.parent)}"
            console.print(told, *faults[:1], sep="\n  ")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--hours", type=float, default=500, help="simulated ones")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--fresh", action="store_true", help="forget what was played before")
    parser.add_argument("--no-shrink", action="store_true")
    asked = parser.parse_args()
    console = Console(highlight=False)
    began_s = time.monotonic()
    rows = soak(asked.hours, asked.first, asked.jobs, asked.fresh, console)
    console.print(summary(rows, time.monotonic() - began_s))
    if not asked.no_shrink:
        keep_small(rows, asked.jobs, console)
    return 1 if any(row["faults"] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
