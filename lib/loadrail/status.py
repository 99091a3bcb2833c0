# What a person or a program is told about the group: a table, or one line of JSON.
#
# Both are made piece by piece, so that a small board never holds a whole page at once.
# Currents are printed in A with one decimal, from whole mA; "-" and null are "not known".

import json

from loadrail import __version__, lights, reasons, sentences
from loadrail.alert_texts import alert_lines
from loadrail.budget import METER_FINE, METER_NONE, METER_STALE
from loadrail.clock import age_ms
from loadrail.lent import lend
from loadrail.presence import DOUBTFUL, ONLINE
from loadrail.sentences import EVSE_STATUS_TEXTS, amps

_NO_SOLAR = '"mode": "fast", "surplus_a": null, "solar": null'
# reasons that are the charger's status in words
_SAY_IT_ALL = (
    reasons.CAR_STOPPED,
    reasons.NOT_AUTHORISED,
    reasons.NOT_ALLOWED,
    reasons.NO_CAR,
    reasons.CHARGER_ERROR,
    reasons.STATUS_UNKNOWN,
)


def table(primary, now_ms: int):
    """The group for a person: yields lines without their ends."""
    group = primary.config["group"]
    up = primary.uptime_s
    yield "Loadrail %s, up %d:%02d:%02d; %s group, limit %d A, %s sharing" % (
        __version__,
        up // 3600,
        up // 60 % 60,
        up % 60,
        group["type"],
        group["limit_a"],
        group["sharing"],
    )
    yield meter_line(primary, now_ms)
    yield "light: %s" % lights.text(lights.kind(primary, now_ms))
    for line in alert_lines(primary, now_ms):
        yield "! " + line
    if primary.solar is not None:
        yield solar_texts().line(primary.solar)
    yield ""
    yield "       grid A  chargers A  budget A"
    grid = _grid_ma(primary)
    for phase in range(3):
        yield "  L%d  %7s  %10s  %8s" % (
            phase + 1,
            cell(grid[phase]),
            amps(_charging_ma(primary, phase)),
            amps(primary.budget.ma[phase]),
        )
    yield ""
    yield "  no  addr  limit A  draw A on L1/L2/L3  state and reason"
    for i in range(primary.chargers.n):
        yield _charger_line(primary, i)


def meter_line(primary, now_ms: int) -> str:
    """One sentence on the meter."""
    budget = primary.budget
    if budget.meter == METER_NONE:
        return "no meter: the chargers have the whole circuit"
    if budget.meter == METER_FINE:
        told = "meter: ok, read %s s ago" % amps(age_ms(now_ms, budget.grid_at))
        note = primary.meter.note
        return "%s; %s" % (told, note) if note else told
    if budget.meter == METER_STALE:
        return (
            "meter: LOST; all chargers together may have %d A"
            % (primary.config["group"]["meter_loss_a"])
        )
    return "meter: no answer yet"


def _charger_line(primary, i) -> str:
    c = primary.chargers
    row = primary.config["chargers"][i]
    draw = "/".join([cell(ma) for ma in _draw_ma(c, i)])
    state = state_line(primary, i)
    name = row["name"] + ": " if row["name"] else ""
    return "  %2d  %4d  %7s  %18s  %s%s" % (
        i + 1,
        c.address[i],
        cell(limit_ma(c, i)),
        draw,
        name,
        state,
    )


def state_line(primary, i) -> str:
    """Its state and the reason of its limit, in words."""
    c = primary.chargers
    state = _why(c, i)
    if _online(c, i) and c.reason[i] not in _SAY_IT_ALL:
        return "%s; %s" % (EVSE_STATUS_TEXTS[c.status[i]], state)
    return state


def json_pieces(primary, now_ms: int):
    """The group for a program: pieces of one line of JSON."""
    group = primary.config["group"]
    budget = primary.budget
    age = "null" if budget.grid_at is None else str(age_ms(now_ms, budget.grid_at))
    yield '{"uptime_s": %d, "group": {"type": "%s", "limit_a": %d, ' % (
        primary.uptime_s,
        group["type"],
        group["limit_a"],
    )
    yield '"budget_a": %s, "grid_a": %s, "charging_a": %s, ' % (
        _json_list(budget.ma),
        _json_list(_grid_ma(primary)),
        _json_list([_charging_ma(primary, phase) for phase in range(3)]),
    )
    yield '"meter_age_ms": %s, "meter_ok": %s}, "decisions": %d, "light": "%s", ' % (
        age,
        "true" if budget.meter in (METER_FINE, METER_NONE) else "false",
        primary.decisions,
        lights.text(lights.kind(primary, now_ms)),
    )
    yield '"warnings": ['
    before = ""
    for line in alert_lines(primary, now_ms):
        yield "%s%s" % (before, json.dumps(line))
        before = ", "
    yield '], "chargers": ['
    for i in range(primary.chargers.n):
        yield (", " if i else "") + charger_json(primary, i)
    yield "]}"


def charger_json(primary, i) -> str:
    """What `status json` tells of one charger: an object of JSON."""
    c = primary.chargers
    online = _online(c, i)
    return (
        '{"address": %d, "online": %s, "status": %s, "limit_a": %s, "draw_a": %s, '
        '"booked_a": %s, "reason": "%s", "reason_text": "%s", %s}'
    ) % (
        c.address[i],
        "true" if online else "false",
        c.status[i] if online else "null",
        _json_list([limit_ma(c, i)])[1:-1],
        _json_list(_draw_ma(c, i)),
        _json_list([c.booked_ma(i, phase) for phase in range(3)]),
        sentences.name(c.reason[i]),
        _why(c, i),
        solar_texts().fields(primary.solar, c, i) if primary.solar else _NO_SOLAR,
    )


def solar_texts():
    """Its words, for a group that has a solar mode."""
    return lend("solar_texts")


def _why(c, i) -> str:
    return sentences.sentence(c.reason[i], c.reason_room[i], c.reason_value[i], c.reason_s[i])


def _online(c, i) -> bool:
    return c.presence[i] in (ONLINE, DOUBTFUL)


def _draw_ma(c, i) -> list:
    """Its currents on the grid's phases; None while it does not answer."""
    if not _online(c, i) or c.draw_at[i] is None:
        return [None, None, None]
    return c.draw_ma[3 * i : 3 * i + 3]


def limit_ma(c, i):
    """What it was told; None while nobody knows what it holds."""
    return None if c.timeout_ms[i] is None else c.limit_ma[i]


def _grid_ma(primary) -> list:
    if primary.budget.grid_at is None:
        return [None, None, None]
    budget = primary.budget
    return budget.grid_ma[: budget.phases] + [None] * (3 - budget.phases)


def _charging_ma(primary, phase) -> int:
    """What those chargers draw that answer."""
    c = primary.chargers
    return sum([c.draw_ma[3 * i + phase] for i in range(c.n) if _online(c, i)])


def cell(ma) -> str:
    """mA as A; "-" where it is not known."""
    return "-" if ma is None else amps(ma)


def _json_list(values_ma) -> str:
    return "[%s]" % ", ".join(["null" if ma is None else amps(ma) for ma in values_ma])
