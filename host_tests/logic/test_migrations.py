# Older configurations become new ones a step at a time; newer ones are refused whole.

from loadrail.config import check
from loadrail.migrations import STEPS, VERSION, migrate

# A good configuration of each version that there ever was.
_OF_VERSION = ({"meter": {"address": 1}, "chargers": [{"address": 2}]},)


def _renamed(raw):
    """1 to 2: limit is called limit_a."""
    out = {key: raw[key] for key in raw if key != "limit"}
    out["limit_a"] = raw.get("limit")
    return out


def _doubled(raw):
    """2 to 3."""
    return {"limit_a": raw["limit_a"] * 2}


_TWO = (_renamed, _doubled)


def test_there_is_an_example_of_every_version():
    assert len(_OF_VERSION) == VERSION == 1 + len(STEPS)


def test_every_version_becomes_a_good_configuration_of_the_newest():
    for k, raw in enumerate(_OF_VERSION):
        config, faults = check(dict(raw, version=k + 1))
        assert not faults
        assert config["version"] == VERSION


def test_a_configuration_without_a_version_is_of_the_first():
    config, faults = check(_OF_VERSION[0])
    assert not faults
    assert config["version"] == VERSION


def test_what_was_checked_once_is_good_once_more():
    config = check(_OF_VERSION[-1])[0]
    assert check(config) == (config, [])


def test_each_step_from_its_version_on_is_taken_once():
    for raw in ({"limit": 5}, {"limit": 5, "version": 1}, {"limit_a": 5, "version": 2}):
        assert migrate(raw, _TWO) == ({"limit_a": 10, "version": 3}, None)
    assert migrate({"limit_a": 5, "version": 3}, _TWO) == ({"limit_a": 5, "version": 3}, None)


def test_nothing_is_changed_in_place():
    raw = {"limit": 5}
    migrate(raw, _TWO)
    assert raw == {"limit": 5}


def test_a_newer_version_is_refused_with_what_to_do():
    found, fault = migrate({"version": 4, "limit": 5}, _TWO)
    assert found is None
    assert fault == (
        "version: 4 is from a newer firmware, this one takes up to 3; "
        "flash the newer one, or write the configuration anew"
    )


def test_a_version_is_a_whole_number_from_1_on():
    for version in (0, -1, True, None, "1", 1.0, [1]):
        found, fault = migrate({"version": version}, _TWO)
        assert found is None
        assert fault == "version: not allowed; a whole number from 1 to 3, or leave it out"
