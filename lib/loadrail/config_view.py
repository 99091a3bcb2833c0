# A configuration seen key by key: "group.limit_a", "chargers[3].phases", "meter.bus.baud".
# Lent while somebody looks at one.

import json


def leaves(value, path=""):
    """(key, value) of all that is below `path`, by name; what has no more keys is a value."""
    for step, below in _below(value) or ():
        inside = _join(path, step)
        if _below(below) is None:
            yield inside, below
        else:
            for leaf in leaves(below, inside):
                yield leaf


def get(config: dict, key: str) -> list:
    """[(key, value)] of a key, or of all below a section; all where key is ""."""
    below = (key + ".", key + "[")
    found = []
    for path, value in leaves(config):
        if key in ("", path) or path[: len(key) + 1] in below:
            found.append((path, value))
    return found


def diff(old, new, path="") -> list:
    """[(key, old value, new value)] of what differs; None where there is none."""
    if old == new:
        return []
    before, after = _below(old), _below(new)
    if before is None or after is None:
        return [(path, old, new)]
    before, after, found = dict(before), dict(after), []
    for step in sorted(set(before) | set(after)):
        found.extend(diff(before.get(step), after.get(step), _join(path, step)))
    return found


def names(config: "dict | None", start: str):
    """Every key that `set` takes and that begins with `start`."""
    from loadrail import config_keys as keys

    count = len(config["chargers"]) if config else 0
    tables = [(name + ".", keys.SECTIONS[name]) for name in sorted(keys.SECTIONS)]
    tables += [("meter.bus.", keys.LINE)]
    tables += [("chargers[%d]." % k, keys.CHARGER) for k in range(count)]
    for before, rows in tables:
        # most tables are not looked into: there may be 20 chargers
        if start.startswith(before) or before.startswith(start):
            for key in sorted(rows):
                if (before + key).startswith(start):
                    yield before + key


def pieces(raw: dict):
    """JSON in one line, in ASCII, with its keys in order whatever order a dict keeps them in."""
    before = "{"
    for key in sorted(raw):
        value = raw[key]
        yield '%s"%s": ' % (before, key)
        before = ", "
        if not isinstance(value, list):
            yield text(value)
            continue
        inside = "["
        for row in value:
            yield inside + text(row)
            inside = ", "
        yield "]"
    yield "}"


def text(value) -> str:
    """JSON of a value, in ASCII."""
    if isinstance(value, dict):
        rows = ["%s: %s" % (text(key), text(value[key])) for key in sorted(value)]
        return "{%s}" % ", ".join(rows)
    said = json.dumps(value)
    if isinstance(value, str):
        said = "".join([c if ord(c) < 127 else "\\u%04x" % ord(c) for c in said])
    return said


def _below(value):
    """[(step, value)] of an object or of a list of objects; None where it is a value."""
    if isinstance(value, dict):
        return [(key, value[key]) for key in sorted(value)]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [(k, row) for k, row in enumerate(value)]
    return None


def _join(path, step) -> str:
    if isinstance(step, int):
        return "%s[%d]" % (path, step)
    return path + "." + step if path else step
