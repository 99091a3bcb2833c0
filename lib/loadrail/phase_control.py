# Phase switching among the other rules: before a decision it says who is held and which phases are
# booked, after it who should switch. The sequence is switching.py, the reasons switch_wishes.py.
#
# Only chargers that may be switched are touched here; for the others phases are what the currents
# show (demand.py). At most one switch begins a decision, so that two never count on one room.

from loadrail import columns, events, reasons, registers
from loadrail.clock import clip
from loadrail.registers import NO_CAR
from loadrail.switch_states import DONE, FAILED, FOLLOWED, IDLE, LOCKED
from loadrail.switch_wishes import Wishes
from loadrail.switching import Switching


class PhaseControl:
    """Switching and wishes of `n` chargers."""

    def __init__(self, n: int):
        self.switching = Switching(n)
        self.wishes = Wishes(n)
        self._was = [NO_CAR] * n  # evse_status at the last decision

    def configure(self, i: int, row: dict, group: dict) -> None:
        allowed = row["phase_switching"] == "on"
        spans_ms = (group["switch_wait_s"] * 1000, group["switch_pause_s"] * 1000)
        self.switching.configure(i, allowed, *spans_ms, group["switches_per_session"])

    def inherit(self, i: int, old, k: int) -> None:
        """Take over charger `k` of an `old` one; before `configure`."""
        if old.wishes is None:
            return  # nobody was switched
        self.switching.inherit(i, old.switching, k)
        self.wishes.inherit(i, old.wishes, k)

    def clip_stamps(self, now_ms: int) -> None:
        for table in (self.switching, self.wishes):
            columns.clip_stamps(table, clip, now_ms)

    def before(self, now_ms: int, c, log) -> None:
        """Go on with what is under way; mark who is held at 0 A or at his minimum."""
        s = self.switching
        for i in range(c.n):
            if not s.allowed[i]:
                continue
            self._look_at_plug(i, c)
            s.able[i] = _is_able(i, c)
            how = s.step(i, now_ms, c)
            if how is not None:
                self._tell(i, now_ms, how, log)
            if c.phase_to_use[i] is not None or s.state[i] != IDLE:
                c.mask[i] = _booked(i, c, s)
            min_a = c.min_3p_a[i] if c.mask[i] == 7 else c.min_a[i]
            most_a = s.most_a(i, min_a)
            if most_a is not None:
                c.cap(i, most_a, reasons.HELD_LOW)
            if s.must_be_zero(i) and not c.hold[i]:
                c.hold[i] = reasons.SWITCHING
                c.hold_s[i] = s.countdown_s(i, now_ms)
                c.hold_room[i] = s.state[i] << 3 | s.target[i]

    def _look_at_plug(self, i, c) -> None:
        """Another car: what the charger has made of its phases meanwhile is read before it starts;
        until then all are booked."""
        if self._was[i] == NO_CAR != c.status[i]:
            c.phase_to_use[i] = None
            c.mask[i] = 7
        self._was[i] = c.status[i]

    def _tell(self, i, now_ms, how, log) -> None:
        s = self.switching
        if how == DONE:
            log.add(now_ms, events.SWITCH_DONE, i, s.code[i])
        elif how == FOLLOWED:
            log.add(now_ms, events.SWITCH_FOLLOWED, i, s.code[i])
        elif how == FAILED:
            log.add(now_ms, events.SWITCH_FAILED, i, s.target[i], s.failed_in[i])
            if s.state[i] == LOCKED:
                log.add(now_ms, events.SWITCH_LOCKED, i)

    def after(self, now_ms: int, c, log, left_a: list, start_left_a: list) -> None:
        """Begin what is due: rooms are what the shares of this decision have left."""
        s = self.switching
        begun = False
        for i in range(c.n):
            if not s.allowed[i]:
                continue
            rooms = (left_a, start_left_a, c.min_a[i], c.min_3p_a[i])
            wish = self.wishes.wish(i, now_ms, c, s, *rooms)
            if wish is None or begun:
                continue
            begun = s.want(i, now_ms, c, *wish)
            if begun:
                c.mask[i] = _booked(i, c, s)
                log.add(now_ms, events.SWITCH_BEGUN, i, *wish)


def _is_able(i, c) -> bool:
    if not c.has(i, registers.PHASE_CHANGE_POSSIBLE):
        return False
    three = c.word(i, registers.THREE_PHASE_POSSIBLE)
    return three == 1 and c.word(i, registers.PHASE_CHANGE_POSSIBLE) == 1


def _booked(i, c, s) -> int:
    """What the switch says; on three phases what the car was seen to leave unused (demand.py)."""
    mask = s.masks(i, c)
    if s.state[i] == IDLE and mask == 7 and s.other[i] is None:
        return c.mask[i]
    return mask
