# From the values of one reading to a sample: signs, transformer ratio, and whether to believe
# it.
#
# `values` has a slot for each quantity (plan.SLOTS) and behind them six for what is worked out
# here, so that a sample that is refused leaves the last one as it was.

from loadrail.meters.plan import N_SLOTS, SLOTS
from loadrail.meters.plausible import carries, fits_mains

MAX_CURRENT_MA = 1_000_000  # above 1000 A a reading is a fault, not a load

_CURRENT = SLOTS["current"]
_POWER = SLOTS["power"]
_EXPORT = SLOTS["export_power"]
_VOLTAGE = SLOTS["voltage"]
_TOTAL = SLOTS["total_power"]
_FREQUENCY = SLOTS["frequency"]
_IMPORT_WH = SLOTS["import_energy"]
_EXPORT_WH = SLOTS["export_energy"]
_RATIO = SLOTS["ratio"]
_SIGNED = N_SLOTS  # current of each phase, mA, import positive
_NET = N_SLOTS + 3  # power of each phase, W
N_VALUES = N_SLOTS + 6


def complete(row: dict, values: list, sample, at_ms: int) -> bool:
    """Make the sample of the values; False, and leave it as it was, where they are no sample.

    Refused are: no current of a phase that the meter has, or more than 1000 A; no direction where
    the model has one; no transformer ratio where it is needed; voltages that are none of a mains
    (another model, unit or word order); a power that the current cannot carry.
    """
    ratio = values[_RATIO] if row.get("ratio") else 1
    if ratio is None or ratio <= 0 or not fits_mains(values, _VOLTAGE, sample.phases):
        return False
    for phase in range(sample.phases):
        if not _phase(row, values, phase, ratio):
            return False
    for phase in range(sample.phases):
        sample.current_ma[phase] = values[_SIGNED + phase]
        sample.power_w[phase] = values[_NET + phase]
    sample.at_ms = at_ms
    sample.total_power_w = _total(values, sample.phases)
    show(row, values, sample)
    return True


def show(row: dict, values: list, sample) -> None:
    """Put what needs no judgement into the sample: voltages, frequency, totals."""
    for phase in range(sample.phases):
        sample.voltage_mv[phase] = values[_VOLTAGE + phase]
    frequency = values[_FREQUENCY]
    if frequency is not None and frequency > 100_000:
        frequency //= 10  # some Eastron show ten times too much now and then
    sample.frequency_mhz = frequency
    ratio = values[_RATIO] if row.get("ratio") else 1
    total = values[_TOTAL]
    sample.own_total_w = None if total is None or ratio is None else total * ratio
    times = ratio if row["secondary_energy"] else 1
    sample.import_wh = _times(values[_IMPORT_WH], times)
    sample.export_wh = _times(values[_EXPORT_WH], times)


def _phase(row, values, phase, ratio) -> bool:
    """Work out a phase's signed current and its power."""
    current, power = values[_CURRENT + phase], values[_POWER + phase]
    if current is None or abs(current) * ratio >= MAX_CURRENT_MA:
        return False
    current = abs(current) * ratio
    rule = row["sign"]
    if rule == "power":
        if power is None:
            return False
        power *= ratio
    elif rule == "export":
        export = values[_EXPORT + phase]
        power = None if power is None or export is None else power - export
    if power is not None:
        if not carries(current, power):
            return False
        if power < 0:
            current = -current
        elif row["whole_amperes"]:
            current = _at_least(current, power, values[_VOLTAGE + phase])
    values[_SIGNED + phase] = current
    values[_NET + phase] = power
    return True


def _at_least(current_ma, power_w, voltage_mv):
    """An import shown in whole amperes is at least what the power tells."""
    if voltage_mv is None or voltage_mv < 80_000:
        return current_ma
    return max(current_ma, power_w * 10_000 // (voltage_mv // 100))


def _total(values, phases):
    total = 0
    for phase in range(phases):
        if values[_NET + phase] is None:
            return None
        total += values[_NET + phase]
    return total


def _times(energy_wh, times):
    # an ET112 counts what it exports downwards from 0
    return None if energy_wh is None or times is None else abs(energy_wh) * times
