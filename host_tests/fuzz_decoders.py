"""Fuzz of what turns words into facts: meter values, whole meters, chargers behind the core.

`words`: each kind of value against struct and whole fractions. `meter`: every model's reader and
the judge of its samples. `charger`: a core of four chargers and a meter whose answers are anything
at all; whatever they say, what it asks is a good request, and limits keep their bounds (S3).
"""

import json
import math
import struct
import sys

import conftest  # noqa: F401 - umodbus needs a name of MicroPython's
from fuzzing import main, word

from loadrail import charger_page, charger_view, commands_chargers, commands_meter, meters, status
from loadrail.config import check
from loadrail.core import CHARGER_BUS, Primary
from loadrail.events import Events
from loadrail.meters.assemble import MAX_CURRENT_MA
from loadrail.meters.fingerprint import matches
from loadrail.meters.plausible import is_a_meter
from loadrail.meters.words import F32, F64, I16, I32, I64, U16, U32, U64, number
from loadrail.registers import AMPS_TO_USE
from loadrail.request import CRC, EXCEPTION, MISMATCH, OK, PORT, RESULT_NAMES, TIMEOUT
from loadrail_site.charger import Charger
from loadrail_site.device import ModbusError
from loadrail_site.meters_simulated import SimulatedMeter
from loadrail_site.teltocharge import COUNT, WRITABLE

_LETTERS = {U16: "H", I16: "h", U32: "I", I32: "i", U64: "Q", I64: "q", F32: "f", F64: "d"}
_LEAST = {F32: 2.0**-126, F64: 2.0**-1022}  # below it a float counts as 0
_FRACTIONS = ((1, 1), (1000, 1), (100, 1), (10, 1), (1, 10), (1, 100), (1000, 100), (1, 1000))
_MODELS = meters.names()
_RESULTS = (OK,) * 12 + (TIMEOUT, CRC, MISMATCH, EXCEPTION, EXCEPTION, PORT)


def words_life(dice):
    """`number` is the nearest whole number, halves away from zero, or None for what is absent."""
    while True:
        kind = dice.choice(list(_LETTERS))
        size = struct.calcsize(_LETTERS[kind]) // 2
        words = [word(dice) for _ in range(size)]
        multiply, divide = dice.choice(_FRACTIONS)
        low_first = dice.randrange(2) == 1
        line = [7, *(reversed(words) if low_first else words), 7]
        told = number(line, 1, kind, multiply, divide, low_first)
        expected = _expected(kind, words, multiply, divide)
        assert told == expected, (kind, words, multiply, divide, told, expected)
        yield "absent" if told is None else "a number"


def _expected(kind, words, multiply, divide):
    (value,) = struct.unpack(">" + _LETTERS[kind], struct.pack(f">{len(words)}H", *words))
    if kind in _LEAST:
        if not math.isfinite(value) or abs(value) >= 2**63:
            return None
        top, bottom = (0, 1) if abs(value) < _LEAST[kind] else value.as_integer_ratio()
    else:
        bits = 16 * len(words)
        signed = kind in (I16, I32, I64)
        ends = (2 ** (bits - 1) - 1, -(2 ** (bits - 1))) if signed else (2**bits - 1,)
        if value in ends:
            return None
        top, bottom = value, 1
    size = (2 * abs(top) * multiply + bottom * divide) // (2 * bottom * divide)
    return -size if top < 0 else size


def meter_life(dice):
    """One model a life, answering as it should, or with words that are changed or made up."""
    from loadrail.metering import Metering

    name = dice.choice(_MODELS)
    line = {"timeout_ms": 200}
    section = {"model": name, "address": 1, "update_interval_ms": 200, "range_a": 1000}
    section["phases"] = meters.load(name)["phases"]
    device, metering = SimulatedMeter(name), Metering(section, line, Events())
    row, reader, nobody = metering.reader.row, metering.reader, Chargers()
    request, now_ms = _Request(), dice.randrange(1 << 30)
    while True:
        now_ms = now_ms + dice.choice((1, 30, 200, 1000, 5000)) & (1 << 30) - 1
        if not reader.next(request, now_ms):
            yield "nothing due"
            continue
        assert 1 <= request.count <= row["block"]
        assert request.register + request.count <= 65536
        device.set([dice.randint(-45_000, 45_000) for _ in range(3)])
        result = request.result = dice.choice(_RESULTS)
        request.exception = dice.randrange(12) if result == EXCEPTION else 0
        words = _changed(dice, device.request(request.function, request.register, request.count))
        good = metering.answer(now_ms, result, words if result == OK else None, nobody)
        _is_whole(row, reader.sample, good)
        for mark in row["fingerprint"]:
            matches(mark, [word(dice) for _ in range(mark[2])], 1, 9600)
        yield "a sample" if good else RESULT_NAMES[result]


class _Request:
    """What a reader fills in."""

    def read(self, unit, function, register, count, timeout_ms):
        self.function, self.register, self.count = function, register, count


class Chargers:
    """None are there."""

    n = 0


def _changed(dice, words):
    """Now and then some of the words, or all."""
    words = list(words)
    kind = dice.randrange(4)
    if kind == 0:
        return [word(dice) for _ in words]
    if kind == 1:
        for _ in range(dice.randint(1, 3)):
            words[dice.randrange(len(words))] = word(dice)
    elif kind == 2 and dice.randrange(4) == 0:
        del words[dice.randrange(len(words)) :]
    return words


