# The console's commands on the configuration: what they say, and what they let run.

import json

from loadrail.commands import run
from loadrail.settings import Settings

_RAW = {
    "group": {"limit_a": 63},
    "meter": {"address": 1},
    "chargers": {"first_address": 2, "count": 3},
}


class _Writing:
    """What the console awaits while the store writes."""


class _Store:
    """Keeps, or says why not."""

    def __init__(self):
        self.kept = None
        self.fault = None

    def save_when_quiet(self, raw):
        if self.fault is None:
            self.kept = raw
        return _Writing()


class _Primary:
    """What a core would run."""

    def __init__(self, config):
        self.config = config
        self.taken = 0

    def configure(self, config, now_ms):
        self.config = config
        self.taken += 1


class _Context:
    def __init__(self, raw, runs=True):
        self.settings = Settings(raw)
        self.store = _Store()
        self.primary = _Primary(self.settings.config) if runs else None

    def now_ms(self):
        return 0


def _said(context, line):
    pieces, result, text = run(line, context), None, ""
    while True:
        try:
            piece = pieces.send(result)
        except StopIteration:
            return text
        result = None
        if isinstance(piece, _Writing):
            result = context.store.fault
        else:
            text += piece


def _json(context, line):
    said = _said(context, line + " json")
    assert said.count("\n") == 1 and said[-1] == "\n"
    return json.loads(said)


def test_get_shows_a_value_a_section_or_all():
    context = _Context(_RAW)
    assert _said(context, "get group.limit_a") == "group.limit_a = 63\n"
    assert _said(context, "get chargers[2].name") == 'chargers[2].name = ""\n'
    assert _said(context, "get bus").count("\n") == 5
    assert "meter.address = 1\n" in _said(context, "get")
    assert _json(context, "get group.limit_a") == {"group.limit_a": 63}
    assert _json(context, "get")["chargers[0].address"] == 2


def test_get_shows_a_key_that_is_absent_and_refuses_one_that_is_none():
    context = _Context(_RAW)
    assert _said(context, "get meter.clamp_zero") == "meter.clamp_zero = absent\n"
    assert _json(context, "get meter.clamp_zero") == {"meter.clamp_zero": None}
    assert _said(context, "get limit_a") == 'there is no key "limit_a"; "get" lists all\n'
    assert list(_json(context, "get limit_a")) == ["error"]


def test_set_runs_at_once_and_says_that_it_is_not_kept():
    context = _Context(_RAW)
    assert _said(context, "set group.limit_a 50") == (
        "group.limit_a: 50, was 63\n"
        'not kept yet: "save" does it, "revert" goes back\n'
    )  # fmt: skip
    assert context.primary.config["group"]["limit_a"] == 50
    assert _json(context, "set group.limit_a 40") == {
        "changed": {"group.limit_a": [50, 40]},
        "later": [],
        "unsaved": True,
    }


def test_s12_a_bad_value_is_refused_with_its_fault_and_nothing_runs():
    context = _Context(_RAW)
    fault = "group.limit_a: 5 is not allowed; a whole number from 6 to 1000"
    assert _said(context, "set group.limit_a 5") == fault + "\n"
    assert _json(context, "set group.limit_a 5") == {"error": fault}
    assert context.primary.taken == 0
    assert context.primary.config["group"]["limit_a"] == 63


def test_all_faults_are_told_a_line_each():
    context = _Context(_RAW)
    said = _said(context, "set group.limit_a 5; bus.baud 1; chargers[1].max_a 33")
    assert [line.split(":")[0] for line in said.split("\n")[:-1]] == [
        "group.limit_a",
        "bus.baud",
        "chargers[1].max_a",
    ]


def test_unset_goes_back_to_the_default_and_takes_a_charger_out():
    context = _Context(_RAW)
    assert _said(context, "unset group.limit_a").startswith("group.limit_a: 16, was 63\n")
    assert _said(context, "unset chargers[2]").startswith('chargers[2]: absent, was {"address": 4')
    assert len(context.primary.config["chargers"]) == 2


def test_a_value_that_is_there_already_changes_nothing():
    context = _Context(_RAW)
    assert _said(context, "set group.limit_a 63") == "all is as it was\n"


def test_several_values_may_need_each_other():
    context = _Context(_RAW)
    assert "meter" in _said(context, "set group.type static; meter null")
    assert context.primary.config["group"]["type"] == "static"
    assert "meter" not in context.primary.config


def test_lines_wait_for_the_next_start_and_all_else_runs():
    context = _Context(_RAW)
    said = _said(context, "set bus.baud 19200; group.limit_a 50")
    assert 'with the next start, after "save" and "reboot": bus\n' in said
    assert context.primary.config["bus"]["baud"] == 9600
    assert context.primary.config["group"]["limit_a"] == 50
    assert context.settings.config["bus"]["baud"] == 19200
    _said(context, "set group.limit_a 40")
    assert context.primary.config["bus"]["baud"] == 9600
    assert context.primary.config["group"]["limit_a"] == 40
    assert "next start" not in _said(context, "set bus.baud 9600")
    assert context.primary.config == context.settings.config


def test_the_time_for_an_answer_is_no_matter_of_the_line():
    context = _Context(_RAW)
    assert _json(context, "set bus.timeout_ms 500")["later"] == []
    assert context.primary.config["bus"]["timeout_ms"] == 500


