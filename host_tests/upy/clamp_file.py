# Runs on MicroPython: the clamps of boards/unix.py, a call for each line on standard input.
# Arguments: file, samples a stretch. Prints what each call gave as a line of JSON.

import json
import sys
from array import array

from boards.unix import ClampFile

source = ClampFile(sys.argv[1])
buffer = array("H", (0 for _ in range(int(sys.argv[2]))))
for line in sys.stdin:
    try:
        if line.strip() == "start":
            seen = source.start(buffer)
        else:
            seen = list(buffer) if source.ready() else False
    except OSError:
        seen = "OSError"
    print(json.dumps(seen))
