# The last things that happened, in words, for the console: a ring that never grows.

_LINES = 32
_LENGTH = 160


class Log:
    """Texts in the order they came. `count` tells a reader how many there have been."""

    def __init__(self):
        self.count = 0
        self._lines = [""] * _LINES

    def add(self, text: str) -> None:
        self._lines[self.count % _LINES] = text[:_LENGTH]
        self.count += 1

    def since(self, count: int):
        """The lines from number `count` on, as far as they are still kept."""
        for k in range(max(count, self.count - _LINES), self.count):
            yield self._lines[k % _LINES]
