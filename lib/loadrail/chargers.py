# What is known of each charger, in columns: one list a fact, one place a charger.
#
# Currents are mA, times are the core's milliseconds, None is "not known". Nothing here decides.
# Its parts: draws.py (what they draw), image.py (their registers and caps), abilities.py (what
# they can do over Modbus), watchdogs.py (their own watchdogs), settling.py (limits that they have
# left).

from loadrail import columns, demand
from loadrail.abilities import Abilities
from loadrail.clock import age_ms
from loadrail.draws import Draws
from loadrail.image import Image
from loadrail.phases import ALL, ORDERS, mask_of
from loadrail.presence import DOUBTFUL, NEVER, ONLINE, RELEASED, SILENT
from loadrail.registers import NO_CAR
from loadrail.settling import DRAW_TOLERANCE_MA, Settling
from loadrail.watchdogs import Watchdogs

_CONFIGURED = ("address", "order", "mask", "min_a", "min_3p_a", "max_a", "priority") + (
    "sun_for",
    "_pair",
    "_one",
    "remembered",
)

_DOUBTFUL_AFTER = 2  # misses in a row
_SILENT_AFTER = 4  # at 10 % lost frames once in 10,000 cycles


class Chargers(Draws, Image, Abilities, Watchdogs, Settling):
    """The columns, `n` long; those named for phases are 3n long, charger by charger."""

    def __init__(self, n: int):
        for part in (Draws, Image, Abilities, Watchdogs, Settling):
            part.__init__(self, n)
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
        self.wrote_at = [None] * n  # last acknowledged write of its limit; None = due at once
        self.in_doubt = [False] * n  # a limit was sent, and not answered yet
        self.proven_ma = [None] * n  # the limit that was read back last
        self.unproven = [False] * n  # what it acknowledged since is another one
        self.balks = [0] * n  # times in a row that it did not take its limit
        # what it says
        self.presence = [NEVER] * n
        self.misses = [0] * n  # in a row
        self.garbled = [0] * n  # answers in a row that came damaged
        self.turn_ms = [None] * n  # its slowest turnaround of late
        self.heard_at = [None] * n  # last valid answer
        self.fed_at = [None] * n  # last frame that may have fed its watchdog at its present limit
        self.known = [False] * n  # its settings were read since it came (back)
        self.unwritten = [False] * n  # its limit, since it is known
        self.undecided = [False] * n  # whether the limit found may stay; until a decision
        self.check = [False] * n  # its settings are to be read soon
        self.beyond_ma = [0] * n  # the most that its car took beyond a limit, if little
        self.told = [False] * n  # a silence of it was told
        self.who = [None] * n  # its serial number and firmware, as one number
        self.status = [9] * n  # evse_status
        self.phase_to_use = [None] * n  # as read back
        self.overrides = [0] * n  # times somebody else changed one of its settings
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
        self._add_judgements(n)

    def _add_judgements(self, n) -> None:
        # whether its answers are alive, see freshness.py
        self.clock_s = [0] * n  # evse_status_time
        self.clock_at = [None] * n  # when it was new
        self.clock_runs = [False] * n  # it was seen to move
        self.still_reads = [0] * n  # reads since in which it had not
        self.frozen = [False] * n
        # more drawn than allowed, see overdraw.py
        self.over_at = [None] * n
        self.over_told = [False] * n
        self.paused_at = [None] * n
        self.pauses = [0] * n
        # what holds it beside the budget, set before each decision
        self.hold = [0] * n  # a reason (reasons.py) to stay at 0 A; 0 = none
        self.hold_s = [0] * n  # for how long still
        self.hold_room = [0] * n  # what else the reason's sentence needs
        self.most_a = [32] * n
        self.sun_for = [None] * n  # phases that the surplus would carry; None: no matter of it
        self.most_why = [0] * n  # a reason, where most_a is less than that
        self.most_room = [0] * n  # what else its sentence needs
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
        """Take over what charger `k` of an `old` table knows; the configuration is our own. Its
        watchdog is written anew only where another one is wanted: somebody may configure every
        minute, and it may be kept in a flash."""
        columns.inherit(self, i, old, k, old.n, _CONFIGURED)
        if self.wanted != old.wanted:
            self.settings_fine[i] = False

    # --- what it says

    def read_status(self, i: int, now_ms: int, status: int, terminal_ma) -> None:
        """Take its evse_status and the currents of its three terminals, mA."""
        if status != self.status[i] or self.status_at[i] is None:
            self.status[i] = status
            self.status_at[i] = now_ms
        self.read_currents(i, now_ms, terminal_ma)
        self._learn(i, now_ms)
        if status == NO_CAR:
            self.beyond_ma[i] = 0
            self.rest_at[i] = None
            demand.forget(i, self)
            self.seen_cap_a[i] = 32
        self._settle_by_reading(i, now_ms)

    def _learn(self, i, now_ms) -> None:
        """How exactly its car follows. More than a little is overdraw.py's."""
        allowed_ma = self.allowed_ma(i, now_ms)
        beyond_ma = self.most_drawn_ma(i) - allowed_ma
        if self.beyond_ma[i] < beyond_ma <= max(allowed_ma // 10, DRAW_TOLERANCE_MA):
            self.beyond_ma[i] = beyond_ma

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
            self.in_doubt[i] = True
        if limit_ma is None or failsafe_ma is None or limit_ma > failsafe_ma:
            self.fed_at[i] = now_ms

    def acknowledged(self, i: int, now_ms: int, limit_ma: int) -> None:
        """It confirmed this limit. A lower one may still take a while to reach the car. From one
        who did not take the last one only what is read back counts."""
        self.unproven[i] = limit_ma != self.proven_ma[i]
        if self.balks[i] and self.proven_ma[i] is not None:
            limit_ma = max(limit_ma, self.proven_ma[i])
        if limit_ma < self.held_ma[i]:
            self._leave(i, now_ms)
        self.held_ma[i] = limit_ma
        self.in_doubt[i] = self.unwritten[i] = False
        self.wrote_at[i] = now_ms

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
        """It gave a valid answer. After a silence its settings must be read again: it may have
        been a restart, after which they may be others."""
        if self.presence[i] in (NEVER, SILENT, RELEASED):
            self.known[i] = False
        elif self.misses[i]:
            self.check[i] = True
        self.presence[i] = ONLINE
        self.misses[i] = 0
        self.garbled[i] = 0
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
        self.mask[i] = mask_of(self.order[i])  # another car may come unseen
        self.held_ma[i] = max(self.held_ma[i], self.failsafe_ma[i] or 0)

    def cap(self, i: int, most_a: int, why: int, room: int = 0) -> None:
        """It may have `most_a` A at most until the next decision; of several the least counts."""
        if most_a < self.most_a[i]:
            self.most_a[i] = most_a
            self.most_why[i] = why
            self.most_room[i] = room

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
            self._settle_by_time(i, now_ms)
            if self.presence[i] in (ONLINE, DOUBTFUL):
                if age_ms(now_ms, self.heard_at[i]) >= silent_ms or self._starves(i, now_ms):
                    self._fall_silent(i)
            elif self.presence[i] == SILENT and self.watchdog_over_in_ms(i, now_ms) == 0:
                self.presence[i] = RELEASED
                self.held_ma[i] = max(self.failsafe_ma[i], self.limit_ma[i])
                self._settled(i)
                # What it draws is bounded by what it holds; the last reading says no more, but
                # for how exactly its car follows.
                most_ma = self.held_ma[i] + self.beyond_ma[i] if self.beyond_ma[i] else 0
                for phase in range(3):
                    self.draw_ma[3 * i + phase] = most_ma if self.mask[i] >> phase & 1 else 0
