"""The live table of demo and monitor, drawn as on a terminal of a given size."""

import io

import pytest
from rich.console import Console

from loadrail_tools.live import Lines, line, screen
from loadrail_tools.moment import Moment, count_chargers, of_status

N = 20
FULL = 140
SILENT = "charger 7 (address 8, bay 7): silent"
UNHEARD = {
    "online": False,
    "status": None,
    "limit_a": None,
    "draw_a": [None] * 3,
    "booked_a": [32, 32, 32],
    "reason": "meter_awaited",
    "reason_text": "waiting for the first answer of the meter",
}
CHARGES = {
    "online": True,
    "status": 0,
    "limit_a": 8,
    "draw_a": [7.9, 0, 0],
    "booked_a": [8, 0, 0],
    "reason": "share",
    "reason_text": "its share",
}


def status(warnings=(), light="green, steady", rows=None):
    group = {"limit_a": 63, "grid_a": [40, 40, 40], "charging_a": [30, 0, 0]}
    group |= {"meter_age_ms": 300, "meter_ok": True}
    rows = rows or [CHARGES] * N
    return {"group": group, "light": light, "warnings": list(warnings), "chargers": rows}


def moment(told, **more):
    """As the demo has it."""
    true = {"holds_a": [8] * N, "heat_permille": 100, "phases": ["L1"] * N}
    return Moment("a demo", 12, 63, [40_000] * 3, [32_000] * 3, told, **true, **more)


def drawn(shown, width=FULL, height=40):
    """The lines of the screen."""
    console = Console(file=io.StringIO(), width=width, height=height)
    console.print(screen(shown, width, height))
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
    assert line_with(drawn(moment(status(warnings, light))), "light:").strip() == shown


@pytest.mark.parametrize("height", [24, 32, 40])
@pytest.mark.parametrize("trouble", ["", "the controller does not answer on X " * 5])
def test_the_screen_is_as_high_as_the_terminal_at_most(height, trouble):
    warned = moment(
        status([SILENT * 5], "yellow, breathing"), notes=["x" * 300] * 2, trouble=trouble
    )
    lines = drawn(warned, width=100, height=height)
    assert len(lines) <= height
    assert max(len(line) for line in lines) <= 100


def test_before_the_firmware_has_said_anything_there_is_no_light():
    lines = drawn(moment(None))
    assert line_with(lines, "has not said anything")
    assert not any("light:" in line for line in lines)


def test_a_charger_that_was_not_asked_yet_is_no_alarm():
    told = status(rows=[CHARGES, UNHEARD])
    assert "not heard yet" in line_with(drawn(moment(told)), "waiting for the first")
    counts = {"charging": 1, "waiting": 0, "silent": 0, "idle": 0, "not heard yet": 1}
    assert count_chargers(told) == counts


@pytest.mark.parametrize(
    ("row", "warnings", "shown"),
    [
        ({}, ["charger 2 (address 3): has never answered; check its address"], "silent"),
        ({}, ["charger 21 (address 3): has never answered"], "not heard yet"),
        ({"limit_a": 6}, [], "silent"),
        ({"reason": "foreign"}, [], "foreign"),
        ({"reason": "garbled"}, [], "garbled"),
    ],
)
def test_what_a_charger_is_that_does_not_answer(row, warnings, shown):
    told = status(warnings, rows=[CHARGES, {**UNHEARD, **row}])
    cells = line_with(drawn(moment(told)), "waiting for the first").split("  ")
    assert shown in [cell.removeprefix("L1").strip() for cell in cells]


def test_a_real_group_has_no_column_for_what_only_a_simulation_knows():
    real = drawn(of_status(status(), 3, "a group"))
    simulated = drawn(moment(status()))
    assert "holds" in line_with(simulated, "booked")
    assert "breaker" in line_with(simulated, "■ house")
    assert "holds" not in line_with(real, "booked")
    assert "breaker" not in line_with(real, "■ house")


def test_a_group_without_a_meter_shows_what_its_chargers_take():
    told = status()
    told["group"] |= {"grid_a": [None] * 3, "meter_age_ms": None}
    lines = drawn(of_status(told, 3, "a group"))
    first = line_with(lines, "L1 █")
    assert "?" in first and "cars  30.0" in first
    assert "no meter" in line_with(lines, "■ house")


def test_modes_have_a_column_where_somebody_uses_the_sun():
    fast = [{**CHARGES, "mode": "fast"}] * 2
    assert "mode" not in line_with(drawn(moment(status(rows=fast))), "booked")
    solar = [fast[0], {**CHARGES, "mode": "eco_plus"}]
    lines = drawn(moment(status(rows=solar)))
    assert "mode" in line_with(lines, "booked")
    assert line_with(lines, "eco_plus")


def test_names_of_any_length_leave_room_for_the_rest():
    told = moment(status(), labels=["the very long name of a bay"] * N)
    assert "its share" in drawn(told, width=110)[8]


def test_a_trouble_takes_the_place_of_the_notes():
    told = moment(status(), notes=["bus: 5 ok"], trouble="does not answer")
    lines = drawn(told)
    assert line_with(lines, "does not answer")
    assert not any("bus: 5 ok" in line for line in lines)
    assert "does not answer" in line(told)


def test_a_line_comes_every_5_s_and_one_after_a_gap():
    console = Console(file=io.StringIO(), width=200)
    with Lines(console) as lines:
        for now_s in (0, 4.9, 5.1, 9, 10, 31, 34, 35):
            lines.show(now_s, lambda: moment(status()))
    assert len(console.file.getvalue().splitlines()) == 4
