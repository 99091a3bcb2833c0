"""Every command of the console, for people and for programs, with and without control."""

import pytest
from conftest import cases_of
from console_context import Idle, Running
from hypothesis import given
from hypothesis import strategies as st

from loadrail import commands, commands_table
from loadrail.settings import DEFAULTS

NAMES = [row[0] for row in commands_table.rows()]
ALONE = [row[0] for row in commands_table.rows() if row[1].startswith("*")]
# a good form of those that need more than their name
WORDS = {
    "authorise": "all",
    "charger": "1",
    "check": "wiring",
    "import": '{"group": {"type": "static"}, "chargers": [{"address": 2}, {"address": 3}]}',
    "lock": "2",
    "mode": "all solar",
    "restart": "2",
    "set": "group.limit_a 50",
    "start": "1",
    "stop": "1",
    "unlock": "1",
    "unset": "group.limit_a",
}


@pytest.fixture(scope="module")
def running():
    return Running()


@pytest.mark.parametrize("name", NAMES)
def test_every_command_answers_programs_with_one_line_of_json(name):
    context = Running()
    line = f"{name} {WORDS.get(name, '')}".strip()
    assert isinstance(context.ask(line), dict)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_answers_people_with_whole_lines(name):
    context = Running()
    said = context.say(f"{name} {WORDS.get(name, '')}")
    assert said.endswith("\n")
    assert not said.startswith("{") or name in ("export",)


@pytest.mark.parametrize("name", NAMES)
def test_without_control_a_command_works_or_says_that_it_needs_it(name):
    context = Idle(DEFAULTS)
    line = f"{name} {WORDS.get(name, '')}".replace("all", "1").strip()
    answer = context.ask(line)
    assert ("needs a running controller" in answer.get("error", "")) == (name not in ALONE)
    assert context.say(line).endswith("\n")


# what is typed: the whole refusal
REFUSED = (
    ("explode now", '"explode" is no command; "help" lists them'),
    ("status html", '"status" takes no "html"; try: status'),
    ("bus 1 2", '"bus" takes no "1 2"; try: bus'),
    ("stop", '"stop" needs the number of a charger, 1 to 2, or "all"'),
    ("stop 3", '"stop" needs the number of a charger, 1 to 2, or "all"'),
    ("stop 1 2", '"stop" needs the number of a charger, 1 to 2, or "all"'),
    ("charger all", '"charger" needs the number of a charger, 1 to 2'),
    ("charger -1", '"charger" needs the number of a charger, 1 to 2'),
    ("mode 1 lunar", '"mode" needs: mode N|all [fast|solar|eco_plus|eco|off]'),
    ("mode 9 solar", '"mode" needs the number of a charger, 1 to 2, or "all"'),
    ("unset", '"unset" needs: unset KEY'),
    ("log x", '"log" needs a number of lines, or nothing'),
    ("log 1 2", '"log" takes no "1 2"; try: log [COUNT]'),
    ("maint x", '"maint" needs a time in seconds, 0 to 3600, or nothing'),
    ("maint 3601", '"maint" needs a time in seconds, 0 to 3600, or nothing'),
    ("maint -5", '"maint" needs a time in seconds, 0 to 3600, or nothing'),
    ("check", '"check" needs: check wiring [N|all|stop|apply]'),
    ("check wiring 3", '"check wiring" needs the number of a charger, 1 to 2'),
    ("check wiring apply", "nothing was found that would be taken over"),
    ("calibrate", 'there are no clamps: meter.model is not "clamps"'),
    ("search all", '"search" takes no "all"; try: search [chargers|stop]'),
    ("help me", '"me" is neither a command nor a key; "help" and "get" list them'),
    ("get nothing", 'there is no key "nothing"; "get" lists all'),
)


@pytest.mark.parametrize(("line", "why"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_cannot_be_done_is_refused_in_words_and_in_json(running, line, why):
    assert running.say(line) == why + "\n"
    assert running.ask(line) == {"error": why}


def test_a_value_that_is_missing_is_refused(running):
    assert running.say("set group.limit_a") == '"set" needs: set KEY VALUE\n'
    assert running.say("import") == '"import" needs: import VALUE\n'
    # Here the word that asks for JSON is the value; a refusal is for a program all the same.
    assert "error" in running.ask("set group.limit_a")
    assert "error" in running.ask("import")


TEXTS = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=120),
    st.builds(
        "{} {} {}".format,
        st.sampled_from([name for name in NAMES if name not in ("reboot", "maint")]),
        st.sampled_from(["", "1", "all", "wiring", "group.limit_a", "chargers[0]", "{", "[1]"]),
        st.sampled_from(["", "json", "5", "null", "stop", '{"a": 1}', '"']),
    ),
)


@cases_of(150)
@given(lines=st.lists(TEXTS, max_size=5))
def test_s12_no_line_upsets_the_console_or_the_configuration(running, lines):
    for line in lines:
        said = running.say(line)
        assert said == "" or said.endswith("\n")
    assert running.settings.config is not None


def test_a_last_word_json_may_still_be_a_value_in_quotes(running):
    running.say('set chargers[0].name "json"')
    assert running.settings.config["chargers"][0]["name"] == "json"
    assert running.ask('set chargers[0].name "a  b"')["unsaved"] is True
    assert running.settings.config["chargers"][0]["name"] == "a  b"


