# What boards with a microcontroller have in common. A board is a class with a table of pins; the
# tables that stand here are those of a board that has nothing.
#
# docs/boards.md describes what each call owes the firmware.

import select
import sys

import machine
from machine import Pin
from micropython import const

_ENODEV = const(19)
_RX_BYTES = const(512)  # the longest frame, and our own where the transceiver echoes it
_TX_BYTES = const(256)  # a frame goes out without waiting
_PARITY = {"N": None, "E": 0, "O": 1}

_SLICE = const(64)  # written at a time: a UART console at 115200 baud takes 6 ms for it

# WS2812: ns of high and low for a 0 and for a 1
_PIXEL_NS = (400, 850, 800, 450)


class Stdio:
    """The console; neither read nor write waits longer than a slice takes."""

    def __init__(self, slices: int):
        self._slices = slices  # in a call: as many as the port surely takes after POLLOUT
        self._byte = bytearray(1)
        self._in = select.poll()
        self._in.register(sys.stdin, select.POLLIN)
        self._out = select.poll()
        self._out.register(sys.stdout, select.POLLOUT)
        self._text = None  # that is being written
        self._at = 0

    def read_byte(self):
        """0..255, None where nothing has come."""
        for _ in self._in.ipoll(0):
            if sys.stdin.buffer.readinto(self._byte):
                return self._byte[0]
        return None

    def write(self, text: str) -> bool:
        """True once all of it is written; till then to be called again with the same object."""
        if text is not self._text:
            self._text = text
            self._at = 0
        for _ in range(self._slices):
            if self._at >= len(text):
                break
            if not self._out.poll(0):
                return False
            sys.stdout.write(text[self._at : self._at + _SLICE])
            self._at += _SLICE
        if self._at < len(text):
            return False
        self._text = None
        return True


class Pins:
    """The local inputs on pins with pull-ups: closed means low.

    A selector is a rotary switch of ten positions in BCD code, 1 2 4 8. With none connected all
    its pins are open, which is position 0.
    """

    def __init__(self, selector, contact):
        self._selector = [Pin(pin, Pin.IN, Pin.PULL_UP) for pin in selector]
        self._contact = None if contact is None else Pin(contact, Pin.IN, Pin.PULL_UP)

    def selector(self) -> "int | None":
        """0..9, or None where that cannot be read."""
        if not self._selector:
            return None
        position = 0
        for k, pin in enumerate(self._selector):
            if not pin():
                position |= 1 << k
        return position if position < 10 else None

    def contact(self) -> "bool | None":
        """True: closed. None where there is none."""
        return None if self._contact is None else not self._contact()


class Machine:
    """A board by its tables. What drives the line is low, and what must be on is on, from here."""

    LINES = ()  # (UART, TX, RX, direction pin or None), the chargers' line first
    HIGH = ()  # pins that supply or enable a part
    LAMP = None  # a lamp that is lit while all is well
    LEDS = None  # pins of a red, a green and a blue LED, lit by a high level
    PIXEL = None  # (pin of a WS2812, which of red, green, blue it takes first, second, third)
    SELECTOR = ()  # pins 1, 2, 4, 8
    CONTACT = None
    CLAMPS = ()  # ADC pins of L1, L2, L3

    root = "/"
    config_path = "/config.json"
    slices = 1

    def __init__(self):
        self._directions = [
            None if line[3] is None else Pin(line[3], Pin.OUT, value=0) for line in self.LINES
        ]
        for line in self.LINES:
            # RX: while the transceiver sends, its output may float
            Pin(line[2], Pin.IN, Pin.PULL_UP)
        for pin in self.HIGH:
            Pin(pin, Pin.OUT, value=1)
        self._lamp = None if self.LAMP is None else Pin(self.LAMP, Pin.OUT, value=0)
        self._pixel = self._leds = None
        if self.PIXEL:
            self._pixel = Pin(self.PIXEL[0], Pin.OUT, value=0)
            self._colours = bytearray(3)
        if self.LEDS:
            self._leds = [machine.PWM(Pin(pin), freq=500, duty_u16=0) for pin in self.LEDS]

    def line_name(self, index: int) -> str:
        if index >= len(self.LINES):
            return "line %d, which this board lacks," % (index + 1)
        return "UART%d on pins %d and %d" % self.LINES[index][:3]

    def open_line(self, index: int, line: dict):
        """The UART of bus `index`; OSError where the board has none."""
        if index >= len(self.LINES):
            raise OSError(_ENODEV)
        uart, tx, rx, _ = self.LINES[index]
        return machine.UART(
            uart,
            baudrate=line["baud"],
            bits=8,
            parity=_PARITY[line["parity"]],
            stop=line["stop_bits"],
            tx=tx,
            rx=rx,
            timeout=0,
            timeout_char=0,
            txbuf=_TX_BYTES,
            rxbuf=_RX_BYTES,
        )

    def direction(self, index: int):
        """The pin that drives the transceiver; None where it does that by itself."""
        return self._directions[index]

    def console(self):
        return Stdio(self.slices)

    def light(self, red: int, green: int, blue: int):
        """Show a colour, 0..255 each, on all that the board has."""
        if self._lamp:
            self._lamp(green >= 128)
        if self._leds:
            for led, level in zip(self._leds, (red, green, blue)):
                led.duty_u16(level * 257)
        if self._pixel:
            colours = (red, green, blue)
            for k in range(3):
                # a quarter: at a hand's distance the full light dazzles
                self._colours[k] = colours[self.PIXEL[k + 1]] >> 2
            machine.bitstream(self._pixel, 0, _PIXEL_NS, self._colours)

    def inputs(self):
        """The local inputs, or None."""
        if not self.SELECTOR and self.CONTACT is None:
            return None
        return Pins(self.SELECTOR, self.CONTACT)

    def clamps(self):
        """Inputs for current clamps, or None."""
        return None

    def reset(self):
        machine.reset()
