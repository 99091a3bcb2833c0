"""The documents tell what the code does."""

import re

from conftest import ROOT

from loadrail import config

TEXT = (ROOT / "docs" / "configuration.md").read_text()


def documented(section):
    """{key: default} of a section's table."""
    body = TEXT.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| *`?([\w-]*)`? *\|", body, re.MULTILINE))


def test_every_key_is_documented_with_its_default():
    sections = {
        "group": config._GROUP,
        "bus": config._LINE,
        "meter": config._METER,
        "chargers": config._CHARGER,
    }
    for section, rows in sections.items():
        told = documented(section)
        assert set(told) == set(rows), section
        for key, (default, _) in rows.items():
            if default is None:
                assert told[key] == "", key
            elif default not in ("", {}):
                assert told[key] == str(default), key


def test_the_examples_of_the_readme_are_good_configurations():
    import json

    readme = (ROOT / "README.md").read_text()
    examples = re.findall(r"```json\n(.*?)```", readme, re.DOTALL)
    assert examples
    for example in examples:
        assert config.check(json.loads(example))[1] == []


def test_the_faults_shown_in_the_readme_are_those_that_are_told():
    readme = (ROOT / "README.md").read_text()
    shown = readme.split("what is allowed:\n\n```\n")[1].split("```")[0].splitlines()
    chargers = [{"address": k} for k in (2, 3, 4, 2)]
    raw = {"group": {"limit_a": 5}, "meter": {"address": 1}, "chargers": chargers}
    told = config.check(raw)[1] + config.check({**raw, "group": {}})[1]
    for line in shown:
        assert line in told
