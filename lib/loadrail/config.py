# The configuration: what may stand in it, and what is wrong where.
#
# `check` takes what JSON gave and returns (config, faults). Either faults is empty and config is
# whole, every default filled in and every charger a row; or config is None and faults says, a line
# each, which key, what it is, and what is allowed. Nothing is half taken (S12).

from loadrail import meters
from loadrail.config_rules import CLAMPS, across, phases_of
from loadrail.phases import ORDERS

MAX_CHARGERS = 20

# key: (default, allowed). allowed is (lowest, highest) of a whole number, a tuple of words, str
# for text, or a list of ranges: a list of rows of such numbers. A default of None: must be given;
# of {}: absent where it is not given.
_LINE = {
    "baud": (9600, ("one of", 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)),
    "parity": ("N", ("N", "E", "O")),
    "stop_bits": (1, (1, 2)),
    "timeout_ms": (300, (20, 5000)),  # to the first byte of an answer, at most
    "gap_ms": (0, (0, 500)),  # silence before a request beyond 3.5 characters
}
_GROUP = {
    "type": ("dynamic", ("dynamic", "static")),
    "limit_a": (16, (6, 1000)),  # max power from grid; the range is that of register 28
    "margin_a": (0, (0, 100)),
    "largest_load_a": (0, (0, 1000)),  # of the others; 0: no reserve is kept
    "breaker_percent": (140, (105, 160)),  # what it holds for some seconds; 120: E type
    "feeder_a": (0, (0, 1000)),  # of the chargers' own cable; 0: no limit of its own
    "power_limit_w": (0, (0, 1_000_000)),  # of all chargers together; 0: none
    "imbalance_a": (0, (0, 1000)),  # difference between phases; 0: any
    "sharing": ("equal", ("equal", "priority")),
    "phase_sharing": ("mixed", ("1_phase", "3_phase", "mixed")),
    "meter_stale_s": (10, (3, 60)),
    "meter_loss_a": (0, (0, 1000)),
    "raise_after_s": (10, (0, 300)),
    "start_after_s": (30, (0, 900)),
    "rotation_interval_s": (900, (300, 7200)),
    "cycle_ms": (1000, (100, 10_000)),
    "communication_timeout_s": (15, (5, 600)),  # the chargers' watchdogs, register 19
    "failsafe_current_a": (6, (0, 32)),  # and what they fall back to, register 20; 0 or 6..32
    "switch_wait_s": (90, (10, 600)),  # without current before phases are switched
    "switch_pause_s": (300, (300, 7200)),  # between two switches of a charger
    "switches_per_session": (6, (1, 50)),
}
_METER = {
    "model": ("eastron_sdm630", ()),  # the words are those of meters.names(), and CLAMPS
    "address": (None, (1, 247)),
    "update_interval_ms": (1000, (200, 10_000)),
    "range_a": (1000, (10, 1000)),  # more than that is no sample
    "phases": (0, ("one of", 0, 1, 3)),  # that it measures; 0: all that it has
    "bus": ({}, _LINE),
    "clamp_ratio": (3000, (500, 10_000)),
    "clamp_burden_mohm": (18_000, (1000, 100_000)),
    "clamp_zero": ({}, [(1648, 2448), (0, 500)]),  # what Clamp.set_zero takes: steps, mA
}
_ON_A_BUS = ("address", "bus")
_OF_CLAMPS = ("clamp_ratio", "clamp_burden_mohm", "clamp_zero")
_CHARGER = {
    "address": (None, (1, 247)),
    "phases": ("unknown", ()),  # the words are those of phases.ORDERS
    "min_a": (6, (6, 32)),
    "min_3p_a": (6, (6, 32)),  # on three phases, where that is more than min_a
    "max_a": (32, (6, 32)),
    "priority": (5, (0, 9)),  # 0 comes first
    "phase_switching": ("off", ("off", "on")),
    "name": ("", str),
}
_SHORT_FORM = {"first_address": (None, (1, 247)), "count": (None, (1, MAX_CHARGERS))}
# keys that both forms have
_COMMON = ("phases", "min_a", "min_3p_a", "max_a", "priority", "phase_switching")
for _key in _COMMON:
    _SHORT_FORM[_key] = _CHARGER[_key]
_TOP = ("group", "bus", "meter", "chargers")


