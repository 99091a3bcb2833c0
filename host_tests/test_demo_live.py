"""The demo's live table, drawn as on a terminal of a given size."""

import io

import pytest
from rich.console import Console

from loadrail_tools.live import View, screen
from loadrail_tools.record import Record, Sample

N = 20
FULL = 140
SILENT = "charger 7 (address 8, bay 7): silent"


def status(warnings=(), light="green, steady"):
    row = {"online": True, "status": 0, "limit_a": 8, "draw_a": [7.9, 0, 0]}
    row |= {"booked_a": [8, 0, 0], "reason_text": "its share"}
    group = {"meter_age_ms": 300, "meter_ok": True}
    return {"group": group, "light": light, "warnings": list(warnings), "chargers": [row] * N}


def snapshot():
    return {
        "limit_a": 63,
        "grid_ma": [40_000] * 3,
        "house_ma": [8000] * 3,
        "breaker": {"heat_permille": [100] * 3, "tripped": False},
        "chargers": [{"limit_a": 8}] * N,
    }


def drawn(told, width=FULL, height=40):
    """The lines of the screen."""
    quiet = Sample(0, (0,) * 3, (0,) * 3, (), (), (), (), 0)
    record = Record(63, [[0]] * N, [], samples=[quiet])
    spent = {"meter": {"count": 1, "us": 45_000}, "status": {"count": 20, "us": 500_000}}
    record.bus = {"buses": [{"devices": {}, "spent": spent}]}
    console = Console(file=io.StringIO(), width=width, height=height)
    console.print(screen(View(12, 60, record, snapshot, told), width, height))
    return console.file.getvalue().splitlines()


def line_with(lines, text):
    found = [line for line in lines if text in line]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("warnings", "light", "shown"),
    [
        ((), "green, steady", "light: ● green, steady"),
        ((SILENT,), "yellow, breathing", f"light: ● yellow, breathing   {SILENT}"),
        ((SILENT, "b", "c"), "red, steady", f"light: ● red, steady   {SILENT}  and 2 more"),
    ],
)
def test_the_light_is_shown_with_the_first_warning(warnings, light, shown):
    assert line_with(drawn(status(warnings, light)), "light:").strip() == shown


@pytest.mark.parametrize("height", [24, 32, 40])
def test_the_screen_is_as_high_as_the_terminal_at_most(height):
    warned = status([SILENT * 5], "yellow, breathing")
    lines = drawn(warned, width=100, height=height)
    assert len(lines) <= height
    assert max(len(line) for line in lines) <= 100


def test_before_the_firmware_has_said_anything_there_is_no_light():
    lines = drawn(None)
    assert line_with(lines, "has not said anything")
    assert not any("light:" in line for line in lines)
