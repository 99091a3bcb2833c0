# What a controller starts. On a computer:
# micropython main.py CONFIG TTY [METER_TTY] [--clamps FILE] [--inputs FILE]
# where CONFIG is a file, or a folder that a controller keeps all its files in.

import sys

from primary.app_start import AGAIN, main

if sys.platform in ("linux", "darwin"):
    from boards.unix import Board

    status = AGAIN
    while status == AGAIN:
        status = main(Board(sys.argv[1:]))
    sys.exit(status)
else:
    from boards.chosen import NAME

    board = getattr(__import__("boards." + NAME), NAME).Board()
    if main(board) == AGAIN:
        board.reset()
