# Standard input and output of a board or a computer: bytes in without a wait, text out.

import select
import sys


class Terminal:
    """The console's two ends. Where nobody is there any more it stays quiet."""

    def __init__(self):
        self._byte = bytearray(1)
        self._poll = select.poll()
        self._poll.register(sys.stdin, select.POLLIN)
        self._ended = False

    def read_byte(self):
        """0..255, or None where nothing has come."""
        if self._ended:
            return None
        for _, events in self._poll.ipoll(0):
            # One byte that is there; the port would wait for more.
            if events & select.POLLIN and sys.stdin.buffer.readinto(self._byte):
                return self._byte[0]
            self._ended = True
        return None

    def say(self, line):
        """Write one line."""
        try:
            sys.stdout.write(line + "\n")
        except OSError:
            self._ended = True  # the pipe's other end has closed
