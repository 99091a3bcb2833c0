"""A controller's console over a serial port: a line out, its answer back.

Commands are sent with the word `json`, so that an answer is one line. Lines of the log, "! ...",
may come at any moment and are handed on. A command of which nobody knows where its answer ends is
followed by `version json`, and that answer ends it.
"""

import contextlib
import json
import re
import time
from collections.abc import Callable

import serial

from .ports import LinkError, find, refusal

BAUD = 115200  # of a UART; over USB it means nothing
ANSWER_S = 10.0  # saving waits for the buses to be quiet
SYNC_S = 6.0  # a board that restarts as its port is opened needs some of it
TRY_S = 1.0
SETTLE_S = 0.3
PIECE = 32  # bytes: a UART's buffer takes 256, and is emptied every 20 ms
PIECE_S = 0.015
MARK = "version json"
MARK_KEYS = {"version", "machine"}
MOST_MARK = 500  # characters of its answer
CLEAR = b"\x15\n"  # Ctrl-U: what somebody may have typed and left there is not to be carried out
LEAVE_RAW = b"\x02"  # a program may have left MicroPython's prompt in its mute form

_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_PROMPT = re.compile(r"^(>>> ?)+|^raw REPL; CTRL-B to exit", re.MULTILINE)


class Refused(Exception):
    """The controller's own words on why it does not do that."""


