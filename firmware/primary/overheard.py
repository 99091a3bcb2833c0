# Another primary on the line: requests that somebody sends, but not we. No I/O, no clock.
#
# A request that comes in may be an echo of ours, and FC06 is answered with its own bytes: such a
# frame may be a late answer to us, or the answer to a request that was heard and counted before.
# On doubt it is nobody's request. The other's answers tell nothing that ours would not.
# Ranges of counts are those of the Modbus application protocol 1.1b3, 6.3, 6.4 and 6.12.

from loadrail.request import READ_HOLDING, READ_INPUT, WRITE_MULTIPLE, WRITE_SINGLE
from primary.frame import LAST_UNIT

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


_SHORT = const(8)  # bytes of a request to read, or of FC06
_HEAD = const(6)  # of those up to the checksum
_MOST_READ = const(125)
_MOST_WRITTEN = const(123)

# FC06 may be answered late, after others have gone out: room for one to each of 20 chargers, and
# for some more of them.
_WRITES = const(32)


def request_length(data, at: int, have: int) -> int:
    """Length of the read or FC16 request that seems to begin at data[at]; 0: none does.

    `have` bytes of it are there; as long as they leave it open, at least that many are missing.
    FC06 is not told here: its answer looks the same.
    """
    if have < 2 or not 1 <= data[at] <= LAST_UNIT:
        return 0
    function = data[at + 1]
    writes = function == WRITE_MULTIPLE
    if not writes and not READ_HOLDING <= function <= READ_INPUT:
        return 0
    if have < _HEAD:
        return _SHORT
    count = data[at + 5]
    if data[at + 4] or not 1 <= count <= (_MOST_WRITTEN if writes else _MOST_READ):
        return 0
    if not writes:
        return _SHORT
    return 0 if have > _HEAD and data[at + 6] != 2 * count else 9 + 2 * count


class Overheard:
    """Tells a request of somebody else's from what our own leave on the line."""

    def __init__(self):
        self._last = 0  # unit and function of what we sent last, until it is answered
        self._last_crc = 0  # with these two it is told well enough
        self._writes = bytearray(_SHORT * _WRITES)  # our last FC06, a ring
        self._next = 0
        self._counted = bytearray(_SHORT)  # the last FC06 of somebody else's
        self._answer_due = False  # and whether its answer is still to come

    def sent(self, frame, length: int):
        """We sent frame[:length]."""
        self._last = frame[0] << 8 | frame[1]
        self._last_crc = frame[length - 2] << 8 | frame[length - 1]
        if frame[1] == WRITE_SINGLE:
            _keep(self._writes, self._next, frame, 0)
            self._next = (self._next + _SHORT) % (_SHORT * _WRITES)

    def answered(self):
        """What we sent last has its answer: no echo of it can come any more."""
        self._last = 0  # no frame's

    def is_request(self, data, at: int, length: int) -> bool:
        """Is the intact frame data[at:at+length] somebody else's request?"""
        end = at + length
        if data[at] << 8 | data[at + 1] == self._last:
            if data[end - 2] << 8 | data[end - 1] == self._last_crc:
                return False
        if data[at + 1] != WRITE_SINGLE:
            return True
        for slot in range(0, _SHORT * _WRITES, _SHORT):
            if _same(self._writes, slot, data, at):
                return False
        if self._answer_due and _same(self._counted, 0, data, at):
            self._answer_due = False
            return False
        _keep(self._counted, 0, data, at)
        self._answer_due = True
        return True


def _keep(frames, slot, data, at):
    for i in range(_SHORT):
        frames[slot + i] = data[at + i]


def _same(frames, slot, data, at):
    for i in range(_SHORT - 1, -1, -1):  # the checksum first: it nearly always tells
        if frames[slot + i] != data[at + i]:
            return False
    return True
