"""Every meter model at a whole site: the firmware reads it, believes it, and keeps the circuit."""

import pytest
from world import World

from loadrail import meters
from loadrail.meters.plan import plan

# Whole amperes: the circuit is kept as well, but a little more is left unused.
_ROUGH = ("smartstuff_p1", "smartstuff_p1_1p")


def may_lose(model):
    """Samples of several requests: in one during which the load comes, current and power do not
    fit."""
    return 1 if len(plan(meters.load(model))[0]) > 1 else 0


@pytest.mark.parametrize("model", meters.names())
def test_a_load_step_is_answered_whatever_meter_shows_it(model):
    house = [{"at_s": 40, "phases": ["L1"], "amps": 14}]
    cars = [("L1", {"phases": 1, "max_a": 32})]
    world = World(cars, limit_a=32, house=house, meter=model, idle_ms=20).until(39)
    rough = 2 if model in _ROUGH else 1
    assert world.primary.meter.fault is None
    assert 31 - rough <= world.true_limits_a()[0] <= 32
    world.until(70)
    assert world.primary.meter.fault is None
    assert 18 - rough <= world.true_limits_a()[0] <= 18
    assert world.site.grid_ma[0] <= 32_000
    assert world.primary.meter.bad <= may_lose(model)
    assert not world.site.breaker.tripped


@pytest.mark.parametrize("model", meters.names())
def test_export_is_seen_as_export_wherever_the_model_tells_it(model):
    """With 10 A of sun on its phase a car may have more than the circuit alone would leave."""
    house = [{"at_s": 0, "phases": ["L1"], "amps": -10}]
    cars = [("L1", {"phases": 1, "max_a": 32})]
    world = World(cars, limit_a=20, house=house, meter=model, idle_ms=20).until(60)
    signed = meters.load(model)["sign"] != "none"
    here_ma = world.primary.meter.sample.current_ma[0]
    assert 18 <= world.true_limits_a()[0] <= 20, "what others export makes no wire thicker"
    assert abs(here_ma - world.site.grid_ma[0]) <= 1000 or not signed


def test_s5_a_meter_that_hangs_on_its_last_values_is_found_by_the_chargers_that_it_must_see():
    cars = [("L1L2L3", {"phases": 3, "max_a": 32, "plug_in_s": 30})]
    world = World(cars, limit_a=32, meter="abb_b23", idle_ms=20).until(20)
    world.site.meter.step = lambda now_ms, grid_ma: None
    world.until(180)
    assert "is the meter stuck?" in world.primary.meter.fault
    assert world.true_limits_a() == [0]
    assert any("is the meter stuck?" in line for line in world.said())


@pytest.mark.parametrize("model", ["eastron_sdm630", "abb_b23", "carlo_gavazzi_em24"])
def test_a_three_phase_meter_serves_where_only_one_phase_is_connected(model):
    """Its other phases have no voltage; nothing is asked of them, and nothing is dealt out."""
    cars = [("L1", {"phases": 1, "max_a": 32})]
    world = World(cars, limit_a=32, meter=model, idle_ms=20)
    world.site.meter.voltage_mv = [230_000, 0, 0]
    config = world.primary.config
    config = {**config, "meter": {**config["meter"], "phases": 1}}
    world.primary.configure(config, world.run.ticks_ms())
    world.until(60)
    assert world.primary.meter.fault is None
    assert world.true_limits_a()[0] >= 31
    assert world.primary.budget.ma[1:] == [0, 0]
