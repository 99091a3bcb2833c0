# Runs on MicroPython: the jobs of the local inputs and of the light, on a board that is made up.
# Prints what was seen as a line of JSON. Time goes on by hand.

import gc
import json

from loadrail.config import check
from loadrail.core import Primary
from primary.hush import Hush
from primary.inputs_job import InputsJob
from primary.light_job import LightJob


class Source:
    """Inputs that show what is set; an exception is raised."""

    position = 3
    closed = False

    def selector(self):
        return self._shown(self.position)

    def contact(self):
        return self._shown(self.closed)

    def _shown(self, value):
        if isinstance(value, Exception):
            raise value
        return value


class Lamp:
    def __init__(self):
        self.calls = 0
        self.color = None

    def light(self, red, green, blue):
        self.calls += 1
        self.color = (red, green, blue)


class Clock:
    now = 0


def run(job, for_ms, each_ms):
    for _ in range(for_ms // each_ms):
        Clock.now += each_ms
        job.run()


raw = {
    "group": {"type": "static", "communication_timeout_s": 600},
    "inputs": {"selector": "on", "contact": "emergency_stop"},
    "chargers": [{"address": 2}],
}
core = Primary(check(raw)[0], 0)
source, lamp = Source(), Lamp()
seen = {}
hush = Hush((), lambda: Clock.now)
read = InputsJob(core, source, lambda: Clock.now, hush)
seen["at_once"] = [core.inputs.selector.most_a, core.inputs.contact.most_a]

source.position = source.closed = OSError(5)
run(read, 1000, 100)
seen["some_reads_failed"] = [core.inputs.selector.most_a, core.inputs.contact.most_a]
run(read, 100, 100)
seen["too_many_failed"] = [core.inputs.selector.most_a, core.inputs.contact.most_a]
source.position, source.closed = 3, False
run(read, 5000, 100)
seen["back"] = [core.inputs.selector.most_a, core.inputs.contact.most_a]

show = LightJob(core, lamp, lambda: Clock.now)
run(show, 4000, 50)
before = lamp.calls
run(show, 4000, 50)
seen["steps_of_a_breath"] = lamp.calls - before
core.chargers.known[0] = True
run(show, 1000, 50)
lamp.calls = 0
run(show, 10_000, 50)
seen["steady"] = [lamp.color, lamp.calls]
hush.maint(600)
read.run()
seen["maint_lasts"] = hush.maint_left_ms() > 0
source.closed = True
read.run()
seen["maint_is_over"] = hush.maint_left_ms() == 0
before = lamp.calls
run(show, 10_000, 50)
seen["blinks"] = lamp.calls - before


kept = []
for _ in range(3):
    gc.collect()
    kept.append(gc.mem_alloc())
    run(show, 8000, 50)
    run(read, 8000, 100)
gc.collect()
seen["kept"] = gc.mem_alloc() - kept[-1]
print(json.dumps(seen))
