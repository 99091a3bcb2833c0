# loadrail.run("..."): the console's commands at MicroPython's prompt, while no control runs.
#
# They act on the configuration that is kept. What `set` tried lasts from one call to the next,
# until `save` or `revert`; else each call looks at the files anew, for they may have been copied.

import asyncio
import sys

from loadrail import commands
from loadrail.settings import Settings
from primary.log import Log
from primary.safe import now_ms
from primary.store import Store

_context = None


class Prompt:
    """What a command sees of a controller that does not run."""

    primary = clamps = inputs = None
    buses = ()
    safe_mode = False

    def __init__(self, root: str, name: str):
        self.store = Store(root, None, name)
        raw, source, faults = self.store.load(lambda raw: Settings(raw).faults)
        self.settings = Settings(raw)
        self.log = Log()
        self.now_ms = now_ms
        for fault in faults:
            self.log.add(fault)
        if source == "backup":
            self.log.add("this is the backup")

    def jobs(self) -> dict:
        return {}

    def crash_lines(self):
        return ()

    def maint(self, seconds: int) -> None:
        raise commands.Refusal("no control runs, so nothing has to rest")

    def reboot(self) -> None:
        raise commands.Refusal("Ctrl-D does it here, or machine.reset()")


def run(line: str) -> None:
    """Carry one line out, and print the answer."""
    global _context
    context = _context
    if context is None:
        context = Prompt(*_place())
        for text in context.log.since(0):
            print("! " + text)
    pieces, result = commands.run(line, context), None
    while True:
        try:
            piece = pieces.send(result)
        except StopIteration:
            break
        result = None
        if hasattr(piece, "send"):
            result = asyncio.run(piece)
        else:
            print(piece, end="")
    _context = context if context.settings.unsaved else None


def _place():
    """Folder and name of the configuration: a board's, or what a computer's program was given."""
    if len(sys.argv) < 2:
        return "/", "config.json"
    from boards.unix import Board

    board = Board(sys.argv[1:])
    return board.root, board.config_path.rpartition("/")[2]