def test_a_line_of_the_meters_own_and_clamps_wait_for_the_next_start():
    for line in ('set meter.bus {"baud": 19200}', 'set meter {"model": "clamps"}'):
        context = _Context(_RAW)
        assert _json(context, line)["later"] == ["meter"], line
        assert context.primary.config["meter"]["address"] == 1
        assert "bus" not in context.primary.config["meter"]


def test_a_group_without_a_meter_stays_static_until_its_clamps_are_there():
    context = _Context({"group": {"type": "static"}, "chargers": [{"address": 2}]})
    said = _json(context, 'set group.type dynamic; meter {"model": "clamps"}; group.limit_a 10')
    assert said["later"] == ["meter"]
    assert context.primary.config["group"]["type"] == "static"
    assert context.primary.config["group"]["limit_a"] == 10
    assert "meter" not in context.primary.config


def test_a_meter_on_the_chargers_line_runs_at_once():
    context = _Context({"group": {"type": "static"}, "chargers": [{"address": 2}]})
    said = _json(context, 'set group.type dynamic; meter {"address": 1}')
    assert said["later"] == []
    assert context.primary.config == context.settings.config


def test_save_keeps_and_says_so():
    context = _Context(_RAW)
    _said(context, "set group.limit_a 50")
    assert _said(context, "save") == "saved\n"
    assert context.store.kept["group"]["limit_a"] == 50
    assert not context.settings.unsaved
    assert _said(context, "diff") == "nothing differs from what is kept\n"


def test_save_tells_what_is_only_warned_of():
    context = _Context(dict(_RAW, chargers={"first_address": 2, "count": 20}))
    said = _said(context, "save").split("\n")
    assert said[0].startswith("note: group.failsafe_current_a: without the controller, 20 ")
    assert said[-2] == "saved"
    told = _json(context, "save")
    assert told["saved"] is True
    assert len(told["warnings"]) == len(said) - 2


def test_s12_what_could_not_be_written_is_not_kept():
    context = _Context(_RAW)
    _said(context, "set group.limit_a 50")
    context.store.fault = "config.json: cannot be written (28)"
    assert _said(context, "save") == "config.json: cannot be written (28)\n"
    assert _json(context, "save") == {"error": "config.json: cannot be written (28)"}
    assert context.settings.unsaved
    assert _json(context, "diff") == {"diff": {"group.limit_a": [63, 50]}}


def test_diff_shows_what_runs_and_what_is_kept():
    context = _Context(_RAW)
    assert _json(context, "diff") == {"diff": {}}
    _said(context, "set group.limit_a 50; chargers[0].name a")
    assert _said(context, "diff") == (
        'chargers[0].name: "a", kept ""\n'
        "group.limit_a: 50, kept 63\n"
    )  # fmt: skip


def test_revert_lets_run_what_is_kept():
    context = _Context(_RAW)
    _said(context, "set group.limit_a 50")
    assert _said(context, "revert") == "group.limit_a: 63, was 50\n"
    assert context.primary.config["group"]["limit_a"] == 63


def test_defaults_tell_what_they_changed():
    context = _Context(_RAW)
    assert _json(context, "defaults") == {
        "changed": {"group.limit_a": [63, 16]},
        "later": [],
        "unsaved": True,
    }


def test_export_is_one_line_that_import_takes():
    context, other = _Context(_RAW), _Context(None, runs=False)
    text = _said(context, "export")
    assert text.count("\n") == 1 and text == _said(context, "export json")
    said = _said(other, "import " + text)
    assert said.startswith("bus: {")
    assert other.settings.raw == context.settings.raw
    assert other.settings.config == context.settings.config


def test_s12_a_bad_import_is_refused_whole():
    context = _Context(_RAW)
    assert _said(context, "import {") == "import: this is not JSON; nothing was changed\n"
    assert _json(context, 'import {"chargers": []}')["error"].startswith("chargers: empty")
    assert context.primary.taken == 0


def test_where_no_control_runs_all_waits_for_the_next_start():
    context = _Context(None, runs=False)
    assert "there is no configuration yet" in _said(context, "get")
    for line in ("save", "export", "revert"):
        assert "there is no configuration" in _said(context, line), line
    assert _json(context, "set group.limit_a 50")["later"] == ["all"]
    assert _said(context, "save") == "saved\n"
    assert context.store.kept["group"] == {"limit_a": 50}


def test_where_nothing_can_be_kept_save_says_so():
    context = _Context(_RAW)
    context.store = None
    assert _said(context, "save") == "nothing can be kept here\n"


def test_help_tells_what_a_key_means_and_what_is_allowed():
    context = _Context(_RAW)
    assert _said(context, "help group.limit_a") == (
        "group.limit_a: max power from grid: what the circuit carries per phase\n"
        "  a whole number from 6 to 1000, in A; default 16\n"
    )
    for line, part in (
        ("help chargers[3].phases", "chargers.phases: the grid phase"),
        ("help meter.bus.parity", "bus.parity: none, even or odd\n  one of N, E, O; default N\n"),
        ("help meter.model", "one of abb_b21, "),
        ("help meter.address", "a whole number from 1 to 247; must be given\n"),
        ("help meter.bus", "  absent where it is not given\n"),
        ("help meter.clamp_zero", "a list of [1648 to 2448, 0 to 500]; absent where"),
        ("help chargers.count", "a whole number from 1 to 20; must be given\n"),
        ("help chargers[0].name", '24 letters, digits and signs; default ""\n'),
        ("help group", "  feeder_a: limit of the chargers' own cable"),
        ("help inputs", "  selector: whether there is"),
    ):
        assert part in _said(context, line), (line, _said(context, line))
    assert "limit_b" in _said(context, "help group.limit_b")
