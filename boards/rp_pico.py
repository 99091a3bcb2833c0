# Raspberry Pi Pico, Pico W, Pico 2 or Pico 2 W with one or two MAX3485 (3.3 V; not a MAX485).
#
# Source: Raspberry Pi Pico datasheet, chapter 2 (pinout). Its pins are free, this choice is ours:
# GP0, 1, 2: DI, RO, DE with /RE joined; GP4, 5, 6: the same of the meter's line, if it has one.

from boards._rp2 import Rp2


class Board(Rp2):
    LINES = ((0, 0, 1, 2), (1, 4, 5, 6))
    LAMP = "LED"  # GP25, on a W at the radio
    LEDS = (10, 11, 12)
    SELECTOR = (16, 17, 18, 19)
    CONTACT = 20
    CLAMPS = (26, 27, 28)
