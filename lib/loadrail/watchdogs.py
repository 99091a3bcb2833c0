# The chargers' own watchdogs: communication_timeout and failsafe_current as configured.
#
# Both are written at the start, read back, and written again whenever they differ: a phone app or
# a restart may have changed them. A part of Chargers. Until a value is read back, what is booked
# for a silent charger follows the worse of the old and the new one. Chargers has the rest that is
# used here: misses, wrote_at, fed_at, takes_writes, balks, over_at.

from loadrail import registers
from loadrail.clock import FOREVER_MS, age_ms
from loadrail.request import WRITE_MULTIPLE

REACT_MS = 10_000  # to a lower limit: 5 s for the charger's signal, 5 s for the car (IEC 61851-1)
_AGAIN_MS = 10_000  # after a write that was not taken
_MUCH_LATER_MS = 60_000  # after several
_SEVERAL = 4


class Watchdogs:
    """Columns on each charger's watchdog."""

    def __init__(self, n: int):
        self.wanted = (15, 6)  # communication_timeout, s, and failsafe_current, A, of the group
        self.timeout_ms = [None] * n  # as read back; 0 = off
        self.failsafe_ma = [None] * n  # as read back, or what was written if that is more
        self.settings_fine = [False] * n  # both are as wanted
        self.settings_tries = [0] * n  # writes since they last were
        self.settings_at = [None] * n  # last write
        self._single = [0] * n  # 0: both in one frame; else one by one: the register that is next
        self._pair = [0, 0]
        self._one = [0]

    def wanted_failsafe_a(self, i: int) -> int:
        """Never more than it can supply; 0 or at least 6."""
        return min(self.wanted[1], self.amp_limit_a[i])

    def settings_due(self, i: int, now_ms: int) -> bool:
        if self.settings_fine[i]:
            return False
        if self._single[i] == registers.FAILSAFE_CURRENT:
            return True  # the other half
        tries = self.settings_tries[i]
        wait_ms = 0 if tries == 0 else _AGAIN_MS if tries < _SEVERAL else _MUCH_LATER_MS
        return age_ms(now_ms, self.settings_at[i]) >= wait_ms

    def write_settings(self, i: int, now_ms: int, request, timeout_ms: int) -> None:
        """Fill in the write, and book the worse of old and new."""
        timeout_s, failsafe_a = self.wanted[0], self.wanted_failsafe_a(i)
        self.settings_at[i] = now_ms
        if self.timeout_ms[i]:
            self.timeout_ms[i] = max(self.timeout_ms[i], timeout_s * 1000)
        self.failsafe_ma[i] = max(self.failsafe_ma[i], failsafe_a * 1000)
        unit = self.address[i]
        if not self._single[i] and self.refused[i] >> WRITE_MULTIPLE & 1:
            self._single[i] = registers.COMMUNICATION_TIMEOUT
        if not self._single[i]:
            self._pair[:] = (timeout_s, failsafe_a)
            register = registers.COMMUNICATION_TIMEOUT
            request.write(unit, register, self._pair, timeout_ms, WRITE_MULTIPLE)
            return
        first = self._single[i] == registers.COMMUNICATION_TIMEOUT
        self._one[0] = timeout_s if first else failsafe_a
        request.write(unit, self._single[i], self._one, timeout_ms, self.write_function(i))

    def settings_acknowledged(self, i: int) -> bool:
        """Whether both were taken now, and are to be read back."""
        if self._single[i] == registers.COMMUNICATION_TIMEOUT:
            self._single[i] = registers.FAILSAFE_CURRENT
            return False
        if self._single[i]:
            self._single[i] = registers.COMMUNICATION_TIMEOUT
        self.settings_tries[i] += 1
        return True

    def settings_refused(self, i: int) -> None:
        """An exception came instead: one by one, if it was for the pair."""
        if self._single[i]:
            self.settings_tries[i] += 1
        self._single[i] = registers.COMMUNICATION_TIMEOUT

    def settings_read(self, i: int, timeout_s: int, failsafe_a: int) -> bool:
        """Take what was read back; whether it is as wanted."""
        self.timeout_ms[i] = timeout_s * 1000
        self.failsafe_ma[i] = failsafe_a * 1000
        right = timeout_s == self.wanted[0] and failsafe_a == self.wanted_failsafe_a(i)
        if right and self.settings_at[i] is not None:
            self.settings_fine[i] = True
            self.settings_tries[i] = 0
        elif not right:
            self.settings_fine[i] = False
        return right

    # --- whether it has run out

    def _starves(self, i: int, now_ms: int) -> bool:
        """Whether one that missed may be at its failsafe current already: by a fast clock its
        watchdog has run since the last write that it confirmed."""
        if not self.misses[i] or not self.timeout_ms[i] or self.wrote_at[i] is None:
            return False
        return age_ms(now_ms, self.wrote_at[i]) >= self.timeout_ms[i] // 10 * 9

    def watchdog_over_in_ms(self, i: int, now_ms: int) -> "int | None":
        """How long a silent charger's watchdog still has, at most; None = for ever."""
        if not self.falls_back(i):
            return None
        # Its clock may be 2 % slow.
        total_ms = self.timeout_ms[i] + self.timeout_ms[i] // 50 + REACT_MS
        return max(0, total_ms - age_ms(now_ms, self.fed_at[i]))

    def falls_back(self, i: int) -> bool:
        """Whether in a silence its watchdog surely puts it to its failsafe current."""
        if not self.timeout_ms[i]:
            return False  # off or never read
        # What one that takes no writes is sent may feed it, and not be obeyed; who drew more than
        # it may need not obey its watchdog either.
        return self.takes_writes(i) and not self.balks[i] and self.over_at[i] is None


assert FOREVER_MS > 600_000 + REACT_MS  # the longest watchdog that can be set
