"""The transport on a real tty, against a device that does everything wrong on purpose."""

import os
import random
import time

import pytest
from rtu_line import Device, Pty, feed, finish, frame, read_answer, start, transact

LONG = 2000  # ms; a time-out that does not run out, even on a busy machine
SHORT = 60  # ms; one that runs out
HEARD = 400  # ms; one that runs out, but not before what came is heard
WORDS = [1, 2, 3, 4, 5, 6, 65535]
READ = [2, 3, 0, 7, LONG]
GOOD = read_answer(2, 3, WORDS)


def run(answers, requests, **options):
    """Device n-th answer for the n-th request; the results' names and words, the counters."""
    script = iter(answers)
    with Device(lambda request: next(script, b"")) as device:
        results, counters = transact(device.path, requests, **options)
    return results, counters


def damaged(data, at, bits=0x10):
    return data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]


@pytest.mark.parametrize("function", [3, 4])
@pytest.mark.parametrize("count", [1, 7, 125])
def test_read(function, count):
    words = [(i * 257) & 0xFFFF for i in range(count)]
    results, counters = run(
        [read_answer(9, function, words)], [[9, function, 0x1234, count, LONG]]
    )
    assert results == [["ok", words]]
    assert counters["devices"]["9"]["ok"] == 1
    assert counters["bytes"] == 8 + 5 + 2 * count


@pytest.mark.parametrize(
    ("function", "values", "sent", "answer"),
    [
        (6, [16], frame(2, 6, 0, 14, 0, 16), frame(2, 6, 0, 14, 0, 16)),
        (6, [65535], frame(2, 6, 0, 14, 255, 255), frame(2, 6, 0, 14, 255, 255)),
        (16, [6, 65535], frame(2, 16, 0, 14, 0, 2, 4, 0, 6, 255, 255), frame(2, 16, 0, 14, 0, 2)),
        (
            16,
            [7] * 123,
            frame(2, 16, 0, 14, 0, 123, 246, *[0, 7] * 123),
            frame(2, 16, 0, 14, 0, 123),
        ),
    ],
)
@pytest.mark.parametrize("direction", [False, True])
def test_write(function, values, sent, answer, direction):
    with Device(lambda request: answer) as device:
        results, counters = transact(
            device.path, [[2, function, 14, values, LONG]], direction=direction, baud=115200
        )
    assert results == [["ok", []]]
    assert device.requests == [sent]
    assert counters["pin_levels"] == ([0, 1, 0] if direction else [])


@pytest.mark.parametrize("code", [1, 2, 4, 6, 11, 99])
def test_an_exception_is_told_with_its_code(code):
    results, counters = run([frame(2, 0x83, code)], [READ])
    assert results == [["exception", code]]
    row = counters["devices"]["2"]
    assert (row["exception"], row["last_exception"]) == (1, code)
    assert row["exceptions"] == {str(code) if code < 12 else "other": 1}


# What the device sends, and what must come of it. A read that ends well brings WORDS.
WRONG = {
    "silence": ([], "timeout"),
    "two bytes of noise, then silence": ([b"\x00\xff"], "timeout"),
    "own address, then silence": ([b"\x02"], "timeout"),
    "data damaged": ([damaged(GOOD, 6)], "crc"),
    "CRC damaged": ([damaged(GOOD, 18)], "crc"),
    "address damaged": ([damaged(GOOD, 0)], "crc"),
    "function damaged": ([damaged(GOOD, 1, 0x20)], "crc"),
    "byte count damaged": ([damaged(GOOD, 2)], "crc"),
    "cut off": ([GOOD[:-1]], "crc"),
    "cut off after the header": ([GOOD[:3]], "crc"),
    "first byte lost": ([GOOD[1:]], "crc"),
    "another unit": ([read_answer(3, 3, WORDS)], "mismatch"),
    "another function": ([read_answer(2, 4, WORDS)], "mismatch"),
    "too few registers": ([read_answer(2, 3, WORDS[:6])], "mismatch"),
    "too many registers": ([read_answer(2, 3, [*WORDS, 8])], "mismatch"),
    "a write's answer": ([frame(2, 6, 0, 14, 0, 16)], "mismatch"),
    "another unit's exception": ([frame(3, 0x83, 2)], "mismatch"),
}


