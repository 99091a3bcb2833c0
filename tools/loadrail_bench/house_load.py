# A recorded-like load of an apartment house: one value a phase and second, always the same.
#
# Amperes per phase: a base, fridges, light in the evening, kettles, hobs that switch to hold their
# heat, washing machines, a heat pump on three phases, and a flutter each second. Whatever comes on
# does so at a whole second. Milliamperes, all >= 0; the highest stay below 50 A.

import random

DAY_S = 86_400
RISE_MA = 400  # a rise of at least this is a load step (a fridge is one), below it is flutter
_FLUTTER_MA = 100


class HouseLoad:
    """Stands in for loadrail_site.house.House; its table is what the upper bound knows."""

    def __init__(self, seconds: int = DAY_S, start_s: int = 0, seed: int = 7):
        """`seconds` of a day that begins at `start_s` after midnight."""
        day = _day(random.Random(seed))
        self.seconds = seconds
        self.table_ma = [
            tuple(phase[(start_s + second) % DAY_S] for phase in day) for second in range(seconds)
        ]

    def currents_ma(self, now_ms: int) -> tuple[int, int, int]:
        """The load at that time."""
        return self.table_ma[min(now_ms // 1000, self.seconds - 1)]

    def rises_ms(self) -> list[int]:
        """The times at which the load on some phase rises by RISE_MA or more."""
        table_ma = self.table_ma
        return [
            second * 1000
            for second in range(1, self.seconds)
            if any(table_ma[second][p] - table_ma[second - 1][p] >= RISE_MA for p in range(3))
        ]


def _day(rng: random.Random) -> list[list[int]]:
    """One day's levels by phase and second."""
    day = [[base_ma] * DAY_S for base_ma in (2500, 3200, 2000)]
    for phase in range(3):
        _cycles(day, (phase,), 0, 24, 800, 14 * 60, 26 * 60, rng)  # fridges
        _cycles(day, (phase,), 0, 24, 600, 9 * 60, 31 * 60, rng)
        _on(day, (phase,), 17.5 + 0.3 * phase, 5.2, 2500)  # light
        for hour in (6.4, 7.1, 9.8, 13.2, 16.0, 19.6, 21.1):
            _on(day, (phase,), hour + rng.uniform(-0.5, 0.5), 0.05, 8700)  # kettles
        for hour, long_h in ((6.8, 0.3), (12.0, 0.6), (18.3, 0.9)):
            at = hour + rng.uniform(-0.3, 0.3)
            _on(day, (phase,), at, 0.08, 9000)  # a hob heats up, then holds its heat
            _cycles(day, (phase,), at + 0.08, at + long_h, 9000, 25, 50, rng)
        for hour in (9.0, 14.5, 20.0):
            at = hour + rng.uniform(-1, 1)
            _on(day, (phase,), at, 0.3, 9200)  # a washing machine heats, then turns
            _cycles(day, (phase,), at + 0.3, at + 1.4, 1800, 20, 15, rng)
    _cycles(day, (0, 1, 2), 0, 8.5, 7500, 22 * 60, 28 * 60, rng)  # heat pump
    _cycles(day, (0, 1, 2), 15.5, 24, 7500, 18 * 60, 32 * 60, rng)
    for levels in day:
        for second in range(DAY_S):
            levels[second] += rng.randint(-_FLUTTER_MA, _FLUTTER_MA)
    return day


def _on(day, phases, at_h: float, long_h: float, ma: int) -> None:
    _add(day, phases, int(at_h * 3600), int((at_h + long_h) * 3600), ma)


def _cycles(day, phases, from_h, to_h, ma: int, on_s: int, off_s: int, rng) -> None:
    """On and off again from one hour to the other, each time up to a fifth longer or shorter."""
    at_s = int(from_h * 3600) + rng.randrange(on_s + off_s)
    while at_s < to_h * 3600:
        end_s = at_s + int(on_s * rng.uniform(0.8, 1.2))
        _add(day, phases, at_s, min(end_s, int(to_h * 3600)), ma)
        at_s = end_s + int(off_s * rng.uniform(0.8, 1.2))


def _add(day, phases, from_s: int, to_s: int, ma: int) -> None:
    for phase in phases:
        for second in range(from_s, min(to_s, DAY_S)):
            day[phase][second] += ma
