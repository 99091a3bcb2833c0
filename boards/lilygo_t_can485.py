# LilyGO T-CAN485: an ESP32 with a MAX13487, which finds its direction by itself. With /RE high it
# does not hear itself.
#
# Source: github.com/Xinyuan-LilyGO/T-CAN485, libraries/private_library/t_can485_config.h (pins)
# and examples/RS485 (16 supplies the transceiver, 19 wakes it, 17 is its /RE).
# Not confirmed: that 32 is at its pin header (image/T-CAN485-PINMAP-EN.jpg there); nothing on the
# board uses it.

from boards._esp32 import Esp32


class Board(Esp32):
    LINES = ((1, 22, 21, None),)
    HIGH = (16, 17, 19)
    PIXEL = (4, 1, 0, 2)
    CONTACT = 32
