"""Laws of the configuration over drawn cases: what comes in, what is set, what comes out."""

import json
import re

from conftest import cases_of
from hypothesis import given
from hypothesis import strategies as st

# What is loaded before stays: a check is four times as fast then.
from loadrail import config_check, config_edit, config_keys, config_view, config_warnings
from loadrail.config import check, warnings
from loadrail.settings import Settings

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # nothing for a terminal
LOADED = (config_edit, config_view, config_warnings)
SECTIONS = {**config_keys.SECTIONS, "chargers": config_keys.CHARGER}
KEYS = [f"{section}.{name}" for section, rows in SECTIONS.items() for name in rows]
names = st.text(st.characters(max_codepoint=0x2FFF, exclude_categories=["C"]), max_size=24)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def good(name, allowed):
    """Values of a key that are fine by themselves."""
    allowed = config_check.allowed_of(name, allowed)
    if allowed is str:
        return names
    if isinstance(allowed, dict):
        return table(allowed)
    if isinstance(allowed, list):
        return st.lists(st.tuples(*[st.integers(*row) for row in allowed]).map(list), max_size=3)
    if isinstance(allowed[0], str):
        return st.sampled_from(allowed[allowed[0] == "one of" :])
    return st.integers(*allowed[:2]) | st.sampled_from(allowed[2:] or allowed[:2])


def table(rows):
    """Sections with some of their keys."""
    needed = {name for name, (default, _) in rows.items() if default is None}
    drawn = {name: good(name, allowed) for name, (_, allowed) in rows.items()}
    return st.fixed_dictionaries(
        {name: drawn[name] for name in drawn if name in needed},
        optional={name: drawn[name] for name in drawn if name not in needed},
    )


rows = st.lists(table(config_keys.CHARGER), min_size=1, max_size=5)
sites = st.fixed_dictionaries(
    {"chargers": rows | table(config_keys.SHORT_FORM)},
    optional={
        "version": st.just(1),
        "group": table(config_keys.GROUP),
        "bus": table(config_keys.LINE),
        "meter": table(config_keys.METER),
        "inputs": table(config_keys.INPUTS),
    },
)


def fitting(site, limit_a):
    """The same with what does not go together taken out, where that is easy."""
    group = dict(site.get("group", {}), limit_a=limit_a, phase_sharing="mixed")
    for key in ("margin_a", "largest_load_a", "meter_loss_a"):
        group.pop(key, None)
    meter = {"address": 247, **site.get("meter", {}), "model": "eastron_sdm630", "phases": 3}
    for key in config_keys.OF_CLAMPS:
        meter.pop(key, None)
    chargers = site["chargers"]
    if isinstance(chargers, list):
        chargers = [{**row, "address": 1 + k} for k, row in enumerate(chargers)]
    else:
        chargers = {**chargers, "first_address": 2}
    for row in chargers if isinstance(chargers, list) else [chargers]:
        row.update(max_a=32, phases="L1L2L3")
    made = {**site, "group": {**group, "type": "dynamic"}, "chargers": chargers}
    return {**made, "meter": {**meter, "address": 247}}


likely = st.builds(fitting, sites, st.integers(100, 1000))  # all of them are good
edits = st.tuples(
    st.sampled_from(KEYS).map(lambda key: key.replace("chargers.", "chargers[0]."))
    | st.sampled_from(["meter", "chargers", "chargers[+]", "chargers[1]", "bus", "chargers.count"])
    | st.text(st.sampled_from("group.limit_a[]+0"), max_size=16),
    st.one_of(
        st.integers(-5, 1100).map(str),
        st.sampled_from(["null", "on", "static", "dynamic", "clamps", "L1", "eco", "[]", "{}"]),
        st.text(max_size=12),
        anything.map(json.dumps),
        table(config_keys.CHARGER).map(json.dumps),
        table(config_keys.METER).map(json.dumps),
        table(config_keys.SHORT_FORM).map(json.dumps),
    ),
)


@cases_of(200)
@given(st.one_of(anything, st.dictionaries(st.sampled_from(config_keys.TOP), anything), sites))
def test_s12_check_takes_any_json_and_says_good_or_why_not(raw):
    before = json.dumps(raw)
    config, faults = check(raw)
    assert (config is None) == bool(faults)
    assert all(len(line) < 700 and not CONTROL.search(line) for line in faults)
    assert json.dumps(raw) == before
    if config is not None:
        assert check(config) == (config, []), "a whole configuration is good once more"


@cases_of(100)
@given(likely)
def test_a_good_configuration_has_every_key_and_warnings_that_can_be_told(raw):
    config, faults = check(raw)
    assert faults == []
    assert set(config["group"]) == set(config_keys.GROUP)
    for row in config["chargers"]:
        assert set(row) == set(config_keys.CHARGER)
    assert all(line.isprintable() for line in warnings(config))


@cases_of(100)
@given(st.none() | likely, st.lists(st.lists(edits, min_size=1, max_size=3), max_size=6))
def test_s12_set_never_leaves_a_bad_configuration(raw, tries):
    settings = Settings(raw)
    for assignments in tries:
        raw, config = settings.raw, settings.config
        faults = settings.change(assignments)
        if faults:
            assert settings.raw is raw
            assert settings.config is config
        elif settings.raw is not raw:
            assert check(settings.raw) == (settings.config, [])
            json.dumps(settings.raw)


@cases_of(100)
@given(likely)
def test_what_is_exported_and_imported_is_the_same(raw):
    settings, other = Settings(raw), Settings()
    text = "".join(settings.export())
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text) == {"version": 1, **raw}
    assert other.import_(text) == []
    assert other.raw == settings.raw
    assert other.config == settings.config
    assert "".join(other.export()) == text


@cases_of(100)
@given(likely)
def test_what_get_shows_can_be_set_and_changes_nothing(raw):
    settings = Settings(raw)
    config = settings.config
    shown = [(key, json.dumps(value)) for key, value in settings.get()]
    assert settings.change(shown) == []
    assert settings.config == config
    assert settings.diff() == []


@cases_of(100)
@given(likely, likely)
def test_the_difference_is_empty_only_where_both_are_the_same(one, other):
    settings = Settings(one)
    assert settings.import_(json.dumps(other)) == []
    assert (settings.diff() == []) == (check(one)[0] == check(other)[0])
    assert settings.revert() == []
    assert settings.config == check(one)[0]
    assert not settings.unsaved


@cases_of(200)
@given(st.one_of(st.text(max_size=60), anything.map(json.dumps), st.binary(max_size=60).map(repr)))
def test_s12_import_takes_any_text(text):
    settings = Settings({"meter": {"address": 1}, "chargers": [{"address": 2}]})
    raw = settings.raw
    if settings.import_(text):
        assert settings.raw is raw
