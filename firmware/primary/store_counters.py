# What a controller counts over restarts, and what commissioning has found out about the chargers:
# a small file, written every 15 min at most, so that no flash wears out (littlefs spreads it).
#
# Abilities are kept by who a charger is (serial number and firmware as one number, see
# known.look_who), so another device at its address starts anew.

from loadrail.clock import age_ms
from primary import store_file

_EVERY_MS = 900_000
_MOST_CHARGERS = 40  # that are remembered: a whole group, and one that was before

_NUMBERS = ("uptime_s", "starts")


class Counters:
    """`files`: see store_file."""

    def __init__(self, files, path: str, now_ms):
        self._files = files
        self._path = path
        self._now_ms = now_ms
        self._wrote_at = now_ms()
        self._known = {}  # who: [function codes that work, that do not, block, takes_start]
        self._before_s = 0
        self.starts = 1
        self._primary = None
        self._kept = None  # as it was written
        self.fault = None
        self._load()

    def begin(self, primary) -> None:
        """Count for this core, and tell it what was known before."""
        self._primary = primary
        primary.chargers.remembered = self._known

    @property
    def uptime_s(self) -> int:
        """Of all runs together, seconds."""
        return self._before_s + (self._primary.uptime_s if self._primary else 0)

    def due(self) -> bool:
        """Whether there is something new, and it is time to write it."""
        if age_ms(self._now_ms(), self._wrote_at) < _EVERY_MS:
            return False
        return self._value() != self._kept

    def write(self) -> "str | None":
        """Keep all; None, or why that did not work. After a fault it is tried 15 min later."""
        self._wrote_at = self._now_ms()
        value = self._value()
        fault = store_file.write(self._files, self._path, value)
        if fault is None:
            self._kept = value
        return fault

    def _value(self) -> dict:
        chargers = self._primary.chargers
        here = []
        for i in range(chargers.n):
            row = chargers.abilities_of(i)
            if row is not None:
                here.append(row)
        who = [row[0] for row in here]
        for key in sorted(self._known):
            if key not in who and len(here) < _MOST_CHARGERS:
                here.append([key] + self._known[key])
        return {"uptime_s": self.uptime_s, "starts": self.starts, "chargers": here}

    def _load(self):
        if not store_file.is_there(self._files, self._path):
            return
        raw, _, self.fault = store_file.read(self._files, self._path)
        if self.fault:
            return
        try:
            before_s, starts = [int(raw[key]) for key in _NUMBERS]
            known = {}
            for row in raw["chargers"]:
                who, works, refused, block, takes_start = [int(value) for value in row]
                known[who] = [works, refused, block, takes_start]
        except (TypeError, ValueError, KeyError):
            self.fault = "%s: makes no sense" % self._path
            return
        self._before_s, self.starts, self._known = before_s, starts + 1, known
