"""The cost of a decision, as counted with valgrind and without."""

import math
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT

from loadrail_bench import decision_cost
from loadrail_bench.decision_cost import Skipped, by_bytecodes, by_valgrind, rows_of
from loadrail_bench.decision_cost_upy import COUNTED, REGIMES, Group
from loadrail_tools.paths import micropython


def test_the_same_count_each_time():
    assert by_bytecodes((2, 5)) == by_bytecodes((2, 5))


def test_more_chargers_cost_more_but_not_more_than_n_log_n():
    for by_n in by_bytecodes((5, 20)).values():
        assert 2 < by_n[20] / by_n[5] <= decision_cost.TARGET


@pytest.mark.parametrize(("regime", "least", "most"), [("plenty", 20, 20), ("scarce", 6, 12)])
def test_a_group_is_the_kind_of_site_that_it_is_named_for(regime, least, most):
    group, marks = Group(20, regime), []
    group.run(lambda: marks.append("("), lambda: marks.append(")"))
    assert "".join(marks) == "()" * COUNTED
    assert least <= group.charging() <= most


def test_the_counted_script_runs_on_micropython():
    marks = ROOT / "tools" / "loadrail_bench" / "decision_cost_marks.py"
    done = subprocess.run(
        [micropython(), str(marks), "[2]"],
        env={"MICROPYPATH": f"{ROOT / 'lib'}:{marks.parent}:.frozen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


class Valgrind:
    """In the place of subprocess.run: leaves the counts 1000, 1001, ... as callgrind would."""

    def __init__(self, dumps, status=0):
        self.dumps, self.status = dumps, status

    def __call__(self, command, **how):
        (out,) = [word.partition("=")[2] for word in command if "out-file" in word]
        for k in range(self.dumps):
            text = f"part: {k + 1}\nsummary: {1000 + k}\n\nfn=(1)\n0 7\ntotals: 9\n"
            Path(f"{out}.{k + 1}").write_text(text)
        Path(out).write_text("summary: 5\n")
        return subprocess.CompletedProcess(command, self.status, "", "no such tool")


@pytest.fixture
def valgrind(monkeypatch):
    def put(*told):
        monkeypatch.setattr(decision_cost.shutil, "which", lambda name: "/bin/" + name)
        monkeypatch.setattr(decision_cost.subprocess, "run", Valgrind(*told))

    return put


def test_counts_of_valgrind_go_to_their_groups(valgrind):
    valgrind(len(REGIMES) * 2 * COUNTED)
    costs = by_valgrind((5, 20))
    first = 1000 + (COUNTED - 1) / 2
    assert costs["plenty"] == {5: first, 20: first + COUNTED}
    assert costs["scarce"] == {5: first + 2 * COUNTED, 20: first + 3 * COUNTED}


def test_without_symbols_there_are_no_counts(valgrind):
    valgrind(0)
    with pytest.raises(Skipped, match="symbols"):
        by_valgrind((5, 20))


def test_a_failed_count_says_so(valgrind):
    valgrind(0, 1)
    with pytest.raises(RuntimeError, match="no such tool"):
        by_valgrind((5, 20))


def test_without_valgrind_bytecodes_are_counted(monkeypatch):
    counted = {regime: {5: 1000.0, 20: 4000.0} for regime in REGIMES}
    monkeypatch.setattr(decision_cost.shutil, "which", lambda name: None)
    monkeypatch.setattr(decision_cost, "by_bytecodes", lambda: counted)
    rows = decision_cost.measure()
    assert "valgrind is not installed" in rows[0].note
    assert rows[1].unit == "thousand bytecodes"


@pytest.mark.parametrize(
    ("cost", "verdict"),
    [
        (lambda n: n, "met"),
        (lambda n: n * math.log(n), "met"),
        (lambda n: n**1.6, "NOT met"),
        (lambda n: n * n, "NOT met"),
    ],
)
def test_growth_is_judged_by_n_log_n(cost, verdict):
    rows = rows_of({"plenty": {n: cost(n) for n in (5, 10, 20)}}, "x", "")
    assert rows[0].verdict == verdict
    assert [row.plot[2] for row in rows[1:]] == [5, 10, 20]
