# Tables of columns: what a charger that stays takes with it into a new table.

from array import array

from loadrail import columns
from loadrail.clock import FOREVER_MS, add_ms, age_ms, clip


class _Table:
    def __init__(self, n):
        self.n = n
        self.seen_at = [None] * n
        self.words = array("H", [0] * (2 * n))
        self.flags = bytearray(n)
        self.own = [7] * n


def test_a_charger_takes_its_columns_with_it_but_for_those_of_the_configuration():
    old, new = _Table(2), _Table(3)
    old.seen_at[1] = 1234
    old.words[2:4] = array("H", [5, 6])
    old.flags[1] = 9
    old.own[1] = 8
    columns.inherit(new, 2, old, 1, 2, ("own",))
    assert new.seen_at == [None, None, 1234]
    assert list(new.words) == [0, 0, 0, 0, 5, 6]
    assert list(new.flags) == [0, 0, 9]
    assert new.own == [7, 7, 7]
    assert new.n == 3


def test_stamps_do_not_outlive_the_counter():
    table = _Table(2)
    now_ms = 0
    table.seen_at[0] = now_ms
    for _ in range(40):  # several turns of the counter
        now_ms = add_ms(now_ms, FOREVER_MS // 2)
        columns.clip_stamps(table, clip, now_ms)
        table.seen_at[1] = now_ms
    assert age_ms(now_ms, table.seen_at[0]) == FOREVER_MS
    assert age_ms(now_ms, table.seen_at[1]) == 0
