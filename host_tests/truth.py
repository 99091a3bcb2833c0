"""What truly may flow on a site: S1 from the simulated chargers alone, not from the core's books.

A source counts on a phase with all that it may make flow there: the house with its load, a charger
with what it allows its car or with what the car draws, if that is more. Who does what no
controller can know at once counts with the least of a while: `Least`. Milliamperes, milliseconds.
"""

from collections import deque

from loadrail_site.breaker import Breaker

# Who counts late, and why. For the others there is no excuse at all.
GRACE_MS = {
    # below the limit a sample counts once all chargers were read after it and two agree, and three
    # may be left out while cars ramp: five cycles of up to 2 s; then a charger has 5 s and its car
    # 5 s to follow. What does flow above the limit counts at once, and is the breaker's to judge.
    "house": 20_000,
    # it is seen in its currents in the next cycle, and the others make room as for the house
    "lie": 12_000,
    # when it answers again its registers are others: asked once a cycle or two, read, written
    "restart": 15_000,
    "lose_registers": 15_000,
    # what a phone has changed stands until the next refresh, a third of the watchdog's time
    "app": 15_000,
    # its watchdog had run out before a new controller came; the first write wakes it, or already
    # the first read the limit that it had: that is seen then, and the others make room
    "woken": 12_000,
    "woken by a read": 12_000,
    # answers look alive until their clock stands for 10 s; then it is silent, then others follow
    "freeze": 25_000,
}
# Of these not even what they were told counts, before it has been there for the while: they hold
# another limit, or nobody can tell what they draw, and another may have got it; or they were awake
# before they were told anything.
FORGETFUL = ("restart", "lose_registers", "freeze", "woken by a read")
MOST_GRACE_MS = max(GRACE_MS.values())
WATCH_MS = 2000  # two steps of a site at least
# A car that leaves takes with it what was known of its phases. Nobody swaps cars within this time,
# and by then its limit is 0, though two frames may have been lost.
LEAVING_MS = 8000


# Who is back is found by a probe, of two who were long dead in each eighth cycle, then read, and
# written; then charger and car have 5 s each to follow.
BACK_MS = 12_000
FOLLOWED_MS = BACK_MS + 10_000


class Least:
    """The least of the last while; how long that is, is said when asked."""

    def __init__(self):
        self._rising = deque()  # (ms, value), each more than the one before

    def put(self, now_ms, value):
        rising = self._rising
        while rising and rising[-1][1] > value:
            rising.pop()
        if not rising or rising[-1][1] < value:
            rising.append((now_ms, value))
        self._forget(now_ms - MOST_GRACE_MS)

    def of_last(self, now_ms, span_ms):
        """The value at the window's beginning counts too."""
        least = self._rising[0][1]
        for at_ms, value in self._rising:
            if at_ms > now_ms - span_ms:
                break
            least = value
        return least

    def _forget(self, before_ms):
        while len(self._rising) > 1 and self._rising[1][0] <= before_ms:
            self._rising.popleft()


