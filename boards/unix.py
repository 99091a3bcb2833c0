# The computer as a board: a PC or a Raspberry Pi, where a bus is any tty (USB-RS485 adapter, pty).
#
# Tty has the calls of machine.UART that the transport uses, and never waits in any of them.
# A tty that is gone raises OSError in each of them; it must then be closed and opened anew.
# The process must not lead its session (as with setsid): open() here cannot say O_NOCTTY, so the
# tty would become its controlling one, and the kernel would kill it when the adapter is pulled.

import json
import os
import select
import sys
import termios

from micropython import const

_SPEEDS = {1200: 9, 2400: 11, 4800: 12, 9600: 13, 19200: 14, 38400: 15, 57600: 4097, 115200: 4098}

# Linux, asm-generic/termbits.h
_CS8 = const(0o60)
_CSTOPB = const(0o100)
_CREAD = const(0o200)
_PARENB = const(0o400)
_PARODD = const(0o1000)
_CLOCAL = const(0o4000)
_VTIME = const(5)
_VMIN = const(6)

_EIO = const(5)
_EAGAIN = const(11)
_AT_ONCE = const(256)  # what any() may say where the true number is not known

_RESTART = const(75)  # sysexits.h, EX_TEMPFAIL: try again

_CLAMP_RATE_HZ = const(2510)  # loadrail.clamps tells why


class Tty:
    """A serial line. parity is "N", "E" or "O", stop_bits 1 or 2.

    OSError: no such tty. ValueError: a baud rate that is not in the table.
    """

    def __init__(self, path: str, baud: int, parity: str = "N", stop_bits: int = 1):
        if baud not in _SPEEDS:
            raise ValueError("baud")
        self._file = open(path, "r+b")  # noqa: SIM115 - closed by close()
        try:
            self._set_up(baud, parity, stop_bits)
        except Exception:
            self._file.close()
            raise
        self._poll = select.poll()
        self._poll.register(self._file, select.POLLIN | select.POLLOUT)

    def _set_up(self, baud, parity, stop_bits):
        flags = _CS8 | _CREAD | _CLOCAL
        if parity != "N":
            flags |= _PARENB
        if parity == "O":
            flags |= _PARODD
        if stop_bits == 2:
            flags |= _CSTOPB
        # Raw, and with VMIN and VTIME 0 a read takes what is there, even if that is nothing.
        # A pty drops the parity; it has no wire that would need it.
        characters = [b"\0"] * 32
        characters[_VTIME] = characters[_VMIN] = 0
        speed = _SPEEDS[baud]
        wanted = [0, 0, flags, 0, speed, speed, characters]
        try:
            termios.tcsetattr(self._file.fileno(), termios.TCSANOW, wanted)
        except OSError:
            # A pty that is asked for nothing but another parity says EINVAL.
            if termios.tcgetattr(self._file.fileno())[4] != speed:
                raise

    def _events(self):
        for _, events in self._poll.ipoll(0):
            if events & (select.POLLHUP | select.POLLERR):
                raise OSError(_EIO)
            return events
        return 0

    def any(self) -> int:
        """How many bytes may be asked for without waiting: 0, or enough for any frame."""
        return _AT_ONCE if self._events() & select.POLLIN else 0

    def readinto(self, view) -> int:
        """Take what is there, up to len(view) bytes; returns how many."""
        return self._file.readinto(view) or 0

    def write(self, data) -> int:
        """Hand all of data, 256 bytes at most, to the kernel; OSError if it cannot take it now."""
        if not self._events() & select.POLLOUT:
            raise OSError(_EAGAIN)  # nobody takes the bytes at the other end; waiting may last
        return self._file.write(data)

    def flush(self):
        """Nothing to do: the kernel does not tell this port when the last byte is out."""

    def close(self):
        self._poll.unregister(self._file)
        self._file.close()


class _Stdio:
    """The console on standard input and output; neither read nor write ever waits."""

    def __init__(self):
        self._byte = bytearray(1)
        self._in = select.poll()
        self._in.register(sys.stdin, select.POLLIN)
        self._out = select.poll()
        self._out.register(sys.stdout, select.POLLOUT)
        self._ended = False

    def read_byte(self):
        """0..255, None where nothing has come, -1 where nothing will come any more."""
        if self._ended:
            return -1
        for _, events in self._in.ipoll(0):
            # One byte that is there; more could wait for the rest.
            if events & select.POLLIN and sys.stdin.buffer.readinto(self._byte):
                return self._byte[0]
            self._ended = True
            return -1
        return None

    def write(self, text: str) -> bool:
        """False where the other side takes nothing now. Up to 4 KB a call never wait."""
        for _, events in self._out.ipoll(0):
            if events & select.POLLOUT:
                sys.stdout.write(text)
                return True
        return False


