# Runs on MicroPython: a whole primary of 20 chargers and made-up answers, for counting memory.
#
# allocations.mjs calls `go`, collects the garbage and asks for gc.mem_alloc, from outside, because
# that port collects only while no Python runs. Everything that answers is made once, so that what
# is allocated is the core's own.

import gc

from loadrail.registers import (
    AMP_LIMIT,
    AMPS_TO_USE,
    CHARGING,
    COMMUNICATION_TIMEOUT,
    CURRENT_L1,
    EVSE_ID,
    EVSE_STATUS,
    EVSE_STATUS_TIME,
    FAILSAFE_CURRENT,
    MAX_GRID_CURRENT,
    NO_CAR,
    SHORT_NEW,
    TELTOCHARGE_ID,
    USER_MAX_CURRENT,
)
from loadrail.request import OK

N = 20
BUS = 0  # the chargers'
FIRST = 2
FRAME_MS = 30
LAST_MS = 0x3FFFFFFF  # of the counter
ROUND = 100  # after so many decisions the inputs begin anew
# float32, high word only: the house and all chargers as the meter sees them, 20 to 60 A
METER_HIGH = (0x41A0, 0x41F0, 0x4220, 0x4248, 0x4270, 0x4208, 0x425C, 0x4234)

PHASES = ("L1L2L3", "L2L3L1", "L3L1L2", "L1", "L2", "L3")


def later(now_ms, ms):
    """The counter, so much later."""
    return (now_ms + ms) & LAST_MS


def raw_config():
    """20 chargers on 63 A, and a meter."""
    rows = [{"address": FIRST + i, "phases": PHASES[i % 6]} for i in range(N)]
    group = {"limit_a": 63, "raise_after_s": 2, "start_after_s": 2}
    return {"group": group, "chargers": rows, "meter": {"address": 1}}


class Answers:
    """What chargers and meter answer; cars come and go, the house changes, by `step`, 0..99."""

    def __init__(self):
        self.meter = [0] * 18
        self.words = [[0] * 45 for _ in range(N)]  # what each charger shows
        for words in self.words:
            words[EVSE_ID] = TELTOCHARGE_ID
            words[AMP_LIMIT] = words[USER_MAX_CURRENT] = 32
            words[COMMUNICATION_TIMEOUT] = 30
            words[FAILSAFE_CURRENT] = 6
            words[MAX_GRID_CURRENT] = 63
        self.answer = [0] * 125

    def to(self, request, now_ms, step):
        """The words read, or None for a write, which is taken."""
        if request.unit < FIRST:
            return self.meter_words(step)
        shown = self.words[request.unit - FIRST]
        if request.values is None:
            return self.charger_words(request, shown, now_ms, step)
        for k in range(request.count):
            shown[request.register + k] = request.values[k]
        return None

    def meter_words(self, step):
        for phase in range(3):
            self.meter[2 * phase] = 0x4366  # 230 V
            self.meter[6 + 2 * phase] = METER_HIGH[(step // 5 + phase) % len(METER_HIGH)]
            self.meter[12 + 2 * phase] = 0x4580  # 4096 W
        return self.meter

    def charger_words(self, request, shown, now_ms, step):
        """Its car follows its limit at once; every fourth car is away for half of a round."""
        i = request.unit - FIRST
        held_a = shown[AMPS_TO_USE]
        here = i % 4 or step < ROUND // 2
        for k in range(3):
            shown[CURRENT_L1 + k] = held_a * 10 if here and (k == 0 or i % 6 < 3) else 0
        shown[EVSE_STATUS] = (CHARGING if held_a else SHORT_NEW) if here else NO_CAR
        shown[EVSE_STATUS_TIME] = now_ms // 1000 & 0xFFFF
        for k in range(min(request.count, 45 - request.register)):
            self.answer[k] = shown[request.register + k]
        return self.answer


class Group:
    """A primary, and who answers it."""

    def __init__(self):
        from loadrail.config import check
        from loadrail.core import Primary

        config, faults = check(raw_config())
        if faults:
            raise ValueError(faults)
        self.now_ms = LAST_MS - 3_000_000  # so that the counter wraps on the way
        self.primary = Primary(config, self.now_ms)
        self.answers = Answers()

    def go(self, decisions):
        """Carry requests until so many more decisions are made."""
        end = self.primary.decisions + decisions
        while self.primary.decisions < end:
            self.frame()

    def frame(self):
        """One transaction, or a rest."""
        primary = self.primary
        self.now_ms = later(self.now_ms, FRAME_MS)
        request = primary.next_request(BUS, self.now_ms)
        if request is None:
            return
        words = self.answers.to(request, self.now_ms, primary.decisions % ROUND)
        self.now_ms = later(self.now_ms, FRAME_MS)
        primary.answer(BUS, self.now_ms, OK, words)

    def limits_a(self):
        return sum([shown[AMPS_TO_USE] for shown in self.answers.words])


def garbage(group, ticks=50):
    """Bytes that one decision allocates, without frames: the mean and the most of `ticks`."""
    primary = group.primary
    total = most = 0
    gc.disable()
    for _ in range(ticks):
        group.go(1)
        before_count = primary.decisions
        now_ms = later(group.now_ms, 1000)
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
