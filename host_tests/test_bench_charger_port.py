"""The bench charger's port on bytes that are played to it, and its server behind that port."""

import sys
import time
import types
from itertools import pairwise

import pytest
from conftest import cases_of
from hypothesis import given
from hypothesis import strategies as st
from rtu_line import frame, read_answer

from loadrail_site import teltocharge as tc
from loadrail_site.charger import Charger

UNIT = 2
ALL_WORDS = frame(UNIT, 3, 0, 0, 0, 45)
SET_16_A = frame(UNIT, 6, 0, 15, 0, 16)
SET_TWO = frame(UNIT, 16, 0, 14, 0, 2, 4, 0, 6, 0, 16)


class FakeUart:
    """Hands out what is in `coming` in pieces, one a look; keeps what is sent."""

    def __init__(self, *_, **__):
        self.coming = []
        self.sent = []

    def any(self):
        return len(self.coming[0]) if self.coming else 0

    def read(self, count=None):
        return self.coming.pop(0) if self.coming else None

    def write(self, data):
        self.sent.append(bytes(data))

    def flush(self):
        pass


class FakePin:
    OUT = 1

    def __init__(self, pin, mode=None):
        self.level = 0

    def on(self):
        self.level = 1

    def off(self):
        self.level = 0


class Clock:
    """MicroPython's calls of `time`; a sleep makes time go on."""

    def __init__(self):
        self.now_us = 0

    def names(self):
        return {
            "ticks_us": lambda: self.now_us,
            "ticks_ms": lambda: self.now_us // 1000,
            "ticks_diff": lambda new, old: new - old,
            "ticks_add": lambda ticks, span: ticks + span,
            "sleep_us": self.sleep_us,
        }

    def sleep_us(self, span_us):
        self.now_us += span_us


@pytest.fixture
def line():
    """A function that makes a Port with a fake UART; `line.clock` is its time."""
    clock = Clock()
    names = {name: getattr(time, name, None) for name in clock.names()}
    for name, call in clock.names().items():
        setattr(time, name, call)
    machine = sys.modules.get("machine")
    sys.modules["machine"] = types.SimpleNamespace(UART=FakeUart, Pin=FakePin)
    from bench_charger.port import Port

    def make(addresses=(UNIT,), answers=lambda address: True):
        arguments = {"baudrate": 9600, "pins": (0, 1), "ctrl_pin": 2, "uart_id": 0}
        port = Port(arguments, addresses, answers)
        port.uart = port._uart
        return port

    make.clock = clock
    yield make
    for name, call in names.items():
        delattr(time, name) if call is None else setattr(time, name, call)
    del sys.modules["umodbus.serial"], sys.modules["bench_charger.port"]
    if machine is None:
        del sys.modules["machine"]
    else:
        sys.modules["machine"] = machine


def heard(port, *pieces):
    """The frames that the port takes from these pieces."""
    port.uart.coming = list(pieces)
    frames = []
    while port.uart.coming:
        found = port._uart_read_frame()
        if found:
            frames.append(bytes(found))
    return frames


def in_pieces(data, cuts):
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in pairwise(places)]


FOREIGN = (
    b"",
    b"\x00",
    b"\xff\x02\x03",
    frame(7, 3, 0, 0, 0, 45),
    frame(7, 3, 0, 0, 0, 45) + read_answer(7, 3, [2, 3, 770, 515, 0, 2]),
    frame(7, 6, 0, 15, 0, 16) * 2,
    ALL_WORDS[:5],
    bytes(300),
)


@pytest.mark.parametrize("request_bytes", [ALL_WORDS, SET_16_A, SET_TWO])
def test_a_request_is_found_however_it_is_cut_and_whatever_stands_before_it(line, request_bytes):
    @cases_of(60)
    @given(before=st.sampled_from(FOREIGN), cuts=st.lists(st.integers(0, 400), max_size=6))
    def law(before, cuts):
        assert heard(line(), *in_pieces(before + request_bytes, cuts)) == [request_bytes]

    law()


def test_damage_and_requests_to_others_are_no_requests(line):
    @cases_of(200)
    @given(
        request=st.sampled_from((ALL_WORDS, SET_16_A, SET_TWO)),
        place=st.integers(0, 200),
        error=st.integers(1, 255),
    )
    def law(request, place, error):
        damaged = bytearray(request)
        damaged[place % len(request)] ^= error
        assert heard(line(), bytes(damaged)) == []

    law()
    assert heard(line(), frame(UNIT + 1, 3, 0, 0, 0, 45)) == []


def test_it_answers_no_sooner_than_a_pause_after_the_request(line):
    port = line()
    assert heard(port, ALL_WORDS) == [ALL_WORDS]
    assert line.clock.now_us >= 3.5 * 10 * 1_000_000 // 9600


def test_a_look_at_a_silent_line_takes_no_time(line):
    port = line()
    assert port._uart_read_frame() == b""
    assert line.clock.now_us == 0


def test_a_function_of_unknown_length_ends_by_silence(line):
    port = line()
    strange = frame(UNIT, 23, 0, 0, 0, 1, 0, 0, 0, 1, 2, 0, 5)
    assert heard(port, strange) == []
    line.clock.sleep_us(20_000)
    assert bytes(port._uart_read_frame()) == strange
    assert port._uart_read_frame() == b""


