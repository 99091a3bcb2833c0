"""pymodbus as the devices of one bus, on a tty.

It parses the requests and builds the answers (framing, CRC, exceptions); what is in them comes
from the device models of loadrail_site. A device that is silent gives no answer at all, and two
at one address that disagree a damaged one.
"""

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusSerialServer
from pymodbus.server.requesthandler import ServerRequestHandler
from pymodbus.simulator import DataType, SimData, SimDevice

from loadrail_site.device import WRITE_SINGLE, Garbled, ModbusError

from .wire import GARBLE

BROADCAST = 0
CHECKSUM_BYTES = 2


class FrameHandler(ServerRequestHandler):
    """Takes what the wire delivers as one whole frame each, as a pause on the line would tell.

    Left to itself pymodbus keeps a damaged frame until more bytes complete it, and then loses the
    next good request with it; and it answers for devices that are silent.
    """

    mute = False

    def callback_data(self, data, addr=None):
        device = self.server.site_devices.get(data[0])
        if device is not None or data[0] == BROADCAST:
            self.mute = device is None or device.silent or device.is_deaf()
            self.server.broadcasting = device is None
            self.server.unanswered = self.server.collided = False
            super().callback_data(data, addr)
        return len(data)

    def server_send(self, pdu, addr):
        if not (self.mute or self.server.unanswered):
            super().server_send(pdu, addr)


class BusServer(ModbusSerialServer):
    """pymodbus for the devices of one bus."""

    def __init__(self, devices, tty):
        self.site_devices = {device.address: device for device in devices}
        self.broadcasting = False
        # How the last request ended: by what the device says, beside words and exceptions.
        self.unanswered = False
        self.collided = False  # two answered at once, and not the same
        # Speed and parity are the wire's business; a pseudo-terminal has none.
        super().__init__(
            [self._as_pymodbus_has_it(device) for device in devices],
            port=tty,
            ignore_missing_devices=True,
            broadcast_enable=True,
            trace_packet=self._as_on_the_line,
        )

    def callback_new_connection(self):
        return FrameHandler(self, self.trace_packet, self.trace_pdu, self.trace_connect)

    def _as_on_the_line(self, sending, frame):
        """pymodbus asks this of every frame. Answers that disagree end in different checksums."""
        if not (sending and self.collided):
            return frame
        end = bytes(byte ^ GARBLE for byte in frame[-CHECKSUM_BYTES:])
        return frame[:-CHECKSUM_BYTES] + end

    def _as_pymodbus_has_it(self, device):
        async def action(function, start, register, count, words, values):
            if self.broadcasting and not device.hears_broadcasts:
                return None
            if function == WRITE_SINGLE and values is None:
                return None  # pymodbus reads back what it wrote, to build the answer
            try:
                answer = device.request(function, register, count, values)
            except Garbled:
                self.collided = True  # whatever pymodbus makes of it is as long as an answer
                return None
            except ModbusError as refusal:
                return ExcCodes(refusal.code)
            if answer is None:
                self.unanswered = True
            else:
                words[register - start : register - start + count] = answer
            return None

        space = SimData(0, count=device.registers, values=0, datatype=DataType.REGISTERS)
        return SimDevice(device.address, [space], action=action)