def test_an_order_tells_each_charger_and_why_one_does_not_take_it(running):
    assert running.ask("stop all") == {
        "stop": [
            {"charger": 1, "result": "done"},
            {"charger": 2, "error": "no car is connected"},
        ]
    }
    assert running.ask("stop 2") == {"error": "no car is connected"}
    assert running.say("start 1") == "start charger 1: done\n"
    assert running.ask("lock 2") == {"lock": [{"charger": 2, "result": "asked for"}]}


def test_the_solar_mode_is_set_at_once_and_kept_by_save():
    context = Running()
    assert context.say("mode all") == "charger 1: fast\ncharger 2: fast\n"
    context.say("mode 2 solar")
    assert [row["solar_mode"] for row in context.primary.config["chargers"]] == ["fast", "solar"]
    assert context.ask("mode 2") == {"mode": [{"charger": 2, "solar_mode": "solar"}]}
    assert context.ask("mode all off")["unsaved"] is True
    assert context.ask("save")["saved"] is True
    assert context.store.kept == context.settings.raw


def test_s12_what_could_not_be_saved_is_told_and_is_not_kept():
    context = Running()
    context.store.fault = "config.json: cannot be written"
    context.say("set group.limit_a 50")
    assert context.say("save") == "config.json: cannot be written\n"
    assert context.ask("save") == {"error": "config.json: cannot be written"}
    assert context.settings.unsaved


def test_chargers_are_listed_with_who_they_are_and_whether_they_answer(running):
    first, second = running.ask("chargers")["chargers"]
    assert (first["address"], first["phases"], first["answers"]) == (2, "L1L2L3", "yes")
    assert (second["address"], second["phases"]) == (3, "L2L3L1")
    assert first["online"] and first["timeout_s"] > 0
    lines = running.say("chargers").splitlines()
    assert len(lines) == 3 and " 2  L1L2L3 " in lines[1]


def test_the_meter_is_shown_with_its_sample(running):
    meter = running.ask("meter")["meter"]
    assert meter["model"] == "eastron_sdm630"
    assert len(meter["current_ma"]) == 3 and None not in meter["current_ma"]
    assert meter["fault"] is None and meter["age_ms"] < 2000
    said = running.say("meter")
    assert said.startswith("meter: ok, read ")
    assert "eastron_sdm630, address 1, on the chargers' bus" in said
    assert "  voltage V " in said


def test_a_static_group_has_no_meter_to_show():
    context = Running()
    context.say("set group.type static; meter null")
    assert context.ask("meter") == {"meter": None}
    assert context.say("meter") == "no meter: the chargers have the whole circuit\n"


def test_the_log_tells_crashes_first_and_then_the_last_lines_with_their_age(running):
    assert running.say("log") == (
        "crash after 5 s\n  ValueError: x\n 25 h ago  one\n  2 h ago  two\n  5 s ago  three\n"
    )
    assert running.say("log 1").splitlines()[-1] == "  5 s ago  three"
    told = running.ask("log 2")
    assert told["lines"] == [{"age_s": 7300, "text": "two"}, {"age_s": 5, "text": "three"}]
    assert (told["count"], told["crash"][0]) == (3, "crash after 5 s")
    assert running.ask("log 0")["lines"] == []


def test_maint_and_reboot_are_handed_on():
    context = Idle()
    assert "for 300 s the buses are quiet" in context.say("maint")
    assert context.say("maint 0") == "control goes on\n"
    assert "60 s" in context.ask("maint 60")["maint"]
    assert context.ask("reboot") == {"reboot": "restarting"}
    assert context.asked == [("maint", 300), ("maint", 0), ("maint", 60), "reboot"]


def test_status_without_control_says_what_to_do():
    context = Idle()
    assert '"import"' in context.say("status")
    assert context.ask("status")["running"] is False
    context.safe_mode = True
    assert context.say("status").startswith("safe mode")
    assert "reset starts it" in Idle(DEFAULTS).say("status")


def test_help_tells_of_commands_and_of_keys(running):
    said = running.say("help")
    for name in NAMES:
        assert f"\n  {name} " in "\n" + said
    assert running.say("help stop").startswith("stop N|all [json]\n")
    assert running.say("help group.limit_a").startswith("group.limit_a: ")
    assert [row["name"] for row in running.ask("help")["commands"]] == NAMES
    assert running.ask("help stop")["lines"][0] == "stop N|all [json]"


# what stands before the cursor: what Tab may make of it
COMPLETED = (
    ("st", ["start", "status", "stop"]),
    ("", NAMES),
    ("nothing", []),
    ("nothing x", []),
    ("check ", ["wiring"]),
    ("check wiring a", ["all", "apply"]),
    ("mode 1 e", ["eco", "eco_plus"]),
    ("status ", ["json"]),
    ("status json ", ["json"]),
    ("stop ", ["all"]),
    ("get g", ["group."]),
    ("set chargers[", ["chargers[0].", "chargers[1]."]),
    ("set chargers[1].max", ["chargers[1].max_a"]),
    ("unset bus.b", ["bus.baud"]),
    ("help ver", ["version"]),
    ("help group.lim", ["group.limit_a"]),
)


@pytest.mark.parametrize(("text", "words"), COMPLETED, ids=[row[0] for row in COMPLETED])
def test_tab_knows_commands_words_and_keys(running, text, words):
    assert commands.complete(text, running) == words


def test_an_answer_that_nobody_reads_to_its_end_is_given_up_in_order(running):
    pieces = commands.run("help", running)
    first = next(pieces)
    pieces.close()
    assert next(commands.run("help", running)) == first
