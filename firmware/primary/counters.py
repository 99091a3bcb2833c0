# What a bus has seen, per device and in total: for the console, the log and the installer.
#
# One row of whole numbers a device, made at its first transaction, and one at its first exception,
# never again; so counting allocates nothing. Counters run to 2**32 and wrap. Turnaround is the
# time from the last byte of a request to the first byte of its answer, in microseconds, as a
# listener on the line sees it.

from array import array

from loadrail.request import EXCEPTION, RESULT_NAMES

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# A row: the first six cells are counted by result code (ok, timeout, crc, ...), then:
_LATE = const(6)  # intact frames of this device when another answer was awaited
_NOISE = const(7)  # bytes that belonged to no frame
_LAST_CODE = const(8)  # the last exception code
_TURN_COUNT = const(9)
_TURN_SUM = const(10)
_TURN_MIN = const(11)
_TURN_MAX = const(12)
_CELLS = const(13)
_CODES = const(11)  # exceptions 1..11 of the Modbus specification; 0: any other

# Beyond this the mean's sum and count are halved: it stays a small int on a 32-bit board, and the
# mean then leans to the recent past.
_SUM_LIMIT = const(1 << 29)
_SECOND_US = const(1000000)


class Counters:
    """Counters of one bus."""

    def __init__(self):
        self.rows = {}  # unit -> row
        self._exceptions = {}  # unit -> how often each code came
        self.transactions = 0
        self.bytes = 0  # sent and accepted: what the line had to carry
        self.noise = 0
        self.intruders = 0  # requests heard that were not ours: another primary is on the line
        self.intruder_unit = None  # whom the last of them asked, and with what function
        self.intruder_function = None
        self._busy_s = 0  # split, for a sum of microseconds outgrows a small int in 18 minutes
        self._busy_us = 0

    def row(self, unit: int):
        """The row of a device, made if it is new."""
        row = self.rows.get(unit)
        if row is None:
            row = self.rows[unit] = array("I", bytes(4 * _CELLS))
        return row

    def done(self, unit: int, result: int, exception: int, span_us: int, length: int):
        """A transaction ended: its result, how long it held the bus, how many bytes it moved."""
        row = self.row(unit)
        row[result] += 1
        if result == EXCEPTION:
            row[_LAST_CODE] = exception
            if unit not in self._exceptions:
                self._exceptions[unit] = array("I", bytes(4 * (_CODES + 1)))
            self._exceptions[unit][exception if exception <= _CODES else 0] += 1
        self.transactions += 1
        self.bytes += length
        self._busy_us += span_us
        while self._busy_us >= _SECOND_US:
            self._busy_us -= _SECOND_US
            self._busy_s += 1

    def turnaround(self, unit: int, span_us: int):
        row = self.row(unit)
        if not row[_TURN_COUNT] or span_us < row[_TURN_MIN]:
            row[_TURN_MIN] = span_us
        row[_TURN_MAX] = max(row[_TURN_MAX], span_us)
        if row[_TURN_SUM] + span_us > _SUM_LIMIT:
            row[_TURN_SUM] >>= 1
            row[_TURN_COUNT] >>= 1
        row[_TURN_SUM] += span_us
        row[_TURN_COUNT] += 1

    def late(self, unit: int):
        """A frame came from `unit` unasked, or too late. Units we never ask are not kept."""
        row = self.rows.get(unit)
        if row is not None:
            row[_LATE] += 1

    def intruder(self, unit: int, function: int):
        """Somebody else asked `unit`."""
        self.intruders += 1
        self.intruder_unit = unit
        self.intruder_function = function

    def stray(self, unit: int, count: int):
        """`count` bytes of noise while `unit` was asked."""
        self.noise += count
        row = self.rows.get(unit)
        if row is not None:
            row[_NOISE] += count

    @property
    def busy_us(self) -> int:
        """Time that transactions held the bus, silence before each included."""
        return self._busy_s * _SECOND_US + self._busy_us

    def as_dict(self) -> dict:
        """Everything, ready for JSON; times of the turnaround in ms."""
        return {
            "transactions": self.transactions,
            "busy_us": self.busy_us,
            "bytes": self.bytes,
            "noise": self.noise,
            "intruders": {
                "count": self.intruders,
                "unit": self.intruder_unit,
                "function": self.intruder_function,
            },
            "devices": {
                str(unit): _row_as_dict(row, self._exceptions.get(unit, ()))
                for unit, row in self.rows.items()
            },
        }


def _row_as_dict(row, exceptions):
    result = {name: row[i] for i, name in enumerate(RESULT_NAMES)}
    result["late"] = row[_LATE]
    result["noise"] = row[_NOISE]
    result["last_exception"] = row[_LAST_CODE]
    result["exceptions"] = {
        str(code) if code else "other": count for code, count in enumerate(exceptions) if count
    }
    count = row[_TURN_COUNT]
    result["turnaround_ms"] = {
        "min": row[_TURN_MIN] / 1000 if count else None,
        "mean": row[_TURN_SUM] // count / 1000 if count else None,
        "max": row[_TURN_MAX] / 1000 if count else None,
    }
    return result
