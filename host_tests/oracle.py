"""An onlooker who knows the truth of a site and checks S1 to S13 on every frame and every step.

Nothing is taken from the core but what must be compared: what it books for who is silent (S6),
whom it tells of or pauses (S7), the reasons it gives. `faults` holds what was broken, a line each.
"""

from frame_rules import Frames
from truth import Truth

from loadrail import events, presence, reasons
from loadrail.clock import age_ms
from loadrail_site import teltocharge as tc

MOST_FAULTS = 40
LOST_MS = 6000  # by then a lower limit has arrived though one frame in ten is lost
LOST_IN_A_ROW = 3  # as good as beyond reach, for a while
OVER_MS = 30_000
FED_AFTER_MS = 30_000  # by then who can be reached, or is back, is fed again
STARVES_MS = 15_000
ON_ITS_WAY_MS = 2000  # what has just been decided waits for its turn on the line
ROOM_MA = 8000  # a minimum, and something for what meter and core round

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
        by_unit = {source.charger.address: source for source in self.truth.sources}
        self.frames = Frames(self, by_unit)
        n = len(self.truth.sources)
        self._told = [set() for _ in range(n)]  # codes of its events
        self._over_ms = [0] * n  # how long it has drawn too much in all
        self._starves_ms = [None] * n  # since when it waits beside plenty of room
        self._looked_ms = 0
        self._tripped = False
        self._frame_before, self._step_before = world.run.on_frame, world.site.step
        world.run.on_frame = self._frame
        world.site.step = self._step
        self.watch(world.primary)

    def watch(self, primary):
        """This controller has the bus from now on."""
        self.primary = primary
        self.frames.begin(self.world.run.now_ms)
        answer = primary.answer

        def seen(bus, now_ms, result, words):
            self.frames.ended(bus, result, words, self.world.run.now_ms)
            answer(bus, now_ms, result, words)

        primary.answer = seen

    def blame(self, what, text):
        """Note a fault; `what` is the invariant's number."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(f"{self.world.run.now_ms / 1000:.2f} s {what}: {text}")

    def _frame(self, bus, request, now_ms):
        self._frame_before(bus, request, now_ms)
        written = self.frames.written  # by the frame before, which has done its work
        if written is not None and self.truth.look_at(written, now_ms):
            self._judge_flows(now_ms)
        self.frames.sent(bus, request, now_ms)

    # --- each step of the site

    def _step(self, now_ms):
        self._step_before(now_ms)
        passed_ms, self._looked_ms = now_ms - self._looked_ms, now_ms
        self._look_at_flows(now_ms)
        self._take_events()
        for i, source in enumerate(self.truth.sources):
            self.frames.look_at_reach(source, now_ms)
            self._look_at_books(i, source)
            self._look_at_overdraw(i, source, now_ms, passed_ms)
            self._look_at_watchdog(i, source, now_ms)
            self._look_at_wait(i, source, now_ms)
            if source.charger.switches_under_load:
                source.charger.switches_under_load = 0
                self.blame("S11", f"charger {i + 1} was switched under current")
        self._look_at_meter_loss(now_ms)

    def _take_events(self):
        while (event := self.primary.events.take()) is not None:
            _, code, i, *_ = event
            if i == events.NOBODY:
                continue
            self._told[i].add(code)
            if code in ACCUSED and self.truth.sources[i].suspicion is None:
                self.blame("S7", f"charger {i + 1} is honest, and accused: event {code}")

    def _look_at_flows(self, now_ms):
        self.truth.look(now_ms, self.frames.meter_age_ms(now_ms))
        self._judge_flows(now_ms)

    def _judge_flows(self, now_ms):
        """S1."""
        for phase in range(3):
            excess_ma = self.truth.excess_ma(phase)
            if excess_ma <= 0:
                continue
            parts = [source.counted_ma[phase] for source in self.truth.sources]
            where = f"L{phase + 1} {excess_ma} mA over"
            house_ma = self.truth.house_ma[phase]
            self.blame("S1", f"{where}: house {house_ma}, chargers {parts}")
        if self.truth.breaker.tripped and not self._tripped:
            self._tripped = True
            self.blame("S1", "the breaker has tripped")

    def _look_at_books(self, i, source):
        """S6: for who is silent at least what he may draw is booked."""
        charger = source.charger
        if source.suspicion is not None or not (charger.deaf or charger.silent):
            return
        allowed_ma = source.allowed_ma()
        for phase in source.phases():
            booked_ma = self.primary.chargers.booked_ma(i, phase)
            if booked_ma < allowed_ma:
                self.blame("S6", f"charger {i + 1} is silent at {allowed_ma}, booked {booked_ma}")
                return

    def _look_at_overdraw(self, i, source, now_ms, passed_ms):
        """S7: who draws more than he may for long is told of."""
        may_ma = self.frames.may_ma(source.charger.address, now_ms)
        draw_ma = max(source.charger.draws_ma)
        if may_ma is None or not source.reachable():
            return
        if draw_ma > may_ma + max(may_ma // 10, 500):
            self._over_ms[i] += passed_ms
        if self._over_ms[i] > OVER_MS and not self._told[i].intersection(TOLD):
            self._over_ms[i] = 0
            self.blame("S7", f"charger {i + 1} draws {draw_ma} of {may_ma}, and nobody tells")

    def _look_at_watchdog(self, i, source, now_ms):
        """S9: who can be reached is fed."""
        charger, frames = source.charger, self.frames
        if not source.obeys() or not charger.watchdog.expired(now_ms):
            return
        if frames.lost_writes[charger.address] >= LOST_IN_A_ROW:
            return
        if not frames.in_touch(charger.address, now_ms):
            return
        if now_ms - max(frames.back_ms[charger.address], frames.began_ms) > FED_AFTER_MS:
            self.blame("S9", f"charger {i + 1} can be reached, and its watchdog has run out")

    def _look_at_wait(self, i, source, now_ms):
        """Nobody waits for want of current who would find plenty for long."""
        c = self.primary.chargers
        waits = c.limit_ma[i] == 0 and c.reason[i] in FOR_ROOM and source.obeys()
        if not waits or self._room_ma(source) < ROOM_MA:
            self._starves_ms[i] = None
        elif self._starves_ms[i] is None:
            self._starves_ms[i] = now_ms

    def _room_ma(self, source):
        """What nobody else may take, on the fullest of its phases."""
        taken_ma = [max(0, ma) for ma in self.world.site.house_ma]  # exports are not dealt out
        for other in self.truth.sources:
            for phase in range(3):
                taken_ma[phase] += other.may_ma[phase]
        return self.truth.limit_ma - max([taken_ma[phase] for phase in source.charger.grid_phases])

    def _look_at_meter_loss(self, now_ms):
        """S5: without a meter all are told what was configured for that: here 0."""
        frames = self.frames
        stale_ms = self.primary.config["group"]["meter_stale_s"] * 1000
        if frames.meter_age_ms(now_ms) < stale_ms + LOST_MS:
            return
        for i, source in enumerate(self.truth.sources):
            back_ms = frames.back_ms[source.charger.address]
            obeys = source.obeys() and frames.in_touch(source.charger.address, now_ms)
            if obeys and now_ms - back_ms > LOST_MS and source.told_ma:
                self.blame("S5", f"no meter, and charger {i + 1} is told {source.told_ma}")

    # --- at the end

    def finish(self):
        """A minute after the last fault all is well again. The faults, a line each."""
        if self.primary.quiet:
            self.blame("S9", "the core has given up")
        for i, source in enumerate(self.truth.sources):
            if source.obeys():
                self._look_at_end(i, source)
        return self.faults

    def _look_at_end(self, i, source):
        c, charger, who = self.primary.chargers, source.charger, f"charger {i + 1}"
        if c.presence[i] != presence.ONLINE or not c.known[i]:
            self.blame("back", f"{who} answers, presence {c.presence[i]}")
        held_ma = charger.settings[tc.AMPS_TO_USE] * 1000
        if held_ma != source.told_ma:
            self.blame("back", f"{who} holds {held_ma}, told {source.told_ma}")
        wants = charger.car is not None and not charger.car.is_full()
        raised_ms = age_ms(self.world.run.ticks_ms(), c.raised_at[i])
        told_ma = source.told_ma or (raised_ms < ON_ITS_WAY_MS and c.limit_ma[i])
        if wants and not told_ma and c.reason[i] not in WAITS:
            self.blame("back", f"{who} has 0 A for reason {c.reason[i]}")
        starves_ms = self._starves_ms[i]
        if starves_ms is not None and self._looked_ms - starves_ms > STARVES_MS:
            self.blame("back", f"{who} finds plenty since {starves_ms}, reason {c.reason[i]}")
