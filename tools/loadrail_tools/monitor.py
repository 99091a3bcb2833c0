"""`loadrail monitor`: a real group in the demo's live table, recorded and played back.

A controller and a recording both give entries (recording.py); what is shown is made of these
alone, so a recording shows what was to be seen.
"""

import time
from collections.abc import Callable, Iterator

from . import measure
from .device_link import Link, Refused
from .moment import Moment, of_status
from .ports import LinkError
from .recording import Entry

BUS_EVERY_S = 5.0
AGAIN_S = 2.0  # until a controller that went away is tried again
LOG_NOTES = 2  # lines of the log that are shown

Connect = Callable[[Callable[[str], None]], Link]  # with who takes the log


def entries(connect: Connect, every_s: float, seconds: float | None) -> Iterator[Entry]:
    """What a controller tells, every so often, for `seconds` or for ever.

    Raises LinkError where it cannot be reached at first; later on that is an entry, and it is
    tried again.
    """
    watch = _Watch(connect, every_s)
    try:
        watch.connect()
        while seconds is None or watch.now_s() < seconds:
            try:
                yield from watch.round()
            except LinkError as error:
                yield watch.entry("trouble", str(error))
                watch.reconnect()
    finally:
        watch.close()


class _Watch:
    """A connection that comes and goes."""

    def __init__(self, connect: Connect, every_s: float):
        self._connect = connect
        self._every_s = every_s
        self._link: Link | None = None
        self._begin = time.monotonic()
        self._log: list[str] = []
        self._introduced = False  # whether it has said who its chargers are
        self._bus_at_s = 0.0

    def now_s(self) -> float:
        return time.monotonic() - self._begin

    def entry(self, kind: str, value: object) -> Entry:
        return Entry(int(self.now_s() * 1000), kind, value)

    def connect(self) -> None:
        self._link = self._connect(self._log.append)
        self._introduced = False

    def reconnect(self) -> None:
        self.close()
        time.sleep(AGAIN_S)

    def close(self) -> None:
        if self._link:
            self._link.close()
        self._link = None

    def round(self) -> Iterator[Entry]:
        """Ask for all that is due, then listen until the next time."""
        if self._link is None:
            self.connect()
        due_s = self.now_s() + self._every_s
        try:
            status = self._link.ask("status")
            if "chargers" in status and not self._introduced:
                yield self.entry("chargers", self._link.ask("chargers")["chargers"])
                self._introduced = True
            yield self.entry("status", status)
            if self.now_s() >= self._bus_at_s:
                yield self.entry("bus", self._link.ask("bus"))
                self._bus_at_s = self.now_s() + BUS_EVERY_S
        except Refused as refused:
            yield self.entry("trouble", str(refused))
        self._link.listen(max(0.05, due_s - self.now_s()))
        while self._log:
            yield self.entry("log", self._log.pop(0))


def paced(recorded: Iterator[Entry], speed: float) -> Iterator[Entry]:
    """The entries at the times at which they came, `speed` times as fast; 0: at once."""
    begin = time.monotonic()
    for entry in recorded:
        if speed:
            time.sleep(max(0, begin + entry.at_ms / 1000 / speed - time.monotonic()))
        yield entry


class Shown:
    """The latest of everything, as one moment."""

    def __init__(self, title: str):
        self._title = title
        self._at_ms = 0
        self._latest: dict[str, object] = {}
        self._log: list[str] = []
        self._trouble = ""

    @property
    def now_s(self) -> float:
        return self._at_ms / 1000

    def take(self, entry: Entry) -> None:
        """One more entry."""
        self._at_ms = entry.at_ms
        if entry.kind == "trouble":
            self._trouble = str(entry.value)
        elif entry.kind == "log":
            self._log = [*self._log, str(entry.value)][-LOG_NOTES:]
        else:
            self._trouble = ""
            self._latest[entry.kind] = entry.value

    def moment(self) -> Moment:
        """For the live table."""
        status = self._latest.get("status")
        title = f"{self._title}  {_clock(self.now_s)}"
        if not status or "chargers" not in status:
            idle = "\n  ".join(status["warnings"]) if status else ""
            trouble = self._trouble or idle
            nothing = [None, None, None]
            return Moment(title, self.now_s, None, nothing, nothing, trouble=trouble)
        bus = self._latest.get("bus")
        notes = [measure.bus_text(bus)] if bus else []
        notes += [f"! {text}" for text in self._log]
        labels, phases = self._who(len(status["chargers"]))
        more = {"labels": labels, "phases": phases, "notes": notes, "trouble": self._trouble}
        return of_status(status, self.now_s, title, **more)

    def _who(self, count: int) -> tuple[list[str], list[str]]:
        """Labels and phases, while the group is as large as it was when they were told."""
        rows = self._latest.get("chargers")
        if not rows or len(rows) != count:
            return [], []
        labels = [row["name"] or str(i + 1) for i, row in enumerate(rows)]
        return labels, [row["phases"] or "?" for row in rows]


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
