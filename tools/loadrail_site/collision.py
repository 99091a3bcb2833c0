# Two devices at one address: what an installer gets who forgets to set one of them.
#
# Both hear every request and obey it, and both answer at once. Where they would send the very same
# the bytes fall together and look sound; where not, what arrives is damaged. A device that is
# deaf, silent or restarting leaves the line to the other.

from .device import Device, Garbled, ModbusError

_GARBLED = -1


class Collision(Device):
    """Stands for both, which live on by themselves. For three, one of them is a Collision."""

    def __init__(self, one, other):
        Device.__init__(self, one.address)
        self.parts = (one, other)
        self.registers = max(one.registers, other.registers)
        self.hears_broadcasts = one.hears_broadcasts or other.hears_broadcasts
        self.turnaround_ms = one.turnaround_ms

    def is_deaf(self):
        return self.deaf or (self.parts[0].is_deaf() and self.parts[1].is_deaf())

    def request(self, function, register, count, values=None):
        """As of a Device. Raises Garbled where their answers differ."""
        if self.is_deaf():
            return None
        told = []
        for part in self.parts:
            answer = _answer(part, function, register, count, values)
            if answer is not None:
                told.append(answer)
        if not told or self.silent:
            return None
        if _GARBLED in told or told[0] != told[-1]:
            raise Garbled()
        if isinstance(told[0], int):
            raise ModbusError(told[0])
        return told[0]


def _answer(device, function, register, count, values):
    """Words, the code of an exception, _GARBLED, or None."""
    try:
        words = device.request(function, register, count, values)
    except Garbled:
        return _GARBLED
    except ModbusError as error:
        return error.code
    return None if words is None else list(words)
