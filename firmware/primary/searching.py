# A line that is lent to a search for the meter: opens it anew for each setting that the search
# asks for, carries its reads, tells the log what answers and how it ends.
#
# Nothing is counted here: a search asks 247 addresses, and counters keep a row for each.

import asyncio

from micropython import const

from loadrail import search_texts
from loadrail.request import PORT, Request
from primary.rtu import Rtu, char_bits

_RETRY_MS = 2000
_EINVAL = const(22)  # what a port says that lacks a speed or a parity


class Searching:
    """One search (loadrail.search) on bus `index`. `words`: room for the longest answer."""

    def __init__(self, search, index, board, log, words):
        self._search = search
        self._index = index
        self._board = board
        self._log = log
        self._words = words
        self._request = Request()
        self._rtu = None
        self._line = None  # that the stream is open with; None: closed
        self._told = 0  # of those that answered
        self._complained = False

    async def one(self, now_ms) -> bool:
        """Carry one request; False where the search is over. `now_ms` is a function."""
        search, request = self._search, self._request
        if not search.next(request, now_ms()):
            return False
        if search.line != self._line and not await self._open(search.line, now_ms):
            return True
        if search.gap_ms:
            await asyncio.sleep_ms(search.gap_ms)
        result = await self._rtu.transact(request, self._words)
        if result == PORT:
            self.close()
        search.answer(now_ms(), result, self._words)
        self._tell_answered()
        return True

    def end(self, primary) -> None:
        """The search is over: give the line back, and say how it ended."""
        self.close()
        for text in search_texts.result(self._search, self._index, primary):
            self._log.add(text if text.startswith("{") else "search: " + text)

    def give_up(self) -> None:
        """The search is over, and nothing is said of it."""
        self._search.stop()
        self.close()

    def close(self) -> None:
        if self._line is not None:
            self._line = None
            try:
                self._rtu.stream.close()
            except (OSError, AttributeError):
                pass  # it is gone; a UART has nothing to close

    async def _open(self, line, now_ms) -> bool:
        self.close()
        baud, parity, stop_bits = line
        settings = {"baud": baud, "parity": parity, "stop_bits": stop_bits}
        try:
            stream = self._board.open_line(self._index, settings)
        except (ValueError, OSError) as error:
            if isinstance(error, ValueError) or error.errno == _EINVAL:
                self._refuse(error, now_ms)
            else:
                self._complain(error)
                await asyncio.sleep_ms(_RETRY_MS)
            return False
        direction = self._board.direction(self._index)
        self._rtu = Rtu(stream, baud, char_bits(parity, stop_bits), direction, _Uncounted())
        self._line = line
        self._complained = False
        return True

    def _complain(self, error):
        if not self._complained:
            self._complained = True
            name = self._board.line_name(self._index)
            self._log.add("search: %s cannot be opened (%s); trying again" % (name, error))

    def _refuse(self, error, now_ms):
        """There is a port, but it cannot be set so: no reason to wait for it."""
        told = (search_texts.format_of(self._search.line), error)
        self._log.add("search: without %s, to which the port cannot be set (%s)" % told)
        self._search.refuse(now_ms())

    def _tell_answered(self):
        answered = self._search.answered
        for entry in answered[self._told :]:
            self._log.add("search: " + search_texts.answered(entry))
        self._told = len(answered)


class _Uncounted:
    """What an Rtu counts with, and nothing kept."""

    def done(self, unit, result, exception, span_us, length):
        pass

    def turnaround(self, unit, span_us):
        pass

    def late(self, unit):
        pass

    def intruder(self, unit, function):
        pass

    def stray(self, unit, count):
        pass
