# A whole site: grid connection with breaker and meter, house, chargers with their cars.
#
# It runs on whatever time it is stepped with: real time behind a serial line, or hours in seconds
# in a test. Times are milliseconds from the scenario's start, steps of 10 to 1000 ms are sensible.
# A breaker that trips is recorded, and the site goes on: a run shows all that went wrong.

from .collision import Collision
from .recorder import Recorder
from .scenario import Scenario


class Site:
    """`scenario` is its data, a dict. The parts are public; the recorder keeps what happened."""

    def __init__(self, scenario, chargers=None, seconds=None, sample_ms=250):
        plan = Scenario(scenario, chargers, seconds)
        self.seconds = plan.seconds
        self.limit_a = plan.limit_a
        self.chargers = plan.chargers()
        self.meter = plan.meter()
        self.breaker = plan.breaker()
        self.house = plan.house()
        self.load_steps_ms = self.house.rises_ms()
        self.recorder = Recorder(plan.limit_a * 1000, sample_ms)
        self.now_ms = 0
        self.house_ma = [0, 0, 0]
        self.grid_ma = [0, 0, 0]  # positive = import
        self._events = plan.events()
        self._by_address = {}
        for charger in self.chargers:
            there = self.device(charger.address)
            self.hang(Collision(there, charger) if there else charger)
        if self.device(self.meter.address):
            raise ValueError("the meter and a charger of the scenario have one address")
        self.hang(self.meter)
        self.step(0)

    def device(self, address):
        """The device at an address, None where there is none; a Collision where there are two."""
        return self._by_address.get(address)

    def devices(self):
        """What answers on the bus, one for each address."""
        return list(self._by_address.values())

    def hang(self, device):
        """Let this device answer at its address, in the place of what did before."""
        self._by_address[device.address] = device

    def step(self, now_ms):
        """Let the time go on to `now_ms`."""
        self.now_ms = now_ms
        while self._events and self._events[0][0] <= now_ms:
            _, device, act = self._events.pop(0)
            act(self.meter if device == "meter" else self.chargers[device])
        self.house_ma = self.house.currents_ma(now_ms)
        grid_ma = list(self.house_ma)
        for charger in self.chargers:
            charger.step(now_ms)
            charger.add_current_ma(grid_ma)
        self.grid_ma = grid_ma
        self.meter.step(now_ms, grid_ma)
        self.breaker.step(now_ms, grid_ma)
        self.recorder.step(now_ms, grid_ma, self.chargers)

    def charger_configs(self):
        """The chargers as the firmware's configuration wants them: one for each address."""
        configs = []
        taken = []
        for number, charger in enumerate(self.chargers):
            if charger.address in taken:
                continue
            taken.append(charger.address)
            names = ["L%d" % (phase + 1) for phase in charger.grid_phases]
            configs.append(
                {
                    "address": charger.address,
                    "phases": "".join(names),
                    "max_a": charger.max_a,
                    "name": "bay %d" % (number + 1),
                }
            )
        return configs

    def snapshot(self):
        """How things are, in plain values that JSON can carry."""
        return {
            "at_ms": self.now_ms,
            "limit_a": self.limit_a,
            "grid_ma": list(self.grid_ma),
            "house_ma": list(self.house_ma),
            "breaker": {
                "tripped": self.breaker.tripped,
                "tripped_at_ms": self.breaker.tripped_at_ms,
                "heat_permille": self.breaker.heat_permille(),
            },
            "chargers": [_charger_snapshot(charger) for charger in self.chargers],
        }


def _charger_snapshot(charger):
    return {
        "address": charger.address,
        "answers": not (charger.silent or charger.is_deaf()),
        "status": charger.status,
        "limit_a": charger.limit_and_cause()[0],
        "signal_a": charger.signal_a,
        "draw_ma": charger.grid_current_ma(),
        "watchdog_expired": charger.watchdog.expired(charger.now_ms),
        "has_car": charger.car is not None,
        "full": charger.car is not None and charger.car.is_full(),
    }
