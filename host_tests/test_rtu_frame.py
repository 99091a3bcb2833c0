"""Frames, without a line: what goes out is what others send, what comes is never misread."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.framer import FramerRTU
from pymodbus.pdu import register_message as pymodbus_pdu
from rtu_line import crc, frame, read_answer
from umodbus import functions

from loadrail.request import CRC, EXCEPTION, MISMATCH, OK, TIMEOUT, Request
from primary.answer import MOST_NOISE, Answer
from primary.frame import ROOM, crc16, encode

WORD = st.integers(0, 0xFFFF)
UNIT = st.integers(1, 247)
# The same examples each time: a chance of 2**-16 that damage fits its CRC is then none.
laws = settings(derandomize=True, deadline=None, max_examples=300)


@st.composite
def transactions(draw):
    """A request and its answer: (Request, its frame, the answer's frame, words or None)."""
    unit, register = draw(UNIT), draw(WORD)
    function = draw(st.sampled_from([3, 4, 6, 16]))
    request = Request()
    words = draw(st.lists(WORD, min_size=1, max_size=1 if function == 6 else 123))
    head = [unit, function, register >> 8, register & 255]
    if function <= 4:
        request.read(unit, function, register, len(words), 100)
        answer = read_answer(unit, function, words)
    else:
        request.write(unit, register, words, 100, function)
        tail = words[0] if function == 6 else len(words)
        answer = frame(*head, tail >> 8, tail & 255)
    sent = bytearray(ROOM)
    return request, bytes(sent[: encode(request, sent)]), answer, words if function <= 4 else None


def judge(request, sent, data, cuts=(), echo=False):
    """Feed `data` in the pieces that `cuts` leaves, then let the time run out."""
    answer = Answer(echo)
    answer.expect(request, sent, len(sent))
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        piece = data[start:end]
        while piece and answer.result is None:
            room = min(answer.room(), len(piece))
            assert room >= min(answer.missing, len(piece))
            answer.view[answer.end : answer.end + room] = piece[:room]
            answer.end += room
            piece = piece[room:]
            while answer.advance():
                pass
    while answer.result is None and answer.pending:
        answer.lapse()
        while answer.advance():
            pass
    if answer.result is None:
        answer.finish()
    words = [0] * 125
    if answer.result == OK and request.function <= 4:
        answer.words(words)
    return answer, words[: request.count]


@st.composite
def cut(draw, length):
    return sorted(draw(st.lists(st.integers(0, length), max_size=6)))


@laws
@given(st.binary(max_size=256))
def test_crc_is_that_of_pymodbus_and_of_the_definition(data):
    ours = crc16(data, 0, len(data))
    assert ours.to_bytes(2, "little") == crc(data)
    assert ours.to_bytes(2, "little") == FramerRTU.compute_CRC(data).to_bytes(2, "big")


PYMODBUS = {
    3: lambda r: pymodbus_pdu.ReadHoldingRegistersRequest(address=r.register, count=r.count),
    4: lambda r: pymodbus_pdu.ReadInputRegistersRequest(address=r.register, count=r.count),
    6: lambda r: pymodbus_pdu.WriteSingleRegisterRequest(address=r.register, registers=r.values),
    16: lambda r: pymodbus_pdu.WriteMultipleRegistersRequest(
        address=r.register, registers=r.values
    ),
}
UMODBUS = {
    3: lambda r: functions.read_holding_registers(r.register, r.count),
    4: lambda r: functions.read_input_registers(r.register, r.count),
    6: lambda r: functions.write_single_register(r.register, r.values[0], signed=False),
    16: lambda r: functions.write_multiple_registers(r.register, r.values, signed=False),
}


@laws
@given(transactions())
def test_requests_are_those_of_pymodbus_and_umodbus(transaction):
    request, sent, _, _ = transaction
    pdu = PYMODBUS[request.function](request)
    body = bytes([request.unit, request.function]) + pdu.encode()
    assert sent == body + crc(body)
    body = bytes([request.unit]) + UMODBUS[request.function](request)
    assert sent == body + crc(body)


def test_more_values_than_count_are_left_out():
    request = Request().write(2, 14, [1, 2, 3], 100, 16)
    request.count = 2
    sent = bytearray(ROOM)
    assert sent[: encode(request, sent)] == frame(2, 16, 0, 14, 0, 2, 4, 0, 1, 0, 2)


@pytest.mark.parametrize(
    ("unit", "function", "count"),
    [(0, 3, 1), (248, 3, 1), (1, 3, 0), (1, 4, 126), (1, 16, 124), (1, 16, 0), (1, 5, 1)],
)
def test_what_no_device_could_answer_is_refused(unit, function, count):
    request = Request().read(unit, function, 0, count, 100)
    request.values = [0] * count
    with pytest.raises(ValueError):
        encode(request, bytearray(ROOM))


@laws
@given(transactions(), st.data())
def test_a_whole_answer_is_taken_in_any_pieces_and_after_noise(transaction, data):
    request, sent, answer, words = transaction
    # What cannot begin a frame: 0, and above 247.
    noise = data.draw(st.lists(st.sampled_from([0, 248, 255]), max_size=MOST_NOISE))
    stream = bytes(noise) + answer
    result, got = judge(request, sent, stream, data.draw(cut(len(stream))))
    assert result.result == OK
    assert words is None or got == words
    assert result.noise == len(noise)


@laws
@given(transactions(), transactions(), st.data())
def test_s13_another_answer_before_it_is_passed_over(transaction, other, data):
    request, sent, answer, words = transaction
    foreign = other[2]
    if other[0].unit == request.unit:
        foreign = frame(request.unit % 247 + 1, *foreign[1:-2])
    stream = foreign + answer
    result, got = judge(request, sent, stream, data.draw(cut(len(stream))))
    assert result.result == OK
    assert words is None or got == words
    assert result.foreign == foreign[0]
    assert judge(request, sent, foreign)[0].result == MISMATCH


@laws
@given(transactions(), st.data())
def test_an_exception_is_told(transaction, data):
    request, sent, _, _ = transaction
    code = data.draw(st.integers(1, 255))
    result, _ = judge(request, sent, frame(request.unit, request.function | 0x80, code))
    assert (result.result, result.exception) == (EXCEPTION, code)


@laws
@given(transactions(), st.data())
def test_s13_damage_that_a_crc_must_find_is_never_ok(transaction, data):
    # A burst of up to 16 bits, or up to three single bits anywhere: found for certain.
    request, sent, answer, _ = transaction
    bits = len(answer) * 8
    value = int.from_bytes(answer, "little")
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, bits - 1))
        value ^= data.draw(st.integers(1, 0xFFFF)) << at
        value &= (1 << bits) - 1
    else:
        for at in data.draw(st.sets(st.integers(0, bits - 1), min_size=1, max_size=3)):
            value ^= 1 << at
    stream = value.to_bytes(len(answer), "little")
    result, _ = judge(request, sent, stream, data.draw(cut(len(stream))))
    assert stream == answer or result.result in (CRC, TIMEOUT, MISMATCH, EXCEPTION)


