"""The demo's verdict: a good run passes, and each promise that is broken once is found.

Charger 1 hangs on all phases, charger 2 on L2. The house takes 20 A more on L1 at 20 s. Charger 2
is silent from 40 to 60 s; at 50 s its watchdog puts it to 6 A. The run ends at 80 s.
"""

import copy
from dataclasses import replace

import pytest

from loadrail_tools.measure import charged, cycle, reaction_ms
from loadrail_tools.record import Record, Sample, Step, Told, load_steps, silences
from loadrail_tools.verdict import judge, passed

BREAKER, OVERLOAD, ROOM, SILENCE, WHOLE, FIRMWARE = range(6)  # places in the verdict
STEP_MS = 20_000
SILENT_MS, EXPIRED_MS, BACK_MS, END_MS = 40_000, 50_000, 60_000, 80_000
EVERY_MS = 500


def may(first_a, second_a):
    return ((first_a,) * 3, (0, second_a, 0))


def sample(at_ms):
    answers = not SILENT_MS <= at_ms < BACK_MS
    limit_a = 0 if at_ms < EXPIRED_MS else 6
    house_ma = (28_000, 5000, 5000) if at_ms >= STEP_MS else (8000, 5000, 5000)
    limits_a = (16 if at_ms < STEP_MS + 2000 else 0, limit_a)
    may_a = may(*limits_a)
    return Sample(at_ms, (20_000,) * 3, house_ma, limits_a, may_a, limits_a, (True, answers), 400)


def told(at_ms):
    limits_a = sample(at_ms).limits_a
    silent = SILENT_MS + 5000 <= at_ms < BACK_MS + 1000
    booked_a = 6 if silent else limits_a[1]
    rows = [
        {"online": True, "limit_a": limits_a[0], "booked_a": [limits_a[0]] * 3},
        {"online": not silent, "limit_a": limits_a[1], "booked_a": [0, booked_a, 0]},
    ]
    return Told(at_ms, {"chargers": rows}, may(*limits_a))


def good():
    device = {"ok": 9, "timeout": 1, "crc": 0, "mismatch": 0, "exception": 1, "late": 0}
    device["exceptions"] = {"2": 1}
    job = {"late": 0, "errors": 0, "worst_ms": 7}
    spent = {"meter": {"count": 10, "us": 400_000}, "status": {"count": 20, "us": 500_000}}
    return Record(
        limit_a=32,
        phases=[[0, 1, 2], [1]],
        steps=[Step(STEP_MS, (0,), 20_000)],
        samples=[sample(at_ms) for at_ms in range(0, END_MS + 1, EVERY_MS)],
        overloads=[overload(STEP_MS, STEP_MS + 4000)],
        told=[told(at_ms) for at_ms in range(1000, END_MS + 1, 1000)],
        bus={
            "buses": [{"devices": {"1": device, "2": copy.deepcopy(device)}, "spent": spent}],
            "jobs": {"control": job, "bus": dict(job), "console": {**job, "late": 3}},
        },
        exit_status=0,
    )


def overload(start_ms, end_ms, phase=0):
    return {"phase": phase, "start_ms": start_ms, "end_ms": end_ms, "peak_ma": 40_000}


def kept(record):
    return [finding.kept for finding in judge(record)]


def test_a_good_run_keeps_every_promise():
    record = good()
    assert kept(record) == [True] * 6
    assert passed(judge(record))


def trip(record):
    record.tripped_at_ms = 25_000


def set_overload(*where):
    def change(record):
        record.overloads[:] = [overload(*where)]

    return change


def set_samples(at_ms, **values):
    """Change the one sample at that time."""

    def change(record):
        place = at_ms // EVERY_MS
        record.samples[place] = replace(record.samples[place], **values)

    return change


def set_rows(from_ms, to_ms, charger, **values):
    """Change what the firmware told of a charger from one time to another."""

    def change(record):
        for answer in record.told:
            if from_ms <= answer.at_ms < to_ms:
                answer.status["chargers"][charger].update(values)

    return change


def refuse_a_value(record):
    record.bus["buses"][0]["devices"]["2"]["exceptions"]["3"] = 1


def set_job(name, **values):
    return lambda record: record.bus["jobs"][name].update(values)


def set_record(**values):
    def change(record):
        for name, value in values.items():
            setattr(record, name, value)

    return change


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (trip, BREAKER),
        (set_overload(STEP_MS, STEP_MS + 10_050), OVERLOAD),
        (set_overload(STEP_MS - 50, STEP_MS + 4000), OVERLOAD),
        (set_overload(STEP_MS + 10_050, STEP_MS + 10_100), OVERLOAD),
        (set_overload(STEP_MS, STEP_MS + 4000, 1), OVERLOAD),  # not the phase of the step
        (set_overload(70_000, None), OVERLOAD),
        (set_samples(10_000, may_a=may(25, 0)), ROOM),
        (set_samples(10_000, may_a=may(16, 12)), ROOM),
        (set_samples(STEP_MS + 10_500, may_a=may(6, 0)), ROOM),
        (set_samples(55_000, may_a=may(22, 6)), ROOM),  # with what the silent one may take
        (set_rows(0, END_MS + 1, 1, online=True), SILENCE),
        (set_rows(51_000, 52_000, 1, booked_a=[6, 5, 6]), SILENCE),
        (set_rows(BACK_MS, END_MS + 1, 1, online=False), SILENCE),
        (set_samples(10_000, asked_a=(5, 0)), WHOLE),
        (set_rows(10_000, 11_000, 0, limit_a=5), WHOLE),
        (set_rows(10_000, 11_000, 0, limit_a=6.5), WHOLE),
        (refuse_a_value, WHOLE),
        (set_record(ended_early=True), FIRMWARE),
        (set_record(exit_status=None), FIRMWARE),
        (set_record(exit_status=1), FIRMWARE),
        (set_record(bus=None), FIRMWARE),
        (set_job("control", late=1), FIRMWARE),
        (set_job("bus", errors=1), FIRMWARE),
    ],
)
def test_one_broken_promise_is_found_and_no_other(change, broken):
    record = good()
    change(record)
    assert kept(record) == [place != broken for place in range(6)]
    assert not passed(judge(record))


