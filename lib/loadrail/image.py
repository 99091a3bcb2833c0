# The registers of every charger as they were read last, and the cap that follows from them.
#
# 45 words a charger. A part of Chargers. `have` says which blocks were ever read, in groups of
# registers as BOUNDS cuts them, for a missing word is not a zero.

from array import array

from loadrail import registers
from loadrail.registers import MAX_SUPPORTED_POWER_A

COUNT = 45
_BOUNDS = (0, 7, 16, 23, 39, 45)  # no read begins or ends elsewhere, but the probes

# Why a charger can take no more, in the order of asking
CAP_NONE = 0
CAP_HARDWARE = 1  # amp_limit
CAP_GRID = 2  # max_grid_current, set in its app
CAP_USER = 3  # user_max_current, set in its app
CAP_MODEL = 4  # max_supported_power
CAP_SEEN = 5  # it takes no more than this, whatever it says


class Image:
    """Words by charger, and what they cap."""

    def __init__(self, n: int):
        self.words = array("H", bytes(2 * COUNT * n))
        self.have = [0] * n  # bit k: the registers from _BOUNDS[k] on were read
        self.amp_limit_a = [32] * n  # register 12: the most that it can supply
        self.seen_cap_a = [32] * n  # the most that it was seen to accept
        self.cap_a = [32] * n  # the least of all caps that are known
        self.cap_cause = [CAP_NONE] * n

    def keep(self, i: int, first: int, count: int, words) -> None:
        """Keep `count` words read from register `first` on."""
        mine = self.words
        at = COUNT * i + first
        for k in range(min(count, COUNT - first)):
            mine[at + k] = words[k]
        for k in range(5):
            if first <= _BOUNDS[k] and first + count >= _BOUNDS[k + 1]:
                self.have[i] |= 1 << k
        if first + count > registers.AMP_LIMIT:
            self.find_cap(i)

    def has(self, i: int, register: int) -> bool:
        """Whether a register was ever read."""
        for k in range(5):
            if register < _BOUNDS[k + 1]:
                return bool(self.have[i] >> k & 1)
        return False

    def word(self, i: int, register: int) -> int:
        return self.words[COUNT * i + register]

    def find_cap(self, i: int) -> None:
        """The least of what registers 12, 28, 29 and 37 allow; out of range says nothing."""
        cap_a, cause = 32, CAP_NONE
        if self.has(i, registers.AMP_LIMIT):
            cap_a, cause = self.amp_limit_a[i], CAP_HARDWARE
        if self.has(i, registers.MAX_GRID_CURRENT):
            model = self.word(i, registers.MAX_SUPPORTED_POWER)
            rows = (
                (self.word(i, registers.MAX_GRID_CURRENT), 1000, CAP_GRID),
                (self.word(i, registers.USER_MAX_CURRENT), 32, CAP_USER),
                (MAX_SUPPORTED_POWER_A[model] if model < 3 else 0, 32, CAP_MODEL),
            )
            for amps, highest, why in rows:
                if 6 <= amps <= highest and amps < cap_a:
                    cap_a, cause = amps, why
        if self.seen_cap_a[i] < cap_a:
            cap_a, cause = self.seen_cap_a[i], CAP_SEEN
        self.cap_a[i] = cap_a
        self.cap_cause[i] = cause
