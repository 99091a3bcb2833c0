# The last things that happened, in words, for the console: a ring that never grows.

import time

_LINES = 32
_LENGTH = 160
_WRAP = 0x3FFFFFFF  # seconds are kept in small numbers: 34 years


def _now_s():
    return int(time.time()) & _WRAP


class Log:
    """Texts in the order they came. `count` tells a reader how many there have been."""

    def __init__(self):
        self.count = 0
        self._lines = [""] * _LINES
        self._at_s = [0] * _LINES

    def add(self, text: str) -> None:
        place = self.count % _LINES
        self._lines[place] = text[:_LENGTH]
        self._at_s[place] = _now_s()
        self.count += 1

    def since(self, count: int):
        """The lines from number `count` on, as far as they are still kept."""
        for k in range(max(count, self.count - _LINES), self.count):
            yield self._lines[k % _LINES]

    def last(self, count=None):
        """(age in s, text) of the last `count` lines, or of all that are kept."""
        kept = min(self.count, _LINES)
        for k in range(self.count - min(kept, kept if count is None else count), self.count):
            yield (_now_s() - self._at_s[k % _LINES]) & _WRAP, self._lines[k % _LINES]