@pytest.mark.parametrize("name", WRONG)
def test_s13_what_is_no_answer_is_never_data(name):
    pieces, expected = WRONG[name]
    timeout_ms = {"timeout": SHORT, "crc": LONG, "mismatch": HEARD}[expected]
    results, counters = run([pieces], [[2, 3, 0, 7, timeout_ms]])
    assert results == [[expected, None]]
    assert counters["devices"]["2"][expected] == 1


@pytest.mark.parametrize("name", WRONG)
def test_s13_the_next_transaction_after_a_fault_is_sound(name):
    results, _ = run([WRONG[name][0], GOOD], [[2, 3, 0, 7, SHORT], 50, READ])
    assert results[1] == ["ok", WORDS]


@pytest.mark.parametrize(
    "answer",
    [frame(2, 6, 0, 14, 0, 17), frame(2, 6, 0, 15, 0, 16), frame(3, 6, 0, 14, 0, 16)],
    ids=["value", "register", "unit"],
)
def test_a_write_acknowledged_with_something_else_is_not(answer):
    results, _ = run([answer], [[2, 6, 14, [16], HEARD]])
    assert results == [["mismatch", None]]


@pytest.mark.parametrize(
    "noise", [b"\x00", b"\xff", b"\x00\xff\x00", b"\x7f", b"\x02", b"\x03\x03"]
)
def test_noise_before_an_answer_is_passed_over(noise):
    results, counters = run([[noise, GOOD]], [READ])
    assert results == [["ok", WORDS]]
    assert counters["devices"]["2"]["noise"] == len(noise)


def test_noise_long_before_an_answer_does_not_end_the_wait():
    results, _ = run([[b"\x02", 0.15, GOOD]], [READ])
    assert results == [["ok", WORDS]]


def test_an_answer_in_single_bytes():
    results, _ = run([[piece for byte in GOOD for piece in (bytes([byte]), 0.001)]], [READ])
    assert results == [["ok", WORDS]]


def test_s13_late_answer_of_a_is_not_taken_for_b():
    # Both come while B is asked, A's first; B's own words differ.
    late = read_answer(3, 3, [9] * 7)
    results, counters = run([b"", [late, GOOD]], [[3, 3, 0, 7, SHORT], READ])
    assert results == [["timeout", None], ["ok", WORDS]]
    assert counters["devices"]["3"]["late"] == 1
    assert counters["devices"]["2"]["noise"] == 0


def test_s13_late_answer_before_the_next_request_is_drained():
    late = read_answer(3, 3, [9] * 7)
    results, counters = run([[0.15, late], GOOD], [[3, 3, 0, 7, SHORT], 250, READ])
    assert results[1] == ["ok", WORDS]
    row = counters["devices"]["3"]
    assert row["late"] + row["ok"] == 1


def test_s13_late_answer_to_a_read_is_not_taken_for_other_registers():
    # Same unit, function and count: only waiting tells the two answers apart.
    late = read_answer(2, 3, [9] * 7)
    requests = [[2, 3, 100, 7, HEARD], [2, 3, 0, 7, HEARD]]
    results, _ = run([[0.5, late], GOOD], requests)
    assert results[1] == ["ok", WORDS]


def test_s13_late_acknowledgement_is_not_taken_for_other_values():
    late = frame(2, 6, 0, 14, 0, 16)
    results, _ = run([b"", late], [[2, 6, 14, [16], SHORT], [2, 6, 14, [6], HEARD]])
    assert results == [["timeout", None], ["mismatch", None]]


