# Reads one meter: asks for what a sample needs, request by request, and puts it together.
#
# The requests of one sample follow each other at once; where one fails there is no sample, and the
# next is tried when it is due. After every few samples one slow request follows. What a sample
# cannot be judged without (transformer ratio, voltages) is read before the first one.
#
# Who carries the requests calls `next` and `answer` in turn. A silent meter costs one time-out an
# interval.

from loadrail.clock import age_ms
from loadrail.meters.assemble import N_VALUES, complete, show
from loadrail.meters.plan import SLOTS, plan
from loadrail.meters.sample import Sample
from loadrail.meters.words import number
from loadrail.request import EXCEPTION, OK

_IDLE = -1
_TOO_OLD_MS = 2000  # so long after it began, the rest of a sample does not go with its first half
_REFUSALS = (1, 2, 3)  # exceptions that are the same tomorrow: function, register, count


class Reader:
    """One meter. `sample` holds the last whole sample; `bad` counts those that were refused."""

    def __init__(self, row: dict, unit: int, timeout_ms: int, interval_ms: int, slow_every=10):
        """`row` is that of `load`, `interval_ms` from one sample to the next.

        The time-out is the larger one of `timeout_ms` and what the model is said to need.
        """
        self.row = row
        self.unit = unit
        self.timeout_ms = max(timeout_ms, row["timeout_ms"])
        self.interval_ms = interval_ms
        self.sample = Sample(row["phases"])
        self.bad = 0
        self._fast, self._slow = plan(row)
        self._missing = [_is_needed(block) for block in self._slow]  # needed, and not yet read
        self._refused = [False] * len(self._slow)
        self._slow_every = slow_every
        self._until_slow = 1  # samples until one slow request; at first one after each sample,
        self._unasked = len(self._slow)  # until each has had its turn
        self._next_slow = 0
        self._started_at = None  # the sample under way, or else the last; None: begin at once
        self._ended_at = None  # when the last one was whole; None: none since, or under way
        self._took_ms = 0  # how long it took
        self._step = _IDLE  # place of the fast block under way
        self._turn = None  # place of the slow block under way
        self._asked = None  # the block under way
        self._request = None
        self._values = [None] * N_VALUES
        self._current_at = None

    def due(self, now_ms: int) -> bool:
        """Whether `next` has something to ask."""
        return self.rest_ms(now_ms) == 0

    def rest_ms(self, now_ms: int) -> int:
        """For how long it has nothing to ask; 0 where something is due."""
        if self._step > 0 or self._slow_is_due():
            return 0
        rest_ms = self.interval_ms - age_ms(now_ms, self._started_at)
        return rest_ms if rest_ms > 0 else 0

    def leaves_room(self, now_ms: int) -> bool:
        """Whether others have had the line for as long as the last sample took, or a sample is
        under way: a meter that needs many requests must not take it all from the chargers."""
        return age_ms(now_ms, self._ended_at) >= self._took_ms

    def next(self, request, now_ms: int) -> bool:
        """Fill in the next request; False where nothing is due."""
        if self._step > 0 and age_ms(now_ms, self._started_at) >= _TOO_OLD_MS:
            self._step = _IDLE
        if self._step <= 0 and not self._begin(now_ms):
            return False
        self._asked = self._fast[self._step] if self._turn is None else self._slow[self._turn]
        first, count, _ = self._asked
        request.read(self.unit, self.row["function"], first, count, self.timeout_ms)
        self._request = request
        return True

    def answer(self, now_ms: int, result: int, words) -> bool:
        """Take the end of the request; True where it made a new whole `sample`.

        `result` is one of loadrail.request; `words` holds the registers where it is OK.
        """
        block, self._asked = self._asked, None
        if block is None:
            return False
        fine = result == OK and len(words) >= block[1]
        if fine:
            self._take(block, words)
        if self._turn is not None:
            self._end_slow(fine, result)
            return False
        if not fine:
            self._step = _IDLE
            return False
        if self._step == 0:
            self._current_at = now_ms
        self._step += 1
        if self._step < len(self._fast):
            return False
        self._step = _IDLE
        self._ended_at, self._took_ms = now_ms, age_ms(now_ms, self._started_at)
        self._until_slow -= 1
        fine = complete(self.row, self._values, self.sample, self._current_at)
        self.bad += not fine
        return fine

    def _slow_is_due(self) -> bool:
        return self._until_slow <= 0 and False in self._refused

    def _begin(self, now_ms) -> bool:
        """Choose what comes first where no sample is under way."""
        self._step, self._turn = _IDLE, None
        if self._slow_is_due():
            self._unasked -= 1
            self._until_slow = 1 if self._unasked > 0 else self._slow_every
            self._turn = self._in_turn()
            return True
        if age_ms(now_ms, self._started_at) < self.interval_ms:
            return False
        self._started_at, self._ended_at = now_ms, None
        if True in self._missing:
            self._turn = self._missing.index(True)
        else:
            self._step = 0
        return True

    def _in_turn(self) -> int:
        """The next slow block that the meter has not refused."""
        turn = self._next_slow
        while self._refused[turn]:
            turn = (turn + 1) % len(self._slow)
        self._next_slow = (turn + 1) % len(self._slow)
        return turn

    def _end_slow(self, fine, result) -> None:
        turn, self._turn = self._turn, None
        if fine:
            if self._missing[turn]:
                self._missing[turn] = False
                self._started_at = None  # on with the sample that waited for it
        elif result == EXCEPTION and self._request.exception in _REFUSALS:
            self._missing[turn] = _is_needed(self._slow[turn])  # asked for until it answers
            self._refused[turn] = not self._missing[turn]
            for part in self._slow[turn][2]:
                self._values[part[0]] = None
        show(self.row, self._values, self.sample)

    def _take(self, block, words) -> None:
        values, low_first = self._values, self.row["low_first"]
        for slot, offset, kind, multiply, divide in block[2]:
            values[slot] = number(words, offset, kind, multiply, divide, low_first)


def _is_needed(block) -> bool:
    """Whether no sample can be judged before this slow block has been read."""
    needed = (SLOTS["ratio"], SLOTS["voltage"])
    return True in [part[0] in needed for part in block[2]]
