# The primary of a group: tell it the time, ask it for the next request, tell it the answer.
#
# It does no I/O and has no clock. Bus 0 carries the chargers; the meter is on bus 0 or 1, or is
# clamps on no bus. The caller carries one request a bus at a time and may `tick` at any moment.
# If a decision cannot be finished, the core asks for nothing any more: the bus goes quiet, and the
# chargers' own watchdogs take over (S9).

from loadrail import alerts, columns, demand, events, holds, overdraw, polling
from loadrail.budget import METER_FINE, METER_STALE, METER_WAITING, Budget, rules_of
from loadrail.chargers import Chargers
from loadrail.clock import add_ms, age_ms, clip, diff_ms
from loadrail.decision import Allocator
from loadrail.inputs import Inputs
from loadrail.metering import Metering
from loadrail.orders import Orders
from loadrail.phase_fixed import phase_control
from loadrail.purposes import METER
from loadrail.request import TIMEOUT, Request

CHARGER_BUS = 0

_DECIDE_EVERY_MS = 1000  # where nothing new has come
_SILENT_MS = 5000  # without an answer for so long, whether asked or not
_HOLD_EXTRA_MS = 10_000  # S8: charger and car follow their watchdog within 10 s
_STALE_DECISION_MS = 3000
_TIDY_EVERY_MS = 3_600_000
_INTRUDER_MS = 60_000  # after another primary was heard nothing rises for so long


