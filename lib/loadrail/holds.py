# Who may not charge now, or not as much, for another reason than the budget.
#
# Made anew before each decision: `hold` keeps a charger at 0 A, `most_a` is the most it may have.

from loadrail import overdraw, reasons

_MOST_A = 32


def update(now_ms: int, c, orders) -> None:
    """Set `hold`, `hold_s` and `most_a` of all chargers."""
    for i in range(c.n):
        c.hold[i] = reasons.NOT_DECIDED
        c.most_a[i] = _MOST_A
        if orders.stopped[i]:
            c.hold[i] = reasons.OPERATOR
        elif c.paused_at[i] is not None:
            left_ms = overdraw.pause_left_ms(i, now_ms, c)
            c.hold[i] = reasons.OVERDRAW if left_ms is not None else reasons.OVERDRAW_FOR_GOOD
            c.hold_s[i] = (left_ms or 0) // 1000
