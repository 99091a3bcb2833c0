"""The link to a controller's console: what it makes of answers, and of what is none."""

import pytest
from console_pty import VERSION, StandIn

from loadrail_tools.device_link import Refused, connect
from loadrail_tools.ports import LinkError

SOON_S = 1.5


def test_answers_come_as_json_and_the_log_apart():
    answers = {"bus json": '! bus: silent\n{"buses": []}\r\n! later\n', "status": "a table\n b\n"}
    logged = []
    with StandIn(answers) as port, connect(port.path, logged.append) as link:
        assert link.version == VERSION
        assert link.ask("bus") == {"buses": []}
        assert link.lines("status") == ["a table", " b"]
        assert logged == ["bus: silent", "later"]


def test_what_was_on_the_line_before_is_no_answer():
    left = '{"buses": [1]}\n! old\nhalf a li'
    with StandIn({"bus json": '{"buses": []}\n'}, first=left) as port:
        with connect(port.path) as link:
            assert link.ask("bus") == {"buses": []}


def test_what_somebody_left_typed_is_not_carried_out():
    with StandIn() as port:
        connect(port.path).close()
        assert port.heard[0] == "version json"


def test_an_answer_to_a_question_asked_twice_is_not_taken_for_another_one():
    slow = ["", 2 * '{"version": "0.1.0", "machine": "m"}\n']
    with StandIn(
        {"version json": [*slow, '{"version": "0.1.0", "machine": "m"}\n'], "status": "a table\n"}
    ) as port:
        with connect(port.path) as link:
            assert link.lines("status") == ["a table"]


def test_a_prompt_and_an_echo_are_no_part_of_an_answer():
    echoed = '\r> bus json\x1b[K\r\n{"buses": []}\r\n\r> \x1b[K'
    with StandIn({"bus json": echoed, "status": "\r> \x1b[Kone\r\n"}) as port:
        with connect(port.path) as link:
            assert link.ask("bus") == {"buses": []}
            assert link.lines("status") == ["one"]


@pytest.mark.parametrize(
    ("said", "told"),
    [('{"error": "no such key"}', "no such key"), ('{"error": ["a: 1", "b: 2"]}', "a: 1\nb: 2")],
)
def test_a_refusal_is_told_in_the_controllers_words(said, told):
    with StandIn({"save json": said + "\n"}) as port, connect(port.path) as link:
        with pytest.raises(Refused) as refused:
            link.ask("save")
        assert str(refused.value) == told


def test_a_damaged_answer_is_told_and_the_next_one_is_good():
    answers = {"bus json": ['{"buses": [\n', '{"buses": []}\n']}
    with StandIn(answers) as port, connect(port.path) as link:
        with pytest.raises(LinkError, match='answer to "bus" came damaged; try again'):
            link.ask("bus")
        assert link.ask("bus") == {"buses": []}


def test_a_long_line_arrives_whole():
    line = "import " + "x" * 3000
    with StandIn({line + " json": '{"imported": true}\n'}) as port, connect(port.path) as link:
        assert link.ask(line) == {"imported": True}


def test_no_answer_is_told_with_what_was_said_instead():
    with StandIn({"bus json": "what?\n"}) as port, connect(port.path) as link:
        with pytest.raises(
            LinkError, match=r'does not answer "bus"; try again\n  it said: what\?'
        ):
            link.ask("bus", SOON_S)
        with pytest.raises(LinkError, match='does not answer "status"'):
            port.answers["version json"] = ""
            link.lines("status", SOON_S)


WHO = (
    ("", "does not answer on {}: has it power, is it flashed"),
    ("Traceback\nNameError\n>>> ", "{} is at MicroPython's prompt"),
    ("raw REPL; CTRL-B to exit\r\n>", "{} is at MicroPython's prompt"),
    ("OK\nERROR\n", "what answers on {} is not Loadrail's console"),
)


@pytest.mark.parametrize(("said", "told"), WHO)
def test_what_is_no_controller_is_told_with_what_to_do(said, told):
    with StandIn({"version json": said}) as port:
        with pytest.raises(LinkError) as error:
            connect(port.path, sync_s=SOON_S)
        assert told.format(port.path) in str(error.value)


def test_a_cable_that_is_pulled_is_told():
    with StandIn({"bus json": None}) as port, connect(port.path) as link:
        with pytest.raises(LinkError, match=f"the connection on {port.path} broke: is the cable"):
            link.ask("bus")


def test_a_port_that_another_program_uses_is_told():
    with StandIn() as port, connect(port.path):
        with pytest.raises(LinkError, match=f"another program uses {port.path}: close it"):
            connect(port.path)
