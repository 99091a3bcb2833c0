# `help KEY`: what a key of the configuration means, in which unit, what is allowed and what it is
# without being set. The texts behind it leave the memory when they are told.

from loadrail.lent import lend


def lines(key: str) -> "list[str]":
    """What there is to tell of a key, or of a section: a line each; empty where there is none."""
    section, _, name = _generic(key).partition(".")
    texts = lend("config_texts")
    if section not in texts.TEXTS:
        return []
    if name == "":
        told = texts.TEXTS[section].split("\n")[:-1]
        return [section + ": " + told[0]] + ["  " + row.replace("|", ": ") for row in told[1:]]
    text = meaning(section, name, texts.TEXTS)
    if text is None:
        return []
    return ["%s.%s: %s" % (section, name, text), "  " + facts(section, name, texts.UNITS)]


def meaning(section: str, name: str, texts: dict) -> "str | None":
    """What a key means; None where there is no such key."""
    text = texts[section]
    at = text.find("\n%s|" % name) + len(name) + 2
    return text[at : text.find("\n", at)] if at > len(name) + 1 else None


def unit_of(name: str, units: dict) -> str:
    """A key's unit by the end of its name; "" where it has none."""
    return units.get(name[name.rfind("_") + 1 :], "")


def row_of(section: str, name: str, keys) -> tuple:
    """(default, allowed) of a key in config_keys."""
    if section == "chargers":
        return keys.CHARGER.get(name) or keys.SHORT_FORM[name]
    return keys.SECTIONS[section][name]


def facts(section: str, name: str, units: dict) -> str:
    """What is allowed, the unit, and the default."""
    check = lend("config_check")
    default, allowed = row_of(section, name, check.keys)
    if isinstance(allowed, dict):
        return "absent where it is not given"
    said, unit = check.say(check.allowed_of(name, allowed)), unit_of(name, units)
    if unit:
        said += ", in " + unit
    if default is None:
        return said + "; must be given"
    if default == {}:
        return said + "; absent where it is not given"
    return said + "; default " + ('""' if default == "" else str(default))


def _generic(key) -> str:
    """The key of all chargers for that of one, and of any line for that of the meter's own."""
    if key.startswith("chargers["):
        key = "chargers" + key[key.find("]") + 1 :]
    return key[len("meter.") :] if key.startswith("meter.bus.") else key
