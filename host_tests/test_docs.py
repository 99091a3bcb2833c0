"""The documents tell what the code does: examples, links, commands, keys, and what is said."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer
from conftest import ROOT

from loadrail import (
    alert_texts,
    clamps,
    commands,
    commands_table,
    config,
    config_keys,
    lights,
    plausible,
    reasons,
    search_texts,
    sentences,
    solar_texts,
)
from loadrail_tools import cli, commissioning_docs
from loadrail_tools.manifest import BOARDS

README = ROOT / "README.md"
GUIDES = sorted(
    [README, *(ROOT / "docs").glob("*.md"), ROOT / "tools" / "bench_charger" / "README.md"]
)
IDS = [str(path.relative_to(ROOT)) for path in GUIDES]
TEXTS = {path: path.read_text() for path in GUIDES}
TROUBLES = (ROOT / "docs" / "troubleshooting.md").read_text()
SECTIONS = {**config_keys.SECTIONS, "chargers": config_keys.CHARGER}
KEY = re.compile(r"\b(group|bus|meter|inputs|chargers)(?:\[\w+\])?\.([a-z]\w*)(?:\.(\w+))?")


def code_of(text):
    """All that is set as code, without the answers of a console."""
    blocks = re.findall(r"^```(?!json|python)\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    typed = [line[2:] for block in blocks for line in block.splitlines() if line[:2] == "> "]
    shell = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    shell = [line.partition("  #")[0].strip() for block in shell for line in block.splitlines()]
    outside = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return typed, shell, re.findall(r"`([^`\n]+)`", outside)


# --- examples


@pytest.mark.parametrize("path", GUIDES, ids=IDS)
def test_every_whole_example_is_a_good_configuration(path):
    for example in re.findall(r"```json\n(\{.*?)```", TEXTS[path], re.DOTALL):
        assert config.check(json.loads(example))[1] == []


def test_the_readme_has_an_example():
    assert "```json\n{" in TEXTS[README]


def test_the_faults_shown_in_the_readme_are_those_that_are_told():
    shown = TEXTS[README].split("what is allowed:\n\n```\n")[1].split("```")[0].splitlines()
    chargers = [{"address": k} for k in (2, 3, 4, 2)]
    raw = {"group": {"limit_a": 5}, "meter": {"address": 1}, "chargers": chargers}
    told = config.check(raw)[1] + config.check({**raw, "group": {}})[1]
    for line in shown:
        assert line in told


def test_what_commissioning_imports_is_a_good_configuration():
    typed = code_of(TEXTS[ROOT / "docs" / "commissioning.md"])[0]
    imports = [line.partition(" ")[2] for line in typed if line.startswith("import ")]
    assert len(imports) == 1
    assert config.check(json.loads(imports[0]))[1] == []


# --- links


def anchors(text):
    """The names of a document's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M), re.M)
    plain = [re.sub(r"[^\w\- ]", "", head.replace("`", "").lower()) for head in heads]
    return {head.replace(" ", "-") for head in plain}


def links(path):
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXTS[path]):
        if "://" not in target:
            yield target


@pytest.mark.parametrize("path", GUIDES, ids=IDS)
def test_every_link_leads_somewhere(path):
    for target in links(path):
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there.read_text()), target


@pytest.mark.parametrize("start", ["README.md", "docs/architecture.md"])
def test_every_document_is_linked_from_here(start):
    linked = {Path(target.partition("#")[0]).name for target in links(ROOT / start)}
    for path in (ROOT / "docs").glob("*.md"):
        assert path.name in linked or str(path.relative_to(ROOT)) == start


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.svg")), ids=lambda p: p.name)
def test_a_drawing_needs_nothing_from_outside(path):
    text = path.read_text()
    assert ElementTree.fromstring(text).tag.endswith("svg")
    assert "href" not in text and "<script" not in text and "<style" not in text


# --- commands and keys


def refusal(line):
    """Why this is no command with all that it needs; None where it is one."""
    name = line.split()[0]
    row = commands_table.row(name)
    if row is None:
        return "no command"
    words = commands._words(line, row[2])[0][1:]
    return None if commands._fits(words, row[2]) else "takes " + row[2]


@pytest.mark.parametrize("path", GUIDES, ids=IDS)
def test_everything_typed_is_a_command(path):
    for line in code_of(TEXTS[path])[0]:
        assert refusal(line) is None, line


@pytest.mark.parametrize("path", GUIDES, ids=IDS)
def test_every_command_in_the_text_is_one(path):
    names = {row[0] for row in commands_table.rows()}
    for code in code_of(TEXTS[path])[2]:
        name, _, rest = code.partition(" ")
        if name in names and rest and not set(rest) & set("[|="):
            assert refusal(code) is None, code


