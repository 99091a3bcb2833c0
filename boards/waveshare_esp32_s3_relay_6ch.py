# Waveshare ESP32-S3-Relay-6CH (DIN rail; isolated RS485 that finds its direction by itself).
# The second line is at the pin header, for a transceiver of one's own. The relays are not used.
#
# Source: waveshare.com/wiki/ESP32-S3-Relay-6CH, its demo's WS_GPIO.h and WS_GPIO.cpp (RS485 on 17
# and 18, lamp on 38, red first), the same in devices.esphome.io, "WAVESHARE-6CH-RELAY".
# Not confirmed: that 4 to 12 are free at the pin header; check with the wiki's picture.

from boards._esp32 import Esp32


class Board(Esp32):
    LINES = ((1, 17, 18, None), (2, 4, 5, 6))
    PIXEL = (38, 0, 1, 2)
    SELECTOR = (7, 8, 9, 10)
    CONTACT = 11
