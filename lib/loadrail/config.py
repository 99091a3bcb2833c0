# The configuration: what may stand in it, and what is wrong where.
#
# `check` takes what JSON gave and returns (config, faults). Either faults is empty and config is
# whole, every default filled in and every charger a row; or config is None and faults says, a line
# each, which key, what it is, and what is allowed. Nothing is half taken (S12). The tables and
# rules behind it leave the memory when it is done: they are needed when somebody changes a value.

import sys

CLAMPS = "clamps"  # a word of meter.model beside meters.names(): the board's own inputs

_LENT = (
    "config_check",
    "config_edit",
    "config_keys",
    "config_rules",
    "config_texts",
    "config_view",
    "config_warnings",
    "migrations",
)


def check(raw) -> "tuple[dict | None, list[str]]":
    """Check a whole configuration; see the head of this file."""
    return lent("config_check").check(raw)


def warnings(config: dict) -> "list[str]":
    """What a good configuration still lets happen, a line each; nothing of it is refused."""
    return lent("config_warnings").warnings(config)


def lent(name: str):
    """A module of _LENT that nobody keeps but the caller, with those that it imports.

    What was loaded before stays: a computer has room, and loading takes it longer than a check.
    """
    loaded = [part for part in _LENT if "loadrail." + part in sys.modules]
    module = __import__("loadrail." + name, None, None, ("lent",))
    package = sys.modules["loadrail"]
    for part in _LENT:
        if part not in loaded and "loadrail." + part in sys.modules:
            del sys.modules["loadrail." + part]
            if hasattr(package, part):
                delattr(package, part)
    return module
