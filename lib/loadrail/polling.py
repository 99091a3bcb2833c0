# What goes to the chargers next: the order of a bus cycle.
#
# A cycle reads the status of every charger that answers once, and in one further slot either a
# slow block of one of them or a probe of one that does not answer (probing.py tells whom). Writes
# go in between: lower limits at once, then higher ones, then refreshes that keep the chargers'
# watchdogs fed, then settings and orders. A device that missed is left alone until the next cycle,
# and one that missed twice has only the slot, so that the dead together cost one time-out a cycle
# (S13). But a lower limit is tried until it is silent for sure, and who may be there, though his
# watchdog runs out soon, has a slot more.

from loadrail import freshness, registers
from loadrail.clock import age_ms
from loadrail.exchange import Exchange
from loadrail.presence import DOUBTFUL, FOREIGN, NEVER, ONLINE
from loadrail.probing import Probing
from loadrail.purposes import ORDER, PHASES, READBACK, SETTINGS, STATUS
from loadrail.request import EXCEPTION

_FIRST_TRIES = 2  # of one that was never heard; then it waits for the slot
_ALONE_MS = 2000  # a cycle in which many settings are written may take three times as long
_LOOK_MS = 100  # a look at all chargers for each frame would be the most work of all
_EARLY_MS = 1000  # a refresh may have to wait for a look, a read, and the writes of all others
_REFRESH_MS = 4000  # at the latest: an app may have set the shortest watchdog, 5 s, unseen yet

# The parts of a charger's turn in a cycle
_READ_STATUS = 0
_READ_SETTINGS = 1
_COMMISSION = 2
_OVER = 3


