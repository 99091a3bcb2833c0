# The code that runs on a board, in virtual time: the core with its bus owner and transport, and
# umodbus's blocking client.
#
# Each is loaded as a copy of its own, with a Clock in the place of time and asyncio, so that
# nothing of it stays behind in this process.

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from loadrail.core import Primary
from loadrail_tools.paths import ROOT

from .bus_cycle_line import Clock, Line

UMODBUS = ROOT / "build" / "umodbus" / "host"
_FIRMWARE = ROOT / "firmware"


class Missing(Exception):
    """umodbus is not there."""


@contextmanager
def _modules() -> Iterator[None]:
    """What both find on a board: micropython, machine, and each other's folders."""
    if not (UMODBUS / "umodbus" / "serial.py").exists():
        raise Missing("umodbus is not fetched; make setup does it")
    stubs = {
        "micropython": types.SimpleNamespace(const=lambda value: value),
        "machine": types.SimpleNamespace(UART=None, Pin=None),
    }
    added = {name: stub for name, stub in stubs.items() if name not in sys.modules}
    folders = [str(_FIRMWARE), str(UMODBUS)]
    sys.modules.update(added)
    sys.path[:0] = folders
    try:
        yield
    finally:
        for name in added:
            del sys.modules[name]
        for folder in folders:
            sys.path.remove(folder)


def _copy(name: str, path: Path, **names):
    """A module of its own from a file, with these of its names in another meaning."""
    spec = spec_from_file_location(name, path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    for what, meaning in names.items():
        if not hasattr(module, what):
            raise AttributeError(f"{path.name} has no {what}")
        setattr(module, what, meaning)
    return module


class Steered:
    """A primary that steers a site over one line, carried by the firmware's own bus and transport.

    on_frame(unit): a frame goes out. on_request(request, purpose): the core has asked;
    on_answer(request, purpose, result): it is about to be told.
    """

    def __init__(
        self,
        site,
        config: dict,
        turnaround_ms: int,
        *,
        tick_ms=1,
        on_frame=None,
        on_request=None,
        on_answer=None,
    ):
        self.clock = Clock(tick_ms)
        self.primary = Primary(config, 0)
        self.line = Line(self.clock, site, config["bus"], turnaround_ms, on_frame)
        self._on_request, self._on_answer = on_request, on_answer
        self._request = None
        self._ask, self.primary.next_request = self.primary.next_request, self._asked
        self._tell, self.primary.answer = self.primary.answer, self._told
        fakes = {"time": self.clock, "asyncio": self.clock}
        with _modules():
            rtu = _copy("primary.rtu", _FIRMWARE / "primary" / "rtu.py", **fakes)
            bus = _copy("primary.bus", _FIRMWARE / "primary" / "bus.py", Rtu=rtu.Rtu, **fakes)
        board = types.SimpleNamespace(
            open_line=lambda index, line: self.line,
            direction=lambda index: lambda level: None,
            line_name=lambda index: "line",
        )
        log = types.SimpleNamespace(add=lambda text: None)
        args = ("bus", 0, self.primary, board, config["bus"], log, lambda: None)
        self.bus = bus.Bus(*args)
        self._owner = self.bus.own()

    def until(self, end_ms: int) -> None:
        """Run on to this moment, or a little later: a frame under way is not cut."""
        while self.clock.now_us < end_ms * 1000:
            self._owner.send(None)

    def _asked(self, bus, now_ms):
        self._request = self._ask(bus, now_ms)
        if self._on_request and self._request is not None:
            self._on_request(self._request, self.primary.purpose(bus))
        return self._request

    def _told(self, bus, now_ms, result, words):
        if self._on_answer:
            self._on_answer(self._request, self.primary.purpose(bus), result)
        self._tell(bus, now_ms, result, words)


def umodbus_client(clock: Clock, line: Line, settings: dict):
    """umodbus's blocking RTU client on this line, with a direction pin. Raises Missing.

    Only for lines without a parity bit and with one stop bit.
    """
    with _modules():
        client = _copy(
            "umodbus.serial",
            UMODBUS / "umodbus" / "serial.py",
            time=clock,
            UART=_Uart.on(line),
            Pin=_Pin,
        )
    return client.Serial(1, baudrate=settings["baud"], parity=None, pins=(4, 5), ctrl_pin=6)


class _Uart:
    """machine.UART, whatever its arguments, is the line; umodbus looks whether it can flush."""

    @staticmethod
    def on(line: Line) -> type:
        def made(cls, uart_id, **settings):
            return line

        return type("UART", (), {"__new__": made, "flush": line.flush})


class _Pin:
    OUT = 1

    def __init__(self, pin, mode=None):
        pass

    def on(self) -> None:
        pass

    def off(self) -> None:
        pass
