# Play recorded inputs into the core and print every change of a limit or a reason. The same inputs
# must print the same on every interpreter. Argument: the recording (see test_on_micropython.py).

import json
import sys
from array import array

from loadrail.config import check
from loadrail.core import Primary

words = array("H", [0] * 125)
last = None
with open(sys.argv[1]) as file:
    config, faults = check(json.loads(file.readline()))
    assert not faults, faults
    start_ms = json.loads(file.readline())
    primary = Primary(config, start_ms)
    for line in file:
        what, bus, now_ms, result, answer = json.loads(line)
        if what == "next":
            request = primary.next_request(bus, now_ms)
            asked = None if request is None else [request.unit, request.function, request.register]
            assert asked == answer, (now_ms, asked, answer)
        else:
            if answer is not None:
                for k, word in enumerate(answer):
                    words[k] = word
            primary.answer(bus, now_ms, result, words)
        c = primary.chargers
        now = (c.limit_ma, c.held_ma, c.reason, c.reason_value, c.reason_s, primary.budget.ma)
        text = json.dumps(now)
        if text != last:
            last = text
            print(now_ms, text)
