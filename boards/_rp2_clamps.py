# Current clamps on the ADC of an RP2040 or RP2350: the ADC runs by its own clock and walks through
# the channels, a DMA channel carries its results into the buffer. So the samples are even to the
# crystal, whatever the program does, and cost it nothing.
#
# Registers: RP2040 datasheet 4.9.6 (ADC), 2.5.3.1 (DREQ); RP2350 datasheet 12.4.7 and 12.6.4.1.
# The ADC's clock is 48 MHz on both (MicroPython leaves it so).

import sys

import rp2
from machine import ADC, Pin, mem32
from micropython import const

_RATE_HZ = const(2510)  # loadrail.clamps tells why
_CLOCK_HZ = const(48_000_000)

_CS = const(0x00)
_FCS = const(0x08)
_FIFO = const(0x0C)
_DIV = const(0x10)

_CS_ON = const(1)  # EN
_CS_RUN = const(8)  # START_MANY
_CS_READY = const(256)  # no conversion is under way
_CS_INPUT = const(12)  # AINSEL, the first channel
_CS_TURNS = const(16)  # RROBIN, a bit for each channel
_FCS_ON = const(0x01000009)  # EN, DREQ_EN, a request for each result
_FCS_LEVEL = const(16)

_FIRST_PIN = const(26)  # channel 0
_HALFWORDS = const(1)


class DmaClamps:
    """As boards/unix.py's ClampFile. `pins`: of L1, L2, L3, rising: so the ADC takes turns."""

    reference_mv = 3300
    rate_hz = _RATE_HZ

    def __init__(self, pins):
        self.channels = len(pins)
        for pin in pins:
            ADC(Pin(pin))
        newer = "RP2350" in sys.implementation._machine
        self._base = 0x400A0000 if newer else 0x4004C000
        turns = 0
        for pin in pins:
            turns |= 1 << pin - _FIRST_PIN
        self._idle = _CS_ON | (pins[0] - _FIRST_PIN) << _CS_INPUT | turns << _CS_TURNS
        self._dma = rp2.DMA()
        self._control = self._dma.pack_ctrl(
            size=_HALFWORDS, inc_read=False, inc_write=True, treq_sel=48 if newer else 36
        )
        # a conversion each 1 + INT + FRAC / 256 clocks
        spacing = _CLOCK_HZ * 256 // (_RATE_HZ * self.channels) - 256
        mem32[self._base + _DIV] = spacing

    def start(self, buffer) -> None:
        """Fill `buffer`, an array("H"), with samples of now, the channels in turn."""
        base = self._base
        self._stop()
        self._dma.config(
            read=base + _FIFO, write=buffer, count=len(buffer), ctrl=self._control, trigger=True
        )
        mem32[base + _CS] = self._idle | _CS_RUN

    def ready(self) -> bool:
        """Whether the buffer is full; nothing is written to it after that."""
        if self._dma.active():
            return False
        self._stop()
        return True

    def _stop(self):
        base = self._base
        self._dma.active(0)
        mem32[base + _CS] = self._idle
        while not mem32[base + _CS] & _CS_READY:
            pass  # 2 us at most
        mem32[base + _FCS] = _FCS_ON
        while mem32[base + _FCS] >> _FCS_LEVEL & 15:
            mem32[base + _FIFO]
