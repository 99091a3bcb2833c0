"""docs/inputs.md tells what the code does."""

import re

from conftest import ROOT

from loadrail import config, inputs, lights, reasons, sentences

TEXT = (ROOT / "docs" / "inputs.md").read_text()


def rows(*head):
    """The rows of the table with this head."""
    lines = TEXT.split("| " + " | ".join(head) + " |\n")[1].split("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_table_of_the_light_is_that_of_the_code():
    told = [(light, period) for light, period, _ in rows("light", "period", "what")]
    made = []
    for kind in range(lights.ALARM + 1):
        period_ms = lights._ROWS[kind][5]
        made.append((lights.text(kind), f"{period_ms / 1000:g} s" if period_ms else "-"))
    assert told == made


def test_the_table_of_the_power_selector_is_that_of_the_code():
    told = rows("position", "A at most")
    assert [int(position) for position, _ in told] == list(range(inputs.POSITIONS))
    amps = [int(said) for _, said in told if said.isdigit()]
    assert amps == list(inputs.SELECTOR_A)


def test_the_uses_of_the_contact_are_those_of_the_code():
    told = {
        use.strip("`"): begins
        for use, _, begins, _ in rows("`contact`", "while it is active", "begins", "ends")
    }
    assert set(told) == set(inputs._USES)
    for use, begins in told.items():
        contact = inputs.Contact(None)
        contact.configure({"contact": use, "contact_current_a": 6})
        assert begins == (
            f"after {contact._delay_ms // 1000} s" if contact._delay_ms else "at once"
        )


def test_the_keys_are_told_with_their_defaults():
    raw = {"group": {"type": "static"}, "chargers": [{"address": 2}]}
    section = config.check(raw)[0]["inputs"]
    told = re.findall(r"^\| `(\w+)` \| `?(\w+)`? \|", TEXT, re.MULTILINE)
    assert {key: str(value) for key, value in section.items()} == dict(told)


def test_the_error_of_a_reserved_position_is_told_as_it_is_said():
    assert sentences.sentence(reasons.SELECTOR_RESERVED, 8) in TEXT.replace("`", "")


def test_the_example_is_a_good_configuration():
    import json

    found = re.search(r"```json\n(.*?)```", TEXT, re.DOTALL).group(1)
    raw = {
        "group": {"type": "static"},
        "chargers": [{"address": 2}],
        **json.loads("{" + found + "}"),
    }
    assert config.check(raw)[1] == []
