"""docs/console.md is what the table of commands says, and the table is what there is."""

import pytest

from loadrail import commands_table
from loadrail_tools import console_docs

ROWS = list(commands_table.rows())
NAMES = [row[0] for row in ROWS]


def test_the_console_reference_is_up_to_date():
    made = console_docs.TARGET.read_text()
    assert made == console_docs.text(), f"docs/console.md is old; run {console_docs.COMMAND}"


def test_every_command_stands_in_the_reference_once():
    told = [name for _, names in console_docs.PARTS for name in names]
    assert sorted(told) == NAMES


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_every_command_has_its_module(row):
    name, module, form, told = row
    found = __import__("loadrail." + module.lstrip("*"), fromlist=["say"])
    assert callable(found.say)
    assert told and not told.endswith(".")
    assert name.isalpha() and "|" not in form


@pytest.mark.parametrize("junk", ["", "s", "stat", "stop|", "bus|commands_show", "\nbus"])
def test_only_whole_names_are_commands(junk):
    row = commands_table.row(junk)
    assert row is None or row[0] == junk
