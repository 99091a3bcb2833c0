"""What a whole controller of 20 chargers takes of a 32-bit heap, and that it takes no more later.

On MicroPython's WebAssembly port, from the files of a build; skipped where that cannot be had.
"""

import pytest

from loadrail_bench import memory
from loadrail_bench.allocations import Skipped

SLOW_MS = 3000  # of a cycle: the same work, less often
SECONDS = 2400  # everything was asked for after 24 min; `make bench` runs a day

# Bytes; guards, little more than what it takes. The aims stand in docs/boards.md.
WORDS = 512  # what the newest lines of the log are longer than older ones
MODULES = 138_000  # from .mpy files, while no page of the console is loaded
DATA = {"settings": 5_000, "group": 23_500, "log": 4_200, "console": 400}


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    lib = memory.built(tmp_path_factory.mktemp("memory"))
    try:
        found = memory.run(lib, SECONDS / 3600, cycle_ms=SLOW_MS)
    except Skipped as why:
        pytest.skip(str(why))
    return lib, found


def test_it_is_a_controller_at_work_that_is_measured(life):
    _, found = life
    assert found["word_bits"] == 32
    assert found["errors"] == 0
    assert found["most_a"] > 20 * 6, "the chargers charge"
    assert found["decisions"] > SECONDS * 1000 // SLOW_MS
    assert found["answered"] > 5000, "the console answers"


def test_nothing_grows_once_everything_was_asked_for(life):
    _, found = life
    assert memory.growth(found["used"]) <= WORDS


def test_data_and_modules_keep_to_their_budgets(life):
    lib, found = life
    parts = memory.parts(lib, found["modules"])
    assert parts["modules"] <= MODULES
    over = {part: parts[part] for part, most in DATA.items() if parts[part] > most}
    assert over == {}


def test_it_is_skipped_with_the_reason_without_node(monkeypatch):
    monkeypatch.setattr("loadrail_bench.allocations.shutil.which", lambda name: None)
    row = memory.measure()[0]
    assert row.verdict == "skipped"
    assert "node" in row.note


@pytest.mark.parametrize(
    ("used", "more"),
    [([5, 9, 7, 8], -1), ([5, 9, 7, 10], 1), ([1, 1, 1, 1, 1, 1, 2, 1], 1)],
)
def test_growth_is_what_the_end_has_more_than_any_time_before(used, more):
    assert memory.growth(used) == more