class Poller:
    """The cycle of one bus of chargers. `cycle`: how many were begun before, for other chargers or
    by another configuration; the rounds go on from there, however often somebody configures."""

    def __init__(self, chargers, log, orders, switching, timeout_ms, cycle_ms, cycle: int):
        self.cycle = cycle
        self.rounds = 0  # rounds of status reads that were finished
        self.last_cycle_ms = 0
        self.exchange = Exchange(chargers, log, orders, switching, timeout_ms)
        self._chargers = chargers
        self._orders = orders
        self._switching = switching
        self._cycle_ms = cycle_ms
        self._cycle_at = None
        self._looked_at = None  # for refreshes, when none was due
        self._turn = 0  # next charger of the round
        self._part = _READ_STATUS  # and what is next of its turn
        self._slot_free = True
        self._slot_turn = cycle % chargers.n
        self._slot_kind = cycle  # counts the slot's rounds
        self._probing = Probing(chargers, self._left_alone)
        self._urgent_free = True  # the slot for whose watchdog may run out
        self._missed_in = [0] * chargers.n  # cycle in which it missed
        self._missed_at = [None] * chargers.n  # and when that was
        self._refused_in = [0] * chargers.n  # cycle in which it refused a write

    # --- what to send

    def lowering(self, now_ms: int, request) -> bool:
        """Fill in the next lower limit; False where there is none."""
        c = self._chargers
        limit_ma, held_ma = c.limit_ma, c.held_ma
        if limit_ma == held_ma:
            return False  # as nearly always, and asked for at each frame
        for i in range(c.n):
            if limit_ma[i] < held_ma[i] and self._may_lower(i, now_ms):
                return self.exchange.write_limit(i, now_ms, request)
        return False

    def writing(self, now_ms: int, request) -> bool:
        """Fill in the next higher limit, or else whatever other write is due."""
        c = self._chargers
        limit_ma, held_ma = c.limit_ma, c.held_ma
        if limit_ma != held_ma:
            for i in range(c.n):
                if limit_ma[i] > held_ma[i] and self._may_write(i, now_ms):
                    return self.exchange.write_limit(i, now_ms, request)
        if age_ms(now_ms, self._looked_at) < _LOOK_MS:
            return False
        for i in range(c.n):
            if age_ms(now_ms, c.wrote_at[i]) >= self._refresh_ms(i) and self._may_write(i, now_ms):
                return self.exchange.write_limit(i, now_ms, request)
        if self._others_wait():
            for i in range(c.n):
                if self._may_write(i, now_ms) and self._write_other(i, now_ms, request):
                    return True
        self._looked_at = now_ms
        return False

    def _others_wait(self) -> bool:
        """Whether there may be phases, an order or settings to be written at all."""
        if False in self._chargers.settings_fine or self._switching.any_to_write():
            return True
        pending = self._orders.pending
        return pending.count(None) < len(pending)

    def _write_other(self, i, now_ms, request) -> bool:
        """Phases, an order, settings: what is due first."""
        c, exchange, orders = self._chargers, self.exchange, self._orders
        code = self._switching.code_to_write(i, now_ms, c)
        if code is not None:
            return exchange.write_word(i, PHASES, registers.PHASE_TO_USE, code, now_ms, request)
        if orders.pending[i] is not None:
            register, word = orders.register[i], orders.word[i]
            return exchange.write_word(i, ORDER, register, word, now_ms, request)
        return c.settings_due(i, now_ms) and exchange.write_settings(i, now_ms, request)

    def reading(self, now_ms: int, request, writable=True) -> bool:
        """Fill in the next read of the cycle; False where the cycle is over and may rest.

        writable: whether one in trouble may be written its limit instead.
        """
        if self._urgent_free and not self._slot_free:
            self._urgent_free = False
            if self._probe(self._probing.urgent(now_ms), now_ms, request, writable):
                return True
        if not self._begin(now_ms):
            return False
        while self._turn < self._chargers.n:
            i = self._turn
            if self._part < _OVER and not self._left_alone(i, now_ms):
                self._part += 1
                if self._read_part(i, self._part - 1, now_ms, request):
                    return True
                continue
            self._turn += 1
            self._part = _READ_STATUS
        if self._slot_free:
            self._slot_free = False
            self.rounds += 1
            return self._slot(now_ms, request, writable)
        return False

    def _read_part(self, i, part, now_ms, request) -> bool:
        c = self._chargers
        online = c.presence[i] == ONLINE
        if part == _READ_STATUS:
            if not online and not (c.presence[i] == NEVER and c.misses[i] < _FIRST_TRIES):
                return False
            # whose limit is read back in this cycle, due or not
            proof = i == self.cycle % c.n or c.unproven[i] or freshness.suspect(i, c)
            what = READBACK if proof and c.known[i] else STATUS
            return self.exchange.read(i, what, now_ms, request)
        if not online:
            return False
        if part == _READ_SETTINGS:
            due = c.check[i] or not c.known[i] or self._switching.read_back_due(i, c)
            return due and self.exchange.read(i, SETTINGS, now_ms, request)
        return c.known[i] and self.exchange.commission(i, now_ms, request)

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
        self._part = _READ_STATUS
        self._slot_free = self._urgent_free = True
        return True

    def _lowering_waits(self) -> bool:
        """Whether a lower limit was lost on its way: then no rest before it goes again."""
        c = self._chargers
        for i in range(c.n):
            if c.limit_ma[i] < c.held_ma[i] and c.known[i] and self._refused_in[i] != self.cycle:
                if c.presence[i] in (ONLINE, DOUBTFUL):
                    return True
        return False

    def _slot(self, now_ms, request, writable) -> bool:
        """A probe of a device in trouble; every fourth time, a slow block of one that is well."""
        c, probing = self._chargers, self._probing
        if self.cycle & 3 or DOUBTFUL in c.presence:
            if self._probe(probing.next(self.cycle, now_ms), now_ms, request, writable):
                return True
        for _ in range(c.n):
            self._slot_turn += 1
            if self._slot_turn >= c.n:
                self._slot_turn = 0
                self._slot_kind += 1
            i = self._slot_turn
            if c.presence[i] == ONLINE and c.known[i]:
                kind = self._slot_kind if c.commissioned(i) else 0
                return self.exchange.read_block(i, c.slow_block(i, kind), now_ms, request)
        return self._probe(probing.next(self.cycle, now_ms), now_ms, request, writable)

    def _probe(self, i, now_ms, request, writable) -> bool:
        """Ask a device in trouble; False where it is None.

        One that is silent is written its limit, which is at most its failsafe current by now: if
        it hears but cannot answer, it then holds no more than what is booked (S6), which a read
        that feeds its watchdog could not bring about. One whose answers stand still is read: what
        it acknowledges means nothing, and only a read can show that it lives.
        """
        if i is None:
            return False
        c, presence = self._chargers, self._chargers.presence[i]
        if presence == FOREIGN:
            return self.exchange.read(i, SETTINGS, now_ms, request)
        if c.frozen[i]:
            return self.exchange.read(i, READBACK, now_ms, request)
        if presence == NEVER or c.failsafe_ma[i] is None:
            return self.exchange.read(i, STATUS, now_ms, request)
        if not writable or c.undecided[i]:
            return self.exchange.read(i, STATUS, now_ms, request)
        if presence == DOUBTFUL and not self._write_due(i, now_ms):
            return self.exchange.read(i, STATUS, now_ms, request)
        return self.exchange.write_limit(i, now_ms, request)

    def _write_due(self, i, now_ms) -> bool:
        """Whether it should hold less, or its watchdog wants to be fed."""
        c = self._chargers
        if not c.known[i]:
            return False
        if c.limit_ma[i] < c.held_ma[i]:
            return True
        due = age_ms(now_ms, c.wrote_at[i]) >= self._refresh_ms(i)
        return due and not c.wakes_too_early(i, now_ms)

    def _may_write(self, i, now_ms) -> bool:
        c = self._chargers
        takes = c.presence[i] == ONLINE and self._takes(i, now_ms)
        return takes and not c.wakes_too_early(i, now_ms)

    def _may_lower(self, i, now_ms) -> bool:
        """One that missed twice, too: it may hear well, and only its answers are lost."""
        return self._chargers.presence[i] in (ONLINE, DOUBTFUL) and self._takes(i, now_ms)

    def _takes(self, i, now_ms) -> bool:
        c = self._chargers
        if self._refused_in[i] == self.cycle or self._left_alone(i, now_ms):
            return False
        return c.known[i] and not c.undecided[i]

    def _left_alone(self, i, now_ms) -> bool:
        """Until the next cycle, but not for long where that is far away."""
        return self._missed_in[i] == self.cycle and age_ms(now_ms, self._missed_at[i]) < _ALONE_MS

    def _refresh_ms(self, i) -> int:
        """A third of its watchdog's time, of the shorter one while a new one is being written."""
        c = self._chargers
        timeout_ms = c.wanted[0] * 1000
        own_ms = c.timeout_ms[i]
        if own_ms and own_ms < timeout_ms:
            timeout_ms = own_ms
        early_ms = timeout_ms // 10
        refresh_ms = timeout_ms // 3 - (early_ms if early_ms < _EARLY_MS else _EARLY_MS)
        return refresh_ms if refresh_ms < _REFRESH_MS else _REFRESH_MS

    # --- what came back

    def answer(self, now_ms: int, result: int, words) -> bool:
        """Take the end of the request under way: a result of loadrail.request, and the words.

        True where a charger is known again: what it was found to hold is to be decided on. (At a
        start that waits for all of them.)
        """
        exchange, c = self.exchange, self._chargers
        i = exchange.which
        was_known, had_settings = c.known[i], c.timeout_ms[i] is not None
        writes = exchange.is_write
        if not exchange.answer(now_ms, result, words):
            if writes and result == EXCEPTION:
                self._refused_in[i] = self.cycle
            elif result != EXCEPTION:
                self._missed_in[i] = self.cycle
                self._missed_at[i] = now_ms
        elif writes and c.balks[i]:
            self._refused_in[i] = self.cycle  # once a cycle, and then it is read back
        if was_known or not c.known[i]:
            return False
        c.undecided[i] = True
        return had_settings
