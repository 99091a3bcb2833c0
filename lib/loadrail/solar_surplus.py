# The surplus: what is exported and what chargers in a solar mode draw, all at one moment.
#
# A sample of the meter waits until every charger has been read after it (draws.py). While cars
# ramp a few samples are left out, as the budget does: the line between two readings says too
# little then. What two samples in a row show is there `now_ma`; what has been there for KEEP_MS is
# `ma`, which limits follow. So a glint raises nobody, and one odd sample lowers nobody. Signed mA.

from loadrail.budget import METER_FINE
from loadrail.clock import age_ms
from loadrail.window import EMPTY, Window

KEEP_MS = 10_000  # the cap follows the lowest value of so long
_MOST_LEFT_OUT = 3  # samples in a row, because cars ramp


class Surplus:
    """Of a group. `summed`: the phases are netted, and `ma` holds their sum in the first place;
    else one value a phase."""

    def __init__(self, summed: bool, stale_ms: int):
        self.summed = summed
        self.ma = [0] if summed else [0, 0, 0]
        self.now_ma = list(self.ma)
        self.known = False
        self._stale_ms = stale_ms
        self._at = None  # the last sample that counted
        self._asked_at = None  # the newest one that was looked at
        self._grid_ma = [0, 0, 0]  # waits for its draws,
        self._grid_at = None  # taken then
        self._left_out = 0
        self._before_ma = [EMPTY] * 3
        self._window = Window()
        self._window.start(KEEP_MS)

    def update(self, now_ms: int, c, budget, counts: list) -> None:
        """Take what has been read since the last call. `counts`: whose draws are solar ones."""
        if budget.meter != METER_FINE:
            self._forget()
            return
        if self._grid_at is None and budget.grid_at != self._asked_at:
            self._grid_ma[:] = budget.grid_ma
            self._grid_at = self._asked_at = budget.grid_at
        if self._grid_at is not None and c.all_read_since(self._grid_at):
            if not c.is_forgotten(self._grid_at) and not self._is_blurred(c):
                self._take(now_ms, c, counts)
            self._grid_at = None
        if age_ms(now_ms, self._at) > self._stale_ms:
            self._forget()

    def _is_blurred(self, c) -> bool:
        moving = False
        for phase in range(3):
            moving = moving or c.any_in_motion(phase)
        self._left_out = self._left_out + 1 if moving and self._left_out < _MOST_LEFT_OUT else 0
        return self._left_out > 0

    def _take(self, now_ms, c, counts) -> None:
        window, at_ms = self._window, self._grid_at
        window.advance(now_ms)
        total_ma = 0
        for phase in range(3):
            here_ma = c.sure_draw_ma(phase, at_ms, counts) - self._grid_ma[phase]
            total_ma += here_ma
            if not self.summed:
                self._put(phase, here_ma)
        if self.summed:
            self._put(0, total_ma)
        self._at = now_ms
        self.known = True

    def _put(self, k, here_ma) -> None:
        before_ma = self._before_ma[k]
        self._before_ma[k] = here_ma
        self.now_ma[k] = here_ma if before_ma == EMPTY else max(here_ma, before_ma)
        self._window.put(k, self.now_ma[k])
        self.ma[k] = self._window.lowest(k)

    def _forget(self) -> None:
        """Not known is not 0, and nothing of before counts when it is known again."""
        if self.known:
            self.known = False
            self._before_ma[:] = [EMPTY] * 3
            self._window.start(KEEP_MS)
