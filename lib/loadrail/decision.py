# One decision: from the budget and what is known of the chargers to everybody's limit.
#
# The stages, in order: claims (who can be steered and wants current), shares (how much each would
# get), lowering (at once), raising (only into room that is surely free, S2). All of one decision
# uses one time. Each limit leaves with its reason.

from loadrail import reasons, registers
from loadrail.budget import METER_STALE, METER_WAITING
from loadrail.chargers import (
    DOUBTFUL,
    FOREIGN,
    NEVER,
    ONLINE,
    RELEASED,
    SILENT,
)
from loadrail.clock import age_ms
from loadrail.sharing import share_equal, share_priority

RAISE_EVERY_MS = 5000  # a charger and its car follow within about this, so judge only then
_OVERDRAW_MA = 500

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

    def __init__(self, n: int):
        self.equal = True
        self.three_phase_first = True
        self._n = n
        self._target_a = [0] * n
        self._cap_a = [0] * n
        self._order = []
        self._idle = []
        self._left_a = [0, 0, 0]
        self._last_budget_ma = [0, 0, 0]

    def decide(self, now_ms: int, chargers, budget, unheard: int) -> None:
        """Set every charger's `limit_ma` and reason.

        `unheard`: how many chargers must still answer before anything may rise (S8), 0 = free.
        """
        if budget.meter == METER_WAITING:
            for i in range(self._n):
                chargers.reason[i] = reasons.METER_AWAITED
            return
        self._claims(now_ms, chargers, budget)
        self._shares(chargers)
        self._explain(chargers, budget)
        self._lower(chargers)
        fell = False
        for phase in range(3):
            fell = fell or budget.ma[phase] < self._last_budget_ma[phase]
            self._last_budget_ma[phase] = budget.ma[phase]
        # S4: a decision on less never raises anybody.
        may_raise = budget.may_raise and not fell and not unheard
        self._raise(now_ms, chargers, budget, may_raise, unheard)

    def _claims(self, now_ms, chargers, budget) -> None:
        """Who takes part; what the others hold or draw is taken off the budget."""
        left_ma = [budget.ma[0], budget.ma[1], budget.ma[2]]
        self._order.clear()
        self._idle.clear()
        for i in range(self._n):
            self._target_a[i] = 0
            self._cap_a[i] = min(chargers.max_a[i], chargers.amp_limit_a[i])
            steered = chargers.presence[i] in (ONLINE, DOUBTFUL) and chargers.known[i]
            why = self._why_not(i, now_ms, chargers)
            if why is None:
                self._order.append(i)
            elif why == reasons.CAR_STOPPED:
                self._idle.append(i)
            for phase in range(3):
                if not steered and not self._about_to_be_heard(i, chargers):
                    left_ma[phase] -= chargers.booked_ma(i, phase)
                else:
                    left_ma[phase] -= self._not_following_ma(i, phase, why, chargers)
        for phase in range(3):
            self._left_a[phase] = max(0, left_ma[phase]) // 1000
        self._order.sort(key=lambda i: self._rank(i, chargers))
        self._idle.sort(key=lambda i: self._rank(i, chargers))

    def _why_not(self, i, now_ms, chargers) -> "int | None":
        """The reason why a charger takes no part in sharing; None where it does."""
        presence = chargers.presence[i]
        if presence in (NEVER, FOREIGN) or not chargers.known[i]:
            held_ma = chargers.booked_ma(i, 0) if chargers.mask[i] & 1 else chargers.held_ma[i]
            code = reasons.FOREIGN if presence == FOREIGN else reasons.NEVER_HEARD
            return self._because(chargers, i, code, held_ma)
        if presence in (SILENT, RELEASED):
            code = reasons.RELEASED
            if presence == SILENT:
                forever = chargers.watchdog_over_in_ms(i, now_ms) is None
                code = reasons.SILENT_FOR_EVER if forever else reasons.SILENT
            return self._because(chargers, i, code, max(chargers.held_ma[i], chargers.limit_ma[i]))
        if self._cap_a[i] < chargers.min_a[i]:
            return self._because(chargers, i, reasons.CAP_TOO_LOW, self._cap_a[i] * 1000)
        why = _STATUS_REASON[chargers.status[i]]
        return None if why is None else self._because(chargers, i, why, 0)

    def _about_to_be_heard(self, i, chargers) -> bool:
        """At a start: not asked yet. Nothing rises meanwhile (S8), so nobody is lowered for what
        will be known in a moment; what it draws counts all the same."""
        if chargers.presence[i] == NEVER:
            return chargers.misses[i] == 0
        return chargers.presence[i] == ONLINE and chargers.timeout_ms[i] is None

    def _because(self, chargers, i, code, value) -> int:
        chargers.reason[i] = code
        chargers.reason_value[i] = value
        return code

    def _not_following_ma(self, i, phase, why, chargers) -> int:
        """What a steered charger draws although it should not, once it has had time to follow."""
        draw_ma = chargers.draw_ma[3 * i + phase]
        if why is not None and why != reasons.CAR_STOPPED:
            return draw_ma
        if chargers.settle_at[i] is not None:
            return 0
        over_ma = draw_ma - max(chargers.held_ma[i], chargers.limit_ma[i])
        return over_ma if over_ma > _OVERDRAW_MA else 0

    def _rank(self, i, chargers) -> int:
        """Smallest first: by status in priority sharing; else who charges keeps charging."""
        status = chargers.status[i]
        if not self.equal:
            return status << 8 | i
        waits = 0 if chargers.limit_ma[i] > 0 else 1
        one_phase = 1 if self.three_phase_first and chargers.mask[i] != 7 else 0
        return waits << 16 | one_phase << 12 | status << 8 | i

    def _shares(self, chargers) -> None:
        share = share_equal if self.equal else share_priority
        args = (chargers.mask, chargers.min_a)
        share(self._order, *args, self._cap_a, self._left_a, self._target_a)
        # A car that stopped by itself finds its minimum, where nobody else can use it.
        share_priority(self._idle, *args, chargers.min_a, self._left_a, self._target_a)

    def _explain(self, chargers, budget) -> None:
        for i in self._order:
            phase = self._tightest(chargers.mask[i])
            chargers.reason_phase[i] = phase
            if budget.meter == METER_STALE:
                self._because(chargers, i, reasons.METER_LOST, budget.ma[phase])
            elif self._target_a[i] == 0:
                self._because(chargers, i, reasons.NO_ROOM, self._left_a[phase] * 1000)
            elif self._target_a[i] == self._cap_a[i]:
                self._because(chargers, i, reasons.OWN_MAXIMUM, self._cap_a[i] * 1000)
            else:
                self._because(chargers, i, reasons.SHARE, budget.ma[phase])

    def _tightest(self, mask) -> int:
        tightest = None
        for phase in range(3):
            if mask >> phase & 1:
                if tightest is None or self._left_a[phase] < self._left_a[tightest]:
                    tightest = phase
        return tightest

    def _lower(self, chargers) -> None:
        for i in range(self._n):
            limit_ma = chargers.limit_ma[i]
            if chargers.presence[i] in (SILENT, RELEASED):
                # What it is written when it may hear us but cannot answer, see polling.
                failsafe_ma = chargers.failsafe_ma[i]
                limit_ma = limit_ma if failsafe_ma is None else min(limit_ma, failsafe_ma)
            else:
                limit_ma = min(limit_ma, self._target_a[i] * 1000)
                if limit_ma < chargers.min_a[i] * 1000:
                    limit_ma = 0  # S3; it was found so, or the minimum has changed
            chargers.limit_ma[i] = limit_ma

    def _raise(self, now_ms, chargers, budget, may_raise, unheard) -> None:
        """Into the room that is surely free, in order; a start begins at the minimum."""
        room_ma = [budget.ma[0], budget.ma[1], budget.ma[2]]
        for i in range(self._n):
            for phase in range(3):
                room_ma[phase] -= chargers.booked_to_raise_ma(i, phase)
        for i in self._order + self._idle:
            limit_ma = chargers.limit_ma[i]
            if self._target_a[i] * 1000 <= limit_ma:
                continue
            if unheard:
                self._because(chargers, i, reasons.START_HOLD, unheard)
                continue
            new_ma = self._step_ma(i, now_ms, chargers, room_ma) if may_raise else 0
            if new_ma <= limit_ma:
                if budget.meter != METER_STALE:
                    self._because(chargers, i, reasons.RISING, 0)
                continue
            for phase in range(3):
                if chargers.mask[i] >> phase & 1:
                    booked_ma = chargers.booked_to_raise_ma(i, phase)
                    room_ma[phase] -= max(0, new_ma - booked_ma)
            chargers.limit_ma[i] = new_ma
            chargers.raised_at[i] = now_ms

    def _step_ma(self, i, now_ms, chargers, room_ma) -> int:
        """The limit to which charger `i` may rise now; 0 = not now."""
        if chargers.presence[i] != ONLINE or chargers.held_ma[i] != chargers.limit_ma[i]:
            return 0  # the last write is not settled yet
        if age_ms(now_ms, chargers.raised_at[i]) < RAISE_EVERY_MS:
            return 0
        goal_ma = self._target_a[i] * 1000
        if chargers.limit_ma[i] == 0:
            goal_ma = chargers.min_a[i] * 1000
        for phase in range(3):
            if chargers.mask[i] >> phase & 1:
                free_ma = room_ma[phase] + chargers.booked_to_raise_ma(i, phase)
                goal_ma = min(goal_ma, free_ma // 1000 * 1000)
        return goal_ma if goal_ma >= chargers.min_a[i] * 1000 else 0


assert len(_STATUS_REASON) == registers.UNKNOWN + 1
