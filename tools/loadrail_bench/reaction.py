# Reaction: how long until all chargers are lowered, once the meter has shown too much.
#
# From the last byte of the first sample above the limit to the last byte of the last charger's
# acknowledgement, carried by the firmware's own bus and transport; the floor is that many writes
# of one register, answered after the turnaround. Meter and chargers share the line. The house
# takes so much more at once that every charger has to go down.

from loadrail.config import check
from loadrail.line import char_bits, transaction_us
from loadrail.purposes import LIMIT, METER
from loadrail.registers import AMPS_TO_USE
from loadrail.request import OK, Request
from loadrail_site.site import Site

from .bus_cycle_real import Missing, Steered
from .table import Row

LINES = ((9600, "N"), (19200, "E"), (38400, "E"), (115200, "N"))
CHARGERS = (1, 5, 10, 20)
TURNAROUND_MS = 5
STEP_S = 90  # by then all charge with all that their cars take
WAIT_S = 15
# Amperes for each charger: the limit, what cars take, and what the house takes from STEP_S on
LIMIT_A, CAR_A, HOUSE_A = 20, 16, 13
TARGET = 1.15


class Stopwatch:
    """Watches one site through the step. took_us: what is measured."""

    def __init__(self, baud: int, parity: str, n: int):
        car = {"phases": 3, "max_a": CAR_A, "energy_wh": 1_000_000, "plug_in_s": 0}
        step = {"at_s": STEP_S, "phases": ["L1", "L2", "L3"], "amps": HOUSE_A * n}
        self.limit_a = LIMIT_A * n
        chargers = [{"phases": "L1L2L3", "cars": [dict(car)]} for _ in range(n)]
        plan = {"seconds": 3600, "limit_a": self.limit_a, "chargers": chargers}
        self.site = Site({**plan, "house": {"steps": [step]}}, sample_ms=0)
        config, faults = check(
            {
                "group": {"limit_a": self.limit_a, "raise_after_s": 2, "start_after_s": 2},
                "bus": {"baud": baud, "parity": parity},
                "meter": {"address": self.site.meter.address},
                "chargers": self.site.charger_configs(),
            }
        )
        if faults:
            raise ValueError(faults)
        self._over_us = None  # the last byte of the first sample above the limit
        self._lowered_us: dict[int, int] = {}  # by unit
        self._shows_over = False  # what the meter says to the request under way
        hooks = {"on_frame": self._on_frame, "on_answer": self._told}
        self._run = Steered(self.site, config, TURNAROUND_MS, **hooks)
        self._before_a: list[int] = []
        one = Request().write(2, AMPS_TO_USE, [6], 300)
        bits = char_bits(parity, config["bus"]["stop_bits"])
        self.floor_us = n * transaction_us(one, baud, bits, TURNAROUND_MS)

    def took_us(self) -> int:
        """Run. Raises RuntimeError where not everybody charged before, or was lowered after."""
        self._run.until(STEP_S * 1000 - 500)
        self._before_a = [charger.settings[AMPS_TO_USE] for charger in self.site.chargers]
        self._run.until((STEP_S + WAIT_S) * 1000)
        if min(self._before_a) < CAR_A or len(self._lowered_us) < len(self._before_a):
            raise RuntimeError(f"{self._before_a} A before the step, lowered: {self._lowered_us}")
        return max(self._lowered_us.values()) - self._over_us

    def _on_frame(self, unit: int) -> None:
        if unit == self.site.meter.address:
            self._shows_over = max(self.site.meter.shown_ma) > self.limit_a * 1000

    def _told(self, request, purpose: int, result: int) -> None:
        if result != OK:
            return
        if purpose == METER and self._shows_over and self._over_us is None:
            self._over_us = self._run.line.last_us
        elif purpose == LIMIT and self._over_us is not None:
            i = request.unit - self.site.chargers[0].address
            if request.values[0] < self._before_a[i]:
                self._lowered_us.setdefault(request.unit, self._run.line.last_us)


def measure() -> list[Row]:
    """The rows of the table."""
    rows = []
    for baud, parity in LINES:
        for n in CHARGERS:
            line = f"{baud} 8{parity}1"
            name = f"reaction at {line}, {n} charger{'s' * (n > 1)}"
            try:
                watch = Stopwatch(baud, parity, n)
            except Missing as why:
                return [Row(name, None, "<=", TARGET, "x floor", f"skipped: {why}")]
            took_us, floor_us = watch.took_us(), watch.floor_us
            told = f"{took_us / 1000:.0f} of {floor_us / 1000:.0f} ms"
            plot = ("reaction", line, n, took_us / 1000, floor_us / 1000)
            rows.append(Row(name, took_us / floor_us, "<=", TARGET, "x floor", told, plot))
    return rows
