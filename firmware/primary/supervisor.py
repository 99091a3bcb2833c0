# Decides whether the hardware's watchdog is fed, and notices how long all has been well.
#
# The watchdog is armed only after half a minute of health, so that a board whose firmware does not
# come up can still be talked to. From then on it is fed only while all deadlines are met and
# control cycles finish with valid data (S9). During `maint` it is fed in any case: the bus is
# quiet then, and nothing can be done wrong.

from loadrail.clock import FOREVER_MS, age_ms

ARM_MS = 30_000
_FEED_MS = 1000


class Supervisor:
    """look() is a job like others.

    arm: gives the watchdog, which has feed(), and runs from then on.
    condition: says whether a control cycle finished with valid data of late.
    milestones: (milliseconds of health, function) in order; each is called once, when reached.
    """

    def __init__(self, scheduler, arm, condition, now_ms, hush=None, milestones=()):
        self._scheduler = scheduler
        self._arm = arm
        self._condition = condition
        self._now_ms = now_ms
        self._hush = hush
        self._milestones = list(milestones)
        self._watchdog = None
        self._well_since = None
        self.fed = 0
        self.withheld = 0

    @property
    def armed(self) -> bool:
        """Whether the watchdog runs."""
        return self._watchdog is not None

    def look(self) -> bool:
        """Feed, or not; returns which."""
        healthy = self._scheduler.healthy()
        finished = self._condition()
        if self._hush is not None and self._hush.maint_left_ms():
            self._well_since = None
            self._feed()
            return True
        if not (healthy and finished):
            self._well_since = None
            self.withheld += 1
            return False
        self._grow_older()
        self._feed()
        return True

    def _grow_older(self):
        now_ms = self._now_ms()
        if self._well_since is None:
            self._well_since = now_ms
        well_ms = age_ms(now_ms, self._well_since)
        if well_ms >= ARM_MS and self._watchdog is None:
            self._watchdog = self._arm()
        if well_ms >= FOREVER_MS:
            self._well_since = now_ms  # the counter wraps; all milestones are behind
        while self._milestones and well_ms >= self._milestones[0][0]:
            self._milestones.pop(0)[1]()

    def _feed(self):
        if self._watchdog is not None:
            self._watchdog.feed()
            self.fed += 1

    def leave(self) -> int:
        """Control ends, and MicroPython's prompt follows: keep the watchdog from biting while
        `maint` lasts. For how long it surely will not bite, ms; 0: it bites at its own time."""
        left_ms = self._hush.maint_left_ms() if self._hush is not None else 0
        if self._watchdog is None or not left_ms:
            return 0
        if hasattr(self._watchdog, "stretch"):
            self._watchdog.stretch(left_ms)
            return left_ms
        try:
            from machine import Timer
        except ImportError:
            return 0
        self._timer = Timer(-1, period=_FEED_MS, callback=self._feed_on)
        return left_ms

    def _feed_on(self, timer):
        if self._hush.maint_left_ms():
            self._watchdog.feed()
        else:
            timer.deinit()
