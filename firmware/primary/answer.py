# Modbus RTU frames, the way in: bytes that came become the result of a Request. No I/O, no clock.
#
# An answer is taken only if unit, function, length and CRC match, and for a write also what it
# echoes; umodbus checks less. Answer is fed by whoever reads the line: make room(), put bytes
# into `view` at `end`, raise `end`, call advance() until it returns False; then `result` is set,
# or `missing` more bytes are wanted. It does at most one checksum a call, so that the caller can
# let other tasks run in between.

from loadrail.request import CRC, EXCEPTION, MISMATCH, OK, READ_INPUT, TIMEOUT, WRITE_SINGLE
from primary.frame import LAST_UNIT, ROOM, crc16

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


def _frame_length(function):
    plain = function & ~_ERROR
    length = _LENGTHS[plain] if plain < len(_LENGTHS) else 0
    return SHORTEST if length and function & _ERROR else length


class Answer:
    """Finds the answer to one request among the bytes that come."""

    def __init__(self, echo: bool = False):
        self.bytes = bytearray(ROOM)
        self.view = memoryview(self.bytes)
        self.echo = echo  # the line repeats what we send: configured, or seen on a read
        self._clear()

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
        self._intact = False  # there was one
        self._echoed = False  # our own frame has come back and is dropped

    def expect(self, request, sent, sent_length: int):
        """Begin anew, for the answer to `request`, which went out as sent[:sent_length]."""
        self._clear()
        self._unit = request.unit
        self._function = request.function
        self._data = 2 * request.count
        self._sent = sent
        self._sent_length = sent_length

    def room(self) -> int:
        """How many bytes may be put in at `end`; at least `missing`."""
        if self.start:  # only after noise, an echo or a foreign frame
            left = self.end - self.start
            self.bytes[:left] = self.bytes[self.start : self.end]
            self.start = 0
            self.end = left
        return ROOM - self.end

    def advance(self) -> bool:
        """Judge what has come. True: there is more to judge, call again."""
        while self.result is None:
            have = self.end - self.start
            length = self._length(have)
            if not length:
                self._skip()
            elif have < length:
                self.missing = length - have
                self.pending = have > 0
                return False
            else:
                self._judge(length)
                return self.result is None
        return False

    def lapse(self):
        """What has begun did not go on in time: damaged if it was ours, else noise."""
        if self._is_ours():
            self.result = CRC
        else:
            self._skip()

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
        crc = crc16(data, at, end - 2)
        if data[end - 2] != crc & 0xFF or data[end - 1] != crc >> 8:
            if self._is_ours():
                self.result = CRC
            else:
                self._skip()
        elif not self._is_ours() or not self._fits():
            # Late, or from another device. The answer may still come, so listening goes on.
            self.foreign = data[at]
            self._intact = True
            self._drop(end)
        else:
            self.length = length
            self.noise += self.end - end
            if data[at + 1] & _ERROR:
                self.exception = data[at + 2]
                self.result = EXCEPTION
            else:
                self.result = OK

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
        self.pending = False

    def _skip(self):
        self.start += 1
        self.noise += 1
        self.pending = False
        if self.noise > MOST_NOISE:
            self.result = CRC
