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

from loadrail.request import (
    EXCEPTION,
    OK,
    PORT,
    READ_INPUT,
    WRITE_MULTIPLE,
    WRITE_SINGLE,
)
from primary.answer import SHORTEST, Answer
from primary.counters import Counters
from primary.frame import ROOM, encode

# Modbus over serial line 1.02, 2.5.1.1: silence of 3.5 characters, but 1.75 ms above 19200 baud.
_FAST_BAUD = const(19200)
_FAST_GAP_US = const(1750)

# The direction pin must fall before a device may answer (t3.5 after the frame), so the end of the
# frame is waited for without yielding: for one ESP32 tick, by which a sleep can be late, and not
# longer, since nothing may hold the loop for more than 10 ms.
_FLUSH_US = const(10000)

# A frame that has begun may be this much slower than its characters. USB adapters deliver in
# bursts, FTDI's up to 16 ms apart; a sleep may be 10 ms late.
_MARGIN_US = const(40000)

_LONGEST_POLL_US = const(5000)


def char_bits(parity: str, stop_bits: int) -> int:
    """Bits of a character on the line: start, eight data bits, parity "N", "E" or "O", stop."""
    return 9 + (parity != "N") + stop_bits


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
        self.char_us = (char_bits * 1000000 + baud - 1) // baud
        gap_us = self.char_us * 7 // 2 if baud <= _FAST_BAUD else _FAST_GAP_US
        self._gap_us = max(gap_us, gap_ms * 1000)
        # Nothing that is a frame lasts longer; a line still not silent then never will be.
        self._settle_us = ROOM * self.char_us
        self._poll_us = min(max(SHORTEST * self.char_us, 1000), _LONGEST_POLL_US)
        self._direction = direction
        self._sent = bytearray(ROOM)
        self._sent_view = memoryview(self._sent)
        self._answer = Answer(echo)
        self._echo = echo
        self._unit = 0  # asked last
        self._active_us = time.ticks_us()  # last byte on the line, either way
        self._owed_unit = 0  # owes an answer that could be taken for another; see _ambiguous
        self._owed_function = self._owed_register = self._owed_count = 0
        self._owed_us = 0  # when it ran out of time
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
        self._owed_unit = 0

    async def transact(self, request, words) -> int:
        """Carry one request out; result codes as in loadrail.request.

        words: array("H") of at least request.count, filled by a read that ends with OK.
        ValueError: a request that cannot be sent, see frame.encode.
        """
        began = time.ticks_us()
        answer = self._answer
        length = encode(request, self._sent)
        answer.expect(request, self._sent, length)
        request.exception = 0
        try:
            await self._wait_for_silence(request)
            self._unit = request.unit
            await self._send(length)
            await self._receive(request)
            result = answer.result
        except OSError:
            result = PORT
        if result == OK:
            if request.function <= READ_INPUT:
                answer.words(words)
        elif result == EXCEPTION:
            request.exception = answer.exception
        elif result != PORT:
            self._owe(request)
        if answer.noise:
            self.counters.stray(request.unit, answer.noise)
        span_us = time.ticks_diff(time.ticks_us(), began)
        length += answer.length
        self.counters.done(request.unit, result, answer.exception, span_us, length)
        return result

    async def _wait_for_silence(self, request):
        # t3.5 since the last byte; what still comes belongs to the past and is thrown away.
        began = time.ticks_us()
        late = False  # what comes is a late frame
        while True:
            count = self._read()
            now = time.ticks_us()
            if count:
                late = self._stray(count, late)
                self._active_us = now
                if time.ticks_diff(now, began) >= self._settle_us:
                    return
            idle_us = time.ticks_diff(now, self._active_us)
            # The counter wraps on boards: further ahead than a frame takes means long ago.
            wait_us = self._gap_us - idle_us if idle_us > -self._settle_us else 0
            wait_us = max(wait_us, self._ambiguous(request, now))
            if wait_us <= 0:
                return
            await _pause(min(wait_us, _LONGEST_POLL_US))

    def _stray(self, count, late):
        if late:
            return True  # more of the same frame
        if not self._unit or self._answer.bytes[0] != self._unit:
            self.counters.stray(self._unit, count)
            return False
        self.counters.late(self._unit)
        if self._unit == self._owed_unit:
            self._owed_unit = 0
        return True

    def _owe(self, request):
        self._owed_unit = request.unit
        self._owed_function = request.function
        self._owed_register = request.register
        self._owed_count = request.count
        self._owed_us = time.ticks_us()

    def _ambiguous(self, request, now):
        # How long to wait for an answer that is owed, in microseconds. RTU has no transaction
        # number: the late answer to a read looks like that to a read of as many other registers,
        # and FC16's answer does not tell which values it is about. So such a request waits one
        # more of its time-outs after the one that was not answered.
        if not self._owed_unit:
            return 0
        left_us = request.timeout_ms * 1000 - time.ticks_diff(now, self._owed_us)
        if not 0 < left_us <= request.timeout_ms * 1000:
            self._owed_unit = 0
            return 0
        if (
            request.unit != self._owed_unit
            or request.function != self._owed_function
            or request.count != self._owed_count
            or request.function == WRITE_SINGLE
        ):
            return 0
        same = request.register == self._owed_register
        return left_us if same == (request.function == WRITE_MULTIPLE) else 0

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
        first_us = request.timeout_ms * 1000  # these two count from sent_us
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
            await asyncio.sleep_ms((wait_us + 999) // 1000)
        if answer.length:
            # The last byte came just now, so the first one did a frame's time ago.
            turn_us = time.ticks_diff(self._active_us, sent_us) - answer.length * char_us
            self.counters.turnaround(request.unit, turn_us if turn_us > 0 else 0)

    async def _judge(self):
        answer = self._answer
        while answer.advance():
            await asyncio.sleep_ms(0)  # one checksum at a time, however much noise there is
            if answer.foreign:
                self.counters.late(answer.foreign)
                if answer.foreign == self._owed_unit:
                    self._owed_unit = 0
                answer.foreign = 0

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