class Source:
    """One charger as the circuit sees it. `suspicions`: (kind, from_ms, until_ms)."""

    def __init__(self, charger, suspicions):
        self.charger = charger
        self.suspicion = None  # why it is not to be taken at its word now
        self.told_ma = 0  # its last limit on the bus
        self.may_ma = [0, 0, 0]  # what it may make flow
        self.counted_ma = [0, 0, 0]  # and what of it counts
        self.can_be_less = False
        self._beyond_ms = -FOLLOWED_MS  # when it was last out of reach
        self._suspicions = list(suspicions)
        # a suspicion wants to know of the time before it
        begins = [from_ms - MOST_GRACE_MS - WATCH_MS for _, from_ms, _ in suspicions]
        ends = [until_ms + GRACE_MS[kind] + WATCH_MS for kind, _, until_ms in suspicions]
        self._watched_from_ms = min(begins, default=0)
        self._watched_until_ms = max(ends, default=0)
        self._least = [Least() for _ in range(3)]
        self._phases = ()
        self._trusted_phases = ()  # those of the time when it was last taken at its word
        self._left_at = None

    def suspect(self, kind, now_ms, until_ms=None):
        """What it makes flow more than now counts after a while, from `until_ms` on."""
        until_ms = now_ms if until_ms is None else until_ms
        self._suspicions.append((kind, now_ms, until_ms))
        until_ms += GRACE_MS[kind] + WATCH_MS
        self._watched_until_ms = max(self._watched_until_ms, until_ms)
        self._watched_from_ms = min(self._watched_from_ms, now_ms)
        self.look(now_ms)

    def reachable(self):
        return not self.charger.silent and not self.charger.is_deaf()

    def obeys(self):
        """Whether a limit that it is told now holds."""
        return self.suspicion is None and self.reachable()

    def could_obey(self, now_ms):
        """Whether it has been there for long enough to have been told."""
        return self.obeys() and now_ms - self._beyond_ms >= BACK_MS

    def _could_be_less(self, now_ms):
        """Whether what flows here could be less by now: it holds a limit that could be lower, or
        charger and car have had the time to follow a limit of 0."""
        follows = self.told_ma == 0 and now_ms - self._beyond_ms < FOLLOWED_MS
        return not follows and self.could_obey(now_ms)

    def allowed_ma(self):
        charger = self.charger
        open_ = charger.error_bits or (charger.is_deaf() and not charger.deaf)  # it reboots
        return 0 if open_ else charger.limit_and_cause()[0] * 1000

    def phases(self):
        """The grid's phases that its car can use; any of its own where the next one may come."""
        charger = self.charger
        used = charger.terminals_in_use()
        if charger.car is not None:
            used = used[: charger.car.phases]
            self._left_at = None
        elif self._left_at is None or charger.now_ms - self._left_at < LEAVING_MS:
            if self._left_at is None:
                self._left_at = charger.now_ms
            return self._phases
        self._phases = [charger.grid_phases[terminal] for terminal in used]
        return self._phases

    def look(self, now_ms):
        """Bring `suspicion`, `may_ma`, `counted_ma` and `can_be_less` up to date."""
        if not self.reachable():
            self._beyond_ms = now_ms
        allowed_ma = self.allowed_ma()
        drawn_ma = self.charger.grid_current_ma()
        may_ma = list(drawn_ma)
        for phase in self.phases():
            may_ma[phase] = max(may_ma[phase], allowed_ma)
        self.may_ma = self.counted_ma = may_ma
        if self._watched_from_ms <= now_ms < self._watched_until_ms:
            self.suspicion = self._suspicion(now_ms)
            self.counted_ma = self._counted_ma(now_ms, drawn_ma)
        if self.suspicion is None:
            self._trusted_phases = self._phases
        self.can_be_less = self._could_be_less(now_ms)

    def _counted_ma(self, now_ms, drawn_ma):
        counted_ma = list(self.may_ma)
        lies = self._is("lie", now_ms)  # whatever else it does
        for phase in range(3):
            here_ma = self.may_ma[phase]
            least = self._least[phase]
            told_ma = self.told_ma if phase in self._trusted_phases else 0
            if self.suspicion in FORGETFUL:
                told_ma = 0
            told_ma = min(here_ma, told_ma)
            more_ma = drawn_ma[phase] if lies else here_ma
            least.put(now_ms, max(0, more_ma - told_ma))
            if self.suspicion is not None:
                counted_ma[phase] = told_ma + least.of_last(now_ms, GRACE_MS[self.suspicion])
        return counted_ma

    def _suspicion(self, now_ms):
        for kind, from_ms, until_ms in self._suspicions:
            if from_ms <= now_ms < until_ms + GRACE_MS[kind]:
                return kind
        return None

    def _is(self, what, now_ms):
        for kind, from_ms, until_ms in self._suspicions:
            if kind == what and from_ms <= now_ms < until_ms + GRACE_MS[kind]:
                return True
        return False


class Truth:
    """All sources of a site, and their sums."""

    def __init__(self, site, suspicions):
        """`suspicions`: for each charger a list, see Source."""
        self.site = site
        self.limit_ma = site.limit_a * 1000
        self.sources = [
            Source(charger, rows) for charger, rows in zip(site.chargers, suspicions, strict=True)
        ]
        self.house_ma = [0, 0, 0]  # as it counts
        self.counted_ma = [0, 0, 0]  # of all sources
        self.breaker = Breaker(site.limit_a)  # of a circuit that no device overloads alone
        self._can_fall = [True, True, True]
        self._house = [Least() for _ in range(3)]

    def look(self, now_ms, meter_age_ms):
        """`meter_age_ms`: since when nobody knows what the house draws."""
        self._look_at_limits(now_ms, min(MOST_GRACE_MS, GRACE_MS["house"] + meter_age_ms))
        for source in self.sources:
            source.look(now_ms)
        self._add_up(now_ms)

    def look_at(self, source, now_ms):
        """After a frame to this one, which may have changed it and no other: whether it has."""
        before = source.counted_ma, source.may_ma
        source.look(now_ms)
        if (source.counted_ma, source.may_ma) == before:
            return False
        self._add_up(now_ms)
        return True

    def excess_ma(self, phase):
        """What is above the limit and could be below."""
        if not self._can_fall[phase]:
            return 0
        return self.house_ma[phase] + self.counted_ma[phase] - self.limit_ma

    def _look_at_limits(self, now_ms, grace_ms):
        for phase in range(3):
            self._house[phase].put(now_ms, self.site.house_ma[phase])
            self.house_ma[phase] = self._house[phase].of_last(now_ms, grace_ms)

    def _add_up(self, now_ms):
        """The sums, and where all that obey are at 0: there nothing can fall."""
        l1_ma = l2_ma = l3_ma = 0
        l1_falls = l2_falls = l3_falls = False
        for source in self.sources:
            l1, l2, l3 = source.counted_ma
            l1_ma += l1
            l2_ma += l2
            l3_ma += l3
            if source.can_be_less:
                l1_falls = l1_falls or l1 > 0
                l2_falls = l2_falls or l2 > 0
                l3_falls = l3_falls or l3 > 0
        self.counted_ma = [l1_ma, l2_ma, l3_ma]
        self._can_fall = [l1_falls, l2_falls, l3_falls]
        self.breaker.step(now_ms, self._blamed_ma(now_ms))

    def _blamed_ma(self, now_ms):
        """What flows; beyond the limit only what could be less."""
        return [
            flows_ma if can_fall else min(flows_ma, self.limit_ma)
            for flows_ma, can_fall in zip(self.site.grid_ma, self._can_fall, strict=True)
        ]
