# The firmware, put together: configuration, core, buses, console, watchdog; and how it ends.

import asyncio
import gc
import sys
import time

from loadrail import __version__, alerts, config
from loadrail.alert_texts import event_line
from loadrail.clock import diff_ms
from loadrail.core import Primary
from primary.bus import Bus
from primary.console import Console
from primary.log import Log
from primary.scheduler import Scheduler, Supervisor

_CONTROL_MS = 250  # how often time goes on in the core, whatever the buses do
_SUPERVISE_MS = 500
_COLLECT_MS = 1000
_BUS_DEADLINE_MS = 6000  # the longest transaction: time-out 5 s and a frame
_CONSOLE_DEADLINE_MS = 5000
_DECIDED_WITHIN_MS = 3000


def now_ms() -> int:
    """The counter that the core lives by; it wraps at 2**30 on every port."""
    return time.ticks_ms() & 0x3FFFFFFF


class App:
    """One controller on one board. `board`: see boards/unix.py for what it must offer."""

    def __init__(self, board, settings: dict):
        self.log = Log()
        self._board = board
        self._level = None  # what the light shows, see loadrail.alerts
        self.primary = Primary(settings, now_ms())
        self.buses = []
        self.now_ms = now_ms
        self.scheduler = scheduler = Scheduler(now_ms, self._job_failed)
        self._decisions = 0
        self._decided_at = now_ms()
        for index, (name, line) in enumerate(self._lines(settings)):
            beat = self._beat_of(name)
            bus = Bus(name, index, self.primary, board, line, self.log, beat)
            self.buses.append(bus)
            scheduler.add_task(name, bus.own, _BUS_DEADLINE_MS)
        self.clamps = self._start_clamps(settings.get("meter"))
        console = Console(board.console(), self, self.log, self._beat_of("console"))
        scheduler.add_task("console", console.run, _CONSOLE_DEADLINE_MS, critical=False)
        scheduler.add("control", _CONTROL_MS, self._control, 4 * _CONTROL_MS, critical=True)
        scheduler.add("collect", _COLLECT_MS, gc.collect)
        supervisor = Supervisor(scheduler, board.watchdog(), self._decided)
        scheduler.add("supervisor", _SUPERVISE_MS, supervisor.look, 4 * _SUPERVISE_MS)

    def jobs(self) -> dict:
        """The counters of all jobs, by name."""
        return self.scheduler.as_dict()

    def _lines(self, settings):
        """Names and settings of the buses, in the core's order."""
        if self.primary.buses == 1:
            return [("bus", settings["bus"])]
        return [("charger bus", settings["bus"]), ("meter bus", settings["meter"]["bus"])]

    def _start_clamps(self, meter):
        """The job of a meter that is clamps; None for any other, and where there are no inputs."""
        if meter is None or meter["model"] != config.CLAMPS:
            return None
        source = self._board.clamps()
        if source is None:
            self.log.add("clamps: this board has no inputs for them")
            return None
        from primary.clamp_job import ClampJob

        job = ClampJob(self.primary, source, self.log, now_ms)
        self.scheduler.add("clamps", meter["update_interval_ms"], job.run)
        return job

    def _beat_of(self, name):
        return lambda: self.scheduler.beat(name)

    def _control(self):
        self.primary.tick(now_ms())
        event = self.primary.events.take()
        while event is not None:
            self.log.add(event_line(self.primary, event))
            event = self.primary.events.take()
        self._show_light()

    def _show_light(self):
        level = alerts.level(self.primary, now_ms())
        if level != self._level:
            self._level = level
            self._board.light(level)

    def _decided(self) -> bool:
        """S9: whether control cycles still finish with valid data."""
        if self.primary.decisions != self._decisions:
            self._decisions = self.primary.decisions
            self._decided_at = now_ms()
        return diff_ms(now_ms(), self._decided_at) < _DECIDED_WITHIN_MS

    def _job_failed(self, job, error):
        self.log.add("%s: %s" % (job.name, job.error))
        sys.print_exception(error)


def load(path: str):
    """(configuration, faults) of a file; see loadrail.config.check."""
    import json

    try:
        with open(path) as file:
            raw = json.load(file)
    except OSError as error:
        return None, ["%s: cannot be read (%s)" % (path, error)]
    except ValueError:
        return None, ["%s: is not JSON" % path]
    return config.check(raw)


def main(board) -> int:
    """Run a board until Ctrl-C or a failure; the exit status for a computer."""
    settings, faults = load(board.config_path)
    if faults:
        for fault in faults:
            print(fault)
        print("The configuration was refused; nothing was started.")
        return 2
    app = App(board, settings)
    group = settings["group"]
    print(
        'Loadrail %s: %s group of %d, limit %d A. "help" lists the commands.'
        % (__version__, group["type"], len(settings["chargers"]), group["limit_a"])
    )
    try:
        asyncio.run(app.scheduler.run())
    except KeyboardInterrupt:
        print("Stopped: the chargers are left to their own watchdogs.")
        return 0
    except Exception as error:
        sys.print_exception(error)
        print("Failed: the bus is quiet, the chargers are left to their own watchdogs.")
    return 1
