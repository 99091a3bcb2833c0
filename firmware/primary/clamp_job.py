# The clamps' job: lets the board sample, works the currents out and hands them to the core.
#
# One run takes one stretch of about 105 ms, which the board fills by itself. A clamp is worked
# out at a time, and the other jobs run in between: that is some 20 us a sample on an RP2040
# (an estimate), so 6 ms at 2510 Hz. The room for samples is made once.
# A run without samples hands nothing over; the core then finds its meter lost by itself (S5).

import asyncio
from array import array

_POLL_MS = 5
_PATIENCE_MS = 200  # beyond the time that a stretch lasts


class ClampJob:
    """`source`: what board.clamps() gave, see boards/unix.py. `now_ms`: the core's counter."""

    def __init__(self, primary, source, log, now_ms):
        self.calibrating = False  # the next stretch is taken for the zero
        self.found = ()  # what the last calibration made of each clamp, see loadrail.clamps
        self._primary = primary
        self._source = source
        self._log = log
        self._now_ms = now_ms
        self._meter = None  # that `_buffer` is for
        self._buffer = None
        self._current_ma = [None] * 3
        self._told = None  # the newest complaint

    def calibrate(self) -> None:
        """Take the zero from the next stretch; `calibrating` ends with it."""
        self.calibrating = True

    async def run(self):
        """One stretch, for the scheduler."""
        meter = self._clamp_meter()
        if meter is None:
            return
        fault = await self._sampled()
        if fault != self._told:
            self._told = fault
            self._log.add("clamps: " + (fault or "samples come"))
        if fault:
            return
        if self.calibrating:
            await self._zero(meter.clamps)
        else:
            await self._measure(meter.clamps)

    def _clamp_meter(self):
        """The core's meter, set up for this board, if it is clamps."""
        primary, source = self._primary, self._source
        meter = primary.meter
        if meter is None or primary.meter_bus is not None:
            return None
        if meter is not self._meter:
            self._meter = meter
            meter.set_up(source.rate_hz, source.reference_mv)
            count = meter.clamps[0].length * source.channels
            if self._buffer is None or len(self._buffer) != count:
                self._buffer = array("H", (0 for _ in range(count)))
        return meter

    async def _sampled(self) -> "str | None":
        """Let the board fill the buffer; None, or why it is not full."""
        source = self._source
        if self._meter.phases > source.channels:
            return "this board has inputs for %d only" % source.channels
        stretch_ms = len(self._buffer) // source.channels * 1000 // source.rate_hz
        try:
            source.start(self._buffer)
            await asyncio.sleep_ms(stretch_ms)
            for _ in range(_PATIENCE_MS // _POLL_MS):
                if source.ready():
                    return None
                await asyncio.sleep_ms(_POLL_MS)
        except OSError as error:
            return "the input cannot be read (%s)" % error
        return "no samples come"

    async def _measure(self, clamps):
        for phase, clamp in enumerate(clamps):
            clamp.measure(self._buffer, phase, self._source.channels)
            self._current_ma[phase] = clamp.ma
            await asyncio.sleep_ms(0)
        self._primary.clamp_sample(self._now_ms(), self._current_ma)

    async def _zero(self, clamps):
        found = []
        for phase, clamp in enumerate(clamps):
            found.append(clamp.calibrate(self._buffer, phase, self._source.channels))
            await asyncio.sleep_ms(0)
        self.found = found
        self.calibrating = False
