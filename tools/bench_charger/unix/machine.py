# Stands in for MicroPython's machine where the bench charger runs on a computer: a UART whose id
# is the path of a tty. Comes first on the module path there, and is not copied to a board.

from boards.unix import Tty


class UART:
    """parity: None, 0 even, 1 odd, as on a board. OSError: the tty is not there, or gone."""

    def __init__(self, uart_id, baudrate, bits, parity, stop, tx, rx):
        self._tty = Tty(uart_id, baudrate, "N" if parity is None else "EO"[parity], stop)
        self._buffer = bytearray(256)

    def any(self):
        return self._tty.any()

    def read(self, count=256):
        """At most `count` of the bytes that are there; None where there are none."""
        if not self._tty.any():
            return None
        view = memoryview(self._buffer)[: min(count, 256)]
        return bytes(view[: self._tty.readinto(view)]) or None

    def write(self, data):
        return self._tty.write(data)

    def flush(self):
        self._tty.flush()

    def deinit(self):
        self._tty.close()


class Pin:
    """Named by umodbus, and never made: an adapter drives its transceiver by itself."""
