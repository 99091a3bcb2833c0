"""What truly may flow on a drawn site, beyond truth.py: greedy cars, a meter that shows what is
not so, a limit that was changed, and the further limits of a group.

Milliamperes, milliseconds.
"""

from truth import GRACE_MS, Least, Source, Truth

from loadrail_site import teltocharge as tc

VOLTS = 230
GREEDY_MS = GRACE_MS["lie"]  # what a car takes beyond its limit is seen, and then booked
CHANGE_MS = GRACE_MS["house"]


class DrawnSource(Source):
    """A charger whose car may take more than it is told, which makes no liar of the charger."""

    def __init__(self, charger, suspicions):
        super().__init__(charger, suspicions)
        self._greed = [Least() for _ in range(3)]
        self._known_ma = 0  # the most that this car's greed has counted while it could be seen
        self._greedy = None  # whose that is
        self._reachable = True
        self._used = None  # by whom, and at which phases code, `_phases` holds

    def reachable(self):
        return self._reachable

    def phases(self):
        charger = self.charger
        used = charger.car, charger.settings[tc.PHASE_TO_USE]
        if charger.car is None or used != self._used:
            self._used = used
            return super().phases()
        return self._phases

    def look(self, now_ms):
        self._reachable = super().reachable()
        super().look(now_ms)
        car = self.charger.car
        if car is None or not car.error_percent:
            return
        if car is not self._greedy:
            self.forget()
            self._greedy = car
        allowed_ma = self.allowed_ma()
        counted_ma = list(self.counted_ma)
        for phase in range(3):
            here_ma = counted_ma[phase]
            greed_ma = max(0, here_ma - allowed_ma)
            if not self._reachable:  # then nobody can know of more than was seen before
                greed_ma = min(greed_ma, self._known_ma)
            self._greed[phase].put(now_ms, greed_ma)
            greed_ma = self._greed[phase].of_last(now_ms, GREEDY_MS)
            self._known_ma = max(self._known_ma, greed_ma)
            counted_ma[phase] = min(here_ma, allowed_ma) + greed_ma
        self.counted_ma = counted_ma

    def forget(self):
        """Another controller has seen nothing of its car yet."""
        self._known_ma = 0


class Highest:
    """The highest of a value's last `CHANGE_MS`: a lower limit is followed, not foreseen."""

    def __init__(self):
        self._least = Least()

    def of(self, now_ms, value):
        self._least.put(now_ms, -value)
        return -self._least.of_last(now_ms, CHANGE_MS)


class DrawnTruth(Truth):
    """`blind`: (from_ms, until_ms) of the times when the meter shows what is not so: then nobody
    can know of the house, and what is promised is that the chargers alone keep the limit."""

    def __init__(self, site, suspicions, blind):
        super().__init__(site, suspicions)
        self.sources = [
            DrawnSource(charger, rows)
            for charger, rows in zip(site.chargers, suspicions, strict=True)
        ]
        self._blind = blind
        self._limit = Highest()
        self._feeder = Highest()
        self._power = Highest()

    def configure(self, group):
        """What is more holds at once, what is less after a while (`look`)."""
        self._group = group
        self.limit_ma = max(self.limit_ma, group["limit_a"] * 1000)

    def is_blind(self, now_ms, after_ms=0):
        """Whether the meter is wrong, or was within `after_ms`."""
        return any(begin <= now_ms < end + after_ms for begin, end in self._blind)

    def _look_at_limits(self, now_ms, grace_ms):
        self.limit_ma = self._limit.of(now_ms, self._group["limit_a"] * 1000)
        blind = self.is_blind(now_ms)
        for phase, ma in enumerate(self.site.house_ma):
            self._house[phase].put(now_ms, min(0, ma) if blind else ma)
            self.house_ma[phase] = self._house[phase].of_last(now_ms, grace_ms)

    def _blamed_ma(self, now_ms):
        flows_ma = super()._blamed_ma(now_ms)
        if self.is_blind(now_ms, GRACE_MS["house"]):
            unseen_ma = [self.site.house_ma[phase] - self.house_ma[phase] for phase in range(3)]
            flows_ma = [flows_ma[phase] - max(0, unseen_ma[phase]) for phase in range(3)]
        return flows_ma

    def beyond(self, now_ms):
        """(name, by how much) of each further limit that is exceeded: the chargers' own cable, in
        mA, their power, in W."""
        group, totals_ma = self._group, self.counted_ma
        feeder_a = self._feeder.of(now_ms, group["feeder_a"] or 1_000_000)
        power_w = self._power.of(now_ms, group["power_limit_w"] or 1_000_000_000)
        if not any(source.can_be_less for source in self.sources):
            return
        for phase in range(3):
            if totals_ma[phase] > feeder_a * 1000 and self._can_fall[phase]:
                yield f"cable, L{phase + 1}", totals_ma[phase] - feeder_a * 1000
        total_w = sum(totals_ma) * VOLTS // 1000
        if total_w > power_w:
            yield "power", total_w - power_w
