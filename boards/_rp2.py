# Boards with an RP2040 or RP2350.

from machine import WDT
from micropython import const

from boards._machine import Machine

_WATCHDOG_MS = const(8000)  # 8388 is the most (ports/rp2/machine_wdt.c); longer is 1.29 on RP2350


class Rp2(Machine):
    slices = 8  # a USB port with room takes 256 bytes, and the rest while it sends

    def watchdog(self):
        """Starts it: whoever asks must feed it from now on. It has no `stretch`."""
        return WDT(timeout=_WATCHDOG_MS)

    def clamps(self):
        if not self.CLAMPS:
            return None
        from boards._rp2_clamps import DmaClamps

        return DmaClamps(self.CLAMPS)
