"""A few thousand inputs of each fuzz target, and that the targets find what is planted."""

import sys
from types import ModuleType

import fuzz_config
import fuzz_console
import fuzz_decoders
import fuzz_receiver
import fuzzing
import pytest

from loadrail import abilities, commands, config_check, metering
from loadrail.meters import words
from primary import answer, owed

TARGETS = {}
for program in (fuzz_receiver, fuzz_decoders, fuzz_console, fuzz_config):
    TARGETS.update(program.TARGETS)
# What must come of a few thousand inputs, so that they get behind the first check.
COMES = {
    "answer": {"ok", "exception", "crc", "mismatch", "timeout"},
    "line": {"ok", "exception", "crc", "mismatch", "timeout"},
    "words": {"a number", "absent"},
    "meter": {"a sample", "ok", "exception"},
    "charger": {"ok", "exception", "timeout"},
    "console": {"answered", "refused", "json", "no text"},
    "import": {"taken", "refused"},
    "set": {"taken", "refused", "saved"},
}


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_no_input_does_harm_and_nothing_false_passes(name):
    came = fuzzing.Counter()
    for number in range(2):
        came += fuzzing.play(TARGETS[name], number)
    assert COMES[name] <= set(came)
    assert all(came[word] >= 10 for word in COMES[name])


def _always(value):
    return lambda *_: value


# where a mistake is made, and the target that must see it
@pytest.mark.parametrize(
    ("owner", "name", "mistake", "target"),
    [
        (answer.Answer, "_sound", _always(True), "answer"),
        (answer.Answer, "_fits", _always(True), "answer"),
        (owed.Owed, "left_us", _always(0), "line"),
        (words, "_ABSENT", (None,) * 6, "words"),
        (metering.Metering, "answer", _always(True), "meter"),
        (abilities.Abilities, "read_function", _always(5), "charger"),
        (commands, "_refused", _always("no\n"), "console"),
        (config_check, "_fault", _always(None), "import"),
        (config_check, "across", _always(None), "set"),
    ],
)
def test_a_planted_mistake_is_found(monkeypatch, owner, name, mistake, target):
    monkeypatch.setattr(owner, name, mistake)
    if isinstance(owner, ModuleType):
        monkeypatch.setitem(sys.modules, owner.__name__, owner)  # some are loaded anew when used
    found = [fuzzing.judge((TARGETS[target], number))[1] for number in range(3)]
    assert any(found)


def _life(dice):
    """Every 2500th input or so is bad."""
    while True:
        assert dice.randrange(2500), "bad"
        yield "fine"


def test_a_run_that_was_broken_off_goes_on_and_the_next_one_begins_behind_it(tmp_path):
    tally = fuzzing.Tally("x", 3000, tmp_path)
    tally.take({"fine": 1000}, None)
    tally.keep()
    again = fuzzing.Tally("x", 3000, tmp_path)
    assert (again.done, again.until, again.words) == (1, 3, {"fine": 1000})
    again.take({}, "life 1: bad")
    again.take({"fine": 1000}, None)
    again.keep()
    later = fuzzing.Tally("x", 3000, tmp_path)
    assert (later.done, later.until, later.words, later.faults) == (3, 6, {}, [])


def test_a_fault_is_told_with_the_life_that_shows_it_again(tmp_path, capsys):
    failed = fuzzing.soak({"x": _life}, 8000, tmp_path)
    told = capsys.readouterr().out
    lives = [number for number in range(8) if fuzzing.judge((_life, number))[1]]
    assert 0 < failed == len(lives)
    assert f"x life {lives[0]}: AssertionError: bad" in told
    assert "8000 of 8000 inputs" in told
    with pytest.raises(AssertionError, match="bad"):
        fuzzing.play(_life, lives[0])
