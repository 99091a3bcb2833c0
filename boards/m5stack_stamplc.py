# M5Stack StamPLC (DIN rail): ESP32-S3, RS485 with a direction pin, isolated 24 V inputs.
# Input 1 is the contact; inputs 2 to 5 are 1, 2, 4, 8 of the selector. The relays stay off.
#
# Source: docs.m5stack.com/en/core/StamPLC (pin map; 3 must be high for the two expanders to
# answer), github.com/m5stack/M5StamPLC, src/M5StamPLC.cpp (which expander's pin is what).
# Not confirmed: that a supplied input reads high (github.com/beormund/esphome-m5stamplc takes it
# so); that 46 sends when high. 0 and 46 are strapping pins, the maker wired them so.

import time

from machine import I2C, Pin

from boards._esp32 import Esp32

_LAMPS = 0x43  # PI4IOE5V6408: red, green, blue at its pins 6, 5, 4, lit when they are pulled low
_INPUTS = 0x59  # AW9523: relays at port 0, pins 0 to 3; inputs at pins 4 to 7 of both ports

# expander, register, value. Relays off before their pins are anything.
_SET_UP = (
    (_INPUTS, 0x02, 0x00),
    (_INPUTS, 0x04, 0xF0),
    (_INPUTS, 0x05, 0xFF),
    (_LAMPS, 0x05, 0x00),
    (_LAMPS, 0x07, 0xFF),
    (_LAMPS, 0x03, 0x70),
)


class _Inputs:
    def __init__(self, i2c):
        self._i2c = i2c
        self._two = bytearray(2)

    def _read(self):
        """Input k at bit k - 1, or None."""
        try:
            self._i2c.readfrom_mem_into(_INPUTS, 0x00, self._two)
        except OSError:
            return None
        return self._two[0] >> 4 | self._two[1] & 0xF0

    def selector(self) -> "int | None":
        word = self._read()
        if word is None:
            return None
        position = word >> 1 & 15
        return position if position < 10 else None

    def contact(self) -> "bool | None":
        word = self._read()
        return None if word is None else bool(word & 1)


class Board(Esp32):
    LINES = ((1, 0, 39, 46),)
    HIGH = (3,)

    def __init__(self):
        Esp32.__init__(self)
        time.sleep_ms(2)  # the expanders leave their reset
        self._i2c = I2C(0, scl=Pin(15), sda=Pin(13), freq=400_000)
        for expander, register, value in _SET_UP:
            self._set(expander, register, value)

    def _set(self, expander, register, value):
        try:
            self._i2c.writeto_mem(expander, register, bytes((value,)))
        except OSError:
            pass  # a lamp that is broken must not keep the chargers from being controlled

    def light(self, red: int, green: int, blue: int):
        """A colour has two levels here: on from 128."""
        lit = red >> 7 << 6 | green >> 7 << 5 | blue >> 7 << 4
        self._set(_LAMPS, 0x07, 0xFF ^ lit)

    def inputs(self):
        return _Inputs(self._i2c)
