"""Fuzz of the console: lines and keys that are nearly commands, and bytes that are nothing.

`console`: bytes through the line reader and its editor into the commands, over a site in virtual
time that goes on; console_fuzz.py does it with junk on the real firmware. Nothing but answers may
come of it: text that ends with a line, JSON where it was asked for, and limits within bounds.
"""

import json
import sys

import fuzzing  # before the others: as a program it says where they are
from console_context import Idle, Running

from loadrail import commands, commands_table
from loadrail.config_keys import CHARGER, SECTIONS
from loadrail.lines import LineReader

_NAMES = [row[0] for row in commands_table.rows()]
_KEYS = [f"{name}.{key}" for name, rows in SECTIONS.items() for key in rows]
_KEYS += [f"chargers[{k}].{key}" for k in (0, 1, 19) for key in CHARGER]
_KEYS += ["chargers", "chargers[+]", "chargers[0]", "meter.bus.baud", "group", "", ".", "[", "a[b"]
_WORDS = [*_NAMES, *_KEYS, "1", "2", "0", "-1", "all", "json", "apply", "show", "null", "{", "x"]
_WORDS += ["eco", "off", "999999999999", "{}", '{"chargers": [{"address": 2}]}', "[1]", '"', ";"]
_WHOLE = [
    'import {"meter": {"address": 1}, "chargers": [{"address": 2}, {"address": 3}]}',
    "set group.limit_a 40; group.margin_a 2",
    'set chargers[0].name "bay; 1"',
    'set chargers[+] {"address": 9}',
    "check wiring all",
    "mode all eco",
]
_KEYS_OF_A_TERMINAL = [b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[D", b"\x1b[3~", b"\x1b[H", b"\x1b"]
_KEYS_OF_A_TERMINAL += [b"\t", b"\t\t", b"\x7f", b"\x08", b"\x01", b"\x05", b"\x15", b"\x00\xff"]
_CORPUS = [word.encode() for word in _WORDS + _WHOLE] + _KEYS_OF_A_TERMINAL
_ENDS = (b"\n",) * 9 + (b"\r", b"\r\n", b"\n\r", b"")
_MOST_ANSWER = 60_000  # characters; more than any command has to say


class _Console:
    """A reader, and what becomes of its lines."""

    def __init__(self, context):
        self.context = context
        self.reader = LineReader(lambda text: commands.complete(text, context))

    def type(self, data):
        """How each line ended: its words for the tally, the last one."""
        word = "no line"
        for byte in data:
            if self.reader.feed(byte):
                word = self._answer(self.reader.line, self.reader.fault)
        self.reader.idle()
        out, self.reader.out = self.reader.out, ""
        assert len(out) < _MOST_ANSWER
        assert out.isascii()
        return word

    def _answer(self, line, fault):
        if fault:
            assert line == ""
            return "no text"
        if not line:
            return "empty"
        said = self.context.say(line)
        assert said.endswith("\n"), (line, said[-50:])
        assert len(said) < _MOST_ANSWER
        if not line.endswith(" json") or _is_value(line):
            return "answered"
        told = _json(line, said)
        assert said.count("\n") == 1, line
        return "refused" if isinstance(told, dict) and "error" in told else "json"


def _is_value(line) -> bool:
    """Whether the last word is the value itself: `set chargers[0].name json`."""
    words = line.split()
    return (words[0], len(words)) in (("set", 3), ("import", 2))


def _json(line, said):
    try:
        return json.loads(said)
    except ValueError:
        raise AssertionError(f"{line!r} is answered {said[:200]!r}") from None


def drawn(dice) -> bytes:
    """A line, nearly a line, or no line at all."""
    kind = dice.randrange(10)
    if kind == 0:
        return dice.randbytes(dice.randrange(1, 40)) + b"\n"
    words = [dice.choice(_NAMES)]
    words += dice.choices(_WORDS, k=dice.choice((0, 1, 1, 2, 3)))
    line = dice.choice(_WHOLE) if kind == 1 else " ".join(words)
    line += dice.choice(("", "", " json"))
    data = line.encode() + dice.choice(_ENDS)
    return fuzzing.mutated(dice, data, _CORPUS) if kind < 7 else data


def console_life(dice):
    """One site a life, or one without control; it goes on by some moments between the lines."""
    running = dice.randrange(4) > 0
    context = Running() if running else Idle()
    console = _Console(context)
    while True:
        word = console.type(drawn(dice))
        if running and dice.randrange(20) == 0:
            world = context.world
            world.until(world.run.now_ms / 1000 + 0.2)
            for amps in world.limits_a():
                assert amps == 0 or 6 <= amps <= 32, world.limits_a()
        yield word


TARGETS = {"console": console_life}

if __name__ == "__main__":
    sys.exit(fuzzing.main(TARGETS))
