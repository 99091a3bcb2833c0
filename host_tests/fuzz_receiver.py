"""Fuzz of the RTU receiver: frames damaged, cut, doubled, late and of others, for one answer.

`answer`: bytes in any pieces into the frame parser. `line`: the transport itself in virtual time,
transaction after transaction. What is taken for data must decode, by pymodbus, to what was asked;
on the line it must also be what a device has truly sent in answer to that very request.
"""

import contextlib
import sys
import types
from collections import deque
from itertools import count

import conftest  # noqa: F401 - umodbus needs a name of MicroPython's
from fuzzing import main, mutated, word
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU
from rtu_line import frame, read_answer

from loadrail.request import CRC, EXCEPTION, MISMATCH, OK, RESULT_NAMES, TIMEOUT, Request
from primary import rtu as rtu_module
from primary.answer import Answer
from primary.frame import ROOM, encode

_FRAMER = FramerRTU(DecodePDU(False))
_PERIOD = 1 << 30
_BAUD, _BITS, _CHAR_US = 19200, 11, 573
_PROMISED_US = 18_000  # a time-out, but for how finely a line is polled


def drawn(dice, units=247):
    """(request, its frame, what the device answers)."""
    unit, function = dice.randint(1, units), dice.choice((3, 3, 4, 6, 16))
    register = word(dice) if dice.randrange(2) else dice.randrange(3)
    count = 1 if function == 6 else dice.choice((1, 1, 2, 2, 7, 16, dice.randint(1, 123)))
    request = Request()
    if function <= 4:
        request.read(unit, function, register, count, 20)
    else:
        request.write(unit, register, [word(dice) for _ in range(count)], 20, function)
    sent = bytearray(ROOM)
    sent = bytes(sent[: encode(request, sent)])
    return request, sent, answer_to(request, sent)


def answer_to(request, sent):
    """Of a device whose registers say where they are."""
    if request.function == 6:
        return sent
    if request.function == 16:
        return frame(*sent[:6])
    salt = request.unit * 7 + request.function + 31 * request.register
    words = [salt + 31 * k & 0xFFFF for k in range(request.count)]
    return read_answer(request.unit, request.function, words)


def conforms(request, taken, result, words) -> None:
    """What was taken is what a correct server may send to this request; pymodbus judges."""
    length, unit, _, pdu = _FRAMER.decode(taken)
    assert length == len(taken) and unit == request.unit, taken.hex()
    told = _FRAMER.decoder.decode(pdu)
    assert told is not None, taken.hex()
    if result == EXCEPTION:
        assert told.function_code == request.function | 0x80
        assert told.exception_code == request.exception
        return
    assert told.function_code == request.function
    if request.function <= 4:
        assert len(told.registers) == request.count
        assert told.registers == list(words[: request.count])
        return
    assert told.address == request.register
    if request.function == 6:
        assert told.registers == request.values
    else:
        assert told.count == request.count


def sealed(dice, data):
    """Damaged bytes behind a sound checksum: what only length, unit and function can tell."""
    body = mutated(dice, data[:-2])[:254]
    return frame(*body) if body else b""


def stream(dice, request, sent, answer) -> bytes:
    """What may come on the line: the answer, and everything that is not quite it."""
    kinds = dice.choices(range(10), (6, 3, 3, 2, 2, 2, 2, 1, 1, 1), k=dice.choice((1, 1, 2, 3, 5)))
    out = b""
    for kind in kinds:
        other = drawn(dice, min(request.unit + 1, 247))
        out += (
            lambda: answer,
            lambda: mutated(dice, answer, (sent, answer)),
            lambda: sealed(dice, answer),
            lambda: dice.randbytes(dice.choice((1, 2, 5, 8, 17, 40, 300))),
            lambda: sent,
            lambda other=other: other[1],
            lambda other=other: other[2],
            lambda: frame(request.unit, request.function | 0x80, dice.randrange(256)),
            lambda: bytes(dice.choice((0, 255)) for _ in range(dice.randrange(20))),
            lambda: frame(request.unit, request.function, *dice.randbytes(dice.randrange(9))),
        )[kind]()
    return out


def answer_life(dice):
    """The parser alone, fed in pieces of any size."""
    parser = Answer()
    while True:
        request, sent, answer = drawn(dice)
        request.exception = 0
        clean = dice.randrange(8) == 0
        data = answer if clean else stream(dice, request, sent, answer)
        if dice.randrange(200) == 0:
            parser = Answer(dice.randrange(2) == 1)
        parser.listen()
        parser.expect(request, sent, len(sent))
        _feed(dice, parser, data)
        result, words = parser.result, [0] * 125
        assert result in (OK, TIMEOUT, CRC, MISMATCH, EXCEPTION)
        if result in (OK, EXCEPTION):
            taken = bytes(parser.view[parser.start : parser.start + parser.length])
            assert taken in data
            request.exception = parser.exception
            if result == OK and request.function <= 4:
                parser.words(words)
            conforms(request, taken, result, words)
        if clean and not (request.function == 6 and parser.echo):
            assert result == OK, "nothing was wrong with it"
        yield RESULT_NAMES[result]


