# Modbus RTU over any stream that offers any, readinto, write and flush: a UART, a tty.
#
# One owner task a bus calls transact(), one transaction at a time. A frame ends by its expected
# length or by a deadline, never by a gap measured here: a poll may be 10 ms late on ESP32.
# Times are microseconds of time.ticks_us. The loop is held for less than 1 ms at a time, but for
# the end of a sent frame where a direction pin is used (_FLUSH_US), and one checksum.
# After an OSError of the stream the result is PORT: open it anew and attach() it.

import asyncio
import time

from micropython import const

from loadrail import line
from loadrail.request import (
    EXCEPTION,
    OK,
    PORT,
    READ_INPUT,
    WRITE_SINGLE,
)
from primary.answer import SHORTEST, Answer
from primary.counters import Counters
from primary.frame import ROOM, encode
from primary.overheard import Overheard
from primary.owed import Owed

# The direction pin must fall before a device may answer (t3.5 after the frame), so the end of the
# frame is waited for without yielding: for one ESP32 tick, by which a sleep can be late, and not
# longer, since nothing may hold the loop for more than 10 ms.
_FLUSH_US = const(10000)

# A frame that has begun may be this much slower than its characters. USB adapters deliver in
# bursts, FTDI's up to 16 ms apart; a sleep may be 10 ms late.
_MARGIN_US = const(40000)

_LONGEST_POLL_US = const(5000)

char_bits = line.char_bits  # whoever makes an Rtu needs it