@pytest.mark.parametrize("path", GUIDES, ids=IDS)
def test_every_key_is_one(path):
    typed, _, inline = code_of(TEXTS[path])
    for section, name, below in KEY.findall("\n".join(typed + inline)):
        if name in ("py", "md", "json"):
            continue
        assert name in SECTIONS[section], (section, name)
        assert not below or (name == "bus" and below in config_keys.LINE), below


@pytest.mark.parametrize("path", GUIDES, ids=IDS)
def test_everything_for_the_shell_is_there(path):
    # (FROZEN_MANIFEST: a make of MicroPython's own)
    targets = re.findall(r"^([a-z][a-z-]*):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    known = typer.main.get_command(cli.app)
    _, shell, inline = code_of(TEXTS[path])
    for line in shell + inline:
        words = line.removeprefix(".venv/bin/").split()
        if words[:1] == ["make"] and len(words) > 1 and "FROZEN_MANIFEST" not in line:
            assert words[1] in targets, line
            board = re.search(r"BOARD=(\w+)", line)
            assert not board or board[1] in {*BOARDS, "its_name"}, line
        if words[:1] == ["loadrail"] and len(words) > 1:
            command = known.commands.get(words[1])
            assert command is not None, line
            if hasattr(command, "commands") and len(words) > 2:
                assert words[2] in command.commands, line


def test_commissioning_is_shown_as_it_was_played():
    text = TEXTS[ROOT / "docs" / "commissioning.md"]
    for block in commissioning_docs.BLOCK.finditer(text):
        orders = commissioning_docs.orders_of(block[1])
        assert set(orders) <= {"meter", "inputs", "wait", "lines", "until"}
        answers = [line for line in block[2].splitlines() if line and line[:2] != "> "]
        assert answers, block[2]


def test_the_player_leaves_a_block_without_a_console_alone():
    assert commissioning_docs.BLOCK.search("```sh\nmake\n```\n```text\nno command\n```") is None
    found = commissioning_docs.BLOCK.search(
        "<!-- play: wait 3; until a b -->\n```text\n> x\ny\n```"
    )
    assert commissioning_docs.orders_of(found[1]) == {"wait": "3", "until": "a b"}
    assert commissioning_docs.commands_of(found[2]) == ["x"]


# --- what the firmware says, and what to do then


def families():
    """All that is said of something wrong or held back: (where, text with 7 for what varies)."""
    told = [(f"alert {kind}", text) for kind, text in alert_texts._ALERTS.items()]
    told += [(f"event {code}", text) for code, text in alert_texts._EVENTS.items()]
    told += [("alert", alert_texts._INTRUDER), ("alert", alert_texts._METER_LOST)]
    told += [
        (word, f"{word} is not believed: 7") for word in ("the meter", "a sample of the meter")
    ]
    told += [(f"reason {name}", text) for name, text in sentences._ROWS]
    told += [(f"sun {code}", text) for code, text in solar_texts._TEXTS.items()]
    told += [(f"sample {name}", text) for name, text in plausible._ROWS[1:]]
    told += [("search", text.replace("%s", "7")) for _, text in search_texts._KINDS.values()]
    told += [("clamps", text) for text in clamps.TEXTS[1:]]
    for where, text in told:
        if text not in ("{sun}", "{s}", "{u}"):  # words of other tables
            yield where, re.sub(r"\{\w+\}", "7", text)


SAID = [
    said
    for table in TROUBLES.split("| said | what it is, and what to do |\n|---|---|\n")[1:]
    for said in re.findall(r"^\| `([^`]+)` \|", table.split("\n\n")[0], re.MULTILINE)
]


def tells_of(said, text):
    return re.search(re.escape(said).replace(r"\.\.\.", ".*"), text) is not None


@pytest.mark.parametrize("where, text", list(families()))
def test_everything_that_is_said_has_an_entry(where, text):
    assert [said for said in SAID if tells_of(said, text)], (where, text)


@pytest.mark.parametrize("said", SAID)
def test_every_entry_is_something_that_is_said(said):
    assert [text for _, text in families() if tells_of(said, text)]


def test_every_entry_stands_there_once():
    assert len(SAID) == len(set(SAID)) > 60


def test_troubleshooting_knows_every_light():
    for kind in range(lights.ALARM + 1):
        assert f"| {lights.text(kind)} |" in TROUBLES


def test_a_reason_that_is_in_no_table_would_be_missed():
    assert [
        text for where, text in families() if where == "reason " + sentences.name(reasons.SHARE)
    ]
    assert not tells_of("waiting for the moon", "waiting for sun: 7 of 7 A")
