# Runs on MicroPython with the fakes of host_tests/fakes below: the clamps of an rp2 board, a
# stretch of which ends when the DMA channel does. Prints what was set as a line of JSON.

import json
from array import array

import machine
import rp2

import boards._rp2_clamps
from boards.rp_pico import Board

ADC = 0x4004C000
READY = 256


class Held(machine._Memory):
    """The converter is ready at once; nothing is left in its FIFO after two looks."""

    left = 0

    def __getitem__(self, address):
        if address == ADC:
            return self.words.get(address, 0) | READY
        if address == ADC + 8:
            return self.words.get(address, 0) | self.left << 16
        if address == ADC + 12:
            self.left -= 1
            return 7
        return self.words.get(address, 0)


memory = Held()
boards._rp2_clamps.mem32 = memory

clamps = Board().clamps()
buffer = array("H", (0 for _ in range(12)))
seen = {"channels": clamps.channels, "rate_hz": clamps.rate_hz}
seen["reference_mv"] = clamps.reference_mv
seen["spacing"] = memory[ADC + 16]
memory.left = 3
clamps.start(buffer)
seen["left"] = memory.left
seen["running"] = memory.words[ADC]
dma = rp2.channels[0]
seen["job"] = [dma.job[0], dma.job[1] is buffer, dma.job[2], list(dma.job[3])]
seen["before"] = clamps.ready()
dma.busy = False
memory.left = 1
seen["after"] = clamps.ready()
seen["idle"] = memory.words[ADC]
seen["still_left"] = memory.left
print(json.dumps(seen))
