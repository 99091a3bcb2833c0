# What runs on any board in any case: the console, the log, and what is kept. No bus.
#
# That is all there is in safe mode (see crash.py), and while there is no configuration; the rest
# (app.py) is built on it. `primary` is None here: commands that need it say so.

import asyncio
import gc
import sys
import time

from loadrail import lent
from primary.console import Console
from primary.hush import Hush
from primary.log import Log
from primary.scheduler import Scheduler

_CONTROL_MS = 250  # how often time goes on in the core, whatever the buses do
_COLLECT_MS = 1000
_CONSOLE_DEADLINE_MS = 5000
_MOST_LINES = 2  # of any board
_RED = (255, 0, 0)


class Restart(Exception):
    """Somebody asked for it."""


def now_ms() -> int:
    """The counter that the core lives by; it wraps at 2**30 on every port."""
    return time.ticks_ms() & 0x3FFFFFFF


def _collect():
    lent.tidy()
    gc.collect()


class Safe:
    """A controller without its group, and what the console's commands see as their context.

    `store`, `crashes`, `settings`: a Store, a Crashes and a loadrail.settings.Settings.
    """

    primary = clamps = inputs = None
    armed = False  # the watchdog

    def __init__(self, board, store, crashes, settings, safe_mode=False):
        self.store = store
        self.settings = settings
        self.safe_mode = safe_mode
        self.now_ms = now_ms
        self.log = Log()
        self.buses = []
        self._board = board
        self._crashes = crashes
        self._restart = False
        self.hush = store.lines = Hush(self.buses, now_ms)
        self.scheduler = scheduler = Scheduler(now_ms, self._job_failed)
        console = Console(board.console(), self, self.log, self._beat_of("console"))
        scheduler.add_task("console", console.run, _CONSOLE_DEADLINE_MS, critical=False)
        scheduler.add("control", _CONTROL_MS, self._control, 4 * _CONTROL_MS, critical=True)
        scheduler.add("collect", _COLLECT_MS, _collect)
        self._tell_start()

    def jobs(self) -> dict:
        """The counters of all jobs, by name."""
        return self.scheduler.as_dict()

    def maint(self, seconds: int) -> None:
        """Keep the buses quiet and the watchdog fed for so long, 0..3600 s; 0 ends it."""
        self.hush.maint(seconds)

    def reboot(self) -> None:
        """Restart the board, in a moment."""
        self._restart = True

    def crash_lines(self):
        """How the runs before this one failed, for people."""
        return self._crashes.lines()

    def run(self) -> None:
        """Until Ctrl-C (KeyboardInterrupt), Restart, or the exception of what failed."""
        if self.primary is None:
            self._board.light(*_RED)
        asyncio.new_event_loop()  # what Ctrl-C has left in the last one must not go on
        asyncio.run(self.scheduler.run())

    def _tell_start(self):
        store, crashes = self.store, self._crashes
        for line in store.faults + crashes.faults + [crashes.found, store.warning()]:
            if line:
                self.log.add(line)
        if store.source == "backup":
            self.log.add("the backup is used: the configuration that last ran well")
        elif store.by_hand:
            self.log.add("%s was written by hand: it has no checksum" % store.path)

    def _control(self):
        if self._restart:
            raise Restart

    def _beat_of(self, name):
        return lambda: self.scheduler.beat(name)

    def _job_failed(self, job, error):
        if not isinstance(error, Restart):
            self.log.add("%s: %s" % (job.name, job.error))
            if not job.critical:  # else it ends the run, and is shown then
                sys.print_exception(error)


def release_lines(board) -> None:
    """Let no transceiver drive its line."""
    for index in range(_MOST_LINES):
        try:
            direction = board.direction(index)
        except IndexError:  # a board with one line
            return
        if direction is not None:
            direction(0)
