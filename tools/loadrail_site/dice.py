# Numbers that look drawn and are the same on every interpreter, for a seed.


class Dice:
    """A linear congruential generator (Knuth's numbers)."""

    def __init__(self, seed):
        self._state = seed & 0xFFFFFFFF

    def roll(self, sides):
        """0..sides - 1; `sides` up to 2**16."""
        self._state = (self._state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (self._state >> 8) % sides
