"""The bench's picture, and the bench's own program."""

import json
import sys

import pytest

from loadrail_bench import __main__ as bench
from loadrail_bench import bus_cycle, picture
from loadrail_bench.table import Row

PNG = b"\x89PNG"
CYCLE = [
    Row("ours", 1.04, "<=", 1.05, "x floor", "", ("bus cycle", "loadrail", 0)),
    Row("theirs", 1.9, None, None, "x floor", "", ("bus cycle", "umodbus", 0)),
]
REACTION = [
    Row("r", 1.1, "<=", 1.15, "x", "", ("reaction", "9600 8N1", n, n * 30, n * 29)) for n in (1, 5)
]
DECISION = [
    Row("d", n * 4.0, None, None, "thousand x", "", ("decision", "plenty", n)) for n in (1, 5, 20)
]
PLAIN = Row("use", 98.0, ">=", 97.0, "%")


def width(path):
    return int.from_bytes(path.read_bytes()[16:20], "big")


@pytest.mark.parametrize(
    ("rows", "panels"),
    [
        ([*CYCLE, *REACTION, *DECISION, PLAIN], 3),
        ([PLAIN, *CYCLE], 1),
        (REACTION + DECISION[:1], 2),
        (DECISION, 1),
    ],
)
def test_a_panel_for_each_part_that_was_measured(tmp_path, rows, panels):
    path = tmp_path / "build" / "bench.png"
    assert picture.draw(rows, path)
    assert path.read_bytes().startswith(PNG)
    assert width(path) == panels * picture.PANEL_INCHES[0] * picture.DPI


def test_nothing_to_show_is_no_picture(tmp_path):
    skipped = Row("ours", None, "<=", 1.05, "x", "skipped", ("bus cycle", "loadrail", 0))
    assert not picture.draw([PLAIN, skipped], tmp_path / "bench.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("value", "status"), [(1.04, 0), (1.06, 1)])
def test_the_program_leaves_json_and_a_picture_and_says_whether_all_is_met(
    tmp_path, monkeypatch, value, status
):
    rows = [Row("ours", value, "<=", 1.05, "x floor", "", ("bus cycle", "loadrail", 0))]
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    monkeypatch.setattr(bus_cycle, "measure", lambda: rows)
    monkeypatch.setattr(sys, "argv", ["bench", "--only", "bus_cycle"])
    assert bench.main() == status
    (kept,) = json.loads((tmp_path / "build" / "bench.json").read_text())
    assert kept["plot"] == ["bus cycle", "loadrail", 0]
    assert kept["verdict"] == ("NOT met" if status else "met")
    assert (tmp_path / "build" / "bench.png").read_bytes().startswith(PNG)
