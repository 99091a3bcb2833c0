# What is needed to check a configuration is in the memory only while it is checked.

import sys

import loadrail
from loadrail.config import check

_LEAST = {"meter": {"address": 1}, "chargers": [{"address": 2}]}


def test_the_tables_leave_the_memory_after_a_check():
    names = ("config_check", "config_keys", "config_rules", "migrations")
    for name in names:
        if sys.modules.pop("loadrail." + name, None):
            delattr(loadrail, name)
    check(_LEAST)
    for name in names:
        assert "loadrail." + name not in sys.modules
        assert not hasattr(loadrail, name)


def test_tables_that_somebody_has_loaded_stay():
    from loadrail import config_keys

    sys.modules["loadrail.config_keys"] = config_keys
    check(_LEAST)
    assert sys.modules["loadrail.config_keys"] is config_keys
