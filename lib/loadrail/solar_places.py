# To whom the surplus goes, and is promised where it does not suffice for all: by the group's
# sharing mode.
#
# equal: the turns of S10, on a table of our own (turns.py reads it as it reads Chargers): who
# charges keeps his place for his turn, who waits is promised one after it. A turn counts as over
# for resume_ms less, so that its end is when the next one's wait is. priority: in turn, each all
# it can take. A promise takes room from all who come later; who charges meanwhile may use it.

from loadrail.clock import age_ms
from loadrail.sharing import USES, room_for, share_equal, share_priority, take
from loadrail.turns import MIN_TURN_MS, Turns

_ECO = 4  # solar.ECO, which needs no place
_LAST = 1 << 28  # more than anybody has been delivered


class _SunTurns(Turns):
    """Who waits for his time to pass keeps what he was promised."""

    def _rank(self, i, now_ms, n, c) -> tuple:
        rank = Turns._rank(self, i, now_ms, n, c)
        if c.fit_at[i] is None or c.limit_ma[i]:
            return rank
        return (rank[0], 0) + rank[2:]


class Places:
    """Of `n` chargers. `sun` is their Solar."""

    def __init__(self, n: int, group: dict, resume_ms: int):
        self.queue = []  # who waits for one, the next first
        self._turns = turns = _SunTurns(n)
        turns.interval_ms = max(MIN_TURN_MS, group["rotation_interval_s"] * 1000 - resume_ms)
        turns.three_phase_first = group["phase_sharing"] == "mixed"
        self._chosen = []
        # what Turns reads
        self.mask = self.turn_at = self.wait_at = self.fit_at = self.priority = self.draw_ma = ()
        self.limit_ma = [0] * n
        self.energy_as = [0] * n

    def equal(self, now_ms, wanting: list, left: list, sun, c) -> tuple:
        """(all who want sun in the order in which they are served, those who are promised it).

        `left` is used up in place.
        """
        self.mask, self.priority, self.draw_ma = sun.mask, c.priority, c.draw_ma
        self.turn_at, self.wait_at, self.fit_at = sun.turn_at, sun.wait_at, sun.fit_at
        few, eco = [], []
        for i in range(sun.n):
            if i in wanting and sun.mode[i] == _ECO:
                eco.append(i)
            elif i in wanting and (sun.on[i] or room_for(sun.mask[i], left) >= sun.need_a[i]):
                few.append(i)
                self.limit_ma[i] = 1 if sun.on[i] else 0
                # Who is short already stays it, though the others get ahead of him meanwhile.
                self.energy_as[i] = c.energy_as[i] + (_LAST if sun.short_ms[i] else 0)
            else:
                sun.turn_at[i] = sun.wait_at[i] = None
        self._chosen = chosen = self._turns.choose(now_ms, few, self, sun.need_a, left, list(left))
        self.queue = self._turns.queue
        return chosen + [i for i in few if i not in chosen] + eco, chosen

    def priority_order(self, now_ms, wanting: list, left: list, sun, c) -> tuple:
        """The same; nobody waits for a turn."""
        order = list(wanting)
        order.sort(key=lambda i: (c.status[i], c.priority[i], -age_ms(now_ms, c.status_at[i]), i))
        promised = []
        for i in order:
            amps = min(room_for(sun.mask[i], left), sun.cap_a[i])
            if amps >= sun.need_a[i]:
                promised.append(i)
                take(sun.mask[i], amps, left)
        return order, promised

    def is_over(self, i: int, now_ms: int) -> bool:
        """Whether the turn of charger `i` is over, so that another may have its place."""
        return not self._chosen or age_ms(now_ms, self.turn_at[i]) >= self._turns.interval_ms

    def wait_ms(self, i: int, now_ms: int) -> int:
        """When one of the queue may have its turn, about."""
        if not self._chosen:
            return 0
        waits_ms = self._turns.waits_ms(now_ms, self._chosen, self)
        return waits_ms[self.queue.index(i)] if i in self.queue else 0


def suit_phases(sun, wanting: list, running: list, rest: list, c, switching) -> None:
    """How many phases the sun would carry for each: c.sun_for. `rest` is what the minimums of all
    leave of it."""
    for i in wanting:
        if sun.mode[i] == _ECO or not switching.allowed[i] or len(c.order[i]) != 3:
            continue
        room = list(rest)
        if i in running:
            take(sun.mask[i], -sun.share_a[i], room)
        c.sun_for[i] = 0
        if room_for(7, room) >= c.min_3p_a[i]:
            c.sun_for[i] = 3
        elif room_for(1 << c.order[i][0], room) >= c.min_a[i]:
            c.sun_for[i] = 1


def take_part(mask: int, amps: int, left: list) -> None:
    """Take what there is of these amperes for a charger that has the rest from the grid."""
    for room, weight in USES[mask]:
        left[room] -= min(weight * amps, left[room])


def share(sun, running: list, left: list, equally: bool) -> None:
    """Deal out what has been there for a while: sun.share_a, whole amperes; `left` becomes what
    is over. Whose minimum is not in it keeps that all the same, and nobody else has his part."""
    few, order = [], []
    for i in running:
        sun.share_a[i] = 0
        if not sun.is_short[i] and room_for(sun.mask[i], left) >= sun.need_a[i]:
            few.append(i)
            take(sun.mask[i], sun.need_a[i], left)
        if i in few or sun.mode[i] == _ECO:
            order.append(i)
    for i in running:
        if i not in order:
            sun.share_a[i] = min(sun.low_a[i], room_for(sun.mask[i], left))
            take_part(sun.mask[i], sun.low_a[i], left)
    for i in few:
        take(sun.mask[i], -sun.need_a[i], left)
    deal = share_equal if equally else share_priority
    deal(order, sun.mask, sun.need_a, sun.cap_a, left, sun.share_a)
