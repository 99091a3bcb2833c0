# An Eastron SDM630 at the grid connection, register for register where it matters.
#
# Like the real one it shows the magnitude of each phase current; only power has a sign, negative
# when the phase exports. Values are float32, high word first, and refresh every `update_ms`.
# Input registers take even starts and counts, up to 80 at once; anything else is exception 2 or 3.
# Quantities that nothing here needs (reactive power, distortion, demands) read 0.

import struct

from .device import (
    ILLEGAL_ADDRESS,
    ILLEGAL_FUNCTION,
    ILLEGAL_VALUE,
    READ_HOLDING,
    READ_INPUT,
    Device,
    ModbusError,
)

MAX_READ = 80  # document V1.8 and later; older units take 60
INPUT_END = 0x182  # the last input register is 0x181

# Input registers, one float each.
VOLTAGE = (0x00, 0x02, 0x04)
CURRENT = (0x06, 0x08, 0x0A)
POWER = (0x0C, 0x0E, 0x10)
APPARENT_POWER = (0x12, 0x14, 0x16)
POWER_FACTOR = (0x1E, 0x20, 0x22)
SUM_CURRENT = 0x30
TOTAL_POWER = 0x34
FREQUENCY = 0x46
IMPORT_KWH = 0x48
EXPORT_KWH = 0x4A

METER_CODE = 0xFC02
HOLDING = {
    0x12: (0, 0),  # 8N1 as float32 0.0
    0x14: (0x3F80, 0),  # address 1 as float32 1.0
    0x1C: (0x4000, 0),  # 9600 baud is code 2.0
    0xFC00: (0x0012, 0xD687),  # serial number, uint32
    METER_CODE: (0x0070,),  # SDM630
    0xFC03: (0x0102,),  # software version
}

UJ_PER_KWH = 3_600_000_000_000
VOLTS = 230


def as_seen(reversed_, currents_ma):
    """The currents with the signs that a meter gives them whose phases `reversed_` are so."""
    seen_ma = list(currents_ma)
    for phase in reversed_:
        seen_ma[phase] = -seen_ma[phase]
    return seen_ma


class Meter(Device):
    """Shows the grid currents that the site hands to `step`, positive = import."""

    def __init__(self, address=1, update_ms=200):
        Device.__init__(self, address)
        self.update_ms = update_ms
        self.now_ms = 0
        self.shown_ma = [0, 0, 0]  # signed, as of the last refresh
        self.stuck = False  # it answers, and refreshes nothing
        self.reversed = ()  # phases whose current transformer sits the wrong way round
        self._refreshed_ms = None
        self._flow_ma = [0, 0, 0]
        self._import_uj = 0
        self._export_uj = 0

    def step(self, now_ms, currents_ma):
        for flow_ma in self._flow_ma:
            energy_uj = flow_ma * VOLTS * (now_ms - self.now_ms)
            if energy_uj >= 0:
                self._import_uj += energy_uj
            else:
                self._export_uj -= energy_uj
        self.now_ms = now_ms
        self._flow_ma = list(currents_ma)
        due = self._refreshed_ms is None or now_ms - self._refreshed_ms >= self.update_ms
        if due and not self.stuck:
            self._refreshed_ms = now_ms
            self.shown_ma = as_seen(self.reversed, currents_ma)

    def read(self, function, register, count):
        if function == READ_INPUT:
            return self._read_input(register, count)
        if function == READ_HOLDING:
            return self._read_holding(register, count)
        raise ModbusError(ILLEGAL_FUNCTION)

    def _read_input(self, register, count):
        if not 1 <= count <= MAX_READ:
            raise ModbusError(ILLEGAL_VALUE)
        if register % 2 or count % 2 or register + count > INPUT_END:
            raise ModbusError(ILLEGAL_ADDRESS)
        shown = self._shown()
        words = []
        for address in range(register, register + count, 2):
            words.extend(struct.unpack(">HH", struct.pack(">f", shown.get(address, 0))))
        return words

    def _read_holding(self, register, count):
        words = HOLDING.get(register, ())
        if count != len(words):
            raise ModbusError(ILLEGAL_ADDRESS)
        return list(words)

    def _shown(self):
        """The quantities by register, in the meter's units."""
        shown = {
            SUM_CURRENT: sum([abs(ma) for ma in self.shown_ma]) / 1000,
            TOTAL_POWER: sum(self.shown_ma) * VOLTS / 1000,
            FREQUENCY: 50,
            IMPORT_KWH: self._import_uj / UJ_PER_KWH,
            EXPORT_KWH: self._export_uj / UJ_PER_KWH,
        }
        for phase, ma in enumerate(self.shown_ma):
            shown[VOLTAGE[phase]] = VOLTS
            shown[CURRENT[phase]] = abs(ma) / 1000
            shown[POWER[phase]] = ma * VOLTS / 1000
            shown[APPARENT_POWER[phase]] = abs(ma) * VOLTS / 1000
            shown[POWER_FACTOR[phase]] = 1
        return shown
