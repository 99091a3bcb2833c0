# What an onlooker who knows the truth counts at each step of the site, in a Recorder's place.
#
# Seconds above the limit, less those that a controller is allowed to react in; and, on each phase
# where a car would take more, where the room that the house leaves has gone: ampere seconds.

from bisect import bisect_right

ALLOWED_MS = 10_000  # after a load step
FULL_SPEED_MA = 300  # a car that is within this of its maximum would not take more

# Where the room on a phase goes, in the order of a sample's way through the core
WINDOWS = "waiting windows: a budget below what the house leaves"
WHOLE = "whole amperes and dead band: up to 1.2 A of it"
SHARES = "minimums, starts, turns, steps up: the rest of it"
CARS = "cars: their own error, ramps, delays, more than they make use of"
STAGES = (WINDOWS, WHOLE, SHARES, CARS)
_WHOLE_MA = 1200


class Tally:
    """Give it to a Site as its recorder; `primary` is asked for its budget and limits."""

    def __init__(self, limit_ma: int, primary, house, rises_ms: list[int]):
        self.limit_ma = limit_ma
        self.over_ms = 0  # above the limit at all
        self.late_ms = 0  # and that outside the allowance
        self.peak_ma = 0
        self.lost_as = dict.fromkeys(STAGES, 0.0)
        self.overloads: list = []  # of a Recorder; here they are counted only
        self._primary = primary
        self._house = house
        self._rises_ms = rises_ms
        self._last_ms = 0

    def step(self, now_ms: int, grid_ma, chargers) -> None:
        """Count `grid_ma` as having flowed since the step before."""
        passed_ms, self._last_ms = now_ms - self._last_ms, now_ms
        highest_ma = max(grid_ma)
        self.peak_ma = max(self.peak_ma, highest_ma)
        if highest_ma > self.limit_ma:
            self.over_ms += passed_ms
            last = bisect_right(self._rises_ms, now_ms) - 1
            if last < 0 or now_ms - self._rises_ms[last] > ALLOWED_MS:
                self.late_ms += passed_ms
        self._share_out(now_ms, passed_ms, chargers)

    def _share_out(self, now_ms, passed_ms, chargers) -> None:
        """Which stage has lost what, on the phases that somebody would use more of."""
        house_ma = self._house.currents_ma(now_ms)
        limits_ma = self._primary.chargers.limit_ma
        given, drawn, wanted = [0, 0, 0], [0, 0, 0], [False] * 3
        for charger, limit_ma in zip(chargers, limits_ma, strict=True):
            car = charger.car
            if car is None:
                continue
            draw_ma = car.draw_ma
            most_ma = min(car.max_ma, charger.max_a * 1000)
            wants = draw_ma < most_ma - FULL_SPEED_MA and not car.is_full()
            for phase in charger.grid_phases[: car.phases]:
                given[phase] += limit_ma
                drawn[phase] += draw_ma
                wanted[phase] = wanted[phase] or wants
        for phase in range(3):
            if not wanted[phase]:
                continue
            room_ma = max(0, self.limit_ma - house_ma[phase])
            budget_ma = min(room_ma, self._primary.budget.ma[phase])
            given_ma = min(budget_ma, given[phase])
            self.lost_as[WINDOWS] += (room_ma - budget_ma) * passed_ms / 1e6
            whole_ma = min(_WHOLE_MA, budget_ma - given_ma)
            self.lost_as[WHOLE] += whole_ma * passed_ms / 1e6
            self.lost_as[SHARES] += (budget_ma - given_ma - whole_ma) * passed_ms / 1e6
            self.lost_as[CARS] += (given_ma - drawn[phase]) * passed_ms / 1e6
