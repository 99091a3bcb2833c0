# Modbus RTU frames, the way in: bytes that came become the result of a Request. No I/O, no clock.
#
# An answer is taken only if unit, function, length and CRC match, and for a write also what it
# echoes; umodbus checks less. Answer is fed by whoever reads the line: make room(), put bytes
# into `view` at `end`, raise `end`, call advance() until it returns False; then `result` is set,
# or `missing` more bytes are wanted. It does at most one checksum a call, so that the caller can
# let other tasks run in between. After listen() no answer is expected, and every frame foreign.
#
# At each place an answer is looked for first, since what it carries may look like a request.

from loadrail.request import CRC, EXCEPTION, MISMATCH, OK, READ_INPUT, TIMEOUT, WRITE_SINGLE
from primary.frame import LAST_UNIT, ROOM, crc16
from primary.overheard import request_length

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


SHORTEST = const(5)  # an exception answer: unit, function, code, CRC
_FIXED = const(8)  # every answer to a write; also every request but FC16
_MOST_DATA = const(250)  # bytes in an answer of 125 registers
_ERROR = const(0x80)  # set in the function of an exception answer

# Bytes of an answer by its function, 0..16; what a read brings comes on top; 0: never asked for.
_LENGTHS = b"\0\5\5\5\5\10\10\0\0\0\0\0\0\0\0\10\10"

# Bytes before an answer that are passed over. A transceiver that turns round adds one or two; a
# line without bias some more. Beyond that the answer itself is taken to be damaged.
MOST_NOISE = const(16)

_NOBODY = const(0)  # no frame's unit
_NOTHING = const(0x80)  # no frame's function, without its error bit

# So many answers in a row without an echo, and a line that seemed to echo does not: it was another
# primary that asked the same. Not fewer, for a lost echo must not make the next one an answer.
_BARE = const(8)


def _frame_length(function):
    plain = function & ~_ERROR
    length = _LENGTHS[plain] if plain < len(_LENGTHS) else 0
    return SHORTEST if length and function & _ERROR else length


