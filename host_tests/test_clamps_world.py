"""A site whose meter is clamps, in virtual time: the true currents are sampled and read."""

import pytest
from logic.test_clamps import sine
from world import World, configuration

from loadrail import clamps
from loadrail.budget import METER_FINE, METER_STALE
from loadrail.config import check
from loadrail.core import Primary
from loadrail_site.virtual import Run

PHASES = ["L1", "L2", "L3"]
CAR = ("L1L2L3", {"phases": 3, "max_a": 32})
EVERY_MS = 500
SETTLED_S = 40
STEP_S = SETTLED_S + 0.1


def house(*steps):
    """(at_s, amps) or (at_s, amps, phases): levels of the other load."""
    return [{"at_s": at, "amps": amps, "phases": p[0] if p else PHASES} for at, amps, *p in steps]


class ClampWorld(World):
    """A world that reads its grid with clamps of 194 A. `silent` and `unplugged` break them."""

    def __init__(self, cars, *, start_ms=0, group=None, meter=None, **more):
        super().__init__(cars, start_ms=start_ms, group=group, **more)
        raw = configuration(self.site, None, **(group or {}))
        raw["meter"] = {"model": "clamps", "update_interval_ms": EVERY_MS, **(meter or {})}
        config, faults = check(raw)
        assert not faults, faults
        self.primary = Primary(config, start_ms)
        self.run = Run(self.primary, self.site, offset_ms=start_ms, on_frame=self._see)
        self.silent = False
        self.unplugged = None

    def go(self, seconds, look=None):
        """Run on until this time; `look()` is called with each sample."""

        def each():
            if not self.silent:
                self.primary.clamp_sample(self.run.ticks_ms(), self.read_ma())
            if look:
                look()

        return self.until(seconds, EVERY_MS, each)

    def read_ma(self):
        """What the clamps make of the true currents, either way they flow."""
        found = []
        for phase, clamp in enumerate(self.primary.meter.clamps):
            samples = sine(clamp, abs(self.site.grid_ma[phase]), start=phase * 2.1)
            if phase == self.unplugged:
                samples = samples[:0]
            clamp.measure(samples)
            found.append(clamp.ma)
        return found


def test_s1_what_may_flow_stays_within_the_circuit_while_cars_come_and_go():
    cars = [
        ("L1L2L3", {"phases": 3, "plug_in_s": 5}),
        ("L2L3L1", {"phases": 1, "max_a": 32, "plug_in_s": 8, "unplug_s": 70}),
        ("L3", {"phases": 1, "max_a": 32, "plug_in_s": 9}),
        ("L1L2L3", {"phases": 3, "max_a": 32, "plug_in_s": 40}),
    ]
    # The reading may be 1 % off, so a margin is kept.
    world = ClampWorld(cars, limit_a=40, house=house((0, 9)), group={"margin_a": 1})

    def look():
        for phase in range(3):
            assert world.may_flow_ma(phase) <= 40_000, world.run.now_ms

    world.go(120, look)
    assert sum(world.true_limits_a()) > 0


@pytest.mark.parametrize("start_ms", [0, (1 << 30) - 20_000])
def test_the_circuit_is_used_up_to_its_limit(start_ms):
    world = ClampWorld([CAR] * 2, limit_a=40, house=house((0, 10)), start_ms=start_ms)
    world.go(SETTLED_S)
    assert 27 <= sum(world.limits_a()) <= 30
    assert {unit for _, unit in world.asked} == {c.address for c in world.site.chargers}


def test_a_load_step_is_answered_and_the_breaker_holds():
    world = ClampWorld([CAR] * 2, limit_a=40, house=house((0, 4), (STEP_S, 25)))
    world.go(SETTLED_S)
    assert sum(world.limits_a()) >= 33
    world.go(SETTLED_S + 12)
    assert 12 <= sum(world.limits_a()) <= 15
    assert max(world.site.grid_ma) <= 40_500
    assert not world.site.breaker.tripped


def test_export_counts_as_import():
    """24 A of sun would leave the cars the whole circuit; clamps take it for a load."""
    world = ClampWorld([(phases, None) for phases in PHASES], limit_a=40, house=house((0, -24)))
    world.go(SETTLED_S)
    assert world.site.grid_ma == [-24_000] * 3
    for phase in range(3):
        assert abs(world.primary.budget.grid_ma[phase] - 24_000) <= 240
        assert abs(world.primary.budget.ma[phase] - 16_000) <= 240
    assert world.primary.meter.note == "clamps: no direction, export counts as import"


