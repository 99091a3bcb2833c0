# What the chargers may share, per phase: the circuit's limit less everything else on it.
#
# other load = meter - what the chargers draw. The two are read at different moments, so a sample
# waits until every charger has been read after it; each draw is then taken at the sample's own
# time, on the line between the two readings around it. Only a sample above the limit does not
# wait: the newest readings must do (but at a start, until each charger was asked once), and it
# can only lower.
#
# Lowered at once: on an over-limit sample, or when two samples in a row show it. One alone may be
# a car that ramps between its reading and the meter's; while one ramps, what a sample would show
# once its draws are read is left out, for a few samples at most. A phase that is below the limit
# is not held back by another above it.
# Nobody rises into what a sample shows only if cars ramped as on a line, or if one who is silent
# still draws (`rise_ma`).
# Raised late: the budget is the lowest value of the last `raise_after_ms`; to start a charger, of
# the last `start_after_ms`. While a silent charger's watchdog runs down it may only fall.

from loadrail import freshness
from loadrail.clock import age_ms
from loadrail.window import EMPTY, Window

# What is known of the meter
METER_FINE = 0
METER_WAITING = 1  # none came yet, and it may still come in time
METER_STALE = 2  # none for longer than `stale_ms`
METER_NONE = 3  # a static group needs none

_MOST_LEFT_OUT = 3  # a car ramps for a few seconds


class Rules:
    """How a budget is made, in mA and ms."""

    def __init__(self, dynamic, limit_ma, loss_ma, stale_ms):
        self.dynamic = dynamic
        self.limit_ma = limit_ma  # of the circuit, less margin and reserve
        self.loss_ma = loss_ma  # what may be shared while the meter is lost
        self.stale_ms = stale_ms
        self.first_ms = stale_ms  # how long the first sample is waited for, and nothing written
        self.phases = 3  # that the meter sees; on others nothing is dealt out
        self.raise_after_ms = 10_000
        self.start_after_ms = 30_000


def limit_ma(circuit_a: int, margin_a: int, largest_load_a: int, breaker_percent: int) -> int:
    """The limit to steer to: below the circuit's by a margin and, where the largest other load is
    named, by a reserve for it.

    A breaker holds `breaker_percent` of its rating for as long as the loop needs to react (140
    for type B and C after IEC 60898, 120 for a selective main switch). So if the largest load
    comes on at any moment, the sum must stay below that.
    """
    target_ma = circuit_a * 1000
    if largest_load_a:
        target_ma = min(target_ma, circuit_a * breaker_percent * 10 - largest_load_a * 1000)
    return max(0, target_ma - margin_a * 1000)


def rules_of(group: dict, phases: int) -> Rules:
    """The rules of a group's configuration; `phases` that its meter sees."""
    reserve = (group["largest_load_a"], group["breaker_percent"])
    rules = Rules(
        group["type"] == "dynamic",
        limit_ma(group["limit_a"], group["margin_a"], *reserve),
        group["meter_loss_a"] * 1000,
        group["meter_stale_s"] * 1000,
    )
    rules.phases = phases
    # Meanwhile nobody feeds the chargers' watchdogs, and the last one may have fed them long ago.
    rules.first_ms = min(rules.stale_ms, group["communication_timeout_s"] * 333)
    rules.raise_after_ms = group["raise_after_s"] * 1000
    rules.start_after_ms = group["start_after_s"] * 1000
    return rules


