# The bench charger, put together: models, umodbus's server, console, lamp. One loop, no tasks.
#
# umodbus holds the loop while it answers (the answer's time on the wire and t3.5); nothing else
# here waits, so a request is seen within about a millisecond on a computer, and on a board after
# at most one step of the models.

import sys
import time

from loadrail.lines import LineReader

from . import console, light, settings
from .group import Group
from .port import Port
from .server import Server
from .status_line import status_line
from .terminal import Terminal

_AGAIN_MS = 1000  # between tries to open a line that is gone
_BURST = 64  # bytes of the console a turn: a flood cannot keep requests waiting


class App:
    """`line`: the arguments of umodbus's Serial; `lamp`: called with 0 or 1, or None."""

    def __init__(self, values, line, lamp):
        self.group = Group(values)
        self._line = line
        self._lamp = lamp
        self._port = self._server = None
        self._tried = None  # when opening failed last, ticks ms
        self._terminal = Terminal()
        self._typed = LineReader()
        self._shown = [None] * len(self.group.chargers)

    def turn(self):
        """One round of the loop."""
        self._serve()
        if self.group.advance():
            self._tell_changes()
            if self._lamp:
                self._lamp(light.is_lit(self.group.chargers[0], self.group.now_ms))
        self._listen()

    def close(self):
        """Leave the line released."""
        if self._port:
            try:
                self._port.close()
            except OSError:
                pass  # it is gone anyway
        self._port = self._server = None

    def _serve(self):
        if self._port is None and not self._open():
            return
        try:
            self._server.process()
        except OSError as error:
            self._lost("is gone", error)
        except Exception as error:
            # One odd frame must not end the bench.
            self._terminal.say("! a request failed: %s: %s" % (type(error).__name__, error))

    def _open(self):
        if self._tried is not None:
            if time.ticks_diff(time.ticks_ms(), self._tried) < _AGAIN_MS:
                return False
        addresses = [charger.address for charger in self.group.chargers]
        try:
            self._port = Port(self._line, addresses, self.group.answers)
        except OSError as error:
            self._lost("cannot be opened", error)
            return False
        self._server = Server(self._port, self.group)
        self._tried = None
        self._terminal.say("! the line is open")
        return True

    def _lost(self, what, error):
        if self._tried is None:
            told = (what, error, _AGAIN_MS // 1000)
            self._terminal.say("! the line %s (%s); trying again every %d s" % told)
        self._tried = time.ticks_ms()
        self.close()

    def _tell_changes(self):
        for place, charger in enumerate(self.group.chargers):
            now = (charger.status, charger.limit_and_cause(), charger.is_deaf())
            if self._shown[place] != now:
                self._shown[place] = now
                self._terminal.say("- " + status_line(charger))

    def _listen(self):
        for _ in range(_BURST):
            byte = self._terminal.read_byte()
            if byte is None:
                return
            if self._typed.feed(byte):
                self._answer()

    def _answer(self):
        if self._typed.fault:
            self._terminal.say("? " + self._typed.fault)
            return
        for line in console.run(self._typed.line, self.group):
            self._terminal.say(line)


def main(arguments):
    """Run until Ctrl-C. `arguments`: a computer's command line, or None on a board."""
    if arguments is None:
        values, faults = settings.from_file(settings.FILE)
    else:
        values, faults = settings.from_arguments(arguments)
    if faults:
        for fault in faults:
            print(fault)
        print("The settings were refused; nothing was started.")
        return 2
    app = App(values, _line(values), _lamp(values))
    print('A bench charger, no real one. "help" lists the commands.')
    try:
        while True:
            app.turn()
            time.sleep_ms(1)
    except KeyboardInterrupt:
        print("Stopped.")
    finally:
        app.close()
    return 0


def _line(values):
    """umodbus's arguments for the line of this machine; the only place that knows pins."""
    line = {
        "baudrate": values["baud"],
        "data_bits": 8,
        "stop_bits": values["stop_bits"],
        "parity": {"N": None, "E": 0, "O": 1}[values["parity"]],
    }
    if sys.platform == "linux":
        line.update(uart_id=values["tty"], pins=(None, None), ctrl_pin=None)
        return line
    from machine import Pin

    # While a transceiver sends, its receiver's output may float: the pull-up keeps that from
    # being read as a start bit.
    rx = Pin(values["rx"], Pin.IN, Pin.PULL_UP)
    pins = (Pin(values["tx"]), rx)
    line.update(uart_id=values["uart"], pins=pins, ctrl_pin=values["direction"])
    return line


def _lamp(values):
    if sys.platform == "linux" or values["led"] is None:
        return None
    from machine import Pin

    return Pin(values["led"], Pin.OUT)
