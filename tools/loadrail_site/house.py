# The other load on the connection, by phase: levels from a scenario, and a little noise.
#
# Milliamperes, positive = taken from the grid, negative = solar export. A step sets the level of
# its phases from its time on. Noise depends on time, phase and seed only, so a run gives the same
# currents however often it is stepped, on CPython and on MicroPython.

NOISE_EVERY_MS = 500
PHASE_NAMES = ("L1", "L2", "L3")


class House:
    """`steps`: (at_ms, phases as indices, level_ma), in the order of time."""

    def __init__(self, base_ma=(0, 0, 0), steps=(), noise_ma=0, seed=1):
        self.base_ma = list(base_ma)
        self.steps = sorted(steps, key=lambda step: step[0])
        self.noise_ma = noise_ma
        self.seed = seed

    def currents_ma(self, now_ms):
        """The load at that time."""
        levels = list(self.base_ma)
        for at_ms, phases, level_ma in self.steps:
            if at_ms > now_ms:
                break
            for phase in phases:
                levels[phase] = level_ma
        if not self.noise_ma:
            return levels
        slot = now_ms // NOISE_EVERY_MS
        return [levels[phase] + self._noise(slot * 3 + phase) for phase in range(3)]

    def rises_ms(self):
        """The times at which the load on some phase rises, from low to high."""
        levels = list(self.base_ma)
        times = []
        for at_ms, phases, level_ma in self.steps:
            for phase in phases:
                if level_ma > levels[phase] and at_ms not in times:
                    times.append(at_ms)
                levels[phase] = level_ma
        return times

    def _noise(self, number):
        """-noise_ma .. noise_ma: three rounds of a linear congruential generator (Knuth's)."""
        state = (self.seed * 2654435761 + number) & 0xFFFFFFFF
        for _ in range(3):
            state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (state >> 8) % (2 * self.noise_ma + 1) - self.noise_ma


def phase_indices(names):
    """["L1", "L2"] or "L1L2" -> [0, 1]."""
    if isinstance(names, str):
        names = ["L" + digit for digit in names.split("L")[1:]]
    return [PHASE_NAMES.index(name) for name in names]
