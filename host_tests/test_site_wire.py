"""The served site: right answers through pymodbus, on a line that is never faster than copper.

Times are only compared with what they must not fall below.
"""

import contextlib
import os
import select
import time
from pathlib import Path

import pytest
from pymodbus.client import ModbusSerialClient
from pymodbus.framer.rtu import FramerRTU

from loadrail_site.site import Site
from loadrail_tools.serve import buses, load_scenario, serving
from loadrail_tools.wire import Line, RandomFaults

FAST = Line(115200, "N", 1)
LONG_S = 5.0  # for an answer that comes
SHORT_S = 0.1  # for one that doesn't: 20 times its time on the fast line


def frame(*data):
    return bytes(data) + FramerRTU.compute_CRC(bytes(data)).to_bytes(2, "big")


READ_7 = frame(2, 3, 0, 0, 0, 7)
ANSWER_BYTES = 19


class Client:
    """Raw bytes at the firmware's end."""

    def __init__(self, tty):
        self.file = os.open(tty, os.O_RDWR | os.O_NOCTTY)

    def send(self, data):
        os.write(self.file, data)

    def arrivals(self, count, wait_s):
        """[(time, byte)] of up to `count` bytes that come within `wait_s`."""
        arrived = []
        until = time.monotonic() + wait_s
        while len(arrived) < count and (left := until - time.monotonic()) > 0:
            if select.select([self.file], [], [], left)[0]:
                data = os.read(self.file, 256)
                now = time.monotonic()
                arrived += [(now, byte) for byte in data]
        return arrived

    def ask(self, request, count=ANSWER_BYTES, wait_s=LONG_S):
        self.send(request)
        return bytes(byte for _, byte in self.arrivals(count, wait_s))

    def close(self):
        os.close(self.file)


def is_intact(answer):
    return len(answer) > 4 and frame(*answer[:-2]) == answer


@pytest.fixture
def served():
    """A quiet site on one fast bus, and a raw client."""
    site = Site(load_scenario("quiet"))
    with serving(site, buses(site, FAST)) as server:
        client = Client(server.ttys["chargers"])
        yield server, client, site
        client.close()


@pytest.mark.parametrize(
    ("line", "char_us", "t15_us", "t35_us"),
    [
        (Line(9600, "N", 1), 1042, 1562, 3646),
        (Line(19200, "E", 1), 573, 859, 2005),
        (Line(19200, "N", 2), 573, 859, 2005),
        (Line(38400, "E", 1), 286, 750, 1750),
        (Line(115200, "N", 1), 87, 750, 1750),
    ],
)
def test_times_of_a_line(line, char_us, t15_us, t35_us):
    assert [round(s * 1e6) for s in (line.char_s, line.t15_s, line.t35_s)] == [
        char_us,
        t15_us,
        t35_us,
    ]


@pytest.mark.parametrize(
    ("line", "floor_ms"),
    [
        (Line(9600, "N", 1), 847),
        (Line(19200, "E", 1), 513),
        (Line(38400, "E", 1), 340),
        (Line(115200, "N", 1), 228),
    ],
)
def test_the_floor_of_a_meter_and_20_chargers(line, floor_ms):
    total_s = line.transaction_s(8, 5 + 2 * 6, 5) + 20 * line.transaction_s(8, ANSWER_BYTES, 5)
    assert round(total_s * 1000) == floor_ms


@pytest.mark.parametrize(
    "line", [Line(9600, "N", 1), Line(19200, "E", 1), Line(115200, "N", 1)], ids=lambda x: x.baud
)
def test_no_byte_of_an_answer_is_early(line):
    site = Site(load_scenario("quiet"))
    with serving(site, buses(site, line, turnaround_ms=7)) as server:
        client = Client(server.ttys["chargers"])
        for _ in range(3):
            time.sleep(line.t35_s)
            sent = time.monotonic()
            client.send(READ_7)
            arrived = client.arrivals(ANSWER_BYTES, LONG_S)
            assert is_intact(bytes(byte for _, byte in arrived))
            begins = sent + len(READ_7) * line.char_s + line.t35_s + 0.007
            for number, (at, _) in enumerate(arrived):
                assert at >= begins + (number + 1) * line.char_s
        client.close()


def test_pymodbus_client_gets_the_registers_of_each_device(served):
    server, _, site = served
    client = ModbusSerialClient(server.ttys["chargers"], baudrate=115200, timeout=LONG_S)
    client.connect()
    assert client.read_holding_registers(9, count=1, device_id=3).registers == [21571]
    meter = client.read_input_registers(6, count=6, device_id=1).registers
    assert client.convert_from_registers(meter, client.DATATYPE.FLOAT32)[0] == pytest.approx(
        site.meter.shown_ma[0] / 1000, abs=0.5
    )
    assert not client.write_register(15, 8, device_id=2).isError()
    assert not client.write_registers(19, [60, 7], device_id=2).isError()
    assert client.read_holding_registers(15, count=6, device_id=2).registers == [8, 0, 0, 0, 60, 7]
    client.close()


@pytest.mark.parametrize(
    ("request_frame", "answer"),
    [
        (frame(2, 3, 0, 40, 0, 6), frame(2, 0x83, 2)),
        (frame(2, 6, 0, 15, 0, 3), frame(2, 0x86, 3)),
        (frame(2, 1, 0, 0, 0, 1), frame(2, 0x81, 1)),
        (frame(2, 16, 0, 15, 0, 1, 2, 0, 5), frame(2, 0x90, 3)),
        (frame(1, 4, 0, 1, 0, 2), frame(1, 0x84, 2)),
        (frame(2, 6, 0, 15, 0, 6), frame(2, 6, 0, 15, 0, 6)),
        (frame(1, 3, 0xFC, 2, 0, 1), frame(1, 3, 2, 0, 0x70)),
    ],
)
def test_answers_and_exceptions_byte_for_byte(served, request_frame, answer):
    _, client, _ = served
    assert client.ask(request_frame, len(answer)) == answer


