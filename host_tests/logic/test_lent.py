# Modules that are lent: a page that is asked for every second is loaded once, and nothing stays
# that nobody asks for. A computer keeps them, so each test makes it a board first.

import gc
import sys

import loadrail
import loadrail.core
from loadrail import lent
from loadrail.config import check

_CONFIG = {"meter": {"address": 1}, "chargers": [{"address": 2}]}
_TABLES = ("config_check", "config_keys", "config_rules", "migrations")
_UNUSED_S = 31


class Board:
    """While it lasts lent.py runs as on a board that has so much memory left."""

    def __init__(self, free=1 << 20):
        self.free = free

    def __enter__(self):
        self._was = (lent._is_a_board, lent._is_short)
        lent._is_a_board = lambda: True
        lent._is_short = lambda: self.free < 40 << 10
        lent.let_go()
        for name in _TABLES + ("status", "alert_texts", "commands_help", "commands_table"):
            lent._unload("loadrail." + name)  # what another test has loaded
        return self

    def __exit__(self, *_):
        lent.let_go()
        lent._is_a_board, lent._is_short = self._was


def _is_loaded(name):
    return "loadrail." + name in sys.modules and hasattr(loadrail, name)


def test_what_is_asked_for_every_second_is_loaded_once():
    with Board():
        page = lent.lend("status")
        for _ in range(100):
            assert lent.lend("status") is page
            lent.tidy()


def test_what_nobody_asks_for_leaves_with_all_that_came_with_it():
    with Board():
        lent.lend("status")
        assert _is_loaded("alert_texts")
        for _ in range(_UNUSED_S):
            lent.tidy()
        assert not _is_loaded("status")
        assert not _is_loaded("alert_texts")


def test_what_was_there_before_stays():
    with Board():
        lent.lend("status")
        lent.let_go()
        assert _is_loaded("clock")
        assert _is_loaded("lent")


def test_where_memory_is_short_one_page_makes_room_for_the_next():
    with Board() as board:
        lent.lend("status")
        lent.lend("commands_help")
        assert _is_loaded("status")
        board.free = 1000
        lent.lend("commands_help")
        assert _is_loaded("status"), "nothing had to be loaded"
        lent.lend("config_check")
        assert not _is_loaded("status")
        assert not _is_loaded("commands_help")


def test_a_page_that_has_left_goes_on_with_what_it_is_doing():
    with Board():
        rows = lent.lend("commands_table").rows()
        first = next(rows)
        lent.let_go()
        assert first[0] == "authorise"
        assert next(rows)[0] == "bus"


def test_a_page_that_fails_half_way_leaves_nothing_behind():
    with Board():
        lent._unload("loadrail.sentences")
        sys.modules["loadrail.sentences"] = loadrail.core  # has not what a part of the page needs
        try:
            lent.lend("status")
        except (ImportError, AttributeError):
            pass
        else:
            raise AssertionError("it was loaded")
        finally:
            lent._unload("loadrail.sentences")
        assert not _is_loaded("status")
        assert not _is_loaded("alert_texts")
        assert lent.lend("status").cell(None) == "-"


def test_a_page_without_room_is_tried_again_with_the_others_gone():
    with Board():
        lent.lend("status")
        load, tried = lent._load, []

        def first_fails(name):
            tried.append(_is_loaded("status"))
            if len(tried) == 1:
                raise MemoryError
            load(name)

        lent._load = first_fails
        try:
            lent.lend("commands_help")
        finally:
            lent._load = load
        assert tried == [True, False]
        assert _is_loaded("commands_help")


def test_the_tables_of_a_check_leave_with_the_next_tidying():
    with Board():
        assert check(_CONFIG)[1] == []
        assert _is_loaded("config_keys")
        lent.let_go()
        for name in _TABLES:
            assert not _is_loaded(name)


def test_a_computer_keeps_what_it_has_loaded():
    if hasattr(gc, "mem_free"):
        return
    page = lent.lend("commands_help")
    for _ in range(2 * _UNUSED_S):
        lent.tidy()
    assert lent.lend("commands_help") is page
