"""The same drawn day in CPython and in MicroPython: each frame and decision, and a flat heap."""

import pytest
from same_day import GROWTH, begin, commands, difference, end, growth, kept, plan

HOURS = 0.1  # six parts, with the wrap in them; `make soak` runs the whole day


@pytest.fixture(scope="module")
def runs():
    """How to start each, and what CPython made of the day."""
    with kept(plan(HOURS)) as path:
        found = commands(path)
        yield found, end(begin(found["CPython"]))[0]


def test_in_the_day_that_is_compared_chargers_are_steered(runs):
    _, parts = runs
    seconds, frames, writes, decisions, *_ = parts[-1]
    assert seconds == HOURS * 3600
    assert frames > 20 * seconds, "the bus is busy"
    assert decisions > seconds, "at least one a second"
    assert writes > seconds, "each of 20 chargers is told, and told again"


@pytest.mark.parametrize("name", ["MicroPython", "MicroPython, 32 bits"])
def test_s4_each_frame_and_decision_is_the_same_and_the_heap_flat(runs, name):
    found, expected = runs
    if isinstance(found[name], str):
        pytest.skip(found[name])
    parts, used = end(begin(found[name]))
    assert difference(expected, parts) == ""
    assert len(used) == len(parts)
    assert growth(used) <= GROWTH


# what is other in the plan, by how much, and whether that may change anything
@pytest.mark.parametrize(
    ("key", "more", "same"),
    [
        ("seed", 0, True),
        ("start_ms", 250_000, True),  # where the tick counter wraps
        ("seed", 1, False),
        ("lost_permille", 1, False),
        ("idle_ms", 1, False),
    ],
)
def test_s4_only_another_day_is_another(runs, key, more, same):
    _, expected = runs
    day = plan(HOURS)
    day["scenario"]["seconds"] = 120  # it only ends sooner
    day[key] += more
    with kept(day) as path:
        parts, _ = end(begin(commands(path)["CPython"]))
    assert len(parts) == 2
    assert (difference(expected[:2], parts) == "") == same


def test_a_heap_that_grows_is_seen():
    assert growth([1000, 1200, 1100, 1200]) == 0
    assert growth([1000, 1200, 1300, 1400]) == 200
