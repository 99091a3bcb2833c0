"""`loadrail simulate`: a scenario in virtual time, its table, verdict and picture."""

import json

import pytest
from console_pty import loadrail

from loadrail_tools.paths import SCENARIOS


def simulate(folder, *words):
    return loadrail("simulate", *words, "--picture", folder / "new" / "p.png")


def test_a_simulation_gives_a_table_a_verdict_and_a_picture(tmp_path):
    done = simulate(tmp_path, "quiet")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    rows = [line.split() for line in lines if " L" in line and ":" in line][:3]
    assert [row[:2] for row in rows] == [["1", "L1L2L3"], ["2", "L2L3L1"], ["3", "L3"]]
    assert "Verdict after 60 s" in lines
    assert not any("firmware" in line for line in lines)
    assert (tmp_path / "new" / "p.png").read_bytes().startswith(b"\x89PNG")
    assert done.stderr == ""


def test_its_json_holds_the_same(tmp_path):
    done = simulate(tmp_path, "quiet", "--json", "--seconds", 120)
    told = json.loads(done.stdout)
    assert told["kept"] is True and done.exit_code == 0
    assert told["seconds"] == 120
    assert told["picture"] == str(tmp_path / "new" / "p.png")
    chargers = told["chargers"]
    assert told["energy_wh"] == sum(row["energy_wh"] for row in chargers) > 0
    assert chargers[0]["starts"] == 1 and 60 < chargers[0]["allowed_s"] < 120
    assert chargers[2] | {"allowed_s": 0, "mean_limit_a": None, "starts": 0} == chargers[2]


def test_the_same_run_gives_the_same_result(tmp_path):
    runs = [simulate(tmp_path, "day", "--chargers", 4, "--json").stdout for _ in range(2)]
    assert runs[0] == runs[1]


def test_keys_of_the_group_count(tmp_path):
    told = json.loads(simulate(tmp_path, "quiet", "-g", "margin_a=20", "--json").stdout)
    free = json.loads(simulate(tmp_path, "quiet", "--json").stdout)
    assert 0 < told["energy_wh"] < free["energy_wh"]


def test_a_broken_promise_is_the_exit_status(tmp_path):
    scenario = json.loads((SCENARIOS / "quiet.json").read_text())
    scenario["house"] = {"base_a": [3, 2, 50]}
    file = tmp_path / "overloaded.json"
    file.write_text(json.dumps(scenario))
    done = simulate(tmp_path, file)
    assert done.exit_code == 1
    assert "BROKEN" in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nope"], "known are day, quiet"),
        (["--chargers", 21], "--chargers: 21 is not allowed; 1 to 20"),
        (["--seconds", 4], "--seconds: 4 is not allowed; 5 to 604800"),
        (["-g", "margin_a"], "--group: margin_a is not KEY=VALUE"),
        (["-g", "margin_a=x"], "group.margin_a: "),
        (["-g", "colour=red"], "group.colour: "),
        (["--baud", 1234], "bus.baud: 1234 is not allowed"),
        (["/dev/null"], "is no scenario"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_is_allowed(tmp_path, words, told):
    done = simulate(tmp_path, *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr
    assert told in json.loads(simulate(tmp_path, *words, "--json").stdout)["error"]
