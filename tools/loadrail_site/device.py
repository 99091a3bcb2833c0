# What every simulated Modbus device has in common: registers in and out, and ways to be silent.
#
# A device owns `read` and `write`, which raise ModbusError with the exception code that the real
# one would send. `request` is what the line sees: words, a ModbusError, or None for no answer.
# Words are 0..65535. A device has no clock: the site steps it, and it acts as of its last step.


class ModbusError(Exception):
    """The device refuses; `code` is the Modbus exception code."""

    def __init__(self, code):
        super().__init__("Modbus exception %d" % code)
        self.code = code


ILLEGAL_FUNCTION = 1
ILLEGAL_ADDRESS = 2
ILLEGAL_VALUE = 3

NO_RESPONSE = 11  # a gateway's word for a device that it gets nothing from

READ_HOLDING = 3
READ_INPUT = 4
WRITE_SINGLE = 6
WRITE_MULTIPLE = 16


class Garbled(ModbusError):
    """What came back was damaged on the line: a CRC error to the primary.

    Who serves a device and cannot damage bytes may send its code, "no response".
    """

    def __init__(self):
        ModbusError.__init__(self, NO_RESPONSE)


class Device:
    """A device at one address of a bus."""

    registers = 65536  # registers from here on don't exist at all
    hears_broadcasts = False
    turnaround_ms = None  # see virtual.py; None: as long as the others of its bus

    def __init__(self, address):
        self.address = address
        self.silent = False  # hears and obeys, but its answers don't get through
        self.deaf = False  # its wire is off: neither hears nor answers

    def read(self, function, register, count):
        raise ModbusError(ILLEGAL_FUNCTION)

    def write(self, function, register, values):
        raise ModbusError(ILLEGAL_FUNCTION)

    def is_deaf(self):
        return self.deaf

    def request(self, function, register, count, values=None):
        """What comes back for one request: the words, or None where no answer comes.

        Raises ModbusError where the device answers with an exception.
        """
        if self.is_deaf():
            return None
        try:
            if values is None:
                words = self.read(function, register, count)
            else:
                self.write(function, register, values)
                words = values
        except ModbusError:
            if self.silent:
                return None
            raise
        return None if self.silent else words
