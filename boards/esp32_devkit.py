# A generic ESP32 DevKit (WROOM-32; on WROVER modules 16 and 17 are taken by their RAM) with one or
# two MAX3485.
#
# Source: Espressif, "ESP32 Series Datasheet" (pins, strapping pins 0, 2, 5, 12, 15; 34 to 39 only
# read, without pull-ups). The choice is ours: 17, 16, 4: DI, RO, DE with /RE joined, and 10 kohm
# from 4 to ground, so that starting does not drive the line; 33, 32, 25: the meter's line.

from boards._esp32 import Esp32


class Board(Esp32):
    LINES = ((2, 17, 16, 4), (1, 33, 32, 25))
    LEDS = (26, 27, 14)
    SELECTOR = (18, 19, 21, 22)
    CONTACT = 23
