# The firmware, put together: what safe.py has, and configuration, core, buses, watchdog.

from loadrail import config
from loadrail.clock import diff_ms
from loadrail.core import Primary
from loadrail.lent import lend
from primary.bus import Bus
from primary.crash import HEALTHY_MS
from primary.light_job import LightJob
from primary.safe import Safe, now_ms
from primary.supervisor import Supervisor

_INPUTS_MS = 100  # an emergency stop waits no longer than that for us
_LIGHT_MS = 50  # of a breath of 2 s a step of 5 % of its way: it looks smooth
_SUPERVISE_MS = 500
_KEEP_MS = 5000
_BUS_DEADLINE_MS = 6000  # the longest transaction: time-out 5 s and a frame
_DECIDED_WITHIN_MS = 3000
_BACKUP_MS = 60_000  # of health, after which what it was started with is known to be good


class App(Safe):
    """One controller on one board. `board`: see docs/boards.md for what it must offer.

    counters: a Counters, or None where nothing is kept.
    """

    def __init__(self, board, store, crashes, settings, counters=None):
        Safe.__init__(self, board, store, crashes, settings)
        self._counters = counters
        configured = settings.config
        self.primary = Primary(configured, now_ms())
        self._decisions = 0
        self._decided_at = now_ms()
        scheduler = self.scheduler
        for index, (name, line) in enumerate(self._lines(configured)):
            beat = self._beat_of(name)
            bus = Bus(name, index, self.primary, board, line, self.log, beat)
            bus.hush = self.hush
            self.buses.append(bus)
            scheduler.add_task(name, bus.own, _BUS_DEADLINE_MS)
        self.clamps = self._start_clamps(configured.get("meter"))
        self.inputs = self._start_inputs(configured["inputs"])
        scheduler.add("light", _LIGHT_MS, LightJob(self.primary, board, now_ms).run)
        if counters is not None:
            if counters.fault:
                self.log.add(counters.fault)
            counters.begin(self.primary)
            scheduler.add("keep", _KEEP_MS, self._keep)
        self._to_keep = []  # functions that write, for a moment in which the buses are quiet
        milestones = ((_BACKUP_MS, self._want_backup), (HEALTHY_MS, self._want_series_over))
        self.supervisor = Supervisor(
            scheduler, board.watchdog, self._decided, now_ms, self.hush, milestones
        )
        scheduler.add("supervisor", _SUPERVISE_MS, self.supervisor.look, 4 * _SUPERVISE_MS)

    @property
    def armed(self) -> bool:
        """Whether the watchdog runs."""
        return self.supervisor.armed

    def leave(self) -> int:
        """The run is over: for how long the watchdog surely will not bite, ms, see Supervisor."""
        return self.supervisor.leave()

    def _lines(self, configured):
        """Names and settings of the buses, in the core's order."""
        if self.primary.buses == 1:
            return [("bus", configured["bus"])]
        return [("charger bus", configured["bus"]), ("meter bus", configured["meter"]["bus"])]

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

    def _start_inputs(self, section):
        """The job of the power selector and the contact; None where the board has neither."""
        source = self._board.inputs()
        if source is None:
            if section["selector"] != "off" or section["contact"] != "none":
                self.log.add("inputs: this board has none that could be read")
            return None
        from primary.inputs_job import InputsJob

        job = InputsJob(self.primary, source, now_ms, self.hush)
        self.scheduler.add("inputs", _INPUTS_MS, job.run)
        return job

    def _control(self):
        Safe._control(self)
        self.primary.tick(now_ms())
        event = self.primary.events.take()
        while event is not None:
            self.log.add(_words(self.primary, event))
            event = self.primary.events.take()

    def _decided(self) -> bool:
        """S9: whether control cycles still finish with valid data."""
        if self.primary.decisions != self._decisions:
            self._decisions = self.primary.decisions
            self._decided_at = now_ms()
        return diff_ms(now_ms(), self._decided_at) < _DECIDED_WITHIN_MS

    def _want_backup(self):
        self._to_keep.append(self.store.healthy)

    def _want_series_over(self):
        self._to_keep.append(self._crashes.healthy)

    async def _keep(self):
        if self._counters.due():
            self._to_keep.append(self._counters.write)
        while self._to_keep:
            fault = await self.store.when_quiet(self._to_keep.pop(0))
            if fault:
                self.log.add(fault)


def _words(primary, event) -> str:
    """An event for the log. Where no memory is left for the words its numbers must do."""
    try:
        return lend("alert_texts").event_line(primary, event)
    except MemoryError:
        return "event %d of charger %d: %d, %d" % (event[1], event[2] + 1, event[3], event[4])
