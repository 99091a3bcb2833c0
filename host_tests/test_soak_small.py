"""A small soak in every run of the tests: drawn sites, short ones. make soak plays for hours."""

import json

import pytest
from drawn_play import play
from drawn_sites import draw

SEEDS = range(1000, 1048)
SECONDS = 340  # one round of troubles, and what it takes to recover


@pytest.mark.parametrize("seed", SEEDS)
def test_s1_to_s13_hold_on_a_drawn_site(seed):
    case = draw(seed, SECONDS)
    faults = play(case).faults
    assert not faults, "\n".join([f"seed {seed}", json.dumps(case), *faults])
