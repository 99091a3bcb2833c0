# Modules that are loaded when somebody asks for them, and leave the memory again: the console's
# pages, their words, what checks a configuration.
#
# What is asked for again and again stays, so that a program that asks every second loads its page
# once; `tidy` lets go of what nobody has asked for in a while. Where memory is short, all that is
# lent leaves before one more comes. A module that has left lives on with whoever still uses it.
# A computer has room, and keeps them.

import gc
import sys

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


_UNUSED_TIDIES = const(30)
_ROOM = const(40 << 10)  # bytes: the largest of them from a file, and what it does then

_lent = []  # names
_tidies = 0  # since one was asked for


def lend(name: str):
    """A module of this package, by its name in it. Nobody but a function under way may keep it."""
    global _tidies
    _tidies = 0
    name = "loadrail." + name
    if name not in sys.modules:
        if _is_short():
            let_go()
        try:
            _load(name)
        except MemoryError:
            let_go()
            _load(name)
    return sys.modules[name]


def tidy() -> None:
    """Called once a second or so: let go of what was not asked for in the last 30 calls."""
    global _tidies
    if not _lent:
        return
    _tidies += 1
    if _tidies > _UNUSED_TIDIES and _is_a_board():
        let_go()


def let_go() -> None:
    """Let go of all of them now, to make room for something large."""
    if not _is_a_board():
        return
    while _lent:
        _unload(_lent.pop())
    gc.collect()


def _load(name):
    """Note what comes with it, also where it fails half-way: then nothing of it may stay."""
    before = list(sys.modules)
    try:
        __import__(name)
    except BaseException:
        _note(before)
        let_go()
        sys.modules.pop(name, None)
        raise
    _note(before)


def _note(before):
    _lent.extend([name for name in sys.modules if name not in before])


def _unload(name):
    sys.modules.pop(name, None)
    parent, _, child = name.rpartition(".")
    if hasattr(sys.modules.get(parent), child):
        delattr(sys.modules[parent], child)


def _is_a_board() -> bool:
    return hasattr(gc, "mem_free")


def _is_short() -> bool:
    if not _lent or not _is_a_board():
        return False
    gc.collect()
    return gc.mem_free() < _ROOM
