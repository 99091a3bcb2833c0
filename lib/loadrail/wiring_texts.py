# What `check wiring` has found (wiring.py), as a verdict and in words. Loaded when asked for.
#
# Terminals are the charger's own, 1 to 3; L1 to L3 are the meter's phases. Responses are
# permille of the charger's step. Cars mostly load all terminals that they use alike: then several
# orders fit, and only what these have in common is told as a fact.

from loadrail import wiring
from loadrail.alert_texts import who
from loadrail.phases import NAMES, ORDERS
from loadrail.sentences import amps

_ACTIVE = 250  # a terminal that rises so much takes part
_EXTRA = 500  # a phase beyond those that must: more than a disturbance
_LEAST = 75  # less is none of the step, and so is less than
_LEAST_MA = 300
_TIGHT = 100  # a phase that differs no more than this from a terminal carries the same, or than
_TIGHT_MA = 500
# In these the phases follow each other as on the grid: a motor would turn the right way.
_IN_SEQUENCE = ("L1", "L2", "L3", "L1L2", "L2L3", "L3L1", "L1L2L3", "L2L3L1", "L3L1L2")

# (lowest, highest response, what to say of it); the first that fits
_RATIOS = (
    (750, 1333, None),
    (80, 125, "about a tenth of"),
    (400, 625, "about half of"),
    (1600, 2500, "about twice"),
    (8000, 12_500, "about ten times"),
    (0, 749, "less than"),
    (1334, 1 << 29, "more than"),
)

_STATES = {
    wiring.RUNNING: "under way",
    wiring.DONE: "done",
    wiring.STOPPED: "stopped",
    wiring.METER_LOST: "ended: the meter is lost",
    wiring.SOMEBODY_SILENT: "ended: a charger is silent; try again when its watchdog has run out",
    wiring.CONFIGURED: "ended: there is a new configuration",
    wiring.NO_METER: "needs a meter that answers",
    wiring.NOBODY_CHARGES: "needs a car that charges",
}
_OUTCOMES = {
    wiring.TO_COME: "not checked yet",
    wiring.UNDER_WAY: "its check has not come to an end",
    wiring.NO_ROOM: "not checked: it could not be raised by 4 A; try when fewer cars charge and "
    "the house takes less. If the meter shows more than flows, check its transformer's ratio. "
    "{then}",
    wiring.NOT_FOLLOWED: "not checked: its car does not follow its limit. {then}",
    wiring.UNSTEADY: "not checked: its limit, its car or the house did not stand still; try when "
    "the house is quiet. {then}",
    wiring.HELD: "not checked: it was held or stopped meanwhile",
    wiring.CAR_STOPPED: "not checked: its car stopped charging",
    wiring.SILENT: "not checked: it fell silent",
}