def test_the_lines_own_echo_is_no_request_once_it_is_known(line):
    port = line()
    assert heard(port, ALL_WORDS) == [ALL_WORDS]
    port.send_response(UNIT, 3, 0, 45, None, [0] * 45, False)
    echo = port.uart.sent[-1]
    assert heard(port, echo[:20], echo[20:] + SET_16_A) == [SET_16_A]
    assert port.echo
    port.send_response(UNIT, 6, 15, None, bytes([0, 16]))
    assert port.uart.sent[-1] == SET_16_A, "the answer to it looks just like it"
    assert heard(port, SET_16_A[:3], SET_16_A[3:]) == []
    assert heard(port, SET_16_A) == [SET_16_A], "asked again"


def test_without_an_echo_the_same_write_may_come_twice(line):
    port = line()
    for _ in range(2):
        assert heard(port, SET_16_A) == [SET_16_A]
        port.send_response(UNIT, 6, 15, None, bytes([0, 16]))
    assert not port.echo


def test_a_line_that_fails_while_sending_is_released(line):
    port = line()

    def fail(data):
        raise OSError(5)

    port.uart.write = fail
    with pytest.raises(OSError):
        port.send_exception_response(UNIT, 3, 2)
    assert port._ctrlPin.level == 0


def test_umodbus_itself_answers_nothing_for_who_is_silent(line):
    no_register = frame(UNIT, 3, 0, 0, 0, 0)
    for answers, expected in ((True, [frame(UNIT, 0x83, 3)]), (False, [])):
        port = line(answers=lambda address, answers=answers: answers)
        port.uart.coming = [no_register]
        assert port.get_request([UNIT]) is None
        assert port.uart.sent == expected


# --- the server


class FakeGroup:
    def __init__(self, *chargers):
        self.chargers = chargers

    def find(self, address):
        return next((one for one in self.chargers if one.address == address), None)

    def answers(self, address):
        return self.find(address) is not None and not self.find(address).silent


def served(line, requests, *chargers):
    """What comes back for each request: a list of frames, mostly of one or none."""
    from bench_charger.server import Server

    group = FakeGroup(*chargers)
    port = line([charger.address for charger in chargers], group.answers)
    server = Server(port, group)
    results = []
    for request in requests:
        port.uart.coming, port.uart.sent = [request], []
        server.process()
        results.append(port.uart.sent)
    return results


def test_words_of_all_sizes_come_through(line):
    words = [0, 1, 32767, 32768, 65535]

    class Wide(Charger):
        def read(self, function, register, count):
            return words

    asked = [frame(UNIT, function, 0, 0, 0, 5) for function in (3, 4)]
    answers = served(line, asked, Wide(UNIT))
    assert answers == [[read_answer(UNIT, function, words)] for function in (3, 4)]


def test_the_model_refuses_through_umodbus(line):
    charger = Charger(
        UNIT, reading={"max_read": 16, "read_functions": [3], "write_functions": [6]}
    )
    asked_and_refused = (
        (frame(UNIT, 3, 0, 0, 0, 17), 3),
        (frame(UNIT, 3, 0, 44, 0, 2), 2),
        (frame(UNIT, 3, 1, 0, 0, 1), 2),
        (frame(UNIT, 4, 0, 0, 0, 1), 1),
        (frame(UNIT, 1, 0, 0, 0, 1), 1),
        (frame(UNIT, 5, 0, 0, 255, 0), 1),
        (frame(UNIT, 6, 0, 15, 0, 5), 3),
        (frame(UNIT, 6, 0, 0, 0, 5), 2),
        (SET_TWO, 1),
    )
    answers = served(line, [request for request, _ in asked_and_refused], charger)
    for (request, code), answer in zip(asked_and_refused, answers, strict=True):
        assert answer == [frame(UNIT, request[1] | 0x80, code)], request.hex()
    assert charger.settings[tc.AMPS_TO_USE] == 0


def test_several_addresses_have_registers_of_their_own(line):
    two, three = Charger(2), Charger(3)
    requests = [
        frame(2, 6, 0, 15, 0, 10),
        frame(3, 6, 0, 15, 0, 12),
        frame(2, 3, 0, 15, 0, 1),
        frame(3, 3, 0, 15, 0, 1),
        frame(4, 3, 0, 15, 0, 1),
    ]
    answers = served(line, requests, two, three)
    assert answers[2:] == [[read_answer(2, 3, [10])], [read_answer(3, 3, [12])], []]


def test_a_broadcast_is_obeyed_where_the_reading_says_so_and_never_answered(line):
    hears, does_not = Charger(2, reading={"hears_broadcasts": True}), Charger(3)
    requests = [frame(0, 6, 0, 15, 0, 16), frame(0, 6, 0, 15, 0, 5), frame(0, 3, 0, 0, 0, 45)]
    assert served(line, requests, hears, does_not) == [[], [], []]
    assert hears.settings[tc.AMPS_TO_USE] == 16
    assert does_not.settings[tc.AMPS_TO_USE] == 0


def test_a_silent_charger_obeys_and_says_nothing_and_a_deaf_one_does_neither(line):
    silent, deaf = Charger(2), Charger(3)
    silent.silent = deaf.deaf = True
    requests = [frame(2, 6, 0, 15, 0, 16), frame(2, 6, 0, 15, 0, 5), frame(3, 6, 0, 15, 0, 16)]
    assert served(line, requests, silent, deaf) == [[], [], []]
    assert silent.settings[tc.AMPS_TO_USE] == 16
    assert deaf.settings[tc.AMPS_TO_USE] == 0
