# One decision: from the budget and what is known of the chargers to everybody's limit.
#
# The stages, in order: rooms (what there is), claims (who can be steered and wants current),
# shares (how much each would get), lowering (at once), raising (only into room that is surely
# free, S2). All of one decision uses one time. Each limit leaves with its reason.

from loadrail import demand, reasons
from loadrail.budget import METER_FINE, METER_STALE, METER_WAITING
from loadrail.chargers import DOUBTFUL, FOREIGN, NEVER, ONLINE, RELEASED, SILENT
from loadrail.clock import age_ms
from loadrail.sharing import NO_LIMIT, ROOMS, SUM, USES, share_equal, share_priority
from loadrail.turns import Turns

RAISE_EVERY_MS = 5000  # a charger and its car follow within about this, so judge only then
_OVERDRAW_MA = 500
# Where a meter tells what is left, a further ampere counts only with this to spare, so that a load
# that flutters about an edge moves nobody. The window's lowest value flutters by less.
_DEAD_BAND_MA = 200

# evse_status -> reason why a charger gets nothing; None = it wants current
_STATUS_REASON = (
    None,
    None,
    None,
    None,
    reasons.CAR_STOPPED,
    reasons.NOT_AUTHORISED,
    reasons.NOT_ALLOWED,
    reasons.NO_CAR,
    reasons.CHARGER_ERROR,
    reasons.STATUS_UNKNOWN,
)


