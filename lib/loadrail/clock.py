# Time in the core: a millisecond counter that is handed in and wraps at 2**30, like MicroPython's.
#
# A wrapped counter cannot tell 1 s ago from 12.4 days ago. So a stamp that nobody renews is moved
# along by `clip` (call it at least once a day): it then says "longer ago than anyone asks".
# None is never.
#
# On a 32-bit board 2**30 - 1 is also the largest number that needs no heap, and what once became a
# long integer stays one: so nothing here goes beyond it on the way.

_LAST = 0x3FFFFFFF
_HALF = 0x20000000

FOREVER_MS = 1 << 28  # 3.1 days; longer than every wait in here, a quarter of the counter


def diff_ms(now_ms: int, then_ms: int) -> int:
    """Signed time from `then_ms` to `now_ms`, right for up to 6.2 days either way."""
    span = now_ms - then_ms
    if span >= _HALF:
        return span - _HALF - _HALF
    return span if span >= -_HALF else span + _HALF + _HALF


def add_ms(then_ms: int, span_ms: int) -> int:
    """The counter's value `span_ms` (negative: before) after `then_ms`."""
    if span_ms > _LAST - then_ms:
        return span_ms - (_LAST - then_ms) - 1
    sum_ms = then_ms + span_ms
    return sum_ms if sum_ms >= 0 else sum_ms + _LAST + 1


def age_ms(now_ms: int, then_ms: "int | None") -> int:
    """How long ago `then_ms` was, 0..FOREVER_MS; FOREVER_MS for None."""
    if then_ms is None:
        return FOREVER_MS
    age = now_ms - then_ms
    if 0 <= age < FOREVER_MS:
        return age  # nearly always, and a call less in the busiest function
    age = diff_ms(now_ms, then_ms)
    return 0 if age < 0 else age if age < FOREVER_MS else FOREVER_MS


def clip(now_ms: int, then_ms: "int | None") -> "int | None":
    """`then_ms`, or the oldest stamp that is surely told from a recent one; None stays None."""
    if then_ms is None or age_ms(now_ms, then_ms) < FOREVER_MS:
        return then_ms
    return add_ms(now_ms, -FOREVER_MS)
