# What the bench charger starts. A board: main.py with bench.json beside it.
# On a computer: micropython main.py KEY=VALUE ..., with the tty as tty=/dev/ttyUSB0.

import sys

from bench_charger.app import main

status = main(sys.argv[1:] if sys.platform == "linux" else None)
if sys.platform == "linux":
    sys.exit(status)