def check(raw) -> "tuple[dict | None, list[str]]":
    """Check a whole configuration; see the head of this file."""
    faults = []
    if not isinstance(raw, dict):
        return None, ["the configuration: %s is not an object" % _show(raw)]
    _unknown_keys("", raw, _TOP, faults)
    config = {
        "group": _section("group", raw.get("group", {}), _GROUP, faults),
        "bus": _section("bus", raw.get("bus", {}), _LINE, faults),
    }
    if "meter" in raw:
        config["meter"] = _meter(raw["meter"], faults)
    config["chargers"] = _chargers(raw.get("chargers"), faults)
    if not faults:
        across(config, faults)
    return (None, faults) if faults else (config, faults)


def _meter(raw, faults) -> dict:
    """The meter's section: one on a bus and clamps have different keys."""
    if not isinstance(raw, dict):
        return _section("meter", raw, _METER, faults)
    foreign, why = _OF_CLAMPS, 'only clamps have it; remove it, or set meter.model to "clamps"'
    if raw.get("model") == CLAMPS:
        foreign, why = _ON_A_BUS, "clamps are on no bus; remove it"
    for key in foreign:
        if key in raw:
            faults.append("meter.%s: %s" % (key, why))
    rows = {key: _METER[key] for key in _METER if key not in foreign}
    own = {key: raw[key] for key in raw if key not in foreign}
    config = _section("meter", own, rows, faults)
    if config.get("phases") == 0:
        config["phases"] = phases_of(config["model"])
    return config


def _chargers(raw, faults) -> list:
    """The rows of the chargers from the list or the short form."""
    if isinstance(raw, dict):
        before = len(faults)
        short = _section("chargers", raw, _SHORT_FORM, faults)
        if len(faults) > before:
            return []
        if short["first_address"] + short["count"] > 248:
            last = short["first_address"] + short["count"] - 1
            faults.append("chargers: the last address would be %d; at most 247" % last)
            return []
        rows = []
        for k in range(short["count"]):
            row = {"address": short["first_address"] + k, "name": ""}
            for key in _COMMON:
                row[key] = short[key]
            rows.append(row)
        return rows
    if not isinstance(raw, list) or not raw:
        said = "missing" if raw is None else "%s is not a list" % _show(raw)
        if raw == []:
            said = "empty"
        faults.append('chargers: %s; give a list, or {"first_address": 2, "count": 20}' % said)
        return []
    if len(raw) > MAX_CHARGERS:
        faults.append("chargers: %d are too many; at most %d" % (len(raw), MAX_CHARGERS))
    return [_section("chargers[%d]" % k, row, _CHARGER, faults) for k, row in enumerate(raw)]


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
            fault = _fault(raw[key], _allowed(key, allowed))
            if fault:
                faults.append("%s: %s" % (where, fault))
        elif default is None:
            faults.append("%s: missing; %s" % (where, _say(_allowed(key, allowed))))
        else:
            out[key] = default
    return out


def _allowed(key, allowed):
    if key == "model":
        return tuple(meters.names()) + (CLAMPS,)
    return tuple(sorted(ORDERS)) if key == "phases" and not allowed else allowed


def _fault(value, allowed) -> "str | None":
    """What is wrong with a value, or None."""
    if allowed is str:
        fine = isinstance(value, str) and len(value) <= 24
    elif isinstance(allowed, list):
        fine = isinstance(value, list) and all(_fits(row, allowed) for row in value)
    elif isinstance(allowed[0], str):
        # bool is an int, and 9600.0 equals 9600: neither is what was meant
        fine = value in allowed[allowed[0] == "one of" :] and not isinstance(value, (bool, float))
    else:
        fine = isinstance(value, int) and not isinstance(value, bool)
        fine = fine and allowed[0] <= value <= allowed[1]
    return None if fine else "%s is not allowed; %s" % (_show(value), _say(allowed))


def _fits(row, ranges) -> bool:
    """Whether a row has a whole number of each range."""
    if not isinstance(row, list) or len(row) != len(ranges):
        return False
    return all(_fault(row[k], ranges[k]) is None for k in range(len(ranges)))


def _say(allowed) -> str:
    """What is allowed, in words."""
    if allowed is str:
        return "a text of at most 24 characters"
    if isinstance(allowed, list):
        return "a list of [%s]" % ", ".join(["%d to %d" % row for row in allowed])
    if isinstance(allowed[0], str):
        words = allowed[allowed[0] == "one of" :]
        return "one of " + ", ".join([str(word) for word in words])
    return "a whole number from %d to %d" % allowed


def _show(value) -> str:
    """A value as the person wrote it, cut where it is long."""
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    text = '"%s"' % value if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _unknown_keys(path, raw, known, faults) -> None:
    for key in sorted(raw):
        if key not in known:
            faults.append("%s%s: unknown; known are %s" % (path, key, ", ".join(sorted(known))))