class Budget:
    """Budget of a group on three phases, in mA."""

    def __init__(self, now_ms: int):
        self.ma = [0, 0, 0]  # what may be shared now, if `meter` is not METER_WAITING
        self.rise_ma = [0, 0, 0]  # the same for those who are to rise; never more
        self.start_ma = [0, 0, 0]  # and for those who are to start
        self.meter = METER_WAITING
        self.may_raise = False  # what is there has been there for a while
        self.may_start = False  # and for the longer while
        self.grid_ma = [0, 0, 0]  # newest valid sample
        self.grid_at = None  # and when that was
        self._was_frozen = False  # at the last judgement, for a silent charger's sake
        self._rules = Rules(True, 0, 0, 0)
        self._waiting_since = now_ms
        self._sample_ma = [0, 0, 0]  # waits for its draws
        self._sample_at = None
        self._next_ma = [0, 0, 0]  # came while that one waited
        self._next_at = None
        self._before_ma = [EMPTY] * 3  # what the settled sample before showed
        self._left_out = [0, 0, 0]  # samples in a row, because a car ramped
        self._sure_ma = [0, 0, 0]  # what the last settled sample shows in any case
        self._to_raise = Window()
        self._to_start = Window()

    @property
    def phases(self) -> int:
        """How many the meter sees."""
        return self._rules.phases

    @property
    def limit_ma(self) -> int:
        return self._rules.limit_ma

    def configure(self, now_ms: int, rules: Rules) -> None:
        """Take new rules. A lower limit counts at once, a higher one after a new window."""
        less_ma = min(0, rules.limit_ma - self._rules.limit_ma)
        self._rules = rules
        for phase in range(rules.phases, 3):
            self.ma[phase] = self.grid_ma[phase] = 0
            self.rise_ma[phase] = self.start_ma[phase] = 0
        for phase in range(3):
            self.ma[phase] = self._within(self.ma[phase] + less_ma)
            self.rise_ma[phase] = self._within(self.rise_ma[phase] + less_ma)
            self.start_ma[phase] = self._within(self.start_ma[phase] + less_ma)
        self._forget()
        if not rules.dynamic:
            self.meter = METER_NONE
            self._grant(rules.limit_ma)
        elif self.meter == METER_STALE:
            self._grant(rules.loss_ma)  # it is not waited for again
        elif self.meter == METER_NONE:
            self.meter = METER_WAITING
            self._waiting_since = now_ms
            self.grid_at = self._sample_at = self._next_at = None

    def sample(self, now_ms: int, current_ma: list, chargers) -> bool:
        """Take a valid meter sample, signed mA [3], of as many phases as the rules say. True where
        it is above the limit."""
        for phase in range(self._rules.phases):
            self.grid_ma[phase] = current_ma[phase]
        current_ma = self.grid_ma
        self.grid_at = now_ms
        if self._sample_at is None:
            self._sample_ma[:] = current_ma
            self._sample_at = now_ms
        else:
            self._next_ma[:] = current_ma
            self._next_at = now_ms
        over = max(current_ma[: self._rules.phases]) > self.limit_ma
        if over and not chargers.any_unasked():
            self._judge(now_ms, current_ma, None, chargers)
        return over

    def update(self, now_ms: int, chargers) -> None:
        """Bring `ma` up to date with what has been read since the last call."""
        if self.meter == METER_NONE:
            return
        stale_ms = self._rules.stale_ms
        if age_ms(now_ms, self.grid_at) > stale_ms:
            waited_ms = age_ms(now_ms, self._waiting_since)
            if self.meter != METER_WAITING or waited_ms > self._rules.first_ms:
                self._lose_meter()
            return
        while self._sample_at is not None and chargers.all_read_since(self._sample_at):
            if not chargers.is_forgotten(self._sample_at):
                self._judge(now_ms, self._sample_ma, self._sample_at, chargers)
            self._sample_ma[:] = self._next_ma
            self._sample_at = self._next_at
            self._next_at = None

    def _lose_meter(self) -> None:
        self.meter = METER_STALE
        self.grid_at = None
        self._sample_at = None
        self._next_at = None
        self._forget()
        self._grant(self._rules.loss_ma)  # a value that a person chose for this

    def _judge(self, now_ms, grid_ma, at_ms, chargers) -> None:
        """One sample becomes one value a phase in the windows. at_ms None: it cannot wait."""
        settled = at_ms is not None
        first = self.meter != METER_FINE  # then there is no budget yet that could stay
        frozen = not first and chargers.any_awaited()
        doubtful = chargers.any_doubtful() or freshness.any_stands(now_ms, chargers)
        doubtful = doubtful and not first
        hasty = not settled and not first
        if first or (self._was_frozen and not frozen):
            self.meter = METER_FINE
            self._forget()  # what was believed meanwhile was a guess
        self._was_frozen = frozen
        self._to_raise.advance(now_ms)
        self._to_start.advance(now_ms)
        self.may_raise = self._to_raise.full
        self.may_start = self._to_start.full
        if settled and not first:
            self._bound(grid_ma, chargers)
        for phase in range(self._rules.phases):
            below = grid_ma[phase] <= self.limit_ma
            here = self.limit_ma - grid_ma[phase] + chargers.sure_draw_ma(phase, at_ms)
            if frozen:
                # Who is silent may draw less than he last did, and the house that much more.
                here = min(here, self.ma[phase])
            elif here > self.ma[phase] and (doubtful or (hasty and below)):
                continue  # the same, but it may answer in a moment; or others are above the limit
            believed = here
            if settled:
                if first or not chargers.any_in_motion(phase):
                    self._left_out[phase] = 0
                elif self._left_out[phase] < _MOST_LEFT_OUT:
                    self._left_out[phase] += 1
                    continue
                else:
                    here = believed = min(here, self.ma[phase])  # while cars ramp it only lowers
                before = self._before_ma[phase]
                if before != EMPTY and below:
                    believed = max(here, min(before, self.ma[phase]))
                if here > self.ma[phase] and not first:  # two must show that there is more, too
                    before = self.ma[phase] if before == EMPTY else before
                    believed = max(self.ma[phase], min(here, before))
                self._before_ma[phase] = here
            elif hasty:
                believed = min(here, self.ma[phase])  # the higher reading may flatter
            self._to_raise.put(phase, believed)
            self._to_start.put(phase, believed)
        self._conclude(frozen)

    def _bound(self, grid_ma, chargers) -> None:
        """However cars ramped around the sample: so much was free then."""
        for phase in range(self._rules.phases):
            free_ma = self.limit_ma - grid_ma[phase]
            self._sure_ma[phase] = free_ma + chargers.least_draw_ma(phase)

    def _conclude(self, frozen) -> None:
        """From the windows to what may be shared."""
        for phase in range(self._rules.phases):
            lowest = self._to_raise.lowest(phase)
            if lowest != EMPTY:
                lowest = self._within(lowest)
                self.ma[phase] = min(self.ma[phase], lowest) if frozen else lowest
            self.rise_ma[phase] = self._within(min(self.ma[phase], self._sure_ma[phase]))
            lowest = self._within(self._to_start.lowest(phase))
            self.start_ma[phase] = min(self.rise_ma[phase], lowest)

    def _within(self, ma) -> int:
        """What others export does not make the circuit's own wires thicker."""
        return max(0, min(ma, self.limit_ma))

    def _grant(self, ma) -> None:
        """The same on all phases, at once."""
        for phase in range(self._rules.phases):
            self.ma[phase] = self.rise_ma[phase] = self.start_ma[phase] = ma
        self.may_raise = self.may_start = True

    def _forget(self) -> None:
        """Start new windows: nothing rises until they are full."""
        self._before_ma[:] = [EMPTY] * 3
        self._sure_ma[:] = [0] * 3
        self._to_raise.start(self._rules.raise_after_ms)
        self._to_start.start(self._rules.start_after_ms)
        self.may_raise = self.may_start = False