def _is_whole(row, sample, good):
    """Every phase that the meter has, within bounds, and no other."""
    for phase in range(3):
        current_ma = sample.current_ma[phase]
        if phase >= row["phases"]:
            assert current_ma is None
        elif good:
            assert isinstance(current_ma, int) and abs(current_ma) < MAX_CURRENT_MA
            assert row["sign"] != "none" or current_ma >= 0
        elif current_ma is not None:
            assert isinstance(current_ma, int)
    if good:
        is_a_meter(sample)


_CONFIG = {
    "group": {"limit_a": 40, "raise_after_s": 1, "start_after_s": 1},
    "bus": {"baud": 19200},
    "meter": {"address": 1},
    "chargers": [
        {"address": 2, "phases": "L1L2L3", "phase_switching": "on"},
        {"address": 3, "phases": "L2L3L1", "solar_mode": "eco"},
        {"address": 4, "phases": "L2", "min_a": 8, "max_a": 16},
        {"address": 5},
    ],
}


def charger_life(dice):
    """One core a life. Chargers that answer truly, and words and results that do not."""
    config, faults = check(_CONFIG)
    assert not faults
    now_ms = dice.randrange(1 << 30)
    primary = Primary(config, now_ms)
    rows = config["chargers"]
    devices = {1: SimulatedMeter("eastron_sdm630")}
    for row in rows:
        wires = row["phases"] if row["phases"] != "unknown" else "L1L2L3"
        devices[row["address"]] = Charger(row["address"], wires)
    while True:
        now_ms = now_ms + dice.choice((1, 5, 20, 20, 300)) & (1 << 30) - 1
        request = primary.next_request(CHARGER_BUS, now_ms)
        if request is None:
            now_ms = now_ms + 200 & (1 << 30) - 1
            yield "nothing due"
            continue
        _is_good(request, devices, rows)
        request.exception = 0
        result, words = _answer(dice, devices[request.unit], request)
        request.turnaround_ms = 5 if result in (OK, EXCEPTION) else None
        now_ms = now_ms + dice.choice((10, 30, 300)) & (1 << 30) - 1
        primary.answer(CHARGER_BUS, now_ms, result, words)
        _keeps_bounds(primary, rows)
        if dice.randrange(50) == 0:
            _tells(dice, primary, now_ms)
        yield RESULT_NAMES[result]


def _is_good(request, devices, rows):
    """A request that a device can answer, and a limit that a charger may be told (S3)."""
    assert request.unit in devices and request.timeout_ms > 0
    assert 1 <= request.count <= 125
    assert request.unit == 1 or request.register + request.count <= max(COUNT, 125)
    if request.values is None:
        assert request.function in (3, 4)
        return
    assert request.function in (6, 16) and request.unit != 1
    for k in range(request.count):
        assert request.register + k in WRITABLE
        assert isinstance(request.values[k], int) and 0 <= request.values[k] <= 65535
        if request.register + k == AMPS_TO_USE:
            row = rows[request.unit - 2]
            amps = request.values[k]
            assert amps == 0 or row["min_a"] <= amps <= row["max_a"], amps


def _answer(dice, device, request):
    """(result, words): the truth, or something else."""
    result = dice.choice(_RESULTS)
    values = None if request.values is None else list(request.values)[: request.count]
    words = None
    try:
        words = device.request(request.function, request.register, request.count, values)
    except ModbusError as error:
        if result == OK:
            result, request.exception = EXCEPTION, error.code
    if result == EXCEPTION:
        request.exception = request.exception or dice.randrange(256)
    if result != OK or values is not None:
        return result, None
    return result, _changed_whole(dice, words)


def _changed_whole(dice, words):
    """The transport brings as many words as were asked for, whatever they are."""
    changed = _changed(dice, words)
    return changed + words[len(changed) :]


def _keeps_bounds(primary, rows):
    c = primary.chargers
    for i, row in enumerate(rows):
        limit_ma = c.limit_ma[i]
        assert limit_ma % 1000 == 0, "whole amperes"
        assert limit_ma == 0 or 6000 <= limit_ma <= 32_000, limit_ma
        assert 0 <= c.cap_a[i] <= 32
        assert all(c.booked_ma(i, phase) >= 0 for phase in range(3)), row


def _tells(dice, primary, now_ms):
    """Whatever is known now can be told to a person and to a program."""
    i = dice.randrange(primary.chargers.n)
    for page in (
        status.table(primary, now_ms),
        status.json_pieces(primary, now_ms),
        commands_chargers.lines(primary),
        commands_meter.lines(primary, now_ms),
        commands_meter.json_pieces(primary, now_ms),
        charger_page.lines(primary, i, now_ms),
    ):
        assert "".join(page)
    words = [word(dice) for _ in range(COUNT)]
    assert "".join(charger_view.lines(words, lambda register: True))
    assert json.loads("".join(charger_view.json_pieces(words, lambda register: True)))
    for problem in charger_view.problems(words, lambda register: True):
        assert problem


TARGETS = {"words": words_life, "meter": meter_life, "charger": charger_life}

if __name__ == "__main__":
    sys.exit(main(TARGETS))