class Link:
    """An open console. Use `connect`; every call may raise LinkError."""

    def __init__(self, port: serial.Serial, path: str, on_log: Callable[[str], None] | None):
        self.path = path
        self.version: dict = {}  # the answer to MARK
        self._port = port
        self.on_log = on_log or (lambda text: None)
        self._bytes = bytearray()
        self._said: list[str] = []  # what was no answer, the last lines

    def __enter__(self) -> "Link":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the port back."""
        with contextlib.suppress(OSError, serial.SerialException):
            self._port.close()

    def ask(self, command: str, patience_s: float = ANSWER_S) -> dict:
        """The answer to a command, as JSON. Raises Refused with the controller's words."""
        self._send(command + " json")
        return self._answer(patience_s, command)

    def lines(self, command: str, patience_s: float = ANSWER_S) -> list[str]:
        """The answer to a command in the words for people."""
        self._send(command)
        self._send(MARK)
        lines = []
        until = time.monotonic() + patience_s
        while (line := self._line(until)) is not None:
            if self._is_mark(line):
                return lines
            if not self._is_log(line):
                lines.append(line)
        raise LinkError(self._silence(command))

    def listen(self, seconds: float) -> None:
        """Hand the log on for so long."""
        until = time.monotonic() + seconds
        while (line := self._line(until)) is not None:
            self._is_log(line)

    def sync(self, patience_s: float) -> None:
        """Make sure that Loadrail listens, and that nothing from before is in the way."""
        attempts = 0
        until = time.monotonic() + patience_s
        while (now := time.monotonic()) < until:
            attempts += 1
            self._write(CLEAR)
            self._send(MARK)
            while (line := self._line(min(until, now + TRY_S))) is not None:
                if self._is_mark(line):
                    # It may have heard us before, and still answer that.
                    self.listen(SETTLE_S if attempts > 1 else 0)
                    return
                if not self._is_log(line):
                    self._keep(line)
            if not self._said:
                self._write(LEAVE_RAW)
        raise LinkError(self._who_is_there())

    # --- lines

    def _answer(self, patience_s: float, command: str) -> dict:
        until = time.monotonic() + patience_s
        while (line := self._line(until)) is not None:
            if self._is_mark(line) or self._is_log(line):
                continue
            answer = _parsed(line)
            if answer is None:
                if line.startswith("{"):
                    raise LinkError(f'the answer to "{command}" came damaged; try again')
                self._keep(line)
                continue
            if "error" in answer:
                raise Refused(_refusal(answer["error"]))
            return answer
        raise LinkError(self._silence(command))

    def _keep(self, line: str) -> None:
        if line:
            self._said = [*self._said[-9:], line]

    def _is_mark(self, line: str) -> bool:
        """Whether a line is an answer to MARK."""
        if len(line) > MOST_MARK:
            return False
        answer = _parsed(line)
        if answer is None or not answer.keys() >= MARK_KEYS:
            return False
        self.version = answer
        return True

    def _is_log(self, line: str) -> bool:
        if not line.startswith("! "):
            return False
        self.on_log(line[2:])
        return True

    def _line(self, until: float) -> str | None:
        """The next line, "" for an empty one; None when it is too late."""
        while True:
            end = self._bytes.find(b"\n")
            if end >= 0:
                data, self._bytes = self._bytes[:end], self._bytes[end + 1 :]
                return _text(data)
            left = until - time.monotonic()
            if left <= 0:
                return None
            self._read(left)

    # --- bytes

    def _read(self, seconds: float) -> None:
        try:
            self._port.timeout = seconds
            self._bytes += self._port.read(max(1, self._port.in_waiting))
        except (OSError, serial.SerialException) as error:
            raise LinkError(self._broken()) from error

    def _send(self, line: str) -> None:
        self._write(line.encode("ascii") + b"\n")

    def _write(self, data: bytes) -> None:
        """In pieces that the smallest board has room for."""
        try:
            for at in range(0, len(data), PIECE):
                if at:
                    time.sleep(PIECE_S)
                self._port.write(data[at : at + PIECE])
        except (OSError, serial.SerialException) as error:
            raise LinkError(self._broken()) from error

    # --- what to do

    def _broken(self) -> str:
        return f"the connection on {self.path} broke: is the cable in, has the board power?"

    def _silence(self, command: str) -> str:
        said = "".join(f"\n  it said: {line}" for line in self._said[-3:])
        return f'the controller on {self.path} does not answer "{command}"; try again{said}'

    def _who_is_there(self) -> str:
        rest = self._bytes.decode("utf-8", "replace")
        if _PROMPT.search(rest) or any(_PROMPT.match(line) for line in self._said):
            return (
                f"{self.path} is at MicroPython's prompt, Loadrail does not run there: "
                f'"mpremote connect {self.path} reset" starts it, "loadrail flash" puts it on'
            )
        if rest.strip() or self._said:
            return (
                f"what answers on {self.path} is not Loadrail's console: is it the right port, "
                'and is Loadrail on the board? "loadrail flash" puts it there'
            )
        return (
            f"the controller does not answer on {self.path}: has it power, is it flashed "
            '("loadrail flash"), does another program use the port?'
        )


def connect(
    path: str | None = None,
    on_log: Callable[[str], None] | None = None,
    sync_s: float = SYNC_S,
) -> Link:
    """Open a console, of the only board there is where no port is named; wait `sync_s` for it."""
    path = path or find()
    try:
        port = serial.Serial(path, BAUD, timeout=0, write_timeout=5, exclusive=True)
    except (OSError, serial.SerialException) as error:
        raise LinkError(refusal(path, error)) from error
    link = Link(port, path, on_log)
    try:
        link.sync(sync_s)
    except BaseException:
        link.close()
        raise
    return link


def _text(data: bytes) -> str:
    """A line as it stands on a terminal at the end, without Loadrail's prompt."""
    shown = data.rstrip(b"\r").rpartition(b"\r")[2].decode("utf-8", "replace")
    return _CONTROLS.sub("", shown).removeprefix("> ").rstrip()


def _parsed(line: str) -> dict | None:
    if not line.startswith("{"):
        return None
    with contextlib.suppress(ValueError):
        answer = json.loads(line)
        return answer if isinstance(answer, dict) else None
    return None


def _refusal(error: object) -> str:
    return "\n".join(map(str, error)) if isinstance(error, list) else str(error)
