"""S1 to S13 under the open readings, with every trouble at once, judged by an onlooker (oracle).

Each of the pairwise readings plays each part once: silent, restarted, changed by an app, frozen,
lying, and without trouble. A case that fails prints itself; soak_readings.py plays it again.
"""

import json

import pytest
from site_plans import number_of, play

from loadrail_site import readings
from loadrail_site.lies import LIES

ROWS = [number_of(reading) for reading in readings.pairwise()]
CHARGERS = 8


def case_of(seed):
    return {
        "seed": seed,
        "readings": [ROWS[(seed + k) % len(ROWS)] for k in range(CHARGERS)],
        "seconds": 240,
        "switching": seed % 2 == 0,
        "meter": seed % 5 == 3,
    }


def test_the_rows_are_those_that_hold_every_pair():
    assert [number_of(readings.combination(row)) for row in ROWS] == ROWS
    assert 15 <= len(ROWS) <= 18


@pytest.mark.parametrize("seed", range(len(ROWS)))
def test_s1_to_s13_hold_under_every_pair_of_readings_with_all_that_may_go_wrong(seed):
    assert len(LIES) == 4, "seeds go through them"
    case = case_of(seed)
    faults = play(case)
    assert not faults, "\n".join([json.dumps(case), *faults])
