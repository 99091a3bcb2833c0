"""When the watchdog is armed and fed, what health leads to, and who keeps the buses quiet."""

import pytest

from primary.hush import Hush
from primary.scheduler import Scheduler
from primary.supervisor import ARM_MS, Supervisor

WRAP = 1 << 30
LOOK_MS = 500
# Every law holds wherever the counter stands, its wrap included.
anywhere = pytest.mark.parametrize("origin", [0, WRAP - ARM_MS // 2, WRAP - 1])


class Watchdog:
    fed = 0

    def feed(self):
        self.fed += 1


class Stretching(Watchdog):
    stretched_ms = None

    def stretch(self, ms):
        self.stretched_ms = ms


class Bus:
    carrying = False


class World:
    """A supervisor in virtual time, with one critical job."""

    def __init__(self, origin=0, milestones=(), watchdog=Watchdog):
        self.now = origin
        self.watchdog = watchdog()
        self.armed_at = []
        self.finished = True  # control cycles
        self.hangs = False  # the job
        self.scheduler = Scheduler(self.clock)
        self.job = self.scheduler.add("job", 100, lambda: None, deadline_ms=1000, critical=True)
        self.bus = Bus()
        self.hush = Hush([self.bus], self.clock)
        self.supervisor = Supervisor(
            self.scheduler, self.arm, lambda: self.finished, self.clock, self.hush, milestones
        )

    def clock(self):
        return self.now % WRAP

    def arm(self):
        self.armed_at.append(self.now)
        return self.watchdog

    def run(self, span_ms):
        """Let time pass; how often it was fed meanwhile."""
        before = self.supervisor.fed
        for _ in range(span_ms // LOOK_MS):
            self.now += LOOK_MS
            if not self.hangs:
                self.job.begin(self.clock())
                self.job.finish(self.clock())
            self.supervisor.look()
        assert self.watchdog.fed == self.supervisor.fed
        return self.supervisor.fed - before


@anywhere
def test_the_watchdog_is_armed_after_half_a_minute_of_health_and_then_fed(origin):
    world = World(origin)
    assert world.run(ARM_MS) == 0
    assert world.armed_at == []
    assert world.run(LOOK_MS) == 1
    assert world.armed_at == [origin + ARM_MS + LOOK_MS]
    assert world.run(60_000) == 60_000 // LOOK_MS
    assert len(world.armed_at) == 1


def test_health_that_is_broken_off_begins_anew():
    world = World()
    world.run(ARM_MS - 5000)
    world.finished = False
    world.run(LOOK_MS)
    world.finished = True
    world.run(ARM_MS)
    assert world.armed_at == []
    world.run(LOOK_MS)
    assert len(world.armed_at) == 1


@pytest.mark.parametrize("trouble", ["finished", "hangs"])
def test_s9_the_watchdog_is_fed_only_while_all_is_well(trouble):
    world = World()
    world.run(2 * ARM_MS)
    setattr(world, trouble, trouble == "hangs")
    world.run(2000)
    withheld = world.supervisor.withheld
    assert world.run(5000) == 0
    assert world.supervisor.withheld == withheld + 5000 // LOOK_MS
    setattr(world, trouble, trouble != "hangs")
    world.run(LOOK_MS)  # in which the late run is seen
    assert world.run(5000) == 5000 // LOOK_MS


def test_the_condition_is_asked_even_when_a_deadline_was_missed():
    # It may count cycles since it was last asked; skipping it would let an old one pass later.
    asked = []
    world = World()
    supervisor = Supervisor(
        world.scheduler, world.arm, lambda: asked.append(1) or True, world.clock
    )
    world.now += 5000
    assert supervisor.look() is False
    assert asked == [1]


def test_milestones_are_reached_once_each_in_order():
    reached = []
    milestones = [(60_000, lambda: reached.append("backup")), (120_000, lambda: reached.append(2))]
    world = World(milestones=milestones)
    world.run(60_000)
    assert reached == []
    world.run(LOOK_MS)
    assert reached == ["backup"]
    world.run(30_000)
    world.finished = False
    world.run(LOOK_MS)
    world.finished = True
    world.run(120_000)
    assert reached == ["backup"]
    world.run(LOOK_MS)
    assert reached == ["backup", 2]
    world.run(300_000)
    assert reached == ["backup", 2]


def test_health_outlives_the_counter():
    world = World()
    world.run(ARM_MS + LOOK_MS)
    for _ in range(20):
        world.now += WRAP // 8
        world.scheduler.jobs["job"].due_ms = world.clock()
        assert world.run(LOOK_MS) == 1
    assert len(world.armed_at) == 1


# --- maint


@anywhere
def test_maint_keeps_the_bus_quiet_and_the_watchdog_fed_for_its_time(origin):
    world = World(origin)
    world.run(2 * ARM_MS)
    world.hush.maint(300)
    world.finished = False  # without a bus no control cycle finishes
    assert world.hush() is True
    assert world.run(299_500) == 299_500 // LOOK_MS
    assert world.hush() is True
    assert world.run(30_000) == 0
    assert world.hush() is False


def test_maint_arms_nothing():
    world = World()
    world.hush.maint(300)
    world.run(200_000)
    assert world.armed_at == []


def test_maint_0_ends_it():
    world = World()
    world.hush.maint(300)
    world.hush.maint(0)
    assert (world.hush(), world.hush.maint_left_ms()) == (False, 0)


def test_maint_that_is_over_stays_over_when_the_counter_comes_round():
    world = World()
    world.hush.maint(10)
    world.now += 10_000
    assert world.hush() is False
    for _ in range(16):
        world.now += WRAP // 16
        assert world.hush() is False


def leaving(watchdog, maint_s=0, armed=True):
    world = World(watchdog=watchdog)
    if armed:
        world.run(2 * ARM_MS)
    world.hush.maint(maint_s)
    return world, world.supervisor.leave()


def test_leaving_in_maint_stretches_the_watchdog_where_the_port_can():
    world, left_ms = leaving(Stretching, 300)
    assert world.watchdog.stretched_ms == left_ms == 300_000


def test_leaving_without_maint_leaves_the_watchdog_as_it_is():
    world, left_ms = leaving(Stretching)
    assert (world.watchdog.stretched_ms, left_ms) == (None, 0)


def test_leaving_where_no_watchdog_runs_needs_nothing():
    world, left_ms = leaving(Stretching, 300, armed=False)
    assert (world.watchdog.stretched_ms, left_ms) == (None, 0)


def test_leaving_in_maint_feeds_by_a_timer_where_the_port_cannot(monkeypatch):
    timers = []

    class Timer:
        def __init__(self, number, period, callback):
            self.callback = callback
            self.running = True
            timers.append(self)

        def deinit(self):
            self.running = False

    machine = type("machine", (), {"Timer": Timer})
    monkeypatch.setitem(__import__("sys").modules, "machine", machine)
    world, left_ms = leaving(Watchdog, 300)
    assert left_ms == 300_000
    [timer] = timers
    before = world.watchdog.fed
    while timer.running:
        world.now += 1000
        timer.callback(timer)
    assert world.watchdog.fed - before == 299, "and then it bites: nobody works here any more"


# --- who keeps the buses quiet


def test_a_hold_waits_for_the_frame_under_way():
    world = World()
    world.bus.carrying = True
    world.hush.hold()
    assert (world.hush(), world.hush.busy()) == (True, True)
    world.bus.carrying = False
    assert world.hush.busy() is False
    world.hush.release()
    assert world.hush() is False


def test_a_bus_that_is_not_held_may_send_in_the_next_moment():
    assert World().hush.busy() is True


def test_without_a_bus_nothing_is_busy():
    assert Hush([], lambda: 0).busy() is False


@anywhere
def test_a_hold_that_nobody_renews_lapses(origin):
    world = World(origin)
    world.hush.hold()
    world.now += 999
    assert world.hush() is True
    world.now += 1
    assert world.hush() is False
    assert world.hush.busy() is True


def test_the_end_of_a_hold_does_not_end_maint():
    world = World()
    world.hush.maint(60)
    world.hush.hold()
    world.hush.release()
    assert (world.hush(), world.hush.busy()) == (True, False)