class Primary:
    """One group of chargers. `config` is what loadrail.config.check returned."""

    def __init__(self, config: dict, now_ms: int):
        self.decisions = 0  # finished ones
        self.uptime_s = 0
        self._meter_section = None  # of the configuration
        self.meter = None  # a Metering or a ClampMeter, in a dynamic group
        self.budget = Budget(now_ms)
        self.events = events.Events()
        self.inputs = Inputs(self.events)
        self.chargers = None
        self.orders = None
        self.phases = None
        self.solar = None  # a Solar, where a charger has a solar mode
        self.intruder_at = None  # when another primary was last heard on the chargers' bus
        self.wiring = None  # the last check of the wiring, see wiring.py
        self._requests = (Request(), Request())
        self._what = [None, None]  # a purpose (purposes.py), under way on each bus
        self._started_at = now_ms
        self._held_since_start = True
        self._second_at = now_ms
        self._tidy_at = now_ms
        self._decided_at = None
        self._deciding = False  # still True after an error in a decision: then all is quiet
        self._news = False
        self._rounds = 0
        self.configure(config, now_ms)

    def configure(self, config: dict, now_ms: int) -> None:
        """Take a whole configuration, also in mid-run: chargers keep what is known of them."""
        self.config = config
        group, bus, meter = config["group"], config["bus"], config.get("meter")
        cycle = self.poller.cycle if self.chargers else 0
        self._take_chargers(config["chargers"], group)
        parts = (self.chargers, self.events, self.orders, self.phases.switching)
        self.poller = polling.Poller(*parts, bus["timeout_ms"], group["cycle_ms"], cycle)
        self._rounds = 0
        self._meter_missed_in = None  # cycle of the chargers
        self._allocator = Allocator(self.chargers.n, group)
        self.buses = 2 if meter and "bus" in meter else 1
        self.meter_bus = self.buses - 1 if meter and "address" in meter else None
        self._take_meter(meter, bus)
        self.inputs.configure(config.get("inputs"))
        self._what = [None, None]
        phases = self.meter.phases if meter else 3
        self.budget.configure(now_ms, rules_of(group, phases))
        self._news = True

    def _take_meter(self, meter, bus) -> None:
        """The reader of a meter that stays goes on."""
        if meter is None:
            self.meter = self._meter_section = None
        elif self._meter_section != (meter, bus):
            self._meter_section = (meter, bus)
            if "address" in meter:
                self.meter = Metering(meter, meter.get("bus", bus), self.events)
            else:
                from loadrail.clamp_meter import ClampMeter

                self.meter = ClampMeter(meter, self.events)

    def _take_chargers(self, rows, group) -> None:
        """New tables, which take over what is known of the chargers that stay."""
        old = (self.chargers, self.orders, self.phases)
        n = len(rows)
        self.chargers = chargers = Chargers(n)
        self.orders = Orders(n, self.events)
        self.phases = phase_control(rows)
        chargers.wanted = (group["communication_timeout_s"], group["failsafe_current_a"])
        for i, row in enumerate(rows):
            chargers.place(i, row)
            if old[0] is not None and row["address"] in old[0].address:
                k = old[0].address.index(row["address"])
                chargers.inherit(i, old[0], k)
                columns.inherit(self.orders, i, old[1], k, old[0].n)
                self.phases.inherit(i, old[2], k)
            self.phases.configure(i, row, group)
        before, self.solar = self.solar, None
        if [row for row in rows if row["solar_mode"] != "fast"]:
            from loadrail.solar import made_of

            self.solar = made_of(rows, group, before, old[0])

    # --- in and out

    def next_request(self, bus: int, now_ms: int) -> "Request | None":
        """The next request for a bus, or None: nothing is due, ask again in some milliseconds.

        The Request belongs to the core and is valid until `answer` for this bus.
        """
        self.tick(now_ms)
        if self._deciding:
            return None
        request = self._requests[bus]
        self._what[bus] = None
        if bus != CHARGER_BUS:
            return self._ask_meter(bus, now_ms, request) if self._meter_due(bus, now_ms) else None
        poller = self.poller
        writable = self._decision_is_fresh(now_ms)
        if writable and poller.lowering(now_ms, request):
            return self._ask(bus, request)
        if self._meter_due(bus, now_ms):
            return self._ask_meter(bus, now_ms, request)
        if writable and poller.writing(now_ms, request):
            return self._ask(bus, request)
        if poller.reading(now_ms, request, writable):
            return self._ask(bus, request)
        return None

    def answer(self, bus: int, now_ms: int, result: int, words) -> None:
        """The end of the request under way on a bus.

        `result` is one of loadrail.request; `words` holds the registers read where it is OK, and
        is not kept.
        """
        what = self._what[bus]
        self._what[bus] = None
        if what == METER and result == TIMEOUT:
            self._meter_missed_in = self.poller.cycle  # S13: first the chargers' turn
        if what is None:
            return  # a new configuration came in between: this answers a question of the old one
        if what != METER:
            if self.poller.answer(now_ms, result, words):
                self._news = True
        elif self.meter.answer(now_ms, result, words, self.chargers):
            self.budget.sample(now_ms, self.meter.sample.current_ma, self.chargers)
            self._news = True
        self.tick(now_ms)

    def clamp_sample(self, now_ms: int, current_ma: list) -> None:
        """What the clamps read, mA RMS, L1 first; None where one has no reading."""
        clamps = self.meter if self.meter_bus is None else None
        if clamps and clamps.take(now_ms, current_ma, self.budget.limit_ma, self.chargers):
            self.budget.sample(now_ms, clamps.sample.current_ma, self.chargers)
            self._news = True
        self.tick(now_ms)

    def local_inputs(self, now_ms: int, position: "int | None", closed: "bool | None") -> None:
        """What the board's power selector (0..9) and contact show; None: not readable."""
        turned = self.inputs.take_selector(now_ms, position)
        if self.inputs.take_contact(now_ms, closed) or turned:
            self._news = True
        self.tick(now_ms)

    def tick(self, now_ms: int) -> None:
        """Let time work, and decide where there is something new to decide on."""
        if self._deciding:
            return
        self._count_seconds(now_ms)
        if self.poller.rounds != self._rounds:
            self._rounds = self.poller.rounds
            self._news = True
        if self._news or age_ms(now_ms, self._decided_at) >= _DECIDE_EVERY_MS:
            self._decide(now_ms)

    def unheard(self, now_ms: int) -> int:
        """How many chargers must still answer before anything may rise (S8)."""
        if not self._held_since_start:
            return 0
        missing = 0
        for known in self.chargers.known:
            missing += 0 if known else 1
        hold_ms = self.config["group"]["communication_timeout_s"] * 1000 + _HOLD_EXTRA_MS
        if missing == 0 or age_ms(now_ms, self._started_at) >= hold_ms:
            self._held_since_start = False
            return 0
        return missing

    def purpose(self, bus: int) -> int:
        """What the request under way on a bus is for, see purposes.py."""
        return self._what[bus]

    def intruder(self, now_ms: int, unit: int) -> None:
        """Another primary has asked `unit` on the chargers' bus."""
        if age_ms(now_ms, self.intruder_at) >= _INTRUDER_MS:
            self.events.add(now_ms, events.INTRUDER, events.NOBODY, unit)
        self.intruder_at = now_ms

    def alone(self, now_ms: int) -> bool:
        """Whether no other primary was heard of late."""
        return age_ms(now_ms, self.intruder_at) >= _INTRUDER_MS

    def order(self, kind: int, i: int, now_ms: int) -> "str | None":
        """An operator's order (orders.py) for charger `i`: None, or why it is refused."""
        return self.orders.ask(kind, i, now_ms, self.chargers)

    @property
    def quiet(self) -> bool:
        """Whether the core has given up: an error in a decision."""
        return self._deciding

    # --- inside

    def _decide(self, now_ms) -> None:
        self._deciding = True
        self._news = False
        chargers, budget = self.chargers, self.budget
        chargers.age(now_ms, max(_SILENT_MS, 3 * self.poller.last_cycle_ms))
        was = budget.meter
        budget.update(now_ms, chargers)
        self._tell_meter(now_ms, was)
        demand.update(now_ms, chargers)
        overdraw.look(now_ms, chargers, self.events)
        timeout_s = self.config["group"]["communication_timeout_s"]
        alerts.tell(now_ms, self.uptime_s, chargers, timeout_s, self.events)
        self.orders.look(now_ms, chargers)
        holds.update(now_ms, chargers, self.orders, self.inputs)
        if self.solar is not None:
            self.solar.update(now_ms, chargers, budget, self.phases.switching)
        self.phases.before(now_ms, chargers, self.events)
        if self.wiring is not None:
            self.wiring.step(now_ms, chargers, budget)
        allocator, unheard = self._allocator, self.unheard(now_ms)
        allocator.decide(now_ms, chargers, budget, unheard, self._volts(), self.alone(now_ms))
        rooms = (allocator.left_a, allocator.start_left_a)
        self.phases.after(now_ms, chargers, self.events, *rooms)
        for i in range(chargers.n):
            chargers.undecided[i] = False
        if self.budget.meter != METER_WAITING:
            self.decisions += 1
        self._decided_at = now_ms
        self._deciding = False

    def _tell_meter(self, now_ms, was) -> None:
        now = self.budget.meter
        if now == METER_STALE and was != METER_STALE:
            self.events.add(now_ms, events.METER_LOST)
        elif now == METER_FINE and was == METER_STALE:
            self.events.add(now_ms, events.METER_BACK)

    def _volts(self) -> int:
        """For a limit on power: the highest phase voltage, or the nominal one if that is more."""
        highest_mv = 230_000
        shown_mv = self.meter.sample.voltage_mv if self.meter else ()
        for here_mv in shown_mv:
            if here_mv is not None and here_mv > highest_mv:
                highest_mv = here_mv
        return (highest_mv + 999) // 1000

    def _decision_is_fresh(self, now_ms) -> bool:
        """S9: limits are written, and so watchdogs fed, only after a decision on valid data."""
        if self.budget.meter == METER_WAITING and not self.inputs.shut:
            return False
        return age_ms(now_ms, self._decided_at) < _STALE_DECISION_MS

    def _ask(self, bus, request) -> Request:
        self._what[bus] = self.poller.exchange.what
        return request

    def _meter_due(self, bus, now_ms) -> bool:
        if bus != self.meter_bus:
            return False
        reader = self.meter.reader
        if bus == CHARGER_BUS:
            if self._meter_missed_in == self.poller.cycle or not reader.leaves_room(now_ms):
                return False
        return reader.due(now_ms)

    def _ask_meter(self, bus, now_ms, request) -> "Request | None":
        if not self.meter.reader.next(request, now_ms):
            return None
        self._what[bus] = METER
        return request

    def _count_seconds(self, now_ms) -> None:
        if diff_ms(now_ms, self._second_at) < 1000:
            return
        while diff_ms(now_ms, self._second_at) >= 1000:
            self._second_at = add_ms(self._second_at, 1000)
            self.uptime_s += 1
        if age_ms(now_ms, self._tidy_at) >= _TIDY_EVERY_MS:
            self._tidy_at = now_ms
            self.intruder_at = clip(now_ms, self.intruder_at)
            for table in (self.chargers, self.orders):
                columns.clip_stamps(table, clip, now_ms)
            self.phases.clip_stamps(now_ms)
            if self.solar is not None:
                self.solar.clip_stamps(now_ms)