class _NoWatchdog:
    """A computer has none that would be ours."""

    def feed(self):
        pass


class ClampFile:
    """Inputs for three current clamps: a file in which another program leaves what an ADC shows.

    The file is a number of two bytes, another one each time, and then the samples: 12 bits in 16,
    L1, L2, L3 in turn, 2510 of each a second, 264 of each; all low byte first. It is written
    beside and renamed, so that it is whole at any moment, and anew every 0.2 s at least.

    What any board offers here. `channels`: 1 to 3, L1 first; `rate_hz`: 1000 to 5000 for each of
    them, exact to 0.1 %, more would hold the others up; `reference_mv`: the ADC's end; and the
    two calls below, of which neither waits. A microcontroller fills the buffer in the interrupt of
    a timer with `read_u16() >> 4`; it may not allocate there.
    """

    channels = 3
    rate_hz = _CLAMP_RATE_HZ
    reference_mv = 3300

    def __init__(self, path: str):
        self._path = path
        self._buffer = None
        self._bytes = bytearray(0)  # the file
        self._before = 0  # its number when the stretch began

    def start(self, buffer) -> None:
        """Fill `buffer`, an array("H"), with samples of now, the channels in turn.

        OSError: there is no such input now; a later call may find it.
        """
        self._buffer = buffer
        if len(self._bytes) != 2 + 2 * len(buffer):
            self._bytes = bytearray(2 + 2 * len(buffer))
        self._read()
        self._before = self._word(0)

    def ready(self) -> bool:
        """Whether the buffer is full; nothing is written to it after that. OSError as above."""
        if not self._read() or self._word(0) == self._before:
            return False
        for k in range(len(self._buffer)):
            self._buffer[k] = self._word(k + 1)
        return True

    def _read(self) -> bool:
        """False where the file is too short."""
        with open(self._path, "rb") as file:
            return file.readinto(self._bytes) == len(self._bytes)

    def _word(self, k) -> int:
        return self._bytes[2 * k] | self._bytes[2 * k + 1] << 8


class InputFile:
    """A power selector and a contact: a file that a person or a program writes.

    {"selector": 3, "contact": false}; either may be absent. What any board offers here are the two
    calls, of which neither waits.
    """

    def __init__(self, path: str):
        self._path = path

    def selector(self) -> "int | None":
        """The position, 0..9; None: not readable, or between two. OSError: as None."""
        position = self._read("selector")
        return position if isinstance(position, int) and not isinstance(position, bool) else None

    def contact(self) -> "bool | None":
        """Whether it is closed; None or OSError as above."""
        closed = self._read("contact")
        return closed if isinstance(closed, bool) else None

    def _read(self, key):
        try:
            with open(self._path) as file:
                return json.load(file).get(key)
        except (ValueError, AttributeError):
            return None  # no JSON, or no object


class Board:
    """What the firmware asks of a board. arguments: configuration file (or a folder, for all that
    a controller keeps), tty, meter's tty; and
    `--clamps` and `--inputs` with a file each (see ClampFile and InputFile) where there are such.
    """

    def __init__(self, arguments):
        arguments = list(arguments)
        self._clamps = _taken(arguments, "--clamps")
        self._inputs = _taken(arguments, "--inputs")
        self.config_path = arguments[0]
        self.keeps = _is_folder(self.config_path)  # else a person's file is all there is
        if self.keeps:
            self.config_path += "/config.json"
        self.root = (self.config_path.rsplit("/", 1)[0] or "/") if "/" in self.config_path else "."
        self._ttys = arguments[1:]

    def line_name(self, index: int) -> str:
        return self._ttys[index]

    def open_line(self, index: int, line: dict):
        """A stream for bus `index`; OSError where there is none now."""
        return Tty(self._ttys[index], line["baud"], line["parity"], line["stop_bits"])

    def direction(self, index: int):
        """The pin that drives the transceiver; adapters do that by themselves."""
        return None

    def console(self):
        return _Stdio()

    def clamps(self):
        """Inputs for current clamps, or None; see ClampFile."""
        return ClampFile(self._clamps) if self._clamps else None

    def light(self, red: int, green: int, blue: int):
        """A computer has none; `status` shows what it would be."""

    def inputs(self):
        """The power selector and the contact, or None; see InputFile."""
        return InputFile(self._inputs) if self._inputs else None

    def watchdog(self):
        return _NoWatchdog()

    def reset(self):
        """Ends the process; whoever started it starts it anew."""
        sys.exit(_RESTART)


def _is_folder(path) -> bool:
    try:
        return bool(os.stat(path)[0] & 0x4000)
    except OSError:
        return False


def _taken(arguments, option):
    """The value of an option, which leaves the list with it; None where it is not there."""
    if option not in arguments:
        return None
    at = arguments.index(option)
    value = arguments[at + 1]
    del arguments[at : at + 2]
    return value
