# Runs on MicroPython under callgrind: argument is a list of n as JSON. Counting is begun and ended
# by two functions that nothing else calls; decision_cost.py has callgrind watch for them.

import gc
import json
import sys

import micropython
from decision_cost_upy import REGIMES, Group


def before():
    gc.collect()  # so that none comes in between
    micropython.opt_level()


for regime in REGIMES:
    for n in json.loads(sys.argv[1]):
        Group(n, regime).run(before, micropython.stack_use)
