# A whole configuration, checked by the tables in config_keys; see config.py, which lends this.
#
# Every fault is a line: which key, what it is, and what is allowed. Whatever JSON gave is taken
# without an error, and MicroPython's JSON gives more than it should: keys that are no text.

from loadrail import config_keys as keys
from loadrail import meters
from loadrail.config import CLAMPS
from loadrail.config_rules import across, phases_of
from loadrail.migrations import migrate
from loadrail.phases import ORDERS

TEXT = 24  # characters of a name


def check(raw) -> "tuple[dict | None, list[str]]":
    """Check a whole configuration; see the head of this file."""
    faults = []
    if not isinstance(raw, dict):
        return None, ["the configuration: %s is not an object" % _show(raw)]
    raw, fault = migrate(raw)
    if fault:
        return None, [fault]
    _unknown_keys("", raw, keys.TOP, faults)
    config = {"version": raw["version"]}
    for name in ("group", "bus", "inputs"):
        config[name] = _section(name, raw.get(name, {}), keys.SECTIONS[name], faults)
    if "meter" in raw:
        config["meter"] = _meter(raw["meter"], faults)
    config["chargers"] = _chargers(raw.get("chargers"), faults)
    if not faults:
        across(config, faults)
    return (None, faults) if faults else (config, faults)


def _meter(raw, faults) -> dict:
    """The meter's section: one on a bus and clamps have different keys."""
    if not isinstance(raw, dict):
        return _section("meter", raw, keys.METER, faults)
    foreign, why = keys.OF_CLAMPS, 'only clamps have it; remove it, or set meter.model to "clamps"'
    if raw.get("model") == CLAMPS:
        foreign, why = keys.ON_A_BUS, "clamps are on no bus; remove it"
    for key in foreign:
        if key in raw:
            faults.append("meter.%s: %s" % (key, why))
    rows = {key: keys.METER[key] for key in keys.METER if key not in foreign}
    own = {key: raw[key] for key in raw if key not in foreign}
    config = _section("meter", own, rows, faults)
    if config.get("phases") == 0:
        config["phases"] = phases_of(config["model"])
    return config


def _chargers(raw, faults) -> list:
    """The rows of the chargers from the list or the short form."""
    if isinstance(raw, dict):
        before = len(faults)
        short = _section("chargers", raw, keys.SHORT_FORM, faults)
        if len(faults) > before:
            return []
        if short["first_address"] + short["count"] > 248:
            last = short["first_address"] + short["count"] - 1
            faults.append("chargers: the last address would be %d; at most 247" % last)
            return []
        rows = []
        for k in range(short["count"]):
            row = {"address": short["first_address"] + k, "name": ""}
            row.update({key: short[key] for key in keys.COMMON})
            rows.append(row)
        return rows
    if not isinstance(raw, list) or not raw:
        said = "missing" if raw is None else "%s is not a list" % _show(raw)
        if raw == []:
            said = "empty"
        faults.append('chargers: %s; give a list, or {"first_address": 2, "count": 20}' % said)
        return []
    if len(raw) > keys.MAX_CHARGERS:
        faults.append("chargers: %d are too many; at most %d" % (len(raw), keys.MAX_CHARGERS))
    return [_section("chargers[%d]" % k, row, keys.CHARGER, faults) for k, row in enumerate(raw)]


def _section(path: str, raw, rows: dict, faults: list) -> dict:
    """One object of the configuration by its table, defaults filled in."""
    out = {}
    if not isinstance(raw, dict):
        faults.append("%s: %s is not an object" % (path, _show(raw)))
        return out
    _unknown_keys(path + ".", raw, rows, faults)
    for key in rows:
        default, allowed = rows[key]
        where = "%s.%s" % (path, key)
        if default == {} and key not in raw:
            continue
        if isinstance(allowed, dict):
            out[key] = _section(where, raw[key], allowed, faults)
        elif key in raw:
            out[key] = raw[key]
            fault = _fault(raw[key], allowed_of(key, allowed))
            if fault:
                faults.append("%s: %s" % (where, fault))
        elif default is None:
            faults.append("%s: missing; %s" % (where, say(allowed_of(key, allowed))))
        else:
            out[key] = default
    return out


def allowed_of(key, allowed):
    """What is allowed for a key: the table's entry, or the words that stand elsewhere."""
    if key == "model":
        return tuple(meters.names()) + (CLAMPS,)
    return tuple(sorted(ORDERS)) if key == "phases" and not allowed else allowed


def _fault(value, allowed) -> "str | None":
    """What is wrong with a value, or None."""
    if allowed is str:
        fine = isinstance(value, str) and len(value) <= TEXT and all(map(_shown, value))
    elif isinstance(allowed, list):
        fine = isinstance(value, list) and all(_fits(row, allowed) for row in value)
    elif isinstance(allowed[0], str):
        # bool is an int, and 9600.0 equals 9600: neither is what was meant
        fine = value in allowed[allowed[0] == "one of" :] and not isinstance(value, (bool, float))
    else:
        fine = isinstance(value, int) and not isinstance(value, bool)
        fine = fine and (allowed[0] <= value <= allowed[1] or value in allowed[2:])
    return None if fine else "%s is not allowed; %s" % (_show(value), say(allowed))


def _shown(character) -> bool:
    """Whether a terminal shows it, and a line of JSON carries it through every interpreter."""
    code = ord(character)
    return 32 <= code < 127 or 160 <= code < 0xD800


def _fits(row, ranges) -> bool:
    """Whether a row has a whole number of each range."""
    if not isinstance(row, list) or len(row) != len(ranges):
        return False
    return all(_fault(row[k], ranges[k]) is None for k in range(len(ranges)))


def say(allowed) -> str:
    """What is allowed, in words."""
    if allowed is str:
        return "a text of at most %d letters, digits and signs" % TEXT
    if isinstance(allowed, list):
        return "a list of [%s]" % ", ".join(["%d to %d" % row for row in allowed])
    if isinstance(allowed[0], str):
        words = allowed[allowed[0] == "one of" :]
        return "one of " + ", ".join([str(word) for word in words])
    others = "".join(["%d, or " % value for value in allowed[2:]])
    return others + "a whole number from %d to %d" % allowed[:2]


def _show(value) -> str:
    """A value as the person wrote it, cut where it is long."""
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    try:
        text = '"%s"' % value if isinstance(value, str) else str(value)
    except RuntimeError:  # lists in lists beyond what the stack holds
        text = "that"
    if len(text) > 40:
        text = text[:37] + "..."
    return "".join([letter if _shown(letter) else "?" for letter in text])


def _unknown_keys(path, raw, known, faults) -> None:
    for key in sorted(raw, key=str):
        if key not in known:
            name = _show(key).strip('"')
            faults.append("%s%s: unknown; known are %s" % (path, name, ", ".join(sorted(known))))
