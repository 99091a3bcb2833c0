"""docs/configuration.* are what the tables say, and the JSON schema says what check says."""

import json

import jsonschema
import pytest
from conftest import ROOT, cases_of
from hypothesis import given
from hypothesis import strategies as st
from logic.test_config_every_key import _NO_NUMBERS, _NO_WORDS, _NUMBERS, _WORDS
from test_config_laws import anything, likely

from loadrail import config_help, config_keys
from loadrail.config import check
from loadrail.config_texts import TEXTS
from loadrail_tools import config_docs

SCHEMA = json.loads(config_docs.SCHEMA.read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
ROWS = {**config_keys.SECTIONS, "chargers": {**config_keys.CHARGER, **config_keys.SHORT_FORM}}


def fits(raw):
    return VALIDATOR.is_valid(raw)


def site_with(key, value):
    """A site in which one value stands."""
    section, _, name = key.partition(".")
    raw = {"meter": {"address": 1}, "chargers": [{"address": 2}]}
    if section == "chargers":
        raw["chargers"][0][name] = value
    else:
        raw.setdefault(section, {})[name] = value
    return raw


def test_the_documents_are_up_to_date():
    told = f"docs/configuration.* are old; run {config_docs.COMMAND}"
    assert config_docs.TARGET.read_text() == config_docs.text(), told
    assert config_docs.SCHEMA.read_text() == config_docs.schema_text(), told


def test_every_key_has_one_text_and_no_text_is_left_over():
    for section, rows in ROWS.items():
        told = [line.split("|")[0] for line in TEXTS[section].splitlines()[1:]]
        assert sorted(told) == sorted(rows), section
    assert set(TEXTS) == set(config_keys.TOP)


@pytest.mark.parametrize("section", sorted(ROWS))
def test_help_tells_of_every_key_what_it_means_and_what_is_allowed(section):
    for name in ROWS[section]:
        lines = config_help.lines(f"{section}.{name}")
        assert len(lines) == 2
        assert lines[0].startswith(f"{section}.{name}: ")
        assert all(line.isprintable() and line.isascii() for line in lines)


def test_help_of_no_key_is_nothing():
    for key in ("", ".", "limit_a", "group.", "group.limit", "meter.bus.bus", "chargers.limit_a"):
        lines = config_help.lines(key)
        assert lines == [] or key == "group.", key


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_examples_fit_the_schema():
    readme = (ROOT / "README.md").read_text()
    for example in readme.split("```json\n")[1:]:
        assert fits(json.loads(example.split("```")[0]))
    for short in ({"first_address": 2, "count": 20}, {"first_address": 2, "count": 2, "max_a": 9}):
        assert fits({"group": {"type": "static"}, "chargers": short})
    assert fits(
        {"meter": {"model": "clamps", "clamp_zero": [[2048, 1]]}, "chargers": [{"address": 2}]}
    )


@pytest.mark.parametrize("key", sorted({**_NUMBERS, **_WORDS}))
def test_the_schema_refuses_each_single_value_that_check_refuses(key):
    if key in _NUMBERS:
        lowest, highest, *between = _NUMBERS[key]
        fine, bad = (lowest, highest), (lowest - 1, highest + 1, *between, *_NO_NUMBERS)
        bad = [value for value in bad if value != 7.0]  # a whole number, for JSON schema
    else:
        fine, bad = _WORDS[key].split(), _NO_WORDS
    for value in fine:
        assert fits(site_with(key, value)) == (value != "clamps"), value
    for value in bad:
        assert not fits(site_with(key, value)), value


@pytest.mark.parametrize(
    "raw",
    [
        7,
        {},
        {"chargers": []},
        {"chargers": [{"address": 2 + k} for k in range(21)]},
        {"chargers": [{"address": 2}], "x": 1},
        {"chargers": [{"address": 2, "x": 1}]},
        {"chargers": [{}]},
        {"chargers": {"first_address": 2}},
        {"chargers": {"first_address": 2, "count": 21}},
        {"chargers": [{"address": 2}], "version": 2},
        {"chargers": [{"address": 2}], "meter": {}},
        {"chargers": [{"address": 2}], "meter": {"address": 1, "clamp_ratio": 3000}},
        {"chargers": [{"address": 2}], "meter": {"address": 1, "model": "clamps"}},
        {"chargers": [{"address": 2}], "meter": {"bus": {}, "model": "clamps"}},
        {"chargers": [{"address": 2}], "meter": {"model": "clamps", "clamp_zero": [[2048]]}},
        {"chargers": [{"address": 2}], "meter": {"model": "clamps", "clamp_zero": [[1, 0]]}},
        {"chargers": [{"address": 2, "name": "x" * 25}]},
        {"chargers": [{"address": 2, "name": "a\n"}]},
    ],
)
def test_the_schema_refuses_what_is_no_configuration(raw):
    assert not fits(raw)
    assert check(raw)[1]


@cases_of(150)
@given(likely)
def test_what_check_takes_fits_the_schema(raw):
    assert check(raw)[1] == []
    assert fits(raw)


@cases_of(300)
@given(st.sampled_from(sorted({**_NUMBERS, **_WORDS, "chargers.name": ()})), anything)
def test_a_single_value_is_good_for_both_or_for_neither(key, value):
    where = key.replace("chargers.", "chargers[0].") + ": "
    own = [line for line in check(site_with(key, value))[1] if line.startswith(where)]
    refused = any(" is not allowed; " in line for line in own)
    if not (isinstance(value, float) and value.is_integer()):  # JSON schema takes 7.0 for 7
        assert refused == (not fits(site_with(key, value)))
