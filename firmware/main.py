# What a controller starts. On a computer:
# micropython main.py CONFIG TTY [METER_TTY] [--clamps FILE]

import sys

from primary.app import main

if sys.platform == "linux":
    from boards.unix import Board

    sys.exit(main(Board(sys.argv[1:])))
