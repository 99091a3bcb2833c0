# Bytes to lines: whatever comes in, a line comes out or a fault that says why not.

from loadrail.lines import LineReader


def _lines(data):
    reader = LineReader()
    out = []
    for byte in data:
        if reader.feed(byte):
            out.append((reader.line, reader.fault))
    return out


def test_any_line_end_ends_one_line():
    assert _lines(b"help\nstatus\rbus\r\nx\n") == [
        ("help", ""),
        ("status", ""),
        ("bus", ""),
        ("x", ""),
    ]


def test_erasing_works_and_stops_at_the_start():
    assert _lines(b"heap\x08\x7flp\n") == [("help", "")]
    assert _lines(b"\x08\x08ok\n") == [("ok", "")]


def test_bytes_that_are_no_text_spoil_their_line_only():
    (_, fault), good = _lines(b"sta\xa6\xfftus\nhelp\n")
    assert "2 bytes" in fault
    assert good == ("help", "")


def test_a_line_of_ten_thousand_bytes_is_refused_and_forgotten():
    (_, fault), good = _lines(b"x" * 10_000 + b"\nhelp\n")
    assert "too long" in fault
    assert good == ("help", "")