@pytest.mark.parametrize(
    "change",
    [
        set_overload(STEP_MS, STEP_MS + 10_000),
        set_overload(STEP_MS + 9000, STEP_MS + 9500),
        set_record(overloads=[]),
        set_samples(STEP_MS, may_a=may(24, 0)),  # the house has only just taken more
        set_samples(STEP_MS + 10_000, may_a=may(6, 0)),
        set_rows(1000, 2000, 1, limit_a=None, online=False),  # not heard yet
        set_rows(SILENT_MS, BACK_MS, 1, booked_a=[0, 16, 0]),
    ],
)
def test_what_is_allowed_breaks_no_promise(change):
    record = good()
    change(record)
    assert kept(record) == [True] * 6


def test_a_second_step_excuses_on_but_a_gap_between_two_does_not():
    record = good()
    record.overloads = [overload(STEP_MS + 1000, STEP_MS + 15_000)]
    record.steps.append(Step(STEP_MS + 8000, (0,), 5000))
    assert kept(record)[OVERLOAD]
    record.steps[1] = Step(STEP_MS + 10_500, (0,), 5000)
    assert not kept(record)[OVERLOAD]


def test_an_overload_that_lasts_to_the_end_is_judged_as_of_the_end():
    record = good()
    record.steps = [Step(END_MS - 5000, (0,), 20_000)]
    record.overloads = [overload(END_MS - 5000, None)]
    record.samples = [replace(s, house_ma=(8000, 5000, 5000)) for s in record.samples]
    assert kept(record) == [True] * 6
    assert reaction_ms(record, record.steps[0]) is None


@pytest.mark.parametrize("end_ms", [SILENT_MS - 1000, SILENT_MS + 9000])
def test_a_silence_that_had_no_time_was_not_tried_and_decides_nothing(end_ms):
    record = good()
    record.samples = [s for s in record.samples if s.at_ms <= end_ms]
    record.told = [t for t in record.told if t.at_ms <= end_ms]
    assert kept(record)[SILENCE] is None
    assert passed(judge(record))


def test_a_silence_to_the_end_needs_no_return():
    record = good()
    record.samples = [s for s in record.samples if s.at_ms < BACK_MS]
    record.told = [t for t in record.told if t.at_ms < BACK_MS]
    assert kept(record)[SILENCE]
    assert [silence.to_ms for silence in silences(record)] == [None]


def test_an_empty_run_is_judged_without_a_crash():
    record = Record(32, [[0]], [], ended_early=True)
    assert not passed(judge(record))
    assert cycle(record) is None


def test_the_cycle_is_a_meter_read_and_a_status_read_of_each_charger():
    result = cycle(good())
    assert (result.chargers, result.mean_ms) == (2, 40 + 2 * 25)
    # 19200 8E1: 11 bits a character; 8 + 41 and 8 + 19 bytes; t3.5 twice and 5 ms each
    floor_ms = ((49 + 2 * 27) + 3 * 7) * 11 / 19.2 + 3 * 5
    assert result.floor_ms == pytest.approx(floor_ms)
    assert result.ratio == pytest.approx(90 / floor_ms)


@pytest.mark.parametrize(
    ("overloads", "expected_ms"),
    [
        ([], 0),
        ([overload(STEP_MS + 100, STEP_MS + 3000)], 3000),
        ([overload(STEP_MS, STEP_MS + 1000), overload(STEP_MS + 2000, STEP_MS + 5000)], 5000),
        ([overload(STEP_MS, STEP_MS + 1000, 1)], 0),
        ([overload(STEP_MS - 5000, STEP_MS - 4000)], 0),
    ],
)
def test_reaction_times_count_from_the_step_to_the_last_overload_after_it(overloads, expected_ms):
    record = good()
    record.overloads = overloads
    assert reaction_ms(record, record.steps[0]) == expected_ms


def test_who_charged_and_how_much_flowed():
    assert charged(good()) == (2, 15_000)
    assert charged(Record(32, [[0]], [])) == (0, 0)


def test_load_steps_are_the_rises_by_phase():
    steps = [(5000, [0, 1], 9000), (7000, [0], 2000), (9000, [0, 1], 9500)]
    assert load_steps([4000, 9000, 0], steps) == [
        Step(5000, (0,), 5000),
        Step(9000, (0, 1), 7500),
    ]
