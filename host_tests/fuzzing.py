"""Runs fuzz targets: drawn inputs by the million, on all cores, with a progress line, resumable.

A target is a generator `life(dice)`: it draws input after input, judges what came of each, and
yields a word for that ("ok", "refused"); a failed assertion or any other error is a fault. Life
number k of a target is always the same. What was done is kept in build/fuzz, so that a run that
was broken off goes on, and one that was finished goes on with lives that nobody has seen.
`PROGRAM [INPUTS]` runs all targets of a program; `PROGRAM TARGET LIFE` shows one life's error.
"""

import itertools
import json
import multiprocessing
import os
import random
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
for _folder in ("lib", "firmware", "tools", "host_tests"):
    if str(ROOT / _folder) not in sys.path:  # where it is run as a program
        sys.path.append(str(ROOT / _folder))
KEPT = ROOT / "build" / "fuzz"
LIFE = 1000  # inputs
MILLION = 1_000_000
SHOWN = 5  # faults of a target; the first ones tell most


def play(life, number, inputs=LIFE) -> Counter:
    """What came of the inputs of one life; raises what is wrong."""
    words = Counter()
    for word in itertools.islice(life(random.Random(number)), inputs):
        words[word] += 1
    assert words.total() == inputs, "a target draws without end"
    return words


def judge(work) -> tuple:
    """(what came of a life's inputs, None or its error's last lines)."""
    life, number = work
    try:
        return play(life, number), None
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__}: {error}"[:400]
        return Counter(), f"life {number}: {told} ({Path(last.filename).name}:{last.lineno})"


class Tally:
    """How far a target has come, kept in a file after each life."""

    def __init__(self, name, inputs, folder):
        self.path = folder / f"{name}.json"
        self.name, self.done, self.until, self.words, self.faults = name, 0, 0, {}, []
        if self.path.exists():
            self.__dict__.update(json.loads(self.path.read_text()))
        if self.done >= self.until:  # not one that was broken off
            self.begin = self.done
            self.until = self.done + -(-inputs // LIFE)
            self.words, self.faults = {}, []

    def take(self, words, fault):
        self.done += 1
        for word, count in words.items():
            self.words[word] = self.words.get(word, 0) + count
        if fault:
            self.faults.append(fault)

    def keep(self):
        facts = {name: value for name, value in vars(self).items() if name != "path"}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(facts))

    def told(self, rate) -> str:
        count = (self.done - self.begin) * LIFE
        of = (self.until - self.begin) * LIFE
        return f"{self.name}: {count} of {of} inputs, {rate:.0f}/s, {len(self.faults)} faults"


def soak(targets, inputs=MILLION, folder=KEPT) -> int:
    """Run each of {name: life}; how many faults there were."""
    failed = 0
    with multiprocessing.Pool(os.cpu_count()) as pool:
        for name, life in targets.items():
            tally = Tally(name, inputs, folder)
            began_s, first = time.monotonic(), tally.done
            work = ((life, number) for number in range(first, tally.until))
            for words, fault in pool.imap(judge, work):
                tally.take(words, fault)
                if fault and len(tally.faults) <= SHOWN:
                    print(f"{name} {fault}", flush=True)
                if tally.done % 20 == 0 or tally.done == tally.until:
                    tally.keep()
                    rate = (tally.done - first) * LIFE / (time.monotonic() - began_s)
                    if sys.stdout.isatty() or tally.done == tally.until:
                        print("\r" + tally.told(rate), end="", flush=True)
            print("\n  " + ", ".join(f"{word} {n}" for word, n in sorted(tally.words.items())))
            failed += len(tally.faults)
    return failed


def main(targets) -> int:
    """What a program does with its arguments."""
    if len(sys.argv) == 3:
        print(play(targets[sys.argv[1]], int(sys.argv[2])))
        return 0
    return 1 if soak(targets, int(sys.argv[1]) if len(sys.argv) > 1 else MILLION) else 0


# --- what targets draw from

EDGES = (0, 1, 2, 3, 9, 10, 13, 27, 31, 32, 126, 127, 128, 129, 247, 248, 254, 255)


def mutated(dice, data: bytes, corpus=(b"",), times=3) -> bytes:
    """Up to so many changes to `data`: bits, bytes, pieces cut, doubled, moved, or of another."""
    data = bytearray(data)
    for _ in range(dice.randint(1, times)):
        at = dice.randrange(len(data) + 1)
        end = min(len(data), at + dice.choice((1, 1, 2, 4, 16)))
        kind = dice.randrange(8)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << dice.randrange(8)
        elif kind == 1 and at < len(data):
            data[at] = dice.choice(EDGES)
        elif kind == 2 and at < len(data):
            data[at] = dice.randrange(256)
        elif kind == 3:
            del data[at:end]
        elif kind == 4:
            data[at:at] = data[at:end] * dice.choice((1, 1, 2, 40))
        elif kind == 5:
            data[at:at] = dice.randbytes(dice.randrange(1, 5))
        elif kind == 6:
            data[at:at] = dice.choice(corpus)
        else:
            data[at:] = dice.choice(corpus)[dice.randrange(8) :]
    return bytes(data)


def word(dice) -> int:
    """0..65535, and often one at an edge."""
    return dice.choice(WORDS) if dice.randrange(3) else dice.randrange(65536)


WORDS = (0, 1, 2, 5, 6, 7, 16, 32, 33, 63, 230, 255, 1000, 21571, 32767, 32768, 65534, 65535)
