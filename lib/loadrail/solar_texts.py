# The solar modes in words: reasons, a line for the status, and its fields for programs.
# Loaded when somebody asks. A reason's numbers travel in one: see `pack`.

from loadrail import reasons
from loadrail.sentences import amps

_UNKNOWN = 2047  # tenths of an ampere; more than any surplus that is shown

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


def pack(surplus_ma: "int | None", amps_a: int, time_ms: int) -> int:
    """Surplus (0..204 A, None: not known), amperes (0..63) and a time (up to 4095 s) as one
    number below 2**30."""
    tenths = _UNKNOWN if surplus_ma is None else min(_UNKNOWN - 1, max(0, surplus_ma) // 100)
    return tenths << 18 | min(63, amps_a) << 12 | min(4095, (time_ms + 999) // 1000)


def sentence(code: int, packed: int) -> str:
    """What a person reads."""
    tenths, time_s = packed >> 18, packed & 4095
    text = _TEXTS[code].replace("{t}", span(time_s)).replace("{n}", str(packed >> 12 & 63))
    return text.replace("{s}", "?" if tenths == _UNKNOWN else amps(tenths * 100))


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


def fields(primary, i: int) -> str:
    """Mode, surplus on each phase that it uses (A), and state, as a part of a JSON object."""
    from loadrail.solar import MODES, OFF

    solar, code = primary.solar, primary.chargers.reason[i]
    mode = solar.mode[i] if solar else 0
    ma = solar.seen_ma(i) if solar and mode > OFF else None
    state = _STATES.get(code)
    return '"mode": "%s", "surplus_a": %s, "solar": %s' % (
        MODES[mode],
        "null" if ma is None else amps(ma),
        "null" if state is None else '"%s"' % state,
    )
