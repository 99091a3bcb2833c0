"""The transport in virtual time: when it sends, when it gives up, how long it holds the loop."""

import types

import pytest
from rtu_line import frame, read_answer

from loadrail.request import CRC, MISMATCH, OK, PORT, TIMEOUT, Request
from primary import answer as answer_module
from primary import rtu as rtu_module
from primary.frame import ROOM, crc16

WORDS = [1, 2, 3, 4, 5, 6, 65535]
PERIOD = 1 << 30  # where ticks_us of a board wraps
LINES = [(1200, 11), (9600, 10), (19200, 11), (38400, 11), (115200, 10)]
ANSWER = read_answer(2, 3, WORDS)


class World:
    """Clock, event loop and line in one. `held` is the longest that the loop was held, in us."""

    def __init__(self, monkeypatch, baud, bits, now=0, tick=1000):
        self.now = now
        self.char = bits * 1e6 / baud
        self.tick = tick  # a sleep ends at a multiple of it
        self.arrivals = []  # (time, byte), in order
        self.sent = []  # (time, bytes)
        self.levels = []  # (time, level)
        self.respond = None
        self.sent_until = 0
        self.held = self.spent = 0
        self.work = self.most_work = 0  # bytes read and summed up between two sleeps
        self.uart = True
        time = types.SimpleNamespace(
            ticks_us=lambda: int(self.now) % PERIOD,
            ticks_diff=lambda a, b: (a - b + PERIOD // 2) % PERIOD - PERIOD // 2,
            ticks_add=lambda a, b: (a + b) % PERIOD,
            sleep_us=self.hold,
        )
        monkeypatch.setattr(rtu_module, "time", time)
        monkeypatch.setattr(rtu_module, "asyncio", types.SimpleNamespace(sleep_ms=self.sleep_ms))
        monkeypatch.setattr(answer_module, "crc16", self.crc16)

    def hold(self, us):
        self.now += us
        self.spent += us
        self.held = max(self.held, self.spent)

    async def sleep_ms(self, ms):
        self.spent = self.work = 0
        end = self.now + ms * 1000
        self.now = -(-end // self.tick) * self.tick if ms else end + 1

    def crc16(self, data, start, end):
        self.count(end - start)
        return crc16(data, start, end)

    def count(self, work):
        self.work += work
        self.most_work = max(self.most_work, self.work)

    def direction(self, level):
        self.levels.append((self.now, level))

    def play(self, after_us, data):
        """`data` comes byte by byte, `after_us` after the line has been free."""
        start = max(self.now, self.sent_until) + after_us
        self.arrivals += [(start + (i + 1) * self.char, byte) for i, byte in enumerate(data)]

    def any(self):
        return sum(at <= self.now for at, _ in self.arrivals)

    def readinto(self, view):
        assert 0 < len(view) <= self.any()
        for i in range(len(view)):
            view[i] = self.arrivals.pop(0)[1]
        self.count(len(view))
        return len(view)

    def write(self, data):
        self.sent.append((self.now, bytes(data)))
        self.sent_until = self.now + len(data) * self.char
        if self.respond:
            self.respond()
        return len(data)

    def flush(self):
        if self.uart and self.sent_until > self.now:
            self.hold(self.sent_until - self.now)

    def run(self, rtu, request):
        """The result, and the time that it took in us."""
        began = self.now
        try:
            rtu.transact(request, self.words).send(None)
        except StopIteration as end:
            return end.value, self.now - began
        raise AssertionError("slept elsewhere")

    words = [0] * 125


def read(timeout_ms=200):
    return Request().read(2, 3, 0, 7, timeout_ms)


def write_many():
    return Request().write(2, 14, [0] * 123, 200, 16)


@pytest.mark.parametrize(("baud", "bits"), LINES)
@pytest.mark.parametrize("gap_ms", [0, 50])
def test_silence_is_kept_before_each_request(monkeypatch, baud, bits, gap_ms):
    world = World(monkeypatch, baud, bits)
    rtu = rtu_module.Rtu(world, baud, bits, gap_ms=gap_ms)
    world.respond = lambda: world.play(5000, ANSWER)
    silence = 3.5 * world.char if baud <= 19200 else 1750
    for _ in range(5):
        last = world.now
        assert world.run(rtu, read())[0] == OK
        assert world.sent[-1][0] - last >= max(int(silence), gap_ms * 1000)


@pytest.mark.parametrize(("baud", "bits"), LINES)
@pytest.mark.parametrize("turnaround", [0, 5000, 20300])
def test_a_read_takes_at_most_3_ms_more_than_the_line(monkeypatch, baud, bits, turnaround):
    # Two sleeps of whole milliseconds are rounded up, and the loop's own tick is 1 ms.
    world = World(monkeypatch, baud, bits)
    rtu = rtu_module.Rtu(world, baud, bits)
    gap = 3.5 * world.char if baud <= 19200 else 1750
    world.respond = lambda: world.play(gap + turnaround, ANSWER)
    for _ in range(5):
        result, span = world.run(rtu, read())
        assert result == OK
        assert span <= (8 + len(ANSWER)) * world.char + 2 * gap + turnaround + 3000
    spread = rtu.counters.as_dict()["devices"]["2"]["turnaround_ms"]
    assert 0 <= spread["min"] - (gap + turnaround) / 1000 <= spread["max"] - spread["min"] + 2.1


@pytest.mark.parametrize(("baud", "bits"), LINES)
def test_s13_a_dead_device_costs_its_time_out_and_no_more(monkeypatch, baud, bits):
    world = World(monkeypatch, baud, bits)
    rtu = rtu_module.Rtu(world, baud, bits)
    result, span = world.run(rtu, read(150))
    assert result == TIMEOUT
    assert 150000 <= span - 8 * world.char <= 150000 + 3.5 * world.char + 7000


@pytest.mark.parametrize(("baud", "bits"), LINES)
@pytest.mark.parametrize("request_", [read(), write_many()], ids=["8 bytes", "255 bytes"])
@pytest.mark.parametrize("uart", [True, False], ids=["uart", "tty"])
@pytest.mark.parametrize("tick", [1000, 10000], ids=["1 ms", "10 ms"])
def test_direction_falls_with_the_last_bit(monkeypatch, baud, bits, request_, uart, tick):
    world = World(monkeypatch, baud, bits, tick=tick)
    world.uart = uart
    rtu = rtu_module.Rtu(world, baud, bits, world.direction)
    world.run(rtu, request_)
    (_, first), (up, high), (down, low) = world.levels
    assert (first, high, low) == (0, 1, 0)
    assert up <= world.sent[0][0]
    assert 0 <= down - world.sent_until + 1 <= 300  # before t3.5, the earliest answer
    assert world.held <= 10000


def test_direction_falls_when_the_line_breaks(monkeypatch):
    world = World(monkeypatch, 19200, 11)
    rtu = rtu_module.Rtu(world, 19200, 11, world.direction)
    world.write = lambda data: 3
    assert world.run(rtu, read())[0] == PORT
    assert world.levels[-1][1] == 0


@pytest.mark.parametrize("respond", ["before", "after", "always"])
@pytest.mark.parametrize("byte", [0x00, 0x55, 0x02, 0x03])
def test_s13_a_line_that_babbles_is_given_up_soon(monkeypatch, respond, byte):
    world = World(monkeypatch, 115200, 10)
    rtu = rtu_module.Rtu(world, 115200, 10)
    babble = bytes([byte]) * 20000
    if respond != "after":
        world.play(0, babble if respond == "always" else babble[:3000])
    if respond == "after":
        world.respond = lambda: world.play(0, babble)
    result, span = world.run(rtu, read())
    assert result in (CRC, TIMEOUT)
    assert span <= 2 * ROOM * world.char + 250000
    assert world.held < 1000
    assert world.most_work <= 3 * ROOM


def test_the_worst_garbage_costs_one_checksum_at_a_time(monkeypatch):
    # Heads of long answers, one in each other: each must be summed up before it is dropped.
    world = World(monkeypatch, 115200, 10)
    rtu = rtu_module.Rtu(world, 115200, 10)
    heads = bytes([3, 3, 200]) * 200
    world.respond = lambda: world.play(0, heads)
    assert world.run(rtu, read())[0] == CRC
    assert world.most_work <= 2 * ROOM


@pytest.mark.parametrize("before", range(-2000, 40000, 1700))
def test_the_counter_may_wrap_in_mid_transaction(monkeypatch, before):
    world = World(monkeypatch, 19200, 11, now=PERIOD - before)
    rtu = rtu_module.Rtu(world, 19200, 11)
    world.respond = lambda: world.play(7000, ANSWER)
    result, span = world.run(rtu, read())
    assert (result, span < 30000) == (OK, True)
    world.respond = None
    result, span = world.run(rtu, read())
    assert (result, span < 220000) == (TIMEOUT, True)


@pytest.mark.parametrize("idle_s", [1, 500, 537, 600, 1073, 1074, 5000])
def test_a_long_idle_bus_is_not_waited_for(monkeypatch, idle_s):
    world = World(monkeypatch, 19200, 11)
    rtu = rtu_module.Rtu(world, 19200, 11)
    assert world.run(rtu, read())[0] == TIMEOUT
    world.now += idle_s * 1000000
    world.respond = lambda: world.play(5000, ANSWER)
    # 1073.7 s later the counter reads the same: then, once, what was owed is waited for.
    result, span = world.run(rtu, Request().read(2, 3, 100, 7, 200))
    assert (result, span < (240000 if idle_s == 1073 else 40000)) == (OK, True)


def test_s13_only_a_request_that_could_be_confused_waits_for_what_is_owed(monkeypatch):
    world = World(monkeypatch, 19200, 11)
    rtu = rtu_module.Rtu(world, 19200, 11)

    def span_after_time_out(unanswered, request):
        world.now += 10000000
        assert world.run(rtu, unanswered)[0] == TIMEOUT
        sent = len(world.sent)
        began = world.now
        world.run(rtu, request)
        return world.sent[sent][0] - began

    def seven(unit, register):
        return Request().read(unit, 3, register, 7, 200)

    def many(register, values):
        return Request().write(2, register, values, 200, 16)

    def one(value):
        return Request().write(2, 14, [value], 200)

    wait = 195000
    assert span_after_time_out(seven(2, 0), seven(2, 100)) >= wait
    assert span_after_time_out(many(14, [6, 600]), many(14, [7, 600])) >= wait
    for before, after in (
        (seven(2, 0), seven(2, 0)),
        (seven(2, 0), seven(3, 100)),
        (seven(2, 0), Request().read(2, 3, 100, 6, 200)),
        (seven(2, 0), Request().read(2, 4, 100, 7, 200)),
        (many(14, [6, 600]), many(15, [7, 600])),
        (one(6), one(16)),
    ):
        assert span_after_time_out(before, after) < 5000


def test_s13_a_late_frame_is_heard_out_before_the_next_request(monkeypatch):
    # It begins while silence is kept, and is longer than t3.5: sending into it would spoil both.
    world = World(monkeypatch, 19200, 11)
    rtu = rtu_module.Rtu(world, 19200, 11)
    assert world.run(rtu, read(20))[0] == TIMEOUT
    late = read_answer(2, 3, [9] * 60)
    world.play(0, late)
    ends = world.arrivals[-1][0]
    world.now += 3000
    world.respond = lambda: world.play(5000, frame(3, 3, 2, 0, 8))
    assert world.run(rtu, Request().read(3, 3, 0, 1, 200))[0] == OK
    assert world.words[0] == 8
    assert world.sent[-1][0] >= ends + 3.5 * world.char - 1
    devices = rtu.counters.as_dict()["devices"]
    assert (devices["2"]["late"], rtu.counters.noise) == (1, 0)


def test_s13_a_device_still_owes_when_only_another_one_was_heard(monkeypatch):
    world = World(monkeypatch, 19200, 11)
    rtu = rtu_module.Rtu(world, 19200, 11)
    world.respond = lambda: world.play(5000, read_answer(3, 3, WORDS))
    assert world.run(rtu, read())[0] == MISMATCH
    # Its answer comes at last, while a read of as many other registers waits to go out.
    world.play(50000, read_answer(2, 3, [9] * 7))
    world.respond = lambda: world.play(5000, ANSWER)
    assert world.run(rtu, Request().read(2, 3, 100, 7, 200))[0] == OK
    assert world.words[:7] == WORDS
    assert rtu.counters.as_dict()["devices"]["2"]["late"] == 1
