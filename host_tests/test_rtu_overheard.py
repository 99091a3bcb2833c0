"""Another primary on the line, in virtual time: its requests are noticed, nothing else is."""

import pytest
from rtu_line import crc, frame, read_answer
from test_rtu_timing import World

from loadrail.request import MISMATCH, OK, TIMEOUT, Request
from primary.overheard import request_length
from primary.rtu import Rtu

WORDS = [1, 2, 3, 4, 5, 6, 65535]
GOOD = read_answer(2, 3, WORDS)
NOBODY = {"count": 0, "unit": None, "function": None}

READ_3 = frame(3, 3, 0, 0, 0, 10)
READ_INPUTS = frame(247, 4, 0x0E, 0, 0, 125)
SET_3 = frame(3, 6, 0, 14, 0, 16)
SET_MANY = frame(3, 16, 0, 14, 0, 2, 4, 0, 6, 2, 88)
SET_MOST = frame(3, 16, 0, 14, 0, 123, 246, *[0, 7] * 123)
REQUESTS = [READ_3, READ_INPUTS, SET_3, SET_MANY, SET_MOST]


def read(register=0, count=7, unit=2, function=3, timeout_ms=200):
    return Request().read(unit, function, register, count, timeout_ms)


def write(value, unit=2, timeout_ms=200):
    return Request().write(unit, 14, [value], timeout_ms)


class Bus(World):
    """A transport in virtual time, with each transaction's answers given beforehand."""

    def __init__(self, monkeypatch, baud=19200, bits=11, **options):
        super().__init__(monkeypatch, baud, bits)
        self.rtu = Rtu(self, baud, bits, **options)

    def crc16(self, data, start, end):
        self.hold(3 * (end - start))  # us; a microcontroller takes its time
        return super().crc16(data, start, end)

    def ask(self, request, *pieces):
        """The result; pieces: (us after the line is free, bytes) to come once it is sent."""

        def respond():
            for after_us, data in pieces:
                self.play(after_us, data)

        self.respond = respond
        return self.run(self.rtu, request)[0]

    def begin(self):
        """A first transaction, without which nothing is judged."""
        assert self.ask(read(), (5000, GOOD)) == OK

    def idle(self, *frames):
        """`frames` come while nothing is asked, each after a pause."""
        for data in frames:
            self.now += 10000
            self.play(0, data)
            self.now += len(data) * self.char + 10000

    @property
    def seen(self):
        return self.rtu.counters.as_dict()["intruders"]


@pytest.fixture
def bus(monkeypatch):
    bus = Bus(monkeypatch)
    bus.begin()
    return bus


@pytest.mark.parametrize("request_", [READ_3, READ_INPUTS, SET_MANY, SET_MOST])
def test_a_request_is_told_as_soon_as_its_length_is(request_):
    lengths = [request_length(request_, 0, have) for have in range(2, len(request_) + 1)]
    assert lengths[-1] == len(request_)
    assert all(have < length <= len(request_) for have, length in enumerate(lengths[:-1], 2))


@pytest.mark.parametrize(
    "data",
    [
        frame(0, 3, 0, 0, 0, 7),
        frame(248, 3, 0, 0, 0, 7),
        frame(2, 3, 0, 0, 0, 0),
        frame(2, 3, 0, 0, 0, 126),
        frame(2, 4, 0, 0, 1, 7),
        frame(2, 5, 0, 0, 255, 0),
        frame(2, 16, 0, 14, 0, 2, 3, 0, 6, 2, 88),
        frame(2, 16, 0, 14, 0, 124, 248),
    ],
)
def test_what_no_device_could_answer_is_no_request(data):
    assert request_length(data, 0, len(data)) == 0


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_on_the_idle_line_is_counted_with_whom_it_asked(bus, request_):
    bus.idle(request_)
    assert bus.ask(read(), (5000, GOOD)) == OK
    assert bus.seen == {"count": 1, "unit": request_[0], "function": request_[1]}
    assert bus.rtu.counters.intruders == 1
    assert bus.rtu.counters.noise == 0


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_while_an_answer_is_awaited_is_counted(bus, request_):
    assert bus.ask(read(), (2500, request_), (5000, GOOD)) == OK
    assert bus.words[:7] == WORDS
    assert bus.seen == {"count": 1, "unit": request_[0], "function": request_[1]}
    assert bus.rtu.counters.noise == 0


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_in_one_breath_with_our_answer_is_counted(bus, request_):
    assert bus.ask(read(), (2500, GOOD + request_)) == OK
    assert bus.ask(read(), (5000, GOOD)) == OK
    assert bus.seen["count"] == 1


