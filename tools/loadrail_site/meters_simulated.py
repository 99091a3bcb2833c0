# A meter of any model at the grid connection, register for register where a reader looks.
#
# It refuses what the real one would: functions and registers that it does not have, reads that are
# too long or begin or end within a value. `set` gives it what flows; `step` is for a site, which
# hands over currents and time. Values refresh every `update_ms`.

import struct

from .device import (
    ILLEGAL_ADDRESS,
    ILLEGAL_FUNCTION,
    ILLEGAL_VALUE,
    READ_HOLDING,
    Device,
    ModbusError,
)
from .meter import as_seen
from .meters_maps import (
    ABSENT_AS_ONES,
    BAUD,
    EVEN_READS,
    LOW_WORD_FIRST,
    MODELS,
    SIGNED_CURRENT,
    UNIT,
)

VOLTS = 230
UJ_PER_KWH = 3_600_000_000_000

_ABSENT = {
    "H": 0xFFFF,
    "h": 0x7FFF,
    "I": 0xFFFFFFFF,
    "i": 0x7FFFFFFF,
    "Q": 0xFFFFFFFFFFFFFFFF,
    "f": float("nan"),
    "d": float("nan"),
}
_BY_PHASE = ("v", "i", "p", "pi", "pe")


def _is(model, beginnings):
    return True in [model.startswith(beginning) for beginning in beginnings]


class SimulatedMeter(Device):
    """Model `model` of the maps, at an address. What it shows is public and may be set."""

    def __init__(self, model, address=1, update_ms=200, baud=9600):
        Device.__init__(self, address)
        self.model = model
        self.baud = baud
        self.update_ms = update_ms
        self.shows_export = True  # False: as in a mode that shows everything as positive
        self.ct_ratio = 1
        self.absent = ()  # values that the meter has not: "i2", "v1", "hz", ...
        self.shown_ma = [0, 0, 0]  # positive = import
        self.shown_w = [0, 0, 0]
        self.voltage_mv = [VOLTS * 1000] * 3
        self.frequency_mhz = 50_000
        self.stuck = False  # it answers, and refreshes nothing
        self.reversed = ()  # phases whose current transformer sits the wrong way round
        self.import_wh = 0
        self.export_wh = 0
        phases, self._functions, self._longest, table, self._ranges, self._identity = MODELS[model]
        self._flow_ma = [0, 0, 0]
        self._uj = [0, 0]  # imported, exported
        self._stepped_ms = 0
        self._refreshed_ms = None
        self._places = _places(table, phases)  # register: (type, counts per unit, what)
        self._taken = {}  # register: the first one of the value that it belongs to
        for register in self._places:
            for k in range(struct.calcsize(self._places[register][0]) // 2):
                self._taken[register + k] = register

    def set(self, currents_ma, powers_w=None, voltages_mv=None):
        """Show these by phase; powers are U * I where none are given."""
        self.shown_ma = list(currents_ma)
        if voltages_mv is not None:
            self.voltage_mv = list(voltages_mv)
        if powers_w is None:
            pairs = zip(self.shown_ma, self.voltage_mv)
            powers_w = [ma * mv / 1_000_000 for ma, mv in pairs]
        self.shown_w = list(powers_w)

    def step(self, now_ms, currents_ma):
        """The site's time goes on; `currents_ma` flow from now on."""
        for flow_ma in self._flow_ma:
            self._uj[flow_ma < 0] += abs(flow_ma) * VOLTS * (now_ms - self._stepped_ms)
        self._stepped_ms = now_ms
        self._flow_ma = list(currents_ma)
        if self.stuck:
            return
        if self._refreshed_ms is None or now_ms - self._refreshed_ms >= self.update_ms:
            self._refreshed_ms = now_ms
            self.set(as_seen(self.reversed, currents_ma))
            self.import_wh = self._uj[0] * 1000 / UJ_PER_KWH
            self.export_wh = self._uj[1] * 1000 / UJ_PER_KWH

    def read(self, function, register, count):
        if function == READ_HOLDING and register in self._identity:
            words = self._identity[register]
            if count == len(words):
                own = {UNIT: self.address, BAUD: self.baud}
                return [own.get(word, word) for word in words]
        if function not in self._functions:
            raise ModbusError(ILLEGAL_FUNCTION)
        if not 1 <= count <= self._longest:
            raise ModbusError(ILLEGAL_VALUE)
        if not self._may_read(register, register + count):
            raise ModbusError(ILLEGAL_ADDRESS)
        return self._words(register, count)

    def _may_read(self, first, end):
        if _is(self.model, EVEN_READS) and (first % 2 or end % 2):
            return False
        taken = self._taken
        if taken.get(first, first) != first or (end in taken and taken[end] != end):
            return False
        for register in range(first, end):
            if register not in taken and not self._is_in_a_range(register):
                return False
        return True

    def _is_in_a_range(self, register):
        for first, last in self._ranges:
            if first <= register <= last:
                return True
        return False

    def _words(self, register, count):
        words = [0xFFFF if _is(self.model, ABSENT_AS_ONES) else 0] * count
        for first in self._places:
            if register <= first < register + count:
                value = self._value(*self._places[first])
                words[first - register : first - register + len(value)] = value
        return words

    def _value(self, kind, per_unit, what):
        """The words of one value."""
        shown = self._quantity(what) * per_unit
        if what in self.absent:
            shown = _ABSENT[kind]
        elif kind not in "fd":
            shown = round(shown)
        raw = struct.pack(">" + kind, shown)
        words = list(struct.unpack(">%dH" % (len(raw) // 2), raw))
        if _is(self.model, LOW_WORD_FIRST):
            words.reverse()
        return words

    def _quantity(self, what):
        """A quantity in V, A, W, Hz or kWh as the registers of this model have it."""
        if what[:-1] in _BY_PHASE:
            return self._of_a_phase(what[:-1], int(what[-1]) - 1)
        if what == "t":
            return sum(self.shown_w) / self.ct_ratio
        shown = {
            "hz": self.frequency_mhz / 1000,
            "import": self.import_wh / 1000,
            "export": self.export_wh / 1000,
            "ct": self.ct_ratio,
        }
        return shown[what]

    def _of_a_phase(self, what, phase):
        if what == "v":
            return self.voltage_mv[phase] / 1000
        amperes = self.shown_ma[phase] / 1000 / self.ct_ratio
        watts = self.shown_w[phase] / self.ct_ratio
        if what == "i":
            signed = self.shows_export and self.model in SIGNED_CURRENT
            return amperes if signed else abs(amperes)
        if what == "p":
            return watts if self.shows_export else abs(watts)
        return max(watts, 0) if what == "pi" else max(-watts, 0)


def _places(table, phases):
    places = {}
    for entry in table.split(", "):
        what, first, distance, kind, per_unit = entry.split()
        per_unit = float(per_unit) if "." in per_unit else int(per_unit)
        count = phases if what in _BY_PHASE else 1
        for k in range(count):
            name = what + str(k + 1) if what in _BY_PHASE else what
            places[int(first, 16) + k * int(distance)] = (kind, per_unit, name)
    return places
