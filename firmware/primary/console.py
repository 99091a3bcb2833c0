# The console's end of the wire: bytes in, answers out, and never a wait for either.
#
# A read takes one byte that is surely there. A write goes out only where the other side takes it;
# if nobody does for a while, the rest of that answer is dropped, and control never notices. From
# then on less patience is wasted on it, so that a flood from somebody who never reads drains.

import asyncio
import time

from loadrail import commands
from loadrail.lines import LineReader

_POLL_MS = 20  # a person types slower
_BURST = 64  # bytes taken at a time, so that a flood cannot hold the others up
_PATIENCE_MS = 1000  # with a reader that does not read
_LITTLE_MS = 50  # with one that did not the last time


class Console:
    """`port` has read_byte() -> 0..255, None (nothing now) or -1 (ended), and write(text) -> bool
    (False: cannot take all of it now, try again). `context` is for loadrail.commands."""

    def __init__(self, port, context, log, beat):
        self._port = port
        self._context = context
        self._log = log
        self._shown = 0  # lines of the log
        self._beat = beat  # to call while alive
        self._lines = LineReader(self._complete)
        self._patience_ms = _PATIENCE_MS

    async def run(self):
        """Run for ever; without input it still shows the log."""
        while True:
            self._beat()
            await self._show_log()
            if await self._take():
                # More may be there already, and a board's buffer is short: but the others first.
                await asyncio.sleep_ms(1)
                continue
            self._lines.idle()
            await self._flush()
            await asyncio.sleep_ms(_POLL_MS)

    async def _take(self) -> bool:
        """Take what has come; False where that was all."""
        for _ in range(_BURST):
            byte = self._port.read_byte()
            if byte is None or byte < 0:
                return False
            if self._lines.feed(byte):
                await self._flush()
                await self._answer()
        await self._flush()
        return True

    async def _answer(self):
        if self._lines.fault:
            await self._say(self._lines.fault + "\n")
            return
        pieces = commands.run(self._lines.line, self._context)
        try:
            await self._carry(pieces)
        except Exception as error:  # no memory, say: one answer is lost, and nothing else
            await self._say('\n{"error": "%s"}\n' % type(error).__name__)
            self._log.add("console: %s: %s" % (type(error).__name__, error))
        finally:
            pieces.close()

    async def _carry(self, pieces):
        result = None
        while True:
            try:
                piece = pieces.send(result)
            except StopIteration:
                return
            result = None
            if hasattr(piece, "send"):
                result = await piece
            elif not await self._say(piece):
                return

    async def _show_log(self):
        if self._shown == self._log.count:
            return
        self._lines.hide()
        await self._flush()
        shown, self._shown = self._shown, self._log.count
        for line in self._log.since(shown):
            await self._say("! %s\n" % line)

    async def _flush(self):
        """Send the terminal what it must be sent."""
        text, self._lines.out = self._lines.out, ""
        if text:
            await self._say(text)

    async def _say(self, text) -> bool:
        """Write, letting the others run; False where nobody reads."""
        began = time.ticks_ms()
        while not self._port.write(text):
            if time.ticks_diff(time.ticks_ms(), began) > self._patience_ms:
                self._patience_ms = _LITTLE_MS
                return False
            self._beat()
            await asyncio.sleep_ms(5)
        self._patience_ms = _PATIENCE_MS
        self._beat()
        await asyncio.sleep_ms(0)
        return True

    def _complete(self, text):
        try:
            return commands.complete(text, self._context)
        except MemoryError:
            return []