@laws
@given(transactions(), st.data())
def test_s13_ok_only_if_a_sound_answer_is_really_there(transaction, data):
    # Any damage: cut, doubled, garbled, swapped. If it is taken, an intact frame must be in it.
    request, sent, answer, _ = transaction
    pieces = st.one_of(
        st.binary(max_size=40),
        st.just(answer),
        st.just(sent),
        st.integers(0, len(answer)).map(lambda at: answer[:at]),
        st.integers(0, len(answer)).map(lambda at: answer[at:]),
    )
    stream = b"".join(data.draw(st.lists(pieces, max_size=5)))
    result, got = judge(
        request, sent, stream, data.draw(cut(len(stream))), data.draw(st.booleans())
    )
    assert result.result in (OK, TIMEOUT, CRC, MISMATCH, EXCEPTION)
    if result.result == OK:
        good = (
            read_answer(request.unit, request.function, got) if request.values is None else answer
        )
        assert good in stream
    elif result.result == EXCEPTION:
        assert frame(request.unit, request.function | 0x80, result.exception) in stream


@laws
@given(transactions(), st.data())
def test_an_echo_before_the_answer_is_dropped(transaction, data):
    request, sent, answer, words = transaction
    stream = sent + answer
    echo = request.function == 6 or data.draw(st.booleans())
    result, got = judge(request, sent, stream, data.draw(cut(len(stream))), echo)
    assert (result.result, result.echo, result.noise) == (OK, True, 0)
    assert words is None or got == words
    assert judge(request, sent, sent, echo=echo)[0].result == TIMEOUT
