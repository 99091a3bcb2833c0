# The chargers that one bench plays, and their time.
#
# The models want milliseconds that start at 0 and never wrap; a board's counter wraps, so its
# differences are added up here. advance() must come at least once in six days.

import time

from loadrail_site.car import Car
from loadrail_site.charger import Charger

STEP_MS = 100  # how often the models go on; the car's ramp needs no finer steps


class Group:
    """`chargers` at consecutive addresses, all alike at first."""

    def __init__(self, settings):
        self.now_ms = 0
        self._ticks = time.ticks_ms()
        self._phases = settings["phases"]
        self._max_a = settings["max_a"]
        first = settings["address"]
        reading = settings["reading"]
        self.chargers = [
            self._charger(first + place, reading) for place in range(settings["count"])
        ]

    def advance(self):
        """Let the models go on where a step is due; says whether it was."""
        passed_ms = time.ticks_diff(time.ticks_ms(), self._ticks)
        if passed_ms < STEP_MS:
            return False
        self._ticks = time.ticks_add(self._ticks, passed_ms)
        self.now_ms += passed_ms
        for charger in self.chargers:
            charger.step(self.now_ms)
        return True

    def find(self, address):
        """The charger at an address, or None."""
        for charger in self.chargers:
            if charger.address == address:
                return charger
        return None

    def answers(self, address):
        """Does anything at this address answer now?"""
        charger = self.find(address)
        return charger is not None and not (charger.silent or charger.is_deaf())

    def plug_in(self, charger, phases, max_a):
        """A car for a long stay; it takes the place of one that is there."""
        charger.cars[:] = [Car(phases, max_a, plug_in_ms=self.now_ms)]

    def read_otherwise(self, charger, question, answer):
        """Put a charger that answers an open question otherwise in the place of this one.

        Like a new firmware: it has the old one's settings and car, and restarts.
        """
        reading = dict(charger.reading)
        reading[question] = answer
        other = self._charger(charger.address, reading)
        other.cars = charger.cars
        other.settings.update(charger.settings)
        other.watchdog.timeout_s = charger.watchdog.timeout_s
        for name in ("user_max_a", "max_grid_a", "error_bits", "silent", "deaf", "lie"):
            setattr(other, name, getattr(charger, name))
        other.lifetime_uj = charger.lifetime_uj
        other.now_ms = self.now_ms
        other.step(self.now_ms)
        other.restart()
        self.chargers[self.chargers.index(charger)] = other

    def _charger(self, address, reading):
        return Charger(address, self._phases, self._max_a, reading=reading)
