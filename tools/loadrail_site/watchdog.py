# A charger's watchdog over its primary (register communication_timeout).
#
# Which frames feed it is one of the open readings. Times are milliseconds of the site's time.

ANY = 0  # a valid frame to this charger
WRITE = 1  # a write that was accepted
AMPS = 2  # a write of amps_to_use that was accepted

LEAST_FOOD = {"any": ANY, "writes": WRITE, "amps": AMPS}


class Watchdog:
    """Says whether the primary has been gone for `timeout_s` (0: it may be gone for ever)."""

    def __init__(self, fed_by):
        self.timeout_s = 30
        self._least = LEAST_FOOD[fed_by]
        self._fed_ms = 0

    def feed(self, now_ms, food):
        if food >= self._least:
            self._fed_ms = now_ms

    def restart(self, now_ms):
        self._fed_ms = now_ms

    def expired(self, now_ms):
        return self.timeout_s > 0 and now_ms - self._fed_ms >= self.timeout_s * 1000
