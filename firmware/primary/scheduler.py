# Periodic jobs over asyncio, and deadlines that are checked.
#
# A job keeps its period: its due times are fixed, what it misses is skipped and counted. An
# endless task (the owner of a bus) is not periodic: it reports life with beat(), within its own
# deadline. An exception in a critical job ends run() with it; in another one it is counted and
# the job goes on. Times are milliseconds of the counter handed in; they wrap at 2**30.

from loadrail.clock import add_ms, diff_ms

_RESTART_MS = 1000  # a task that failed but is not critical is begun anew after this


class Job:
    """One job's times and counters; knows nothing of asyncio."""

    def __init__(self, name, function, period_ms, deadline_ms, critical, now_ms):
        self.name = name
        self.function = function
        self.period_ms = period_ms  # 0: an endless task, which beats
        self.deadline_ms = deadline_ms  # from due (or the last beat) to done
        self.critical = critical
        self.due_ms = now_ms  # a task: the last beat
        self.runs = 0
        self.late = 0  # runs or beats that came after the deadline
        self.worst_ms = 0  # a job: most that a start was late; a task: longest without a beat
        self.overruns = 0  # periods skipped
        self.errors = 0
        self.error = None  # the last exception, as text
        self._missed = False  # a deadline, since the last look

    def wait_ms(self, now_ms: int) -> int:
        """Time until the next run; 0 when it is due."""
        return max(0, diff_ms(self.due_ms, now_ms))

    def begin(self, now_ms: int):
        self.worst_ms = max(self.worst_ms, diff_ms(now_ms, self.due_ms))

    def finish(self, now_ms: int):
        """A run is over: judge it, and find the next due time, the first that is not past."""
        spent_ms = diff_ms(now_ms, self.due_ms)
        self._judge(spent_ms)
        periods = max(1, (spent_ms + self.period_ms - 1) // self.period_ms)
        self.overruns += periods - 1
        self.due_ms = add_ms(self.due_ms, periods * self.period_ms)

    def beat(self, now_ms: int):
        """A task is alive."""
        spent_ms = diff_ms(now_ms, self.due_ms)
        self.worst_ms = max(self.worst_ms, spent_ms)
        self._judge(spent_ms)
        self.due_ms = now_ms

    def _judge(self, spent_ms):
        self.runs += 1
        if spent_ms > self.deadline_ms:
            self.late += 1
            self._missed = True

    def failed(self, error):
        self.errors += 1
        self.error = "%s: %s" % (type(error).__name__, error)

    def met(self, now_ms: int) -> bool:
        """Were all deadlines met since the last call, and is none running out now?"""
        missed = self._missed or diff_ms(now_ms, self.due_ms) > self.deadline_ms
        self._missed = False
        return not missed


class Scheduler:
    """Runs jobs; see the head of this file. ticks_ms: the counter, time.ticks_ms on a board."""

    def __init__(self, ticks_ms, on_error=None):
        self.ticks_ms = ticks_ms
        self.jobs = {}
        self._on_error = on_error  # called with the job and the exception: for the log
        self._failure = None
        self._failed = None  # asyncio.Event of run()

    def add(self, name: str, period_ms: int, function, deadline_ms=None, critical=False) -> Job:
        """Call (and, if it is a coroutine, await) `function` every period_ms, once run() runs.

        deadline_ms: from the time a run is due to its end; the period if not given.
        """
        if period_ms <= 0:
            raise ValueError("period")
        return self._add(name, function, period_ms, deadline_ms or period_ms, critical)

    def add_task(self, name: str, function, deadline_ms: int, critical=True) -> Job:
        """Keep the coroutine function `function` running. It owes a beat every deadline_ms."""
        return self._add(name, function, 0, deadline_ms, critical)

    def _add(self, name, function, period_ms, deadline_ms, critical):
        if name in self.jobs:
            raise ValueError("name")
        job = Job(name, function, period_ms, deadline_ms, critical, self.ticks_ms())
        self.jobs[name] = job
        return job

    def beat(self, name: str):
        """The task `name` is alive."""
        self.jobs[name].beat(self.ticks_ms())

    def healthy(self) -> bool:
        """Has every critical job met its deadlines since the last call?"""
        now_ms = self.ticks_ms()
        result = True
        for job in self.jobs.values():
            # All of them, for each look clears what was missed.
            if not job.met(now_ms) and job.critical:
                result = False
        return result

    def as_dict(self) -> dict:
        return {
            name: {
                "runs": job.runs,
                "late": job.late,
                "worst_ms": job.worst_ms,
                "overruns": job.overruns,
                "errors": job.errors,
                "error": job.error,
            }
            for name, job in self.jobs.items()
        }

    async def run(self):
        """Run all jobs until a critical one fails; its exception is raised here."""
        import asyncio

        self._failed = asyncio.Event()
        now_ms = self.ticks_ms()
        for job in self.jobs.values():
            job.due_ms = now_ms
        tasks = [asyncio.create_task(self._keep(job)) for job in self.jobs.values()]
        try:
            await self._failed.wait()
        finally:
            # Waited for, so that each leaves its line released and its files closed.
            for task in tasks:
                task.cancel()
                try:
                    await task
                except (asyncio.CancelledError, Exception):
                    pass
        raise self._failure

    async def _keep(self, job):
        from asyncio import sleep_ms

        while True:
            if job.period_ms:
                await sleep_ms(job.wait_ms(self.ticks_ms()))
                job.begin(self.ticks_ms())
            try:
                running = job.function()
                if hasattr(running, "send"):
                    await running
                if not job.period_ms:
                    raise RuntimeError("task ended")
            except Exception as error:
                job.failed(error)
                if self._on_error:
                    self._on_error(job, error)
                if job.critical:
                    self._failure = error
                    self._failed.set()
                    return
                if not job.period_ms:
                    await sleep_ms(_RESTART_MS)
            if job.period_ms:
                job.finish(self.ticks_ms())
