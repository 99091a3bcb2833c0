# All registers of one charger in words, and what of them is wrong: text lines, JSON, sentences.
#
# `words` holds the 45 raw words by address, `have(address)` tells which of them have been read.
# What was not read is "-" or null and never 0; a wide value counts only when all its words were
# read. One register a piece, so that a small board never holds a whole page.

import json

from loadrail.register_map import MAP, NAMES, decimal, decode
from loadrail.register_texts import bit_texts, is_documented, text_of

# causes of a limit that call for nobody: the charger's own size, and us
_HARDWARE = 0
_LOAD_BALANCING = 6
# cause: the setting behind it
_SETTINGS = {1: "max_grid_current", 2: "user_max_current"}


def lines(words, have):
    """For a person: a line a register, in the order of their addresses, without line ends."""
    for name in NAMES:
        raw = value(name, words, have)
        yield "%-22s  %s" % (name, "-" if raw is None else text_of(name, raw))


def json_pieces(words, have):
    """For a program: pieces of one JSON object, name to null or to raw, value, unit and text.

    `value` is in `unit`. "documented": false stands where the maker's map does not tell what the
    raw value means.
    """
    before = "{"
    for name in NAMES:
        yield '%s"%s": %s' % (before, name, _as_json(name, value(name, words, have)))
        before = ", "
    yield "}"


def problems(words, have):
    """What an installer should know: a sentence a set error, warning, and outside limit.

    Nothing is said of what was not read, so silence is no proof that all is well.
    """
    for name, kind in (("error_code", "error"), ("warning_code", "warning")):
        raw = value(name, words, have)
        if raw is None:
            continue
        for text in bit_texts(name, raw):
            yield "%s: %s" % (kind, text)
    cause = value("current_limit_cause", words, have)
    if cause not in (None, _HARDWARE, _LOAD_BALANCING):
        yield _limited(cause, words, have)


def value(name: str, words, have):
    """The raw value of a register; None where not all its words have been read."""
    address, count = MAP[name][:2]
    for k in range(count):
        if not have(address + k):
            return None
    return decode(name, words)


def _as_json(name, raw) -> str:
    if raw is None:
        return "null"
    return '{"raw": %d, "value": %s, "unit": "%s", "text": %s%s}' % (
        raw,
        decimal(name, raw),
        MAP[name][4],
        json.dumps(text_of(name, raw)),
        "" if is_documented(name, raw) else ', "documented": false',
    )


def _limited(cause, words, have) -> str:
    text = text_of("current_limit_cause", cause)
    if not is_documented("current_limit_cause", cause):
        return "limited by cause " + text
    name = _SETTINGS.get(cause)
    raw = None if name is None else value(name, words, have)
    if raw is None:
        return "limited by " + text
    return "limited by %s; %s is %s" % (text, name, text_of(name, raw))
