"""The open readings: each combination, and the few that hold every pair."""

import subprocess
import sys
from pathlib import Path

import pytest

from loadrail_site import pairwise, readings
from loadrail_site import teltocharge as tc
from loadrail_site.car import Car
from loadrail_site.charger import Charger
from loadrail_site.phases import FALLS_BACK_AFTER_MS

STEP_MS = 500
SEEDS = range(8)


def numbers(reading):
    """A full reading as the numbers of its answers to the combined questions."""
    return tuple(
        readings.READINGS[question].index(reading[question]) for question in readings.COMBINED
    )


def test_every_question_but_that_of_broadcasts_is_combined():
    assert {*readings.COMBINED, "hears_broadcasts"} == set(readings.READINGS)


def test_the_combinations_are_all_different_and_as_many_as_told():
    seen = [numbers(reading) for reading in readings.combinations()]
    assert len(seen) == len(set(seen)) == readings.COMBINATIONS == 10_368


def test_the_combinations_begin_with_the_first_answers_and_end_with_the_last():
    assert readings.combination(0) == readings.choose()
    last = readings.combination(readings.COMBINATIONS - 1)
    for question in readings.COMBINED:
        assert last[question] == readings.READINGS[question][-1]


@pytest.mark.parametrize("number", [-1, readings.COMBINATIONS])
def test_a_number_beyond_the_combinations_is_refused(number):
    with pytest.raises(ValueError):
        readings.combination(number)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_pairwise_list_holds_each_pair_of_answers_and_is_short(seed):
    chosen = readings.pairwise(seed)
    sizes = [len(readings.READINGS[question]) for question in readings.COMBINED]
    wanted = (sum(sizes) ** 2 - sum(size * size for size in sizes)) // 2
    seen = {pair for reading in chosen for pair in pairwise.pairs_of(numbers(reading))}
    assert len(seen) == wanted == 302
    assert len(chosen) < 40


def test_a_seed_gives_the_same_list_again_and_another_seed_another():
    lists = [readings.pairwise(seed) for seed in SEEDS]
    assert lists == [readings.pairwise(seed) for seed in SEEDS]
    assert len({str(chosen) for chosen in lists}) > 1


def test_the_list_is_the_same_on_micropython():
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from loadrail_site import readings as r\n"
        "for seed in range(3):\n"
        "    print([[a[q] for q in r.COMBINED] for a in r.pairwise(seed)])\n"
        "print([[r.combination(k)[q] for q in r.COMBINED] for k in range(0, 10368, 997)])\n"
    )
    tools = Path(readings.__file__).parent.parent
    said = []
    for name in (sys.executable, str(Path(sys.executable).parent / "micropython")):
        command = [name, "-c", script, str(tools)]
        said.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert said[0] == said[1]
    assert len(said[0].splitlines()) == 4


@pytest.mark.parametrize("reading", readings.pairwise(), ids=lambda reading: str(numbers(reading)))
def test_a_car_charges_at_the_written_limit_under_each_of_the_pairwise_readings(reading):
    charger = Charger(2, reading=reading, cars=[Car(1)])
    for now_ms in range(0, 60_001, STEP_MS):
        charger.step(now_ms)
        if now_ms % 5000 == 0:
            charger.write(reading["write_functions"][0], 15, [10])
    assert charger.grid_current_ma() == [9800, 0, 0]


@pytest.mark.parametrize("most", [125, 45, 21, 16])
def test_reads_of_up_to_so_many_registers_are_answered(most):
    charger = Charger(2, reading={"max_read": most})
    fits = min(most, tc.COUNT)
    assert len(charger.request(3, 0, fits)) == fits
    if most < tc.COUNT:
        with pytest.raises(Exception, match="exception 3"):
            charger.request(3, 0, most + 1)


# --- a charger that chooses its phases itself


def stay(charger, until_ms):
    for now_ms in range(charger.now_ms + STEP_MS, until_ms + 1, STEP_MS):
        charger.step(now_ms)
        if now_ms % 5000 == 0:
            charger.write(6, 15, [10])


def choosing(wiring="L1L2L3", cars=None, itself=True):
    cars = [Car(1)] if cars is None else cars
    reading = {"phase_choice": "itself" if itself else "commanded"}
    charger = Charger(2, wiring, amps_a=10, reading=reading, cars=cars)
    charger.step(0)
    return charger


ALL_THREE, ONLY_L1, ONLY_L2, L1_AND_L3 = 6, 0, 1, 4


@pytest.mark.parametrize(
    ("wiring", "car_phases", "itself", "before", "after"),
    [
        ("L1L2L3", 1, True, ALL_THREE, ONLY_L1),
        ("L2L3L1", 1, True, ALL_THREE, ONLY_L1),
        ("L1L2L3", 2, True, ALL_THREE, ALL_THREE),
        ("L1L2L3", 3, True, ALL_THREE, ALL_THREE),
        ("L1L2L3", 1, False, ALL_THREE, ALL_THREE),
        ("L2", 1, True, ONLY_L2, ONLY_L2),
        ("L3L1", 1, True, L1_AND_L3, 2),
    ],
)
def test_which_chargers_fall_back_to_one_phase_of_themselves(
    wiring, car_phases, itself, before, after
):
    charger = choosing(wiring, [Car(car_phases)], itself)
    stay(charger, FALLS_BACK_AFTER_MS)
    flowing = charger.grid_current_ma()
    assert charger.settings[tc.PHASE_TO_USE] == before
    stay(charger, FALLS_BACK_AFTER_MS + 10_000)
    assert charger.settings[tc.PHASE_TO_USE] == after
    assert charger.grid_current_ma() == flowing, "its own choice cuts no current"
    assert charger.switches_under_load == 0, "and is nobody else's"


def test_all_phases_are_back_when_the_car_has_left_and_the_next_one_gets_them():
    charger = choosing(cars=[Car(1, unplug_ms=60_000), Car(3, plug_in_ms=70_000)])
    stay(charger, 55_000)
    assert charger.settings[tc.PHASE_TO_USE] == ONLY_L1
    stay(charger, 61_000)
    assert charger.settings[tc.PHASE_TO_USE] == ALL_THREE
    stay(charger, 90_000)
    assert charger.grid_current_ma() == [9800] * 3


def test_what_was_commanded_meanwhile_stays_when_the_car_leaves():
    charger = choosing(cars=[Car(1, unplug_ms=60_000)])
    stay(charger, 55_000)
    charger.write(6, 14, [ONLY_L1])
    stay(charger, 61_000)
    assert charger.settings[tc.PHASE_TO_USE] == ONLY_L1


def test_a_command_back_to_three_phases_holds_for_another_thirty_seconds():
    charger = choosing()
    stay(charger, 55_000)
    charger.write(6, 14, [ALL_THREE])
    stay(charger, 55_000 + FALLS_BACK_AFTER_MS)
    assert charger.settings[tc.PHASE_TO_USE] == ALL_THREE
    stay(charger, 60_000 + FALLS_BACK_AFTER_MS)
    assert charger.settings[tc.PHASE_TO_USE] == ONLY_L1