def test_a_request_alone_is_no_answer(bus):
    assert bus.ask(read(), (2500, READ_3)) == TIMEOUT
    assert bus.seen["count"] == 1


def test_a_request_that_looks_like_the_head_of_an_answer_is_counted(bus):
    # 0x0E00: as an answer it would go on for 19 bytes, as an answer of ours even.
    request_ = frame(2, 3, 0x0E, 0, 0, 10)
    bus.idle(request_)
    assert bus.ask(read(), (2500, request_)) == TIMEOUT
    assert bus.seen["count"] == 2


def test_a_conversation_of_others_is_counted_by_its_requests(bus):
    answers = [read_answer(3, 3, [0] * 10), read_answer(247, 4, [9] * 125), SET_3]
    answers += [frame(3, 16, 0, 14, 0, 2), frame(3, 16, 0, 14, 0, 123)]
    for request_, answer in zip(REQUESTS, answers, strict=True):
        bus.idle(request_, answer)
        assert bus.ask(read(), (5000, GOOD)) == OK
    assert bus.seen["count"] == len(REQUESTS)
    assert bus.rtu.counters.noise == 0


def test_nothing_is_counted_before_we_have_asked(monkeypatch):
    # It may be what is left of a life before: a late answer to a write then.
    bus = Bus(monkeypatch)
    bus.idle(SET_3, READ_3)
    bus.begin()
    assert bus.seen == NOBODY


def test_a_late_answer_to_a_write_is_no_request(bus):
    for value in range(6, 26):
        assert bus.ask(write(value)) == TIMEOUT
    for value in range(6, 26):
        bus.idle(frame(2, 6, 0, 14, 0, value))
    assert bus.ask(write(30), (2500, frame(2, 6, 0, 14, 0, 6))) == MISMATCH
    assert bus.ask(read(), (5000, GOOD)) == OK
    assert bus.seen == NOBODY
    assert bus.rtu.counters.as_dict()["devices"]["2"]["late"] == 21


def test_a_late_answer_to_a_write_is_no_request_after_it_was_repeated(bus):
    acknowledgement = frame(2, 6, 0, 14, 0, 6)
    assert bus.ask(write(6)) == TIMEOUT
    assert bus.ask(write(6), (2500, acknowledgement)) == OK
    bus.idle(acknowledgement)
    assert bus.ask(read(), (5000, GOOD)) == OK
    assert bus.seen == NOBODY


def test_somebody_elses_write_is_counted_and_its_answer_is_not(bus):
    for count in range(1, 4):
        bus.idle(SET_3, SET_3)
        assert bus.ask(read(), (5000, GOOD)) == OK
        assert bus.seen == {"count": count, "unit": 3, "function": 6}


def carrying(request_, words):
    """An answer of `words` registers that holds the bytes of a request."""
    data = request_ + bytes(2 * words - len(request_))
    return frame(2, 3, 2 * words, *data)


@pytest.mark.parametrize("request_", [READ_3, SET_3, READ_INPUTS])
def test_what_an_answer_carries_is_no_request(bus, request_):
    answer = carrying(request_, 7)
    assert bus.ask(read(timeout_ms=20)) == TIMEOUT
    bus.idle(answer)
    assert bus.ask(read(unit=4, count=1), (2500, answer)) == MISMATCH
    assert bus.ask(read(), (5000, answer)) == OK
    assert bus.seen == NOBODY


def test_an_answer_that_begins_like_a_request_is_none(bus):
    # Eight bytes with a sound checksum at their end, and seven more with one of the whole.
    head = frame(2, 3, 10, 5, 0, 7)
    answer = head + bytes(5)
    answer += crc(answer)
    assert request_length(answer, 0, len(answer)) == 8
    bus.idle(answer)
    assert bus.ask(read(unit=4), (2500, answer)) == MISMATCH
    assert bus.seen == NOBODY


