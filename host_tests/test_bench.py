"""What `make bench` measures with: the upper bound, the fairness index, the house, the table."""

import io
import json
import sys
from itertools import pairwise

import pytest
from rich.console import Console
from world import World

from loadrail_bench.fairness import Waits, jain
from loadrail_bench.house_load import DAY_S, HouseLoad
from loadrail_bench.table import Row, all_met, save, show
from loadrail_bench.tally import Tally
from loadrail_site.site import Site
from loadrail_site.virtual import Run

HOUR_S = 3600


def bound_kwh(stays, free_a=(10, 10, 10), slots=60, slot_s=60):
    """The bound over `slots` with the same room in each of them."""
    import numpy as np

    from loadrail_bench.bound import Stay, most_wh

    free = np.tile(np.array(free_a, dtype=float), (slots, 1))
    return most_wh([Stay(*stay) for stay in stays], free, slot_s) / 1000


ONE_HOUR = (0, HOUR_S)
MUCH = 1_000_000


@pytest.mark.parametrize(
    ("stays", "kwh"),
    [
        ([], 0),
        ([((0,), 32, MUCH, *ONE_HOUR)], 2.3),  # 10 A x 230 V: the circuit
        ([((0,), 6, MUCH, *ONE_HOUR)], 1.38),  # the car's 6 A
        ([((0,), 32, 500, *ONE_HOUR)], 0.5),  # what it needs
        ([((0, 1, 2), 16, MUCH, *ONE_HOUR)], 6.9),
        ([((0,), 32, MUCH, 0, HOUR_S / 2)], 1.15),  # half of the time
        ([((0,), 6, MUCH, 30, 60)], 6 * 0.23 / 120),  # half of a slot
        ([((0,), 16, MUCH, *ONE_HOUR)] * 3, 2.3),  # three on one phase
        ([((0,), 16, MUCH, *ONE_HOUR), ((0, 1, 2), 16, MUCH, *ONE_HOUR)], 6.9),
        # Who leaves early goes first, who stays takes what is left later.
        ([((0,), 10, 1150, 0, HOUR_S / 2), ((0,), 10, 1150, *ONE_HOUR)], 2.3),
    ],
)
def test_bound_by_hand(stays, kwh):
    assert bound_kwh(stays) == pytest.approx(kwh)


def test_bound_uses_each_phase_only_as_far_as_it_goes():
    three = ((0, 1, 2), 16, MUCH, *ONE_HOUR)
    assert bound_kwh([three], free_a=(10, 4, 10)) == pytest.approx(4 * 3 * 0.23)
    assert bound_kwh([three, ((0,), 32, MUCH, *ONE_HOUR)], free_a=(10, 4, 10)) == pytest.approx(
        (4 * 3 + 6) * 0.23
    )


def test_free_current_is_the_mean_of_each_second():
    from loadrail_bench.bound import free_a

    table_ma = [(10_000, 0, 70_000)] * 30 + [(20_000, 0, 0)] * 30 + [(0, 0, 0)] * 60
    free = free_a(table_ma, 63, 60)
    assert free.tolist() == [[48.0, 63.0, 31.5], [63.0, 63.0, 63.0]]


@pytest.mark.parametrize(
    ("amounts", "index"),
    [
        ([5, 5, 5, 5], 1.0),
        ([4, 0, 0, 0], 0.25),
        ([1, 2, 3], 36 / 42),
        ([0, 0], 1.0),
    ],
)
def test_jain_index(amounts, index):
    assert jain(amounts) == pytest.approx(index)


class Bay:
    def __init__(self):
        self.draws_ma = [0]


def test_waits_count_from_the_start_and_from_the_last_ampere():
    waits, bays = Waits(2), [Bay(), Bay()]
    for second in range(100):
        bays[0].draws_ma = [6000 if 10 <= second < 20 or second >= 50 else 0]
        waits.step(second * 1000, [0, 0, 0], bays)
    assert waits.longest_ms == [30_000, 99_000]
    assert waits.most_at_once == 1


