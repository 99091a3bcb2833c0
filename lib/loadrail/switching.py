# Switching chargers between one phase and three, safely (S11): the sequence of switch_states.py.
#
# One phase is always terminal 1, on the grid's phase order[0]. The caller owes: `seen` after each
# reading of currents, `step` once a decision, `code_to_write` at the moment of sending, `wrote`
# after its acknowledgement, a read of the settings soon where `read_back_due`, and `able`.
# `c` is Chargers; c.phase_to_use is what was read last, None = not known. Columns, ms.

from loadrail.clock import age_ms, clip
from loadrail.presence import DOUBTFUL, ONLINE
from loadrail.registers import NO_CAR
from loadrail.switch_states import (
    ALL,
    CONFIRM,
    FAILED,
    FOLLOWED,
    IDLE,
    LOCKED,
    RAMP,
    START,
    STOP,
    TABLE,
    WAIT,
    WRITE,
    defies,
    drawn,
    flows,
    is_away,
    is_calm,
    mask_with,
)

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# Why a switch is refused; 0 = it is not
MAY_NOT = const(1)
IS_LOCKED = const(2)
IS_BUSY = const(3)
NOT_KNOWN = const(4)
IS_SO = const(5)
TOO_SOON = const(6)
TOO_OFTEN = const(7)
REFUSAL_TEXTS = (
    "",
    "it may not be switched, cannot, or is not wired to three phases",
    "it failed twice and is to be unlocked first",
    "a switch is under way",
    "it is not known what it is set to",
    "it is set so already",
    "the last switch is too recent",
    "it was switched too often in this session",
)

_MOST_FAILURES = 2
_PASSES_MS = 15_000  # by then a charger that changed by itself, and its car, are through with it


