# What a charger can do over Modbus, found out once it answers (commissioning), and remembered.
#
# The maker's table does not say which function codes a charger takes, nor how many registers at a
# time. Each is a step: one read, and what its end tells; codes that write show in the first
# writes. A part of Chargers. A lost frame makes nobody less able: a step is tried again, and what
# stays unknown is not used.

from loadrail import purposes, registers
from loadrail.purposes import BLOCKS, DETAILS, DETAILS_AND_ENERGY, ENERGY, PROBE
from loadrail.request import (
    EXCEPTION,
    OK,
    READ_HOLDING,
    READ_INPUT,
    WRITE_MULTIPLE,
    WRITE_SINGLE,
)

ILLEGAL_FUNCTION = 1  # the exception that tells that a function code is not known

# Steps
GET_DETAILS = 0
GET_ENERGY = 1
TRY_INPUT = 2
TRY_125 = 3
TRY_45 = 4
TRY_21 = 5
DONE = 6

# step: (first register, registers)
_READS = (
    BLOCKS[DETAILS],
    BLOCKS[ENERGY],
    (registers.EVSE_ID, 1),
    (0, 125),
    (0, 45),
    (0, 21),
)
_LEAST_BLOCK = 16
_TRIES = 3  # of a step that gets no answer

# takes_start: see orders.py
UNSHOWN = 0
YES = 1
NO = 2


class Abilities:
    """Columns of what each charger can do; bits of function codes are 1 << code."""

    def __init__(self, n: int):
        self.step = [GET_DETAILS] * n
        self.tries = [0] * n
        self.works = [0] * n  # function codes that it answered
        self.refused = [0] * n  # function codes that it does not know
        self.block = [_LEAST_BLOCK] * n  # registers that it hands over at a time
        self.takes_start = [UNSHOWN] * n  # session_request = 2
        self.remembered = {}  # from before a restart, by who it is: the four columns above

    def read_function(self, i: int) -> int:
        return READ_INPUT if self.refused[i] >> READ_HOLDING & 1 else READ_HOLDING

    def write_function(self, i: int) -> int:
        return WRITE_MULTIPLE if self.refused[i] >> WRITE_SINGLE & 1 else WRITE_SINGLE

    def takes_writes(self, i: int) -> bool:
        """Whether it was seen to take the function code that it is written with."""
        return bool(self.works[i] >> self.write_function(i) & 1)

    def commissioned(self, i: int) -> bool:
        """Whether all of that is known."""
        return self.step[i] == DONE

    def forget_abilities(self, i: int) -> None:
        """Another device may be there now."""
        self.step[i] = GET_DETAILS
        self.tries[i] = self.works[i] = self.refused[i] = 0
        self.block[i] = _LEAST_BLOCK
        self.takes_start[i] = UNSHOWN
        self.have[i] = 0

    def abilities_of(self, i: int) -> "list | None":
        """What is worth remembering over a restart: [who, then a row of `remembered`]."""
        if not self.commissioned(i) or self.who[i] is None:
            return None
        return [self.who[i], self.works[i], self.refused[i], self.block[i], self.takes_start[i]]

    def recall(self, i: int, who: int) -> None:
        """It is `who`: if it was here before a restart, the steps are done."""
        row = self.remembered.get(who)
        if row is not None:
            self.works[i] |= row[0]
            self.refused[i] |= row[1] & ~self.works[i]
            self.block[i], self.takes_start[i] = row[2:]
            self.step[i] = DONE

    def heard_function(self, i: int, function: int, understood: bool) -> bool:
        """A function code was answered, or refused as unknown.

        False where now neither of a pair is left: both will be tried anew.
        """
        bit = 1 << function
        if understood:
            self.works[i] |= bit
            self.refused[i] &= ~bit
            return True
        self.refused[i] |= bit
        self.works[i] &= ~bit
        for pair in (1 << READ_HOLDING | 1 << READ_INPUT, 1 << WRITE_SINGLE | 1 << WRITE_MULTIPLE):
            if self.refused[i] & pair == pair:
                self.refused[i] &= ~pair
                return False
        return True

    def next_read(self, i: int, request, timeout_ms: int) -> int:
        """Fill in the read of its next step; what that is for, or 0 where there is none."""
        step = self.step[i]
        if step == DONE:
            return 0
        first, count = _READS[step]
        function = READ_INPUT if step == TRY_INPUT else self.read_function(i)
        request.read(self.address[i], function, first, count, timeout_ms)
        if step == GET_DETAILS:
            return DETAILS
        return ENERGY if step == GET_ENERGY else PROBE

    def step_ended(self, i: int, result: int) -> None:
        """The request of its step has ended so."""
        step = self.step[i]
        if step == DONE:
            return
        if result not in (OK, EXCEPTION):
            self.tries[i] += 1
            if self.tries[i] < _TRIES:
                return
        self.tries[i] = 0
        self.step[i] = step + 1
        if step >= TRY_125 and result == OK:
            self.block[i] = _READS[step][1]
            self.step[i] = DONE

    def slow_block(self, i: int, which: int) -> tuple:
        """(purpose, first, count) of a read now and then; three kinds, `which` counts them."""
        if which % 4 == 1:
            if self.block[i] >= DETAILS_AND_ENERGY[1]:
                return (DETAILS,) + DETAILS_AND_ENERGY
            return (DETAILS,) + BLOCKS[DETAILS]
        if which % 4 == 3 and self.block[i] < DETAILS_AND_ENERGY[1]:
            return (ENERGY,) + BLOCKS[ENERGY]
        return (purposes.SETTINGS,) + BLOCKS[purposes.SETTINGS]
