"""What the solar bench compares with, and what it counts."""

import pytest

from loadrail_bench import solar
from loadrail_bench.solar import ONE, THREE, Watch, best_table


@pytest.mark.parametrize(
    ("cars", "amps", "best"),
    [
        ((ONE,), 5, 0),
        ((ONE,), 6, 6),
        ((ONE,), 40, 32),
        ((THREE,), 17, 0),
        ((THREE,), 18, 18),
        ((THREE,), 20, 18),
        ((THREE,), 60, 48),
        ((ONE, ONE), 11, 11),
        ((ONE, THREE), 17, 17),
        ((ONE, THREE), 25, 25),
        ((ONE, THREE), 48, 48),
        ((THREE, THREE), 35, 33),
    ],
)
def test_the_best_is_what_whole_amperes_and_the_minimums_allow(cars, amps, best):
    table = best_table(cars)
    assert table[min(amps, len(table) - 1)] == best


class Charging:
    def __init__(self, *draws_ma):
        self.draws_ma = list(draws_ma)


def test_what_is_drawn_beyond_the_surplus_is_from_the_grid_and_each_start_and_stop_counts():
    watch = Watch((ONE,))
    watch.step(1000, [-10_000, 0, 0], [Charging(0)])
    watch.step(2000, [-2000, 0, 0], [Charging(8000)])
    watch.step(3000, [3000, 0, 0], [Charging(8000)])
    watch.step(4000, [4000, 0, 0], [Charging(0)])
    assert watch.out.changes == [2]
    assert (watch.out.sunny, watch.out.grid) == (13.0, 3.0)
    assert watch.out.best == 20.0
    assert watch.out.use_percent == 65.0


def test_an_hour_of_clear_sun_is_used_well(monkeypatch):
    class Hour(solar.Sun):
        def __init__(self, *given, **more):
            super().__init__(*given, **more)
            self.rise_s, self.set_s = 12 * 3600, 13 * 3600

        def sun_ma(self, now_ms):
            return 12_500

    monkeypatch.setattr(solar, "Sun", Hour)
    out = solar.run("clear", 1, (ONE,), 20_000)
    assert out.use_percent > 90
    assert out.grid_percent < 2
    assert out.changes[0] <= 5