class Switching:
    """The switches of `n` chargers."""

    def __init__(self, n: int):
        self.n = n
        self.allowed = [False] * n
        self.able = [False] * n  # as registers 10 and 11 say
        self.wait_ms = [90_000] * n
        self.pause_ms = [300_000] * n  # between two switches
        self.most = [6] * n  # switches in a session
        self.state = [IDLE] * n
        self.since_at = [None] * n  # when that began
        self.begun_at = [None] * n  # when the switch did
        self.ended_at = [None] * n  # when the last one ended; None = not known
        self.zero_at = [None] * n  # since when its limit has been 0 and acknowledged
        self.flow_at = [None] * n  # its last reading with current
        self.code = [None] * n  # its phase_to_use
        self.other = [None] * n  # another that it may be at, or was at just now
        self.target = [ALL] * n  # of the last switch
        self.why = [0] * n  # it has its code: see switch_wishes.py, or FOLLOWED; 0 = found so
        self.sent = [False] * n  # the target may have reached it
        self.wide = [False] * n  # it used phases that it should not: all are booked
        self.switches = [0] * n  # in this session
        self.failures = [0] * n
        self.failed_in = [IDLE] * n
        self.followed = [0] * n  # times that it changed by itself

    def configure(self, i: int, allowed: bool, wait_ms=90_000, pause_ms=300_000, most=6) -> None:
        """Take its configuration; what is under way is broken off, a lock is lifted."""
        self.allowed[i] = allowed
        self.wait_ms[i] = wait_ms
        self.pause_ms[i] = pause_ms
        self.most[i] = most
        if self.state[i] not in (IDLE, LOCKED):
            self.code[i] = self.ended_at[i] = None
            self.sent[i] = False
        self.state[i] = IDLE
        self.unlock(i)

    def inherit(self, i: int, old, k: int) -> None:
        """Take over what charger `k` of an `old` table leaves; to be configured afterwards."""
        for name, column in old.__dict__.items():
            if name != "n":
                getattr(self, name)[i] = column[k]

    def unlock(self, i: int) -> None:
        """The operator has looked after what failed."""
        self.failures[i] = 0
        self.wide[i] = False
        if self.state[i] == LOCKED:
            self.state[i] = IDLE

    # --- to begin

    def refusal(self, i: int, now_ms: int, c, code: int) -> int:
        """Why a switch to `code`, ONE or ALL, cannot begin now; 0 = it can."""
        if not self._may(i, c):
            return MAY_NOT
        if self.state[i] != IDLE:
            return IS_LOCKED if self.state[i] == LOCKED else IS_BUSY
        if is_away(self, i, now_ms, c) or c.phase_to_use[i] != self.code[i]:
            return NOT_KNOWN
        if code == self.code[i]:
            return IS_SO
        if self.ended_at[i] is None or age_ms(now_ms, self.ended_at[i]) < self.pause_ms[i]:
            return TOO_SOON
        return TOO_OFTEN if self.switches[i] >= self.most[i] else 0

    def want(self, i: int, now_ms: int, c, code: int, why: int) -> bool:
        """Begin a switch to ONE or ALL; False where `refusal` says why not."""
        if self.refusal(i, now_ms, c, code):
            return False
        self.target[i] = self.other[i] = code
        self.why[i] = why
        self.begun_at[i] = now_ms
        self.zero_at[i] = None
        self._enter(i, now_ms, RAMP if c.limit_ma[i] or c.held_ma[i] else STOP)
        return True

    def _may(self, i, c) -> bool:
        return self.allowed[i] and self.able[i] and len(c.order[i]) == 3

    # --- to go on

    def seen(self, i: int, c) -> None:
        """A reading of its currents was taken."""
        if flows(i, c):
            self.flow_at[i] = c.draw_at[i]

    def step(self, i: int, now_ms: int, c) -> "int | None":
        """Go on; returns DONE, QUIT, FAILED or FOLLOWED where something ended so, else None."""
        self.seen(i, c)
        if self.ended_at[i] is None:
            self.ended_at[i] = now_ms  # nobody knows when it was switched last
        if c.presence[i] == ONLINE and c.status[i] == NO_CAR:
            self.switches[i] = 0
        if self.state[i] in (IDLE, LOCKED):
            return self._rest(i, now_ms, c)
        if c.limit_ma[i] or c.held_ma[i]:
            self.zero_at[i] = None
        elif self.zero_at[i] is None:
            self.zero_at[i] = now_ms
        following = self._next(i, now_ms, c)
        if following is None:
            return None
        if following <= LOCKED:
            self._enter(i, now_ms, following)
            return None
        return self._end(i, now_ms, c, following)

    def _rest(self, i, now_ms, c) -> "int | None":
        """No switch is under way: keep up with what it is set to, and with what it does."""
        if is_away(self, i, now_ms, c):
            return None
        if c.phase_to_use[i] != self.code[i]:
            return self._follow(i, now_ms, c)
        if age_ms(now_ms, self.since_at[i]) < _PASSES_MS:
            return None
        self.other[i] = None
        if self.wide[i] or not defies(self, i, now_ms, c):
            return None
        self.wide[i] = True
        self.followed[i] += 1
        return FOLLOWED

    def _next(self, i, now_ms, c) -> "int | None":
        _, ends, most_ms, late = TABLE[self.state[i]]
        for is_so, following in ends:
            if is_so(self, i, now_ms, c):
                return following
        if most_ms is not None and age_ms(now_ms, self.since_at[i]) >= most_ms:
            return late
        return None

    def _enter(self, i, now_ms, state) -> None:
        self.state[i] = state
        self.since_at[i] = now_ms
        if state == START:
            self.code[i] = self.target[i]
            self.other[i] = None
            self.sent[i] = False

    def _end(self, i, now_ms, c, how) -> int:
        if how == FAILED:
            self.failures[i] += 1
            self.failed_in[i] = self.state[i]
            self.wide[i] = self.wide[i] or self.state[i] == START
        self.sent[i] = False
        self._enter(i, now_ms, LOCKED if self.failures[i] >= _MOST_FAILURES else IDLE)
        self.ended_at[i] = now_ms
        if how == FOLLOWED:
            self._follow(i, now_ms, c)
        else:
            self.code[i] = c.phase_to_use[i]
        return how

    def _follow(self, i, now_ms, c) -> "int | None":
        """Adopt what it says it is set to; nobody writes it back."""
        before = self.code[i]
        self.code[i] = c.phase_to_use[i]
        self.since_at[i] = now_ms
        if before is None:
            return None  # read for the first time, or again
        self.other[i] = before
        self.why[i] = FOLLOWED
        self.followed[i] += 1
        self.ended_at[i] = now_ms
        return FOLLOWED

    # --- what it means for others

    def most_a(self, i: int, min_a: int) -> "int | None":
        """What its limit may be at most for the switch's sake; None = as much as its share."""
        if self.must_be_zero(i):
            return 0
        return min_a if self.state[i] in (RAMP, START) else None

    def must_be_zero(self, i: int) -> bool:
        return TABLE[self.state[i]][0]

    def masks(self, i: int, c) -> int:
        """The phases to be booked for it: until a switch is confirmed the old and the new ones
        together, all where it is not known, and always those on which it draws."""
        order = c.order[i]
        if c.presence[i] not in (ONLINE, DOUBTFUL) or not c.known[i] or self.wide[i]:
            return mask_with(None, order) | drawn(i, c)
        mask = mask_with(self.code[i], order) | drawn(i, c)
        return mask if self.other[i] is None else mask | mask_with(self.other[i], order)

    def any_to_write(self) -> bool:
        """Whether `code_to_write` may have one for anybody."""
        return WRITE in self.state

    def code_to_write(self, i: int, now_ms: int, c) -> "int | None":
        """The phase_to_use that the caller sends to it now, or None: the last look of S11.

        From here on it may be at either value, so c.phase_to_use is None until read again.
        """
        if self.state[i] != WRITE or not self._may(i, c) or c.presence[i] != ONLINE:
            return None
        if is_away(self, i, now_ms, c) or not is_calm(self, i, now_ms, c):
            return None
        if c.phase_to_use[i] not in (None, self.code[i]):
            return None
        if not self.sent[i]:
            self.sent[i] = True
            self.switches[i] += 1
        c.phase_to_use[i] = None
        return self.target[i]

    def wrote(self, i: int, now_ms: int) -> None:
        """It acknowledged that write."""
        if self.state[i] == WRITE:
            self._enter(i, now_ms, CONFIRM)

    def read_back_due(self, i: int, c) -> bool:
        """Whether its settings should be read soon."""
        return self.sent[i] or c.phase_to_use[i] is None

    def countdown_s(self, i: int, now_ms: int) -> int:
        """Until its state ends at the latest; between switches, until the next one may begin."""
        state = self.state[i]
        since_at, most_ms = self.since_at[i], TABLE[state][2]
        if state == WAIT:
            most_ms = self.wait_ms[i]
        elif most_ms is None:
            since_at, most_ms = self.ended_at[i], self.pause_ms[i]
        return (max(0, most_ms - age_ms(now_ms, since_at)) + 999) // 1000

    def clip_stamps(self, now_ms: int) -> None:
        """Once in a while, see clock.clip."""
        for name, column in self.__dict__.items():
            if name.endswith("_at"):
                for i in range(self.n):
                    column[i] = clip(now_ms, column[i])
