# Modbus RTU frames, the way out: a Request becomes bytes. No I/O, no clock.
#
# PDUs and the CRC table are umodbus's; the way in is answer.py.

from umodbus import functions
from umodbus.const import CRC16_TABLE

from loadrail.request import READ_HOLDING, READ_INPUT, WRITE_MULTIPLE, WRITE_SINGLE

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


ROOM = const(256)  # the longest RTU frame; also the most that is read from a line at once
LAST_UNIT = const(247)


def crc16(data, start: int, end: int) -> int:
    """CRC of data[start:end]; on the line its low byte goes first."""
    table = CRC16_TABLE  # umodbus.functions has loaded it anyway; a local is found faster
    crc = 0xFFFF
    for i in range(start, end):
        crc = (crc >> 8) ^ table[(crc ^ data[i]) & 0xFF]
    return crc


def _pdu(request):
    function = request.function
    if function == READ_HOLDING:
        return functions.read_holding_registers(request.register, request.count)
    if function == READ_INPUT:
        return functions.read_input_registers(request.register, request.count)
    values = request.values
    if function == WRITE_SINGLE:
        return functions.write_single_register(request.register, values[0], signed=False)
    if function == WRITE_MULTIPLE:
        if len(values) != request.count:
            values = values[: request.count]
        return functions.write_multiple_registers(request.register, values, signed=False)
    raise ValueError("function")


def encode(request, frame) -> int:
    """Write the request's frame into `frame` (ROOM bytes) and return its length.

    ValueError: a request that no device could answer (unit, function, count).
    """
    if not 1 <= request.unit <= LAST_UNIT:
        raise ValueError("unit")
    pdu = _pdu(request)
    end = 1 + len(pdu)
    frame[0] = request.unit
    frame[1:end] = pdu
    crc = crc16(frame, 0, end)
    frame[end] = crc & 0xFF
    frame[end + 1] = crc >> 8
    return end + 2
