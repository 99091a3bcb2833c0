# One Modbus transaction that the core asks for, and the ways in which it can end.
#
# The core owns one Request a bus and fills it in anew each time; a transport reads it, carries it
# to the device, and hands back one of the results below. Nothing here knows bytes or wires.

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# How a transaction ended. Only OK brings data.
OK = const(0)
TIMEOUT = const(1)  # nothing that could be an answer came in time
CRC = const(2)  # an answer came damaged
MISMATCH = const(3)  # an intact answer of another device, function or length
EXCEPTION = const(4)  # the device refused; Request.exception holds its code
PORT = const(5)  # the line itself is gone (adapter unplugged, tty closed)

RESULT_NAMES = ("ok", "timeout", "crc", "mismatch", "exception", "port")

READ_HOLDING = const(3)
READ_INPUT = const(4)
WRITE_SINGLE = const(6)
WRITE_MULTIPLE = const(16)


class Request:
    """What to send to whom. Registers are 0-based PDU addresses, words are 0..65535."""

    def __init__(self):
        self.unit = 0  # device address, 1..247
        self.function = 0  # READ_HOLDING, READ_INPUT, WRITE_SINGLE or WRITE_MULTIPLE
        self.register = 0  # first register
        self.count = 0  # registers to read, 1..125, or to write, 1..123
        self.values = None  # words to write, at least `count` of them; None in a read
        self.timeout_ms = 0  # from the last byte sent to the first byte of the answer
        self.exception = 0  # set by the transport where the result is EXCEPTION
        # Set by the transport: whole ms, rounded up, from the last byte sent to the first byte of
        # the answer (OK or EXCEPTION). None after any other result.
        self.turnaround_ms = None

    def read(self, unit, function, register, count, timeout_ms):
        self.unit = unit
        self.function = function
        self.register = register
        self.count = count
        self.values = None
        self.timeout_ms = timeout_ms
        return self

    def write(self, unit, register, values, timeout_ms, function=WRITE_SINGLE):
        self.unit = unit
        self.function = function
        self.register = register
        self.count = len(values)
        self.values = values
        self.timeout_ms = timeout_ms
        return self
