# What is known of each charger, in columns: one list a fact, one place a charger.
#
# Currents are mA, times are the core's milliseconds, None is "not known". Nothing here decides.
# draws.py holds the part on what they draw.

from loadrail import demand
from loadrail.clock import FOREVER_MS, age_ms, clip, diff_ms
from loadrail.draws import Draws
from loadrail.phases import ALL, ORDERS, mask_of
from loadrail.presence import DOUBTFUL, NEVER, ONLINE, RELEASED, SILENT
from loadrail.registers import NO_CAR

_CONFIGURED = ("n", "address", "order", "mask", "min_a", "min_3p_a", "max_a", "priority")

_DOUBTFUL_AFTER = 2  # misses in a row
_SILENT_AFTER = 4  # at 10 % lost frames once in 10,000 cycles
_SETTLE_MS = 5000  # S2: a charger may take 5 s to pass a lower limit on (IEC 61851-1)
_REACT_MS = 10_000  # after its watchdog: 5 s for the charger's signal, 5 s for the car
_DRAW_TOLERANCE_MA = 500  # of a current that follows its limit


class Chargers(Draws):
    """The columns, `n` long; those named for phases are 3n long, charger by charger."""

    def __init__(self, n: int):
        Draws.__init__(self, n)
        self.n = n
        # from the configuration
        self.address = [0] * n
        self.order = [()] * n  # see phases.ORDERS
        self.mask = [ALL] * n  # phases that it may load
        self.min_a = [6] * n  # on one or two phases
        self.min_3p_a = [6] * n  # on three
        self.max_a = [32] * n
        self.priority = [5] * n  # 0 comes first, 9 last
        # what it was told
        self.limit_ma = [0] * n  # commanded
        self.held_ma = [0] * n  # the most that it may hold as its limit
        self.settle_ma = [0] * n  # a limit it has left, but may not have passed on yet
        self.settle_at = [None] * n
        self.wrote_at = [None] * n  # last acknowledged write of its limit
        self.raised_at = [None] * n
        # what it says
        self.presence = [NEVER] * n
        self.misses = [0] * n  # in a row
        self.heard_at = [None] * n  # last valid answer
        self.fed_at = [None] * n  # last frame that may have fed its watchdog at its present limit
        self.known = [False] * n  # the slow block was read since it came (back)
        self.status = [9] * n  # evse_status
        self.timeout_ms = [None] * n  # its watchdog; 0 = off
        self.failsafe_ma = [None] * n
        self.amp_limit_a = [32] * n  # the most that it can supply
        self.overrides = [0] * n  # times somebody else changed its limit
        # what its car makes of it, see demand.py
        self.demand_a = [None] * n  # all that it is given; None = as much as it can get
        self.under_at = [None] * n  # since when it has drawn clearly less than its limit
        self.probed_at = [None] * n  # when that was measured
        self.narrow = [0] * n  # phases in use, fewer than `mask`
        self.narrow_at = [None] * n  # since when
        # turns, see turns.py
        self.turn_at = [None] * n  # when its turn began
        self.wait_at = [None] * n  # since when it has waited for one
        self.status_at = [None] * n  # since when it has had this status
        # why
        self.reason = [0] * n
        self.reason_room = [0] * n  # see sharing.py; 0..2 are the phases
        self.reason_value = [0] * n  # mA or a count, as the reason says
        self.reason_s = [0] * n  # a time to come, in seconds

    def place(self, i: int, row: dict) -> None:
        """Configure charger `i` from its row of the configuration. Its limit is unknown until
        heard: its maximum is booked."""
        self.address[i] = row["address"]
        self.order[i] = ORDERS[row["phases"]]
        self.mask[i] = mask_of(self.order[i])
        self.min_a[i] = row["min_a"]
        self.min_3p_a[i] = max(row["min_a"], row["min_3p_a"])
        self.max_a[i] = row["max_a"]
        self.priority[i] = row["priority"]
        self.held_ma[i] = row["max_a"] * 1000

    def inherit(self, i: int, old, k: int) -> None:
        """Take over what charger `k` of an `old` table knows; the configuration is our own."""
        for name, column in old.__dict__.items():
            if name in _CONFIGURED:
                continue
            mine = getattr(self, name)
            if len(column) == 3 * old.n and old.n != len(column):
                mine[3 * i : 3 * i + 3] = column[3 * k : 3 * k + 3]
            else:
                mine[i] = column[k]

    # --- what it says

    def read_status(self, i: int, now_ms: int, status: int, terminal_ma) -> None:
        """Take its evse_status and the currents of its three terminals, mA."""
        if status != self.status[i] or self.status_at[i] is None:
            self.status[i] = status
            self.status_at[i] = now_ms
        self.read_currents(i, now_ms, terminal_ma)
        if status == NO_CAR:
            demand.forget(i, self)
        self._settle(i, now_ms)

    # --- what it was told

    def sending(self, i: int, now_ms: int, limit_ma: "int | None") -> None:
        """A frame goes out to it, with this limit or with none: from now on it may hold the limit,
        and its watchdog may start anew (what feeds it is not documented).

        A limit up to its failsafe current does not count as feeding: whether it is heard or not,
        what the charger ends at is covered by the failsafe current that will be booked (S6).
        """
        failsafe_ma = self.failsafe_ma[i]
        if limit_ma is not None:
            self.held_ma[i] = max(self.held_ma[i], limit_ma)
        if limit_ma is None or failsafe_ma is None or limit_ma > failsafe_ma:
            self.fed_at[i] = now_ms

    def acknowledged(self, i: int, now_ms: int, limit_ma: int) -> None:
        """It confirmed this limit. A lower one may still take a while to reach the car."""
        if limit_ma < self.held_ma[i]:
            self.settle_ma[i] = max(self.settle_ma[i], self.held_ma[i])
            self.settle_at[i] = now_ms
        self.held_ma[i] = limit_ma
        self.wrote_at[i] = now_ms

    def _settle(self, i: int, now_ms: int) -> None:
        """A reading after the acknowledgement shows whether the lower limit has arrived."""
        if self.settle_at[i] is None or diff_ms(now_ms, self.settle_at[i]) <= 0:
            return
        at = 3 * i
        if max(self.draw_ma[at : at + 3]) <= self.held_ma[i] + _DRAW_TOLERANCE_MA:
            self.settle_at[i] = None
            self.settle_ma[i] = 0

    # --- what is booked

    def booked_ma(self, i: int, phase: int) -> int:
        """R of S1: the most that it may draw on a phase."""
        draw = self.draw_ma[3 * i + phase]
        if not self.mask[i] >> phase & 1:
            return draw
        return max(self.held_ma[i], self.limit_ma[i], draw)

    def booked_to_raise_ma(self, i: int, phase: int) -> int:
        """The same, and what a lowered limit has not surely freed yet (S2)."""
        if self.mask[i] >> phase & 1:
            return max(self.booked_ma(i, phase), self.settle_ma[i])
        return self.booked_ma(i, phase)

    # --- whether it is there

    def heard(self, i: int, now_ms: int) -> None:
        """It gave a valid answer. After a silence its settings must be read again."""
        if self.presence[i] in (NEVER, SILENT, RELEASED):
            self.known[i] = False
        self.presence[i] = ONLINE
        self.misses[i] = 0
        self.heard_at[i] = now_ms

    def missed(self, i: int) -> None:
        """It gave none."""
        self.misses[i] += 1
        if self.presence[i] in (ONLINE, DOUBTFUL):
            if self.misses[i] >= _SILENT_AFTER:
                self._fall_silent(i)
            elif self.misses[i] >= _DOUBTFUL_AFTER:
                self.presence[i] = DOUBTFUL

    def _fall_silent(self, i: int) -> None:
        """From now on its watchdog may put it to its failsafe current at any time."""
        self.presence[i] = SILENT
        self.held_ma[i] = max(self.held_ma[i], self.failsafe_ma[i] or 0)

    def because(self, i: int, code: int, value=0, room=0, time_s=0) -> int:
        """Note why it has what it has (see reasons.py); returns the code."""
        self.reason[i] = code
        self.reason_value[i] = value
        self.reason_room[i] = room
        self.reason_s[i] = time_s
        return code

    # --- time

    def age(self, now_ms: int, silent_ms: int) -> None:
        """Let time work: settled limits, silence, and watchdogs that have surely run out (S6)."""
        for i in range(self.n):
            if self.settle_at[i] is not None and age_ms(now_ms, self.settle_at[i]) >= _SETTLE_MS:
                self.settle_at[i] = None
                self.settle_ma[i] = 0
            if self.presence[i] in (ONLINE, DOUBTFUL):
                if age_ms(now_ms, self.heard_at[i]) >= silent_ms:
                    self._fall_silent(i)
            elif self.presence[i] == SILENT and self._watchdog_over(i, now_ms):
                self.presence[i] = RELEASED
                self.held_ma[i] = max(self.failsafe_ma[i], self.limit_ma[i])
                self.settle_at[i] = None
                self.settle_ma[i] = 0
                # What it draws is bounded by what it holds; the last reading says no more.
                self.draw_ma[3 * i : 3 * i + 3] = [0, 0, 0]

    def _watchdog_over(self, i: int, now_ms: int) -> bool:
        timeout_ms = self.timeout_ms[i]
        if not timeout_ms or self.failsafe_ma[i] is None:
            return False  # off or never read: for ever
        # Its clock may be 2 % slow.
        return age_ms(now_ms, self.fed_at[i]) >= timeout_ms + timeout_ms // 50 + _REACT_MS

    def watchdog_over_in_ms(self, i: int, now_ms: int) -> "int | None":
        """How long a silent charger's watchdog still has, at most; None = for ever."""
        if not self.timeout_ms[i]:
            return None
        total_ms = self.timeout_ms[i] + self.timeout_ms[i] // 50 + _REACT_MS
        return max(0, total_ms - age_ms(now_ms, self.fed_at[i]))

    def clip_stamps(self, now_ms: int) -> None:
        """Once in a while, so that no stamp outlives the counter (see clock.clip)."""
        for name, column in self.__dict__.items():
            if name.endswith("_at"):
                for i in range(self.n):
                    column[i] = clip(now_ms, column[i])


assert FOREVER_MS > 600_000 + _REACT_MS  # the longest watchdog that can be set
