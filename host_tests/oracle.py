"""An onlooker who knows the truth of a site and checks S1 to S13 on every frame and every step.

Nothing is taken from the core but what must be compared: what it books for who is silent (S6),
whom it tells of or pauses (S7), the reasons it gives. `faults` holds what was broken, a line each.
"""

from truth import Truth

from loadrail import events, presence, reasons
from loadrail.request import EXCEPTION, OK, TIMEOUT
from loadrail_site import teltocharge as tc

MOST_FAULTS = 40
FOLLOW_MS = 10_000  # a charger has 5 s for its signal and its car 5 s more (IEC 61851-1)
DECIDE_MS = 1000
JUST_MS = 1000
LOST_MS = 6000  # by then a lower limit has arrived though one frame in ten is lost
FLOWING_MA = 1000
OVER_MS = 30_000
DEAD_AFTER_MS = 15_000
BACK_MS = 60_000
STARVES_MS = 15_000

ACCUSED = (events.OVERDRAW, events.OVERDRAW_PAUSED, events.DEFIES, events.FROZEN)
TOLD = (*ACCUSED, events.LIMIT_CHANGED)
# Reasons for 0 A that a person may be given: want of room, which is looked into, and others.
FOR_ROOM = (
    reasons.NO_ROOM,
    reasons.TURN_AWAITED,
    reasons.STABLE_AWAITED,
    reasons.RISING,
)
WAITS = (*FOR_ROOM, reasons.SWITCHING, reasons.OVERDRAW, reasons.OVERDRAW_FOR_GOOD)