def _feed(dice, parser, data):
    at, pace = 0, dice.choice((1, 7, 300))
    while at < len(data) and parser.result is None:
        size = min(parser.room(), len(data) - at, dice.randint(1, pace))
        assert size > 0, "there is always room for what is missing"
        parser.view[parser.end : parser.end + size] = data[at : at + size]
        parser.end += size
        at += size
        while parser.advance():
            pass
    while parser.result is None and parser.pending:
        parser.lapse()
        while parser.advance():
            pass
    if parser.result is None:
        parser.finish()


class Line:
    """Clock, loop and line of one transport, and who has sent what on it."""

    def __init__(self):
        self.now_us = 0
        self.arriving = deque()  # (us, byte), in order
        self.played = deque(maxlen=60)  # [us of its first byte, of its last, bytes, meaning]
        self.free_us = 0
        self.sent_us = 0
        self.respond = None

    # what the transport sees of time

    def ticks_us(self):
        return self.now_us % _PERIOD

    @staticmethod
    def ticks_diff(a, b):
        return (a - b + _PERIOD // 2) % _PERIOD - _PERIOD // 2

    @staticmethod
    def ticks_add(a, b):
        return (a + b) % _PERIOD

    def sleep_us(self, us):
        self.now_us += us

    async def sleep_ms(self, ms):
        self.now_us += ms * 1000 or 1

    # and of the line

    def any(self):
        count = 0
        for at_us, _ in self.arriving:
            if at_us > self.now_us:
                break
            count += 1
        return count

    def readinto(self, view):
        for k in range(len(view)):
            view[k] = self.arriving.popleft()[1]
        return len(view)

    def write(self, data):
        self.sent_us = self.now_us
        self.free_us = max(self.free_us, self.now_us + len(data) * _CHAR_US)
        self.respond()
        return len(data)

    def play(self, after_us, data, meaning=None):
        """`data` comes so long after the line has been free; `meaning`: whose answer it is, None
        where it is made up."""
        from_us = at_us = max(self.now_us, self.free_us) + after_us
        for byte in data:
            at_us += _CHAR_US
            self.arriving.append((at_us, byte))
        self.free_us = at_us
        self.played.append([from_us, at_us, data, meaning])

    def ended(self, meaning, promised):
        """A request has ended. Its answer may still come: that it is known for late is promised
        for one more time-out, and not where somebody else's was taken for it."""
        for row in self.played:
            if row[3] == meaning and not (promised and row[0] < self.now_us + _PROMISED_US):
                row[3] = None


@contextlib.contextmanager
def virtual(line):
    """The transport's clock and loop are those of the line."""
    kept = rtu_module.time, rtu_module.asyncio
    rtu_module.time, rtu_module.asyncio = line, types.SimpleNamespace(sleep_ms=line.sleep_ms)
    try:
        yield
    finally:
        rtu_module.time, rtu_module.asyncio = kept


def line_life(dice):
    """One transport for ever, and devices that answer it in every possible way."""
    line = Line()
    words = [0] * 125
    with virtual(line):
        rtu = rtu_module.Rtu(line, _BAUD, _BITS)
        for serial in count():
            request, sent, answer = drawn(dice, 4)
            # FC16's answer is the same whatever is written: it is true for one request only.
            meaning = serial if request.function == 16 else sent
            line.respond = _response(dice, line, request, sent, answer, meaning)
            if dice.randrange(4) == 0:
                line.play(dice.randrange(3000), stream(dice, request, sent, answer[:-1]))
            result = _run(rtu, request, words)
            if result in (OK, EXCEPTION):
                found = rtu._answer
                taken = bytes(found.view[found.start : found.start + found.length])
                conforms(request, taken, result, words)
            how = _truly(line, taken, meaning) if result == OK else RESULT_NAMES[result]
            line.ended(meaning, how not in ("ok by forgery", "exception"))
            yield how
            line.now_us += dice.choice((0, 500, 5000, 50_000))


def _response(dice, line, request, sent, answer, meaning):
    """What happens once the request is out: mostly an answer, in time, late, damaged, or none."""

    def respond():
        kind = dice.randrange(10)
        if kind < 4:
            line.play(dice.randrange(1000, 15_000), answer, meaning)
        elif kind < 7:
            line.play(dice.randrange(21_000, 36_000), answer, meaning)
        elif kind < 9:
            line.play(dice.randrange(1000, 15_000), stream(dice, request, sent, answer))

    return respond


def _truly(line, taken, meaning) -> str:
    """How true an answer is that was taken: it came since the request went out, and was to it."""
    came = [row for row in line.played if taken in row[2] and row[1] > line.sent_us]
    if not came or any(row[3] is None for row in came):
        return "ok by forgery"  # made up, or by pieces that fit: nobody could tell
    assert any(row[3] == meaning for row in came), f"the answer to another: {taken.hex()}"
    return "ok"


def _run(rtu, request, words):
    try:
        rtu.transact(request, words).send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it slept elsewhere")


TARGETS = {"answer": answer_life, "line": line_life}

if __name__ == "__main__":
    sys.exit(main(TARGETS))
