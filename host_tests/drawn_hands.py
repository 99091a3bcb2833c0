"""Draws what people do by hand on a drawn site into its case, and plays it: orders at the console,
the board's power selector and contact, checks of the wiring.

Its dice are its own: what else is drawn for a seed stays as it is. Hands are off the site when the
calm begins. `case["hands"]` holds lists that shrink.py may thin out:

    turns    [s, position or None, closed or None]   what the inputs show from then on
    orders   [s, one of orders.NAMES, number of the charger]
    checks   [s, number of the charger or None for all]
    locked   numbers of the chargers that ask for an authorisation
"""

import random

from loadrail import orders
from loadrail.config_keys import INPUTS
from loadrail.inputs import POSITIONS
from loadrail.wiring import Wiring
from loadrail_site.session import Session

FIRST_S = 20
LASTS_S = (0.4, 1, 2.5, 6, 20, 90)  # around the 2 s of a debounce, and longer
USES = INPUTS["contact"][1]
ORDERS = (*orders.NAMES, "stop", "stop", "start", "start")
# A frame or two may be lost on its way, and the next one waits for a cycle.
OBEYED_MS = 12_000
BOOT_MS = 20_000  # a restart that was asked for: until it is written, and the charger's own


def draw(seed, case):
    """Put "hands" into a case, and the inputs that they turn into its configuration."""
    dice = random.Random(seed ^ 0xA5A5)
    count, end_s = len(case["config"]["chargers"]), case["calm_s"]
    inputs = {
        "selector": dice.choice(["on", "off"]),
        "contact": dice.choice(USES),
        "contact_active": dice.choice(["open", "closed"]),
        "contact_current_a": dice.choice([6, 10, 13]),
    }
    case["config"]["inputs"] = inputs

    def moments(most):
        return sorted(dice.randrange(FIRST_S, end_s) for _ in range(dice.randrange(most + 1)))

    case["hands"] = {
        "turns": _turns(dice, moments(8), free=_free(inputs), end_s=end_s),
        "orders": [[at_s, dice.choice(ORDERS), _number(dice, count)] for at_s in moments(25)],
        "checks": [[at_s, dice.choice([None, _number(dice, count)])] for at_s in moments(2)],
        "locked": [k for k in range(1, count + 1) if dice.random() < 0.1],
    }


def _number(dice, count):
    return dice.randrange(1, count + 1)


def _free(inputs):
    """The position of the contact that holds nobody."""
    return (inputs["contact_active"] == "open") != (inputs["contact"] == "allow")


def _turns(dice, moments, free, end_s):
    turns = [[0, dice.choice([0, 0, 4, 6]), free]]
    for at_s in moments:
        position = dice.choice([*range(POSITIONS), 0, None])
        closed = dice.choice([free, not free, not free, None])
        turns.append([at_s, position, closed])
        if dice.random() < 0.7:
            turns.append([at_s + dice.choice(LASTS_S), dice.choice([0, 4]), free])
    turns = sorted((turn for turn in turns if turn[0] < end_s), key=lambda turn: turn[0])
    return [*turns, [end_s, 0, free]]


class Hands:
    """The hands of one case under way; `play` is its Play."""

    def __init__(self, play):
        self._play = play
        hands = play.case["hands"]
        self._turns = list(hands["turns"])
        self._shows = None, None
        self._over_since = {}  # charger: since when it is told more than the hands allow
        for number in hands["locked"]:
            charger = play.site.chargers[number - 1]
            charger.authorization_required = True
            charger.session = Session(True)  # of a car that has been there from the start
        self._site_step = play.site.step
        play.site.step = self._step
        self._turn(0)

    def agenda(self):
        """(s, what to call) of each order and check."""
        hands = self._play.case["hands"]
        for at_s, name, number in hands["orders"]:
            yield at_s, lambda name=name, number=number: self._order(name, number)
        for at_s, number in hands["checks"]:
            yield at_s, lambda number=number: self._check(number)

    def begin(self):
        """A controller has been started: it reads the inputs before it decides."""
        play = self._play
        play.primary.local_inputs(play.run.ticks_ms(), *self._shows)

    def _turn(self, now_ms):
        while self._turns and self._turns[0][0] * 1000 <= now_ms:
            self._shows = self._turns.pop(0)[1:]
        self.begin()

    def _step(self, now_ms):
        self._turn(now_ms)
        self._site_step(now_ms)
        self._judge(now_ms)

    def _order(self, name, number):
        play = self._play
        kind, i = orders.NAMES.index(name), number - 1
        refused = play.primary.order(kind, i, play.run.ticks_ms())
        play.count("order refused" if refused else "ordered " + name)
        if kind == orders.RESTART and not refused:
            now_ms = play.run.now_ms
            play.oracle.truth.sources[i].suspect("restart", now_ms, now_ms + BOOT_MS)

    def _check(self, number):
        play, primary = self._play, self._play.primary
        if primary.meter is None:
            return
        primary.wiring = check = Wiring(primary.config["meter"]["update_interval_ms"])
        which = None if number is None else number - 1
        check.start(play.run.ticks_ms(), primary.chargers, primary.budget, which)
        play.count("wiring checked")

    def _judge(self, now_ms):
        """What hands hold back stays back, wherever a frame gets through."""
        primary, oracle = self._play.primary, self._play.oracle
        inputs, before = primary.inputs, self._over_since
        most_a = min(inputs.contact.most_a, inputs.selector.most_a)
        self._over_since = {}
        for i, source in enumerate(oracle.truth.sources):
            here_a = 0 if primary.orders.stopped[i] else most_a
            there = source.could_obey(now_ms) and oracle.frames.in_touch(
                source.charger.address, now_ms
            )
            if not there or source.told_ma <= here_a * 1000:
                continue
            since_ms = self._over_since[i] = before.get(i, now_ms)
            if now_ms - since_ms > OBEYED_MS:
                text = f"charger {i + 1} is told {source.told_ma}, and {here_a} A are allowed"
                oracle.blame("hold", text)
