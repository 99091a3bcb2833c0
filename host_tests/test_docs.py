"""The documents tell what the code does."""

import re

from conftest import ROOT

from loadrail import config


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
