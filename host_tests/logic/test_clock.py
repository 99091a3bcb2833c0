# Differences across the wrap of the tick counter, and stamps that outlive it.

from loadrail.clock import FOREVER_MS, add_ms, age_ms, clip, diff_ms

_PERIOD = 1 << 30


def test_differences_are_right_on_both_sides_of_the_wrap():
    for start in (0, 1, 5000, _PERIOD // 2, _PERIOD - 1):
        for span in (0, 1, 999, 10_000, FOREVER_MS):
            then = (start + _PERIOD) % _PERIOD
            now = (start + span) % _PERIOD
            assert diff_ms(now, then) == span
            assert diff_ms(then, now) == -span
            assert add_ms(then, span) == now


def test_a_stamp_in_the_future_has_no_age():
    assert age_ms(10, 20) == 0


def test_never_is_older_than_any_wait():
    assert age_ms(123, None) == FOREVER_MS


def test_an_old_stamp_is_moved_along_before_it_looks_recent():
    then = 77
    assert clip(add_ms(then, FOREVER_MS - 1), then) == then
    now = add_ms(then, FOREVER_MS)
    for _ in range(10):
        then = clip(now, then)
        assert age_ms(now, then) == FOREVER_MS
        now = add_ms(now, 3_600_000)
    assert clip(now, None) is None
