# The primary of a group: tell it the time, ask it for the next request, tell it the answer.
#
# It does no I/O and has no clock. Bus 0 carries the chargers; the meter is on bus 0 too, or on
# bus 1. The caller carries one request a bus at a time and may call `tick` whenever it likes.
# If a decision cannot be finished, the core asks for nothing any more: the bus goes quiet, and the
# chargers' own watchdogs take over (S9).

from loadrail import demand, meters, polling
from loadrail.budget import METER_WAITING, Budget, Rules, limit_ma
from loadrail.chargers import Chargers
from loadrail.clock import add_ms, age_ms, diff_ms
from loadrail.decision import Allocator
from loadrail.request import OK, Request

CHARGER_BUS = 0

_DECIDE_EVERY_MS = 1000  # where nothing new has come
_SILENT_MS = 5000  # without an answer for so long, whether asked or not
_HOLD_EXTRA_MS = 10_000  # S8: charger and car follow their watchdog within 10 s
_STALE_DECISION_MS = 3000
_TIDY_EVERY_MS = 3_600_000

METER = 0  # what a request is for, beside those of polling


class Primary:
    """One group of chargers. `config` is what loadrail.config.check returned."""

    def __init__(self, config: dict, now_ms: int):
        self.decisions = 0  # finished ones
        self.uptime_s = 0
        self.meter_bad = 0  # meter answers that held no valid sample
        self.power_w = [0, 0, 0]
        self.voltage_mv = [None, None, None]
        self.budget = Budget(now_ms)
        self.chargers = None
        self._sample_ma = [0, 0, 0]
        self._requests = (Request(), Request())
        self._what = [None, None]  # METER, or a purpose of polling, under way on each bus
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
        old = self.chargers
        chargers = Chargers(len(config["chargers"]))
        for i, row in enumerate(config["chargers"]):
            chargers.place(i, row)
            if old is not None and row["address"] in old.address:
                chargers.inherit(i, old, old.address.index(row["address"]))
        self.chargers = chargers
        self.poller = polling.Poller(chargers, bus["timeout_ms"], group["cycle_ms"])
        self._rounds = 0
        self._allocator = Allocator(chargers.n, group)
        self.buses = 2 if meter and "bus" in meter else 1
        self.meter_bus = self.buses - 1 if meter else None
        self._model = meters.MODELS[meter["model"]] if meter else None
        self._meter_at = None  # last asked
        self._what = [None, None]
        self.budget.configure(now_ms, _budget_rules(group))
        self._news = True

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
        if poller.reading(now_ms, request):
            return self._ask(bus, request)
        return None

    def answer(self, bus: int, now_ms: int, result: int, words) -> None:
        """The end of the request under way on a bus.

        `result` is one of loadrail.request; `words` holds the registers read where it is OK, and
        is not kept.
        """
        what = self._what[bus]
        self._what[bus] = None
        if what is None:
            return  # a new configuration came in between: this answers a question of the old one
        if what != METER:
            self.poller.answer(now_ms, result, words)
        elif result == OK:
            self._take_sample(now_ms, words)
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
        """What the request under way on a bus is for: METER, polling.STATUS, SETTINGS or LIMIT."""
        return self._what[bus]

    @property
    def quiet(self) -> bool:
        """Whether the core has given up: an error in a decision."""
        return self._deciding

    # --- inside

    def _decide(self, now_ms) -> None:
        self._deciding = True
        self._news = False
        silent_ms = max(_SILENT_MS, 3 * self.poller.last_cycle_ms)
        self.chargers.age(now_ms, silent_ms)
        self.budget.update(now_ms, self.chargers)
        demand.update(now_ms, self.chargers)
        unheard = self.unheard(now_ms)
        self._allocator.decide(now_ms, self.chargers, self.budget, unheard, self._volts())
        if self.budget.meter != METER_WAITING:
            self.decisions += 1
        self._decided_at = now_ms
        self._deciding = False

    def _volts(self) -> int:
        """For a limit on power: the highest phase voltage, or the nominal one if that is more."""
        highest_mv = 230_000
        for here_mv in self.voltage_mv:
            if here_mv is not None and here_mv > highest_mv:
                highest_mv = here_mv
        return (highest_mv + 999) // 1000

    def _decision_is_fresh(self, now_ms) -> bool:
        """S9: limits are written, and so watchdogs fed, only after a decision on valid data."""
        if self.budget.meter == METER_WAITING:
            return False
        return age_ms(now_ms, self._decided_at) < _STALE_DECISION_MS

    def _ask(self, bus, request) -> Request:
        self._what[bus] = self.poller.what
        return request

    def _meter_due(self, bus, now_ms) -> bool:
        if bus != self.meter_bus:
            return False
        interval_ms = self.config["meter"]["update_interval_ms"]
        return age_ms(now_ms, self._meter_at) >= interval_ms

    def _ask_meter(self, bus, now_ms, request) -> Request:
        meter = self.config["meter"]
        function, first, count = self._model["read"]
        line = meter.get("bus", self.config["bus"])
        self._meter_at = now_ms
        self._what[bus] = METER
        return request.read(meter["address"], function, first, count, line["timeout_ms"])

    def _take_sample(self, now_ms, words) -> None:
        fine = meters.decode(self._model, words, self._sample_ma, self.power_w, self.voltage_mv)
        if not fine:
            self.meter_bad += 1
            return
        self.budget.sample(now_ms, self._sample_ma, self.chargers)
        self._news = True

    def _count_seconds(self, now_ms) -> None:
        while diff_ms(now_ms, self._second_at) >= 1000:
            self._second_at = add_ms(self._second_at, 1000)
            self.uptime_s += 1
        if age_ms(now_ms, self._tidy_at) >= _TIDY_EVERY_MS:
            self._tidy_at = now_ms
            self.chargers.clip_stamps(now_ms)


def _budget_rules(group: dict) -> Rules:
    reserve = (group["largest_load_a"], group["breaker_percent"])
    rules = Rules(
        group["type"] == "dynamic",
        limit_ma(group["limit_a"], group["margin_a"], *reserve),
        group["meter_loss_a"] * 1000,
        group["meter_stale_s"] * 1000,
    )
    rules.raise_after_ms = group["raise_after_s"] * 1000
    rules.start_after_ms = group["start_after_s"] * 1000
    return rules


assert METER not in (polling.STATUS, polling.SETTINGS, polling.LIMIT)