class Answer:
    """Finds the answer to one request among the bytes that come."""

    def __init__(self, echo: bool = False):
        self.bytes = bytearray(ROOM)
        self.view = memoryview(self.bytes)
        self.echo = self._always = echo  # the line repeats what we send: configured, or seen
        self._bare = 0  # answers in a row before which no echo came
        self._clear()
        self.listen()

    def _clear(self):
        self.start = 0  # first byte not yet judged
        self.end = 0  # behind the last byte that came
        self.missing = SHORTEST  # bytes until the next look makes sense
        self.pending = False  # something that may be a frame has begun
        self.result = None
        self.length = 0  # of the accepted answer, in bytes
        self.exception = 0
        self.noise = 0  # bytes that belonged to no frame
        self.foreign = 0  # unit of the last intact frame that was not the answer; reader clears
        self.foreign_at = 0  # and where it begins, until there is more room()
        self.asked = 0  # length of that frame, just before `start`, if it may be a request; same
        self._intact = False  # there was an answer to something else
        self._echoed = False  # our own frame has come back and is dropped
        self._failed = False  # at `start` there is no answer
        self._over = False  # nor will more bytes make a frame of it
        self._fresh = True  # nothing has come since

    def listen(self):
        """Expect nothing: whatever comes, or has come behind the answer, is noise or foreign."""
        start = self.start + self.length
        end = self.end
        rest = self.length and start < end
        self._clear()
        if rest:
            self.start = start
            self.end = end
            self._fresh = False
        self._unit = _NOBODY
        self._function = _NOTHING
        self._sent_length = 0
        self._echoed = True  # there is nothing to come back

    def expect(self, request, sent, sent_length: int):
        """Begin anew, for the answer to `request`, which went out as sent[:sent_length]."""
        if not self._fresh:  # most often listening has just begun, and there was nothing
            self._clear()
        self._echoed = False
        self._unit = request.unit
        self._function = request.function
        self._data = 2 * request.count
        self._sent = sent
        self._sent_length = sent_length

    def room(self) -> int:
        """How many bytes may be put in at `end`; at least `missing`."""
        self._fresh = False
        if self.start:  # only after noise, an echo or a foreign frame
            left = self.end - self.start
            self.bytes[:left] = self.bytes[self.start : self.end]
            self.start = 0
            self.end = left
        return ROOM - self.end

    def advance(self) -> bool:
        """Judge what has come. True: there is more to judge, call again."""
        for _ in range(MOST_NOISE):
            if self.result is not None:
                return False
            have = self.end - self.start
            length = 0 if self._failed else self._length(have)
            if length and have >= length:
                self._judge(length)
                return self.result is None
            if not length or self._over:
                length = request_length(self.bytes, self.start, have)
                if length and have >= length:
                    self._judge_request(length)
                    return self.result is None
                if not length or self._over:
                    self._reject()
                    continue
            self.missing = length - have
            self.pending = have > 0
            return False
        return self.result is None

    def lapse(self):
        """What has begun did not go on in time: a request, damaged if it was ours, or noise."""
        self._over = True

    def finish(self):
        """The time for an answer is over.

        Bytes enough for a frame, but none intact, are a damaged answer rather than silence.
        """
        if self._is_ours() or (self.noise >= SHORTEST and not self._intact):
            self.result = CRC
        else:
            self.result = MISMATCH if self._intact else TIMEOUT

    def words(self, words):
        """Registers of an accepted read into words[0..]."""
        at = self.start + 3
        data = self.bytes
        for i in range(self._data >> 1):
            words[i] = data[at] << 8 | data[at + 1]
            at += 2

    def _length(self, have):
        # Length of the frame that seems to begin here, as far as it can be told; 0 if none does.
        if not have:
            return SHORTEST
        if self._repeats(have):
            return _FIXED if have < _FIXED else self._sent_length
        data = self.bytes
        at = self.start
        if not 1 <= data[at] <= LAST_UNIT:
            return 0
        if have == 1:
            return SHORTEST
        length = _frame_length(data[at + 1])
        if length != SHORTEST or have == 2 or data[at + 1] & _ERROR:
            return length
        count = data[at + 2]
        return SHORTEST + count if 1 <= count <= _MOST_DATA else 0

    def _repeats(self, have):
        # Is this our own frame coming back? The answer to FC06 looks the same as its request, so
        # there only a line that is known to echo is believed to do so.
        if self._echoed or (self._function == WRITE_SINGLE and not self.echo):
            return False
        data = self.bytes
        at = self.start
        sent = self._sent
        for i in range(have if have < self._sent_length else self._sent_length):
            if data[at + i] != sent[i]:
                return False
        return True

    def _judge(self, length):
        at = self.start
        end = at + length
        data = self.bytes
        if length == self._sent_length and self._repeats(length):
            self.echo = self._echoed = True
            self._drop(end)
            return
        if not self._sound(end):
            self._failed = True
        elif not self._is_ours() or not self._fits():
            # Late, or from another device. The answer may still come, so listening goes on.
            self.foreign = data[at]
            self.foreign_at = at
            if data[at + 1] == WRITE_SINGLE:
                self.asked = length
            self._intact = True
            self._drop(end)
        else:
            self.length = length
            self._look_for_echo()
            if data[at + 1] & _ERROR:
                self.exception = data[at + 2]
                self.result = EXCEPTION
            else:
                self.result = OK

    def _judge_request(self, length):
        at = self.start
        end = at + length
        if not self._sound(end):
            self._reject()
            return
        data = self.bytes
        self.foreign = data[at]
        self.foreign_at = at
        self.asked = length
        if self._is_ours() and data[at + 5] == self._sent[5]:
            # The same of as many registers: unless it is the very same, asked a second time, its
            # answer could not be told from ours.
            sent = self._sent
            sent_end = self._sent_length
            if data[end - 2] != sent[sent_end - 2] or data[end - 1] != sent[sent_end - 1]:
                self.result = MISMATCH
        self._drop(end)

    def _sound(self, end):
        data = self.bytes
        crc = crc16(data, self.start, end - 2)
        return data[end - 2] == crc & 0xFF and data[end - 1] == crc >> 8

    def _look_for_echo(self):
        if self._function == WRITE_SINGLE or self._always:
            return
        self._bare = 0 if self._echoed else self._bare + 1
        if self._bare >= _BARE:
            self._bare = 0
            self.echo = False

    def _is_ours(self):
        at = self.start
        return (
            self.end - at >= 2
            and self.bytes[at] == self._unit
            and self.bytes[at + 1] & 0x7F == self._function
        )

    def _fits(self):
        # Is this what the request asked for? Byte count of a read, bytes 2-5 of a write.
        at = self.start
        data = self.bytes
        if data[at + 1] & _ERROR:
            return True
        if self._function <= READ_INPUT:
            return data[at + 2] == self._data
        differing = 0
        for i in range(2, 6):
            differing |= data[at + i] ^ self._sent[i]
        return not differing

    def _drop(self, end):
        self.start = end
        self.pending = self._failed = self._over = False

    def _reject(self):
        # No frame begins here. An answer that came whole, or did not go on, is damaged.
        if (self._failed or self._over) and self._is_ours():
            self.result = CRC
            return
        self._drop(self.start + 1)
        self.noise += 1
        if self.noise > MOST_NOISE and self._unit != _NOBODY:
            self.result = CRC
