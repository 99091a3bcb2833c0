"""`loadrail simulate`: the same core steers a simulated site in virtual time, hours in minutes.

Bytes take their real time on the lines, devices answer after their turnaround; nothing waits. The
onlooker notes what is true, and each second what the controller believes, as in the demo.
"""

import json
from collections.abc import Callable

from .firmware import lib_on_path
from .record import Record, Told, load_steps
from .watched import WatchedSite
from .wire import Line

with lib_on_path():
    from loadrail import status
    from loadrail.config import check
    from loadrail.core import Primary
    from loadrail_site.virtual import Run

SECONDS = (5, 7 * 24 * 3600)
STEP_MS = 50  # of the site; a car or a charger knows nothing faster
MOST_SAMPLES = 40_000  # of a run: a day keeps one each 2.2 s
TOLD_MS = 1000
MOST_TOLD = 4000


def keep_ms(seconds: float) -> int:
    """How far the samples of such a run lie apart."""
    return int(seconds * 1000) // MOST_SAMPLES


def simulate(
    site: WatchedSite,
    raw: dict,
    line: Line,
    turnaround_ms: int = 5,
    progress: Callable[[float], None] = lambda seconds: None,
) -> Record:
    """Run the site to its end under the configuration `raw`, which is a good one."""
    config = check(raw)[0]
    record = Record(
        site.limit_a,
        [charger.grid_phases for charger in site.chargers],
        load_steps(site.house.base_ma, site.house.steps),
        line,
        turnaround_ms,
        site.samples,
        site.recorder.overloads,
    )
    primary = Primary(config, 0)
    run = Run(primary, site, turnaround_ms=turnaround_ms, site_step_ms=STEP_MS)
    end_ms = int(site.seconds * 1000)
    told_ms = max(TOLD_MS, end_ms // MOST_TOLD)
    while run.now_ms < end_ms:
        run.until(min(end_ms, run.now_ms + told_ms))
        told = json.loads("".join(status.json_pieces(primary, run.ticks_ms())))
        record.told.append(Told(run.now_ms, told, site.samples[-1].may_a))
        progress(run.now_ms / 1000)
    if site.breaker.tripped:
        record.tripped_at_ms = site.breaker.tripped_at_ms
    return record
