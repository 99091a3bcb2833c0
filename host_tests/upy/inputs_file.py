# Runs on MicroPython: the inputs of boards/unix.py, read for each line on standard input.
# Argument: file. Prints [position, closed], or "OSError", as a line of JSON.

import json
import sys

from boards.unix import InputFile

source = InputFile(sys.argv[1])
for _ in sys.stdin:
    try:
        seen = [source.selector(), source.contact()]
    except OSError:
        seen = "OSError"
    print(json.dumps(seen))
