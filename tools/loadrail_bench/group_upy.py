# Runs on MicroPython: a whole primary of 20 chargers and made-up answers, for counting memory.
#
# allocations.mjs calls `go`, collects the garbage and asks for gc.mem_alloc, from outside, because
# that port collects only while no Python runs. Everything that answers is made once, so that what
# is allocated is the core's own.

import gc

from loadrail.clock import add_ms
from loadrail.config import check
from loadrail.core import CHARGER_BUS, METER, Primary
from loadrail.polling import SETTINGS, STATUS
from loadrail.registers import (
    AMP_LIMIT,
    AMPS_TO_USE,
    CHARGING,
    COMMUNICATION_TIMEOUT,
    CURRENT_L1,
    EVSE_ID,
    EVSE_STATUS,
    FAILSAFE_CURRENT,
    FAST_COUNT,
    NO_CAR,
    SHORT_NEW,
    SLOW_COUNT,
    SLOW_FIRST,
    TELTOCHARGE_ID,
)
from loadrail.request import OK

N = 20
FIRST = 2
FRAME_MS = 30
LAST_MS = 0x3FFFFFFF  # of the counter
ROUND = 100  # after so many decisions the inputs begin anew
# float32, high word only: the house and all chargers as the meter sees them, 20 to 60 A
METER_HIGH = (0x41A0, 0x41F0, 0x4220, 0x4248, 0x4270, 0x4208, 0x425C, 0x4234)

PHASES = ("L1L2L3", "L2L3L1", "L3L1L2", "L1", "L2", "L3")


class Group:
    """20 chargers on 63 A; cars come and go, the house changes."""

    def __init__(self):
        rows = [{"address": FIRST + i, "phases": PHASES[i % 6]} for i in range(N)]
        raw = {"group": {"limit_a": 63, "raise_after_s": 2, "start_after_s": 2}, "chargers": rows}
        raw["meter"] = {"address": 1}
        config, faults = check(raw)
        if faults:
            raise ValueError(faults)
        self.now_ms = LAST_MS - 3_000_000  # so that the counter wraps on the way
        self.primary = Primary(config, self.now_ms)
        self.meter = [0] * 18
        self.fast = [0] * FAST_COUNT
        self.slow = [0] * SLOW_COUNT
        self.slow[EVSE_ID - SLOW_FIRST] = TELTOCHARGE_ID
        self.slow[AMP_LIMIT - SLOW_FIRST] = 32
        self.slow[COMMUNICATION_TIMEOUT - SLOW_FIRST] = 30
        self.slow[FAILSAFE_CURRENT - SLOW_FIRST] = 6
        self.held_a = [0] * N

    def go(self, decisions):
        """Carry requests until so many more decisions are made."""
        end = self.primary.decisions + decisions
        while self.primary.decisions < end:
            self.frame()

    def frame(self):
        """One transaction, or a rest."""
        primary = self.primary
        self.now_ms = add_ms(self.now_ms, FRAME_MS)
        request = primary.next_request(CHARGER_BUS, self.now_ms)
        if request is None:
            return
        what = primary.purpose(CHARGER_BUS)
        words = None
        if what == METER:
            words = self.meter_words()
        elif what == STATUS:
            words = self.status_words(request.unit - FIRST)
        elif what == SETTINGS:
            words = self.slow
            words[AMPS_TO_USE - SLOW_FIRST] = self.held_a[request.unit - FIRST]
        else:
            self.held_a[request.unit - FIRST] = request.values[0]
        self.now_ms = add_ms(self.now_ms, FRAME_MS)
        primary.answer(CHARGER_BUS, self.now_ms, OK, words)

    def meter_words(self):
        step = self.primary.decisions % ROUND
        for phase in range(3):
            self.meter[2 * phase] = 0x4366  # 230 V
            self.meter[6 + 2 * phase] = METER_HIGH[(step // 5 + phase) % len(METER_HIGH)]
            self.meter[12 + 2 * phase] = 0x4580  # 4096 W
        return self.meter

    def status_words(self, i):
        """Its car follows its limit at once; every fourth car is away for half of a round."""
        fast = self.fast
        held_a = self.held_a[i]
        here = i % 4 or self.primary.decisions % ROUND < ROUND // 2
        for k in range(3):
            fast[CURRENT_L1 + k] = held_a * 10 if here and (k == 0 or i % 6 < 3) else 0
        fast[EVSE_STATUS] = (CHARGING if held_a else SHORT_NEW) if here else NO_CAR
        return fast

    def limits_a(self):
        return sum(self.held_a)


def garbage(group, ticks=50):
    """Bytes that one decision allocates, without frames: the mean and the most of `ticks`."""
    primary = group.primary
    total = most = 0
    gc.disable()
    for _ in range(ticks):
        group.go(1)
        before_count = primary.decisions
        now_ms = add_ms(group.now_ms, 1000)
        before = gc.mem_alloc()
        primary.tick(now_ms)
        here = gc.mem_alloc() - before
        if primary.decisions != before_count + 1:
            raise AssertionError("no decision was made")
        group.now_ms = now_ms
        total += here
        most = max(most, here)
    gc.enable()
    return total // ticks, most
