# Runs on MicroPython, with host_tests/fakes/machine.py below: takes one board through all that the
# firmware asks of it. Argument: the board's name. Prints what was seen as a line of JSON.

import json
import sys

import machine

name = sys.argv[1]
board = __import__("boards." + name, None, None, ["Board"]).Board()
seen = {"directions": [], "lines": [], "names": []}


def open_lines():
    """Each line twice, the second time with another format, as after a search."""
    for index in range(len(board.LINES)):
        seen["names"].append(board.line_name(index))
        direction = board.direction(index)
        for baud, parity, stop in ((9600, "N", 2), (19200, "E", 1), (115200, "O", 1)):
            line = {"baud": baud, "parity": parity, "stop_bits": stop}
            stream = board.open_line(index, line)
        seen["lines"].append([stream.id, stream.opened])
        if direction is None:
            seen["directions"].append(None)
        else:
            seen["directions"].append([direction.id, machine.levels[direction.id]])
        use(stream, direction)
    try:
        board.open_line(len(board.LINES), {})
        seen["no_line"] = "opened"
    except OSError:
        seen["no_line"] = board.line_name(len(board.LINES))


def use(stream, direction):
    if direction:
        direction(1)
    if stream.write(memoryview(b"request")) != 7:
        raise ValueError
    stream.flush()
    if direction:
        direction(0)
    stream.came(b"answer!!")
    view = memoryview(bytearray(16))
    count = stream.any()
    if stream.readinto(view[:count]) != 8 or stream.any():
        raise ValueError


def lights():
    shown = []
    for colour in ((0, 255, 0), (255, 160, 0), (255, 0, 0), (0, 0, 0)):
        del machine.log[:]
        board.light(*colour)
        if name == "m5stack_stamplc":
            machine.log.append(("expander", machine.I2C.devices[0x43][7]))
        shown.append(list(machine.log))
    return shown


def inputs():
    found = board.inputs()
    if found is None:
        return None
    return [[found.selector(), found.contact()] for _ in pressed()]


def pressed():
    """Nothing, position 7, position 9, position 12 (no such), the contact."""
    for position, closed in ((0, False), (7, False), (9, False), (12, False), (0, True)):
        if name == "m5stack_stamplc":
            word = position << 1 | closed
            machine.I2C.devices[0x59][0:2] = bytes((word << 4 & 0xF0, word & 0xF0))
        else:
            for k, pin in enumerate(board.SELECTOR):
                machine.levels[pin] = 1 - (position >> k & 1)
            machine.levels[board.CONTACT] = 0 if closed else 1
        yield


def end_of_inputs():
    """With the expander gone nothing is known."""
    if name != "m5stack_stamplc":
        return None
    found = board.inputs()
    del machine.I2C.devices[0x59]
    return [found.selector(), found.contact()]


seen["first"] = list(machine.log)
seen["powered"] = [machine.levels[pin] for pin in board.HIGH]
open_lines()
seen["pulled_up"] = [event[1] for event in machine.log if event[0] == "pulled up"]
seen["sent"] = [event for event in machine.log if event[0] in ("pin", "sent", "flushed")]
seen["lights"] = lights()
seen["inputs"] = inputs()
seen["inputs_gone"] = end_of_inputs()
seen["armed_before"] = list(machine.watchdog_ms)
dog = board.watchdog()
dog.feed()
if hasattr(dog, "stretch"):
    dog.stretch(3_600_000)
    dog.feed()
seen["watchdog_ms"] = machine.watchdog_ms
seen["fed"] = machine.log.count(("fed",))
seen["root"] = board.root
seen["clamps"] = board.clamps() is not None
board.reset()
seen["reset"] = machine.log[-1] == ("reset",)
print(json.dumps(seen))
