# Alerts (alerts.py) and events (events.py) in words, for whoever must act. Loaded when asked for.

from loadrail import alerts, events, orders
from loadrail.budget import METER_STALE
from loadrail.lent import lend
from loadrail.sentences import amps, sentence

# kind -> sentence after the charger's number and address
_ALERTS = {
    alerts.SILENT: "silent; check its supply, the bus, and whether its app set another address",
    alerts.NEVER_HEARD: "has never answered; check its address, A and B, baud rate and parity",
    alerts.IS_FOREIGN: "is no TeltoCharge; check the address in the configuration",
    alerts.GARBLED: "its answers come damaged: give two devices of one address different ones; "
    "else check the line's ends, bias and length",
    alerts.FROZEN: "its answers stand still; restart the charger or the gateway before it",
    alerts.DEFIES: "does not take its limit; make sure that it is set up as a secondary",
    alerts.OVERDRAWN: "draws more than it may; look after the car and the charger",
    alerts.IN_ERROR: 'reports an error; "charger N" tells which',
}
_INTRUDER = "another primary talks on the bus: set that charger up as a secondary"
_METER_LOST = "the meter is lost; check its supply, address and line"


def alert_lines(primary, now_ms: int):
    """What is wrong now, a sentence each."""
    if primary.budget.meter == METER_STALE:
        yield _METER_LOST
    if primary.meter is not None and primary.meter.fault:
        yield "the meter is not believed: " + primary.meter.fault
    if not primary.alone(now_ms):
        yield _INTRUDER
    for local in primary.inputs.troubles():
        yield sentence(local.why, local.place)
    c = primary.chargers
    for i in range(c.n):
        kind = alerts.of_charger(i, c)
        if kind != alerts.FINE:
            yield "%s %s" % (who(primary, i), _ALERTS[kind])


# code -> sentence; {n} value, {m} more, {a} and {b} the same as mA in A, {o} an order's name,
# {r} a register's name, {p} phases
_EVENTS = {
    events.SILENT: "silent for {n} s: " + _ALERTS[alerts.SILENT],
    events.BACK: "answers again",
    events.FOREIGN: "register 9 says {n}, not 21571: " + _ALERTS[alerts.IS_FOREIGN],
    events.REPLACED: "another device or firmware: it is looked at anew",
    events.LIMIT_CHANGED: "somebody else set its limit to {n} A; it is set back",
    events.SETTING_CHANGED: "somebody else set {r} to {m}; it is set back",
    events.CLAMPED: "takes no more than {n} A; kept as its limit until the car leaves",
    events.DEFIES: "holds {n} A: " + _ALERTS[alerts.DEFIES],
    events.OBEYS: "takes its limit again",
    events.OVERDRAW: "draws {a} A of {b} A; its limit is written again",
    events.OVERDRAW_PAUSED: "still draws {a} A of {b} A; it is paused",
    events.FROZEN: _ALERTS[alerts.FROZEN],
    events.THAWED: "its answers move again",
    events.GARBLED: _ALERTS[alerts.GARBLED],
    events.INTRUDER: "unit {n} was asked, not by us: " + _INTRUDER,
    events.ORDER_DONE: "{o}: done",
    events.ORDER_REFUSED: "{o}: the charger does not take it{x}",
    events.ORDER_UNHEARD: "{o}: could not be delivered",
    events.METER_LOST: _METER_LOST,
    events.METER_BACK: "the meter answers again",
    events.SWITCH_BEGUN: "switches to {p}: {y}",
    events.SWITCH_DONE: "is on {p} now",
    events.SWITCH_FAILED: "did not switch to {p}: {f}",
    events.SWITCH_LOCKED: "failed to switch phases too often: it stays as it is",
    events.SWITCH_FOLLOWED: "switched to {p} by itself",
    events.NO_WRITES: "refuses function codes 6 and 16: it cannot be steered",
    events.COMMISSIONED: "has been looked at",
    events.METER_UNBELIEVED: "{u}",
    events.LOCAL_INPUT: "the contact holds nobody back any more",
}


def event_line(primary, event: tuple) -> str:
    """One event of the ring as a line of the log."""
    _, code, i, value, more = event
    text = _EVENTS[code]
    text = text.replace("{n}", str(value)).replace("{m}", str(more))
    text = text.replace("{a}", amps(value)).replace("{b}", amps(more))
    if "{o}" in text:
        text = text.replace("{o}", orders.NAMES[value])
        text = text.replace("{x}", " (Modbus exception %d)" % more if more else "")
    if "{r}" in text:
        text = text.replace("{r}", _register(value))
    if code == events.METER_UNBELIEVED:
        text = "a sample of the meter is not believed: %s" % primary.meter.fault
    if code == events.LOCAL_INPUT and value:
        text = sentence(value, more >> 6, (more & 63) * 1000)
    if "{p}" in text:
        text = _switch(text, value, more)
    return text if i == events.NOBODY else "%s %s" % (who(primary, i), text)


def _switch(text, code, more) -> str:
    text = text.replace("{p}", lend("register_texts").text_of("phase_to_use", code))
    if "{y}" in text:
        text = text.replace("{y}", lend("switch_wishes").WHY_TEXTS[more])
    if "{f}" in text:
        text = text.replace("{f}", lend("switch_states").FAILURE_TEXTS[more])
    return text


def who(primary, i: int) -> str:
    """'charger 3 (address 4, bay 3):'"""
    row = primary.config["chargers"][i]
    name = ", " + row["name"] if row["name"] else ""
    return "charger %d (address %d%s):" % (i + 1, row["address"], name)


def _register(address) -> str:
    MAP = lend("register_map").MAP
    for name in MAP:
        if MAP[name][0] == address:
            return name
    return "register %d" % address
