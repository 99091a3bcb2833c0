"""The simulated SDM630: map, signs, refresh, refusals."""

import struct

import pytest

from loadrail_site.device import ModbusError
from loadrail_site.meter import Meter


def showing(*currents_ma, until_ms=0):
    meter = Meter(1)
    for now_ms in range(0, until_ms + 1, 200):
        meter.step(now_ms, currents_ma)
    return meter


def value(meter, register):
    high, low = meter.read(4, register, 2)
    return struct.unpack(">f", struct.pack(">HH", high, low))[0]


@pytest.mark.parametrize(
    ("register", "expected"),
    [
        (0x00, 230),
        (0x04, 230),
        (0x06, 10),
        (0x08, 4),  # exporting: the current has no sign
        (0x0A, 0),
        (0x0C, 2300),
        (0x0E, -920),
        (0x10, 0),
        (0x30, 14),
        (0x34, 1380),
        (0x46, 50),
        (0x18, 0),  # reactive power: nothing
    ],
)
def test_quantities_are_where_the_map_has_them(register, expected):
    assert value(showing(10_000, -4000, 0), register) == expected


def test_one_read_of_18_registers_brings_voltages_currents_and_powers():
    words = showing(6000, 6000, 6000).read(4, 0, 18)
    floats = struct.unpack(">9f", struct.pack(">18H", *words))
    assert floats == (230, 230, 230, 6, 6, 6, 1380, 1380, 1380)


def test_import_and_export_are_counted_by_phase():
    meter = showing(10_000, -5000, 0, until_ms=3_600_000)
    assert abs(value(meter, 0x48) - 2.3) < 0.001
    assert abs(value(meter, 0x4A) - 1.15) < 0.001


def test_values_refresh_only_as_often_as_the_meter_does():
    meter = showing(1000, 0, 0)
    meter.step(100, [2000, 0, 0])
    assert value(meter, 6) == 1
    meter.step(200, [3000, 0, 0])
    assert value(meter, 6) == 3


def test_the_meter_code_is_that_of_an_sdm630():
    assert showing(0, 0, 0).read(3, 0xFC02, 1) == [0x0070]


@pytest.mark.parametrize(
    ("function", "register", "count", "code"),
    [
        (4, 1, 2, 2),
        (4, 0, 3, 2),
        (4, 0x182, 2, 2),
        (4, 0, 82, 3),
        (4, 0, 0, 3),
        (3, 0, 2, 2),
        (3, 0xFC02, 2, 2),
        (1, 0, 2, 1),
    ],
)
def test_what_the_real_one_refuses_is_refused(function, register, count, code):
    with pytest.raises(ModbusError) as caught:
        showing(0, 0, 0).read(function, register, count)
    assert caught.value.code == code


def test_nothing_can_be_written():
    with pytest.raises(ModbusError):
        showing(0, 0, 0).write(16, 0x1C, [0x4040, 0])
