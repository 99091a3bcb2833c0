"""Another primary on the line: drawn noise, damage and lateness, and requests drawn among them."""

import pytest
from conftest import cases_of
from hypothesis import given
from hypothesis import strategies as st
from rtu_line import frame, read_answer
from test_rtu_overheard import (
    NOBODY,
    READ_3,
    READ_INPUTS,
    SET_3,
    SET_MANY,
    SET_MOST,
    Bus,
    read,
)

from loadrail.request import EXCEPTION, OK, TIMEOUT, Request

NOISE = st.one_of(
    st.binary(max_size=40),
    st.lists(st.sampled_from([0, 2, 3, 4, 6, 7, 16, 255]), max_size=40).map(bytes),
    st.sampled_from([b"", READ_3[:-3], SET_3[:-3], SET_MANY[:-3], READ_3[1:], SET_MOST[1:]]),
)


@st.composite
def damaged(draw, data):
    """Up to three wrong bits or a burst of 16, which a CRC finds for certain; or a cut."""
    kind = draw(st.sampled_from(["bits", "burst", "cut", "none"]))
    value = int.from_bytes(data, "little")
    if kind == "bits":
        for at in draw(st.sets(st.integers(0, 8 * len(data) - 1), min_size=1, max_size=3)):
            value ^= 1 << at
    elif kind == "burst":
        value ^= draw(st.integers(1, 0xFFFF)) << draw(st.integers(0, 8 * len(data) - 16))
    elif kind == "cut":
        return data[draw(st.integers(0, len(data))) :][: draw(st.integers(0, len(data)))]
    return value.to_bytes(len(data), "little")


@st.composite
def ours(draw):
    """A request of ours, its frame and its answer."""
    unit = draw(st.integers(1, 5))
    function = draw(st.sampled_from([3, 4, 6, 16]))
    words = draw(st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=1 if function == 6 else 9))
    head = [unit, function, 0, draw(st.integers(0, 40))]
    if function <= 4:
        request = read(head[3], len(words), unit, function, 20)
        return request, frame(*head, 0, len(words)), read_answer(unit, function, words)
    request = Request().write(unit, head[3], words, 20, function)
    if function == 6:
        sent = frame(*head, *words[0].to_bytes(2, "big"))
        return request, sent, sent
    data = b"".join(word.to_bytes(2, "big") for word in words)
    sent = frame(*head, 0, len(words), len(data), *data)
    return request, sent, frame(*head, 0, len(words))


@cases_of(300)
@given(st.data())
def test_noise_damage_lateness_and_echoes_are_never_somebody_else(data):
    with pytest.MonkeyPatch.context() as patch:
        bus = Bus(patch)
        bus.begin()
        for _ in range(data.draw(st.integers(1, 5))):
            request, sent, answer = data.draw(ours())
            noise = data.draw(NOISE)
            idle = data.draw(st.sampled_from([answer, noise, sent, b""]))
            pieces = [(0, sent if data.draw(st.booleans()) else noise)]
            pieces += [(2500, data.draw(damaged(answer)))]
            result = bus.ask(request, *pieces)
            assert (request.turnaround_ms is None) == (result not in (OK, EXCEPTION))
            # What comes late is an answer; an echo only where there was no answer before it.
            bus.idle(idle if idle is not sent or result == TIMEOUT else answer)
        bus.ask(read(timeout_ms=20))
        assert bus.seen == NOBODY


@cases_of(200)
@given(st.data())
def test_a_request_is_found_between_our_transactions_whatever_is_around_it(data):
    silent = st.lists(st.sampled_from([0, 248, 255]), max_size=20).map(bytes)
    with pytest.MonkeyPatch.context() as patch:
        bus = Bus(patch)
        bus.begin()
        count = data.draw(st.integers(1, 4))
        for value in range(count):
            other = data.draw(
                st.sampled_from(
                    [READ_3, READ_INPUTS, SET_MANY, SET_MOST, frame(9, 6, 0, 14, 0, value)]
                )
            )
            bus.idle(data.draw(silent) + other + data.draw(silent))
            request, _, answer = data.draw(ours())
            bus.ask(request, (2500, answer))
        bus.ask(read(timeout_ms=20))
        assert bus.seen["count"] == count
