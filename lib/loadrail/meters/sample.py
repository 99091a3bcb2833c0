# What a meter shows at one moment, in whole numbers. One object serves for ever: who reads a meter
# fills it in anew with each sample.


class Sample:
    """None is "not known" and never 0. Of a one-phase meter L2 and L3 stay None: what flows there
    nobody measures, so nothing may be dealt out there."""

    def __init__(self, phases: int):
        self.phases = phases  # that the meter has: 1 (L1) or 3
        self.at_ms = None  # when its currents came; None: no sample yet
        self.current_ma = [None, None, None]  # positive is import, negative export
        self.power_w = [None, None, None]
        self.voltage_mv = [None, None, None]
        self.total_power_w = None  # the sum of the phases
        # These are as of their last reading, some seconds ago.
        self.own_total_w = None  # the meter's own total
        self.frequency_mhz = None
        self.import_wh = None
        self.export_wh = None
