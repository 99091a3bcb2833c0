# The console's end of the wire: bytes in, answers out, and never a wait for either.
#
# A read takes one byte that is surely there. A write goes out only where the other side takes it;
# if nobody does for a while, the rest of that answer is dropped, and control never notices.

import asyncio
import time

from loadrail.commands import run
from loadrail.lines import LineReader

_POLL_MS = 20  # a person types slower
_BURST = 64  # bytes taken at a time, so that a flood cannot hold the others up
_PATIENCE_MS = 1000  # with a reader that does not read


class Console:
    """`port` has read_byte() -> 0..255, None (nothing now) or -1 (ended), and write(text) -> bool
    (False: cannot take it now). `context` is for loadrail.commands."""

    def __init__(self, port, context, log, beat):
        self._port = port
        self._context = context
        self._log = log
        self._shown = 0  # lines of the log
        self._beat = beat  # to call while alive
        self._lines = LineReader()

    async def run(self):
        """Run for ever; without input it still shows the log."""
        while True:
            self._beat()
            await self._show_log()
            for _ in range(_BURST):
                byte = self._port.read_byte()
                if byte is None or byte < 0:
                    break
                if self._lines.feed(byte):
                    await self._answer()
            await asyncio.sleep_ms(_POLL_MS)

    async def _answer(self):
        if self._lines.fault:
            await self._say(self._lines.fault + "\n")
            return
        for piece in run(self._lines.line, self._context):
            if not await self._say(piece):
                return

    async def _show_log(self):
        shown, self._shown = self._shown, self._log.count
        for line in self._log.since(shown):
            await self._say("! %s\n" % line)

    async def _say(self, text) -> bool:
        """Write, letting the others run; False where nobody reads."""
        began = time.ticks_ms()
        while not self._port.write(text):
            if time.ticks_diff(time.ticks_ms(), began) > _PATIENCE_MS:
                return False
            await asyncio.sleep_ms(5)
        await asyncio.sleep_ms(0)
        return True
