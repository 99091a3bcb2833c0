"""Junk for the console of the real firmware on MicroPython, while it steers a simulated site.

The firmware is compiled as for a board, so that memory is what it would be there.

`python host_tests/console_fuzz.py KILOBYTES` types that much and judges it; `make soak` does it
with a whole megabyte, a test with less.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
for _folder in ("lib", "tools", "host_tests"):
    sys.path.insert(0, str(HERE.parent / _folder))

from served_site import CAR, LINE, settings, small_site  # noqa: E402 - from the folders above

from loadrail_tools import build  # noqa: E402
from loadrail_tools.paths import HEAP, ROOT, micropython  # noqa: E402
from loadrail_tools.serve import buses, serving  # noqa: E402

GROWTH = 2048  # bytes; what a few words of the log differ by


def fuzz(folder, kilobytes, seed=1, reads=True):
    """Type junk; returns what the firmware told at the end, and the chargers' limits, A."""
    site = small_site([{"cars": [CAR]}, {"cars": [CAR]}])
    path = Path(folder) / "site.json"
    path.write_text(json.dumps(settings(site)))
    script = str(ROOT / "host_tests" / "upy" / "console_fuzz.py")
    build.build(Path(folder) / "device")
    words = [str(kilobytes), str(seed), "yes" if reads else "no"]
    with serving(site, buses(site, LINE)) as server:
        command = [micropython(), "-X", f"heapsize={HEAP}", script, str(path)]
        done = subprocess.run(
            [*command, server.ttys["chargers"], *words],
            env={**os.environ, "MICROPYPATH": f"{folder}/device/lib:.frozen"},
            capture_output=True,
            text=True,
            check=False,
        )
        limits_a = [charger.settings[15] for charger in site.chargers]
    rows = [line for line in done.stdout.splitlines() if line.startswith('{"')]
    told = json.loads(rows[-1]) if rows else {}
    assert "jobs" in told.get("facts", ()), done.stdout[-2000:] + done.stderr[-2000:]
    return told, limits_a


def judge(told, limits_a):
    """What is wrong: sentences, none where control did not notice."""
    jobs = told["facts"]["jobs"]
    for name in ("control", "bus", "supervisor"):
        if jobs[name]["late"]:
            yield f"{name} was late {jobs[name]['late']} times of {jobs[name]['runs']}"
    for name, job in jobs.items():
        if job["errors"]:
            yield f"{name}: {job['error']}"
    before, after = told["used"]
    if after - before > GROWTH:
        yield f"memory grew from {before} to {after} bytes"
    devices = told["facts"]["buses"][0]["devices"]
    for unit, row in devices.items():
        if row["ok"] < 20 * (row["timeout"] + row["crc"] + row["mismatch"]):
            yield f"unit {unit} was heard {row['ok']} times only: {row}"
    if min(limits_a) < 6:
        yield f"the cars do not charge: {limits_a} A"


def main():
    with tempfile.TemporaryDirectory() as folder:
        told, limits_a = fuzz(folder, int(sys.argv[1]))
    wrong = list(judge(told, limits_a))
    jobs = told["facts"]["jobs"]
    print(f"console fuzz: {sys.argv[1]} KiB; memory {told['used']}; {told['answered']} answered")
    print({name: (job["runs"], job["late"], job["worst_ms"]) for name, job in jobs.items()})
    print("\n".join(wrong) or "control did not notice")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