def test_the_house_is_the_same_each_time_and_never_near_the_limit():
    house, again = HouseLoad(), HouseLoad()
    assert house.table_ma == again.table_ma
    assert len(house.table_ma) == DAY_S
    levels = [ma for row in house.table_ma for ma in row]
    assert min(levels) >= 0
    assert max(levels) < 50_000
    assert 300 < len(house.rises_ms()) < 5000


def test_a_part_of_the_day_is_that_part():
    part = HouseLoad(60, start_s=7 * HOUR_S)
    assert part.table_ma == HouseLoad().table_ma[7 * HOUR_S : 7 * HOUR_S + 60]
    assert part.currents_ma(59_999) == part.table_ma[59]


class Steady:
    """A house and a primary of which the tally asks nothing else."""

    budget = type("Budget", (), {"ma": [63_000] * 3})
    chargers = type("Chargers", (), {"limit_ma": []})

    def currents_ma(self, now_ms):
        return (0, 0, 0)


def test_tally_allows_ten_seconds_after_a_step_and_no_more():
    tally = Tally(63_000, Steady(), Steady(), [20_000])
    for second in range(60):
        over = second == 5 or 20 <= second < 35
        tally.step(second * 1000, [64_000 if over else 60_000] * 3, [])
    assert tally.over_ms == 16_000
    assert tally.late_ms == 5000  # one before any step, and those at 31 to 34 s
    assert tally.peak_ma == 64_000


ROWS = [
    Row("good", 98.0, ">=", 97.0, "%"),
    Row("none", 0, "==", 0, "B", "a note"),
    Row("told", 12.5, None, None, "A"),
    Row("left out", None, "==", 0, "B", "skipped: no node"),
]


def test_table_tells_every_number_beside_its_target():
    text = io.StringIO()
    show([*ROWS, Row("bad", 46.0, "<=", 45.0, "min")], Console(file=text, width=120))
    lines = [line for line in text.getvalue().splitlines() if "│" in line]
    lines = {line.split("│")[1].strip(): line for line in lines}
    assert "98.00 %" in lines["good"] and ">= 97.00 %" in lines["good"]
    assert " met" in lines["good"] and "NOT" not in lines["good"]
    assert "NOT met" in lines["bad"]
    assert "met" not in lines["told"]
    assert "skipped: no node" in lines["left out"]


def test_status_says_whether_all_is_met():
    assert all_met(ROWS)
    assert not all_met([*ROWS, Row("bad", 1, "==", 0, "s")])


def test_json_holds_the_verdicts(tmp_path):
    path = tmp_path / "build" / "bench.json"
    save(ROWS, path)
    kept = json.loads(path.read_text())
    assert [row["verdict"] for row in kept] == ["met", "met", "", "skipped"]


def test_an_unmet_target_ends_with_status_1(monkeypatch, tmp_path):
    from loadrail_bench import __main__ as bench
    from loadrail_bench import allocations

    monkeypatch.setattr(bench, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "allocations"])
    for kept, status in ((0, 0), (16, 1)):
        found = {"word_bits": 32, "used": [100, 100 + kept], "version": "3.4.0; x", "group": 1}
        found.update(garbage_mean=1, garbage_most=1, modules=1)
        monkeypatch.setattr(allocations, "count", lambda found=found: found)
        assert bench.main() == status


def test_allocations_are_skipped_without_node(monkeypatch):
    from loadrail_bench import allocations

    monkeypatch.setattr(allocations.shutil, "which", lambda name: None)
    row = allocations.measure()[0]
    assert row.verdict == "skipped"
    assert "node" in row.note


def test_a_site_may_stand_still_for_a_while_in_a_long_run():
    steps = []

    class Counted(Site):
        def step(self, now_ms):
            steps.append(now_ms)
            super().step(now_ms)

    world = World([("L1", {"phases": 1})], limit_a=16)
    site = Counted({"seconds": 60, "limit_a": 16, "chargers": [{"phases": "L1"}]})
    steps.clear()
    Run(world.primary, site, idle_ms=20, site_step_ms=200).until(10_050)
    gaps = [after - before for before, after in pairwise(steps)]
    assert min(gaps[:-1]) >= 200
    assert max(gaps) < 500
    assert steps[-1] == 10_050
