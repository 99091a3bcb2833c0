# The chargers behind umodbus's server.
#
# umodbus parses the frames, answers from its register dictionaries and keeps them. But it knows
# one device, answers any count from a register that it has, with 0 for those that it has not, and
# calls back for a write only after it was acknowledged. So each request goes through the Gate
# first: the charger that it is for has its say, what umodbus shall answer is put into its
# dictionaries, and refusals and silence never reach them.

from umodbus.functions import to_short
from umodbus.modbus import Modbus

from loadrail_site.device import (
    READ_HOLDING,
    READ_INPUT,
    WRITE_MULTIPLE,
    WRITE_SINGLE,
    ModbusError,
)

_BROADCAST = 0
_WRITES = (WRITE_SINGLE, WRITE_MULTIPLE)


class Server(Modbus):
    """process() carries out what has come through the port; it never waits for more."""

    def __init__(self, port, group):
        addresses = [charger.address for charger in group.chargers]
        Modbus.__init__(self, Gate(port, group, self), [_BROADCAST] + addresses)


class Gate:
    """Stands between umodbus's port and its server: hands on what is to be answered well."""

    def __init__(self, port, group, server):
        self._port = port
        self._group = group
        self._server = server

    def get_request(self, unit_addr_list, timeout=None):
        """The next request that the server shall answer, or None."""
        request = self._port.get_request(unit_addr_list, timeout)
        if request is None:
            return None
        if request.unit_addr == _BROADCAST:
            self._broadcast(request)
            return None
        charger = self._group.find(request.unit_addr)
        try:
            words = _ask(charger, request)
        except ModbusError as refusal:
            request.send_exception(refusal.code)
            return None
        if words is None:
            return None
        # umodbus packs words as signed ones.
        shown = [word - 0x10000 if word & 0x8000 else word for word in words]
        if request.function == READ_INPUT:
            self._server.set_ireg(request.register_addr, shown)
        else:
            self._server.set_hreg(request.register_addr, shown)
        return request

    def _broadcast(self, request):
        if request.function not in _WRITES:
            return
        for charger in self._group.chargers:
            if not charger.hears_broadcasts:
                continue
            try:
                _ask(charger, request)
            except ModbusError:
                pass  # nobody answers a broadcast


def _ask(charger, request):
    """What the charger says: words, None for silence; ModbusError where it refuses."""
    if request.function in _WRITES:
        values = list(to_short(request.data, signed=False))
        return charger.request(request.function, request.register_addr, len(values), values)
    count = request.quantity if request.function in (READ_HOLDING, READ_INPUT) else 1
    return charger.request(request.function, request.register_addr, count)
