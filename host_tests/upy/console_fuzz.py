# The firmware, with a console at which junk is typed. Prints what came of it as one line of JSON.
#
# Arguments: CONFIG TTY KILOBYTES SEED READS. READS "no": nobody takes the console's answers.
# The first part of the junk has everything loaded that junk can load; from then to its end the
# memory that is in use must not grow.

import gc
import json
import sys

from boards.unix import Board
from primary.app_start import main

KILOBYTES, SEED, READS = int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "yes"
_PIECE = 512
_QUIET = 60  # calls without a byte before memory is measured: answers are given by then
# (bytes, how many times)
WORDS = (
    (b"set group.limit_a \xff\r", 1),
    (b"stop 99\n", 1),
    (b"charger json json\r\n", 1),
    (b"AT+GMM\r", 1),
    (b"\x1b[A\x1b[A\x1b[D\x7f\t\t\x15", 1),
    (b"get chargers[\t\n", 1),
    (b"help " + b"\t" * 9 + b"\n", 1),
    (b"import {" + b"[" * 60 + b"\n", 1),
    (b"x" * 100, 100),
    (b"\nset x ", 1),
    (b"y" * 100, 100),
    (bytes(range(128, 256)), 2),
    (b"\x00" * 100, 4),
)


class Junk:
    """A console's port. Random bytes of all kinds, and now and then what is worse than random."""

    def __init__(self):
        self._x = SEED
        self._left = KILOBYTES * 1024
        self._warm = self._left * 7 // 8  # left, when all is loaded
        self._words = list(reversed(WORDS))  # that come first
        self._times = 0  # that the piece is still to come
        self._piece, self._at = b"", 0
        self._rest = 0
        self._last = None  # the lines that end it
        self.answered = 0
        self.said = ""
        self.used = []

    def read_byte(self):
        if self._rest:
            return self._rested()
        if self._at == len(self._piece):
            self._next()
            if self._rest:
                return None
        self._at += 1
        return self._piece[self._at - 1]

    def _next(self):
        self._at = 0
        if self._times > 1:
            self._times -= 1
            return
        warm = not (self._words or self.used) and self._left <= self._warm
        if warm or (self.used and self._left <= 0):
            self._piece = b"\n\x15\n"
            self._rest = _QUIET
            return
        if self._words:
            self._piece, self._times = self._words.pop()
        elif self._dice(8) == 0:
            self._piece, self._times = WORDS[self._dice(len(WORDS))]
        else:
            self._piece, self._times = bytes([self._dice(256) for _ in range(_PIECE)]), 1
        # Ctrl-C never comes through: it interrupts.
        self._piece = self._piece.replace(b"\x03", b"")
        self._left -= len(self._piece) * self._times

    def _rested(self):
        """A while without a byte, then memory is measured; at the end counters are asked for."""
        if self._at < len(self._piece):
            self._at += 1
            return self._piece[self._at - 1]
        self._rest -= 1
        if self._rest == 0:
            gc.collect()
            self.used.append(gc.mem_alloc())
            if len(self.used) == 2:
                self._piece, self._at, self.said = b"bus json\n", 0, ""
                self._rest = -1
        if self._rest < -1 or (self._rest == -1 and "\n" in self.said):
            self._end()
        return None

    def _end(self):
        row = next(line for line in self.said.split("\n") if line[:1] == "{")
        facts = json.loads(row)
        print(json.dumps({"used": self.used, "answered": self.answered, "facts": facts}))
        raise KeyboardInterrupt

    def _dice(self, sides):
        self._x = (self._x * 1103515245 + 12345) & 0x3FFFFFFF
        return (self._x >> 10) % sides

    def write(self, text):
        self.answered += len(text)
        if self._rest == -1:
            self.said += text
            return True
        return READS


class FuzzedBoard(Board):
    def console(self):
        return Junk()


sys.exit(main(FuzzedBoard(sys.argv[1:3])))
