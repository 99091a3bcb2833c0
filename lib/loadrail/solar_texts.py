# The solar modes in words: reasons, a line for the status, and its fields for programs.
# Loaded when somebody asks. A reason's numbers travel in one: see solar.pack.

from loadrail import reasons
from loadrail.sentences import amps
from loadrail.solar import MODES, OFF, UNKNOWN

_TEXTS = {
    reasons.SUN_AWAITED: "waiting for sun: {s} of {n} A",
    reasons.SUN_LASTS: "enough sun, {s} A: resumes in {t}",
    reasons.SUN_TURN: "waiting for its turn, in about {t}: {s} A of sun are too little for all",
    reasons.SUN_SHARE: "its share of the {s} A of sun: {n} A",
    reasons.SUN_SHORT: "too little sun, {s} A: holding {n} A for {t}",
    reasons.SUN_TOPPED: "{n} A: the sun gives {s} A, the grid adds the rest",
    reasons.SUN_UNKNOWN: "waiting for sun: the surplus is not known",
}
# what a program reads
_STATES = {
    reasons.SOLAR_OFF: "off",
    reasons.SUN_AWAITED: "waiting",
    reasons.SUN_LASTS: "resuming",
    reasons.SUN_TURN: "turn",
    reasons.SUN_SHARE: "charging",
    reasons.SUN_SHORT: "holding",
    reasons.SUN_TOPPED: "charging",
    reasons.SUN_UNKNOWN: "unknown",
}


def sentence(code: int, packed: int) -> str:
    """What a person reads."""
    tenths, time_s = packed >> 18, packed & 4095
    text = _TEXTS[code].replace("{t}", span(time_s)).replace("{n}", str(packed >> 12 & 63))
    return text.replace("{s}", "?" if tenths == UNKNOWN else amps(tenths * 100))


def span(time_s: int) -> str:
    """59 -> '59 s', 95 -> '1:35'."""
    return "%d s" % time_s if time_s < 60 else "%d:%02d" % (time_s // 60, time_s % 60)


def line(solar) -> str:
    """One line on the surplus, for the status."""
    surplus = solar.surplus
    if not surplus.known:
        return "sun: the surplus is not known"
    if surplus.summed:
        return "sun: surplus %s A, the phases together" % amps(surplus.now_ma[0])
    return "sun: surplus %s A on L1/L2/L3" % "/".join([amps(ma) for ma in surplus.now_ma])


def fact(solar, i: int) -> str:
    """Its mode, and the surplus as it could use it."""
    mode, ma = solar.mode[i], solar.seen_ma(i)
    if mode <= OFF or ma is None:
        return MODES[mode]
    return "%s; %s A of sun on each of its phases" % (MODES[mode], amps(ma))


def fields(solar, c, i: int) -> str:
    """Mode, surplus on each phase that it uses (A), and state, as a part of a JSON object."""
    mode, state = solar.mode[i], _STATES.get(c.reason[i])
    ma = solar.seen_ma(i) if mode > OFF else None
    return '"mode": "%s", "surplus_a": %s, "solar": %s' % (
        MODES[mode],
        "null" if ma is None else amps(ma),
        "null" if state is None else '"%s"' % state,
    )
