# Scenarios: what a site has and what happens on it, as data (tools/scenarios/*.json).
#
#   seconds          nominal length; a run of another length stretches or squeezes all times, to a
#                    third at the least (below that, cars and watchdogs, which keep their own pace,
#                    could not follow; a shorter run just ends sooner). Energies stay as they are.
#   limit_a          the circuit's capacity per phase, and the breaker's rating
#   meter            address, update_ms, and a model of meters_maps.py where it is no SDM630
#   breaker: tau_s, instant_x
#   charger_defaults, chargers   arguments of Charger; "cars" hold arguments of Car, times as *_s.
#                    Addresses count up from first_address; an "address" of its own may be another
#                    charger's
#   house            base_a, noise_a, steps of {at_s, phases, amps}: a new level, negative exports
#   events           {at_s, device: "meter" or a charger's number from 1, do, ...}, see actions.py
# Seconds and amperes may be fractions; inside, everything is whole milliseconds and milliamperes.

import json

from .actions import action
from .breaker import Breaker
from .car import Car
from .charger import Charger
from .house import House, phase_indices
from .meter import Meter

LEAST_SCALE = 1 / 3


def load(path):
    """The scenario in a file."""
    with open(path) as file:
        return json.load(file)


class Scenario:
    """Builds a site's parts from a scenario's data."""

    def __init__(self, data, chargers=None, seconds=None):
        """`chargers`: only that many, 1 to all of them. `seconds`: another length."""
        entries = data["chargers"]
        if chargers is not None and not 1 <= chargers <= len(entries):
            raise ValueError("this scenario has 1 to %d chargers" % len(entries))
        self._data = data
        self._entries = entries[:chargers] if chargers else entries
        self.limit_a = data["limit_a"]
        self.seconds = seconds or data["seconds"]
        self._scale = max(self.seconds / data["seconds"], LEAST_SCALE)
        self.first_address = data.get("first_address", 2)

    def ms(self, at_s):
        return int(at_s * 1000 * self._scale)

    def chargers(self):
        built = []
        for number, entry in enumerate(self._entries):
            arguments = dict(self._data.get("charger_defaults", {}))
            arguments.update(entry)
            arguments["cars"] = [self._car(car) for car in arguments.get("cars", ())]
            address = arguments.pop("address", self.first_address + number)
            built.append(Charger(address, **arguments))
        return built

    def meter(self):
        entry = self._data.get("meter", {})
        place = (entry.get("address", 1), entry.get("update_ms", 200))
        if "model" not in entry:
            return Meter(*place)
        from .meters_simulated import SimulatedMeter

        return SimulatedMeter(entry["model"], *place)

    def breaker(self):
        return Breaker(self.limit_a, **self._data.get("breaker", {}))

    def house(self):
        entry = self._data.get("house", {})
        steps = []
        for step in entry.get("steps", ()):
            phases = phase_indices(step["phases"])
            steps.append((self.ms(step["at_s"]), phases, int(step["amps"] * 1000)))
        return House(
            [int(amps * 1000) for amps in entry.get("base_a", (0, 0, 0))],
            steps,
            int(entry.get("noise_a", 0) * 1000),
            self._data.get("seed", 1),
        )

    def events(self):
        """(at_ms, "meter" or a charger's index, function of the device), in the order of time."""
        events = []
        for event in self._data.get("events", ()):
            device = event["device"]
            if device != "meter":
                device -= 1
                if device >= len(self._entries):
                    continue
            events.append((self.ms(event["at_s"]), device, action(event)))
        return sorted(events, key=lambda event: event[0])

    def _car(self, entry):
        arguments = dict(entry)
        for name in ("plug_in", "unplug"):
            if name + "_s" in arguments:
                arguments[name + "_ms"] = self.ms(arguments.pop(name + "_s"))
        rests = arguments.pop("rests_s", ())
        if rests:
            arguments["rests"] = [(self.ms(from_s), self.ms(until_s)) for from_s, until_s in rests]
        return Car(**arguments)
