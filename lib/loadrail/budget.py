# What the chargers may share, per phase: the circuit's limit less everything else on it.
#
# other load = meter - what the chargers draw. The two are read at different moments, so a sample
# waits until every charger has been read after it; each draw is then taken at the sample's own
# time, on the line between the two readings around it. Only a sample above the limit does not
# wait: the newest readings must do, which errs towards too much other load.
#
# Lowered at once: on an over-limit sample, or when two samples in a row show it (one alone may be
# a car that ramps between its reading and the meter's).
# Raised late: the budget is the lowest value of the last `raise_after_ms`.

from loadrail.clock import add_ms, age_ms, diff_ms

_SLOTS = 10  # of the window: how finely it forgets
_EMPTY = 1 << 29  # more than any budget

# What is known of the meter
METER_FINE = 0
METER_WAITING = 1  # none came yet, and it may still come in time
METER_STALE = 2  # none for longer than `stale_ms`
METER_NONE = 3  # a static group needs none


class Budget:
    """Budget of a group on three phases, in mA."""

    def __init__(self, now_ms: int):
        self.ma = [0, 0, 0]  # what may be shared now, if `meter` is not METER_WAITING
        self.meter = METER_WAITING
        self.may_raise = False  # the window is full: what is there has been there for a while
        self.grid_ma = [0, 0, 0]  # newest valid sample
        self.grid_at = None  # and when that was
        self.limit_ma = 0  # the circuit's limit less the margin
        self._loss_ma = 0
        self._stale_ms = 0
        self._slot_ms = 0
        self._waiting_since = now_ms
        self._sample_ma = [0, 0, 0]  # waits for its draws
        self._sample_at = None
        self._next_ma = [0, 0, 0]  # came while that one waited
        self._next_at = None
        self._before_ma = [_EMPTY] * 3  # what the settled sample before showed
        self._window = [[_EMPTY] * _SLOTS for _ in range(3)]
        self._slot = 0
        self._slot_at = None
        self._filled_ms = 0

    def configure(self, now_ms, dynamic, limit_ma, loss_ma, stale_ms, raise_after_ms) -> None:
        """Take new rules. A lower limit counts at once, a higher one after a new window."""
        for phase in range(3):
            lowered = self.ma[phase] + min(0, limit_ma - self.limit_ma)
            self.ma[phase] = max(0, min(lowered, limit_ma))
        self.limit_ma = limit_ma
        self._loss_ma = loss_ma
        self._stale_ms = stale_ms
        self._slot_ms = raise_after_ms // _SLOTS
        self._forget()
        if not dynamic:
            self.meter = METER_NONE
            self.may_raise = True
            self.ma[:] = [limit_ma] * 3
        elif self.grid_at is None:
            self.meter = METER_WAITING
            self._waiting_since = now_ms

    def sample(self, now_ms: int, current_ma: list, chargers) -> bool:
        """Take a valid meter sample, signed mA [3]. True where it is above the limit."""
        self.grid_ma[:] = current_ma
        self.grid_at = now_ms
        if self._sample_at is None:
            self._sample_ma[:] = current_ma
            self._sample_at = now_ms
        else:
            self._next_ma[:] = current_ma
            self._next_at = now_ms
        over = max(current_ma) > self.limit_ma
        if over:
            self._judge(now_ms, current_ma, now_ms, chargers, False)
        return over

    def update(self, now_ms: int, chargers) -> None:
        """Bring `ma` up to date with what has been read since the last call."""
        if self.meter == METER_NONE:
            return
        if self.grid_at is None or age_ms(now_ms, self.grid_at) > self._stale_ms:
            since = self._waiting_since
            if self.meter != METER_WAITING or age_ms(now_ms, since) > self._stale_ms:
                self._lose_meter()
            return
        while self._sample_at is not None and chargers.all_read_since(self._sample_at):
            self._judge(now_ms, self._sample_ma, self._sample_at, chargers, True)
            self._sample_ma[:] = self._next_ma
            self._sample_at = self._next_at
            self._next_at = None

    def _lose_meter(self) -> None:
        self.meter = METER_STALE
        self.grid_at = None
        self._sample_at = None
        self._next_at = None
        self._forget()
        self.ma[:] = [self._loss_ma] * 3
        self.may_raise = True  # up to a value that a person chose for this

    def _judge(self, now_ms, grid_ma, at_ms, chargers, settled) -> None:
        """One sample becomes one value a phase in the window."""
        if self.meter != METER_FINE:
            self.meter = METER_FINE
            self._forget()
        self._advance(now_ms)
        for phase in range(3):
            here = self.limit_ma - grid_ma[phase] + chargers.sure_draw_ma(phase, at_ms)
            believed = here
            if settled:
                before = self._before_ma[phase]
                if grid_ma[phase] <= self.limit_ma and before != _EMPTY:
                    believed = max(here, before)
                self._before_ma[phase] = here
            window = self._window[phase]
            window[self._slot] = min(window[self._slot], believed)
            # What others export does not make the circuit's own wires thicker.
            self.ma[phase] = max(0, min(self.limit_ma, min(window)))

    def _advance(self, now_ms) -> None:
        """Move the window on; a slot in which no sample falls stays empty."""
        if self._slot_ms == 0:
            self._wipe()
            self.may_raise = True
            return
        if self._slot_at is None:
            self._slot_at = now_ms
        while diff_ms(now_ms, self._slot_at) >= self._slot_ms:
            self._slot_at = add_ms(self._slot_at, self._slot_ms)
            self._slot = (self._slot + 1) % _SLOTS
            self._filled_ms += self._slot_ms
            for window in self._window:
                window[self._slot] = _EMPTY
            if self._filled_ms >= _SLOTS * self._slot_ms:
                self._filled_ms = _SLOTS * self._slot_ms
                self.may_raise = True

    def _wipe(self) -> None:
        for window in self._window:
            for k in range(_SLOTS):
                window[k] = _EMPTY

    def _forget(self) -> None:
        """Start a new window: nothing rises until it is full."""
        self._wipe()
        self._before_ma[:] = [_EMPTY] * 3
        self._slot_at = None
        self._filled_ms = 0
        self.may_raise = False
