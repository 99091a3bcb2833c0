# Runs on MicroPython and CPython: groups of n chargers, and marks around each of their decisions.
#
# n three-phase and single-phase chargers whose cars take all that they are allowed, a house that
# changes, and a meter that shows the truth. The limit grows with n, so that each n is the same
# kind of site: `plenty` lets all charge, with `scarce` a third of them do and the rest wait for
# their turns.

import struct

from loadrail.clock import add_ms
from loadrail.config import check
from loadrail.core import CHARGER_BUS, Primary
from loadrail.purposes import METER
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
    SHORT_NEW,
    TELTOCHARGE_ID,
    USER_MAX_CURRENT,
)
from loadrail.request import OK

REGIMES = {"plenty": 8000, "scarce": 3150}  # mA of the limit for each charger
COUNTED = 16  # decisions of each group
FIRST = 2  # address
_FRAME_MS = 15
_WARM_MS = 12_000  # by then all are known and charge, or wait
_PHASES = ("L1L2L3", "L2L3L1", "L3L1L2", "L1", "L2", "L3")


class Marked(Primary):
    """A primary that calls `before` and `after` around `left` more decisions."""

    left = 0
    before = after = None

    def _decide(self, now_ms):
        if self.left == 0:
            Primary._decide(self, now_ms)
            return
        self.left -= 1
        self.before()
        Primary._decide(self, now_ms)
        self.after()


class Group:
    """A primary and its site, as words."""

    def __init__(self, n, regime):
        rows = [{"address": FIRST + i, "phases": _PHASES[i % 6]} for i in range(n)]
        limit_a = max(6, n * REGIMES[regime] // 1000)
        group = {"limit_a": limit_a, "raise_after_s": 2, "start_after_s": 2}
        config, faults = check({"group": group, "meter": {"address": 1}, "chargers": rows})
        if faults:
            raise ValueError(faults)
        self.now_ms = 0
        self.house_ma = limit_a * 50  # 5 % of it, now and then twice as much
        self.primary = Marked(config, 0)
        self.words = [[0] * 45 for _ in range(n)]  # what each charger shows
        for words in self.words:
            words[EVSE_ID] = TELTOCHARGE_ID
            words[AMP_LIMIT] = words[USER_MAX_CURRENT] = 32
            words[COMMUNICATION_TIMEOUT] = 30
            words[FAILSAFE_CURRENT] = 6
            words[MAX_GRID_CURRENT] = 63

    def run(self, before, after):
        """Warm up, then mark COUNTED decisions."""
        primary = self.primary
        while self.now_ms < _WARM_MS:
            self.frame()
        primary.before, primary.after, primary.left = before, after, COUNTED
        while primary.left:
            self.frame()

    def frame(self):
        """One transaction, or a rest."""
        primary = self.primary
        self.now_ms = add_ms(self.now_ms, _FRAME_MS)
        request = primary.next_request(CHARGER_BUS, self.now_ms)
        if request is None:
            return
        words = None
        if primary.purpose(CHARGER_BUS) == METER:
            words = self.meter_words(request)
        else:
            shown = self.words[request.unit - FIRST]
            if request.values is None:
                words = self.charger_words(request, shown)
            else:
                for k in range(request.count):
                    shown[request.register + k] = request.values[k]
        self.now_ms = add_ms(self.now_ms, _FRAME_MS)
        primary.answer(CHARGER_BUS, self.now_ms, OK, words)

    def meter_words(self, request):
        house_ma = self.house_ma * (1 + self.now_ms // 5000 % 2)
        flow_ma = [house_ma, house_ma, house_ma]
        for i in range(len(self.words)):
            for k in range(3):
                # The bay's terminal k is on the grid's phase i + k, as _PHASES rotates.
                flow_ma[(i + k) % 3] += self.draw_ma(i, k)
        values = [230.0, 230.0, 230.0]
        values += [ma / 1000 for ma in flow_ma]
        values += [ma * 0.23 for ma in flow_ma]
        return struct.unpack(">18H", struct.pack(">9f", *values))

    def draw_ma(self, i, k):
        """What flows at terminal k of charger i: a car takes all that it may."""
        return self.words[i][AMPS_TO_USE] * 1000 if k == 0 or i % 6 < 3 else 0

    def charger_words(self, request, shown):
        i = request.unit - FIRST
        for k in range(3):
            shown[CURRENT_L1 + k] = self.draw_ma(i, k) // 100
        shown[EVSE_STATUS] = CHARGING if shown[AMPS_TO_USE] else SHORT_NEW
        shown[EVSE_STATUS_TIME] = self.now_ms // 1000 & 0xFFFF
        return shown[request.register : request.register + request.count]

    def charging(self):
        """How many chargers may charge."""
        return sum([1 for words in self.words if words[AMPS_TO_USE]])
