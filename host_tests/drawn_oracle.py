"""An onlooker for drawn sites: oracle.py, and what is promised where there is no meter, where the
configuration changes, where the meter is wrong, and to those who wait for their turn.
"""

from drawn_truth import DrawnTruth
from frame_rules import TOUCH_MS, Frames
from oracle import FOR_ROOM, Oracle

from loadrail import presence, reasons
from loadrail_site import teltocharge as tc

MOST_OF_A_KIND = 6
OUT_OF_TOUCH = 3  # frames in a row that were lost
# Cable and power: who comes back to a new controller must be read before it can be lowered, and
# the read may wake its old limit.
BEYOND_MS = 1000
SERVED_MS = 60_000
LOOK_MS = 1000  # between looks at what takes long
STUCK_MS = 150_000  # a meter that stands still for so long, while the chargers' currents move
MOVED_MA = 5000
MOVED_MS = 60_000
NARROW_MS = 75_000  # a minute on fewer phases, and the readings at both its ends
TURN_SLACK_MS = 300_000
SPARE_MA = 2000  # what meter and core round, and what flutters
TO_ASK_MA = 4000  # a car finds 3 A more than it draws, rounded up to whole ones
QUIET_REASONS = (
    reasons.SOLAR_OFF,
    reasons.SUN_AWAITED,
    reasons.SUN_LASTS,
    reasons.SUN_TURN,
    reasons.SUN_SHARE,
    reasons.SUN_SHORT,
    reasons.SUN_TOPPED,
    reasons.SUN_UNKNOWN,
    reasons.CAP_TOO_LOW,
    reasons.OPERATOR,
    reasons.NOT_AUTHORISED,
)


class DrawnFrames(Frames):
    """The bus of a drawn site. A static group has no meter, and none that it could lose."""

    def __init__(self, oracle, units):
        self._away_ms = {}  # when so many frames were lost
        super().__init__(oracle, units)

    def configure(self, config):
        self._wrote_ms = dict.fromkeys(self._by_unit)  # another watchdog has other times
        self._group = config["group"]
        self._hold_s = min(self._hold_s, self._group["communication_timeout_s"])
        self.rows = {row["address"]: row for row in config["chargers"]}
        self._static = config["group"]["type"] == "static"

    def in_touch(self, unit, now_ms):
        """Out of touch is who was asked in vain; one whom nobody asks is no excuse."""
        away_ms = self._away_ms.get(unit)
        return away_ms is None or now_ms - away_ms >= TOUCH_MS or super().in_touch(unit, now_ms)

    def ended(self, bus, result, words, now_ms):
        super().ended(bus, result, words, now_ms)
        for unit, lost in self._in_a_row.items():
            if lost >= OUT_OF_TOUCH:
                self._away_ms[unit] = now_ms

    def meter_age_ms(self, now_ms):
        return 0 if self._static else super().meter_age_ms(now_ms)

    def sent(self, bus, request, now_ms):
        if self._static:
            self.meter_ms = now_ms
        super().sent(bus, request, now_ms)


