# Answers that may still come, to requests of ours and of others. No I/O, no clock: times are
# microseconds of a counter that wraps, and whoever owns it hands in how they are subtracted.
#
# RTU has no transaction number: the late answer to a read looks like that to a read of as many
# other registers, and FC16's answer does not tell which values it is about. A request whose
# answer could be confused so waits one more time-out after the one that was not answered.
#
# Nothing that comes ends this wait. What looks like the answer may be that to an older request,
# or to somebody else's, or refuse something else; then the one that is owed would be taken for the
# next. Only what another primary has asked counts as answered by the first frame that could be
# the answer: it is in time as a rule, and who polls faster than our time-out would hold us up.

from loadrail.request import READ_INPUT, WRITE_MULTIPLE, WRITE_SINGLE

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


_HEAD = const(6)  # bytes of a request that tell its answer: unit, function, register, count
_ROW = const(7)  # those, and whether somebody else has asked; unit 0: a free row
_ERROR = const(0x80)  # set in the function of an exception answer

# Each lasts for a time-out, and what fails takes one too, but for damage and for other primaries.
# Where there is no room the oldest is given up.
_ROWS = const(16)


class Owed:
    """What is owed on one line. Frames are given as a buffer and where in it they begin."""

    def __init__(self, ticks_diff):
        self._diff = ticks_diff
        self._rows = bytearray(_ROW * _ROWS)
        self._since_us = [0] * _ROWS
        self._span_us = [0] * _ROWS
        self._count = 0  # rows in use; most often none
        self.longest_us = 0  # that anything was ever owed for

    def forget(self):
        """Nothing is owed any more."""
        for i in range(_ROWS):
            self._rows[i * _ROW] = 0
        self._count = 0

    def note(self, request, at: int, now_us: int, span_us: int, others: bool):
        """The answer to this request may come for another `span_us`. others: not we have asked."""
        if request[at + 1] == WRITE_SINGLE:
            return  # its answer tells all
        self.longest_us = max(self.longest_us, span_us)
        rows = self._rows
        best = least_us = -1
        for i in range(_ROWS):
            left_us = self._left_us(i, now_us)
            if left_us and self._same(i, request, at):
                best = i
                others = False  # asked twice: the answer to the one may be taken for the other's
                break
            if best < 0 or left_us < least_us:
                best = i
                least_us = left_us
        row = best * _ROW
        if not rows[row]:
            self._count += 1
        for k in range(_HEAD):
            rows[row + k] = request[at + k]
        rows[row + _HEAD] = others
        self._since_us[best] = now_us
        self._span_us[best] = span_us

    def left_us(self, request, now_us: int) -> int:
        """How long the answer to this request could be confused with one that is owed."""
        most_us = 0
        if not self._count:
            return most_us
        for i in range(_ROWS):
            left_us = self._left_us(i, now_us)
            if left_us > most_us and self._confusing(i, request):
                most_us = left_us
        return most_us

    def doubt(self, request, now_us: int) -> int:
        """Ask this when a request goes out, for a long answer may outlast what it was owed for.

        2: what it brings may be the answer to an equal one before it; 1: only if it is refused,
        since an exception tells nothing but unit and function; 0: neither.
        """
        doubt = 0
        if not self._count:
            return doubt
        rows = self._rows
        for i in range(_ROWS):
            row = i * _ROW
            if self._left_us(i, now_us) and rows[row] == request[0]:
                if self._same(i, request, 0):
                    return 2
                if rows[row + 1] == request[1]:
                    doubt = 1
        return doubt

    def came(self, answer, at: int, now_us: int):
        """A frame that is no answer to what we have asked now: what others asked is answered."""
        if not self._count:
            return
        rows = self._rows
        oldest = least_us = -1
        for i in range(_ROWS):
            left_us = self._left_us(i, now_us)
            if not left_us or not self._answers(i, answer, at):
                continue
            if not rows[i * _ROW + _HEAD]:
                return  # it may be a late one to us as well
            if oldest < 0 or left_us < least_us:
                oldest = i
                least_us = left_us
        if oldest >= 0:
            self._free(oldest)

    def _left_us(self, i, now_us):
        if not self._rows[i * _ROW]:
            return 0
        span_us = self._span_us[i]
        left_us = span_us - self._diff(now_us, self._since_us[i])
        if 0 < left_us <= span_us:  # more: the counter has wrapped since
            return left_us
        self._free(i)
        return 0

    def _free(self, i):
        self._rows[i * _ROW] = 0
        self._count -= 1

    def _same(self, i, request, at):
        row = i * _ROW
        for k in range(_HEAD):
            if self._rows[row + k] != request[at + k]:
                return False
        return True

    def _confusing(self, i, request):
        rows = self._rows
        row = i * _ROW
        function = request[1]
        if rows[row] != request[0] or rows[row + 1] != function or rows[row + 5] != request[5]:
            return False
        same = rows[row + 2] == request[2] and rows[row + 3] == request[3]
        return same == (function == WRITE_MULTIPLE)

    def _answers(self, i, answer, at):
        rows = self._rows
        row = i * _ROW
        function = rows[row + 1]
        if rows[row] != answer[at]:
            return False
        if answer[at + 1] != function:
            return answer[at + 1] == function | _ERROR
        if function <= READ_INPUT:
            return answer[at + 2] == 2 * rows[row + 5]
        return answer[at + 5] == rows[row + 5]
