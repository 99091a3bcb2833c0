"""The log's memory is bounded, and whoever reads it misses nothing that is still kept."""

import rtu_line  # noqa: F401 - puts firmware/ on the path

from primary.log import _COST, _LENGTH, _ROOM, Log


def kept(log):
    return [text for _, text in log.last()]


def test_new_lines_push_out_as_many_of_the_oldest_as_they_need():
    log = Log()
    for number in range(500):
        log.add(f"{number} " + "x" * (number % 200))
        texts = kept(log)
        assert sum(len(text) + _COST for text in texts) <= _ROOM
        assert texts[-1].startswith(f"{number} ") and len(texts[-1]) <= _LENGTH
    assert log.count == 500
    assert [int(text.split()[0]) for text in texts] == list(range(500 - len(texts), 500))


def test_32_lines_of_a_usual_length_are_kept():
    log = Log()
    for _ in range(100):
        log.add("x" * 88)
    assert len(kept(log)) == 32


def test_the_last_ones_and_those_since_a_number():
    log = Log()
    for number in range(5):
        log.add(str(number))
    assert [text for _, text in log.last(2)] == ["3", "4"]
    assert list(log.since(3)) == ["3", "4"]
    assert list(log.since(0)) == ["0", "1", "2", "3", "4"]
    assert list(log.since(5)) == []


def test_a_line_that_comes_while_the_log_is_read_neither_shows_twice_nor_hides_another():
    log = Log()
    for number in range(100):
        log.add(f"{number:02} " + "x" * 60)
    first = int(kept(log)[0].split()[0])
    reading, seen = log.since(0), []
    for text in reading:
        seen.append(int(text.split()[0]))
        log.add("y" * 60)
    assert seen[0] == first
    assert seen == sorted(set(seen)), "each once, in order"
    assert seen[-1] < 100, "those that came later are for the next time"
