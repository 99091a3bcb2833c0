# Stands in for MicroPython's machine where umodbus's RTU server runs on a computer: a UART whose
# id is the path of a tty, and a Pin that does nothing.

from boards.unix import Tty


class Pin:
    OUT = 1

    def __init__(self, pin, mode=None):
        pass

    def on(self):
        pass

    def off(self):
        pass


class UART:
    def __init__(self, uart_id, baudrate, bits, parity, stop, tx, rx):
        self._tty = Tty(uart_id, baudrate, "N" if parity is None else "EO"[parity], stop)
        self._buffer = bytearray(256)

    def any(self):
        return self._tty.any()

    def read(self):
        if not self._tty.any():
            return None
        return bytes(self._buffer[: self._tty.readinto(self._buffer)]) or None

    def write(self, data):
        return self._tty.write(data)

    def flush(self):
        self._tty.flush()
