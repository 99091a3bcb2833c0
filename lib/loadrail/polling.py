# What goes to the chargers next: the order of a bus cycle.
#
# A cycle reads the status of every charger that answers once, and in one further slot either one
# charger's settings or a probe of one that does not answer. Writes go in between: lower limits at
# once, then higher ones, then refreshes that keep the chargers' watchdogs fed. A device that
# missed is left alone until the next cycle, and one that missed twice has only the slot, so that
# the dead together cost one time-out a cycle (S13).

from loadrail import registers
from loadrail.clock import age_ms
from loadrail.presence import DOUBTFUL, FOREIGN, NEVER, ONLINE
from loadrail.request import EXCEPTION, OK, READ_HOLDING

# What a request is for
STATUS = 1
SETTINGS = 2
LIMIT = 3

_LOOK_MS = 100  # a look at all chargers for each frame would be the most work of all
_REFRESH_MS = 5000  # where the watchdog is off or not known yet
_MOST_CURRENT_MA = 100_000  # of a 32 A charger: above this a reading is a fault


class Poller:
    """The cycle of one bus of chargers."""

    def __init__(self, chargers, timeout_ms: int, cycle_ms: int):
        self.cycle = 0  # cycles begun
        self.rounds = 0  # rounds of status reads that were finished
        self.last_cycle_ms = 0
        self.what = 0  # STATUS, SETTINGS or LIMIT of the request under way
        self.which = 0  # and its charger
        self._chargers = chargers
        self._timeout_ms = timeout_ms
        self._cycle_ms = cycle_ms
        self._cycle_at = None
        self._looked_at = None  # for refreshes, when none was due
        self._turn = 0  # next charger of the round
        self._slot_free = True
        self._slot_turn = 0
        self._probe_turn = 0
        self._missed_in = [0] * chargers.n  # cycle in which it missed
        self._limit = [0]  # word of a limit write
        self._terminal_ma = [0, 0, 0]

    # --- what to send

    def lowering(self, now_ms: int, request) -> bool:
        """Fill in the next lower limit; False where there is none."""
        c = self._chargers
        for i in range(c.n):
            if c.limit_ma[i] < c.held_ma[i] and self._may_write(i):
                return self._write_limit(i, now_ms, request)
        return False

    def writing(self, now_ms: int, request) -> bool:
        """Fill in the next higher limit, or else the next refresh that is due."""
        c = self._chargers
        for i in range(c.n):
            if c.limit_ma[i] > c.held_ma[i] and self._may_write(i):
                return self._write_limit(i, now_ms, request)
        if age_ms(now_ms, self._looked_at) < _LOOK_MS:
            return False
        for i in range(c.n):
            if self._may_write(i) and age_ms(now_ms, c.wrote_at[i]) >= self._refresh_ms(i):
                return self._write_limit(i, now_ms, request)
        self._looked_at = now_ms
        return False

    def reading(self, now_ms: int, request) -> bool:
        """Fill in the next read of the cycle; False where the cycle is over and may rest."""
        if not self._begin(now_ms):
            return False
        c = self._chargers
        while self._turn < c.n:
            i = self._turn
            if self._missed_in[i] != self.cycle:
                if c.presence[i] == ONLINE and not c.known[i]:
                    return self._read(i, SETTINGS, now_ms, request)
                if c.presence[i] == ONLINE or (c.presence[i] == NEVER and not c.misses[i]):
                    self._turn += 1
                    return self._read(i, STATUS, now_ms, request)
            self._turn += 1
        if self._slot_free:
            self._slot_free = False
            self.rounds += 1
            return self._slot(now_ms, request)
        return False

    def _begin(self, now_ms) -> bool:
        """Whether a cycle is under way, beginning the next one when it is time."""
        if self._cycle_at is not None:
            if self._turn < self._chargers.n or self._slot_free:
                return True
            passed_ms = age_ms(now_ms, self._cycle_at)
            if passed_ms < self._cycle_ms and not self._lowering_waits():
                return False
            self.last_cycle_ms = passed_ms
        self._cycle_at = now_ms
        self.cycle += 1
        self._turn = 0
        self._slot_free = True
        return True

    def _lowering_waits(self) -> bool:
        """Whether a lower limit was lost on its way: then no rest before it goes again."""
        c = self._chargers
        for i in range(c.n):
            if c.presence[i] == ONLINE and c.known[i] and c.limit_ma[i] < c.held_ma[i]:
                return True
        return False

    def _slot(self, now_ms, request) -> bool:
        """A probe of a device in trouble; every fourth time, the settings of one that is well."""
        if self.cycle & 3 and self._probe(now_ms, request):
            return True
        c = self._chargers
        for _ in range(c.n):
            self._slot_turn = (self._slot_turn + 1) % c.n
            if c.presence[self._slot_turn] == ONLINE:
                return self._read(self._slot_turn, SETTINGS, now_ms, request)
        return self._probe(now_ms, request)

    def _probe(self, now_ms, request) -> bool:
        """Ask one device in trouble; False where there is none.

        One that is silent is written its limit, which is at most its failsafe current by now: if
        it hears but cannot answer, it then holds no more than what is booked (S6), which a read
        that feeds its watchdog could not bring about.
        """
        c = self._chargers
        for _ in range(c.n):
            self._probe_turn = (self._probe_turn + 1) % c.n
            i = self._probe_turn
            presence = c.presence[i]
            if presence == ONLINE or self._missed_in[i] == self.cycle:
                continue
            if presence == FOREIGN:
                return self._read(i, SETTINGS, now_ms, request)
            if presence == NEVER or c.failsafe_ma[i] is None:
                return self._read(i, STATUS, now_ms, request)
            if presence == DOUBTFUL and c.limit_ma[i] >= c.held_ma[i]:
                return self._read(i, STATUS, now_ms, request)
            return self._write_limit(i, now_ms, request)
        return False

    def _may_write(self, i) -> bool:
        c = self._chargers
        return c.presence[i] == ONLINE and c.known[i] and self._missed_in[i] != self.cycle

    def _refresh_ms(self, i) -> int:
        timeout_ms = self._chargers.timeout_ms[i]
        return min(_REFRESH_MS, timeout_ms // 3 - _LOOK_MS) if timeout_ms else _REFRESH_MS

    def _read(self, i, what, now_ms, request) -> bool:
        self.what = what
        self.which = i
        first, count = registers.FAST_FIRST, registers.FAST_COUNT
        if what == SETTINGS:
            first, count = registers.SLOW_FIRST, registers.SLOW_COUNT
        unit = self._chargers.address[i]
        request.read(unit, READ_HOLDING, first, count, self._timeout_ms)
        self._chargers.sending(i, now_ms, None)
        return True

    def _write_limit(self, i, now_ms, request) -> bool:
        c = self._chargers
        self.what = LIMIT
        self.which = i
        self._limit[0] = c.limit_ma[i] // 1000
        request.write(c.address[i], registers.AMPS_TO_USE, self._limit, self._timeout_ms)
        c.sending(i, now_ms, c.limit_ma[i])
        return True

    # --- what came back

    def answer(self, now_ms: int, result: int, words) -> None:
        """Take the end of the request under way: a result of loadrail.request, and the words."""
        c, i = self._chargers, self.which
        if result == OK:
            if self.what == LIMIT:
                c.heard(i, now_ms)
                c.acknowledged(i, now_ms, self._limit[0] * 1000)
                return
            if self.what == STATUS and self._take_status(i, now_ms, words):
                return
            if self.what == SETTINGS:
                self._take_settings(i, now_ms, words)
                return
        self._missed_in[i] = self.cycle
        if result == EXCEPTION and self.what == LIMIT:
            return  # it lives, but refuses; the limit stays unacknowledged and is written again
        c.missed(i)

    def _take_status(self, i, now_ms, words) -> bool:
        """The fast block. False where it cannot be true: then it counts as no answer."""
        if words[registers.EVSE_STATUS] > registers.UNKNOWN:
            return False
        for k in range(3):
            current_ma = registers.signed16(words[registers.CURRENT_L1 + k]) * 100
            if not -_MOST_CURRENT_MA < current_ma < _MOST_CURRENT_MA:
                return False
            self._terminal_ma[k] = max(0, current_ma)
        c = self._chargers
        c.heard(i, now_ms)
        c.read_status(i, now_ms, words[registers.EVSE_STATUS], self._terminal_ma)
        return True

    def _take_settings(self, i, now_ms, words) -> None:
        """The slow block: who it is, what it can, what it holds."""
        c = self._chargers
        first = registers.SLOW_FIRST
        if words[registers.EVSE_ID - first] != registers.TELTOCHARGE_ID:
            c.presence[i] = FOREIGN
            c.known[i] = False
            self._missed_in[i] = self.cycle
            return
        c.heard(i, now_ms)
        was_known = c.timeout_ms[i] is not None
        c.amp_limit_a[i] = _limit_of(words[registers.AMP_LIMIT - first], 32)
        c.timeout_ms[i] = words[registers.COMMUNICATION_TIMEOUT - first] * 1000
        failsafe_a = _limit_of(words[registers.FAILSAFE_CURRENT - first], c.amp_limit_a[i])
        c.failsafe_ma[i] = failsafe_a * 1000
        held_ma = _limit_of(words[registers.AMPS_TO_USE - first], c.amp_limit_a[i]) * 1000
        if not was_known:
            c.limit_ma[i] = held_ma  # start from what it has (S8)
            c.held_ma[i] = held_ma
            c.turn_at[i] = now_ms if held_ma else None
        elif not c.known[i]:
            c.held_ma[i] = held_ma
        elif held_ma != c.held_ma[i]:
            c.overrides[i] += 1
            c.held_ma[i] = max(held_ma, c.held_ma[i])
            c.wrote_at[i] = None  # due at once
        c.known[i] = True


def _limit_of(word: int, otherwise: int) -> int:
    """A register that holds 0 or 6..32 A; anything else is not known: then the most it may be."""
    return word if word == 0 or 6 <= word <= 32 else otherwise
