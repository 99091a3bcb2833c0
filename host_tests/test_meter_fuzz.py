"""Laws of meter decoding: exact rounding, and nothing that a meter sends can do harm."""

import math
import struct
from fractions import Fraction

from conftest import cases_of
from hypothesis import given
from hypothesis import strategies as st

from loadrail import meters
from loadrail.meters.assemble import MAX_CURRENT_MA
from loadrail.meters.plausible import is_a_meter
from loadrail.meters.reader import Reader
from loadrail.meters.words import F32, F64, I16, I32, I64, U16, U32, U64, number
from loadrail.request import CRC, EXCEPTION, OK, TIMEOUT, Request

WORD = st.one_of(
    st.integers(0, 0xFFFF),
    st.sampled_from([0, 1, 0x7FFF, 0x8000, 0xFFFF, 0x7F80, 0x7FC0, 0xFF80, 0x4366, 0x5F00]),
)
RATIO = st.tuples(st.sampled_from([1, 10, 100, 1000]), st.sampled_from([1, 10, 100]))
LETTERS = {U16: "H", I16: "h", U32: "I", I32: "i", U64: "Q", I64: "q", F32: "f", F64: "d"}
SIZES = {kind: struct.calcsize(">" + letter) // 2 for kind, letter in LETTERS.items()}


def rounded(value: Fraction) -> int:
    """To the nearest, halves away from zero."""
    size = math.floor(abs(value) + Fraction(1, 2))
    return -size if value < 0 else size


@cases_of(400)
@given(st.sampled_from(sorted(LETTERS)), st.lists(WORD, min_size=4, max_size=4), RATIO)
def test_every_pattern_is_the_nearest_whole_number_or_absent(kind, words, ratio):
    words = words[: SIZES[kind]]
    raw = struct.pack(f">{len(words)}H", *words)
    (value,) = struct.unpack(">" + LETTERS[kind], raw)
    told = number(words, 0, kind, *ratio)
    if kind in (F32, F64):
        if not math.isfinite(value) or abs(value) >= 2**63:
            assert told is None
            return
        smallest = 2.0**-126 if kind == F32 else 2.0**-1022
        expected = 0 if abs(value) < smallest else rounded(Fraction(value) * Fraction(*ratio))
    else:
        bits = 16 * len(words)
        signed = LETTERS[kind].islower()
        ends = (2 ** (bits - 1) - 1, -(2 ** (bits - 1))) if signed else (2**bits - 1,)
        expected = None if value in ends else rounded(Fraction(value) * Fraction(*ratio))
    assert told == expected


@cases_of(300)
@given(st.data())
def test_whatever_a_meter_sends_a_sample_is_whole_and_within_bounds_or_there_is_none(data):
    row = meters.load(data.draw(st.sampled_from(meters.names()), label="model"))
    reader = Reader(row, 1, 200, 1000, slow_every=2)
    request = Request()
    now_ms = 0
    for _ in range(data.draw(st.integers(1, 12), label="requests")):
        now_ms += data.draw(st.sampled_from([10, 1000]))
        if not reader.next(request, now_ms):
            assert not reader.due(now_ms)
            continue
        assert 1 <= request.count <= row["block"]
        result = data.draw(st.sampled_from([OK, OK, OK, OK, TIMEOUT, CRC, EXCEPTION]))
        request.exception = data.draw(st.integers(1, 11)) if result == EXCEPTION else 0
        words = None
        if result == OK:
            size = request.count
            words = data.draw(st.lists(WORD, min_size=size, max_size=size), label="words")
        before = list(reader.sample.current_ma)
        if not reader.answer(now_ms, result, words):
            assert reader.sample.current_ma == before
            continue
        sample = reader.sample
        assert sample.at_ms <= now_ms
        for phase in range(3):
            current_ma = sample.current_ma[phase]
            if phase < row["phases"]:
                assert isinstance(current_ma, int)
                assert abs(current_ma) < MAX_CURRENT_MA
                assert row["sign"] != "none" or current_ma >= 0
            else:
                assert current_ma is None
        is_a_meter(sample)


@cases_of(200)
@given(
    st.sampled_from([name for name in meters.names() if meters.load(name)["sign"] == "power"]),
    st.lists(st.integers(-63_000, 63_000), min_size=3, max_size=3),
)
def test_a_sample_keeps_each_sign_and_size_to_what_the_model_can_show(name, currents):
    from loadrail_site.meters_simulated import SimulatedMeter

    meter = SimulatedMeter(name)
    meter.set(currents)
    row = meters.load(name)
    reader = Reader(row, 1, 200, 1000)
    request = Request()
    made = 0
    while reader.next(request, 0):
        words = meter.request(request.function, request.register, request.count)
        made += reader.answer(0, OK, words)
    assert made == 1
    for phase in range(row["phases"]):
        told = reader.sample.current_ma[phase]
        assert abs(abs(told) - abs(currents[phase])) <= 5, "half of the coarsest unit, 10 mA"
        if abs(currents[phase]) >= 10:  # below it the power is 0 W, and 0 W has no direction
            assert (told < 0) == (currents[phase] < 0)
