# One request to one charger, and what its end means: the words of the register map become what is
# known of the charger. Which one comes next is polling.py's.

from loadrail import events, freshness, known, registers
from loadrail.abilities import ILLEGAL_FUNCTION
from loadrail.presence import FOREIGN
from loadrail.purposes import (
    BLOCKS,
    DETAILS,
    ENERGY,
    LIMIT,
    ORDER,
    PHASES,
    PROBE,
    READBACK,
    SETTINGS,
    STATUS,
    WATCHDOG,
)
from loadrail.request import CRC, EXCEPTION, OK

_LIFE_SIGNS = (STATUS, READBACK, SETTINGS)  # without them nothing is known of a charger

_STATUS_BLOCK = BLOCKS[STATUS]
_CLOCK = (registers.EVSE_STATUS_TIME, 2)
_LIMIT_BLOCK = (registers.AMP_LIMIT, 4)  # to amps_to_use

_LEAST_TIMEOUT_MS = 150  # a bus is not made slower by waiting for one that answers in time
_PATIENT = 4  # each so many tries it is waited for as long as is configured


class Exchange:
    """Carries what the poller chose; `which` and `what` are the charger and the purpose."""

    def __init__(self, chargers, log, orders, switching, timeout_ms: int):
        self.what = 0
        self.which = 0
        self._request = None
        self._chargers = chargers
        self._log = log
        self._orders = orders
        self._switching = switching
        self._timeout_ms = timeout_ms
        self._word = [0]

    # --- what to send

    def timeout_ms(self, i: int) -> int:
        """Twice the slowest answer of late, within bounds; now and then as long as configured."""
        c = self._chargers
        if self._timeout_ms <= _LEAST_TIMEOUT_MS or c.misses[i] % _PATIENT == _PATIENT - 1:
            return self._timeout_ms
        turn_ms = c.turn_ms[i] or 0
        return min(self._timeout_ms, max(_LEAST_TIMEOUT_MS, 2 * turn_ms + 50))

    def read(self, i: int, what: int, now_ms: int, request) -> bool:
        """Fill in one of the regular reads."""
        return self.read_block(i, (what,) + BLOCKS[what], now_ms, request)

    def read_block(self, i: int, block: tuple, now_ms: int, request) -> bool:
        """The same with (purpose, first register, registers)."""
        what, first, count = block
        c = self._chargers
        request.read(c.address[i], c.read_function(i), first, count, self.timeout_ms(i))
        return self._sent(i, what, now_ms, request, None)

    def commission(self, i: int, now_ms: int, request) -> bool:
        """Fill in the read of the next step of commissioning; False where there is none."""
        c = self._chargers
        what = c.next_read(i, request, self.timeout_ms(i))
        return bool(what) and self._sent(i, what, now_ms, request, None)

    def write_limit(self, i: int, now_ms: int, request) -> bool:
        limit_ma = self._chargers.limit_ma[i]
        self._write(i, registers.AMPS_TO_USE, limit_ma // 1000, request)
        return self._sent(i, LIMIT, now_ms, request, limit_ma)

    def write_settings(self, i: int, now_ms: int, request) -> bool:
        self._chargers.write_settings(i, now_ms, request, self.timeout_ms(i))
        return self._sent(i, WATCHDOG, now_ms, request, None)

    def write_word(self, i: int, what: int, register: int, word: int, now_ms, request) -> bool:
        """Fill in the write of one register; `what` is PHASES or ORDER."""
        self._write(i, register, word, request)
        return self._sent(i, what, now_ms, request, None)

    def _write(self, i, register, word, request) -> None:
        c = self._chargers
        self._word[0] = word
        function = c.write_function(i)
        request.write(c.address[i], register, self._word, self.timeout_ms(i), function)

    @property
    def is_write(self) -> bool:
        return self._request.values is not None

    def _sent(self, i, what, now_ms, request, limit_ma) -> bool:
        self.what = what
        self.which = i
        self._request = request
        self._chargers.sending(i, now_ms, limit_ma)
        return True

    # --- what came back

    def answer(self, now_ms: int, result: int, words) -> bool:
        """Take the end of the request under way; False: nothing more to it in this cycle."""
        c, i, request = self._chargers, self.which, self._request
        if result in (OK, EXCEPTION):
            self._measure(i, request.turnaround_ms)
        if result == OK:
            c.heard_function(i, request.function, True)
            if self._take(i, now_ms, request, words):
                return True
        elif result == EXCEPTION:
            if request.exception == ILLEGAL_FUNCTION and self._other_function(i, now_ms, request):
                return True
            if self.what not in _LIFE_SIGNS:
                self._refused(i, now_ms, request)
                return False
        elif self.what == PROBE or not c.commissioned(i):
            self._step_on(i, now_ms, result)
        c.garbled[i] += 1 if result == CRC else 0
        c.missed(i)
        return False

    def _measure(self, i, turn_ms) -> None:
        """The slowest turnaround counts at once, faster ones bit by bit."""
        c = self._chargers
        if turn_ms is None:
            return
        known_ms = c.turn_ms[i]
        if known_ms is None or turn_ms >= known_ms:
            c.turn_ms[i] = turn_ms
        else:
            c.turn_ms[i] = known_ms - (known_ms - turn_ms + 15) // 16

    def _take(self, i, now_ms, request, words) -> bool:
        """An answer with what was asked for. False where it cannot be true, or stands still."""
        c = self._chargers
        if request.values is not None:
            if c.frozen[i]:
                return False  # who repeats himself acknowledges nothing
            self._written(i, now_ms, request)
            c.heard(i, now_ms)
            return True
        first, count = request.register, request.count
        if _covers(_STATUS_BLOCK, first, count) and not known.plausible(words):
            return False
        at = registers.EVSE_ID - first
        if 0 <= at < count and words[at] != registers.TELTOCHARGE_ID:
            return self._foreign(i, now_ms, words[at])
        c.keep(i, first, count, words)
        if _covers(_CLOCK, first, count) and freshness.look(i, now_ms, c):
            self._log.add(now_ms, events.FROZEN if c.frozen[i] else events.THAWED, i)
        if c.frozen[i]:
            return False
        c.heard(i, now_ms)
        self._take_words(i, now_ms, first, count, words)
        if self.what == PROBE or not c.commissioned(i):
            self._step_on(i, now_ms, OK)
        return True

    def _take_words(self, i, now_ms, first, count, words) -> None:
        """Each block that the answer covers."""
        c = self._chargers
        if _covers(_STATUS_BLOCK, first, count):
            known.take_status(i, now_ms, c, words)
            self._switching.seen(i, c)
        if _covers(_LIMIT_BLOCK, first, count):
            known.take_limit(i, now_ms, c, self._log, self.what == SETTINGS)
        if self.what == SETTINGS:
            known.take_settings(i, now_ms, c, self._log)
            self._orders.read_back(i, now_ms, c)
        elif self.what == DETAILS:
            known.look_who(i, now_ms, c, self._log)

    def _step_on(self, i, now_ms, result) -> None:
        """A step of commissioning may have ended so."""
        c = self._chargers
        if self.what not in (PROBE, DETAILS, ENERGY):
            return
        was_known = c.commissioned(i)
        c.step_ended(i, result)
        if c.commissioned(i) and not was_known:
            self._log.add(now_ms, events.COMMISSIONED, i)

    def _written(self, i, now_ms, request) -> None:
        c, what = self._chargers, self.what
        if what == LIMIT:
            c.acknowledged(i, now_ms, request.values[0] * 1000)
        elif what == WATCHDOG:
            if c.settings_acknowledged(i):
                c.check[i] = True
        elif what == PHASES:
            self._switching.wrote(i, now_ms)
            c.check[i] = True
        elif what == ORDER:
            self._orders.done(i, now_ms, c)

    def _other_function(self, i, now_ms, request) -> bool:
        """It does not know this function code: whether the other one may do."""
        c = self._chargers
        left = c.heard_function(i, request.function, False)
        if self.what == PROBE:
            return False  # it was tried to find that out
        if not left and request.values is not None:
            self._log.add(now_ms, events.NO_WRITES, i)
        elif left and self.what == WATCHDOG:
            c.settings_refused(i)
        return left

    def _refused(self, i, now_ms, request) -> None:
        """An exception: it lives, but does not do it."""
        c, what = self._chargers, self.what
        if what == LIMIT:
            known.balk(i, now_ms, c, self._log)
        elif what == WATCHDOG:
            c.settings_refused(i)
        elif what == ORDER:
            self._orders.refused(i, now_ms, request.exception, c)
        elif what == PROBE or not c.commissioned(i):
            self._step_on(i, now_ms, EXCEPTION)

    def _foreign(self, i, now_ms, word) -> bool:
        """Something else answers here: it is never written to."""
        c = self._chargers
        if c.presence[i] != FOREIGN:
            self._log.add(now_ms, events.FOREIGN, i, word)
        c.presence[i] = FOREIGN
        c.known[i] = False
        c.forget_abilities(i)
        return True


def _covers(block, first, count) -> bool:
    return first <= block[0] and first + count >= block[0] + block[1]
