# A value that arrives later than it was sent: a charger's signal, a car's reaction.
#
# Times are milliseconds of the site's own time, which starts at 0 and never wraps.


class DelayLine:
    """Gives each new value on after `delay_ms`, in order."""

    def __init__(self, delay_ms, value=0):
        self.delay_ms = delay_ms
        self.value = value  # what has come out last
        self._newest = value
        self._on_the_way = []  # (due_ms, value), oldest first

    def step(self, now_ms, value):
        """Put in the present value; return the one that comes out now."""
        if value != self._newest:
            self._newest = value
            self._on_the_way.append((now_ms + self.delay_ms, value))
        elif not self._on_the_way:
            return self.value
        while self._on_the_way and self._on_the_way[0][0] <= now_ms:
            self.value = self._on_the_way.pop(0)[1]
        return self.value

    def is_still(self):
        """Whether there is nothing in it but 0."""
        return self.value == self._newest == 0 and not self._on_the_way

    def reset(self, value=0):
        """Forget what is on the way; `value` is out at once."""
        self.value = self._newest = value
        self._on_the_way = []
