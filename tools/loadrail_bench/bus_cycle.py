# A bus cycle: reading the meter and 20 chargers, against the least that the line needs for it.
#
# The floor: each of the 21 requests answered, with one t3.5 before it, one before the answer, and
# the turnaround. Of the primary count a mean meter read, a mean status read for each charger that
# answers, from asking the core to telling it, and all that dead devices cost in a cycle. What else
# goes into a cycle (writes, slow blocks, limits read back) has a row of its own. umodbus's client
# does the same reads of the same devices one after the other. Neither is charged for computing.

from statistics import mean

from loadrail.config import check
from loadrail.line import char_bits, transaction_us
from loadrail.purposes import BLOCKS, METER, STATUS
from loadrail.request import OK, READ_HOLDING, READ_INPUT, Request
from loadrail_site.site import Site

from .bus_cycle_line import Clock, Line
from .bus_cycle_real import Missing, Steered, umodbus_client
from .table import Row

N = 20
LINE = {"baud": 19200, "parity": "N", "stop_bits": 1}
TURNAROUND_MS = 5
DEAD = (0, 1, 2, 3)
TARGETS = {0: 1.05, 2: 1.4}
DIE_S, FROM_S, TO_S = 40, 90, 150  # by FROM_S who is dead is known to be
METER_READ = (0, 18)  # an SDM630's voltages, currents and powers


def plan(dead: int) -> dict:
    """20 cars; the last `dead` chargers stop to answer at DIE_S."""
    car = {"phases": 3, "max_a": 16, "energy_wh": 1_000_000, "plug_in_s": 0}
    chargers = [{"phases": "L1L2L3", "cars": [dict(car)]} for _ in range(N)]
    deaf = [{"at_s": DIE_S, "device": N - k, "do": "deaf"} for k in range(dead)]
    return {"seconds": TO_S, "limit_a": 400, "chargers": chargers, "events": deaf}


def request_us(request: Request) -> int:
    """The least that the line needs for one answered request."""
    bits = char_bits(LINE["parity"], LINE["stop_bits"])
    return transaction_us(request, LINE["baud"], bits, TURNAROUND_MS)


def floor_us() -> int:
    """The same for the meter and all chargers."""
    meter = Request().read(1, READ_INPUT, *METER_READ, 0)
    status = Request().read(2, READ_HOLDING, *BLOCKS[STATUS], 0)
    return request_us(meter) + N * request_us(status)


class Ours:
    """What the primary's transactions took from FROM_S to TO_S."""

    def __init__(self, dead: int, tick_ms: int = 1):
        site = Site(plan(dead), sample_ms=0)
        config, faults = check(
            {
                "group": {"limit_a": 400, "raise_after_s": 2, "start_after_s": 2},
                "bus": dict(LINE),
                "meter": {"address": site.meter.address},
                "chargers": site.charger_configs(),
            }
        )
        if faults:
            raise ValueError(faults)
        self._answers = N - dead
        self._spent_us: dict[int, list[int]] = {}  # purpose -> of each answered request
        self._lost_us = self._floor_us = 0
        self._since_us = 0
        self._counts = False
        hooks = {"on_request": self._asked, "on_answer": self._told}
        self._run = Steered(site, config, TURNAROUND_MS, tick_ms=tick_ms, **hooks)
        poller = self._run.primary.poller
        self._run.until(FROM_S * 1000)
        self._counts, before = True, poller.rounds
        self._run.until(TO_S * 1000)
        self._cycles = poller.rounds - before

    @property
    def reads_us(self) -> float:
        """The reads of a cycle, and what the dead cost in one."""
        meter_us, status_us = mean(self._spent_us[METER]), mean(self._spent_us[STATUS])
        return meter_us + self._answers * status_us + self._lost_us / self._cycles

    @property
    def all_us(self) -> tuple[float, float]:
        """All of a cycle, and the least that the line needs for the answered part of it."""
        spent_us = sum(map(sum, self._spent_us.values())) + self._lost_us
        return spent_us / self._cycles, self._floor_us / self._cycles

    def _asked(self, request, purpose) -> None:
        self._since_us = self._run.clock.now_us

    def _told(self, request, purpose, result) -> None:
        if not self._counts:
            return
        span_us = self._run.clock.now_us - self._since_us
        if result == OK:
            self._spent_us.setdefault(purpose, []).append(span_us)
            self._floor_us += request_us(request)
        else:
            self._lost_us += span_us


def umodbus_us(dead: int) -> int:
    """One cycle of umodbus's client. Raises Missing."""
    site = Site(plan(dead), sample_ms=0)
    clock = Clock()
    line = Line(clock, site, LINE, TURNAROUND_MS)
    client = umodbus_client(clock, line, LINE)
    clock.sleep_us(FROM_S * 1_000_000)
    site.step(FROM_S * 1000)
    began_us = clock.now_us
    answered = 1
    client.read_input_registers(site.meter.address, *METER_READ, signed=False)
    for charger in site.chargers:
        try:
            client.read_holding_registers(charger.address, *BLOCKS[STATUS], signed=False)
            answered += 1
        except OSError:
            pass  # its word for no answer
    if answered != N + 1 - dead:
        raise RuntimeError(f"umodbus's client got {answered} answers")
    return clock.now_us - began_us


def measure() -> list[Row]:
    """The rows of the table."""
    floor = floor_us()
    try:
        rows = [row for dead in DEAD for row in _rows(dead, floor)]
    except Missing as why:
        return [Row("bus cycle", None, "<=", TARGETS[0], "x floor", f"skipped: {why}")]
    slow_us = Ours(0, tick_ms=10).reads_us
    name = "bus cycle where a sleep ends on a 10 ms tick, as on ESP32"
    return [*rows, _row(name, slow_us, floor)]


def _rows(dead: int, floor: int) -> list[Row]:
    """Ours, everything that ours does, and umodbus's."""
    ours = Ours(dead)
    all_us, all_floor_us = ours.all_us
    name = f"bus cycle, {dead} of {N} chargers dead"
    sent = f"{name}: all that was sent, by its own floor"
    client = f"{name}: umodbus's client, without the silence before a request"
    return [
        _row(name, ours.reads_us, floor, TARGETS.get(dead), ("loadrail", dead)),
        _row(sent, all_us, all_floor_us),
        _row(client, umodbus_us(dead), floor, None, ("umodbus", dead)),
    ]


def _row(name: str, spent_us: float, floor: float, target=None, series=None) -> Row:
    told = f"{spent_us / 1000:.0f} of {floor / 1000:.0f} ms"
    relation = None if target is None else "<="
    plot = series and ("bus cycle", *series)
    return Row(name, spent_us / floor, relation, target, "x floor", told, plot)
