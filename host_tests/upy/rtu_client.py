# Runs on MicroPython: carries out the requests on stdin, on the tty of argv[1].
# Prints a line of JSON a transaction, [result, words or exception code], then the counters.

import asyncio
import json
import sys
import time
from array import array

from boards.unix import Tty
from loadrail.line import char_bits
from loadrail.request import EXCEPTION, OK, PORT, RESULT_NAMES, Request
from primary.rtu import Rtu


def fill(request, row):
    unit, function, register, what, timeout_ms = row
    if isinstance(what, list):
        request.write(unit, register, what, timeout_ms, function)
    else:
        request.read(unit, function, register, what, timeout_ms)


async def reopened(path, baud):
    while True:
        await asyncio.sleep_ms(5)
        try:
            return Tty(path, baud)
        except OSError:
            pass


async def main(path, options, rows):
    baud = options.get("baud", 19200)
    parity = options.get("parity", "E")
    pin_levels = []
    rtu = Rtu(
        Tty(path, baud, parity, 1),
        baud,
        char_bits(parity, 1),
        pin_levels.append if options.get("direction") else None,
        echo=options.get("echo", False),
        gap_ms=options.get("gap_ms", 0),
    )
    words = array("H", (0xEEEE for _ in range(125)))
    request = Request()
    for row in rows:
        if isinstance(row, int):
            await asyncio.sleep_ms(row)
            continue
        fill(request, row)
        result = await rtu.transact(request, words)
        what = None
        if result == OK:
            what = [words[i] for i in range(row[3])] if row[1] in (3, 4) else []
        elif result == EXCEPTION:
            what = request.exception
        print(json.dumps([RESULT_NAMES[result], what]))
        if result == PORT:
            rtu.stream.close()
            rtu.attach(await reopened(path, baud))
    counters = rtu.counters.as_dict()
    counters["echo"] = rtu.echo
    counters["pin_levels"] = pin_levels
    counters["ended_us"] = time.ticks_us()
    print(json.dumps(counters))


asyncio.run(main(sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.stdin.read())))
