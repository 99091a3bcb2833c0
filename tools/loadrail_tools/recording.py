"""What `loadrail monitor` saw, as a file: one line of JSON for each thing that was told.

The first line says what it is: {"loadrail": "recording", "version": 1}. Each other one has
`at_ms`, from the recording's start, and one of KINDS with what came:

    status, bus    the controller's answers to these commands
    chargers       who they are: its answer at the start
    log            a line of its log
    trouble        why it could not be asked
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

KINDS = ("status", "bus", "chargers", "log", "trouble")
HEAD = {"loadrail": "recording", "version": 1}


@dataclass(frozen=True)
class Entry:
    """One thing that was told."""

    at_ms: int
    kind: str
    value: object

    def as_json(self) -> str:
        """Its line."""
        return json.dumps({"at_ms": self.at_ms, self.kind: self.value})


class Recorder:
    """Writes entries to a file, each at once: a recording that is cut off is still one.

    OSError where the file cannot be made; one that is there is not overwritten.
    """

    def __init__(self, path: Path):
        self._file: IO[str] = path.open("x", encoding="utf-8")
        self._write(json.dumps(HEAD))

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, entry: Entry) -> None:
        """Keep one entry."""
        self._write(entry.as_json())

    def _write(self, line: str) -> None:
        self._file.write(line + "\n")
        self._file.flush()


def read(path: Path) -> Iterator[Entry]:
    """The entries of a file. Raises OSError, or ValueError with the line that is none.

    A last line without its end is where somebody pulled the plug: it is left out.
    """
    with path.open(encoding="utf-8") as file:
        if not _is_head(file.readline()):
            raise ValueError(f"{path}: is no recording of loadrail monitor")
        for number, line in enumerate(file, 2):
            if line.endswith("\n"):
                yield _entry(line, f"{path}, line {number}")


def _is_head(line: str) -> bool:
    try:
        head = json.loads(line)
    except ValueError:
        return False
    return isinstance(head, dict) and head.items() >= HEAD.items()


def _entry(line: str, place: str) -> Entry:
    try:
        told = json.loads(line)
        at_ms = told.pop("at_ms")
        ((kind, value),) = told.items()
    except (ValueError, KeyError, AttributeError, TypeError):
        raise ValueError(f"{place}: is no entry of a recording") from None
    if kind not in KINDS or not isinstance(at_ms, int):
        raise ValueError(f"{place}: is no entry of a recording")
    return Entry(at_ms, kind, value)
