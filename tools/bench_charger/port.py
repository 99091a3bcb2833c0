# umodbus's serial line, with another way of taking frames from it.
#
# umodbus's own reader busy-waits for 2 x t3.5 a call even on a silent line, and takes any pause in
# the bytes for the end of a frame: USB adapters make such pauses (FTDI's up to 16 ms). Here a
# request is what stands at the end of all that has come, with one of our addresses, the length
# that its function has, and the right checksum. So neither pauses nor what other devices say,
# nor noise before it, can spoil it, and a look at a silent line costs nothing.
# Two of umodbus's private methods are replaced; its version is pinned.

import time

from umodbus.serial import Serial

_ROOM = 256  # the longest frame
_BROADCAST = 0
_SHORT = (1, 2, 3, 4, 5, 6)  # requests of 8 bytes
_COUNTED = (15, 16)  # with a count of bytes at 6
_WRITE_SINGLE = 6
# A request of a function with another length ends by silence; longer than an adapter's pauses.
_SILENCE_US = 20000


class Port(Serial):
    """`answers(address)` tells whether a device is there that answers.

    OSError of any call: the line is gone; close() it and make a new one.
    """

    def __init__(self, line, addresses, answers):
        Serial.__init__(self, **line)
        self._addresses = addresses
        self._answers = answers
        self._held = bytearray()  # what came since the last request
        self._heard_us = time.ticks_us()
        self._sent = b""  # our last answer but for its checksum, until something else comes
        self.echo = False  # does the line hand back what we send? seen from the first read on

    def close(self):
        """Release the line."""
        self._release()
        self._uart.deinit()

    def send_exception_response(self, slave_addr, function_code, exception_code):
        """As umodbus's, which would answer a malformed frame for silent devices and for all."""
        if self._answers(slave_addr):
            Serial.send_exception_response(self, slave_addr, function_code, exception_code)

    def _send(self, modbus_pdu, slave_addr):
        self._sent = bytes([slave_addr]) + modbus_pdu
        try:
            Serial._send(self, modbus_pdu, slave_addr)
        finally:
            self._release()

    def _release(self):
        # Left on, the transceiver would hold the line against everybody.
        if self._ctrlPin:
            self._ctrlPin.off()

    def _uart_read_frame(self, timeout=None):
        """A whole request, t3.5 after its end; empty where there is none now."""
        count = self._uart.any()
        if not count:
            return self._ended_by_silence()
        self._held.extend(self._uart.read(count) or b"")
        self._heard_us = time.ticks_us()
        self._drop_echo()
        if len(self._held) > _ROOM:
            self._held = self._held[-_ROOM:]
        start = self._find_request()
        if start is None:
            return b""
        frame = self._take(start)
        # The primary's transceiver lets go of the line within t3.5 after its frame.
        time.sleep_us(self._inter_frame_delay)
        return frame

    def _ended_by_silence(self):
        if not self._held:
            return b""
        if time.ticks_diff(time.ticks_us(), self._heard_us) < _SILENCE_US:
            return b""
        return self._take(0)  # umodbus looks at address and checksum

    def _take(self, start):
        frame = self._held[start:]
        self._held = bytearray()
        return frame

    def _find_request(self):
        """Where in what is held a request for us begins that ends where all ends, or None."""
        held = self._held
        for start in range(len(held) - 7):
            if held[start] != _BROADCAST and held[start] not in self._addresses:
                continue
            function = held[start + 1]
            length = 8 if function in _SHORT else 0
            if function in _COUNTED:
                length = 9 + held[start + 6]
            if length == len(held) - start and self._is_intact(held[start:]):
                return start
        return None

    def _is_intact(self, frame):
        return self._calculate_crc16(frame[:-2]) == bytes(frame[-2:])

    def _drop_echo(self):
        # A transceiver that listens while it sends hands our own answer back. That of a write of
        # one register would be obeyed and answered again, for ever: it equals its request. So it
        # counts as an echo only where another answer has shown that this line has echoes.
        sent, held = self._sent, self._held
        length = len(sent) + 2
        if not sent or not sent.startswith(bytes(held[: len(sent)])):
            self._sent = b""
            return
        if len(held) < length or not self._is_intact(held[:length]):
            return
        self.echo = self.echo or sent[1] != _WRITE_SINGLE
        if self.echo:
            self._held = held[length:]
        self._sent = b""
