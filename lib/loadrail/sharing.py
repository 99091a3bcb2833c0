# Who gets how much: whole amperes out of what is left, nothing else is known here.
#
# What is left is a list of ROOMS numbers: amperes on L1, L2, L3; the sum over the phases (a limit
# on power); and, on each phase, what chargers on fewer than three phases may take (a limit on the
# difference between phases: three-phase loads cancel out). NO_LIMIT where there is none.
# In: for each charger its phases (mask), minimum and maximum; an order.
# Out: amperes a charger, each 0 or minimum..maximum; no room is ever overdrawn.

ROOMS = 7
SUM = 3
NO_LIMIT = 1 << 29


def _uses_of(mask: int) -> tuple:
    """(room, how many times an ampere counts there) for a charger on these phases."""
    phases = [phase for phase in range(3) if mask >> phase & 1]
    uses = [(phase, 1) for phase in phases] + [(SUM, len(phases))]
    if len(phases) < 3:
        uses += [(SUM + 1 + phase, 1) for phase in phases]
    return tuple(uses)


USES = tuple([_uses_of(mask) for mask in range(8)])


def room_for(mask: int, left: list) -> int:
    """What fits into the tightest room that a charger on these phases uses."""
    least = NO_LIMIT
    for room, weight in USES[mask]:
        here = left[room] if weight == 1 else left[room] // weight
        if here < least:  # noqa: PLR1730 - a call here is a fifth of the whole decision
            least = here
    return least


def take(mask: int, amps: int, left: list) -> None:
    """Take amperes for a charger on these phases."""
    for room, weight in USES[mask]:
        left[room] -= weight * amps


def share_priority(order, masks, min_a, max_a, left: list, out_a: list) -> None:
    """In turn, each all it can take; who finds less than its minimum gets nothing.

    `order` lists indices, first served first. `left` is used up in place; `out_a` must be 0 for
    everyone in `order`.
    """
    for i in order:
        amps = min(room_for(masks[i], left), max_a[i])
        if amps >= min_a[i]:
            out_a[i] = amps
            take(masks[i], amps, left)


def share_equal(order, masks, min_a, max_a, left: list, out_a: list) -> None:
    """Minimums in turn as far as they go, then the rest max-min fair.

    The lowest rise together until they meet the next higher one, their maximum, or the end of a
    room. What is too little for all of them goes out ampere by ampere, in order.
    """
    for i in order:
        if min_a[i] <= max_a[i] and min_a[i] <= room_for(masks[i], left):
            out_a[i] = min_a[i]
            take(masks[i], min_a[i], left)
    rising = [i for i in order if out_a[i]]
    while _raise_lowest(rising, masks, max_a, left, out_a):
        pass


def _raise_lowest(rising: list, masks, max_a, left: list, out_a: list) -> bool:
    """One step of the above; False when nobody can rise. Each step brings one charger to its
    maximum, two levels together, or a room to its end, so there are at most 2n + ROOMS."""
    lowest = following = NO_LIMIT
    k = 0
    while k < len(rising):
        i = rising[k]
        amps = out_a[i]
        if amps >= max_a[i] or room_for(masks[i], left) < 1:
            rising.pop(k)  # rooms only shrink: it will never rise again
            continue
        k += 1
        if amps < lowest:
            following = lowest
            lowest = amps
        elif lowest < amps < following:
            following = amps
    if not rising:
        return False
    step = following - lowest
    wanted = [0] * ROOMS
    for i in rising:
        if out_a[i] == lowest:
            step = min(step, max_a[i] - lowest)
            take(masks[i], -1, wanted)
    for room in range(ROOMS):
        if wanted[room]:
            step = min(step, left[room] // wanted[room])
    step = max(step, 1)
    for i in rising:
        if out_a[i] == lowest and room_for(masks[i], left) >= step:
            out_a[i] += step
            take(masks[i], step, left)
    return True
