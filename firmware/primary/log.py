# The last things that happened, in words, for the console. What it takes of the memory is bounded:
# new lines push out as many of the oldest as they need.

import time

_LENGTH = 160
_ROOM = 3600  # bytes: 32 lines of 88 characters, 19 of the longest
_COST = 24  # bytes that any line takes beside its characters, on a board
_WRAP = 0x3FFFFFFF  # seconds are kept in small numbers: 34 years


def _now_s():
    return int(time.time()) & _WRAP


class Log:
    """Texts in the order they came. `count` tells a reader how many there have been."""

    def __init__(self):
        self.count = 0
        self._lines = []
        self._at_s = []
        self._left = _ROOM

    def add(self, text: str) -> None:
        text = text[:_LENGTH]
        self._left -= len(text) + _COST
        while self._left < 0:
            self._left += len(self._lines.pop(0)) + _COST
            self._at_s.pop(0)
        self._lines.append(text)
        self._at_s.append(_now_s())
        self.count += 1

    def since(self, count: int):
        """The lines from number `count` on, as far as they are still kept."""
        for k in self._from(count):
            yield self._lines[k]

    def last(self, count=None):
        """(age in s, text) of the last `count` lines, or of all that are kept."""
        for k in self._from(0 if count is None else self.count - count):
            yield (_now_s() - self._at_s[k]) & _WRAP, self._lines[k]

    def _from(self, number):
        """Places of the lines from a number on, for the moment: lines may come in between."""
        end = self.count
        while True:
            number = max(number, self.count - len(self._lines))
            if number >= end:
                return
            yield number - self.count + len(self._lines)
            number += 1
