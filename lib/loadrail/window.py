# The lowest value of three phases over the last while: what has been there all the time.

from loadrail.clock import add_ms, diff_ms

_SLOTS = 10  # how finely it forgets
EMPTY = 1 << 29  # more than any value that is put in


class Window:
    """Lowest values over `span_ms`; 0 keeps only what was put in since the last `advance`."""

    def __init__(self):
        self.full = False  # it has been fed for the whole span
        self._slot_ms = 0
        self._slots = [[EMPTY] * _SLOTS for _ in range(3)]
        self._slot = 0
        self._slot_at = None
        self._fed_ms = 0

    def start(self, span_ms: int) -> None:
        """Forget all; from now on it spans `span_ms`."""
        self._slot_ms = span_ms // _SLOTS
        self._wipe()
        self._slot_at = None
        self._fed_ms = 0
        self.full = False

    def advance(self, now_ms: int) -> None:
        """Move on. A slot into which nothing falls stays empty."""
        if self._slot_ms == 0:
            self._wipe()
            self.full = True
            return
        if self._slot_at is None:
            self._slot_at = now_ms
        while diff_ms(now_ms, self._slot_at) >= self._slot_ms:
            self._slot_at = add_ms(self._slot_at, self._slot_ms)
            self._slot = (self._slot + 1) % _SLOTS
            for values in self._slots:
                values[self._slot] = EMPTY
            self._fed_ms += self._slot_ms
            if self._fed_ms >= _SLOTS * self._slot_ms:
                self._fed_ms = _SLOTS * self._slot_ms
                self.full = True

    def put(self, phase: int, value: int) -> None:
        values = self._slots[phase]
        values[self._slot] = min(values[self._slot], value)

    def lowest(self, phase: int) -> int:
        """EMPTY where nothing was put in."""
        return min(self._slots[phase])

    def _wipe(self) -> None:
        for values in self._slots:
            for k in range(_SLOTS):
                values[k] = EMPTY
