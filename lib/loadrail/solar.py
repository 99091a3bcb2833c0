# Charging on the surplus: before each decision, the most that each charger in a solar mode may
# have, or that it must wait. The circuit's budget comes after it and is always on top.
#
# Modes (maker's document on load management): `solar` only what is left over, from its minimum on;
# `eco_plus` begins at eco_plus_min_a of it, and the grid adds up to the minimum; `eco` has
# eco_min_a at once, and more with more sun; `off` nothing. The first two have timers: on a
# shortage a charger holds its minimum for hold_ms, and then stops; enough again must last for
# resume_ms. The shortage runs up and, with enough sun, down again, and a gap of some seconds does
# not end the wait: so clouds restart neither. mA, A, ms; columns, as in chargers.py.

from loadrail import claims, overdraw, reasons
from loadrail.clock import age_ms, clip
from loadrail.presence import DOUBTFUL, ONLINE
from loadrail.registers import SHORT_NEW
from loadrail.sharing import NO_LIMIT, ROOMS, SUM, room_for, take
from loadrail.solar_places import Places, share, suit_phases, take_part
from loadrail.solar_surplus import KEEP_MS, Surplus
from loadrail.switch_states import IDLE, LOCKED, mask_with

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


FAST, OFF, SOLAR, ECO_PLUS, ECO = range(5)
MODES = ("fast", "off", "solar", "eco_plus", "eco")  # as chargers[].solar_mode has them

UNKNOWN = 2047  # tenths of an ampere; more than any surplus that is shown

_FLICKER_MS = const(5000)
_LONGEST_STEP_MS = const(5000)
_KEPT = ("on", "fresh", "new", "is_short", "short_ms", "fit_at", "gap_at", "turn_at", "wait_at")


def made_of(rows: list, group: dict, old, old_c) -> "Solar":
    """A table for these rows, which takes over what an `old` one (or None) knows of the chargers
    that stay; `old_c` are the Chargers of that time."""
    new = Solar(len(rows), group)
    same = old is not None and len(rows) == old.n and old.surplus.summed == new.surplus.summed
    for i, row in enumerate(rows):
        new.configure(i, row)
        known = old is not None and row["address"] in old_c.address
        k = old_c.address.index(row["address"]) if known else None
        if known:
            new.inherit(i, old, k)
        same = same and known and (old.mode[k] <= OFF) == (new.mode[i] <= OFF)
    if same:  # else other draws count in it
        new.surplus = old.surplus
    return new


