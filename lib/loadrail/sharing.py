# Who gets how much: whole amperes, one budget a phase, nothing else is known here.
#
# In: for each charger its phases (mask), minimum and maximum; an order; what is left a phase.
# Out: amperes a charger, each 0 or minimum..maximum; the sum a phase never exceeds what was left.

_NOBODY = 1000  # more amperes than any charger has


def _room(mask: int, left_a: list) -> int:
    """What fits on the tightest phase of `mask`."""
    room = _NOBODY
    if mask & 1:
        room = left_a[0]
    if mask & 2 and left_a[1] < room:
        room = left_a[1]
    if mask & 4 and left_a[2] < room:
        room = left_a[2]
    return room


def _take(mask: int, amps: int, left_a: list) -> None:
    if mask & 1:
        left_a[0] -= amps
    if mask & 2:
        left_a[1] -= amps
    if mask & 4:
        left_a[2] -= amps


def share_priority(order, masks, min_a, max_a, left_a: list, out_a: list) -> None:
    """In turn, each all it can take; who finds less than its minimum gets nothing.

    `order` lists indices, first served first. `left_a` [3] is used up in place; `out_a` must be 0
    for everyone in `order`.
    """
    for i in order:
        amps = min(_room(masks[i], left_a), max_a[i])
        if amps >= min_a[i]:
            out_a[i] = amps
            _take(masks[i], amps, left_a)


def share_equal(order, masks, min_a, max_a, left_a: list, out_a: list) -> None:
    """Minimums in turn as far as they go, then the rest max-min fair on every phase.

    The lowest rise together until they meet the next higher one, their maximum, or the end of a
    phase. What is too little for all of them goes out ampere by ampere, in order.
    """
    for i in order:
        if min_a[i] <= max_a[i] and min_a[i] <= _room(masks[i], left_a):
            out_a[i] = min_a[i]
            _take(masks[i], min_a[i], left_a)
    while _raise_lowest(order, masks, max_a, left_a, out_a):
        pass


def _raise_lowest(order, masks, max_a, left_a: list, out_a: list) -> bool:
    """One step of the above; False when nobody can rise. Each step brings one charger to its
    maximum, two levels together, or a phase to its end, so there are at most 2n + 3."""
    lowest = following = _NOBODY
    for i in order:
        amps = out_a[i]
        if 0 < amps < max_a[i] and amps < following and _room(masks[i], left_a) > 0:
            if amps < lowest:
                following = lowest
                lowest = amps
            elif amps > lowest:
                following = amps
    if lowest == _NOBODY:
        return False
    step = following - lowest
    on = [0, 0, 0]  # how many would rise on each phase
    for i in order:
        if out_a[i] == lowest and lowest < max_a[i] and _room(masks[i], left_a) > 0:
            step = min(step, max_a[i] - lowest)
            _take(masks[i], -1, on)
    for phase in range(3):
        if on[phase]:
            step = min(step, left_a[phase] // on[phase])
    step = max(step, 1)
    for i in order:
        if out_a[i] == lowest and lowest < max_a[i] and _room(masks[i], left_a) >= step:
            out_a[i] += step
            _take(masks[i], step, left_a)
    return True
