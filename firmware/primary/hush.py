# Keeps the buses quiet: for a flash write between two frames, and for work on the board.

from loadrail.clock import add_ms, diff_ms

_HOLD_MS = 1000  # who is dropped while he waits holds nobody up for longer


class Hush:
    """Asked by each bus before a frame. `buses` have `carrying`: whether a frame is under way."""

    def __init__(self, buses, now_ms):
        self._buses = buses
        self._now_ms = now_ms
        self._held_until = None
        self._maint_until = None

    def __call__(self) -> bool:
        """Whether nothing may be sent now."""
        return self.maint_left_ms() > 0 or self._left_ms(self._held_until) > 0

    def hold(self) -> None:
        """Begin no frame for a second; again and again, until `busy` says no."""
        self._held_until = add_ms(self._now_ms(), _HOLD_MS)

    def release(self) -> None:
        """Go on."""
        self._held_until = None

    def busy(self) -> bool:
        """Whether a frame may be on a bus now, or in the next moment."""
        for bus in self._buses:
            if bus.carrying:
                return True
        return bool(self._buses) and not self()

    def maint(self, seconds: int) -> None:
        """No frames for so long, 0..3600 s; 0: go on."""
        self._maint_until = add_ms(self._now_ms(), seconds * 1000) if seconds else None

    def maint_left_ms(self) -> int:
        """How long that still lasts; 0 where it does not."""
        left_ms = self._left_ms(self._maint_until)
        if not left_ms:
            self._maint_until = None  # the counter wraps
        return left_ms

    def _left_ms(self, until) -> int:
        return 0 if until is None else max(0, diff_ms(until, self._now_ms()))