class Verdict:
    """What the responses of one Result mean; phases and terminals are 0..2 here."""

    def __init__(self, result):
        self.result = result
        self.active = [t for t in range(3) if result.terminals[t] >= _ACTIVE]
        self.following = self._following()
        self.all_follow = len(self.following) == len(self.active)
        self.extra = self._extra()  # phases that follow although no terminal is left for them
        self.orders = self._orders()  # names of phases.ORDERS that fit
        self.as_configured = result.order in [ORDERS[name] for name in self.orders]
        self.known = [self._phase_of(t) for t in range(3)]  # of each terminal, None = cannot tell
        self.best = self._best()  # the order to configure, None = cannot tell
        # whether the configured order is surely not the right one, or there was none
        self.is_news = bool(self.following) and not self.as_configured and not self.extra

    def share(self, phase: int) -> int:
        """Permille of what flows that a phase shows: terminals and phases are paired by size."""
        r = self.result
        flows = sorted([-r.terminals[t] for t in self.active])
        shown = sorted([-abs(r.phases[p]) for p in self.following])
        at = shown.index(-abs(r.phases[phase]))
        return shown[at] * 1000 // flows[at]

    def _following(self) -> list:
        """The phases that follow most, as many as there are active terminals at most.

        What is small may only stand for the step where no other phase can hide it.
        """
        r = self.result
        least = max(_EXTRA if r.restless else _LEAST, r.spread, _LEAST_MA * 1000 // r.step_ma)
        found = [p for p in range(3) if not r.restless >> p & 1 and abs(r.phases[p]) >= least]
        found.sort(key=lambda p: (-abs(r.phases[p]), p))
        return sorted(found[: len(self.active)])

    def _extra(self) -> list:
        r = self.result
        rest = [p for p in range(3) if p not in self.following and not r.restless >> p & 1]
        return [p for p in rest if self.all_follow and abs(r.phases[p]) >= _EXTRA]

    def _orders(self) -> list:
        loose, tight = [], []
        for name in sorted(ORDERS):
            order = ORDERS[name]
            if len(order) != self.result.wires:
                continue
            here = [phase_of(order, t) for t in self.active]
            if any(p not in here for p in self.following):
                continue
            loose.append(name)
            if self._is_tight(here):
                tight.append(name)
        return tight or loose

    def _is_tight(self, here) -> bool:
        """Whether each phase shows just what its terminal carries."""
        r = self.result
        tolerance = max(_TIGHT, r.spread, _TIGHT_MA * 1000 // r.step_ma)
        off = [abs(abs(r.phases[p]) - r.terminals[t]) for t, p in zip(self.active, here)]
        return max([0] + off) <= tolerance

    def _phase_of(self, t) -> "int | None":
        found = [phase_of(ORDERS[name], t) for name in self.orders]
        return found[0] if found and found.count(found[0]) == len(found) else None

    def _best(self) -> "str | None":
        names = self.orders
        if len(names) > 1:
            names = [name for name in names if ORDERS[name] == self.result.order]
            names = names or [name for name in self.orders if name in _IN_SEQUENCE]
        return names[0] if len(names) == 1 else None


def phase_of(order: tuple, terminal: int) -> int:
    """The phase of a terminal, 0..2; see phases.place for those with one or two wires."""
    if len(order) == 1:
        return order[0]
    if len(order) == 2 and terminal == 2:
        return 3 - order[0] - order[1]
    return order[terminal]


def verdicts_of(check) -> dict:
    """By charger, of those that could be measured."""
    rows = enumerate(check.results)
    return {i: Verdict(r) for i, r in rows if r and r.outcome == wiring.MEASURED}


def exchanged(verdicts: dict) -> "list | None":
    """Where the meter shows what belongs to L1, L2, L3 (None = cannot tell), if that is elsewhere.

    None as a whole where the chargers do not agree, or only one speaks for it: one alone may as
    well be connected so itself.
    """
    told = [v for v in verdicts.values() if v.result.order and v.orders and v.all_follow]
    shifts = [order for order in ORDERS.values() if len(order) == 3]
    for v in told:
        fitting = [ORDERS[name] for name in v.orders]
        shifts = [s for s in shifts if tuple([s[p] for p in v.result.order]) in fitting]
    if not shifts or len([v for v in told if not v.as_configured]) < 2:
        return None
    where = [[s[p] for s in shifts] for p in range(3)]  # at least one differs from p
    return [here[0] if here.count(here[0]) == len(here) else None for here in where]


def suggestions(check) -> dict:
    """{charger: value for its `phases`}, where it should have another than it has."""
    verdicts = verdicts_of(check)
    if exchanged(verdicts):
        return {}  # the meter is to be put right
    return {i: v.best for i, v in verdicts.items() if v.is_news and v.best}


def lines(check, primary):
    """How a check stands and what it has found: yields lines without their ends."""
    state = _STATES[check.state]
    if check.state == wiring.RUNNING:
        told = (check.which + 1, len(check.levels) + 1, 2 * wiring.CYCLES + 1)
        state += ": charger %d, step %d of %d or a few more" % told
    yield "check wiring: " + state
    if check.state == wiring.CONFIGURED:
        return  # what was measured belongs to the old one
    verdicts = verdicts_of(check)
    moved = exchanged(verdicts)
    if moved:
        pairs = [(p, moved[p]) for p in range(3) if moved[p] not in (None, p)]
        yield (
            "the meter most likely has its phases exchanged, for several chargers agree: it shows "
            "%s; put its clamps or taps right, and leave the chargers as they are"
        ) % _list(["%s on %s" % (NAMES[p], NAMES[q]) for p, q in pairs])
    for i, result in enumerate(check.results):
        if i in verdicts:
            for text in _findings(verdicts[i], i, moved):
                yield "%s %s" % (who(primary, i), text)
        elif result is not None:
            text = _OUTCOMES[result.outcome].replace("{then}", _then(result))
            yield "%s %s" % (who(primary, i), text)


def _findings(v, i, moved) -> list:
    """All that is to be said of one charger."""
    if not v.following and not v.result.restless:
        text = "the meter shows nothing of its step of %s A: it sits elsewhere, or its clamps are "
        return [text % amps(v.result.step_ma) + "around no conductor of this charger"]
    faults = _missing(v) + _turned(v) + _ratios(v)
    if v.is_news:
        return faults + [_order(v, i, moved)]
    return faults or ["fine: " + _places(v) + _open(v)]


def _missing(v) -> list:
    """Phases that show nothing, cannot be told, or show too much."""
    restless = [p for p in range(3) if v.result.restless >> p & 1]
    if v.extra:
        text = "its step shows on %s, but its car uses only %d: a clamp is around two conductors"
        return [text % (_phases(sorted(v.following + v.extra)), len(v.active))]
    if v.all_follow:
        return []
    if restless:
        text = "the house changed too much on %s to tell: try when it is quiet"
        return [text % _phases(restless)]
    if len(v.active) == 3:
        text = "nothing of its step shows on %s: a clamp is around another conductor, or unplugged"
        return [text % _phases([p for p in range(3) if p not in v.following])]
    text = "its step shows only on %s, but its car uses %d phases: look at the other clamps"
    return [text % (_phases(v.following), len(v.active))]


def _turned(v) -> list:
    turned = [p for p in v.following if v.result.phases[p] < 0]
    what = "the whole meter" if len(turned) == 3 else "a clamp or the meter's connection there"
    text = "the meter falls on %s when its car draws more: %s is turned round (or solar power is "
    text += "exported, and the meter shows no direction)"
    return [text % (_phases(turned), what)] if turned else []


def _ratios(v) -> list:
    """Phases that show clearly less or more than flows."""
    texts, judged = [], []
    for lowest, highest, said in _RATIOS:
        here = [p for p in v.following if lowest <= v.share(p) <= highest and p not in judged]
        judged += here
        if said and here:
            shown = amps(v.result.step_ma * v.share(here[0]) // 1000)
            told = (said, _phases(here), shown, amps(v.result.step_ma))
            text = (
                "the meter shows %s what flows on %s, %s A of %s A: check its transformer's ratio"
            )
            texts.append(text % told)
    return texts


def _order(v, i, moved) -> str:
    """Another order than the configured one, or one where none is configured."""
    if moved or v.best is None:
        return _places(v) + _open(v)
    text = '%s: set chargers[%d].phases to "%s"' % (_places(v), i, v.best)
    others = ['"%s"' % name for name in v.orders if name != v.best]
    if others:
        text += ", or %s if its phases do not follow each other as on the grid" % others[0]
    return text


def _places(v) -> str:
    """What is known of the terminals that took part."""
    r = v.result
    if not v.orders:
        return "it loads %d phases, but is configured with %d" % (len(v.active), r.wires)
    parts = []
    for t in v.active:
        if v.known[t] is not None:
            here = "it" if r.wires == 1 else "terminal %d" % (t + 1)
            parts.append("%s is on %s" % (here, NAMES[v.known[t]]))
            if r.order and phase_of(r.order, t) != v.known[t]:
                parts[-1] += ", not on %s" % NAMES[phase_of(r.order, t)]
    if parts:
        return "; ".join(parts)
    named = _list([str(t + 1) for t in v.active])
    return "terminals %s are on %s" % (named, _phases(v.following))


def _open(v) -> str:
    """What could not be seen."""
    if len(v.orders) < 2:
        return ""
    if len(v.active) == 1:
        return "; its others were not checked, as its car charges on one phase"
    return ", in which order cannot be told: check again with a car that charges on one phase"


def _then(result) -> str:
    """Numbers for somebody who looks for the cause."""
    told = ["/".join([amps(ma) for ma in row]) for row in (result.grid_ma, result.draw_ma)]
    return "When its check began the meter showed %s A, and it drew %s A" % tuple(told)


def _phases(phases) -> str:
    return _list([NAMES[p] for p in phases])


def _list(words) -> str:
    """'a', 'a and b', 'a, b and c'."""
    head = ", ".join(words[:-1])
    return "%s and %s" % (head, words[-1]) if head else words[-1]
