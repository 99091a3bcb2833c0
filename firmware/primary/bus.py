# The owner of one line: asks the core what is next, carries it, tells the core how it ended.
#
# If the line cannot be opened, or goes away in mid-run (adapter unplugged), that is told once and
# tried again every 2 s; the core is told too, and time does the rest: devices fall silent, the
# meter grows stale, nothing rises.
#
# Before each request it asks whether all is to be quiet (hush.py), for a flash write say.
# While a search for the meter runs, the line is the search's, and the core's requests wait.

import asyncio
import time
from array import array

from loadrail.core import CHARGER_BUS
from loadrail.purposes import NAMES
from loadrail.request import OK, PORT
from primary.rtu import Rtu, char_bits

_RETRY_MS = 2000
_REST_MS = 5  # when the core has nothing to ask
_MOST_WORDS = 125  # of one answer


def _now_ms():
    return time.ticks_ms() & 0x3FFFFFFF


class Bus:
    """One line and the requests that go over it."""

    def __init__(self, name, index, primary, board, line, log, beat):
        self.name = name
        self._index = index
        self._primary = primary
        self._board = board
        self._line = line  # baud, parity, stop_bits, gap_ms
        self._log = log
        self._beat = beat  # to call while alive
        self.search = None  # the last one on this line, see loadrail.search
        self._searching = None  # who carries it
        self.hush = None  # tells whether nothing may be sent now, see hush.py
        self.carrying = False  # a frame may be on the line
        self._rtu = None
        self._open = False
        self._told = False
        self._intruders = 0  # of the line's counter, that the core was told of
        self._words = array("H", (0 for _ in range(_MOST_WORDS)))
        # For each purpose how many answered requests there were and what they took, in us: from
        # asking the core to having told it, so with the silence before and all our own work.
        self._spent = {purpose: [0, 0] for purpose in NAMES}

    async def own(self):
        """Run for ever."""
        try:
            while True:
                self._beat()
                if self.hush is not None and self.hush():
                    await asyncio.sleep_ms(_REST_MS)
                    continue
                self.carrying = True
                wait_ms = await self._step()
                self.carrying = False
                if wait_ms:
                    await asyncio.sleep_ms(wait_ms)
        finally:
            self.carrying = False
            self._close()
            if self._searching is not None:
                self._searching.close()

    async def _step(self) -> int:
        """Carry one request, the search's or the core's; how long to rest after it, ms."""
        if await self._search_on():
            return 0
        if not self._open and not self._try_to_open():
            return _RETRY_MS
        return 0 if await self._one() else _REST_MS

    async def _search_on(self) -> bool:
        """Carry a request of the search, where one runs."""
        if self._searching is None:
            if self.search is None or self.search.over:
                return False
            from primary.searching import Searching

            self._close()
            board, log = self._board, self._log
            self._searching = Searching(self.search, self._index, board, log, self._words)
        try:
            if await self._searching.one(_now_ms):
                return True
            self._searching.end(self._primary)
        except Exception as error:  # no room for it, say: control goes on
            self._searching.give_up()
            self._log.add("search: ended by %s: %s" % (type(error).__name__, error))
        self._searching = None
        return True

    async def _one(self) -> bool:
        """Carry one request; False where there was none."""
        began = time.ticks_us()
        primary, index = self._primary, self._index
        request = primary.next_request(index, _now_ms())
        if request is None:
            return False
        purpose = primary.purpose(index)
        result = await self._rtu.transact(request, self._words)
        primary.answer(index, _now_ms(), result, self._words)
        counters = self._rtu.counters
        if counters.intruders != self._intruders:
            self._intruders = counters.intruders
            if index == CHARGER_BUS:
                primary.intruder(_now_ms(), counters.intruder_unit)
        if result == OK:
            row = self._spent[NAMES[purpose]]
            row[0] += 1
            row[1] += time.ticks_diff(time.ticks_us(), began)
        elif result == PORT:
            self._log.add("%s: %s is gone" % (self.name, self._board.line_name(self._index)))
            self._close()
        return True

    def _try_to_open(self) -> bool:
        line = self._line
        try:
            stream = self._board.open_line(self._index, line)
        except OSError as error:
            if not self._told:
                self._told = True
                self._log.add(
                    "%s: %s cannot be opened (%s); trying again every %d s"
                    % (self.name, self._board.line_name(self._index), error, _RETRY_MS // 1000)
                )
            return False
        if self._rtu is None:
            bits = char_bits(line["parity"], line["stop_bits"])
            direction = self._board.direction(self._index)
            self._rtu = Rtu(stream, line["baud"], bits, direction, gap_ms=line["gap_ms"])
        else:
            self._rtu.attach(stream)
        self._log.add("%s: %s is open" % (self.name, self._board.line_name(self._index)))
        self._open = True
        self._told = False
        return True

    def _close(self) -> None:
        if self._open:
            self._open = False
            try:
                self._rtu.stream.close()
            except (OSError, AttributeError):
                pass  # it is gone; a UART has nothing to close

    def as_dict(self) -> dict:
        """All counters, ready for JSON."""
        facts = self._rtu.counters.as_dict() if self._rtu else {"devices": {}}
        facts["name"] = self.name
        facts["line"] = self._board.line_name(self._index)
        facts["state"] = "open" if self._open else "cannot be opened"
        if self._searching is not None:
            facts["state"] = "lent to a search"
        facts["spent"] = {
            purpose: {"count": self._spent[purpose][0], "us": self._spent[purpose][1]}
            for purpose in NAMES
        }
        return facts
