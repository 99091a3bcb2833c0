# One value of a configuration set, added or taken out, by its key. Lent by config.py.
#
# Nothing is changed in place: `put` copies what lies on the way to the value, so that the
# configuration that runs and the one that is tried share all else. What is wrong is a ValueError
# with a line for the person; whether the result is any good only the check can tell.

import json

_SHORT = ("first_address", "count")
_WIRED = ("address", "phases", "name") + _SHORT  # of the chargers


def assignments(text: str) -> list:
    """[(key, value)] of "KEY VALUE; KEY VALUE"; a ";" in quotes divides nothing."""
    found, quoted, begin = [], False, 0
    for k, character in enumerate(text + ";"):
        if character == '"' and text[k - 1 : k] != "\\":
            quoted = not quoted
        elif character == ";" and (not quoted or k == len(text)):
            parts = text[begin:k].split(None, 1)
            begin = k + 1
            if parts:
                found.append((parts[0], parts[1].strip() if len(parts) > 1 else ""))
    return found


def put(raw: dict, key: str, text: str) -> dict:
    """A copy of `raw` with a value at `key`; the text null takes it out."""
    return _put(raw, _path(key), _value(key, text.strip()), key)


def defaults(raw: dict) -> dict:
    """A good configuration without what is not wired: the lines, the meter, where chargers are."""
    out = {key: raw[key] for key in ("bus", "meter") if key in raw}
    out["group"] = {"type": "dynamic" if "meter" in raw else "static"}
    chargers = raw["chargers"]
    one = isinstance(chargers, dict)
    rows = [chargers] if one else chargers
    rows = [{key: row[key] for key in row if key in _WIRED} for row in rows]
    out["chargers"] = rows[0] if one else rows
    return out


def parse(text: str, where: str):
    """What JSON says; MicroPython's knows more kinds of errors than CPython's."""
    try:
        return json.loads(text)
    except (ValueError, TypeError, RuntimeError):
        raise ValueError("%s: this is not JSON; nothing was changed" % where) from None


def _path(key) -> list:
    """The steps to a key: names, a number, or + for one more."""
    path = []
    for part in key.split("."):
        name, bracket, index = part.partition("[")
        path.append(name)
        if bracket:
            if index[-1:] != "]" or not (index == "+]" or _is_number(index[:-1])):
                raise ValueError('%s: no such key; chargers are "chargers[0]" and so on' % key)
            path.append("+" if index == "+]" else int(index[:-1]))
    return path


def _value(key, text):
    """A text as its key's value: a number, a word, JSON; None for null."""
    if text == "null":
        return None
    if text == "":
        raise ValueError('%s: a value is missing; "unset" goes back to the default' % key)
    if text[0] == '"' or (text[0] in "{[" and not key.endswith(".name")):
        return parse(text, key)
    if _is_number(text[1:] if text[0] == "-" else text) and not key.endswith(".name"):
        return int(text)
    return text


def _is_number(text) -> bool:
    return 0 < len(text) < 10 and all("0" <= digit <= "9" for digit in text)


def _put(node, path, value, key):
    """A copy of `node` with `value` at the end of `path`."""
    step, rest = path[0], path[1:]
    if step == "chargers" and rest and isinstance(node, dict):
        out = dict(node)
        out[step] = _put_charger(out.get(step), rest, value, key)
        return out
    if not isinstance(node, dict) or not isinstance(step, str):
        raise ValueError("%s: there is no such key" % key)
    out = dict(node)
    if rest:
        out[step] = _put(out.get(step, {}), rest, value, key)
    elif value is not None:
        out[step] = value
    elif out.pop(step, None) is None:
        raise ValueError("%s: is not set" % key)
    return out


def _put_charger(chargers, path, value, key):
    """The chargers with a value for one of them, or for all; one more, or one less."""
    step, rest = path[0], path[1:]
    if isinstance(step, str) and step != "+":
        if isinstance(chargers, dict):
            return _put(chargers, path, value, key)
        if step in _SHORT:
            raise ValueError('%s: the chargers are a list; "set chargers[+]" adds one' % key)
        rows = _rows(chargers, key)
        has = [value is not None or (isinstance(row, dict) and step in row) for row in rows]
        return [_put(row, path, value, key) if has[k] else row for k, row in enumerate(rows)]
    rows = _rows(chargers, key)
    if step == "+":
        rows.append({})
        step = -1
    elif step >= len(rows):
        raise ValueError("%s: there are %d chargers, the first is [0]" % (key, len(rows)))
    if rest:
        rows[step] = _put(rows[step], rest, value, key)
    elif value is None:
        del rows[step]
    else:
        rows[step] = value
    return rows


def _rows(chargers, key) -> list:
    """The chargers as a list of their own, also where they are in the short form."""
    if isinstance(chargers, list):
        return list(chargers)
    try:
        first, count = [chargers[name] for name in _SHORT]
        rows = []
        for k in range(min(count, 247)):
            row = {name: chargers[name] for name in chargers if name not in _SHORT}
            row["address"] = first + k
            rows.append(row)
        return rows
    except (TypeError, KeyError):
        raise ValueError("%s: there are no chargers to begin with" % key) from None
