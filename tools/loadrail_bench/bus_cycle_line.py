# A serial line in virtual time, byte by byte, for the code that really carries frames.
#
# Clock stands in for the modules time and asyncio, Line for a machine.UART with a site's devices
# behind it. Bytes last what they last on copper; a device answers t3.5 and its turnaround after
# the request. Computing takes no time, a sleep ends on a tick of the scheduler. Times are
# microseconds of the clock, which never wraps.

import types

from loadrail.line import char_bits, char_us, gap_us
from loadrail.request import READ_INPUT, WRITE_SINGLE
from loadrail_site.device import ModbusError

SITE_STEP_MS = 50  # the devices act as of their last step; coarser than a frame, finer than a car
_ERROR = 0x80


class Clock:
    """`tick_ms`: what a sleep is rounded up to, 1 on RP2040, 10 on ESP32."""

    def __init__(self, tick_ms: int = 1):
        self.now_us = 0
        self._tick_ms = tick_ms

    def ticks_us(self) -> int:
        return self.now_us

    def ticks_ms(self) -> int:
        return self.now_us // 1000

    @staticmethod
    def ticks_diff(end: int, start: int) -> int:
        return end - start

    @staticmethod
    def ticks_add(start: int, delta: int) -> int:
        return start + delta

    def sleep_us(self, wait_us: int) -> None:
        self.now_us += max(0, wait_us)

    @types.coroutine
    def sleep_ms(self, wait_ms: int):
        """asyncio's: whoever drives the coroutine gets a turn."""
        if wait_ms > 0:
            due_ms = self.ticks_ms() + wait_ms
            self.now_us = -(-due_ms // self._tick_ms) * self._tick_ms * 1000
        yield


class Line:
    """`settings`: baud, parity, stop_bits. `on_frame(unit)` is called as each frame goes out."""

    def __init__(self, clock: Clock, site, settings: dict, turnaround_ms: int, on_frame=None):
        self.char_us = char_us(
            settings["baud"], char_bits(settings["parity"], settings["stop_bits"])
        )
        self.last_us = 0  # the last byte that is or will be on the line
        self._clock = clock
        self._site = site
        self._on_frame = on_frame
        self._answer_us = gap_us(settings["baud"], self.char_us) + turnaround_ms * 1000
        self._sent_us = 0  # the last byte out
        self._coming = []  # (when it is here, byte), oldest first

    def write(self, data) -> int:
        """Send a whole frame; its answer, if there is one, is on its way."""
        frame = bytes(data)
        now_us = self._clock.now_us
        self._sent_us = self.last_us = max(now_us, self._sent_us) + len(frame) * self.char_us
        now_ms = self._sent_us // 1000
        if now_ms - self._site.now_ms >= SITE_STEP_MS:
            self._site.step(now_ms)
        if self._on_frame:
            self._on_frame(frame[0])
        begins_us = self._sent_us + self._answer_us
        for k, byte in enumerate(_answer(self._site.device(frame[0]), frame)):
            self.last_us = begins_us + (k + 1) * self.char_us
            self._coming.append((self.last_us, byte))
        return len(frame)

    def flush(self) -> None:
        self._clock.sleep_us(self._sent_us - self._clock.now_us)

    def any(self) -> int:
        now_us = self._clock.now_us
        return sum(1 for here_us, _ in self._coming if here_us <= now_us)

    def readinto(self, buffer) -> int:
        count = min(self.any(), len(buffer))
        buffer[:count] = bytes(byte for _, byte in self._coming[:count])
        del self._coming[:count]
        return count

    def read(self) -> bytes | None:
        data = bytearray(self.any())
        return bytes(data) if self.readinto(data) else None

    def close(self) -> None:
        """Nothing is open."""


def _answer(device, frame: bytes) -> bytes:
    """The frame that a device answers with; nothing where it is silent."""
    if device is None:
        return b""
    function = frame[1]
    register, second = (frame[2] << 8 | frame[3]), (frame[4] << 8 | frame[5])
    count, values = second, None
    if function == WRITE_SINGLE:
        count, values = 1, [second]
    elif function > READ_INPUT:
        values = [frame[7 + 2 * k] << 8 | frame[8 + 2 * k] for k in range(count)]
    try:
        words = device.request(function, register, count, values)
    except ModbusError as refusal:
        return _checked(bytes([frame[0], function | _ERROR, refusal.code]))
    if words is None:
        return b""
    if values is not None:
        return _checked(frame[:6])
    data = b"".join(word.to_bytes(2, "big") for word in words)
    return _checked(bytes([frame[0], function, len(data)]) + data)


def _checked(body: bytes) -> bytes:
    crc = 0xFFFF
    for byte in body:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0xA001 if crc & 1 else 0)
    return body + crc.to_bytes(2, "little")