class Oracle:
    """Watches `world`. `suspicions`: for each charger (kind, from_ms, until_ms), see truth.py."""

    def __init__(self, world, suspicions):
        self.world = world
        self.faults = []
        self.truth = Truth(world.site, suspicions)
        self.by_unit = {s.charger.address: s for s in self.truth.sources}
        self.group = world.primary.config["group"]
        self.told = {}  # unit -> codes of its events
        self.most_a = {row["address"]: row for row in world.primary.config["chargers"]}
        n = len(self.truth.sources)
        self.hold_ma = dict.fromkeys(self.by_unit, 0)  # the most that an honest one may hold
        self._told_at = {}  # unit -> [(ms, mA)], its limits of the last FOLLOW_MS
        self._wrote_ms = {}  # unit -> its last write of a limit that went out
        self._missed = dict.fromkeys(self.by_unit, 0)  # frames lost since then
        self._dead_ms = dict.fromkeys(self.by_unit)  # since when it is beyond reach
        self._back_ms = dict.fromkeys(self.by_unit, 0)
        self._spoke_ms = dict.fromkeys(self.by_unit, 0)  # its last answer
        self._over_ms = [0] * n
        self._starves_ms = [None] * n
        self._looked_ms = 0
        self._meter_ms = None
        self._began_ms = 0  # when the present controller did
        self._heard = set()
        self._written = False
        self._waits = []  # (ms, how long) of the frames that nobody answered of late
        self._sent_ms = [0, 0]
        self._dead_waits = 0  # time-outs of devices that are long dead, beyond one a cycle
        self._cycle = 0
        self._request = [None, None]
        self._wrap()

    def _wrap(self):
        run, site = self.world.run, self.world.site
        self._frame_before, self._step_before = run.on_frame, site.step
        run.on_frame = self._frame
        site.step = self._step
        self.watch(self.world.primary)

    def watch(self, primary):
        """This controller has the bus from now on."""
        self.primary = primary
        self._began_ms = self.world.run.now_ms
        self._meter_ms = None
        self._heard = set()
        answer = primary.answer

        def seen(bus, now_ms, result, words):
            self._answered(bus, self._request[bus], result, words)
            answer(bus, now_ms, result, words)

        primary.answer = seen

    def blame(self, what, text):
        """Note a fault; `what` is the invariant's number."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(f"{self.world.run.now_ms / 1000:.2f} s {what}: {text}")

    # --- each step of the site

    def _step(self, now_ms):
        self._step_before(now_ms)
        passed_ms = now_ms - self._looked_ms
        self._looked_ms = now_ms
        self._take_events()
        self._look_at_flows(now_ms)
        for i, source in enumerate(self.truth.sources):
            self._look_at_reach(source, now_ms)
            self._look_at_books(i, source)
            self._look_at_overdraw(i, source, now_ms, passed_ms)
            self._look_at_watchdog(source, now_ms)
            self._look_at_wait(i, source, now_ms)
            if source.charger.switches_under_load:
                self.blame("S11", f"charger {i + 1} was switched under current")
                source.charger.switches_under_load = 0
        self._look_at_meter_loss(now_ms)

    def _take_events(self):
        while (event := self.primary.events.take()) is not None:
            _, code, i, *_ = event
            if i == events.NOBODY:
                continue
            source = self.truth.sources[i]
            self.told.setdefault(source.charger.address, []).append(code)
            if code in ACCUSED and not source.suspicions:
                self.blame("S7", f"charger {i + 1} is honest, and accused: event {code}")

    def _look_at_flows(self, now_ms):
        """S1."""
        self.truth.look(now_ms)
        for phase in range(3):
            excess_ma = self.truth.excess_ma(phase)
            if excess_ma > 0:
                parts = [source.counted_ma[phase] for source in self.truth.sources]
                house_ma = self.truth.house_ma[phase]
                self.blame(
                    "S1", f"L{phase + 1} {excess_ma} mA over: house {house_ma}, chargers {parts}"
                )
        if self.world.site.breaker.tripped and not self._written_trip():
            self.blame("S1", "the breaker has tripped")

    def _written_trip(self):
        return any("breaker" in line for line in self.faults)

    def _look_at_reach(self, source, now_ms):
        unit = source.charger.address
        if source.reachable():
            if self._dead_ms[unit] is not None:
                self._back_ms[unit] = now_ms
            self._dead_ms[unit] = None
        elif self._dead_ms[unit] is None:
            self._dead_ms[unit] = now_ms

    def _look_at_books(self, i, source):
        """S6: for who is silent at least what he may draw is booked."""
        charger = source.charger
        if source.suspicions or not (charger.deaf or charger.silent):
            return
        allowed_ma = source.allowed_ma()
        for phase in source.phases():
            booked_ma = self.primary.chargers.booked_ma(i, phase)
            if booked_ma < allowed_ma:
                self.blame("S6", f"charger {i + 1} is silent at {allowed_ma}, booked {booked_ma}")
                return

    def _look_at_overdraw(self, i, source, now_ms, passed_ms):
        """S7: who draws more than he may for long is told of."""
        rows = self._told_at.get(source.charger.address, [])
        while len(rows) > 1 and now_ms - rows[1][0] >= FOLLOW_MS:
            rows.pop(0)
        may_ma = max([ma for _, ma in rows], default=32_000)
        draw_ma = max(source.charger.draws_ma, default=0)
        if draw_ma <= may_ma + max(may_ma // 10, 500) or not source.reachable():
            return
        self._over_ms[i] += passed_ms
        if self._over_ms[i] > OVER_MS:
            told = self.told.get(source.charger.address, [])
            if not any(code in TOLD for code in told):
                self.blame("S7", f"charger {i + 1} draws {draw_ma} of {may_ma}, and nobody tells")
                self._over_ms[i] = 0

    def _look_at_watchdog(self, source, now_ms):
        """S9: who can be reached is fed, as long as there is a meter."""
        charger = source.charger
        unit = charger.address
        if source.suspicions or not charger.watchdog.expired(now_ms):
            return
        since_ms = max(self._back_ms[unit], self._began_ms, self._meter_ms or now_ms)
        if self._dead_ms[unit] is None and now_ms - since_ms > BACK_MS:
            self.blame("S9", f"address {unit} can be reached, and its watchdog has run out")

    def _look_at_wait(self, i, source, now_ms):
        """Nobody waits for want of current who would find plenty for long."""
        c = self.primary.chargers
        waits = c.limit_ma[i] == 0 and c.reason[i] in FOR_ROOM and source.reachable()
        room_ma = min([self._room_ma(phase) for phase in source.charger.grid_phases])
        if not waits or room_ma < 8000:
            self._starves_ms[i] = None
        elif self._starves_ms[i] is None:
            self._starves_ms[i] = now_ms

    def _room_ma(self, phase):
        total_ma = self.world.site.house_ma[phase]
        for source in self.truth.sources:
            total_ma += source.counted_ma[phase]
        return self.truth.limit_ma - total_ma

    def _look_at_meter_loss(self, now_ms):
        """S5: without a meter all are told what was configured for that: here 0."""
        if self._meter_age_ms(now_ms) < self.group["meter_stale_s"] * 1000 + LOST_MS:
            return
        for unit, source in self.by_unit.items():
            steady = self._dead_ms[unit] is None and now_ms - self._back_ms[unit] > LOST_MS
            if steady and not source.suspicions and source.told_ma:
                self.blame("S5", f"no meter, and address {unit} is told {source.told_ma}")

    def _meter_age_ms(self, now_ms):
        return now_ms - (self._began_ms if self._meter_ms is None else self._meter_ms)

    # --- each frame

    def _frame(self, bus, request, now_ms):
        self._frame_before(bus, request, now_ms)
        self._request[bus] = request
        self._sent_ms[bus] = now_ms
        if self._written:
            self._written = False
            self._look_at_flows(now_ms)
        source = self.by_unit.get(request.unit)
        if request.values is None or source is None:
            return
        self._written = True
        words = list(request.values[: request.count])
        for register, word in enumerate(words, request.register):
            if register == tc.PHASE_TO_USE:
                self._phases_written(source, word)
            elif register == tc.AMPS_TO_USE:
                self._limit_written(request.unit, source, word, now_ms)

    def _phases_written(self, source, word):
        """S11."""
        draw_ma = max(source.charger.draws_ma)
        if draw_ma >= FLOWING_MA:
            self.blame("S11", f"phases {word} are written while {draw_ma} mA flow")
        if source.told_ma:
            self.blame("S11", f"phases {word} are written at a limit of {source.told_ma}")

    def _limit_written(self, unit, source, amps, now_ms):
        limit_ma = amps * 1000
        row = self.most_a[unit]
        most_a = min(row["max_a"], source.charger.max_a)
        if amps and not row["min_a"] <= amps <= most_a:
            self.blame("S3", f"address {unit} is told {amps} A")
        stale_ms = self.group["meter_stale_s"] * 1000 + DECIDE_MS
        if amps and self._meter_age_ms(now_ms) > stale_ms:
            self.blame("S9", f"address {unit} is told {amps} A without a meter")
        if self._meter_ms is None and self._meter_age_ms(now_ms) < stale_ms - DECIDE_MS:
            self.blame("S9", f"address {unit} is told {amps} A before any sample")
        if limit_ma > self.hold_ma[unit]:
            self._raised(unit, source, limit_ma, now_ms)
        self._refreshed(unit, now_ms)
        self.hold_ma[unit] = max(self.hold_ma[unit], limit_ma)
        source.told_ma = limit_ma
        self._told_at.setdefault(unit, []).append((now_ms, limit_ma))

    def _raised(self, unit, source, limit_ma, now_ms):
        """S2: what must be lower has said so. S8: and all have been heard since a start."""
        for phase in source.phases():
            total_ma = self.truth.house_ma[phase] + limit_ma
            for other, there in self.by_unit.items():
                if other != unit:
                    total_ma += self._surely_ma(other, there, phase)
            if total_ma > self.truth.limit_ma:
                over_ma = total_ma - self.truth.limit_ma
                self.blame("S2", f"address {unit} rises to {limit_ma}: L{phase + 1} +{over_ma}")
        missing = set(self.by_unit) - self._heard
        wait_ms = self.group["communication_timeout_s"] * 1000 + FOLLOW_MS
        if missing and now_ms - self._began_ms < wait_ms:
            self.blame("S8", f"address {unit} rises before {sorted(missing)} have answered")

    def _surely_ma(self, unit, source, phase):
        """What it may hold, by the frames that were answered; of who is not honest, the truth."""
        silent = self._dead_ms[unit] is not None or self._spoke_ms[unit] < self._back_ms[unit]
        if source.suspicions or silent:
            return source.counted_ma[phase]
        return self.hold_ma[unit] if phase in source.phases() else 0

    def _refreshed(self, unit, now_ms):
        """S9: a third of the watchdog's time; a cycle more where a frame to it was lost, and what
        others' time-outs took just before. Who missed twice waits for his turn among the dead,
        but not until his watchdog runs out."""
        before_ms = self._wrote_ms.get(unit)
        since_ms = max(self._back_ms[unit], self._began_ms)
        steady = before_ms is not None and before_ms > since_ms and now_ms - since_ms > BACK_MS
        self._wrote_ms[unit] = now_ms
        lost, self._missed[unit] = self._missed[unit], 0
        if not steady or self.by_unit[unit].suspicions or self._dead_ms[unit] is not None:
            return
        timeout_ms = self.group["communication_timeout_s"] * 1000
        cycle_ms = max(self.group["cycle_ms"], self.primary.poller.last_cycle_ms)
        most_ms = timeout_ms // 3 + lost * 2 * cycle_ms if lost < 2 else timeout_ms
        most_ms += sum(waited_ms for at_ms, waited_ms in self._waits if now_ms - at_ms < JUST_MS)
        if now_ms - before_ms > most_ms:
            span_ms = now_ms - before_ms
            self.blame("S9", f"address {unit} is written after {span_ms} ms, lost {lost}")

    def _answered(self, bus, request, result, words):
        """The end of a request, before the core hears of it."""
        if request is None:
            return
        now_ms = self.world.run.now_ms
        unit = request.unit
        if result == TIMEOUT:
            self._waits.append((now_ms, now_ms - self._sent_ms[bus]))
            self._waits = self._waits[-20:]
        if unit == self.world.site.meter.address:
            self._meter_ms = now_ms if result == OK else self._meter_ms
            return
        if result in (OK, EXCEPTION):
            self._heard.add(unit)
            self._spoke_ms[unit] = now_ms
        else:
            self._missed[unit] += 1
        if result == TIMEOUT:
            self._waited(unit, now_ms)
        first, count = request.register, request.count
        if result != OK or not first <= tc.AMPS_TO_USE < first + count:
            return
        words = request.values if words is None else words
        self.hold_ma[unit] = words[tc.AMPS_TO_USE - first] * 1000

    def _waited(self, unit, now_ms):
        """S13: those who are long dead cost one time-out a cycle, all together."""
        dead_ms = self._dead_ms[unit]
        if dead_ms is None or now_ms - max(dead_ms, self._began_ms) < DEAD_AFTER_MS:
            return
        cycle = self.primary.poller.cycle
        self._dead_waits = self._dead_waits + 1 if cycle == self._cycle else 1
        self._cycle = cycle
        if self._dead_waits > 1:
            self.blame("S13", f"{self._dead_waits} time-outs of the dead in one cycle")

    # --- at the end

    def finish(self):
        """A minute after the last fault all is well again."""
        c, now_ms = self.primary.chargers, self.world.run.now_ms
        if self.primary.quiet:
            self.blame("S9", "the core has given up")
        for i, source in enumerate(self.truth.sources):
            charger, who = source.charger, f"charger {i + 1}"
            if source.suspicion(now_ms) is not None or not source.reachable():
                continue
            if c.presence[i] != presence.ONLINE or not c.known[i]:
                self.blame("back", f"{who} answers, presence {c.presence[i]}")
            held_ma = charger.settings[tc.AMPS_TO_USE] * 1000
            if held_ma != source.told_ma:
                self.blame("back", f"{who} holds {held_ma}, told {source.told_ma}")
            wants = charger.car is not None and not charger.car.is_full()
            if wants and not charger.is_drawing() and c.reason[i] not in WAITS:
                if c.limit_ma[i] == 0:
                    self.blame("back", f"{who} has 0 A for reason {c.reason[i]}")
            starves_ms = self._starves_ms[i]
            if starves_ms is not None and now_ms - starves_ms > STARVES_MS:
                self.blame("back", f"{who} finds plenty since {starves_ms}, reason {c.reason[i]}")
        return self.faults