class DrawnOracle(Oracle):
    """Watches `world`; see Oracle. `blind`: when the meter is wrong, see DrawnTruth."""

    def __init__(self, world, suspicions, blind):
        self._blamed = {}
        self._beyond_since = {}
        super().__init__(world, suspicions)
        self.truth = DrawnTruth(world.site, suspicions, blind)
        sources = self.truth.sources
        self.frames = DrawnFrames(self, {source.charger.address: source for source in sources})
        self._waits_ms = [0] * len(sources)  # beside others who charge in its place
        self._asks_ms = [0] * len(sources)  # for room at all
        self._blind_since = None
        self._moved_ms = 0
        self._draw_then_ma = None
        self.configured(world.primary.config)
        self.frames.begin(0)

    def configured(self, config):
        """This configuration holds from now on."""
        self.config = config
        self.truth.configure(config["group"])
        self.frames.configure(config)

    def blame(self, what, text):
        """Of each kind the first ones: one that goes on and on would hide the others."""
        self._blamed[what] = self._blamed.get(what, 0) + 1
        if self._blamed[what] <= MOST_OF_A_KIND:
            super().blame(what, text)

    def watch(self, primary):
        super().watch(primary)
        self._waits_ms = [0] * len(self.truth.sources)
        self._asks_ms = [0] * len(self.truth.sources)

    def restarted(self, primary):
        """The controller has lost power: `primary` knows nothing of what was seen."""
        self.watch(primary)
        for source in self.truth.sources:
            source.forget()

    # --- each step

    def _judge_flows(self, now_ms):
        super()._judge_flows(now_ms)
        before, self._beyond_since = self._beyond_since, {}
        for name, over in self.truth.beyond(now_ms):
            since_ms = self._beyond_since[name] = before.get(name, now_ms)
            if now_ms - since_ms >= BEYOND_MS:
                self.blame("S1", f"{name}: {over} over")

    def _step(self, now_ms):
        self._step_before(now_ms)
        self._look_at_flows(now_ms)
        self._take_events()
        for i, source in enumerate(self.truth.sources):
            self.frames.look_at_reach(source, now_ms)
            if not source.reachable():
                self._look_at_books(i, source)
            if source.charger.switches_under_load:
                source.charger.switches_under_load = 0
                self.blame("S11", f"charger {i + 1} was switched under current")
        self._look_at_meter_loss(now_ms)
        if now_ms - self._looked_ms >= LOOK_MS:
            passed_ms, self._looked_ms = now_ms - self._looked_ms, now_ms
            self._look_at_what_lasts(now_ms, passed_ms)

    def _look_at_what_lasts(self, now_ms, passed_ms):
        self._taken_now = None  # all that has been added up for somebody at this look
        for i, source in enumerate(self.truth.sources):
            if not source.reachable():
                self._over_ms[i] = 0  # then it has its time to follow again
            self._look_at_overdraw(i, source, now_ms, passed_ms)
            self._look_at_watchdog(i, source, now_ms)
            self._look_at_wait(i, source, now_ms)
            self._look_at_turn(i, source, passed_ms)
        if self.truth.is_blind(now_ms):
            self._look_at_stuck(now_ms, passed_ms)
        else:
            self._blind_since = None

    def _room_ma(self, source):
        """What of the circuit, the cable and the power nobody else may take."""
        group, row = self.config["group"], self._row(source)
        if group["imbalance_a"] or row["solar_mode"] != "fast":
            return 0  # theirs are rules of their own
        most_ma = self._taken_by_others_ma(source)
        for kept_ma in self._kept_ma(source):
            most_ma = [most_ma[phase] + kept_ma[phase] for phase in range(3)]
        unknown = row["phases"] == "unknown"
        phases = (0, 1, 2) if unknown else source.charger.grid_phases
        # What the house exports makes the circuit's own wires no thicker.
        house_ma = [max(0, ma) for ma in self.world.site.house_ma]
        limit_ma = (group["limit_a"] - group["margin_a"]) * 1000
        rooms = [limit_ma - house_ma[phase] - most_ma[phase] for phase in phases]
        if group["feeder_a"]:
            rooms += [group["feeder_a"] * 1000 - most_ma[phase] for phase in phases]
        if group["power_limit_w"]:
            rest_ma = group["power_limit_w"] * 1000 // 230 - sum(most_ma)
            rooms.append(rest_ma // len(phases))
        return min(rooms) - (max(row["min_a"], row["min_3p_a"]) - 6) * 1000

    def _taken_by_others_ma(self, source):
        if self._taken_now is None:
            self._taken_now = [self._taken_ma(each) for each in self.truth.sources]
        sums_ma = [0, 0, 0]
        for other, taken_ma in zip(self.truth.sources, self._taken_now, strict=True):
            if other is not source:
                for phase in range(3):
                    sums_ma[phase] += taken_ma[phase]
        return sums_ma

    def _kept_ma(self, source):
        """Of those who have waited for an interval, and are more important or wait for longer than
        this one: for them a place is kept, lest those who need fewer phases pass them by."""
        mine, i = self._row(source), self.truth.sources.index(source)
        for k, other in enumerate(self.truth.sources):
            row = self._row(other)
            first = (row["priority"], -self._asks_ms[k]) < (mine["priority"], -self._asks_ms[i])
            if first and self._asks_ms[k] > self.config["group"]["rotation_interval_s"] * 1000:
                kept_ma = max(row["min_a"], row["min_3p_a"]) * 1000
                phases = other.charger.grid_phases
                yield [kept_ma if phase in phases else 0 for phase in range(3)]

    def _taken_ma(self, source):
        """By phase. Whose phases are not known may take the most on each, and what he draws may
        be another's load as well: only the meter tells on which phase it is."""
        may_ma = source.may_ma
        car = source.charger.car
        if car is not None and car.error_percent:  # what it took beyond its limit is kept for it
            may_ma = [ma + ma * car.error_percent // 100 for ma in may_ma]
        draw_ma, most_ma = source.charger.grid_current_ma(), self._row(source)["max_a"] * 1000
        asks_ma = [min(most_ma, ma + TO_ASK_MA) if ma else 0 for ma in draw_ma]
        may_ma = [max(pair) for pair in zip(may_ma, asks_ma, strict=True)]
        if source.suspicion == "lie":  # who defies is booked what it says that it holds
            held_ma = source.charger.settings[tc.AMPS_TO_USE] * 1000
            for phase in source.charger.grid_phases:
                may_ma[phase] = max(may_ma[phase], held_ma)
        if self._row(source)["phases"] == "unknown":
            return [max(may_ma) + ma for ma in may_ma]
        charger = source.charger
        if charger.now_ms - charger.status_since_ms >= NARROW_MS:
            return may_ma
        # Until it is seen on which phases its car draws it counts on all that it has; who comes
        # first by priority may have all, until it is seen what his car makes use of.
        most_ma = max(may_ma)
        if most_ma and self.config["group"]["sharing"] == "priority":
            most_ma = max(most_ma, self._row(source)["max_a"] * 1000)
        return [most_ma if phase in charger.grid_phases else 0 for phase in range(3)]

    def _row(self, source):
        return self.frames.rows[source.charger.address]

    def _look_at_turn(self, i, source, passed_ms):
        """S10: in an equal group a turn comes within as many intervals as there are chargers,
        where one who charges could make room."""
        c, group = self.primary.chargers, self.config["group"]
        waits = c.limit_ma[i] == 0 and c.reason[i] in FOR_ROOM and source.obeys()
        if not waits or group["sharing"] != "equal":
            self._waits_ms[i] = self._asks_ms[i] = 0
            return
        self._asks_ms[i] += passed_ms
        if not self._could_change_places(i, source):
            return
        self._waits_ms[i] += passed_ms
        most_ms = c.n * group["rotation_interval_s"] * 1000 + TURN_SLACK_MS
        if self._waits_ms[i] > most_ms:
            self._waits_ms[i] = 0
            self.blame("S10", f"charger {i + 1} waits beside others for {most_ms // 1000} s")

    def _could_change_places(self, i, source):
        c = self.primary.chargers
        for k, other in enumerate(self.truth.sources):
            same = c.mask[k] & c.mask[i] == c.mask[i] and c.min_a[k] >= c.min_a[i]
            same = same and c.priority[k] >= c.priority[i]  # who is more important keeps his
            if k != i and same and other.told_ma and other.obeys() and not c.hold[k]:
                return True
        return False

    def _look_at_stuck(self, now_ms, passed_ms):
        """S5: a meter that stands still while the chargers' currents move is found out."""
        if not self.world.site.meter.stuck:
            return
        draw_ma = sum(sum(source.charger.draws_ma) for source in self.truth.sources)
        if self._blind_since is None:
            self._blind_since, self._moved_ms, self._draw_then_ma = now_ms, 0, draw_ma
        moved = abs(draw_ma - self._draw_then_ma) > MOVED_MA
        self._moved_ms = self._moved_ms + passed_ms if moved else 0
        if now_ms - self._blind_since < STUCK_MS or self._moved_ms < MOVED_MS:
            return
        for i, source in enumerate(self.truth.sources):
            if source.could_obey(now_ms) and source.told_ma:
                self.blame("S5", f"the meter is stuck, and charger {i + 1} has {source.told_ma}")

    # --- at the end

    def _look_at_end(self, i, source):
        c = self.primary.chargers
        if c.presence[i] == presence.ONLINE and c.reason[i] in QUIET_REASONS:
            return
        car, now_ms = source.charger.car, source.charger.now_ms
        if car is None or _has_wanted(car, now_ms):
            super()._look_at_end(i, source)


def _has_wanted(car, now_ms):
    """Whether it has been there, asking, for long enough to be served."""
    since_ms = now_ms - SERVED_MS
    rested = any(from_ms <= now_ms and until_ms > since_ms for from_ms, until_ms in car.rests)
    return car.plug_in_ms < since_ms and not rested
