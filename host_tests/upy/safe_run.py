# Runs on MicroPython: the firmware on a computer, with something made up in it.
# Arguments: folder or file, tty, what.

import json
import sys

from boards import unix
from loadrail import core
from primary import app, safe, store_counters, supervisor
from primary.app_start import main

what = sys.argv.pop()
pins = []


class Watchdog:
    def feed(self):
        pins.append("fed")

    def stretch(self, ms):
        pins.append("stretched")


class Board(unix.Board):
    """With a direction pin."""

    def direction(self, index):
        return pins.append

    def watchdog(self):
        pins.append("armed")
        return Watchdog()


def failing(self, now_ms):
    raise ValueError("made up")


def no_memory(self, config, now_ms):
    raise MemoryError


def ctrl_c_while_driving(self, now_ms):
    tick(self, now_ms)
    if pins and pins[-1] == 1:
        raise KeyboardInterrupt


tick = core.Primary.tick
if what == "fails":
    core.Primary.tick = failing
elif what == "memory":
    core.Primary.__init__ = no_memory
elif what == "ctrl_c":
    core.Primary.tick = ctrl_c_while_driving
    safe._CONTROL_MS = 10
elif what == "soon":
    # what takes a minute of health comes at once, but in order
    app._KEEP_MS = 50
    app._BACKUP_MS = app.HEALTHY_MS = 600
    supervisor.ARM_MS = 300
    store_counters._EVERY_MS = 1000

status = main(Board(sys.argv[1:]))
print(json.dumps({"status": status, "pins": pins[-8:], "armed": pins.count("armed")}))
sys.exit(status)
