# One decision: from the budget and what is known of the chargers to everybody's limit.
#
# The stages, in order: rooms (what there is), claims (who can be steered and wants current),
# turns and shares (who gets how much), lowering (at once), raising (only into room that is surely
# free, S2). All of one decision uses one time. Each limit leaves with its reason.

from loadrail import claims, reasons
from loadrail.budget import METER_FINE, METER_STALE, METER_WAITING
from loadrail.clock import age_ms
from loadrail.presence import RELEASED, SILENT
from loadrail.raising import rise
from loadrail.rooms import Rooms
from loadrail.sharing import NO_LIMIT, ROOMS, SUM, USES, share_equal, share_priority
from loadrail.turns import Turns, with_room

# image.py's cause of a cap -> reason
_CAP_REASONS = (
    reasons.OWN_MAXIMUM,
    reasons.OWN_MAXIMUM,
    reasons.CAP_GRID,
    reasons.CAP_USER,
    reasons.OWN_MAXIMUM,
    reasons.CAP_SEEN,
)


class Allocator:
    """Makes the decisions of a group of `n` chargers; keeps only what one needs of the last."""

    def __init__(self, n: int, group: dict):
        self.turns = Turns(n)
        self.turns.interval_ms = group["rotation_interval_s"] * 1000
        self.turns.three_phase_first = group["phase_sharing"] == "mixed"
        self._rooms = Rooms(group)
        self._equal = group["sharing"] == "equal"
        self._n = n
        self._target_a = [0] * n
        self._cap_a = [0] * n  # its own and its car's most
        self._min_a = [6] * n  # on the phases that it uses
        self._wanting = with_room(n)
        self._idle = with_room(n)
        self.left_a = [0] * ROOMS  # of the last decision, after the shares
        self.start_left_a = [0] * ROOMS  # the same for those who would have to start
        self._last_budget_ma = [0, 0, 0]

    def decide(self, now_ms, chargers, budget, unheard: int, volts: int, alone=True) -> None:
        """Set every charger's `limit_ma` and reason.

        `unheard`: how many chargers must still answer before anything may rise (S8), 0 = free.
        `volts`: phase voltage for the limit on power. `alone`: no other primary is about.
        """
        if budget.meter == METER_WAITING:
            for i in range(self._n):
                chargers.because(i, reasons.METER_AWAITED)
                if chargers.hold[i]:
                    held = (chargers.hold[i], 0, chargers.hold_room[i], chargers.hold_s[i])
                    chargers.because(i, *held)
                    chargers.limit_ma[i] = 0
            return
        rooms = self._rooms
        rooms.measure(budget.ma, volts)
        self._claims(now_ms, chargers, budget.meter == METER_STALE)
        rooms.settle(budget.meter == METER_FINE)
        order = self._shares(now_ms, chargers, budget)
        self._lower(chargers, budget.meter == METER_STALE)
        steady = self._steady(budget)
        args = (self._target_a, self._min_a, chargers, rooms, budget)
        rise(now_ms, order, *args, steady and alone, unheard)
        if not alone:
            self._blame_intruder(order, chargers)

    def _blame_intruder(self, order, c) -> None:
        for i in order:
            if self._target_a[i] * 1000 > c.limit_ma[i]:
                c.because(i, reasons.INTRUDER)

    def _steady(self, budget) -> bool:
        """Whether anybody may rise; a decision on less never raises anyone (S4)."""
        fell = False
        for phase in range(3):
            fell = fell or budget.ma[phase] < self._last_budget_ma[phase]
            self._last_budget_ma[phase] = budget.ma[phase]
        return budget.may_raise and not fell

    def _claims(self, now_ms, c, stale) -> None:
        """Who takes part, with which minimum and maximum; what the others hold is fixed."""
        del self._wanting[:]
        del self._idle[:]
        for i in range(self._n):
            low = c.min_3p_a[i] if c.mask[i] == 7 else c.min_a[i]
            cap = min(c.max_a[i], c.cap_a[i], c.most_a[i])
            if cap >= low and c.demand_a[i] is not None:
                cap = min(cap, max(low, c.demand_a[i]))
            self._target_a[i] = 0
            self._min_a[i] = low
            self._cap_a[i] = cap
            why = claims.refuse(i, now_ms, c, cap, low)
            if why is None:
                self._wanting.append(i)
            elif why == reasons.CAR_STOPPED:
                self._idle.append(i)
            elif why == reasons.RUNS_AWAY and not stale:
                # What it draws is booked, see overdraw.py; a lower cap counts all the same.
                self._target_a[i] = min(c.limit_ma[i] // 1000, cap) if cap >= low else 0
            claims.fix(i, why, c, self._rooms.fixed_ma)

    def _shares(self, now_ms, c, budget) -> list:
        """Set the targets and their reasons; returns who got something, first served first."""
        left, start_left = self.left_a, self.start_left_a
        left[:] = self._rooms.left_a
        if self._equal:
            start_left[:] = left
            _take_later(start_left, budget)
            args = (c, self._min_a, list(left), start_left)
            order = self.turns.choose(now_ms, self._wanting, *args)
            share = share_equal
        else:
            order = self._wanting
            order.sort(key=lambda i: self._rank(i, now_ms, c))
            share = share_priority
        share(order, c.mask, self._min_a, self._cap_a, left, self._target_a)
        start_left[:] = left
        _take_later(start_left, budget)
        self._explain(now_ms, order, left, c, budget)
        # A car that stopped by itself finds its minimum, where nobody else can use it.
        share_priority(self._idle, c.mask, self._min_a, self._min_a, left, self._target_a)
        return order + self._idle

    def _rank(self, i, now_ms, c) -> tuple:
        """Priority sharing: by status, the operator's priority, the time in that status."""
        since_ms = age_ms(now_ms, c.status_at[i])
        return (c.status[i], c.priority[i], -since_ms, c.address[i])

    def _explain(self, now_ms, order, left, c, budget) -> None:
        for i in self._wanting:
            room = _tightest(c.mask[i], left)
            target_ma = self._target_a[i] * 1000
            if budget.meter == METER_STALE:
                c.because(i, reasons.METER_LOST, budget.ma[room % SUM], room)
            elif target_ma == 0:
                c.because(i, reasons.NO_ROOM, left[room] * 1000, room)
            elif self._target_a[i] < self._cap_a[i]:
                c.because(i, reasons.SHARE, self._rooms.ma[room], room)
            elif c.demand_a[i] is not None:
                c.because(i, reasons.DEMAND, target_ma)
            else:
                bound = c.cap_a[i] < c.max_a[i]
                if c.most_a[i] < min(c.max_a[i], c.cap_a[i]):
                    c.because(i, c.most_why[i], target_ma, c.most_room[i])
                    continue
                code = _CAP_REASONS[c.cap_cause[i]] if bound else reasons.OWN_MAXIMUM
                c.because(i, code, target_ma)
        if not self._equal or budget.meter == METER_STALE or not order:
            return
        for i, wait_ms in zip(self.turns.queue, self.turns.waits_ms(now_ms, order, c)):
            if i in self.turns.soon:
                c.because(i, reasons.STABLE_AWAITED)
                continue
            room = _tightest(c.mask[i], left)
            c.because(i, reasons.TURN_AWAITED, 0, room, wait_ms // 1000)

    def _lower(self, c, stale) -> None:
        for i in range(self._n):
            limit_ma = c.limit_ma[i]
            if c.presence[i] in (SILENT, RELEASED) or not c.known[i]:
                # What it is written when it may hear us but cannot answer, see polling.
                most_ma = c.max_a[i] * 1000
                if c.failsafe_ma[i] is not None:
                    most_ma = min(most_ma, c.failsafe_ma[i])
                limit_ma = min(limit_ma, most_ma)
                limit_ma = 0 if stale or c.hold[i] else limit_ma
            else:
                limit_ma = min(limit_ma, self._target_a[i] * 1000)
            if limit_ma < self._min_a[i] * 1000:
                limit_ma = 0  # S3; it was found so, or the minimum has changed
            c.limit_ma[i] = limit_ma


def _take_later(start_left, budget) -> None:
    """Who is to start counts only on what has been there for the longer while."""
    for phase in range(3):
        later_ma = budget.ma[phase] - budget.start_ma[phase]
        start_left[phase] -= (later_ma + 999) // 1000


def _tightest(mask, left) -> int:
    """The room of least left among those that a charger uses."""
    tightest = 0
    least = NO_LIMIT + 1
    for room, weight in USES[mask]:
        if left[room] // weight < least:
            tightest, least = room, left[room] // weight
    return tightest
