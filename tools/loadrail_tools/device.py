"""A board at MicroPython's prompt, over mpremote's own transport: its facts and its files.

A firmware that runs is left in order (Ctrl-C). A watchdog that it has armed is kept quiet while we
work: an rp2's cannot be stopped, so it is fed at each step; an ESP32's is given an hour.
"""

import contextlib
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport

CHUNK = 512  # bytes of a file in one command
PATIENCE_S = 5.0  # with a board that says nothing
OPEN_S = 3.0  # with a port that is taken

_PREPARE = """
import os,sys
def feed():pass
try:
 import machine
 if sys.platform=='rp2':
  a=0x400d8000 if 'RP2350' in sys.implementation._machine else 0x40058000
  if machine.mem32[a]>>30&1:feed=machine.WDT(timeout=8388).feed
 elif sys.platform=='esp32':machine.WDT(timeout=3600000)
except Exception:pass
"""

# A file: its hash and path; a folder: "-" and its path, after what is in it.
_WALK = """
import hashlib
from binascii import hexlify
def hashed(p):
 d=hashlib.sha256();b=bytearray(512);m=memoryview(b)
 with open(p,'rb') as f:
  while 1:
   n=f.readinto(b)
   if not n:return hexlify(d.digest()).decode()
   d.update(m[:n])
def walk(p):
 feed()
 for e in os.ilistdir(p or '/'):
  q=p+'/'+e[0]
  if e[1]==0x4000:
   walk(q)
   print('-',q)
  else:print(hashed(q),q)
def at(p):
 try:os.stat(p)
 except OSError:return
 if os.stat(p)[0]&0x4000:
  walk(p)
  print('-',p)
 else:print(hashed(p),p)
"""


class DeviceError(Exception):
    """What went wrong, and what to do about it."""


@dataclass(frozen=True)
class Facts:
    """What a board says of itself."""

    platform: str  # "rp2", "esp32", "linux"
    version: tuple[int, ...]  # of MicroPython
    mpy: int  # the version of .mpy files that it takes
    machine: str


@dataclass(frozen=True)
class Tree:
    """What is on a board."""

    hashes: dict[str, str]  # SHA-256 by path
    folders: list[str]  # each after those in it


class Device:
    """An open board; use `connect`. Every call may raise DeviceError."""

    def __init__(self, transport: SerialTransport):
        self._transport = transport

    def facts(self) -> Facts:
        words = "(sys.platform,sys.implementation.version,sys.implementation._mpy"
        words += ",getattr(sys.implementation,'_machine',''))"
        with _told("its version"):
            platform, version, mpy, machine = self._transport.eval(words)
        numbers = tuple(part for part in version if isinstance(part, int))
        return Facts(platform, numbers, mpy & 0xFF, machine)

    def tree(self, *tops: str) -> Tree:
        """The files at or below `tops`, where they are there."""
        hashes, folders = {}, []
        with _told("the list of its files"):
            self._transport.exec(_WALK)
            for top in tops:
                for line in self._transport.exec(f"at({top!r})").decode().splitlines():
                    what, _, path = line.strip().partition(" ")
                    if what == "-":
                        folders.append(path)
                    else:
                        hashes[path] = what
        return Tree(hashes, folders)

    def free(self) -> int:
        """Bytes that its file system has left."""
        with _told("its free space"):
            size, left = self._transport.eval("(lambda s:(s[1],s[4]))(os.statvfs('/'))")
        return size * left

    def make_folder(self, path: str) -> None:
        with _told(path):
            if not self._transport.fs_isdir(path):
                self._transport.fs_mkdir(path)

    def write(self, path: str, data: bytes) -> None:
        with _told(path):
            self._transport.exec("feed()")
            self._transport.fs_writefile(path, data, CHUNK)

    def remove(self, path: str) -> None:
        with _told(path):
            self._transport.exec("feed()")
            self._transport.fs_rmfile(path)

    def remove_folder(self, path: str) -> None:
        """Remove it if nothing is in it."""
        with _told(path):
            self._transport.exec(f"try:os.rmdir({path!r})\nexcept OSError:pass")

    def restart(self) -> None:
        """A hard reset; the connection is over."""
        with _told("the restart"):
            self._transport.exec_raw_no_follow("import machine\nmachine.reset()")
            self._transport.in_raw_repl = False


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except TransportError as error:
        lines = str(getattr(error, "error_output", error)).strip().splitlines() or ["no answer"]
        raise DeviceError(f"{what}: the board said: {lines[-1]}") from None
    except OSError as error:
        raise DeviceError(f"{what}: {error.strerror or error}") from None


@contextlib.contextmanager
def connect(port: str) -> Iterator[Device]:
    """The board at a serial port, at its prompt."""
    transport = _open(port)
    try:
        try:
            transport.enter_raw_repl(soft_reset=False)
            transport.exec(_PREPARE)
        except (TransportError, OSError):
            raise DeviceError(
                f"{port}: no MicroPython prompt; is MicroPython on the board? "
                "Press its reset button and try again"
            ) from None
        yield Device(transport)
    finally:
        with contextlib.suppress(OSError, TransportError):
            if transport.in_raw_repl:
                transport.exit_raw_repl()
        with contextlib.suppress(OSError, TransportError):
            transport.close()
        transport.serial.close()  # a pty has no RTS, and close() ends there


def _open(port: str) -> SerialTransport:
    """Desktops look at a port that has just come (ModemManager): it may be taken for a moment."""
    until = time.monotonic() + OPEN_S
    while True:
        try:
            return SerialTransport(port, timeout=PATIENCE_S)
        except (TransportError, OSError):
            gone = port.startswith("/") and not Path(port).exists()
            if gone or time.monotonic() > until:
                raise DeviceError(
                    f"{port} cannot be opened: is there such a port, "
                    "and does no other program use it?"
                ) from None
            time.sleep(0.1)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
