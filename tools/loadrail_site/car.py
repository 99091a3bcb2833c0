# A car at a charger: follows the signalled limit after a while, and is full one day.
#
# Currents are milliamperes per phase, times milliseconds, energies watt-hours. Like a real one it
# stays a little below the signal, takes a second to react and a few to ramp, and may draw on fewer
# phases than it is offered. With `error_ma` or `error_percent` above 0 it takes more than it may.
# In its `rests` it takes nothing, whatever is signalled: a timer, or it heats, cools, sleeps.
# The standard gives a car 5 s to follow a lower signal: 1 s + 32 A at 8 A/s = 5 s.

from .delay import DelayLine

VOLTS = 230
MICROJOULES_PER_WH = 3_600_000_000  # mA x V x ms = microjoules


class Car:
    """One car and one stay at the charger: from `plug_in_ms` to `unplug_ms` (None = stays)."""

    def __init__(
        self,
        phases=3,
        max_a=16,
        energy_wh=50_000,
        *,
        plug_in_ms=0,
        unplug_ms=None,
        min_a=6,
        ramp_ma_per_s=8000,
        reaction_delay_ms=1000,
        error_ma=-200,
        error_percent=0,
        rests=(),
    ):
        self.phases = phases  # that its own charger uses, 1..3
        self.max_ma = max_a * 1000
        self.min_ma = min_a * 1000  # below this signal it does not charge
        self.energy_wh = energy_wh  # until full
        self.plug_in_ms = plug_in_ms
        self.unplug_ms = unplug_ms
        self.ramp_ma_per_s = ramp_ma_per_s
        self.error_ma = error_ma  # draw - signal, once settled;
        self.error_percent = error_percent  # of the signal, and added to the former
        self.rests = rests  # (from_ms, until_ms)
        self.draw_ma = 0  # on each phase that it uses
        self._heard_ma = DelayLine(reaction_delay_ms)
        self._taken_uj = 0
        self._last_ms = None

    def is_here(self, now_ms):
        if now_ms < self.plug_in_ms:
            return False
        return self.unplug_ms is None or now_ms < self.unplug_ms

    def is_full(self):
        return self._taken_uj >= self.energy_wh * MICROJOULES_PER_WH

    def is_resting(self, now_ms):
        for from_ms, until_ms in self.rests:
            if from_ms <= now_ms < until_ms:
                return True
        return False

    def taken_wh(self):
        return self._taken_uj // MICROJOULES_PER_WH

    def step(self, now_ms, signal_ma, offered):
        """Follow the signal; how many of the `offered` terminals the car uses, the first ones.

        `draw_ma` then flows on each of them.
        """
        passed_ms = 0 if self._last_ms is None else now_ms - self._last_ms
        self._last_ms = now_ms
        used = self.phases if self.phases < offered else offered
        if not used:
            self.cut()
            return 0
        if self.draw_ma:
            self._taken_uj += self.draw_ma * used * VOLTS * passed_ms
        target_ma = self._target_ma(self._heard_ma.step(now_ms, signal_ma))
        if self.rests and self.is_resting(now_ms):
            target_ma = 0
        if target_ma != self.draw_ma:
            self._ramp(target_ma, passed_ms)
        return used

    def cut(self):
        """The charger's contactor has opened: no current, at once."""
        self.draw_ma = 0
        self._heard_ma.reset()

    def _target_ma(self, heard_ma):
        if heard_ma < self.min_ma or self.is_full():
            return 0
        wanted_ma = heard_ma + heard_ma * self.error_percent // 100 + self.error_ma
        return max(0, min(wanted_ma, self.max_ma))

    def _ramp(self, target_ma, passed_ms):
        step_ma = self.ramp_ma_per_s * passed_ms // 1000
        if target_ma > self.draw_ma:
            self.draw_ma = min(target_ma, self.draw_ma + step_ma)
        else:
            self.draw_ma = max(target_ma, self.draw_ma - step_ma)
