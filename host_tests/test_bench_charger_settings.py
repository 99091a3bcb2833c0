"""The bench charger's settings, the words for readings, and its lamp."""

import json
import re

import pytest
from bench_charger import settings as bench_settings
from bench_charger.console import HELP
from bench_charger.light import is_lit
from bench_charger.reading_text import answer_of, answer_text

from loadrail_site import teltocharge as tc
from loadrail_site.charger import Charger
from loadrail_site.readings import READINGS
from loadrail_tools import bench_charger


def test_the_defaults_are_the_documented_wiring(tmp_path):
    settings, faults = bench_settings.from_file(str(tmp_path / "none.json"))
    assert faults == []
    pins = [settings[key] for key in ("uart", "tx", "rx", "direction")]
    assert pins == [0, 0, 1, 2]
    example = json.loads((bench_charger.SOURCE / "bench.json").read_text())
    assert {key: settings[key] for key in example} == example


FAULTS = (
    ({"max_a": 5}, "max_a: 5 is not allowed; 6 to 32"),
    ({"address": 0}, "address: 0 is not allowed; 1 to 247"),
    ({"address": True}, "address: true is not allowed; 1 to 247"),
    ({"count": 5}, "count: 5 is not allowed; 1 to 4"),
    ({"address": 246, "count": 3}, "count: the last address would be beyond 247"),
    ({"parity": "X"}, 'parity: "X" is not allowed; one of "N", "E", "O"'),
    ({"baud": 9601}, "baud: 9601 is not allowed; one of 1200, 2400"),
    ({"phases": "L4"}, 'phases: "L4" is not allowed; one of "L1", "L1L2"'),
    ({"phases": ["L1"]}, 'phases: ["L1"] is not allowed'),
    ({"direction": "GP2"}, 'direction: "GP2" is not allowed; one of 0 to 48, null'),
    ({"colour": 1}, "colour: unknown; known are address, baud"),
    ({"reading": {"fed_by": "love"}}, "reading: fed_by is one of"),
    ({"reading": {"mood": "good"}}, "reading: no reading called mood"),
    ({"reading": ["fed_by"]}, "reading: "),
    ([], "[] is not an object"),
)


@pytest.mark.parametrize(("raw", "fault"), FAULTS)
def test_a_wrong_setting_is_refused_with_what_is_allowed(raw, fault):
    settings, faults = bench_settings.check(raw)
    assert settings is None
    assert len(faults) == 1
    assert faults[0].startswith(fault)


def test_a_file_that_is_no_json_is_told(tmp_path):
    path = tmp_path / "bench.json"
    path.write_text("{")
    assert bench_settings.from_file(str(path)) == (None, [f"{path}: is not JSON"])


def test_a_command_line_says_the_same_as_a_file():
    words = ["tty=/dev/x", "address=7", "direction=none", "reading.read_functions=3"]
    settings, faults = bench_settings.from_arguments(words)
    assert faults == []
    same, _ = bench_settings.check(
        {"tty": "/dev/x", "address": 7, "direction": None, "reading": {"read_functions": [3]}}
    )
    assert settings == same


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["address=2"], "tty: missing"),
        (["address"], '"address": give KEY=VALUE'),
        (["tty=x", "reading.fed_by=love"], 'reading: fed_by takes no "love"; any | writes | amps'),
        (["tty=x", "reading.mood=good"], 'reading: no reading "mood"; after_restart'),
        (["tty=x", "address=-1"], 'address: "-1" is not allowed; 1 to 247'),
    ],
)
def test_a_bad_command_line_is_refused(words, fault):
    settings, faults = bench_settings.from_arguments(words)
    assert settings is None
    assert faults[0].startswith(fault)


def test_every_answer_of_every_reading_can_be_typed():
    for question, answers in READINGS.items():
        assert [answer_of(question, answer_text(answer)) for answer in answers] == list(answers)


def test_the_lamp_shows_the_state():
    charger = Charger(2)

    def lit_ms(status):
        charger.status = status
        return sum(is_lit(charger, ms) for ms in range(2000))

    assert lit_ms(tc.CHARGING) == 2000
    assert lit_ms(tc.NO_EV) == 50
    assert lit_ms(tc.WAITING_FOR_EV) == 1000
    charger.silent = True
    assert lit_ms(tc.CHARGING) == 0


def test_the_readme_has_every_setting_with_its_default_and_every_command():
    text = (bench_charger.SOURCE / "README.md").read_text()
    rows = re.findall(r"^\| (`[^|]*) \| ([^|]*) \|", text, re.MULTILINE)
    told = {}
    for keys, defaults in rows:
        told.update(zip(re.findall(r"`(\w+)`", keys), defaults.split(", "), strict=False))
    settings, _ = bench_settings.check({})
    for key in json.loads((bench_charger.SOURCE / "bench.json").read_text()):
        assert told[key].strip("`") == str(settings[key]), key
    for usage, _ in HELP:
        assert f"`{usage}`" in text.replace("\\|", "|"), usage
