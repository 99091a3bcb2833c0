"""Bus cycle and reaction as the bench measures them."""

import pytest

from loadrail_bench import bus_cycle, bus_cycle_real, reaction
from loadrail_bench.bus_cycle import TARGETS, N, Ours, floor_us, umodbus_us

TIMEOUT_US = 300_000  # the configured one


def test_the_floor_by_hand():
    # 521 us a character, 1824 us t3.5; 8 bytes there, 41 and 19 back
    meter, status = (8 + 41) * 521 + 2 * 1824 + 5000, (8 + 19) * 521 + 2 * 1824 + 5000
    assert floor_us() == meter + 20 * status


@pytest.mark.parametrize("dead", [0, 2])
def test_a_bus_cycle_keeps_its_target(dead):
    ours = Ours(dead)
    assert ours.reads_us <= TARGETS[dead] * floor_us()
    spent_us, least_us = ours.all_us
    assert least_us <= spent_us
    assert spent_us > ours.reads_us


def test_s13_three_dead_cost_at_most_one_time_out_a_cycle():
    ours = Ours(3)
    status_us = floor_us() / (N + 1)
    assert ours.reads_us <= floor_us() * TARGETS[0] - 3 * status_us * 0.9 + TIMEOUT_US


def test_coarse_sleeps_cost_time():
    assert Ours(0, tick_ms=10).reads_us > 1.2 * Ours(0).reads_us


def test_umodbus_waits_for_each_of_the_dead():
    healthy, two = umodbus_us(0), umodbus_us(2)
    assert 0.9 * floor_us() < healthy < 1.1 * floor_us()
    assert two - healthy > 2 * 200_000


@pytest.mark.parametrize("module", [bus_cycle, reaction])
def test_without_umodbus_it_is_skipped(module, monkeypatch, tmp_path):
    monkeypatch.setattr(bus_cycle_real, "UMODBUS", tmp_path)
    (row,) = module.measure()
    assert row.verdict == "skipped"
    assert "umodbus" in row.note


def test_cycle_rows_have_a_target_where_the_issue_names_one(monkeypatch):
    class Measured:
        reads_us, all_us = floor_us() * 1.06, (700.0, 350.0)

        def __init__(self, dead, tick_ms=1):
            pass

    monkeypatch.setattr(bus_cycle, "Ours", Measured)
    monkeypatch.setattr(bus_cycle, "umodbus_us", lambda dead: 2 * floor_us())
    rows = bus_cycle.measure()
    plotted = {row.plot[1:]: (row.verdict, row.value) for row in rows if row.plot}
    for dead, verdict in ((0, "NOT met"), (1, ""), (2, "met"), (3, "")):
        assert plotted["loadrail", dead] == (verdict, pytest.approx(1.06))
        assert plotted["umodbus", dead] == ("", 2)


@pytest.mark.parametrize(("baud", "parity"), reaction.LINES)
def test_s1_reaction_is_hardly_more_than_the_line_needs(baud, parity):
    watch = reaction.Stopwatch(baud, parity, 5)
    took_us = watch.took_us()
    # The first write need not wait for a silence that has passed while the sample was taken.
    assert 0.97 * watch.floor_us <= took_us <= reaction.TARGET * watch.floor_us


def test_reaction_counts_only_where_all_had_to_go_down(monkeypatch):
    monkeypatch.setattr(reaction, "HOUSE_A", 0)
    with pytest.raises(RuntimeError, match="lowered"):
        reaction.Stopwatch(19200, "E", 1).took_us()
