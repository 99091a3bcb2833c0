# Which registers of a meter are read together: as few requests as its limits allow.
#
# What every sample needs is fast: the currents, and the powers where they give the sign. The
# rest is slow, but for what rides along in a fast request anyway. A register that is no value of
# the row is read through only inside one of the row's `spans`; where nobody tells, requests are
# split.
#
# A block is (first register, registers, parts); a part is (slot, offset, kind, multiply, divide)
# and says where its value is in the answer, and in which slot of the reader it goes.

from loadrail.meters.words import WORDS

SLOTS = {
    "current": 0,  # mA; one slot a phase
    "power": 3,  # W; with `export_power` beside it, import only
    "export_power": 6,  # W
    "voltage": 9,  # mV
    "total_power": 12,  # W
    "frequency": 13,  # mHz
    "import_energy": 14,  # Wh
    "export_energy": 15,  # Wh
    "ratio": 16,  # of the current transformers, where the registers show their secondary side
}
N_SLOTS = 17
_OF_A_PHASE = ("current", "power", "export_power", "voltage")

_FAST = ("current", "power", "export_power")
_RIDING = ("voltage", "total_power", "frequency")
_SLOW = ("ratio", "voltage", "total_power", "frequency", "import_energy", "export_energy")

# How many registers a fast request may grow for values that could be read now and then instead:
# 12 take 28 ms at 9600 baud.
_RIDE_REGISTERS = 12


def plan(row: dict) -> tuple:
    """(fast, slow): the blocks of every sample, and those of now and then."""
    names = [name for name in _FAST if row.get(name)]
    fast = blocks(row, names)
    for name in _RIDING:
        if row.get(name):
            wider = blocks(row, names + [name])
            grown = _registers(wider) - _registers(fast)
            if len(wider) == len(fast) and grown <= _RIDE_REGISTERS:
                names.append(name)
                fast = wider
    return fast, blocks(row, [name for name in _SLOW if row.get(name) and name not in names])


def blocks(row: dict, names) -> tuple:
    """The requests that read these quantities of a row."""
    runs = []
    for name in names:
        points = _points(row, name)
        if _may_join(row, points):
            runs.append(points)
        else:
            runs.extend([[point] for point in points])
    runs.sort()
    joined = []
    for run in runs:
        if joined and _may_join(row, joined[-1] + run):
            joined[-1] = joined[-1] + run
        else:
            joined.append(run)
    return tuple([_block(run) for run in joined])


def _points(row, name):
    """(register, registers, slot, kind, multiply, divide) of each value of a quantity."""
    first, step, kind, multiply, divide = row[name]
    phases = row["phases"] if name in _OF_A_PHASE else 1
    points = []
    for phase in range(phases):
        register = first + phase * step
        points.append((register, WORDS[kind], SLOTS[name] + phase, kind, multiply, divide))
    return points


def _may_join(row, points) -> bool:
    """Whether one request may read all of these, which come in the order of their registers."""
    first = points[0][0]
    end = points[-1][0] + points[-1][1]
    if end - first > row["block"]:
        return False
    if sum([point[1] for point in points]) == end - first:
        return True
    for span in row["spans"]:
        if span[0] <= first and end <= span[1]:
            return True
    return False


def _block(points):
    first = points[0][0]
    parts = tuple([(p[2], p[0] - first, p[3], p[4], p[5]) for p in points])
    return first, points[-1][0] + points[-1][1] - first, parts


def _registers(found):
    return sum([block[1] for block in found])
