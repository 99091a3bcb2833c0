"""`loadrail monitor`: entries from a controller that comes and goes, recordings of any kind."""

import json

import pytest
from console_pty import VERSION, StandIn, loadrail

from loadrail_tools import monitor, recording
from loadrail_tools.monitor import Shown
from loadrail_tools.ports import LinkError
from loadrail_tools.recording import Entry

GROUP = {"limit_a": 40, "grid_a": [1, 2, 3], "charging_a": [0, 0, 0]}
GROUP |= {"meter_age_ms": 100, "meter_ok": True}
ROW = {
    "online": True,
    "status": 7,
    "limit_a": 0,
    "draw_a": [0, 0, 0],
    "booked_a": [0, 0, 0],
    "reason": "no_car",
    "reason_text": "no car",
}
STATUS = {"group": GROUP, "light": "green, steady", "warnings": [], "chargers": [ROW]}
WHO = [{"name": "south", "phases": "L2"}]
MARK = json.dumps(VERSION) + "\n"


def controller(**more):
    answers = {
        "status json": STATUS,
        "bus json": {"buses": []},
        "chargers json": {"chargers": WHO},
    }
    table = {line: json.dumps(answer) + "\n" for line, answer in answers.items()}
    return StandIn({**table, **more})


class Link:
    """A link whose answers are given: dicts by command, or what it raises."""

    def __init__(self, answers):
        self._answers = answers
        self.closed = False

    def ask(self, command):
        answer = self._answers[command]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def listen(self, seconds):
        """It has nothing to say."""

    def close(self):
        self.closed = True


def answers(**more):
    return {"chargers": {"chargers": WHO}, "status": STATUS, "bus": {"buses": []}, **more}


def test_a_controller_that_goes_away_is_told_and_tried_again(monkeypatch):
    monkeypatch.setattr(monitor, "AGAIN_S", 0)
    gone = Link(answers(bus=LinkError("it broke")))
    links = [gone, Link(answers())]
    told = monitor.entries(lambda on_log: links.pop(0), 0.2, None)
    seen = [next(told) for _ in range(6)]
    told.close()
    kinds = [entry.kind for entry in seen]
    assert kinds == ["chargers", "status", "trouble", "chargers", "status", "bus"]
    assert seen[2].value == "it broke"
    assert gone.closed


def test_a_controller_that_is_not_there_at_first_is_an_error():
    def nothing(on_log):
        raise LinkError("no such port")

    with pytest.raises(LinkError, match="no such port"):
        next(monitor.entries(nothing, 1, None))


def test_a_controller_without_a_configuration_is_shown_so():
    idle = {"running": False, "warnings": ["no configuration; the bus is quiet"]}
    more = {"status json": json.dumps(idle) + "\n"}
    more["chargers json"] = '{"error": "\\"chargers\\" needs a running controller"}\n'
    with controller(**more) as port:
        done = loadrail("monitor", "-p", port.path, "--seconds", 0.3)
    assert done.exit_code == 0
    assert "no configuration; the bus is quiet" in done.stdout


def test_names_and_phases_are_shown_with_the_rows():
    shown = Shown("x")
    for entry in (Entry(0, "chargers", WHO), Entry(5, "status", STATUS), Entry(9, "log", "hello")):
        shown.take(entry)
    moment = shown.moment()
    assert (moment.labels, moment.phases) == (["south"], ["L2"])
    assert moment.notes == ["! hello"]
    shown.take(Entry(20, "status", {**STATUS, "chargers": [ROW, ROW]}))
    assert shown.moment().labels == [], "the group is another one now"


def test_a_trouble_is_shown_until_the_next_answer():
    shown = Shown("x")
    shown.take(Entry(5, "status", STATUS))
    shown.take(Entry(6, "trouble", "it broke"))
    assert shown.moment().trouble == "it broke"
    shown.take(Entry(7, "status", STATUS))
    assert shown.moment().trouble == ""


def recorded(folder, text):
    path = folder / "seen.jsonl"
    path.write_text(text)
    return path


HEAD = json.dumps(recording.HEAD) + "\n"
ENTRY = Entry(1000, "status", STATUS).as_json() + "\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no recording of loadrail monitor"),
        ("{}\n", "is no recording of loadrail monitor"),
        ("[1]\n", "is no recording of loadrail monitor"),
        (HEAD.replace("1}", "2}"), "is no recording of loadrail monitor"),
        (HEAD + "what\n", "line 2: is no entry"),
        (HEAD + ENTRY + "[]\n", "line 3: is no entry"),
        (HEAD + '{"at_ms": 5}\n', "line 2: is no entry"),
        (HEAD + '{"at_ms": "5", "log": "x"}\n', "line 2: is no entry"),
        (HEAD + '{"at_ms": 5, "what": "x"}\n', "line 2: is no entry"),
    ],
)
def test_what_is_no_recording_is_told_with_its_line(tmp_path, text, told):
    done = loadrail("monitor", "--replay", recorded(tmp_path, text), "--speed", 0)
    assert done.exit_code == 2
    assert told in done.stderr


def test_a_recording_that_was_cut_off_shows_what_it_has(tmp_path):
    path = recorded(tmp_path, HEAD + ENTRY + ENTRY[:30])
    done = loadrail("monitor", "--replay", path, "--speed", 0)
    assert done.exit_code == 0
    assert "1 s  grid L1   1.0 L2   2.0 L3   3.0 of 40 A" in done.stdout


def test_a_recording_that_is_not_there_is_told(tmp_path):
    done = loadrail("monitor", "--replay", tmp_path / "nothing")
    assert (done.exit_code, done.stderr) == (1, f"{tmp_path}/nothing: No such file or directory\n")
