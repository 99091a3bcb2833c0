# Current clamps as the meter of a group: the board's own inputs in the place of a Modbus meter.
#
# Who samples hands over mA RMS, one a phase, None where a clamp has no reading; they are judged
# like any other meter's (S5). Clamps see no direction, so export counts as import.
#
# A reading at the end of what a clamp can show proves only that at least so much flows. Nobody
# knows how much is left, so it counts as nothing: at least twice the limit is taken to flow, which
# what the chargers draw cannot make up for.

from loadrail import events, plausible
from loadrail.clamps import RATE_HZ, REFERENCE_MV, TEXTS, Clamp
from loadrail.metering import all_draw_ma
from loadrail.meters.sample import Sample

NOTE = "clamps: no direction, export counts as import"


class ClampMeter:
    """The clamps of a configuration: `section` is its meter part. Beside `take` it looks like
    metering.Metering to who shows it."""

    def __init__(self, section: dict, log):
        self.phases = section["phases"]
        self.sample = Sample(self.phases)
        self.implausible = 0  # samples that were not believed, or not whole
        self.clamps = ()  # a Clamp each phase, L1 first
        self._section = section
        self._log = log
        self._range_ma = section["range_a"] * 1000
        self._end_ma = 0  # from here on a reading is "this, or more"
        self._beyond = [False] * 3  # of the newest sample
        self._shown_ma = [None] * 3
        self._judge = plausible.Plausible(section["range_a"], self.phases)
        self.set_up()

    def set_up(self, rate_hz: int = RATE_HZ, reference_mv: int = REFERENCE_MV) -> None:
        """Make the clamps anew for a board's ADC, with the zero of the configuration."""
        ratio, burden_mohm = self._section["clamp_ratio"], self._section["clamp_burden_mohm"]
        self.clamps = tuple(
            [Clamp(rate_hz, ratio, burden_mohm, reference_mv) for _ in range(self.phases)]
        )
        for clamp, zero in zip(self.clamps, self._section.get("clamp_zero", ())):
            clamp.set_zero(zero[0], zero[1])
        self._end_ma = min(self.clamps[0].full_scale_ma, self._range_ma)

    @property
    def bad(self) -> int:
        """Samples that could not be used."""
        return self.implausible

    @property
    def fault(self) -> "str | None":
        """Why the last sample was not used; None where it was."""
        judge = self._judge
        if not judge.code:
            return None
        if judge.code == plausible.CURRENT_MISSING and self.clamps[judge.phase].state:
            return "L%d: %s" % (judge.phase + 1, TEXTS[self.clamps[judge.phase].state])
        return judge.sentence()

    @property
    def note(self) -> str:
        """What has to be known of the readings, for where they are shown."""
        beyond = ["L%d" % (phase + 1) for phase in range(3) if self._beyond[phase]]
        if not beyond:
            return NOTE
        return "%s; %s above what they can measure: nothing is left" % (NOTE, ", ".join(beyond))

    def take(self, now_ms: int, current_ma: list, limit_ma: int, chargers) -> bool:
        """Take the readings, mA RMS [phases]; True where `sample` is new and can be used.

        `limit_ma` is what the circuit is steered to.
        """
        shown_ma, beyond = self._shown_ma, self._beyond
        for phase in range(self.phases):
            ma = current_ma[phase]
            beyond[phase] = ma is not None and ma >= self._end_ma
            shown_ma[phase] = self._range_ma - 1 if beyond[phase] else ma
        # At its end a reading stands still however much the chargers' draw moves.
        draw_ma = None if True in beyond else all_draw_ma(chargers)
        before = self._judge.code
        code = self._judge.judge(now_ms, shown_ma, draw_ma=draw_ma)
        if code:
            self.implausible += 1
            if code != before:
                self._log.add(now_ms, events.METER_UNBELIEVED, events.NOBODY, code)
            return False
        for phase in range(self.phases):
            ma = current_ma[phase]
            self.sample.current_ma[phase] = max(ma, 2 * limit_ma) if beyond[phase] else ma
        self.sample.at_ms = now_ms
        return True


def check(section: dict, limit_a: int, faults: list) -> None:
    """What no single value of the configuration shows; `faults` as in config.py."""
    if section["range_a"] <= limit_a:
        told = (section["range_a"], limit_a)
        faults.append("meter.range_a: %d is not above group.limit_a = %d" % told)
    ratio, burden_mohm = section["clamp_ratio"], section["clamp_burden_mohm"]
    end_a = Clamp(RATE_HZ, ratio, burden_mohm).full_scale_ma // 1000
    if end_a <= limit_a:
        faults.append(
            "meter.clamp_burden_mohm: %d with clamp_ratio = %d measures up to %d A; "
            "that must be above group.limit_a = %d" % (burden_mohm, ratio, end_a, limit_a)
        )
    zeros = len(section.get("clamp_zero", ()))
    if "clamp_zero" in section and zeros != section["phases"]:
        told = (zeros, section["phases"])
        faults.append("meter.clamp_zero: %d rows; one for each of phases = %d" % told)
