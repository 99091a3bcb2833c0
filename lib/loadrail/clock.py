# Time in the core: a millisecond counter that is handed in and wraps at 2**30, like MicroPython's.
#
# A wrapped counter cannot tell 1 s ago from 12.4 days ago. So a stamp that nobody renews is moved
# along by `clip` (call it at least once a day): it then says "longer ago than anyone asks".
# None is never.

_PERIOD = 1 << 30
_MASK = _PERIOD - 1
_HALF = _PERIOD >> 1

FOREVER_MS = 1 << 28  # 3.1 days; longer than every wait in here, a quarter of the counter


def diff_ms(now_ms: int, then_ms: int) -> int:
    """Signed time from `then_ms` to `now_ms`, right for up to 6.2 days either way."""
    return ((now_ms - then_ms + _HALF) & _MASK) - _HALF


def add_ms(then_ms: int, span_ms: int) -> int:
    """The counter's value `span_ms` after `then_ms`."""
    return (then_ms + span_ms) & _MASK


def age_ms(now_ms: int, then_ms: "int | None") -> int:
    """How long ago `then_ms` was, 0..FOREVER_MS; FOREVER_MS for None."""
    if then_ms is None:
        return FOREVER_MS
    age = diff_ms(now_ms, then_ms)
    return 0 if age < 0 else age if age < FOREVER_MS else FOREVER_MS


def clip(now_ms: int, then_ms: "int | None") -> "int | None":
    """`then_ms`, or the oldest stamp that is surely told from a recent one; None stays None."""
    if then_ms is None or age_ms(now_ms, then_ms) < FOREVER_MS:
        return then_ms
    return add_ms(now_ms, -FOREVER_MS)
