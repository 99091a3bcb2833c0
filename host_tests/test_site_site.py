"""The site as a whole: scenarios, house load, events, what is recorded; on both interpreters."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from loadrail_site.house import House, phase_indices
from loadrail_site.recorder import Recorder
from loadrail_site.scenario import Scenario
from loadrail_site.site import Site
from loadrail_tools.serve import SCENARIOS, load_scenario

STEP_MS = 100


def small(**changes):
    scenario = {
        "seconds": 90,
        "limit_a": 32,
        "chargers": [
            {"phases": "L1L2L3", "amps_a": 10, "cars": [{"phases": 3}]},
            {"phases": "L2L3L1", "amps_a": 16, "cars": [{"phases": 1, "plug_in_s": 30}]},
        ],
        "house": {"base_a": [3, 4, 5]},
    }
    scenario.update(changes)
    return scenario


def run(site, until_ms):
    for now_ms in range(site.now_ms + STEP_MS, until_ms + 1, STEP_MS):
        site.step(now_ms)
        for charger in site.chargers:
            charger.request(3, 0, 1)


def test_the_grid_carries_house_and_chargers_on_their_phases_and_the_meter_shows_it():
    site = Site(small())
    run(site, 20_000)
    assert site.grid_ma == [12_800, 13_800, 14_800]
    run(site, 50_000)
    assert site.grid_ma == [12_800, 29_600, 14_800]
    assert site.meter.shown_ma == site.grid_ma


def test_addresses_lead_to_their_devices():
    site = Site(small(first_address=5, meter={"address": 9}))
    assert [site.device(address) for address in (5, 6, 9, 7)] == [*site.chargers, site.meter, None]


def test_two_devices_at_one_address_are_refused():
    with pytest.raises(ValueError):
        Site(small(meter={"address": 3}))


@pytest.mark.parametrize(("chargers", "count"), [(None, 2), (1, 1), (2, 2)])
def test_the_number_of_chargers_can_be_cut(chargers, count):
    assert len(Site(small(), chargers).chargers) == count


@pytest.mark.parametrize("chargers", [0, 3, -1])
def test_a_number_that_the_scenario_does_not_have_is_refused(chargers):
    with pytest.raises(ValueError):
        Site(small(), chargers)


@pytest.mark.parametrize(
    ("seconds", "at_ms"), [(None, 30_000), (90, 30_000), (180, 60_000), (30, 10_000), (9, 10_000)]
)
def test_times_follow_the_length_but_not_below_a_third(seconds, at_ms):
    assert Scenario(small(), None, seconds).ms(30) == at_ms


def test_events_happen_to_their_device_and_those_of_absent_chargers_are_dropped():
    events = [
        {"at_s": 1, "device": 1, "do": "deaf"},
        {"at_s": 2, "device": 1, "do": "back"},
        {"at_s": 1, "device": "meter", "do": "silent"},
        {"at_s": 1, "device": 2, "do": "restart"},
    ]
    site = Site(small(events=events), chargers=1)
    run(site, 1500)
    assert (site.chargers[0].deaf, site.meter.silent) == (True, True)
    run(site, 2500)
    assert site.chargers[0].deaf is False


def test_a_snapshot_is_json_and_tells_each_charger():
    site = Site(small())
    run(site, 20_000)
    snapshot = json.loads(json.dumps(site.snapshot()))
    assert snapshot["grid_ma"] == site.grid_ma
    charger = snapshot["chargers"][0]
    assert (charger["status"], charger["limit_a"], charger["draw_ma"]) == (0, 10, [9800] * 3)


def test_the_breaker_judges_what_the_grid_carries():
    site = Site(small(house={"base_a": [100, 0, 0]}))
    run(site, 10_000)
    assert site.breaker.tripped


def test_overloads_are_recorded_by_phase_with_length_and_peak():
    recorder = Recorder(10_000, every_ms=0)
    for now_ms, current_ma in ((0, 10_000), (100, 10_001), (200, 12_000), (300, 9000)):
        recorder.step(now_ms, [0, current_ma, 0], [])
    recorder.step(400, [11_000, 0, 0], [])
    assert recorder.overloads == [
        {"phase": 1, "start_ms": 100, "end_ms": 300, "peak_ma": 12_000},
        {"phase": 0, "start_ms": 400, "end_ms": None, "peak_ma": 11_000},
    ]


def test_samples_come_at_their_own_pace():
    site = Site(small(), sample_ms=1000)
    run(site, 10_000)
    assert [sample["at_ms"] for sample in site.recorder.samples] == list(range(0, 10_001, 1000))


STEPS = [(40_000, [0, 1], 30_000), (60_000, [0, 1], 6000), (70_000, [2], -9000)]


@pytest.mark.parametrize(
    ("now_ms", "load_ma"),
    [
        (0, [6000, 6000, 6000]),
        (39_999, [6000, 6000, 6000]),
        (40_000, [30_000, 30_000, 6000]),
        (60_000, [6000, 6000, 6000]),
        (70_000, [6000, 6000, -9000]),
    ],
)
def test_house_steps_set_levels(now_ms, load_ma):
    assert House([6000] * 3, STEPS).currents_ma(now_ms) == load_ma


def test_only_rises_count_as_load_steps():
    assert House([6000] * 3, STEPS).rises_ms() == [40_000]


def test_noise_stays_in_its_band_varies_and_repeats():
    house = House([0, 0, 0], noise_ma=300)
    loads = [house.currents_ma(now_ms) for now_ms in range(0, 100_000, 500)]
    flat = [load for phases in loads for load in phases]
    assert max(abs(load) for load in flat) <= 300
    assert min(flat) < -200 and max(flat) > 200
    assert abs(sum(flat)) / len(flat) < 50
    assert loads == [House([0, 0, 0], noise_ma=300).currents_ma(t) for t in range(0, 100_000, 500)]


@pytest.mark.parametrize(("names", "phases"), [("L1L2", [0, 1]), (["L3"], [2]), ("L3L1", [2, 0])])
def test_phase_names(names, phases):
    assert phase_indices(names) == phases


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.json")), ids=lambda path: path.stem)
def test_every_scenario_runs_to_its_end(path):
    site = Site(load_scenario(path.stem))
    run(site, int(site.seconds * 1000))
    assert len(site.charger_configs()) == len(site.chargers) <= 20


def test_the_day_would_overload_the_circuit_if_nothing_were_lowered():
    site = Site(load_scenario("day"))
    for charger in site.chargers[:10]:
        charger.write(6, 15, [6])
    run(site, 39_000)
    assert max(site.grid_ma) <= 63_000
    run(site, 50_000)
    assert max(site.grid_ma) > 63_000


IN_BOTH = """
import sys
sys.path.insert(0, sys.argv[1])
from loadrail_site.scenario import load
from loadrail_site.site import Site
site = Site(load(sys.argv[2]))
for now_ms in range(0, 90001, 250):
    site.step(now_ms)
    if now_ms % 5000 == 0:
        for charger in site.chargers:
            charger.request(6, 15, 1, [(charger.address * 7 + now_ms // 5000) % 27 + 6])
        print(site.grid_ma, site.breaker.heat_permille(), site.meter.read(4, 0, 18))
        print([charger.read(3, 0, 45) for charger in site.chargers])
"""


def test_a_run_is_the_same_on_cpython_and_micropython(tmp_path):
    script = tmp_path / "both.py"
    script.write_text(IN_BOTH)
    day = SCENARIOS / "day.json"
    outputs = []
    for name in (sys.executable, str(Path(sys.executable).parent / "micropython")):
        command = [name, str(script), str(SCENARIOS.parent), str(day)]
        outputs.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert outputs[0] == outputs[1]
    assert len(outputs[0].splitlines()) == 38
