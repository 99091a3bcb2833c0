# What a meter's sample may be, and what is said of it where it cannot be true.

from loadrail import plausible
from loadrail.plausible import Frozen, Plausible

_NONE = [None, None, None]
_VOLTS = [230_000, 231_000, 229_500]
_AMPS = [10_000, -5000, 0]
_WATTS = [2300, -1155, 0]
_LAST = (1 << 30) - 1


def judged(range_a=100, phases=3, **more):
    """A fine sample with `more` in it; what was made of it."""
    sample = {"current_ma": _AMPS, "voltage_mv": _VOLTS, "power_w": _WATTS}
    sample["total_w"] = 1145
    sample["frequency_mhz"] = 50_000
    sample.update(more)
    judge = Plausible(range_a, phases)
    code = judge.judge(0, **sample)
    assert code == judge.code
    return judge


def test_s5_a_sample_as_meters_show_it_is_plausible():
    for more in (
        {},
        {"current_ma": [0, 0, 0], "power_w": [0, 0, 0], "total_w": 0},
        {"current_ma": [99_999, -99_999, 0], "power_w": [20_000, -20_000, 0], "total_w": 0},
        {"voltage_mv": [80_000, 300_000, 127_000], "power_w": _NONE},
        {"frequency_mhz": 45_000},
        {"frequency_mhz": 65_000},
        {"current_ma": [10_000, 10_000, 10_000], "power_w": [0, 0, 0], "total_w": 0},  # reactive
    ):
        judge = judged(**more)
        assert judge.code == plausible.PLAUSIBLE, more
        assert (judge.phase, judge.value, judge.other) == (None, 0, 0)


def test_s5_each_fault_is_named_with_its_phase_and_value():
    for more, code, phase, value, other in (
        ({"current_ma": [10_000, None, 0]}, plausible.CURRENT_MISSING, 1, 0, 0),
        ({"current_ma": [0, 0, 100_000]}, plausible.CURRENT_RANGE, 2, 100_000, 100_000),
        ({"current_ma": [-100_000, 0, 0]}, plausible.CURRENT_RANGE, 0, -100_000, 100_000),
        ({"voltage_mv": [230_000, 79_999, 230_000]}, plausible.VOLTAGE_LOW, 1, 79_999, 0),
        ({"voltage_mv": [230_000, 230_000, 0]}, plausible.VOLTAGE_LOW, 2, 0, 0),
        ({"voltage_mv": [-230_000, 230_000, 0]}, plausible.VOLTAGE_LOW, 0, -230_000, 0),
        ({"voltage_mv": [300_001, None, None]}, plausible.VOLTAGE_HIGH, 0, 300_001, 0),
        ({"frequency_mhz": 44_999}, plausible.FREQUENCY, None, 44_999, 0),
        ({"frequency_mhz": 65_001}, plausible.FREQUENCY, None, 65_001, 0),
        ({"total_w": 1145 + 50 + 172 + 1}, plausible.TOTAL_POWER, None, 1368, 1145),
        ({"total_w": 1145 - 50 - 172 - 1}, plausible.TOTAL_POWER, None, 922, 1145),
        ({"total_w": 3455}, plausible.TOTAL_POWER, None, 3455, 1145),  # magnitudes added up
        ({"power_w": [2612, -1155, 0], "total_w": 1457}, plausible.PHASE_POWER, 0, 2612, 2300),
        ({"power_w": [2300, -1155, -60], "total_w": 1085}, plausible.PHASE_POWER, 2, -60, 0),
    ):
        judge = judged(**more)
        found = (judge.code, judge.phase, judge.value, judge.other)
        assert found == (code, phase, value, other), (more, found)


def test_the_last_value_within_a_rule_passes():
    for more in (
        {"total_w": 1145 + 50 + 172},
        {"total_w": 1145 - 50 - 172},
        {"power_w": [2611, -1155, 0], "total_w": 1456},
        {"power_w": [2300, -1155, -55], "total_w": 1090},
    ):
        assert judged(**more).code == plausible.PLAUSIBLE, more


def test_a_value_that_is_not_known_skips_its_rule():
    for more in (
        {"voltage_mv": _NONE},
        {"voltage_mv": _NONE, "power_w": [90_000, 0, 0], "total_w": 90_000},
        {"power_w": _NONE},
        {"power_w": [2300, None, 0], "total_w": 90_000},
        {"total_w": None},
        {"frequency_mhz": None},
        {"draw_ma": None},
    ):
        assert judged(**more).code == plausible.PLAUSIBLE, more
    assert Plausible(100).judge(0, [1000, 2000, 3000]) == plausible.PLAUSIBLE


