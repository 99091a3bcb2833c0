# Which of a charger's terminals are in use, and the charger that chooses them itself.
#
# Phases codes are those of register phase_to_use. A three-phase charger can't know how its
# terminals were wired, so there a code means its own terminals; else it means the grid's phases,
# as phase_connected does. Times are milliseconds.

from . import teltocharge as tc

FALLS_BACK_AFTER_MS = 30_000  # of a car that draws on one phase of several


def phases_on_terminals(names):
    """ "L2L3L1" -> [1, 2, 0]: the grid phase on each terminal."""
    return [int(name) - 1 for name in names.split("L")[1:]]


def terminals_by_code(phases):
    """For each phases code the terminals that it leaves on."""
    labels = [0, 1, 2] if len(phases) == 3 else phases
    found = []
    for bits in tc.PHASE_BITS:
        found.append([terminal for terminal, label in enumerate(labels) if bits >> label & 1])
    return found


class OwnChoice:
    """Goes to the first phase when the car draws on one only; back when the car has left."""

    def __init__(self, phases):
        label = 0 if len(phases) == 3 else phases[0]
        self._one = tc.phase_code(1 << label)
        self._all = None  # the code to go back to, once it has fallen back
        self._since_ms = None  # one phase of several is drawn on

    def step(self, now_ms, settings, offered, draws_ma):
        """`offered`: how many terminals are in use."""
        drawn_on = 0
        for draw_ma in draws_ma:
            drawn_on += 1 if draw_ma else 0
        if offered < 2 or drawn_on != 1:
            self._since_ms = None
        elif self._since_ms is None:
            self._since_ms = now_ms
        elif now_ms - self._since_ms >= FALLS_BACK_AFTER_MS:
            self._all = settings[tc.PHASE_TO_USE]
            settings[tc.PHASE_TO_USE] = self._one

    def is_commanded(self):
        """A command counts for more than what it chose itself, until it chooses anew."""
        self._all = None
        self._since_ms = None

    def car_has_left(self, settings):
        if self._all is not None:
            settings[tc.PHASE_TO_USE] = self._all
        self.is_commanded()
