# Why to switch a charger's phases: some rules over what has been so for a while.
#
# A wish is a code for phase_to_use and a reason; switching.py says whether it may be, and how.
# Ask once a decision, after the shares and their reasons, also while a switch is under way: then
# there is no wish, and times begin anew. Rooms are those of sharing.py, A left after the shares of
# all. On doubt there is no wish.

from loadrail import reasons
from loadrail.clock import age_ms, clip
from loadrail.presence import DOUBTFUL, ONLINE
from loadrail.registers import CHARGING, NO_CAR, SHORT_NEW
from loadrail.sharing import SUM, room_for
from loadrail.switch_states import ALL, FOLLOWED, IDLE, LOCKED, ONE, drawn

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# Why; 0 and FOLLOWED are no wishes
CAR_ON_ONE = const(1)
LACK = const(2)
POWER_BACK = const(3)
NEW_CAR = const(4)
LITTLE_SUN = const(5)
MORE_SUN = const(6)

WHY_TEXTS = {
    0: "found so",
    CAR_ON_ONE: "the car uses one phase only",
    LACK: "another phase has too little left",
    POWER_BACK: "all its phases have enough again",
    NEW_CAR: "the car has left",
    LITTLE_SUN: "the sun suffices for one phase only",
    MORE_SUN: "the sun has sufficed for all phases for a while",
    FOLLOWED: "the charger has changed by itself",
}

# A charger that gets 0 A for one of these lacks room; a lost meter is none of them.
_FOR_LACK = (reasons.NO_ROOM, reasons.TURN_AWAITED, reasons.STABLE_AWAITED)


def _is_empty(w, i, c, s, left_a, start_left_a, min_1_a, min_3_a):
    if c.status[i] != NO_CAR:
        return False
    # One that goes back by itself is not fought: once is enough until the next car.
    return s.why[i] != FOLLOWED or not w.was_new[i]


def _is_on_one(w, i, c, s, left_a, start_left_a, min_1_a, min_3_a):
    if c.status[i] != CHARGING or w.was_on_one[i]:
        return False
    # At its minimum, or at the end of its charge, a three-phase car may use one phase only.
    phase = c.order[i][0]
    return drawn(i, c) == 1 << phase and c.draw_ma[3 * i + phase] > min_3_a * 1000


def _lacks(w, i, c, s, left_a, start_left_a, min_1_a, min_3_a):
    if c.status[i] > SHORT_NEW or c.limit_ma[i] or c.reason[i] not in _FOR_LACK:
        return False
    one = 1 << c.order[i][0]
    if min(room_for(one, left_a), room_for(one, start_left_a)) < min_1_a:
        return False
    return min(start_left_a[:SUM]) < min_3_a


def _has_all_back(w, i, c, s, left_a, start_left_a, min_1_a, min_3_a):
    # Only what we have set for want of power is taken back, or for a car that has gone since.
    if s.why[i] in (0, FOLLOWED) or c.sun_for[i] is not None:
        return False
    return _has_room(w, i, c, start_left_a, min_3_a)


def _has_sun_for_all(w, i, c, s, left_a, start_left_a, min_1_a, min_3_a):
    if c.sun_for[i] != 3 or s.why[i] == FOLLOWED:
        return False
    return _has_room(w, i, c, start_left_a, min_3_a)


def _has_sun_for_one(w, i, c, s, left_a, start_left_a, min_1_a, min_3_a):
    if c.sun_for[i] != 1 or c.status[i] > SHORT_NEW:
        return False
    return room_for(1 << c.order[i][0], start_left_a) + c.limit_ma[i] // 1000 >= min_1_a


def _has_room(w, i, c, start_left_a, min_3_a):
    """Whether all phases have enough for a car that is not known to use one alone."""
    if w.was_on_one[i]:
        return False
    if c.status[i] > SHORT_NEW or c.reason[i] == reasons.METER_LOST:
        return False
    own_a = c.limit_ma[i] // 1000
    for phase in range(3):
        has_a = own_a if phase == c.order[i][0] else 0
        if start_left_a[phase] + has_a < min_3_a:
            return False
    return start_left_a[SUM] + own_a >= 3 * min_3_a


# What it is set to, what must be so, for how long, and the wish
_RULES = (
    (ONE, _is_empty, 0, (ALL, NEW_CAR)),
    (ALL, _is_on_one, 60_000, (ONE, CAR_ON_ONE)),
    (ALL, _lacks, 60_000, (ONE, LACK)),
    (ONE, _has_all_back, 120_000, (ALL, POWER_BACK)),
    (ALL, _has_sun_for_one, 60_000, (ONE, LITTLE_SUN)),
    (ONE, _has_sun_for_all, 300_000, (ALL, MORE_SUN)),
)


class Wishes:
    """The wishes of `n` chargers, and since when each rule has held."""

    def __init__(self, n: int):
        self.n = n
        self.empty_at = [None] * n
        self.on_one_at = [None] * n
        self.lack_at = [None] * n
        self.all_back_at = [None] * n
        self.one_sun_at = [None] * n
        self.all_sun_at = [None] * n
        self._columns = (self.empty_at, self.on_one_at, self.lack_at, self.all_back_at) + (
            self.one_sun_at,
            self.all_sun_at,
        )
        self.was_on_one = [False] * n  # in this session; a second time it would be at odds
        self.was_new = [False] * n  # since the last car

    def wish(self, i, now_ms, c, s, left_a, start_left_a, min_1_a, min_3_a) -> "tuple | None":
        """(ONE or ALL, why), or None.

        s: Switching. left_a, start_left_a: rooms for those who charge and for those who would
        have to start. min_1_a, min_3_a: its minimum on one and on three phases, A.
        """
        self._remember(i, c, s)
        may = s.allowed[i] and s.state[i] == IDLE and len(c.order[i]) == 3
        may = may and c.presence[i] in (ONLINE, DOUBTFUL) and c.known[i]
        first = None
        for (code, is_so, lasts_ms, wish), since_at in zip(_RULES, self._columns):
            holds = may and s.code[i] == code
            if not holds or not is_so(self, i, c, s, left_a, start_left_a, min_1_a, min_3_a):
                since_at[i] = None
                continue
            if since_at[i] is None:
                since_at[i] = now_ms
            if first is None and age_ms(now_ms, since_at[i]) >= lasts_ms:
                first = wish
        return first

    def inherit(self, i: int, old, k: int) -> None:
        """Take over what charger `k` of an `old` table leaves."""
        self.was_on_one[i] = old.was_on_one[k]
        self.was_new[i] = old.was_new[k]

    def _remember(self, i, c, s) -> None:
        if c.status[i] == NO_CAR:
            self.was_on_one[i] = False
        else:
            self.was_new[i] = False
        if s.state[i] not in (IDLE, LOCKED):
            self.was_on_one[i] = self.was_on_one[i] or s.why[i] == CAR_ON_ONE
            self.was_new[i] = self.was_new[i] or s.why[i] == NEW_CAR

    def clip_stamps(self, now_ms: int) -> None:
        """Once in a while, see clock.clip."""
        for column in self._columns:
            for i in range(self.n):
                column[i] = clip(now_ms, column[i])
