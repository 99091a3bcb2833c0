# A Pico in Waveshare's Pico-2CH-RS485: two lines that find their direction by themselves.
# Channel 0 is the chargers', channel 1 the meter's.
#
# Source: waveshare.com/wiki/Pico-2CH-RS485 (UART0 on GP0 and 1, UART1 on GP4 and 5), as public
# projects for the board use it; the page itself was not at hand. The other pins are ours.

from boards._rp2 import Rp2


class Board(Rp2):
    LINES = ((0, 0, 1, None), (1, 4, 5, None))
    LAMP = "LED"
    LEDS = (10, 11, 12)
    SELECTOR = (16, 17, 18, 19)
    CONTACT = 20
    CLAMPS = (26, 27, 28)
