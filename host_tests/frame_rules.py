"""What may be seen on the bus of a controller: S2, S3, S8, S9, S11 and S13, frame by frame.

`Frames` hears each request as it goes out and each end of one before the core does; what it
remembers is by address, in milliseconds of the run and milliamperes.
"""

from loadrail.core import CHARGER_BUS
from loadrail.request import EXCEPTION, OK, TIMEOUT
from loadrail_site import teltocharge as tc

FOLLOW_MS = 10_000  # a charger has 5 s for its signal and its car 5 s more (IEC 61851-1)
DECIDE_MS = 1000
JUST_MS = 1000
FLOWING_MA = 1000
DEAD_AFTER_MS = 15_000
TOUCH_MS = 6000
STEADY_MS = 60_000  # after a start or a silence, times of refreshes are judged again


class Frames:
    """The bus of one site; `oracle` has its truth, and is told of faults."""

    def __init__(self, oracle, units):
        self._oracle = oracle
        self._truth = oracle.truth
        self._site = oracle.world.site
        config = oracle.world.primary.config
        self._group = config["group"]
        self._hold_s = self._group["communication_timeout_s"]
        self.rows = {row["address"]: row for row in config["chargers"]}
        self._by_unit = units
        self.told = {unit: [] for unit in units}  # (ms, mA) of late, see `may_ma`
        self.meter_ms = None  # its last answer to the present controller
        self.began_ms = 0  # when that one did
        self.dead_ms = dict.fromkeys(units)  # since when a charger is beyond reach
        self.back_ms = dict.fromkeys(units, 0)  # when it last came back
        self.written = None  # the source that the last frame may have changed
        self._heard = set()
        self._hold_ma = dict.fromkeys(units, 0)  # the most that an honest charger may hold
        self._wrote_ms = dict.fromkeys(units)  # its last write of a limit that went out
        self._missed = dict.fromkeys(units, 0)  # frames to it that were lost since then
        self.lost_writes = dict.fromkeys(units, 0)  # of its limit, in a row
        self._in_a_row = dict.fromkeys(units, 0)
        self._most_in_a_row = dict.fromkeys(units, 0)  # since the write before
        self._spoke_ms = dict.fromkeys(units, 0)  # its last answer
        self._talks_ms = dict.fromkeys(units, 0)  # its first one after a pause
        self._serial = dict.fromkeys(units)  # as it was last shown
        self._waits = []  # (ms, how long) of the frames of late to nobody, or to a meter here
        self._sent = {}  # bus -> (ms, request) under way
        self._dead_waits = 0  # time-outs of the long dead in this cycle
        self._cycle = None

    def begin(self, now_ms):
        """Another controller has the bus."""
        self._hold_s = self._group["communication_timeout_s"]
        self.began_ms = now_ms
        self._cycle, self._dead_waits = None, 0
        self.meter_ms = None
        self._heard = set()

    def meter_age_ms(self, now_ms):
        return now_ms - (self.began_ms if self.meter_ms is None else self.meter_ms)

    def in_touch(self, unit, now_ms):
        """Whether it has answered for a while: who has not, by bad luck with four frames in a
        row, waits for his turn among the dead. (At the end all of them must be back.)"""
        began_ms = self._talks_ms[unit]
        return now_ms - self._spoke_ms[unit] < TOUCH_MS and now_ms - began_ms >= TOUCH_MS

    def may_ma(self, unit, now_ms):
        """The most that it was told within the time that charger and car have to follow."""
        rows = self.told[unit]
        while len(rows) > 1 and now_ms - rows[1][0] >= FOLLOW_MS:
            rows.pop(0)
        return max([ma for _, ma in rows], default=None)

    def look_at_reach(self, source, now_ms):
        unit = source.charger.address
        if not source.reachable():
            self.dead_ms[unit] = now_ms if self.dead_ms[unit] is None else self.dead_ms[unit]
        elif self.dead_ms[unit] is not None:
            self.dead_ms[unit] = None
            self.back_ms[unit] = now_ms

    # --- what goes out

    def sent(self, bus, request, now_ms):
        self._sent[bus] = (now_ms, request)
        source = self._by_unit.get(request.unit)
        self.written = None if request.values is None else source
        if self.written is None:
            if source is not None and request.unit not in self._heard:
                self._first_read(source, now_ms)
            return
        for register, word in enumerate(request.values[: request.count], request.register):
            if register == tc.PHASE_TO_USE:
                self._phases_written(source, word)
            elif register == tc.AMPS_TO_USE:
                self._limit_written(request.unit, source, word, now_ms)

    def _first_read(self, source, now_ms):
        """Nobody can know before that its watchdog has run out, and any frame may wake it."""
        charger = source.charger
        if source.suspicion is None and charger.watchdog.expired(now_ms):
            any_frame = charger.reading["fed_by"] == "any"
            source.suspect("woken by a read" if any_frame else "woken", now_ms)

    def _phases_written(self, source, word):
        """S11."""
        draw_ma = max(source.charger.draws_ma)
        if draw_ma >= FLOWING_MA:
            self._oracle.blame("S11", f"phases {word} are written while {draw_ma} mA flow")
        if source.told_ma:
            self._oracle.blame("S11", f"phases {word} are written at a limit of {source.told_ma}")

    def _limit_written(self, unit, source, amps, now_ms):
        blame, limit_ma = self._oracle.blame, amps * 1000
        row = self.rows[unit]
        most_a = min(row["max_a"], source.charger.max_a)
        if amps and not row["min_a"] <= amps <= most_a:
            blame("S3", f"address {unit} is told {amps} A")
        stale_ms = self._group["meter_stale_s"] * 1000
        if amps and self.meter_age_ms(now_ms) > stale_ms + DECIDE_MS:
            blame("S9", f"address {unit} is told {amps} A without a meter")
        if amps and self.meter_ms is None and self.meter_age_ms(now_ms) < stale_ms:
            blame("S9", f"address {unit} is told {amps} A before any sample")
        if limit_ma > self._hold_ma[unit]:
            self._raised(unit, source, limit_ma, now_ms)
        self._refreshed(unit, source, now_ms)
        self._hold_ma[unit] = max(self._hold_ma[unit], limit_ma)
        source.told_ma = limit_ma
        self.told[unit].append((now_ms, limit_ma))

    def _raised(self, unit, source, limit_ma, now_ms):
        """S2: what must be lower has said so. S8: and all have been heard since a start."""
        for phase in source.phases():
            total_ma = self._truth.house_ma[phase] + limit_ma
            for other, there in self._by_unit.items():
                if other != unit:
                    total_ma += self._surely_ma(other, there, phase)
            over_ma = total_ma - self._truth.limit_ma
            if over_ma > 0:
                text = f"address {unit} rises to {limit_ma}: L{phase + 1} +{over_ma}"
                self._oracle.blame("S2", text)
        missing = set(self._by_unit) - self._heard
        wait_ms = self._hold_s * 1000 + FOLLOW_MS
        set_back = source.suspicion == "app"  # what it has is booked, whatever a phone made of it
        if missing and not set_back and now_ms - self.began_ms < wait_ms:
            text = f"address {unit} rises before {sorted(missing)} have answered"
            self._oracle.blame("S8", text)

    def _surely_ma(self, unit, source, phase):
        """What it may hold, by the frames that were answered; of who is not honest, the truth."""
        silent = self.dead_ms[unit] is not None or self._spoke_ms[unit] < self.back_ms[unit]
        if source.suspicion is not None or silent:
            return source.counted_ma[phase]
        return self._hold_ma[unit] if phase in source.phases() else 0

    def _refreshed(self, unit, source, now_ms):
        """S9: a third of the watchdog's time; a cycle more where a frame to it was lost or where
        it was found to be another, and what others' time-outs, and a meter that goes first with as
        many as seven requests, took just before. Who missed twice waits for his turn among the
        dead, but not until his watchdog runs out."""
        before_ms, self._wrote_ms[unit] = self._wrote_ms[unit], now_ms
        lost, self._missed[unit] = self._missed[unit], 0
        in_a_row, self._most_in_a_row[unit] = self._most_in_a_row[unit], 0
        since_ms = max(self.back_ms[unit], self.began_ms)
        steady = now_ms - since_ms > STEADY_MS and source.obeys()
        if not steady or before_ms is None or before_ms <= since_ms:
            return
        timeout_ms = self._group["communication_timeout_s"] * 1000
        cycle_ms = max(self._group["cycle_ms"], self._oracle.primary.poller.last_cycle_ms)
        most_ms = timeout_ms if in_a_row > 1 else timeout_ms // 3 + lost * 2 * cycle_ms
        most_ms += sum(waited_ms for at_ms, waited_ms in self._waits if now_ms - at_ms < JUST_MS)
        if now_ms - before_ms > most_ms:
            text = f"address {unit} is written after {now_ms - before_ms} ms, lost {lost}"
            self._oracle.blame("S9", text)

    # --- what came of it

    def ended(self, bus, result, words, now_ms):
        sent_ms, request = self._sent.get(bus, (now_ms, None))
        if request is None:
            return
        unit = request.unit
        if result == TIMEOUT:
            self._waits = [*self._waits[-20:], (now_ms, now_ms - sent_ms)]
        if unit not in self._by_unit:
            if unit == self._site.meter.address and result == OK:
                self.meter_ms = now_ms
                if bus == CHARGER_BUS:
                    self._waits = [*self._waits[-20:], (now_ms, now_ms - sent_ms)]
            return
        if result in (OK, EXCEPTION):
            self._heard.add(unit)
            if now_ms - self._spoke_ms[unit] >= TOUCH_MS:
                self._talks_ms[unit] = now_ms
            self._spoke_ms[unit] = now_ms
            self._in_a_row[unit] = 0
        else:
            self._missed[unit] += 1
            self._in_a_row[unit] += 1
            self._most_in_a_row[unit] = max(self._most_in_a_row[unit], self._in_a_row[unit])
        if result == TIMEOUT:
            self._waited(unit, sent_ms)
        if result == OK and words is not None and self._is_another(request, words):
            self._missed[unit] += 1  # it is read as one that was never seen, and then written
        at = tc.AMPS_TO_USE - request.register
        if at == 0 and request.values is not None:
            self.lost_writes[unit] = 0 if result == OK else self.lost_writes[unit] + 1
        if result == OK and 0 <= at < request.count:
            shown = request.values if words is None else words
            self._hold_ma[unit] = shown[at] * 1000

    def _is_another(self, request, words):
        """Whether the words read show another serial number than those before."""
        at = tc.SERIAL_NUMBER_LO - request.register
        if request.values is not None or not 0 <= at <= request.count - 2:
            return False
        before, shown = self._serial[request.unit], (words[at], words[at + 1])
        self._serial[request.unit] = shown
        return before is not None and before != shown

    def _waited(self, unit, sent_ms):
        """S13: those who are long dead cost one time-out a cycle, all together."""
        dead_ms = self.dead_ms[unit]
        if dead_ms is None or sent_ms - max(dead_ms, self.began_ms) < DEAD_AFTER_MS:
            return
        poller = self._oracle.primary.poller  # a new configuration begins with a new one
        cycle = (poller, poller.cycle)
        self._dead_waits = self._dead_waits + 1 if cycle == self._cycle else 1
        self._cycle = cycle
        if self._dead_waits > 1:
            self._oracle.blame("S13", f"{self._dead_waits} time-outs of the dead in one cycle")
