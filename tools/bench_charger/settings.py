# The bench charger's settings: what may be set, its defaults, and what is wrong where.
#
# The defaults of uart, tx, rx and direction are the wiring that README.md documents: a Raspberry
# Pi Pico with its transceiver on UART0, GP0 and GP1, direction pin GP2. A computer has a tty
# instead and no use for them. Currents are amperes.

import json

from loadrail.phases import ORDERS
from loadrail_site import readings

from .reading_text import answer_of

FILE = "bench.json"
_BAUDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
_ORDERS = [name for name in sorted(ORDERS) if ORDERS[name]]
_PIN = (0, 48)
_NONE = "none"  # what a command line says for null

# key: (default, lowest and highest, words or numbers beside them)
_ROWS = {
    "address": (2, (1, 247), ()),  # of the first charger
    "count": (1, (1, 4), ()),  # chargers at this and the next addresses
    "phases": ("L1L2L3", None, _ORDERS),
    "max_a": (32, (6, 32), ()),
    "baud": (9600, None, _BAUDS),
    "parity": ("N", None, ("N", "E", "O")),
    "stop_bits": (1, (1, 2), ()),
    "uart": (0, (0, 2), ()),
    "tx": (0, _PIN, ()),
    "rx": (1, _PIN, ()),
    "direction": (2, _PIN, (None,)),  # null: the transceiver finds out by itself
    "led": (25, _PIN, ("LED", None)),  # "LED" on a Pico W
}
_OTHERS = ("tty", "reading")


def check(raw):
    """(settings, faults) of what a file or a command line gave; with faults settings is None."""
    if not isinstance(raw, dict):
        return None, ["%s is not an object" % json.dumps(raw)]
    known = sorted(list(_ROWS) + list(_OTHERS))
    faults = []
    for key in sorted(raw):
        if key not in known:
            faults.append("%s: unknown; known are %s" % (key, ", ".join(known)))
    settings = {"tty": raw.get("tty")}
    for key in _ROWS:
        settings[key] = raw.get(key, _ROWS[key][0])
        if not _fits(settings[key], _ROWS[key]):
            told = (key, json.dumps(settings[key]), _allowed(_ROWS[key]))
            faults.append("%s: %s is not allowed; %s" % told)
    try:
        settings["reading"] = readings.choose(raw.get("reading", {}))
    except (ValueError, TypeError, AttributeError) as error:
        faults.append("reading: %s" % error)
    if not faults and settings["address"] + settings["count"] > 248:
        faults.append("count: the last address would be beyond 247")
    return (None, faults) if faults else (settings, [])


def from_file(path):
    """(settings, faults) of a JSON file; a board without one takes the defaults."""
    try:
        with open(path) as file:
            raw = json.load(file)
    except OSError:
        raw = {}
    except ValueError:
        return None, ["%s: is not JSON" % path]
    return check(raw)


def from_arguments(arguments):
    """(settings, faults) of words like baud=19200 and reading.fed_by=amps."""
    raw = {"reading": {}}
    for argument in arguments:
        key, equals, text = argument.partition("=")
        if not equals:
            return None, ['"%s": give KEY=VALUE' % argument]
        if not key.startswith("reading."):
            raw[key] = _value(text)
            continue
        question = key[len("reading.") :]
        try:
            raw["reading"][question] = answer_of(question, text)
        except ValueError as error:
            return None, ["reading: %s" % error]
    settings, faults = check(raw)
    if settings and settings["tty"] is None:
        return None, ["tty: missing; the serial line of this computer, such as /dev/ttyUSB0"]
    return settings, faults


def _value(text):
    if text == _NONE:
        return None
    return int(text) if text.isdigit() else text


def _fits(value, row):
    _, span, words = row
    if isinstance(value, (bool, float)):
        return False  # neither is what was meant, though True equals 1
    if value in words:
        return True
    return span is not None and isinstance(value, int) and span[0] <= value <= span[1]


def _allowed(row):
    _, span, words = row
    parts = [json.dumps(word) for word in words]
    if span:
        parts.insert(0, "%d to %d" % span)
    return "one of " + ", ".join(parts) if len(parts) > 1 else parts[0]
