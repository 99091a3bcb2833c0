# Who gets how much: table tests of both modes. `order` is as listed; masks: 1 = L1, 7 = all.

from loadrail.sharing import NO_LIMIT, share_equal, share_priority

# left a phase, [(mask, minimum, maximum)], amperes
_PRIORITY = (
    # the maker's own check: 100 A, five chargers that take 30 A each
    ((100, 100, 100), [(7, 6, 30)] * 5, [30, 30, 30, 10, 0]),
    ((100, 100, 100), [(1, 6, 30)] * 5, [30, 30, 30, 10, 0]),
    ((5, 5, 5), [(7, 6, 32)] * 2, [0, 0]),
    ((11, 40, 40), [(7, 6, 32), (1, 6, 32), (2, 6, 32)], [11, 0, 29]),
    # who needs more than is left is passed over, not waited for
    ((20, 20, 20), [(7, 6, 13), (7, 10, 32), (7, 6, 32)], [13, 0, 7]),
)
_EQUAL = (
    ((100, 100, 100), [(7, 6, 30)] * 5, [20, 20, 20, 20, 20]),
    ((63, 63, 63), [(7, 6, 32)] * 2, [32, 31]),
    ((63, 63, 63), [(7, 6, 32)] * 1, [32]),
    # who is content leaves the rest to the others
    ((60, 60, 60), [(7, 6, 10), (7, 6, 32), (7, 6, 32)], [10, 25, 25]),
    # each phase is its own: the one on L3 is not held back by the others
    ((20, 20, 32), [(1, 6, 32), (1, 6, 32), (4, 6, 32)], [10, 10, 32]),
    ((20, 32, 32), [(7, 6, 32), (1, 6, 32), (2, 6, 32)], [10, 10, 22]),
    # budget for two of three minimums: two charge
    ((17, 17, 17), [(7, 6, 32)] * 3, [9, 8, 0]),
    # a higher minimum is a start, not a lead
    ((30, 30, 30), [(7, 13, 32), (7, 6, 32)], [15, 15]),
    ((20, 20, 20), [(7, 13, 32), (7, 6, 32)], [13, 7]),
    ((5, 32, 32), [(7, 6, 32), (2, 6, 32)], [0, 32]),
    # a limit on power, in amperes over all phases: two on one phase, one on three
    ((63, 63, 63, 30), [(1, 6, 32), (2, 6, 32), (7, 6, 32)], [6, 6, 6]),
    ((63, 63, 63, 40), [(1, 6, 32), (2, 6, 32), (7, 6, 32)], [8, 8, 8]),
    ((63, 63, 63, 18), [(7, 6, 32)], [6]),
    ((63, 63, 63, 17), [(7, 6, 32)], [0]),
    # a limit on the difference between phases binds those who load them unevenly
    ((63, 63, 63, 999, 20, 20, 20), [(1, 6, 32), (1, 6, 32), (7, 6, 32)], [10, 10, 32]),
    ((63, 63, 63, 999, 20, 20, 20), [(3, 6, 32), (4, 6, 32)], [20, 20]),
    # a maximum below the minimum is no place to charge
    ((32, 32, 32), [(7, 10, 8), (7, 6, 32)], [0, 32]),
)


def _check(share, cases):
    for left, chargers, expected in cases:
        masks = [row[0] for row in chargers]
        low = [row[1] for row in chargers]
        high = [row[2] for row in chargers]
        out = [0] * len(chargers)
        rooms = list(left) + [NO_LIMIT] * (7 - len(left))
        share(range(len(chargers)), masks, low, high, rooms, out)
        assert out == expected, (left, chargers, out)


def test_priority_gives_each_in_turn_all_it_can_take():
    _check(share_priority, _PRIORITY)


def test_equal_is_max_min_fair_on_every_phase():
    _check(share_equal, _EQUAL)