def test_one_phase_is_judged_by_its_own_values_alone():
    more = {"voltage_mv": [230_000, 0, 0], "current_ma": [10_000, None, 5_000_000]}
    more["power_w"] = [2300, None, 9999]
    assert judged(phases=1, total_w=2300, **more).code == plausible.PLAUSIBLE
    assert judged(phases=1, total_w=0, **more).code == plausible.TOTAL_POWER
    assert judged(phases=3, total_w=2300, **more).code == plausible.CURRENT_MISSING


def test_the_range_is_the_one_configured():
    for range_a, code in ((11, 0), (10, plausible.CURRENT_RANGE), (1000, 0)):
        assert judged(range_a).code == code


def test_a_meter_of_whole_amperes_may_show_less_current_than_flows():
    sample = ([5000, 0, 0], [230_000] * 3, [1357, 200, 0])  # 5.9 and 0.9 A, cut to whole ones
    assert Plausible(100).judge(0, *sample) == plausible.PHASE_POWER
    assert Plausible(100, 3, 1000).judge(0, *sample) == plausible.PLAUSIBLE
    sample[2][0] = 1590
    judge = Plausible(100, 3, 1000)
    assert judge.judge(0, *sample) == plausible.PHASE_POWER
    assert (judge.value, judge.other) == (1590, 1380)


def test_a_fault_is_forgotten_with_the_next_fine_sample():
    judge = Plausible(100)
    assert judge.judge(0, [0, 0, None]) == plausible.CURRENT_MISSING
    assert judge.judge(1000, [0, 0, 1]) == plausible.PLAUSIBLE
    assert (judge.code, judge.phase) == (plausible.PLAUSIBLE, None)


def test_the_installer_reads_what_was_found_and_what_to_look_at():
    for more, said in (
        (
            {"voltage_mv": [230_000, 431_000, 230_000]},
            "L2 shows 431.0 V: outside 80 to 300 V; is this a phase-to-phase reading?",
        ),
        (
            {"voltage_mv": [230_000, 230_000, 250]},
            "L3 shows 0.25 V: outside 80 to 300 V; is this phase connected?",
        ),
        (
            {"current_ma": [-5_000_000, 0, 0]},
            "L1 shows -5000.0 A: the meter goes to 100.0 A; do model and ratio fit?",
        ),
        (
            {"frequency_mhz": 65_001},
            "the meter shows 65.001 Hz: outside 45 to 65 Hz; is it the right model?",
        ),
        (
            {"total_w": -1145},
            "the total is -1145 W, the phases together 1145 W; is it the right model?",
        ),
        (
            {"power_w": [23_000, 0, 0], "total_w": None},
            "L1 shows 23000 W where its current and voltage make 2300 W: mixed-up phases?",
        ),
    ):
        assert judged(**more).sentence() == said


def test_every_code_has_a_name_of_its_own_and_a_sentence_without_holes():
    names = []
    for code in range(plausible.FROZEN + 1):
        names.append(plausible.name(code))
        said = plausible.sentence(code, 1, 12_300, 65)
        assert "{" not in said
        assert len(said) > 5
    assert len(set(names)) == len(names)


# --- a meter that stands still


def watch(frozen, steps, start_ms=0, every_ms=1000, current_ma=(1000, 2000, 3000), watts=_NONE):
    """Samples with the same values and the draws of `steps` [(samples, draw)]; when it was found,
    in ms after the first sample, or None.
    """
    at_ms = 0
    found = None
    for samples, draw_ma in steps:
        for _ in range(samples):
            now_ms = (start_ms + at_ms) & _LAST
            if frozen.sample(now_ms, current_ma, watts, draw_ma) and found is None:
                found = at_ms
            at_ms += every_ms
    return found


def test_s5_a_meter_that_stands_still_while_the_chargers_move_is_found():
    for start_ms in (0, _LAST - 30_000, _LAST - 70_000):
        for before, after in ((0, 6000), (48_000, 6000), (6000, 9001)):
            assert watch(Frozen(), [(61, before), (60, after)], start_ms) == 76_000
            assert watch(Frozen(), [(20, before), (100, after)], start_ms) == 60_000


