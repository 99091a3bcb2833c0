# From the start of a board to its end: what is kept, what may run, and what is left behind.
#
# A board says where its configuration is (config_path, in the folder `root`) and, unless its
# `keeps` is False, has backup, counters and crashes beside it; without a configuration the console
# runs, and the bus is quiet. Where nothing is kept (a computer, and a file that a person names) a
# configuration that cannot be used ends the program.

import sys

from loadrail import __version__
from primary.crash import Crashes, text_of
from primary.safe import Restart, Safe, now_ms, release_lines
from primary.store import Store, join
from primary.store_file import Files

AGAIN = 75  # what main() returns where the board is to be started anew (sysexits.h, EX_TEMPFAIL)


def main(board) -> int:
    """Run a board until Ctrl-C or a failure. 0: it was left; AGAIN: restart it, after a crash too;
    1: it failed for good; 2: there is nothing to run."""
    keeps = getattr(board, "keeps", True)
    store = Store(board.root, None, board.config_path.rpartition("/")[2])
    crashes = Crashes(Files(), join(board.root, "crashes.json") if keeps else None)
    app, began_ms = None, now_ms()
    try:
        app = _made(board, store, crashes, keeps)
        if app is None:
            return 2
        _run(app, board)
        return 1  # not reached: it runs until something is raised
    except KeyboardInterrupt:
        return _left(app, crashes)
    except Restart:
        crashes.asked()
        return AGAIN
    except Exception as error:
        crashes.add(text_of(error), (now_ms() - began_ms & 0x3FFFFFFF) // 1000)
        sys.print_exception(error)
        print("Failed: the bus is quiet, the chargers are left to their own watchdogs.")
        return AGAIN if keeps and not (app is not None and app.safe_mode) else 1


def _run(app, board):
    try:
        app.run()
    finally:
        release_lines(board)


def _made(board, store, crashes, keeps):
    """What is to run, or None, which was told."""
    safe_mode = crashes.begin(_bitten())
    settings = _load(store)
    if settings.config is None and not keeps:
        for fault in store.faults:
            print(fault)
        print("The configuration was refused; nothing was started.")
        return None
    if safe_mode or settings.config is None:
        print('Loadrail %s: the bus is quiet. "status" tells why and what to do.' % __version__)
        return Safe(board, store, crashes, settings, safe_mode)
    from primary.app import App

    app = App(board, store, crashes, settings, _counters(board) if keeps else None)
    group = settings.config["group"]
    told = (__version__, group["type"], len(settings.config["chargers"]), group["limit_a"])
    print('Loadrail %s: %s group of %d, limit %d A. "help" lists the commands.' % told)
    return app


def _load(store):
    """The Settings of the best configuration that there is; of none where there is none."""
    from loadrail.settings import Settings

    found = []

    def faults_of(raw):
        found[:] = [Settings(raw)]
        return found[0].faults

    raw, _, _ = store.load(faults_of)
    return Settings() if raw is None else found[0]


def _counters(board):
    from primary.store_counters import Counters

    return Counters(Files(), join(board.root, "counters.json"), now_ms)


def _left(app, crashes) -> int:
    """Ctrl-C: MicroPython's prompt comes next."""
    print("Stopped: the chargers are left to their own watchdogs.")
    try:
        crashes.asked()
        _tell_watchdog(app)
    except MemoryError:
        pass  # on a computer it can come amid a collection, and then leaves the heap locked
    return 0


def _tell_watchdog(app):
    if app is None or not app.armed:
        return
    left_ms = app.leave()
    if left_ms:
        # A soft reset, which mpremote begins with unless told to resume, ends the grace on RP2.
        print('The watchdog lets you work for %d s ("mpremote resume").' % (left_ms // 1000))
    else:
        print('The watchdog restarts the board in some seconds; "maint" before Ctrl-C delays it.')


def _bitten() -> bool:
    """Whether the hardware says that the watchdog caused this start."""
    try:
        from machine import WDT_RESET, reset_cause
    except ImportError:
        return False
    return reset_cause() == WDT_RESET
