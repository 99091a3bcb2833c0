# Waveshare RP2350-Relay-6CH (DIN rail; isolated RS485 that finds its direction by itself).
# The second line is at the pin header, for a transceiver of one's own. The relays are not used.
#
# Source: schematic RP2350-Relay-6CH.pdf (waveshare.net/wiki/RP2350-Relay-6CH), as read by
# github.com/NoNine/rp2350-relay-6ch, docs/hardware-info.md.
# Not confirmed: in which order the lamp takes its colours; projects say both. If green shows red,
# swap 0 and 1 in PIXEL. Its pin, 36, is there only in a MicroPython for the RP2350B.

from boards._rp2 import Rp2


class Board(Rp2):
    LINES = ((1, 24, 25, None), (0, 0, 1, 2))
    PIXEL = (36, 0, 1, 2)
    SELECTOR = (16, 17, 18, 19)
    CONTACT = 20
