# Drawn days of sun.

from loadrail_site.sun import KINDS, Sun

NOON_S = 13 * 3600


def _energy_as(sun, step_s=60):
    return sum([sun.sun_ma(second * 1000) for second in range(0, 86_400, step_s)]) * step_s // 1000


def test_a_day_is_the_same_for_a_seed_however_often_it_is_asked():
    for kind in KINDS:
        a, b = Sun(kind, 3, 20_000), Sun(kind, 3, 20_000)
        times = list(range(0, 86_400_000, 610_000))
        shown = [a.currents_ma(at_ms) for at_ms in times]
        assert [b.currents_ma(at_ms) for at_ms in reversed(times)] == list(reversed(shown))
        assert [a.currents_ma(at_ms) for at_ms in times] == shown
        assert shown != [Sun(kind, 4, 20_000).currents_ma(at_ms) for at_ms in times]


def test_at_night_there_is_none_and_at_noon_much():
    for kind in KINDS:
        sun = Sun(kind, 1, 20_000)
        assert sun.sun_ma(0) == 0
        assert sun.sun_ma((sun.rise_s - 1) * 1000) == 0
        assert sun.sun_ma((sun.set_s + 1) * 1000) == 0
    assert 14_000 < Sun("clear", 1, 20_000).sun_ma(NOON_S * 1000) < 20_000


def test_clear_days_give_more_than_broken_and_these_more_than_winter():
    energies = []
    for kind in KINDS:
        energies.append(sum([_energy_as(Sun(kind, seed, 20_000)) for seed in range(5)]))
    assert energies[0] > energies[1] > 2 * energies[2] > 0


def test_only_broken_days_change_much_within_a_minute_and_often():
    falls = []
    for kind in KINDS:
        count = 0
        for seed in range(3):
            sun = Sun(kind, seed, 20_000)
            levels = [sun.sun_ma(second * 1000) for second in range(9 * 3600, 18 * 3600, 20)]
            for k in range(len(levels) - 3):
                count += 1 if levels[k + 3] < levels[k] * 7 // 10 and levels[k] > 4000 else 0
        falls.append(count)
    assert falls[1] > 100
    assert falls[1] > 10 * max(falls[0], falls[2], 1)


def test_the_sun_is_an_export_on_its_phases_and_the_house_a_load_on_all():
    sun = Sun("clear", 2, 20_000, phases=(1,), start_s=NOON_S)
    house_ma = sun.currents_ma(0)
    assert house_ma[1] < -5000
    assert house_ma[0] > 0
    assert house_ma[2] > 0


def test_the_loads_come_and_go_and_leave_the_base():
    sun = Sun("winter", 1, 0, base_ma=500)
    assert min(sun.currents_ma(86_399_000)) >= 500
    assert len(sun.rises_ms()) > 50
    seen = [max(sun.currents_ma(second * 1000)) for second in range(0, 86_400, 30)]
    assert min(seen) >= 500
    assert max(seen) > 7000