def pack(surplus_ma: "int | None", amps_a: int, time_ms: int) -> int:
    """Surplus (0..204 A, None: not known), amperes (0..63) and a time (up to 4095 s) as one
    number below 2**30."""
    tenths = UNKNOWN if surplus_ma is None else min(UNKNOWN - 1, max(0, surplus_ma) // 100)
    return tenths << 18 | min(63, amps_a) << 12 | min(4095, (time_ms + 999) // 1000)


class Solar:
    """The solar modes of `n` chargers."""

    def __init__(self, n: int, group: dict):
        self.n = n
        self.hold_ms = group["solar_hold_s"] * 1000
        self.resume_ms = group["solar_resume_s"] * 1000
        self.mode = [FAST] * n
        self.plus_a = [1] * n
        self.eco_a = [6] * n
        self.on = [False] * n  # the sun lets it charge
        self.fresh = [True] * n  # it has not stopped for want of sun: it need not wait
        self.new = [True] * n  # this mode is: whether it charges is still to be seen
        self.is_short = [False] * n  # it charges with too little sun
        self.short_ms = [0] * n  # for how long; with enough it runs down again
        self.fit_at = [None] * n  # since when there is enough for it
        self.gap_at = [None] * n  # since when there is not, but for too short
        self.turn_at = [None] * n
        self.wait_at = [None] * n
        # of one decision
        self.mask = [7] * n
        self.low_a = [6] * n
        self.need_a = [6] * n  # of surplus, to go on or to begin
        self.cap_a = [32] * n
        self.share_a = [0] * n  # what it has of the surplus
        self.surplus = Surplus(group["surplus"] == "sum", group["meter_stale_s"] * 1000)
        self.places = Places(n, group, self.resume_ms)
        self._equal = group["sharing"] == "equal"
        self._counts = [False] * n
        self._left = [0] * ROOMS
        self._at = None

    def configure(self, i: int, row: dict) -> None:
        self.mode[i] = MODES.index(row["solar_mode"])
        self.plus_a[i] = row["eco_plus_min_a"]
        self.eco_a[i] = row["eco_min_a"]

    def inherit(self, i: int, old, k: int) -> None:
        """Take over what charger `k` of an `old` table leaves, after `configure`. Another mode
        begins anew."""
        if self.mode[i] == old.mode[k]:
            for name in _KEPT:
                getattr(self, name)[i] = getattr(old, name)[k]

    def clip_stamps(self, now_ms: int) -> None:
        """Once in a while, see clock.clip."""
        for name in _KEPT:
            if name.endswith("_at"):
                column = getattr(self, name)
                for i in range(self.n):
                    column[i] = clip(now_ms, column[i])

    def update(self, now_ms: int, c, budget, switching) -> None:
        """Cap or hold all chargers in a solar mode. After holds.update, before the allocator."""
        step_ms = min(_LONGEST_STEP_MS, age_ms(now_ms, self._at))
        self._at = now_ms
        wanting, idle = self._claims(now_ms, c, switching)
        self.surplus.update(now_ms, c, budget, self._counts)
        left = self._rooms(self.surplus.now_ma)
        order, started = self._start(now_ms, wanting, left, c)
        running, rest = self._keep(now_ms, step_ms, order, started, left)
        suit_phases(self, wanting, running, rest, c, switching)
        share(self, running, self._rooms(self.surplus.ma), self._equal)
        for i in idle:  # nothing flows there: what the others leave is offered, and not taken
            fits = room_for(self.mask[i], self._left) >= self.need_a[i]
            if self.on[i]:
                self._count(i, step_ms, not fits)
            else:
                self._wait(i, now_ms, fits)
        for i in wanting + idle:
            self._set(i, now_ms, c)

    # --- who takes part

    def _claims(self, now_ms, c, switching) -> tuple:
        wanting, idle = [], []
        for i in range(self.n):
            mode = self.mode[i]
            c.sun_for[i] = None
            self.share_a[i] = 0
            if mode == OFF and not c.hold[i]:
                c.hold[i] = reasons.SOLAR_OFF
            if mode <= OFF:
                self._counts[i] = self.on[i] = False
                continue
            there = c.presence[i] in (ONLINE, DOUBTFUL) and c.known[i]
            self._counts[i] = there and not overdraw.runs_away(i, now_ms, c)
            if not there:
                continue
            self._measure(i, now_ms, c, switching)
            why = claims.refuse(i, now_ms, c, self.cap_a[i], self.low_a[i])
            if why is None:
                wanting.append(i)
            elif why == reasons.CAR_STOPPED:
                idle.append(i)
            elif c.hold[i] or c.status[i] > SHORT_NEW:
                self._reset(i)
        return wanting, idle

    def _measure(self, i, now_ms, c, switching) -> None:
        """Its phases and amperes. During a switch those count that it will have."""
        if self.new[i]:
            self._reset(i)
            self.new[i] = False
            self.on[i] = c.limit_ma[i] > 0
        mask = c.mask[i]
        if switching.allowed[i] and switching.state[i] not in (IDLE, LOCKED):
            mask = mask_with(switching.target[i], c.order[i])
        low_a = c.min_3p_a[i] if mask == 7 else c.min_a[i]
        cap_a = min(c.max_a[i], c.cap_a[i], c.most_a[i])
        if c.demand_a[i] is not None and cap_a >= low_a:
            cap_a = min(cap_a, max(low_a, c.demand_a[i]))
        need_a, mode = low_a, self.mode[i]
        if mode == ECO:
            self.on[i], need_a = True, 1
        elif mode == ECO_PLUS:
            need_a = min(low_a if self.on[i] else cap_a, self.plus_a[i])
        self.mask[i], self.low_a[i], self.cap_a[i], self.need_a[i] = mask, low_a, cap_a, need_a

    def _reset(self, i) -> None:
        """It does not charge, and not for want of sun."""
        self.on[i] = self.is_short[i] = False
        self.fresh[i] = True
        self.short_ms[i] = 0
        self.fit_at[i] = self.gap_at[i] = None

    def _rooms(self, surplus_ma) -> list:
        left = self._left
        left[:] = [NO_LIMIT] * ROOMS
        for k in range(len(surplus_ma)):
            here_a = max(0, surplus_ma[k]) // 1000 if self.surplus.known else 0
            left[SUM if self.surplus.summed else k] = here_a
        return left

    # --- who charges

    def _start(self, now_ms, wanting, left, c) -> tuple:
        """Promise what there is, and let those begin whose time has come: (all in the order in
        which they are served, those who have begun)."""
        choose = self.places.equal if self._equal else self.places.priority_order
        order, promised = choose(now_ms, wanting, list(left), self, c)
        started = []
        for i in wanting:
            if not self.on[i]:
                self._wait(i, now_ms, i in promised)
                if self.on[i]:
                    started.append(i)
        return order, started

    def _wait(self, i, now_ms, fits) -> None:
        """One who does not charge: has there been enough for him for long enough?"""
        if not fits:
            if self.gap_at[i] is None:
                self.gap_at[i] = now_ms
            if age_ms(now_ms, self.gap_at[i]) >= _FLICKER_MS:
                self.fit_at[i] = None
            return
        self.gap_at[i] = None
        if self.fit_at[i] is None:
            self.fit_at[i] = now_ms
        if age_ms(now_ms, self.fit_at[i]) >= self._lasts_ms(i):
            self._reset(i)
            self.on[i] = True

    def _lasts_ms(self, i) -> int:
        """How long there must be enough before it charges."""
        return min(KEEP_MS, self.resume_ms) if self.fresh[i] else self.resume_ms

    def _keep(self, now_ms, step_ms, order, started, left) -> tuple:
        """Who goes on charging: those who have enough, and those who hold their minimum for a
        while, with what the minimums of all leave."""
        running, rest, begun = [], list(left), False
        for i in order:
            if not self.on[i]:
                continue
            begun = begun or i in started
            room_a = room_for(self.mask[i], rest)
            enough = room_a >= self.need_a[i] or self.mode[i] == ECO
            if not enough and begun and (not self._equal or self.places.is_over(i, now_ms)):
                self._reset(i)  # his place is another's now
                self.fresh[i] = False
                continue
            self._count(i, step_ms, not enough)
            if self.on[i]:
                running.append(i)
                most_a = self.need_a[i] if self._equal else self.cap_a[i]
                self.share_a[i] = min(most_a, room_a)
                if enough:
                    take(self.mask[i], self.share_a[i], rest)
                else:
                    take_part(self.mask[i], most_a, rest)
        return running, rest

    def _count(self, i, step_ms, is_short) -> None:
        """The shortage of one who charges, for the time since the last decision."""
        more_ms = step_ms if self.is_short[i] else -step_ms
        self.short_ms[i] = max(0, self.short_ms[i] + more_ms)
        self.is_short[i] = is_short
        if is_short and self.short_ms[i] >= self.hold_ms:
            self._reset(i)
            self.fresh[i] = False

    # --- what comes of it

    def _set(self, i, now_ms, c) -> None:
        low_a, share_a = self.low_a[i], self.share_a[i]
        if self.on[i]:
            least_a = max(low_a, self.eco_a[i]) if self.mode[i] == ECO else low_a
            why = reasons.SUN_SHARE if share_a >= least_a else reasons.SUN_TOPPED
            time_ms = 0
            if self.is_short[i]:
                why, time_ms = reasons.SUN_SHORT, self.hold_ms - self.short_ms[i]
            most_a = max(least_a, share_a)
            c.cap(i, most_a, why, pack(self.seen_ma(i), most_a, time_ms))
            return
        why, time_ms = reasons.SUN_AWAITED, 0
        if not self.surplus.known:
            why = reasons.SUN_UNKNOWN
        elif self.fit_at[i] is not None:
            why = reasons.SUN_LASTS
            time_ms = self._lasts_ms(i) - age_ms(now_ms, self.fit_at[i])
        elif i in self.places.queue:
            why, time_ms = reasons.SUN_TURN, self.places.wait_ms(i, now_ms)
        c.hold[i] = why
        c.hold_room[i] = pack(self.seen_ma(i), self.need_a[i], max(0, time_ms))

    def seen_ma(self, i: int) -> "int | None":
        """The whole surplus now as `i` could use it, on each of its phases; None: not known."""
        surplus, mask = self.surplus, self.mask[i]
        if not surplus.known:
            return None
        phases = [phase for phase in range(3) if mask >> phase & 1]
        if surplus.summed:
            return surplus.now_ma[0] // len(phases)
        return min([surplus.now_ma[phase] for phase in phases])
