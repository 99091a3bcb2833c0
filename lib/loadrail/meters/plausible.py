# Whether numbers can be those of a mains meter at all.
#
# The bounds are wide: they are to find wrong register maps, word orders and transformer ratios,
# not bad grids. Whole numbers; mV, mA, W, mHz.

_LOWEST_MV = 80_000
_HIGHEST_MV = 300_000


def carries(current_ma: int, power_w: int) -> bool:
    """Whether a current can carry a power: |P| is never above U * I, and U not above 300 V.

    300 W are allowed on top: the two may be read one after the other, and some meters show whole
    amperes.
    """
    return abs(power_w) <= abs(current_ma) * 3 // 10 + 300


def fits_mains(values, first: int, count: int) -> bool:
    """False where voltages are known, in mV from values[first] on, and none is 80 to 300 V, or one
    is above. A phase without voltage is no fault."""
    known = found = False
    for k in range(first, first + count):
        value = values[k]
        if value is not None:
            if value > _HIGHEST_MV:
                return False
            known = True
            found = found or value >= _LOWEST_MV
    return found or not known


def is_a_meter(sample) -> bool:
    """Whether a whole sample is that of a mains meter: for a search, before it believes a hit.

    Frequency 45 to 65 Hz, voltages as above, each power within 10 % and 50 W of what U * I can be,
    the meter's own total within 5 % and 50 W of the sum of its phases; each where it is known.
    """
    if sample.frequency_mhz is not None and not 45_000 <= sample.frequency_mhz <= 65_000:
        return False
    if not fits_mains(sample.voltage_mv, 0, sample.phases):
        return False
    own_w, total_w = sample.own_total_w, sample.total_power_w
    if own_w is not None and total_w is not None:
        if abs(own_w - total_w) > abs(total_w) // 20 + 50:
            return False
    for phase in range(sample.phases):
        power_w, voltage_mv = sample.power_w[phase], sample.voltage_mv[phase]
        if power_w is not None and voltage_mv is not None:
            apparent_w = abs(sample.current_ma[phase]) * (voltage_mv // 1000) // 1000
            if abs(power_w) > apparent_w * 11 // 10 + 50:
                return False
    return True