class Allocator:
    """Makes the decisions of a group of `n` chargers; keeps only what one needs of the last."""

    def __init__(self, n: int, group: dict):
        self.turns = Turns()
        self.turns.interval_ms = group["rotation_interval_s"] * 1000
        self.turns.three_phase_first = group["phase_sharing"] == "mixed"
        self._equal = group["sharing"] == "equal"
        self._feeder_ma = group["feeder_a"] * 1000 or NO_LIMIT
        self._power_w = group["power_limit_w"]
        self._imbalance_ma = group["imbalance_a"] * 1000 or NO_LIMIT
        self._n = n
        self._target_a = [0] * n
        self._cap_a = [0] * n  # its own and its car's most
        self._min_a = [6] * n  # on the phases that it uses
        self._wanting = []
        self._idle = []
        self._room_ma = [0] * ROOMS  # what there is for all chargers
        self._left_a = [0] * ROOMS  # of it, for those who can be steered; whole amperes
        self._fixed_ma = [0] * ROOMS  # what the others hold
        self._last_budget_ma = [0, 0, 0]

    def decide(self, now_ms: int, chargers, budget, unheard: int, volts: int) -> None:
        """Set every charger's `limit_ma` and reason.

        `unheard`: how many chargers must still answer before anything may rise (S8), 0 = free.
        `volts`: phase voltage for the limit on power.
        """
        if budget.meter == METER_WAITING:
            for i in range(self._n):
                chargers.reason[i] = reasons.METER_AWAITED
            return
        self._rooms(budget, volts)
        self._claims(now_ms, chargers)
        self._leave(budget.meter == METER_FINE)
        order = self._shares(now_ms, chargers, budget)
        self._lower(chargers)
        fell = False
        for phase in range(3):
            fell = fell or budget.ma[phase] < self._last_budget_ma[phase]
            self._last_budget_ma[phase] = budget.ma[phase]
        # S4: a decision on less never raises anybody.
        steady = budget.may_raise and not fell
        self._raise(now_ms, chargers, budget, order, steady, unheard)

    # --- what there is

    def _rooms(self, budget, volts) -> None:
        room_ma = self._room_ma
        for phase in range(3):
            room_ma[phase] = min(budget.ma[phase], self._feeder_ma)
            room_ma[SUM + 1 + phase] = self._imbalance_ma
        room_ma[SUM] = self._power_w * 1000 // volts if self._power_w else NO_LIMIT

    def _claims(self, now_ms, chargers) -> None:
        """Who takes part; what the others hold or draw is taken off."""
        fixed_ma = self._fixed_ma
        for room in range(ROOMS):
            fixed_ma[room] = 0
        self._wanting.clear()
        self._idle.clear()
        for i in range(self._n):
            self._target_a[i] = 0
            low = chargers.min_3p_a[i] if chargers.mask[i] == 7 else chargers.min_a[i]
            cap = min(chargers.max_a[i], chargers.amp_limit_a[i])
            if cap >= low and chargers.demand_a[i] is not None:
                cap = min(cap, max(low, chargers.demand_a[i]))
            self._min_a[i] = low
            self._cap_a[i] = cap
            why = self._why_not(i, now_ms, chargers)
            if why is None:
                self._wanting.append(i)
            elif why == reasons.CAR_STOPPED:
                self._idle.append(i)
            self._fix(i, why, chargers, fixed_ma)

    def _leave(self, metered) -> None:
        """Whole amperes left for sharing; a further one only with the dead band to spare."""
        for room in range(ROOMS):
            left_ma = max(0, self._room_ma[room] - self._fixed_ma[room])
            left_a = left_ma // 1000
            before_a = self._left_a[room]
            if left_a > before_a and metered and room < SUM:
                left_a = max(before_a, (left_ma - _DEAD_BAND_MA) // 1000)
            self._left_a[room] = left_a

    def _why_not(self, i, now_ms, chargers) -> "int | None":
        """The reason why a charger takes no part in sharing; None where it does."""
        presence = chargers.presence[i]
        held_ma = max(chargers.held_ma[i], chargers.limit_ma[i])
        if presence in (NEVER, FOREIGN) or (presence == ONLINE and not chargers.known[i]):
            code = reasons.FOREIGN if presence == FOREIGN else reasons.NEVER_HEARD
            return self._because(chargers, i, code, held_ma)
        if presence == RELEASED:
            return self._because(chargers, i, reasons.RELEASED, held_ma)
        if presence == SILENT:
            rest_ms = chargers.watchdog_over_in_ms(i, now_ms)
            if rest_ms is None:
                return self._because(chargers, i, reasons.SILENT_FOR_EVER, held_ma)
            return self._because(chargers, i, reasons.SILENT, held_ma, time_s=rest_ms // 1000)
        if self._cap_a[i] < self._min_a[i]:
            return self._because(chargers, i, reasons.CAP_TOO_LOW, self._cap_a[i] * 1000)
        why = _STATUS_REASON[chargers.status[i]]
        return None if why is None else self._because(chargers, i, why)

    def _because(self, chargers, i, code, value=0, room=0, time_s=0) -> int:
        chargers.reason[i] = code
        chargers.reason_room[i] = room
        chargers.reason_value[i] = value
        chargers.reason_s[i] = time_s
        return code

    def _fix(self, i, why, chargers, fixed_ma) -> None:
        """Add what sharing cannot dispose of: all that is booked for one who cannot be steered,
        and what one draws who should not, or not so much."""
        steered = chargers.presence[i] in (ONLINE, DOUBTFUL) and chargers.known[i]
        few_phases = chargers.mask[i] != 7
        for phase in range(3):
            if steered:
                ma = self._not_following_ma(i, phase, why, chargers)
            elif self._about_to_be_heard(i, chargers):
                ma = chargers.draw_ma[3 * i + phase]
            else:
                ma = chargers.booked_ma(i, phase)
            fixed_ma[phase] += ma
            fixed_ma[SUM] += ma
            if few_phases:
                fixed_ma[SUM + 1 + phase] += ma

    def _about_to_be_heard(self, i, chargers) -> bool:
        """At a start: not asked yet. Nothing rises meanwhile (S8), so nobody is lowered for what
        will be known in a moment; what it draws counts all the same."""
        if chargers.presence[i] == NEVER:
            return chargers.misses[i] == 0
        return chargers.presence[i] == ONLINE and chargers.timeout_ms[i] is None

    def _not_following_ma(self, i, phase, why, chargers) -> int:
        """What a steered charger draws although it should not, once it has had time to follow."""
        draw_ma = chargers.draw_ma[3 * i + phase]
        if why is not None and why != reasons.CAR_STOPPED:
            return draw_ma
        if chargers.settle_at[i] is not None:
            return 0
        over_ma = draw_ma - max(chargers.held_ma[i], chargers.limit_ma[i])
        return over_ma if over_ma > _OVERDRAW_MA else 0

    # --- who gets what

    def _shares(self, now_ms, chargers, budget) -> list:
        """Set the targets and their reasons; returns who got something, first served first."""
        left = list(self._left_a)
        if self._equal:
            start_left = list(left)
            for phase in range(3):
                later_ma = budget.ma[phase] - budget.start_ma[phase]
                start_left[phase] -= (later_ma + 999) // 1000
            turns = self.turns
            order = turns.choose(
                now_ms, self._wanting, chargers, self._min_a, list(left), start_left
            )
            share = share_equal
        else:
            order = self._wanting
            order.sort(key=lambda i: self._rank(i, now_ms, chargers))
            share = share_priority
        share(order, chargers.mask, self._min_a, self._cap_a, left, self._target_a)
        self._explain(now_ms, order, left, chargers, budget)
        # A car that stopped by itself finds its minimum, where nobody else can use it.
        idle = self._idle
        share_priority(idle, chargers.mask, self._min_a, self._min_a, left, self._target_a)
        return order + idle

    def _rank(self, i, now_ms, chargers) -> tuple:
        """Priority sharing: by status, the operator's priority, the time in that status."""
        since_ms = age_ms(now_ms, chargers.status_at[i])
        return (chargers.status[i], chargers.priority[i], -since_ms, chargers.address[i])

    def _explain(self, now_ms, order, left, chargers, budget) -> None:
        for i in self._wanting:
            room = self._tightest(chargers.mask[i], left)
            target_ma = self._target_a[i] * 1000
            if budget.meter == METER_STALE:
                self._because(chargers, i, reasons.METER_LOST, budget.ma[room % SUM], room)
            elif target_ma == 0:
                self._because(chargers, i, reasons.NO_ROOM, left[room] * 1000, room)
            elif self._target_a[i] < self._cap_a[i]:
                self._because(chargers, i, reasons.SHARE, self._room_ma[room], room)
            elif chargers.demand_a[i] is not None:
                self._because(chargers, i, reasons.DEMAND, target_ma)
            else:
                self._because(chargers, i, reasons.OWN_MAXIMUM, target_ma)
        if not self._equal or budget.meter == METER_STALE or not order:
            return
        for place, i in enumerate(self.turns.queue):
            room = self._tightest(chargers.mask[i], left)
            wait_ms = self.turns.turn_in_ms(now_ms, place, order, chargers)
            self._because(chargers, i, reasons.TURN_AWAITED, 0, room, wait_ms // 1000)

    def _tightest(self, mask, left) -> int:
        """The room of least left among those that a charger uses."""
        tightest = 0
        least = NO_LIMIT + 1
        for room, weight in USES[mask]:
            if left[room] // weight < least:
                tightest, least = room, left[room] // weight
        return tightest

    # --- who is told what

    def _lower(self, chargers) -> None:
        for i in range(self._n):
            limit_ma = chargers.limit_ma[i]
            if chargers.presence[i] in (SILENT, RELEASED):
                # What it is written when it may hear us but cannot answer, see polling.
                failsafe_ma = chargers.failsafe_ma[i]
                limit_ma = limit_ma if failsafe_ma is None else min(limit_ma, failsafe_ma)
            else:
                limit_ma = min(limit_ma, self._target_a[i] * 1000)
                if limit_ma < self._min_a[i] * 1000:
                    limit_ma = 0  # S3; it was found so, or the minimum has changed
            chargers.limit_ma[i] = limit_ma

    def _raise(self, now_ms, chargers, budget, order, steady, unheard) -> None:
        """Into the room that is surely free, in order; a start begins at the minimum."""
        free_ma = self._free_ma(chargers)
        for i in order:
            limit_ma = chargers.limit_ma[i]
            if self._target_a[i] * 1000 <= limit_ma:
                continue
            if unheard:
                self._because(chargers, i, reasons.START_HOLD, unheard)
                continue
            new_ma = 0
            if steady and (limit_ma or budget.may_start):
                new_ma = self._step_ma(i, now_ms, chargers, free_ma)
            if new_ma <= limit_ma:
                if budget.meter != METER_STALE:
                    waits = limit_ma == 0 and not budget.may_start
                    code = reasons.STABLE_AWAITED if waits else reasons.RISING
                    self._because(chargers, i, code)
                continue
            self._book(i, new_ma, chargers, free_ma)
            chargers.limit_ma[i] = new_ma
            chargers.raised_at[i] = now_ms

    def _free_ma(self, chargers) -> list:
        """What is booked for nobody, per room."""
        free_ma = list(self._room_ma)
        for i in range(self._n):
            few_phases = chargers.mask[i] != 7
            for phase in range(3):
                booked_ma = chargers.booked_to_raise_ma(i, phase)
                free_ma[phase] -= booked_ma
                free_ma[SUM] -= booked_ma
                if few_phases:
                    free_ma[SUM + 1 + phase] -= booked_ma
        return free_ma

    def _book(self, i, new_ma, chargers, free_ma) -> None:
        """Take off what a rise to `new_ma` books more than before."""
        few_phases = chargers.mask[i] != 7
        for phase in range(3):
            if chargers.mask[i] >> phase & 1:
                more_ma = max(0, new_ma - chargers.booked_to_raise_ma(i, phase))
                free_ma[phase] -= more_ma
                free_ma[SUM] -= more_ma
                if few_phases:
                    free_ma[SUM + 1 + phase] -= more_ma

    def _step_ma(self, i, now_ms, chargers, free_ma) -> int:
        """The limit to which charger `i` may rise now; 0 = not now."""
        limit_ma = chargers.limit_ma[i]
        if chargers.presence[i] != ONLINE or chargers.held_ma[i] != limit_ma:
            return 0  # the last write is not settled yet
        if age_ms(now_ms, chargers.raised_at[i]) < RAISE_EVERY_MS:
            return 0
        if limit_ma and not demand.uses_its_limit(i, now_ms, chargers):
            return 0
        # What it holds already on every phase is not taken again.
        mask = chargers.mask[i]
        own_ma = NO_LIMIT
        for phase in range(3):
            if mask >> phase & 1:
                own_ma = min(own_ma, chargers.booked_to_raise_ma(i, phase))
        most_ma = NO_LIMIT
        for room, weight in USES[mask]:
            most_ma = min(most_ma, own_ma + free_ma[room] // weight)
        if limit_ma == 0:
            goal_ma = self._min_a[i] * 1000
            return goal_ma if goal_ma <= most_ma else 0
        goal_ma = min(self._target_a[i] * 1000, most_ma // 1000 * 1000)
        # At most half of the headroom a step, but a whole ampere.
        half_ma = (most_ma - limit_ma) // 2000 * 1000
        return min(goal_ma, limit_ma + max(1000, half_ma))
