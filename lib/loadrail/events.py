# What happened, for the log: a short ring of codes and numbers. event_texts.py makes sentences.
#
# The core adds, whoever keeps the log takes. If nobody takes them, the oldest are lost and
# counted, so that a storm costs no memory.

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


SILENT = const(0)  # unheard for the group's communication timeout
BACK = const(1)
FOREIGN = const(2)  # value: its word in register 9
REPLACED = const(3)  # another serial number or firmware at this address
LIMIT_CHANGED = const(4)  # somebody else wrote amps_to_use; value: what it was found at, A
SETTING_CHANGED = const(5)  # value: register; more: what it was found at
CLAMPED = const(6)  # it takes no more than value, A
DEFIES = const(7)  # it does not take its limit; value: what it holds, A
OBEYS = const(8)
OVERDRAW = const(9)  # value: draw, mA; more: allowed, mA
OVERDRAW_PAUSED = const(10)
FROZEN = const(11)
THAWED = const(12)
GARBLED = const(13)  # its answers come damaged
INTRUDER = const(14)  # another primary asks on the bus; value: the unit that it asked
ORDER_DONE = const(15)  # value: which, see orders.py
ORDER_REFUSED = const(16)  # value: which; more: Modbus exception
ORDER_UNHEARD = const(17)
METER_LOST = const(18)
METER_BACK = const(19)
SWITCH_BEGUN = const(20)  # value: phase_to_use wanted; more: why, see switching.py
SWITCH_DONE = const(21)  # value: phase_to_use
SWITCH_FAILED = const(22)  # value: phase_to_use wanted; more: in which state
SWITCH_LOCKED = const(23)
SWITCH_FOLLOWED = const(24)  # it changed its phases by itself; value: phase_to_use
NO_WRITES = const(25)  # it refuses both functions that write
COMMISSIONED = const(26)  # all that can be found out about it has been
METER_UNBELIEVED = const(27)  # value: why, see plausible.py
LOCAL_INPUT = const(28)  # value: a reason, 0 = free again; more: place << 6 | A, see inputs.py

_PLACES = 24
NOBODY = -1  # an event of the group, not of a charger


class Events:
    """The ring. One event is (time stamp, code, charger's index or NOBODY, value, more)."""

    def __init__(self):
        self.count = 0  # ever added
        self.lost = 0  # of them, overwritten before anyone took them
        self._taken = 0
        self._ring = [None] * _PLACES

    def add(self, now_ms: int, code: int, i: int = NOBODY, value: int = 0, more: int = 0) -> None:
        self._ring[self.count % _PLACES] = (now_ms, code, i, value, more)
        self.count += 1
        if self.count - self._taken > _PLACES:
            self._taken += 1
            self.lost += 1

    def take(self):
        """The oldest that nobody has taken yet, or None."""
        if self._taken == self.count:
            return None
        event = self._ring[self._taken % _PLACES]
        self._taken += 1
        return event
