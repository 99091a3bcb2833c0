# Who may not charge now, or not as much, for another reason than the budget.
#
# Made anew before each decision: `hold` keeps a charger at 0 A, `most_a` is the most it may have.
# An order of a local input is for all chargers, and stands before all that is theirs alone.

from loadrail import overdraw, reasons
from loadrail.inputs import ALL_A


def update(now_ms: int, c, orders, inputs) -> None:
    """Set `hold`, `hold_s`, `hold_room` and `most_a` of all chargers."""
    inputs.look(now_ms)
    for i in range(c.n):
        c.hold[i] = reasons.NOT_DECIDED
        c.most_a[i] = ALL_A
        if orders.stopped[i]:
            c.hold[i] = reasons.OPERATOR
        elif c.paused_at[i] is not None:
            left_ms = overdraw.pause_left_ms(i, now_ms, c)
            c.hold[i] = reasons.OVERDRAW if left_ms is not None else reasons.OVERDRAW_FOR_GOOD
            c.hold_s[i] = (left_ms or 0) // 1000
        _obey(i, c, inputs.selector)
        _obey(i, c, inputs.contact)


def _obey(i, c, local) -> None:
    """`local`: the contact or the selector."""
    c.cap(i, local.most_a, local.why, local.place)
    if not local.most_a:
        c.hold[i] = local.why
        c.hold_room[i] = local.place