@pytest.mark.parametrize("echo", [False, True])
def test_an_echo_of_ours_is_no_request(monkeypatch, echo):
    bus = Bus(monkeypatch, echo=echo)
    sent = frame(2, 3, 0, 0, 0, 7)
    values = Request().write(2, 14, [6, 600], 200, 16)
    many = frame(2, 16, 0, 14, 0, 2, 4, 0, 6, 2, 88)
    for _ in range(3):
        assert bus.ask(read(), (0, sent), (2500, GOOD)) == OK
        assert bus.ask(values, (0, many), (2500, frame(2, 16, 0, 14, 0, 2))) == OK
        one = frame(2, 6, 0, 14, 0, 16)
        assert bus.ask(write(16), (0, one), (2500, one)) == OK
    assert bus.seen == NOBODY


def test_a_late_or_second_echo_is_no_request(bus):
    sent = frame(2, 3, 0, 0, 0, 7)
    assert bus.ask(read(), (0, sent), (1000, sent), (2500, GOOD)) == OK
    assert bus.ask(read(timeout_ms=20)) == TIMEOUT
    bus.idle(sent)
    assert bus.ask(read(), (5000, GOOD)) == OK
    assert bus.seen == NOBODY


def test_a_twin_that_asks_the_same_is_noticed(bus):
    # Our own request has been answered, so this is no echo of it.
    bus.idle(frame(2, 3, 0, 0, 0, 7), GOOD)
    assert bus.ask(read(), (5000, GOOD)) == OK
    assert bus.seen == {"count": 1, "unit": 2, "function": 3}


def test_a_twin_does_not_make_the_line_one_that_echoes_for_ever(bus):
    assert bus.ask(read(), (0, frame(2, 3, 0, 0, 0, 7)), (2500, GOOD)) == OK
    assert bus.rtu.echo
    acknowledgement = frame(2, 6, 0, 14, 0, 16)
    for _ in range(8):
        assert bus.ask(write(16), (2500, acknowledgement)) == TIMEOUT
        assert bus.ask(read(), (2500, GOOD)) == OK
    assert not bus.rtu.echo
    assert bus.ask(write(16), (2500, acknowledgement)) == OK


def test_s13_a_line_said_to_echo_is_believed(monkeypatch):
    bus = Bus(monkeypatch, echo=True)
    for _ in range(20):
        assert bus.ask(read(), (2500, GOOD)) == OK
    assert bus.ask(write(16), (0, frame(2, 6, 0, 14, 0, 16))) == TIMEOUT


def test_s13_the_answer_to_somebody_elses_request_is_not_taken_for_ours(bus):
    # The same unit, function and number of registers: only the request tells whose it is.
    theirs = read_answer(2, 3, [9] * 7)
    assert bus.ask(read(), (2500, frame(2, 3, 0, 100, 0, 7)), (2500, theirs)) == MISMATCH


def test_s13_the_answer_to_somebody_elses_write_is_not_taken_for_ours(bus):
    ours = Request().write(2, 14, [16, 600], 200, 16)
    theirs = frame(2, 16, 0, 14, 0, 2, 4, 0, 6, 2, 88)
    acknowledgement = frame(2, 16, 0, 14, 0, 2)
    assert bus.ask(ours, (2500, acknowledgement)) == OK
    assert bus.ask(ours, (2500, theirs), (2500, acknowledgement)) == MISMATCH
    assert bus.seen["count"] == 1


def test_s13_what_somebody_else_asked_just_before_us_is_waited_for(bus):
    theirs = read_answer(2, 3, [9] * 7)
    bus.idle(frame(2, 3, 0, 100, 0, 7))
    bus.play(50000, theirs)
    assert bus.ask(read(), (5000, GOOD)) == OK
    assert bus.words[:7] == WORDS


def test_a_request_of_another_shape_does_not_keep_ours_waiting(bus):
    bus.idle(frame(2, 3, 0, 100, 0, 8))
    began = bus.now
    assert bus.ask(read(), (5000, GOOD)) == OK
    assert bus.sent[-1][0] - began < 5000


@pytest.mark.parametrize("byte", [0x03, 0x06, 0x10])
@pytest.mark.parametrize("when", ["idle", "awaited"])
def test_garbage_that_looks_like_requests_costs_one_checksum_at_a_time(bus, byte, when):
    garbage = bytes([byte, byte, 0, 0, 0, 60, 120]) * 300
    if when == "idle":
        bus.idle(garbage[:250])
        bus.ask(read(), (5000, GOOD))
    else:
        bus.ask(read(), (0, garbage))
    assert bus.seen == NOBODY
    assert bus.held < 1000
    assert bus.most_work <= 2 * 256
