"""`loadrail config`: files that are checked, and what a real controller makes of them."""

import json
import sys
from binascii import crc32
from pathlib import Path

import pytest
from console_pty import StandIn, firmware_on_a_port, loadrail
from served_site import LINE, settings, small_site

from loadrail_tools import config_file
from loadrail_tools.device_link import connect
from loadrail_tools.serve import buses, serving

GOOD = {"group": {"limit_a": 40}, "meter": {"address": 1}, "chargers": [{"address": 2}]}
EXPORT = json.dumps(GOOD) + "\n"
TRIED = '{"changed": {}, "later": [], "unsaved": true}\n'


def file_of(folder, text):
    path = folder / "site.json"
    path.write_text(text if isinstance(text, str) else json.dumps(text))
    return path


def sealed(raw):
    """As a controller keeps it."""
    rest = json.dumps(raw)[1:]
    return f'{{\n"crc32": "{crc32(rest.encode()):08x}",\n{rest}'


BAD = (
    ("{", ["not JSON: Expecting property name enclosed in double quotes in line 1, column 2"]),
    ("\x00", ["not JSON"]),
    ('{"chargers": []}', ["chargers: empty"]),
    ("[]", ["the configuration"]),
    ({**GOOD, "group": {"limit_a": 5}, "what": 1}, ["group.limit_a: 5 is not allowed", "what: "]),
    (sealed(GOOD).replace("40", "41"), ['remove the line "crc32"']),
)


@pytest.mark.parametrize(("text", "faults"), BAD)
def test_a_bad_file_is_refused_with_all_its_faults(tmp_path, text, faults):
    path = file_of(tmp_path, text)
    done = loadrail("config", "check", path)
    assert (done.exit_code, done.stdout) == (2, "")
    for fault in faults:
        assert fault in done.stderr
    told = json.loads(loadrail("config", "check", path, "--json").stdout)["error"]
    assert len(faults) == (len(told) if isinstance(told, list) else 1)


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    for path in (tmp_path / "nothing.json", tmp_path):
        done = loadrail("config", "check", path)
        assert done.exit_code == 2
        assert str(path) in done.stderr
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe")
    assert "is not a text file" in loadrail("config", "check", binary).stderr


@pytest.mark.parametrize("text", [GOOD, sealed(GOOD)])
def test_a_good_file_is_good_kept_by_a_controller_or_not(tmp_path, text):
    path = file_of(tmp_path, text)
    done = loadrail("config", "check", path)
    assert (done.exit_code, done.stdout) == (0, f"{path} is a good configuration.\n")
    assert json.loads(loadrail("config", "check", path, "--json").stdout)["good"] is True
    assert config_file.read(path) == GOOD


def test_what_is_allowed_but_worth_a_thought_is_told(tmp_path):
    crowd = [{"address": k, "phases": "L1L2L3"} for k in range(2, 22)]
    path = file_of(tmp_path, {**GOOD, "chargers": crowd})
    done = loadrail("config", "check", path)
    assert done.exit_code == 0
    assert "Warning: " in done.stderr
    assert json.loads(loadrail("config", "check", path, "--json").stdout)["warnings"]


def test_the_text_for_people_holds_the_same_and_a_charger_a_line():
    raw = {**GOOD, "chargers": [{"address": 2, "name": "Süd"}, {"address": 3}], "version": 1}
    text = config_file.as_text(raw)
    assert json.loads(text) == raw
    assert '    {"address": 2, "name": "Süd"},\n    {"address": 3}\n' in text
    assert text.startswith('{\n  "group": {\n')


def test_a_line_for_a_controller_is_ascii_and_of_bounded_length():
    named = {**GOOD, "chargers": [{"address": 2, "name": "Süd"}]}
    assert config_file.as_line(named).isascii()
    with pytest.raises(config_file.ConfigFault, match="shorten the names"):
        config_file.as_line({**GOOD, "chargers": [{"name": "x" * 9000}]})


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = file_of(tmp_path, "old")
    with pytest.raises(UnicodeEncodeError):
        config_file.write(path, "new \udc80")
    assert [path] == list(tmp_path.iterdir())
    assert path.read_text() == "old"


# --- with a controller


def device(**answers):
    """A stand-in that has GOOD, and keeps what it is told."""
    table = {"export": EXPORT, "export json": EXPORT, "diff": "group.limit_a: 50, kept 40\n"}
    table |= {"save json": '{"saved": true, "warnings": []}\n', "revert json": TRIED, **answers}
    return StandIn(table)


def imported(raw):
    return f"import {config_file.as_line(raw)} json"


NEW = {**GOOD, "group": {"limit_a": 50}}


def test_what_is_refused_here_is_not_sent(tmp_path):
    path = file_of(tmp_path, {**GOOD, "group": {"limit_a": 5}})
    with device() as port:
        done = loadrail("config", "push", path, "-p", port.path)
    assert done.exit_code == 2
    assert not any(line.startswith("import") for line in port.heard)


def test_what_the_controller_refuses_is_told_and_not_kept(tmp_path):
    path = file_of(tmp_path, NEW)
    with device(**{imported(NEW): '{"error": "meter.model: not on this board"}\n'}) as port:
        done = loadrail("config", "push", path, "-p", port.path, "--yes")
    assert (done.exit_code, done.stderr) == (2, "meter.model: not on this board\n")
    assert "save json" not in port.heard


