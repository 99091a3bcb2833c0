# A device that is no TeltoCharge, at an address where one was expected.

from .device import (
    ILLEGAL_ADDRESS,
    ILLEGAL_FUNCTION,
    ILLEGAL_VALUE,
    READ_HOLDING,
    READ_INPUT,
    Device,
    ModbusError,
)
from .teltocharge import EVSE_ID

MAX_READ = 125


class Stranger(Device):
    """Answers reads of its 100 registers, all 0 but the identity; takes no write."""

    registers = 100

    def __init__(self, address, identity=1234):
        Device.__init__(self, address)
        self.words = [0] * self.registers
        self.words[EVSE_ID] = identity

    def read(self, function, register, count):
        if function not in (READ_HOLDING, READ_INPUT):
            raise ModbusError(ILLEGAL_FUNCTION)
        if not 1 <= count <= MAX_READ:
            raise ModbusError(ILLEGAL_VALUE)
        if register + count > self.registers:
            raise ModbusError(ILLEGAL_ADDRESS)
        return self.words[register : register + count]
