# What there is to share, and what of it is free: all limits on all chargers together.
#
# A room is one such limit: amperes on L1, L2, L3; over all phases (the limit on power); and, on
# each phase, for chargers on fewer than three (the limit on the difference between phases: three-
# phase loads cancel out, so the sum of the others on one phase bounds the difference whatever the
# cars do). sharing.py says which charger uses which.

from loadrail.sharing import NO_LIMIT, ROOMS, SUM

# Where a meter tells what is left: chargers tell their currents to 0.1 A, so the last 0.1 A is not
# dealt out; and a further ampere counts only with as much more to spare, so that a load that
# flutters about an edge moves nobody. The window's lowest value flutters by less.
_FINEST_MA = 100
_DEAD_BAND_MA = 100


def add(rooms: list, mask: int, phase: int, ma: int) -> None:
    """Count a current on a phase in every room that a charger on phases `mask` uses."""
    rooms[phase] += ma
    rooms[SUM] += ma
    if mask != 7:
        rooms[SUM + 1 + phase] += ma


class Rooms:
    """The limits of a group; lists have ROOMS places."""

    def __init__(self, group: dict):
        self.ma = [0] * ROOMS  # what there is for all chargers
        self.fixed_ma = [0] * ROOMS  # of it, what sharing cannot dispose of
        self.left_a = [0] * ROOMS  # and what is left, in whole amperes
        self._feeder_ma = group["feeder_a"] * 1000 or NO_LIMIT
        self._power_w = group["power_limit_w"]
        self._imbalance_ma = group["imbalance_a"] * 1000 or NO_LIMIT

    def measure(self, budget_ma: list, volts: int) -> None:
        """Begin a decision: what there is, and nothing fixed yet."""
        for phase in range(3):
            self.ma[phase] = min(budget_ma[phase], self._feeder_ma)
            self.ma[SUM + 1 + phase] = self._imbalance_ma
        self.ma[SUM] = self._power_w * 1000 // volts if self._power_w else NO_LIMIT
        for room in range(ROOMS):
            self.fixed_ma[room] = 0

    def settle(self, metered: bool) -> None:
        """All that is fixed is known: set what is left."""
        for room in range(ROOMS):
            left_ma = self.ma[room] - self.fixed_ma[room]
            before_a = self.left_a[room]
            if metered and room < SUM:
                left_ma -= _FINEST_MA
                if left_ma // 1000 > before_a:
                    left_ma = max(before_a * 1000, left_ma - _DEAD_BAND_MA)
            self.left_a[room] = max(0, left_ma) // 1000

    def free_ma(self, c) -> list:
        """What is booked for nobody, where raising is concerned (S2)."""
        booked_ma = [0] * ROOMS
        for i in range(c.n):
            for phase in range(3):
                add(booked_ma, c.mask[i], phase, c.booked_to_raise_ma(i, phase))
        return [self.ma[room] - booked_ma[room] for room in range(ROOMS)]
