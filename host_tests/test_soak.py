"""The soak keeps what it has played, goes on where it was stopped, and tells all of it."""

import json

import pytest
import soak
from drawn_sites import draw
from rich.console import Console
from soak_table import summary
from typer.testing import CliRunner

from loadrail_tools.cli import app
from loadrail_tools.replay import load


def row_of(seed, faults=()):
    row = {"seed": seed, "seconds": 600, "chargers": 2, "type": "static", "cpu_s": 1.0}
    return {**row, "counts": {"frames": 10, "deaf": 1}, "faults": list(faults)}


def quick(seed):
    """A stand-in for playing; seed 1 fails."""
    return row_of(seed, ["1.00 s S1: bad"] if seed == 1 else [])


class Pool:
    """A stand-in for worker processes."""

    def __init__(self, jobs):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def imap_unordered(self, function, work):
        return map(function, reversed(list(work)))


@pytest.fixture
def played(monkeypatch, tmp_path):
    """The seeds that are played, by a soak into a folder of its own."""
    seeds = []
    monkeypatch.setattr(soak, "STATE", tmp_path)
    monkeypatch.setattr(soak.multiprocessing, "Pool", Pool)
    monkeypatch.setattr(soak, "draw", lambda seed: {"seconds": 600})
    monkeypatch.setattr(soak, "judge", lambda seed: seeds.append(seed) or quick(seed))
    return seeds


def play(hours=1, fresh=False, console=None):
    return soak.soak(hours, 0, 1, fresh, console or Console(quiet=True))


def test_as_many_seeds_are_played_as_the_hours_need(played):
    rows = play()
    assert [row["seed"] for row in rows] == sorted(played) == list(range(6))


def test_a_second_run_plays_only_what_is_missing(played):
    play()
    del played[:]
    assert [row["seed"] for row in play(hours=1.5)] == list(range(9))
    assert sorted(played) == [6, 7, 8]


def test_a_fresh_run_forgets_what_was_played(played):
    play()
    del played[:]
    play(fresh=True)
    assert sorted(played) == list(range(6))


def test_a_line_that_was_cut_off_is_played_again(played, tmp_path):
    play()
    path = next(tmp_path.glob("*.jsonl"))
    path.write_text(path.read_text()[:-10])
    del played[:]
    assert [row["seed"] for row in play()] == list(range(6))
    assert len(played) == 1


def test_a_finding_is_told_with_its_seed(played, capsys):
    play(console=Console())
    assert "seed 1\n  1.00 s S1: bad" in capsys.readouterr().out


def test_other_sources_have_another_mark(monkeypatch, tmp_path):
    before = soak.mark()
    assert before == soak.mark()
    monkeypatch.setattr(soak, "SOURCES", soak.SOURCES[:1])
    assert soak.mark() != before


def test_the_summary_names_hours_seeds_and_findings(capsys):
    Console(width=100).print(summary([quick(seed) for seed in range(6)], 60))
    out = capsys.readouterr().out
    for text in ("1.0 h", "6, seeds 0 to 5", "1 sites: 1", "60"):
        assert text in out, text


# --- loadrail replay


def replayed(tmp_path, text, *options):
    path = tmp_path / "case.json"
    path.write_text(text)
    return CliRunner().invoke(app, ["replay", str(path), *options])


def test_a_case_without_findings_ends_with_0(tmp_path):
    result = replayed(tmp_path, json.dumps({"case": draw(11, 200)}))
    assert result.exit_code == 0
    assert result.stdout == "200 s, 0 findings\n"


def test_a_case_that_fails_ends_with_1_and_says_why(tmp_path):
    """It asks for what nobody could do: a limit that the breaker does not bear."""
    case = draw(7, 200)  # a static group
    case["config"]["group"]["limit_a"] = 1000
    case["scenario"]["limit_a"] = 6
    result = replayed(tmp_path, json.dumps(case))
    assert result.exit_code == 1
    assert "the breaker has tripped" in result.stdout
    told = json.loads(replayed(tmp_path, json.dumps(case), "--json").stdout)
    assert result.stdout.startswith(told["faults"][0])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"case": 3}', "null", '{"scenario"'])
def test_what_is_no_case_is_refused(tmp_path, text):
    assert replayed(tmp_path, text).exit_code == 2


def test_a_configuration_that_is_not_allowed_is_refused(tmp_path):
    case = draw(11, 200)
    case["config"]["group"]["limit_a"] = 1
    assert replayed(tmp_path, json.dumps(case)).exit_code == 2


def test_a_case_may_stand_bare_or_with_what_was_found():
    case = {"scenario": {}}
    assert load(json.dumps(case)) == load(json.dumps({"case": case, "faults": []})) == case
