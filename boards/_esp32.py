# Boards with an ESP32 or ESP32-S3.
#
# They have no clamps: MicroPython runs a timer's function there when the program has time for it,
# not in the interrupt, so that samples would not be even.

from machine import WDT
from micropython import const

from boards._machine import Machine

_WATCHDOG_MS = const(8000)


class _Watchdog:
    def __init__(self):
        self.stretch(_WATCHDOG_MS)

    def stretch(self, ms: int):
        """Let the time between two feeds be `ms` from now on. A new WDT sets the one that runs
        anew (ports/esp32/machine_wdt.c)."""
        self._wdt = WDT(timeout=ms)

    def feed(self):
        self._wdt.feed()


class Esp32(Machine):
    def watchdog(self):
        """Starts it: whoever asks must feed it from now on."""
        return _Watchdog()
