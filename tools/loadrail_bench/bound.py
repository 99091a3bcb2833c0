# The most energy that any controller could have delivered, from a linear program.
#
# It knows the whole day: per minute and phase what the house leaves of the limit (the exact
# integral), who is plugged in, and what each car needs. Relaxed are the 6 A and whole-ampere
# rules, delays, ramps, the cars' own error, and fairness; so no controller can reach it.
# Unknowns: each car's mean current in each of its slots, in A.

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

VOLTS = 230


@dataclass(frozen=True)
class Stay:
    """One car's stay, in the bound's own terms."""

    phases: tuple[int, ...]  # grid phases that it draws on, 0..2
    max_a: float  # the lower of the car's and its charger's
    energy_wh: float
    from_s: float
    to_s: float


def free_a(table_ma, limit_a: int, slot_s: int) -> np.ndarray:
    """What the house leaves per slot and phase, as a mean; never less than nothing.

    table_ma: the house's load by second and phase. What is above the limit in one second is not
    held against the others.
    """
    free = np.maximum(0, limit_a * 1000 - np.asarray(table_ma, dtype=float)) / 1000
    slots = -(-len(free) // slot_s)
    padded = np.zeros((slots * slot_s, 3))
    padded[: len(free)] = free
    return padded.reshape(slots, slot_s, 3).mean(axis=1)


def most_wh(stays: list[Stay], free: np.ndarray, slot_s: int) -> float:
    """The most energy that these stays could have got; `free` as `free_a` returns it."""
    gain, most, cells = [], [], []  # of each unknown; cells: (unknown, row, factor)
    for number, stay in enumerate(stays):
        wh_per_a = len(stay.phases) * VOLTS * slot_s / 3600
        last = min(len(free), int(-(-stay.to_s // slot_s)))
        for slot in range(int(stay.from_s // slot_s), last):
            here_s = min(stay.to_s, (slot + 1) * slot_s) - max(stay.from_s, slot * slot_s)
            unknown = len(gain)
            gain.append(wh_per_a)
            most.append(stay.max_a * here_s / slot_s)
            cells.append((unknown, number, wh_per_a))
            cells += [(unknown, len(stays) + slot * 3 + phase, 1.0) for phase in stay.phases]
    if not gain:
        return 0.0
    rights = np.concatenate([[stay.energy_wh for stay in stays], free.reshape(-1)])
    columns, rows, factors = zip(*cells, strict=True)
    matrix = coo_matrix((factors, (rows, columns)), shape=(len(rights), len(gain)))
    found = linprog(
        [-wh for wh in gain],
        A_ub=matrix.tocsr(),
        b_ub=rights,
        bounds=list(zip([0.0] * len(most), most, strict=True)),
        method="highs",
    )
    if not found.success:
        raise ArithmeticError(found.message)
    return -found.fun
