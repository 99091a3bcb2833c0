"""Jobs and deadlines: in virtual time here, with asyncio on MicroPython below."""

import pytest
from rtu_line import finish, start

from primary.scheduler import Scheduler

WRAP = 1 << 30
# Every law holds wherever the counter stands, its wrap included.
anywhere = pytest.mark.parametrize("origin", [0, WRAP - 150, WRAP - 1])


class Clock:
    def __init__(self, origin=0):
        self.now = origin

    def __call__(self):
        return self.now % WRAP


def nothing():
    pass


def one_job(origin, **options):
    clock = Clock(origin)
    scheduler = Scheduler(clock)
    return clock, scheduler, scheduler.add("job", 100, nothing, **options)


def run_once(clock, job, start_late=0, takes=0):
    """Let the job's next run begin `start_late` ms after it is due; returns how long it waited."""
    waited = job.wait_ms(clock())
    clock.now += waited + start_late
    job.begin(clock())
    clock.now += takes
    job.finish(clock())
    return waited


@anywhere
def test_the_first_run_is_at_once(origin):
    clock, _, job = one_job(origin)
    assert job.wait_ms(clock()) == 0


@anywhere
def test_the_period_does_not_drift(origin):
    clock, _, job = one_job(origin)
    for i in range(50):
        run_once(clock, job, start_late=i % 7, takes=i % 11)
    clock.now += job.wait_ms(clock())
    assert clock.now == origin + 50 * 100
    assert (job.runs, job.late, job.overruns, job.worst_ms) == (50, 0, 0, 6)


@anywhere
@pytest.mark.parametrize(
    ("takes", "overruns", "waits"), [(99, 0, 1), (100, 0, 0), (101, 1, 99), (350, 3, 50)]
)
def test_missed_periods_are_skipped_and_counted(origin, takes, overruns, waits):
    clock, _, job = one_job(origin)
    run_once(clock, job, takes=takes)
    assert (job.overruns, job.wait_ms(clock())) == (overruns, waits)
    assert (job.runs, job.late) == (1, int(takes > 100))


@anywhere
@pytest.mark.parametrize(
    ("late", "takes", "met"), [(0, 20, True), (10, 10, True), (11, 10, False)]
)
def test_the_deadline_counts_from_due_to_done(origin, late, takes, met):
    clock, scheduler, job = one_job(origin, deadline_ms=20, critical=True)
    run_once(clock, job, late, takes)
    assert job.late == int(not met)
    assert job.worst_ms == late
    assert scheduler.healthy() is met


@anywhere
def test_a_missed_deadline_is_seen_by_one_look(origin):
    clock, scheduler, job = one_job(origin, critical=True)
    run_once(clock, job, takes=150)
    assert [scheduler.healthy(), scheduler.healthy()] == [False, True]


@anywhere
def test_a_job_that_hangs_is_seen_before_it_ends(origin):
    clock, scheduler, job = one_job(origin, critical=True)
    clock.now += 100
    assert scheduler.healthy()
    clock.now += 1
    assert not scheduler.healthy()
    assert not scheduler.healthy()
    assert job.runs == 0


@anywhere
def test_only_critical_jobs_count(origin):
    clock, scheduler, job = one_job(origin)
    run_once(clock, job, takes=5000)
    assert scheduler.healthy()


@anywhere
def test_a_task_lives_by_its_beats(origin):
    clock = Clock(origin)
    scheduler = Scheduler(clock)
    task = scheduler.add_task("bus", nothing, 500)
    for pause in (500, 1, 500):
        clock.now += pause
        scheduler.beat("bus")
        assert scheduler.healthy()
    clock.now += 501
    assert not scheduler.healthy()
    scheduler.beat("bus")
    assert [scheduler.healthy(), scheduler.healthy()] == [False, True]
    assert (task.runs, task.late, task.worst_ms) == (4, 1, 501)


@pytest.mark.parametrize("period", [0, -1])
def test_a_period_must_be_positive(period):
    with pytest.raises(ValueError):
        Scheduler(Clock()).add("job", period, nothing)


def test_a_name_is_taken_once():
    scheduler = Scheduler(Clock())
    scheduler.add("job", 100, nothing)
    with pytest.raises(ValueError):
        scheduler.add_task("job", nothing, 100)


def test_on_micropython():
    [seen] = finish(start("scheduler_run.py"))
    # A plain function and a coroutine ran; a failing job was counted and went on.
    assert seen["plain"] >= 5
    assert seen["coroutine"] >= 5
    jobs = seen["jobs"]
    assert jobs["failing"]["errors"] == jobs["failing"]["runs"] >= 5
    assert jobs["failing"]["error"] == "ValueError: not today"
    assert seen["logged"][0] == ["failing", "ValueError"]
    # A task that ends though it should not is begun anew if it is not critical.
    assert jobs["ending"]["error"] == "RuntimeError: task ended"
    # The critical one stopped everything: its exception came out, the others were let go first.
    assert seen["raised"] == "KeyError: stop"
    assert seen["logged"].count(["critical", "KeyError"]) == 1
    assert seen["released"] is True
    assert seen["plain"] == seen["plain_later"]
