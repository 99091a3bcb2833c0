# A drawn day's solar current, and the house that stands before it: a House for a Site.
#
# Milliamperes on each phase; what the sun gives is negative, as export. A day is drawn from its
# seed, alike on CPython and MicroPython. Kinds: "clear": hardly a cloud; "broken": fair-weather
# clouds, which grow in the morning and dissolve towards evening, with shadows of 10 s to 10 min
# that take 35 to 70 % within 4 to 20 s, and gaps of 20 s to 40 min, a little brighter just beside
# a cloud; "winter": a short, low day with banks of 10 min to 2 h. Lengths are drawn evenly by
# their logarithms: many short ones, a few long ones.

from .dice import Dice

KINDS = ("clear", "broken", "winter")
# kind: sunrise and sunset in minutes, highest current in permille of the array's
_DAYS = {"clear": (330, 1230, 800), "broken": (330, 1230, 800), "winter": (500, 960, 450)}
# kind: shadows from, to; gaps from, to; what they take, permille; edges from, to; how long after
# sunrise they begin and before sunset they end, at least (drawn to an hour more); s, the last min
_CLOUDS = {
    "clear": ((20, 120), (3600, 14400), (50, 250), (10, 40), (0, 0)),
    "broken": ((10, 600), (20, 2400), (350, 700), (4, 20), (210, 150)),
    "winter": ((600, 7200), (600, 5400), (250, 700), (60, 300), (0, 0)),
}
_BESIDE = 60  # permille brighter within _BESIDE_S of a cloud
_BESIDE_S = 20
_FULL = 1000


class Sun:
    """A day's current of an array of `array_ma` on each phase, and the house's load.

    `phases`: those that the array feeds. `start_s`: the time of day at 0 ms.
    """

    def __init__(self, kind, seed, array_ma, phases=(0, 1, 2), start_s=0, base_ma=800):
        self.start_s = start_s
        self.phases = phases
        dice = Dice(seed * 7919 + KINDS.index(kind) * 104729 + 1)
        for _ in range(8):
            dice.roll(2)
        rise_min, set_min, peak = _DAYS[kind]
        self.rise_s = rise_min * 60
        self.set_s = set_min * 60
        self._peak_ma = array_ma * (peak + dice.roll(160) - 80) // _FULL
        self._clouds = _clouds(dice, self.rise_s, self.set_s, *_CLOUDS[kind])
        self._changes = _changes(dice)
        self._base_ma = base_ma
        self._cloud = 0  # where the time is in the two lists
        self._change = 0
        self._levels = [base_ma] * 3

    def sun_ma(self, now_ms):
        """What the array gives on each of its phases."""
        at_ms = now_ms + self.start_s * 1000
        span_ms = (self.set_s - self.rise_s) * 1000
        passed_ms = at_ms - self.rise_s * 1000
        if not 0 < passed_ms < span_ms:
            return 0
        # Close to what a flat array gives on a clear day: between a parabola and its square.
        arc = 4 * passed_ms * (span_ms - passed_ms) * _FULL // (span_ms * span_ms)
        clear_ma = self._peak_ma * arc * (arc + _FULL) // (2 * _FULL * _FULL)
        return clear_ma * (_FULL - self._taken(at_ms)) // _FULL

    def currents_ma(self, now_ms):
        """House less sun, on each phase."""
        changes, at_s = self._changes, now_ms // 1000 + self.start_s
        if self._change and changes[self._change - 1][0] > at_s:
            self._change = 0  # the time went back
            self._levels = [self._base_ma] * 3
        while self._change < len(changes) and changes[self._change][0] <= at_s:
            _, phase, more_ma = changes[self._change]
            self._levels[phase] += more_ma
            self._change += 1
        out = list(self._levels)
        sun_ma = self.sun_ma(now_ms)
        for phase in self.phases:
            out[phase] -= sun_ma
        return out

    def rises_ms(self):
        """The times at which something is switched on."""
        return [(at_s - self.start_s) * 1000 for at_s, _, more_ma in self._changes if more_ma > 0]

    def _taken(self, at_ms):
        """What the clouds take, permille; negative beside them."""
        clouds = self._clouds
        k = self._cloud
        if k and clouds[k - 1][1] * 1000 > at_ms - _BESIDE_S * 1000:
            k = 0  # the time went back
        while k < len(clouds) and at_ms >= (clouds[k][1] + _BESIDE_S) * 1000:
            k += 1
        self._cloud = k
        if k == len(clouds):
            return 0
        from_s, until_s, depth, edge_s = clouds[k]
        out_ms = max(from_s * 1000 - at_ms, at_ms - until_s * 1000)
        if out_ms >= 0:
            return -_BESIDE if out_ms < _BESIDE_S * 1000 and depth > 300 else 0
        return min(depth, depth * -out_ms // (edge_s * 1000))


def _length(dice, shortest, longest):
    """Drawn evenly by its logarithm, to a tenth of an octave."""
    octaves = 0
    while shortest << (octaves + 1) <= longest:
        octaves += 1
    roll = dice.roll(octaves * 10 + 1)
    length = shortest << (roll // 10)
    return min(longest, length + length * (roll % 10) // 10)


def _clouds(dice, rise_s, set_s, shadows, gaps, depths, edges, clear):
    """(from, until, permille taken, length of an edge), seconds of the day."""
    clouds = []
    at_s = rise_s + clear[0] * 60 + dice.roll(3600)
    end_s = set_s - clear[1] * 60 - dice.roll(3600)
    while at_s < end_s:
        shade_s = _length(dice, *shadows)
        edge_s = min(edges[0] + dice.roll(edges[1] - edges[0] + 1), max(1, shade_s // 2))
        depth = depths[0] + dice.roll(depths[1] - depths[0] + 1)
        clouds.append((at_s, at_s + shade_s, depth, edge_s))
        at_s += shade_s + max(2 * _BESIDE_S, _length(dice, *gaps))
    return clouds


def _changes(dice):
    """(second of the day, phase, mA more or less): fridges, kettles, a hob that switches, a
    washing machine, an evening."""
    changes = []

    def on(at_s, phase, ma, lasts_s):
        changes.append((at_s, phase, ma))
        changes.append((at_s + lasts_s, phase, -ma))

    for phase in range(3):
        at_s = dice.roll(2400)
        while at_s < 86_400:
            on(at_s, phase, 700 + dice.roll(400), 700 + dice.roll(300))
            at_s += 2200 + dice.roll(900)
        for hour in (7, 15):
            on(hour * 3600 + dice.roll(7200), phase, 8000 + dice.roll(1500), 120 + dice.roll(120))
        on(17 * 3600 + dice.roll(3600), phase, 2000, 20_000)
    noon_s = 11 * 3600 + 1800 + dice.roll(3600)
    for k in range(30):
        on(noon_s + 40 * k, 1, 7500, 18)
    on(9 * 3600 + dice.roll(14_400), 2, 9000, 1200)
    changes.sort()
    return changes