def test_a_quiet_site_is_not_called_stuck():
    for draw_ma in (0, 48_000, None):
        assert watch(Frozen(), [(5000, draw_ma)]) is None
    assert watch(Frozen(), [(60, 0), (60, 3000), (60, 1500), (60, 0)]) is None
    assert watch(Frozen(), [(60, 6000), (60, 3000), (60, 9000)]) is None


def test_a_change_that_the_meter_has_not_shown_yet_is_waited_for():
    frozen = Frozen()
    assert watch(frozen, [(600, 0), (15, 48_000)]) is None
    assert not frozen.sample(615_000, [17_000, 18_000, 19_000], _NONE, 48_000)
    assert watch(frozen, [(600, 48_000)], 616_000, current_ma=(17_000, 18_000, 19_000)) is None


def test_a_draw_that_is_read_late_is_no_change():
    assert watch(Frozen(), [(15, 0), (600, 48_000)]) is None


def test_a_draw_that_is_back_at_once_is_no_change():
    assert watch(Frozen(), [(60, 6000)] + [(14, 16_000), (5, 6000)] * 20) is None


def test_a_draw_that_is_not_known_proves_nothing():
    assert watch(Frozen(), [(60, 0), (600, None)]) is None
    assert watch(Frozen(), [(60, None), (600, 6000)]) is None
    assert watch(Frozen(), [(60, 0), (30, None), (16, 6000)]) == 105_000


def test_few_samples_prove_nothing_however_old():
    assert watch(Frozen(), [(2, 0), (4, 48_000)], every_ms=60_000) is None
    assert watch(Frozen(), [(2, 0), (9, 48_000)], every_ms=60_000) == 540_000
    assert watch(Frozen(), [(12, 0), (3, 48_000)], every_ms=20_000) is None
    assert watch(Frozen(), [(12, 0), (4, 48_000)], every_ms=20_000) == 300_000


def test_a_single_other_value_clears_everything():
    changes = [([1000, 2000, 3000], [1, 2, 4])]
    for phase in (0, 1, 2):
        other = [1000, 2000, 3000]
        other[phase] += 1
        changes.append((other, [1, 2, 3]))
    for current_ma, power_w in changes:
        frozen = Frozen()
        assert watch(frozen, [(61, 0), (60, 6000)], watts=[1, 2, 3]) == 76_000
        assert not frozen.sample(121_000, current_ma, power_w, 6000)
        assert not frozen.stuck
        assert (frozen.moved_ma, frozen.still_s) == (0, 0)
        assert watch(frozen, [(600, 6000)], 122_000, watts=[1, 2, 3]) is None


def test_what_is_stuck_stays_so_until_it_moves():
    frozen = Frozen()
    assert watch(frozen, [(61, 0), (60, 6000)]) == 76_000
    for at_ms, draw_ma in ((121_000, 0), (122_000, None), (123_000, 6000)):
        assert frozen.sample(at_ms, [1000, 2000, 3000], _NONE, draw_ma)


def test_days_of_quiet_do_not_wrap_into_a_young_one():
    frozen = Frozen()
    hours = 24 * 20
    assert watch(frozen, [(hours, 0)], every_ms=3_600_000) is None
    assert frozen.still_s == (1 << 28) // 1000
    start_ms = (hours * 3_600_000) & _LAST
    assert watch(frozen, [(60, 6000)], start_ms) == 15_000


def test_days_without_a_known_draw_do_not_make_a_move_young():
    frozen = Frozen()
    assert watch(frozen, [(20, 0), (3, 6000)]) is None
    assert watch(frozen, [(24 * 8, None)], 22_000, 3_600_000) is None
    assert frozen.sample(22_000 + 24 * 8 * 3_600_000, [1000, 2000, 3000], _NONE, 6000)


def test_s5_a_stuck_meter_is_not_plausible_and_says_so():
    judge = Plausible(100)
    for second in range(60):
        assert judge.judge(second * 1000, _AMPS, draw_ma=6000) == plausible.PLAUSIBLE
    for second in range(60, 100):
        judge.judge(second * 1000, _AMPS, draw_ma=18_500)
    assert (judge.code, judge.phase) == (plausible.FROZEN, None)
    assert judge.sentence() == (
        "the same currents for 99 s while the chargers' moved by 12.5 A: is the meter stuck?"
    )
    assert judge.judge(100_000, [10_001, -5000, 0], draw_ma=18_500) == plausible.PLAUSIBLE
