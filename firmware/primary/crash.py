# How the runs before this one ended, kept in a small file, and when that calls for safe mode.
#
# Three crashes, with less than two minutes of health between one and the next, and the next run is
# safe: a console and no bus. A crash is an exception that ends the run, or a bite of the watchdog.
# What was meant to end leaves a mark, since on RP2 every reset that a program asks for looks like
# a bite (ports/rp2/modmachine.c). A run that ends with the power leaves none, and ends a series.

import sys

from primary import store_file

HEALTHY_MS = 120_000  # a run that was well for so long is not part of a series

_SERIES = 3
_KEPT = 3  # texts
_LENGTH = 500  # of a text, its end: there is the error

# how a run ended
CRASHED = 1
ASKED = 2  # a restart was asked for, or Ctrl-C
_UNKNOWN = 0  # power cut, or a bite

_BITE = "reset by the watchdog: something hung (or this is the first start after flashing)"


class Crashes:
    """path: None keeps nothing. `files`: see store_file."""

    def __init__(self, files, path: "str | None"):
        self._files = files
        self._path = path
        self.faults = []  # why something is not kept
        self._ended = _UNKNOWN
        self.series = 0
        self.total = 0
        self._rows = []  # [uptime in s or None, text], the last one last
        self.found = None  # what the start has found: a sentence for the log

    def begin(self, bitten: bool) -> bool:
        """A start; `bitten`: the board says that its watchdog caused it. True: be safe."""
        if self._path is None or not store_file.is_there(self._files, self._path):
            if bitten:
                self._add(None, _BITE, _UNKNOWN)
            return False
        raw, _, fault = store_file.read(self._files, self._path)
        if fault or not self._take(raw):
            self.faults.append(fault or "%s: makes no sense" % self._path)
            return False
        if self._ended == _UNKNOWN and bitten:
            self._add(None, _BITE, _UNKNOWN)
        elif self._ended != CRASHED and self.series:
            self.series = 0  # somebody ended it, or switched it off and on
            self._ended = _UNKNOWN
            self._keep()
        elif self._ended != _UNKNOWN:
            self._ended = _UNKNOWN
            self._keep()
        if self.series:
            told = "the last run crashed, the %d. in a series; after the %d. comes safe mode"
            self.found = told % (self.series, _SERIES)
        return self.is_safe

    @property
    def is_safe(self) -> bool:
        """Whether the last runs call for safe mode."""
        return self.series >= _SERIES

    def add(self, text: str, uptime_s: int) -> None:
        """An exception ends this run; `text`: see text_of."""
        self._add(uptime_s, text, CRASHED)

    def asked(self) -> None:
        """Somebody ends this run."""
        self._ended = ASKED
        self._keep()

    def healthy(self) -> "str | None":
        """This run has lasted: a series is over. None, or why that is not kept."""
        if not self.series:
            return None
        self.series = 0
        return self._keep()

    def lines(self):
        """What is kept, for people, the last crash first."""
        for uptime_s, text in reversed(self._rows):
            yield "crash" if uptime_s is None else "crash after %d s" % uptime_s
            for line in text.split("\n"):
                yield "  " + line

    def _add(self, uptime_s, text, ended):
        self._rows = self._rows[1 - _KEPT :] + [[uptime_s, text]]
        self._ended = ended
        self.series += 1
        self.total += 1
        self._keep()

    def _keep(self) -> "str | None":
        if self._path is None:
            return None
        value = {"ended": self._ended, "series": self.series, "total": self.total}
        value["crashes"] = self._rows
        fault = store_file.write(self._files, self._path, value)
        if fault:
            self.faults.append(fault)
        return fault

    def _take(self, raw) -> bool:
        try:
            rows = [[row[0], str(row[1])] for row in raw["crashes"]]
            self._ended, self.series, self.total = [
                int(raw[key]) for key in ("ended", "series", "total")
            ]
        except (TypeError, ValueError, KeyError, IndexError):
            return False
        self._rows = rows
        return True


def text_of(error) -> str:
    """An exception with where it came from, at most 500 characters of it."""
    try:
        import io

        stream = io.StringIO()
        sys.print_exception(error, stream)
        text = stream.getvalue().strip()
    except MemoryError:
        text = type(error).__name__
    return text[-_LENGTH:]
