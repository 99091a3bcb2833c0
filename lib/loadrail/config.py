# The configuration: what may stand in it, and what is wrong where.
#
# `check` takes what JSON gave and returns (config, faults). Either faults is empty and config is
# whole, every default filled in and every charger a row; or config is None and faults says, a line
# each, which key, what it is, and what is allowed. Nothing is half taken (S12). The tables and
# rules behind it are lent: they are needed when somebody changes a value.

from loadrail.lent import lend

CLAMPS = "clamps"  # a word of meter.model beside meters.names(): the board's own inputs


def check(raw) -> "tuple[dict | None, list[str]]":
    """Check a whole configuration; see the head of this file."""
    return lend("config_check").check(raw)


def warnings(config: dict) -> "list[str]":
    """What a good configuration still lets happen, a line each; nothing of it is refused."""
    return lend("config_warnings").warnings(config)
