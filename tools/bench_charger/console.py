# The bench's commands: a line in, lines out. No I/O here; whatever is typed gets an answer.
#
# With several chargers a leading address picks one ("3 car out"); without it a command is for all.

from loadrail_site import app
from loadrail_site import teltocharge as tc
from loadrail_site.lies import LIES
from loadrail_site.readings import READINGS

from .reading_text import answer_of, answer_text, answers
from .status_line import status_line

_INTERNAL_ERROR = 1 << 10  # error_code
# command: (attribute, value for on, value for off)
_SWITCHES = {
    "error": ("error_bits", _INTERNAL_ERROR, 0),
    "silent": ("silent", True, False),
    "deaf": ("deaf", True, False),
}
HELP = (
    ("car in [phases] [max_a]", "plug a car in that uses 1 to 3 phases, 6 to 32 A (3, 16)"),
    ("car out", "unplug it"),
    ("error on|off", "an internal error: the contactor opens"),
    ("silent on|off", "hear and obey, but never answer"),
    ("deaf on|off", "as if the wire were off"),
    ("app [SETTING VALUE]", "change a setting past the primary; alone: what can be changed"),
    ("reading [NAME VALUE]", "answer an open question otherwise, and restart; alone: all answers"),
    ("lie NAME|off", "answer falsely: %s" % ", ".join(LIES)),
    ("restart", "reboot: silent for 8 s"),
    ("status", "a line a charger"),
    ("help", "this list; an address before a command picks one charger, as in: 3 car out"),
)


class Refusal(Exception):
    """What was typed cannot be done; the text says what is allowed."""


def run(line, group):
    """Carry one line out; returns the lines to say, none for an empty one."""
    words = line.split()
    if not words:
        return []
    try:
        chargers = _picked(words, group)
        if not words:
            raise Refusal('an address needs a command after it; "help" lists them')
        command = _COMMANDS.get(words[0])
        if command is None:
            raise Refusal('"%s" is no command; "help" lists them' % words[0])
        return command(words, group, chargers)
    except (Refusal, ValueError) as refused:
        return ["? %s" % refused]


def _picked(words, group):
    """The chargers that the words are for; takes the address away from them."""
    if not words[0].isdigit():
        return list(group.chargers)
    charger = group.find(int(words.pop(0)))
    if charger is None:
        known = [str(charger.address) for charger in group.chargers]
        raise Refusal("no charger at that address; %s" % ", ".join(known))
    return [charger]


def _car(words, group, chargers):
    if words[1:] == ["out"]:
        for charger in chargers:
            charger.cars[:] = []
        return _done(words, chargers)
    numbers = [_whole(word) for word in words[2:]]
    if words[1:2] != ["in"] or len(numbers) > 2:
        raise Refusal("car in [phases] [max_a] | car out")
    phases, max_a = numbers + [3, 16][len(numbers) :]
    if not 1 <= phases <= 3 or not tc.MIN_A <= max_a <= 32:
        raise Refusal("car in: phases is 1 to 3, max_a %d to 32" % tc.MIN_A)
    for charger in chargers:
        group.plug_in(charger, phases, max_a)
    return _done(words, chargers)


def _switch(words, group, chargers):
    attribute, on, off = _SWITCHES[words[0]]
    if words[1:] not in (["on"], ["off"]):
        raise Refusal("%s on|off" % words[0])
    for charger in chargers:
        setattr(charger, attribute, on if words[1] == "on" else off)
    return _done(words, chargers)


def _app(words, group, chargers):
    names = sorted(list(app.SETTINGS) + list(app.CAPS))
    told = "app SETTING VALUE; SETTING is one of " + ", ".join(names)
    if len(words) == 1:
        return [told]
    if len(words) != 3 or words[1] not in names:
        raise Refusal(told)
    value = _whole(words[2])
    for charger in chargers:
        try:
            app.change(charger, words[1], value)
        except ValueError:
            raise Refusal("%s takes %s" % (words[1], _allowed(charger, words[1]))) from None
    return _done(words, chargers)


def _allowed(charger, name):
    """The values that the app may set, in words."""
    if name in app.CAPS:
        return "%d to %d" % app.CAPS[name][1:]
    register = app.SETTINGS[name]
    if register == tc.PHASE_TO_USE:
        return "0 to 6, as far as its phases are connected"
    if register in tc.CURRENTS:
        return "0 or %d to %d" % (tc.MIN_A, charger.max_a)
    return "%d to %d" % tc.RANGES[register]


def _lie(words, group, chargers):
    if len(words) != 2 or words[1] not in LIES + ("off",):
        raise Refusal("lie %s|off" % "|".join(LIES))
    for charger in chargers:
        charger.lie = None if words[1] == "off" else words[1]
    return _done(words, chargers)


def _reading(words, group, chargers):
    if len(words) == 1:
        lines = []
        for question in sorted(READINGS):
            now = answer_text(chargers[0].reading[question])
            lines.append("  %-24s %-10s of %s" % (question, now, answers(question)))
        return lines
    if len(words) != 3:
        raise Refusal('reading NAME VALUE; "reading" lists them')
    answer = answer_of(words[1], words[2])
    for charger in chargers:
        group.read_otherwise(charger, words[1], answer)
    return _done(words, chargers)


def _restart(words, group, chargers):
    _alone(words)
    for charger in chargers:
        charger.restart()
    return _done(words, chargers)


def _status(words, group, chargers):
    _alone(words)
    return [status_line(charger) for charger in chargers]


def _help(words, group, chargers):
    return ["  %-24s %s" % row for row in HELP]


def _alone(words):
    if len(words) > 1:
        raise Refusal("%s takes nothing after it" % words[0])


def _whole(word):
    if not word.isdigit():
        raise Refusal('"%s" is not a whole number' % word)
    return int(word)


def _done(words, chargers):
    told = ", ".join([str(charger.address) for charger in chargers])
    return ["%s: %s" % (told, " ".join(words))]


_COMMANDS = {
    "car": _car,
    "error": _switch,
    "silent": _switch,
    "deaf": _switch,
    "app": _app,
    "lie": _lie,
    "reading": _reading,
    "restart": _restart,
    "status": _status,
    "help": _help,
}