def test_s1_sun_never_lets_more_flow_than_the_circuit_carries():
    steps = house((0, -30), (30, 5), (60, -8), (90, 20))
    world = ClampWorld([CAR] * 3, limit_a=40, house=steps, group={"margin_a": 1})
    worst_ma = 0

    def look():
        nonlocal worst_ma
        if world.run.now_ms % 30_000 > 15_000:  # the cars have followed
            worst_ma = max(worst_ma, *world.site.grid_ma)

    world.go(120, look)
    assert 0 < worst_ma <= 40_000
    assert not world.site.breaker.tripped


def test_s5_clamps_that_fall_silent_bring_the_budget_of_their_loss():
    world = ClampWorld([CAR] * 2, limit_a=40, group={"meter_loss_a": 12, "meter_stale_s": 5})
    world.go(SETTLED_S)
    assert sum(world.limits_a()) >= 38
    world.silent = True
    world.go(SETTLED_S + 8)
    assert world.primary.budget.meter == METER_STALE
    assert sum(world.limits_a()) == 12
    world.silent = False
    world.go(2 * SETTLED_S)
    assert world.primary.budget.meter == METER_FINE
    assert sum(world.limits_a()) >= 38


@pytest.mark.parametrize("phase", [0, 1, 2])
def test_s5_one_clamp_without_a_reading_is_a_lost_meter(phase):
    world = ClampWorld([CAR] * 2, limit_a=40, group={"meter_stale_s": 5})
    world.go(SETTLED_S)
    world.unplugged = phase
    world.said()
    world.go(SETTLED_S + 8)
    assert world.primary.budget.meter == METER_STALE
    assert world.limits_a() == [0, 0]
    why = f"L{phase + 1}: {clamps.TEXTS[clamps.TOO_FEW]}"
    assert f"a sample of the meter is not believed: {why}" in world.said()


def test_s5_a_current_above_what_clamps_measure_pauses_all_and_is_no_lost_meter():
    """For five minutes the readings stand still at their end, while the cars are paused."""
    steps = house((0, 5), (STEP_S, 400, ["L2"]), (SETTLED_S + 300, 5))
    world = ClampWorld([CAR] * 2, limit_a=150, house=steps, group={"meter_loss_a": 100})
    world.go(SETTLED_S)
    assert world.limits_a() == [32, 32]
    world.go(SETTLED_S + 2)
    assert world.limits_a() == [0, 0]

    def look():
        assert world.primary.budget.meter == METER_FINE
        assert world.primary.budget.ma[1] == 0
        assert world.limits_a() == [0, 0]

    world.go(SETTLED_S + 299, look)
    world.go(SETTLED_S + 340)
    assert world.limits_a() == [32, 32]


def test_s5_a_lost_meter_would_have_given_more():
    """The test above shows something: at the same load without samples the cars go on."""
    steps = house((0, 5), (STEP_S, 400, ["L2"]))
    world = ClampWorld([CAR] * 2, limit_a=150, house=steps, group={"meter_loss_a": 100})
    world.go(SETTLED_S)
    world.silent = True
    world.go(SETTLED_S + 30)
    assert sum(world.limits_a()) > 0


def test_s1_no_circuit_so_large_that_an_over_range_reading_leaves_something():
    """The ADC ends at 194 A, the circuit at 190, and the cars draw most of it."""
    steps = house((0, 5), (STEP_S, 160, ["L1"]))
    world = ClampWorld([CAR] * 5, limit_a=190, house=steps)
    world.go(SETTLED_S)
    assert sum(world.limits_a()) == 160
    world.go(SETTLED_S + 2)
    assert world.limits_a() == [0] * 5


def test_one_clamp_deals_out_its_own_phase_alone():
    world = ClampWorld([("L1", {"phases": 1, "max_a": 32})], limit_a=40, meter={"phases": 1})
    world.go(SETTLED_S)
    assert world.limits_a() == [32]
    assert world.primary.budget.ma[1:] == [0, 0]
