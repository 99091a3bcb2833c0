# Codes in words: the one place that makes a reason (reasons.py) a sentence.

from loadrail.lent import lend

# code: (name for programs, sentence). {room} is a phase or another limit, {a} is the value in A,
# {n} the value as it is, {t} the time.
_ROWS = (
    ("not_decided", "not looked at yet"),
    ("own_maximum", "all that the charger can take: {a} A"),
    ("share", "its share of the {a} A that {room} has for the chargers"),
    ("demand", "the car takes less; it keeps what it draws and 3 A more"),
    ("no_room", "waiting: {room} has too little left, {a} A"),
    ("turn_awaited", "waiting for its turn, in about {t}: {room} has too little for all"),
    ("rising", "more is coming, step by step as it is surely free"),
    ("stable_awaited", "waiting until what is free has been there for a while"),
    ("start_hold", "controller started: nothing rises until {n} more chargers have answered"),
    ("meter_awaited", "waiting for the first answer of the meter"),
    ("meter_lost", "the meter is lost: all chargers together may have {a} A"),
    ("car_stopped", "the car has stopped charging"),
    ("not_authorised", "not authorised at the charger"),
    ("not_allowed", "the car needs ventilation or has no full control pilot: no charging"),
    ("no_car", "no car"),
    ("charger_error", "the charger reports an error"),
    ("status_unknown", "the charger does not know its own state"),
    ("never_heard", "has never answered: {a} A stay booked; check its address and wiring"),
    ("silent", "silent: {a} A stay booked until its own watchdog has run out, in {t}"),
    ("silent_for_ever", "silent, watchdog off or in doubt: {a} A stay booked until it answers"),
    ("released", "silent: its watchdog has put it to {a} A, which stay booked"),
    ("foreign", "a device that is not a TeltoCharge answers here: check the address"),
    ("cap_too_low", "the charger can supply {a} A, less than its minimum"),
    ("settings_awaited", "has just answered; its settings are being read"),
    ("defies", "does not take its limit: it holds {a} A, which stay booked"),
    ("frozen", "its answers stand still: {a} A stay booked; check gateway or charger"),
    ("garbled", "its answers come damaged: two devices on this address, or a bad line?"),
    ("overdraw", "drew more than it may and is paused, {t} more; look after the car"),
    ("overdraw_for_good", "drew more than it may again and again: paused until the car leaves"),
    ("operator", "stopped by the operator"),
    ("cap_grid", "all that its own grid setting allows: {a} A"),
    ("cap_user", "all that the user allows in its app: {a} A"),
    ("cap_seen", "takes no more than {a} A, whatever it is told"),
    ("intruder", "another primary talks on the bus: nothing rises meanwhile"),
    ("switching", "{s}"),
    ("runs_away", "draws {a} A, more than it may: it is booked, and told again"),
    ("held_low", "held at {a} A for a while: a check of the wiring, or a switch of phases"),
    ("emergency_stop", "emergency stop: goes on 2 s after the contact is released"),
    ("blocked", "the contact at the controller does not allow charging"),
    ("reduced", "the contact at the controller allows {a} A at most"),
    ("selector", "the power selector stands at {r}: {a} A at most"),
    ("selector_reserved", "position {r} is reserved: set the power selector to 0..7"),
    ("input_unread", "the power selector or the contact cannot be read: check its wiring"),
    ("solar_off", "not charging: its mode is off"),
    ("sun_awaited", "{sun}"),
    ("sun_lasts", "{sun}"),
    ("sun_turn", "{sun}"),
    ("sun_share", "{sun}"),
    ("sun_short", "{sun}"),
    ("sun_topped", "{sun}"),
    ("sun_unknown", "{sun}"),
)
EVSE_STATUS_TEXTS = (
    "charging",
    "waiting for the car to start",
    "paused, not enough power",
    "not started, not enough power",
    "stopped by the car",
    "not authorised",
    "charging not allowed",
    "no car",
    "error",
    "unknown",
)
# as sharing.py numbers its rooms
_ROOMS = (
    "L1",
    "L2",
    "L3",
    "the power limit",
    "the phase difference on L1",
    "the phase difference on L2",
    "the phase difference on L3",
)


def name(code: int) -> str:
    """The word for programs: stable, lower case."""
    return _ROWS[code][0]


def sentence(code: int, room: int = 0, value: int = 0, time_s: int = 0) -> str:
    """What a person reads. `value` is mA where the sentence names amperes."""
    text = _ROWS[code][1]
    if "{room}" in text:
        text = text.replace("{room}", _ROOMS[room])
    text = text.replace("{r}", str(room))
    text = text.replace("{a}", amps(value))
    text = text.replace("{t}", span(time_s))
    if "{s}" in text:
        text = _switch_text(room, time_s)
    if text == "{sun}":
        return lend("solar_texts").sentence(code, room)
    return text.replace("{n}", str(value))


def _switch_text(state_and_target, time_s) -> str:
    states = lend("switch_states")
    text = states.STATE_TEXTS[state_and_target >> 3 & 7]
    to = states.PHASES_TEXTS.get(state_and_target & 7, "other phases")
    return text.replace("{to}", to).replace("{t}", span(time_s))


def span(time_s: int) -> str:
    """90 -> '90 s', 600 -> '10 min'."""
    return "%d s" % time_s if time_s < 120 else "%d min" % ((time_s + 30) // 60)


def amps(ma: int) -> str:
    """12300 -> '12.3', 6000 -> '6'. Rounded down towards zero."""
    sign = "-" if ma <= -100 else ""
    tenths = abs(ma) // 100
    if tenths % 10 == 0:
        return "%s%d" % (sign, tenths // 10)
    return "%s%d.%d" % (sign, tenths // 10, tenths % 10)