class Rtu:
    """The primary's end of one RTU line.

    direction: None, or what drives the transceiver's DE pin when called with 1 or 0 (a Pin).
    gap_ms: silence to keep before a request, where a device needs more than t3.5.
    echo: the line hands back what we send. Found out by itself once a read or an FC16 comes back,
    but an FC06 that comes back before that would look like its own acknowledgement.
    """

    def __init__(
        self, stream, baud, char_bits, direction=None, counters=None, *, gap_ms=0, echo=False
    ):
        self.stream = stream
        self.counters = counters or Counters()
        self.char_us = line.char_us(baud, char_bits)
        self._gap_us = max(line.gap_us(baud, self.char_us), gap_ms * 1000)
        # Nothing that is a frame lasts longer; a line still not silent then never will be.
        self._settle_us = ROOM * self.char_us
        self._poll_us = min(max(SHORTEST * self.char_us, 1000), _LONGEST_POLL_US)
        self._direction = direction
        self._sent = bytearray(ROOM)
        self._sent_view = memoryview(self._sent)
        self._answer = Answer(echo)
        self._echo = echo
        self._overheard = Overheard()
        self._unit = 0  # asked last; 0: what comes may still be for who was here before
        self._active_us = time.ticks_us()  # last byte on the line, either way
        self._owed = Owed(time.ticks_diff)
        self._timeout_us = 0  # of the present request
        if direction is not None:
            direction(0)

    @property
    def echo(self) -> bool:
        """Does the line repeat what we send, as configured or as seen?"""
        return self._answer.echo

    def attach(self, stream):
        """Go on with another stream, after PORT."""
        self.stream = stream
        self._answer.echo = self._echo
        self._owed.forget()

    async def transact(self, request, words) -> int:
        """Carry one request out; result codes as in loadrail.request.

        words: array("H") of at least request.count, filled by a read that ends with OK.
        ValueError: a request that cannot be sent, see frame.encode.
        """
        began = time.ticks_us()
        answer = self._answer
        length = encode(request, self._sent)
        request.exception = 0
        request.turnaround_ms = None
        self._timeout_us = request.timeout_ms * 1000
        doubt = 0
        try:
            await self._wait_for_silence()
            answer.expect(request, self._sent, length)
            self._unit = request.unit
            doubt = self._owed.doubt(self._sent, time.ticks_us())
            await self._send(length)
            self._overheard.sent(self._sent, length)
            await self._receive(request)
            result = answer.result
        except OSError:
            result = PORT
        if result == OK:
            if request.function <= READ_INPUT:
                answer.words(words)
        elif result == EXCEPTION:
            request.exception = answer.exception
        now = time.ticks_us()
        if result != PORT and doubt >= (2 if result == OK else 1 if result == EXCEPTION else 0):
            self._owed.note(self._sent, 0, now, self._timeout_us, False)
        if answer.noise:
            self.counters.stray(request.unit, answer.noise)
        span_us = time.ticks_diff(now, began)
        length += answer.length
        self.counters.done(request.unit, result, answer.exception, span_us, length)
        return result

    async def _wait_for_silence(self):
        # t3.5 since the last byte; what still comes belongs to the past, or to somebody else.
        answer = self._answer
        answer.listen()
        if answer.end:
            await self._judge()
        began = silent = time.ticks_us()
        while True:
            count = self._read()
            now = time.ticks_us()
            if count:
                self._active_us = now
                answer.end += count
                await self._judge()
                now = time.ticks_us()
            babbles = count and time.ticks_diff(now, silent) >= self._settle_us
            idle_us = time.ticks_diff(now, self._active_us)
            # The counter wraps on boards: further ahead than a frame takes means long ago.
            wait_us = self._gap_us - idle_us if idle_us > -self._settle_us else 0
            if babbles:
                wait_us = 0
            elif wait_us <= 0 and not count:
                silent = now
            wait_us = max(wait_us, self._owed_us(now, began))
            if wait_us > 0:
                await _pause(min(wait_us, _LONGEST_POLL_US))
            elif answer.pending and not babbles:
                answer.lapse()
                await self._judge()
                await asyncio.sleep_ms(0)
            else:
                break
        noise = answer.noise + answer.end - answer.start
        if noise:
            self.counters.stray(self._unit, noise)

    def _owed_us(self, now, began):
        # Another primary that asks on and on, and whom nobody answers, must not silence us.
        owed = self._owed
        left_us = owed.left_us(self._sent, now)
        return min(left_us, owed.longest_us - time.ticks_diff(now, began)) if left_us else 0

    async def _send(self, length):
        direction = self._direction
        span_us = length * self.char_us
        if direction is None:
            began = time.ticks_us()
            self._write(length)
        else:
            direction(1)
            try:
                began = time.ticks_us()
                self._write(length)
                left_us = span_us
                while left_us > _FLUSH_US:
                    await asyncio.sleep_ms((left_us - _FLUSH_US + 999) // 1000)
                    left_us = span_us - time.ticks_diff(time.ticks_us(), began)
                self.stream.flush()
                # A tty cannot tell when its last byte is out: there the arithmetic does.
                left_us = span_us - time.ticks_diff(time.ticks_us(), began)
                if left_us > 0:
                    time.sleep_us(left_us)
            finally:
                direction(0)
        self._active_us = time.ticks_add(began, span_us)

    def _write(self, length):
        if self.stream.write(self._sent_view[:length]) != length:
            raise OSError(5)  # EIO: half a frame is none

    async def _receive(self, request):
        answer = self._answer
        char_us = self.char_us
        sent_us = self._active_us
        first_us = self._timeout_us  # these two count from sent_us
        last_us = first_us + ROOM * char_us + _MARGIN_US  # whatever noise does
        whole_by = sent_us  # when what has begun must be complete
        while True:
            count = self._read()
            now = time.ticks_us()
            if count:
                self._active_us = now
                answer.end += count
                await self._judge()
                whole_by = time.ticks_add(now, answer.missing * char_us + _MARGIN_US)
            elif answer.pending and time.ticks_diff(now, whole_by) >= 0:
                answer.lapse()
                await self._judge()
            if answer.result is not None:
                break
            spent_us = time.ticks_diff(now, sent_us)
            if spent_us >= (last_us if answer.pending else first_us):
                answer.finish()
                break
            if answer.pending:
                wait_us = answer.missing * char_us
            else:
                wait_us = self._poll_us - (spent_us if spent_us < 0 else 0)
            if count and char_us < 1000:
                await _pause(wait_us)  # late bytes are not waited for so
            else:
                await asyncio.sleep_ms((wait_us + 999) // 1000)
        if answer.length:
            # The last byte came just now, so the first one did a frame's time ago.
            turn_us = time.ticks_diff(self._active_us, sent_us) - answer.length * char_us
            turn_us = max(turn_us, 0)
            request.turnaround_ms = (turn_us + 999) // 1000
            self.counters.turnaround(request.unit, turn_us)
            self._overheard.answered()

    async def _judge(self):
        answer = self._answer
        more = True
        while more:
            more = answer.advance()
            if answer.foreign:
                self._note_foreign()
            if more:
                await asyncio.sleep_ms(0)  # one checksum at a time, however much noise there is

    def _note_foreign(self):
        # An intact frame that is not the answer: of a device, late or to another, or a request.
        answer = self._answer
        data = answer.bytes
        unit = answer.foreign
        length = answer.asked
        at = answer.foreign_at
        answer.foreign = answer.asked = 0
        now = time.ticks_us()
        if length and self._unit and self._overheard.is_request(data, at, length):
            self.counters.intruder(unit, data[at + 1])
            self._owed.note(data, at, now, self._timeout_us, True)
        elif not length or data[at + 1] == WRITE_SINGLE:
            self.counters.late(unit)
            self._owed.came(data, at, now)

    def _read(self):
        # Never ask for more than is there: rp2's UART would wait for the rest.
        count = self.stream.any()
        if not count:
            return 0
        answer = self._answer
        room = answer.room()  # before `end` is looked at: it may move
        end = answer.end
        return self.stream.readinto(answer.view[end : end + min(count, room)]) or 0


async def _pause(wait_us):
    # Whole milliseconds are slept, the rest is waited out: rounding up would cost 2 % of a line.
    if wait_us >= 1000:
        await asyncio.sleep_ms(wait_us // 1000)
    else:
        time.sleep_us(wait_us)
