# The meter as the core sees it: asks for samples, and believes only what can be true (S5).
#
# Where the values come from is the reader's business (meters/); a refused or implausible sample is
# none, and the reason is kept for whoever asks.

from loadrail import events, meters, plausible
from loadrail.meters.reader import Reader
from loadrail.presence import FOREIGN, NEVER, ONLINE

_STEADY_W = 30  # and 2 %: less than that between two samples is no change of load
_WHOLE_MA = 1000  # how finely a P1 port shows currents


class Metering:
    """The meter of a configuration: `section` is its part, `line` how its bus is set."""

    def __init__(self, section: dict, line: dict, log):
        row = meters.load(section["model"])
        self.phases = row["phases"] = section["phases"]
        self.reader = Reader(
            row, section["address"], line["timeout_ms"], section["update_interval_ms"]
        )
        self.sample = self.reader.sample
        self.note = ""  # what has to be known of its readings
        self.implausible = 0  # samples that were not believed
        self._log = log
        self._sum_w = None  # of the phases, in the sample before
        self._seen_total_w = None
        step_ma = _WHOLE_MA if row["whole_amperes"] else 0
        self._judge = plausible.Plausible(section["range_a"], self.phases, step_ma)

    @property
    def bad(self) -> int:
        """Whole answers that were no sample."""
        return self.reader.bad + self.implausible

    @property
    def fault(self) -> "str | None":
        """Why the last sample was not believed; None where it was."""
        return self._judge.sentence() if self._judge.code else None

    def answer(self, now_ms: int, result: int, words, chargers) -> bool:
        """Take the end of a request; True where `sample` is new and can be used."""
        if not self.reader.answer(now_ms, result, words):
            return False
        s, judge = self.sample, self._judge
        before = judge.code
        values = (s.current_ma, s.voltage_mv, s.power_w, self._total_w(), s.frequency_mhz)
        code = judge.judge(now_ms, *values, all_draw_ma(chargers))
        if code:
            self.implausible += 1
            if code != before:
                self._log.add(now_ms, events.METER_UNBELIEVED, events.NOBODY, code)
        return not code

    def _total_w(self) -> "int | None":
        """The meter's own total where it was read between this sample and the one before, and
        these show about the same: else it belongs to another moment."""
        total_w, sum_w = self.sample.own_total_w, self.sample.total_power_w
        is_new = total_w != self._seen_total_w
        before_w, self._sum_w = self._sum_w, sum_w
        self._seen_total_w = total_w
        if not is_new or sum_w is None or before_w is None:
            return None
        return total_w if abs(sum_w - before_w) <= _STEADY_W + abs(sum_w) // 50 else None


def all_draw_ma(c) -> "int | None":
    """What all chargers draw, the sum over the phases; None while that is not known."""
    total_ma = 0
    for i in range(c.n):
        if c.presence[i] == ONLINE:
            total_ma += sum(c.draw_ma[3 * i : 3 * i + 3])
        elif c.presence[i] not in (NEVER, FOREIGN):
            return None
    return total_ma
