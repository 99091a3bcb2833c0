"""The serial ports of this computer, and which of them may be a controller.

Nothing is written to a port to find that out: behind a USB-serial adapter there may be an RS485
line with chargers on it.
"""

import errno
import os
from dataclasses import dataclass

from serial.tools import list_ports

# USB vendors: the boards' own USB, and the bridges of boards and of RS485 adapters alike.
# Source: usb.ids, https://usb-ids.gowdy.us
BOARDS = {
    0x2E8A: "a Raspberry Pi board (RP2040, RP2350)",
    0x303A: "an Espressif board",
    0xF055: "a MicroPython board",
}
BRIDGES = {0x0403: "FTDI", 0x067B: "Prolific", 0x10C4: "Silicon Labs", 0x1A86: "WCH"}

BOARD, MAYBE, OTHER = "board", "maybe", "other"


class LinkError(Exception):
    """What stands between us and a controller, and what to do about it."""


@dataclass(frozen=True)
class Port:
    """One port. `kind`: BOARD, MAYBE (a board with a bridge, or an adapter), or OTHER."""

    path: str
    kind: str
    what: str


def ports() -> list[Port]:
    """All ports of this computer, the likely ones first."""
    order = (BOARD, MAYBE, OTHER)
    found = [_judged(info) for info in list_ports.comports()]
    return sorted(found, key=lambda port: (order.index(port.kind), port.path))


def _judged(info) -> Port:
    if info.vid in BOARDS:
        return Port(info.device, BOARD, BOARDS[info.vid])
    if info.vid in BRIDGES:
        what = f"a board, or an RS485 adapter, with a {BRIDGES[info.vid]} bridge"
        return Port(info.device, MAYBE, what)
    told = info.description
    return Port(info.device, OTHER, "" if told in (None, "n/a") else told)


def find() -> str:
    """The one port that can be a controller. LinkError where there is none, or more than one."""
    known = ports()
    candidates = [port for port in known if port.kind == BOARD]
    candidates = candidates or [port for port in known if port.kind == MAYBE]
    if len(candidates) == 1:
        return candidates[0].path
    if not candidates:
        raise LinkError(
            "no controller found on USB: plug it in, with a cable that carries data, "
            "or name its port with --port"
        )
    listed = "\n".join(f"  --port {port.path}  {port.what}" for port in candidates)
    raise LinkError(f"several ports may be the controller; say which:\n{listed}")


def completions() -> list[str]:
    """Paths for the shell."""
    return [port.path for port in ports() if port.kind != OTHER]


def refusal(path: str, error: OSError) -> str:
    """Why a port cannot be opened, and what to do."""
    number = error.errno
    if number == errno.ENOENT:
        return f'there is no port {path}; "loadrail ports" lists those that there are'
    if number in (errno.EACCES, errno.EPERM):
        return (
            f"{path} may not be used by you: add yourself to the group that owns it "
            '("sudo usermod -aG dialout $USER"; "uucp" on Arch), and log in again'
        )
    if number in (errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK) or "exclusively" in str(error):
        return f"another program uses {path}: close it (mpremote, a terminal, another loadrail)"
    why = os.strerror(number) if number else str(error)
    return f"{path} cannot be opened: {why}"