ECHOES = [
    [2, 3, 0, 7, LONG],
    [2, 3, 0x0E00, 7, LONG],  # its echo looks like the head of its answer
    [2, 16, 14, [6, 600], LONG],
    [2, 6, 14, [16], LONG],
]
ANSWERS = [GOOD, GOOD, frame(2, 16, 0, 14, 0, 2), frame(2, 6, 0, 14, 0, 16)]


@pytest.mark.parametrize("echo", [False, True])
def test_own_echo_is_dropped(echo):
    script = iter(ANSWERS)
    with Device(lambda request: [request, next(script)]) as device:
        results, counters = transact(device.path, ECHOES, echo=echo)
    assert [name for name, _ in results] == ["ok"] * 4
    assert results[1] == ["ok", WORDS]
    assert counters["echo"] is True
    assert counters["noise"] == 0


@pytest.mark.parametrize("request_", [*ECHOES[:3], [2, 16, 14, [0] * 123, LONG]])
def test_an_echo_alone_is_silence(request_):
    with Device(lambda request: request) as device:
        results, counters = transact(device.path, [[*request_[:4], HEARD]])
    assert results == [["timeout", None]]
    assert counters["echo"] is True


@pytest.mark.parametrize("learn", [False, True], ids=["configured", "seen on a read"])
def test_s13_echo_of_a_write_is_no_acknowledgement(learn):
    requests = [[2, 3, 0, 7, HEARD], [2, 6, 14, [16], HEARD]]
    with Device(lambda request: request) as device:
        results, _ = transact(device.path, requests[0 if learn else 1 :], echo=not learn)
    assert results[-1] == ["timeout", None]


def test_without_echo_a_write_is_acknowledged_by_its_twin():
    with Device(lambda request: request) as device:
        results, counters = transact(device.path, [[2, 6, 14, [16], LONG]])
    assert results == [["ok", []]]
    assert counters["echo"] is False


def test_s13_a_flood_of_garbage_ends_and_brings_no_data():
    noise = random.Random(7)

    def answer(request):
        if len(device.requests) > 3:
            return GOOD
        return [piece for _ in range(40) for piece in (noise.randbytes(64), 0.002)]

    with Device(answer) as device:
        requests = [[2, 3, 0, 7, SHORT]] * 3 + [300, READ, 300, READ, 300, READ]
        results, counters = transact(device.path, requests)
    assert "ok" not in [name for name, _ in results[:3]]
    assert results[-1] == ["ok", WORDS]
    # The device's end may still be writing noise when the first of them goes out.
    assert all(result == ["ok", WORDS] or result[0] != "ok" for result in results)
    assert counters["noise"] > 0


def test_a_tty_that_goes_is_told_and_another_one_taken(tmp_path):
    name = tmp_path / "bus"

    def unplug():
        os.unlink(name)
        device.ptys[0].close()

    device = Device(lambda request: [GOOD] if len(device.requests) == 1 else [unplug])
    name.symlink_to(device.path)
    spare = Device(lambda request: GOOD)
    with device, spare:
        process = start("rtu_client.py", str(name), "{}")
        feed(process, f"[{READ}, {READ}, {READ}]")
        device.join(30)
        assert not device.is_alive()
        name.symlink_to(spare.path)
        *results, counters = finish(process)
    assert results == [["ok", WORDS], ["port", None], ["ok", WORDS]]
    assert counters["devices"]["2"]["port"] == 1


def test_a_tty_that_nobody_reads_does_not_block():
    # The far end takes nothing: sooner or later the kernel has no room for a request.
    pty = Pty()
    filler = os.open(pty.path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        for _ in range(10):  # the kernel moves what it holds, and then has room again
            with pytest.raises(BlockingIOError):
                while True:
                    os.write(filler, bytes(4096))
            time.sleep(0.02)
        process = start("rtu_client.py", pty.path, "{}")
        feed(process, f"[{READ}]")
        assert process.stdout.readline() == '["port", null]\n'
        process.kill()
        process.communicate()
    finally:
        os.close(filler)
        pty.close()
