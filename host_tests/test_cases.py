"""Cases that a soak has found stay: each is played again.

A file holds the case, and what was wrong with it; "open" in it says that it still is, and then the
test asks for the finding, so that nobody mends it without taking the word out.
"""

import json

import pytest
from conftest import ROOT
from drawn_play import play
from shrink import kind_of

CASES = sorted((ROOT / "host_tests" / "cases").glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_of_the_soak_does_what_its_file_says(path):
    kept = json.loads(path.read_text())
    kinds = {kind_of(fault) for fault in play(kept["case"]).faults}
    assert kinds == set(kept.get("open", ())), kept["why"]
