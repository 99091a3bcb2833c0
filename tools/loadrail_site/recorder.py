# What happened on a site: samples for a picture, and every time that the limit was exceeded.
#
# Samples are taken every `every_ms` (0: none); overloads are seen at every step. Milliamperes, ms.

MAX_OVERLOADS = 1000  # of a run that goes so wrong, the first ones tell enough


class Recorder:
    """Samples: dicts with at_ms, grid_ma [3], limits_a and draws_ma by charger.

    Overloads: dicts with phase, start_ms, end_ms (the first step no longer above the limit, None
    while it lasts) and peak_ma.
    """

    def __init__(self, limit_ma, every_ms=250):
        self.limit_ma = limit_ma
        self.every_ms = every_ms
        self.samples = []
        self.overloads = []
        self._open = [None, None, None]  # the overload that a phase is in
        self._next_ms = 0

    def step(self, now_ms, grid_ma, chargers):
        for phase in range(3):
            self._watch(now_ms, phase, grid_ma[phase])
        if self.every_ms and now_ms >= self._next_ms:
            self._next_ms = now_ms + self.every_ms
            self.samples.append(
                {
                    "at_ms": now_ms,
                    "grid_ma": list(grid_ma),
                    "limits_a": [charger.limit_and_cause()[0] for charger in chargers],
                    "draws_ma": [max(charger.draws_ma) for charger in chargers],
                }
            )

    def _watch(self, now_ms, phase, current_ma):
        overload = self._open[phase]
        if current_ma <= self.limit_ma:
            if overload:
                overload["end_ms"] = now_ms
            self._open[phase] = None
            return
        if overload is None:
            overload = {"phase": phase, "start_ms": now_ms, "end_ms": None, "peak_ma": 0}
            self._open[phase] = overload
            if len(self.overloads) < MAX_OVERLOADS:
                self.overloads.append(overload)
        overload["peak_ma"] = max(overload["peak_ma"], current_ma)