def test_absent_silent_and_deaf_devices_give_no_byte(served):
    _, client, site = served
    site.chargers[0].silent = True
    site.chargers[1].deaf = True
    identify = frame(2, 17)  # pymodbus would answer this one without asking the device
    requests = (frame(99, 3, 0, 0, 0, 7), frame(2, 6, 0, 15, 0, 8), identify)
    for request in (*requests, frame(3, 6, 0, 15, 0, 8)):
        assert client.ask(request, wait_s=SHORT_S) == b""
    site.chargers[0].silent = site.chargers[1].deaf = False
    assert client.ask(frame(2, 3, 0, 15, 0, 1), 7) == frame(2, 3, 2, 0, 8)
    assert client.ask(frame(3, 3, 0, 15, 0, 1), 7) == frame(3, 3, 2, 0, 0)


def test_a_broadcast_is_obeyed_by_those_who_hear_it_and_never_answered(served):
    _, client, site = served
    site.chargers[1].hears_broadcasts = True
    assert client.ask(frame(0, 6, 0, 15, 0, 8), wait_s=SHORT_S) == b""
    assert client.ask(frame(2, 3, 0, 15, 0, 1), 7) == frame(2, 3, 2, 0, 0)
    assert client.ask(frame(3, 3, 0, 15, 0, 1), 7) == frame(3, 3, 2, 0, 8)


@pytest.mark.parametrize(
    "rubbish",
    [READ_7[:5], READ_7[:-1] + b"\x00", b"\x02\x10\x00\x0e\x00\x02\x04", b"\xff", b"\x00"],
)
def test_a_request_after_rubbish_and_a_pause_is_answered(served, rubbish):
    _, client, _ = served
    assert client.ask(rubbish, wait_s=SHORT_S) == b""
    assert is_intact(client.ask(READ_7))


def test_the_tty_can_be_closed_and_opened_again(served):
    server, client, _ = served
    for _ in range(2):
        client.close()
        client.file = os.open(server.ttys["chargers"], os.O_RDWR | os.O_NOCTTY)
        assert is_intact(client.ask(READ_7))


def test_a_cut_takes_the_tty_away_and_mending_brings_it_back_at_its_path(served):
    server, client, _ = served
    wire = server.wires["chargers"]
    client.send(READ_7)
    server.call(wire.cut)
    assert not Path(wire.tty).exists()
    with contextlib.suppress(OSError):  # a kernel may also tell it this way
        assert os.read(client.file, 1) == b""
    client.close()
    server.call(wire.mend)
    client.file = os.open(wire.tty, os.O_RDWR | os.O_NOCTTY)
    assert is_intact(client.ask(READ_7))


def test_who_talks_into_an_answer_spoils_both():
    site = Site(load_scenario("quiet"))
    with serving(site, buses(site, Line(1200, "N", 1))) as server:
        client = Client(server.ttys["chargers"])
        client.send(READ_7)
        arrived = client.arrivals(1, LONG_S)
        client.send(READ_7)  # its last bit is through before the answer's is
        arrived += client.arrivals(ANSWER_BYTES - 1, LONG_S)
        assert len(arrived) == ANSWER_BYTES
        assert not is_intact(bytes(byte for _, byte in arrived))
        counters = server.wires["chargers"].counters
        assert (counters["collisions"], counters["requests"]) == (1, 1)
        client.close()


@pytest.mark.parametrize(
    ("direction", "pieces", "answer_is"),
    [
        ("request", lambda data: [], "none"),
        ("answer", lambda data: [], "none"),
        ("request", lambda data: [(0, data[:-1] + b"\x00")], "none"),
        ("answer", lambda data: [(0, data[:-1] + b"\x00")], "spoilt"),
        ("answer", lambda data: [(0, b"\x00" + data[:-1])], "spoilt"),
        ("answer", lambda data: [(50, data)], "intact"),
        ("answer", lambda data: [(0, data)], "intact"),
    ],
)
def test_a_fault_changes_what_arrives(served, direction, pieces, answer_is):
    server, client, _ = served
    server.wires["chargers"].fault = lambda way, data: (
        pieces(data) if way == direction else [(0, data)]
    )
    answer = client.ask(READ_7, wait_s=SHORT_S if answer_is == "none" else LONG_S)
    assert {"none": answer == b"", "spoilt": not is_intact(answer), "intact": is_intact(answer)}[
        answer_is
    ]


def test_random_faults_repeat_and_keep_to_their_share():
    def faults():
        fault = RandomFaults(7, lose=0.1, damage=0.1, noise=0.1, late=0.1)
        return [fault("answer", READ_7) for _ in range(1000)]

    seen = faults()
    assert seen == faults()
    assert 80 <= seen.count([]) <= 120
    assert 600 <= seen.count([(0, READ_7)]) <= 720


def test_the_meter_may_have_a_bus_of_its_own():
    site = Site(load_scenario("quiet"))
    with serving(site, buses(site, FAST, Line(9600, "N", 1))) as server:
        chargers, meter = Client(server.ttys["chargers"]), Client(server.ttys["meter"])
        meter_code = frame(1, 3, 0xFC, 2, 0, 1)
        assert chargers.ask(meter_code, wait_s=SHORT_S) == b""
        assert meter.ask(meter_code, 7) == frame(1, 3, 2, 0, 0x70)
        assert is_intact(chargers.ask(READ_7))
        chargers.close()
        meter.close()
