# Runs on MicroPython, with host_tests/fakes below: the whole firmware on a board, until Ctrl-C.
# Arguments: the board's name, a folder for its files. Nothing answers on its lines.
# The last line is what it left of the pins: [direction pins that are high, times fed, status].

import json
import sys

import machine

from primary.app_start import main

board = __import__("boards." + sys.argv[1], None, None, ["Board"]).Board()
board.root = sys.argv[2]
board.config_path = sys.argv[2] + "/config.json"
status = main(board)
high = [line[3] for line in board.LINES if line[3] is not None and machine.levels[line[3]]]
print(json.dumps([high, len(machine.watchdog_ms), status]))