@pytest.mark.parametrize("typed", ["n\n", ""])
def test_who_does_not_say_yes_has_what_ran_before(tmp_path, typed):
    path = file_of(tmp_path, NEW)
    with device(**{imported(NEW): TRIED, imported(GOOD): TRIED}) as port:
        done = loadrail("config", "push", path, "-p", port.path, typed=typed)
    assert done.exit_code == 1
    assert "group.limit_a: 50, kept 40" in done.stdout
    assert "Not kept" in done.stderr
    assert port.heard[-1] == imported(GOOD)
    assert "save json" not in port.heard


def test_a_save_that_fails_is_told_and_what_ran_before_runs_again(tmp_path):
    path = file_of(tmp_path, NEW)
    full = {"save json": '{"error": "config.json: cannot be written (28)"}\n'}
    with device(**full, **{imported(NEW): TRIED, imported(GOOD): TRIED}) as port:
        done = loadrail("config", "push", path, "-p", port.path, "--yes")
    assert (done.exit_code, done.stderr) == (2, "config.json: cannot be written (28)\n")
    assert port.heard[-1] == imported(GOOD)


def test_a_cable_that_is_pulled_while_saving_leaves_no_false_hope(tmp_path):
    path = file_of(tmp_path, NEW)
    with device(**{imported(NEW): TRIED, "save json": None}) as port:
        done = loadrail("config", "push", path, "-p", port.path, "--yes")
    assert done.exit_code == 1
    assert "broke" in done.stderr and '"diff" on its console tells whether' in done.stderr


def test_lines_that_change_are_told_to_wait_for_the_next_start(tmp_path):
    path = file_of(tmp_path, NEW)
    later = {imported(NEW): TRIED.replace("[]", '["bus"]'), "reboot": "restarting\n"}
    with device(**later) as port:
        done = loadrail("config", "push", path, "-p", port.path, "--yes")
        assert done.exit_code == 0
        assert "With the next start only: bus. --reboot restarts it." in done.stderr
        assert "reboot" not in port.heard
        loadrail("config", "push", path, "-p", port.path, "--yes", "--reboot")
        assert "reboot" in port.heard


def test_json_asks_nothing_and_so_needs_yes(tmp_path):
    done = loadrail("config", "push", file_of(tmp_path, NEW), "--json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "needs --yes" in done.stderr


def editor(folder, monkeypatch, *texts):
    """An editor that leaves these texts, one a time."""
    for k, text in enumerate(texts):
        (folder / f"edited{k}").write_text(text)
    script = folder / "editor.py"
    script.write_text(
        "import pathlib, sys\n"
        f"left = sorted(pathlib.Path({str(folder)!r}).glob('edited*'))\n"
        "left[0].replace(sys.argv[1]) if left else None\n"
    )
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")


def test_what_is_edited_is_given_back_and_kept(tmp_path, monkeypatch):
    editor(tmp_path, monkeypatch, "{", json.dumps(NEW))
    with device(**{imported(NEW): TRIED}) as port:
        done = loadrail("config", "edit", "-p", port.path, typed="y\ny\n")
    assert done.exit_code == 0, done.output
    assert "not JSON" in done.stderr
    assert port.heard[-1] == "save json"


def test_an_edit_that_changes_nothing_sends_nothing(tmp_path, monkeypatch):
    editor(tmp_path, monkeypatch)
    with device() as port:
        done = loadrail("config", "edit", "-p", port.path)
    assert (done.exit_code, done.stdout) == (0, "Nothing was changed.\n")
    assert not any(line.startswith("import") for line in port.heard)


@pytest.mark.parametrize(("text", "typed"), [("{ half a wor", "n\n"), (json.dumps(NEW), "n\n")])
def test_what_somebody_has_typed_is_not_lost(tmp_path, monkeypatch, text, typed):
    editor(tmp_path, monkeypatch, text)
    with device(**{imported(NEW): TRIED, imported(GOOD): TRIED}) as port:
        done = loadrail("config", "edit", "-p", port.path, typed=typed)
    assert done.exit_code != 0
    kept = done.stderr.split("What you wrote is kept as ")[1].splitlines()[0]
    assert Path(kept).read_text() == text


def test_an_editor_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setenv("VISUAL", "no-such-editor")
    with device() as port:
        done = loadrail("config", "edit", "-p", port.path)
    assert done.exit_code == 2
    assert "the editor no-such-editor failed; set EDITOR" in done.stderr


def test_a_real_controller_takes_a_file_keeps_it_and_gives_it_back(tmp_path):
    site = small_site([{}, {}])
    before = settings(site)
    with serving(site, buses(site, LINE)) as server:
        with firmware_on_a_port(tmp_path, before, server.ttys["chargers"]) as (path, _):
            pulled = tmp_path / "pulled.json"
            assert loadrail("config", "pull", pulled, "-p", path).exit_code == 0
            raw = config_file.read(pulled)
            assert raw["chargers"] == before["chargers"]
            again = loadrail("config", "pull", pulled, "-p", path)
            assert (again.exit_code, again.stderr) == (
                2,
                f"{pulled} exists; --force replaces it\n",
            )
            raw["group"]["limit_a"] = 35
            file = file_of(tmp_path, raw)
            refused = loadrail("config", "push", file, "-p", path, typed="n\n")
            assert "group.limit_a: 35, kept 40" in refused.stdout
            with connect(path) as link:
                assert link.ask("get group.limit_a") == {"group.limit_a": 40}
            done = loadrail("config", "push", file, "-p", path, "--yes", "--json")
            assert done.exit_code == 0, done.output
            assert json.loads(done.stdout)["diff"] == {"group.limit_a": [40, 35]}
            told = json.loads(loadrail("config", "pull", "-p", path, "--json").stdout)
            assert told["group"]["limit_a"] == 35
    assert config_file.read(tmp_path / "device.json")["group"]["limit_a"] == 35
