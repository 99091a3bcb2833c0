"""Fuzz of the configuration: `import` of JSON that is nearly right, and `set` of single keys.

Whatever comes, the answer is a list of faults, and with any the old configuration stays (S12).
What is taken obeys docs/configuration.schema.json, which is another judge than the check, comes
back the same from its own export, and a core can be made of it.
"""

import functools
import json
import sys
from unittest import mock

import conftest
from fuzzing import main, mutated, word
from jsonschema import Draft202012Validator

from loadrail import meters
from loadrail.config import check
from loadrail.config_keys import CHARGER, LINE, SECTIONS
from loadrail.core import Primary
from loadrail.lent import lend
from loadrail.phases import ORDERS
from loadrail.settings import Settings

_SCHEMA = conftest.ROOT / "docs" / "configuration.schema.json"
_VALID = [
    {"meter": {"address": 1}, "chargers": [{"address": 2}]},
    {"group": {"type": "static"}, "chargers": {"first_address": 2, "count": 20, "max_a": 16}},
    {
        "group": {"limit_a": 63, "sharing": "equal", "margin_a": 3, "feeder_a": 40},
        "bus": {"baud": 19200, "parity": "E", "stop_bits": 1},
        "meter": {"model": "eastron_sdm120", "address": 1, "bus": {"baud": 9600}},
        "chargers": [{"address": 2, "phases": "L1", "max_a": 16, "name": "bay 1"}],
    },
    {
        "version": 1,
        "group": {"limit_a": 50},
        "meter": {"model": "clamps", "clamp_zero": [[2048, 0], [2000, 5], [2100, 9]]},
        "chargers": [{"address": 2, "phases": "L2L3L1", "solar_mode": "eco"}, {"address": 3}],
        "inputs": {"selector": "on", "contact": "reduce", "contact_current_a": 8},
    },
]
_TEXTS = [json.dumps(raw).encode() for raw in _VALID]
_PIECES = [b'{"', b'": ', b"[", b"]", b"}", b"null", b"true", b"1e9", b"-1", b"0.5", b"\\u0000"]
_PIECES += [b"9" * 30, b'"\\ud800"', b"\xc3\xbc", b"[[" * 40, b'"version": 1, ', b"NaN"]
_ROWS = {**SECTIONS, "meter.bus": LINE, "chargers[0]": CHARGER, "chargers[+]": CHARGER}
_KEYS = [f"{name}.{key}" for name, rows in _ROWS.items() for key in rows]
_KEYS += ["chargers", "chargers[0]", "chargers[+]", "meter", "meter.bus", "", "version"]
_VALUES = ["null", "on", "off", "static", "dynamic", "eco", "clamps", "E", '""', "-", "{}", "[]"]
_VALUES += [*ORDERS, *meters.names()[:5], '{"address": 7}', '{"first_address": 3, "count": 4}']
_STRANGE = (None, True, False, -1, 0.5, 2.0, 1 << 40, "", "x" * 50, [], {}, [[]], "\x1b[2J")


_rows_of = functools.cache(meters._rows_of)


def _quick(life):
    """A board loads a family of meters when it is asked for, and forgets it: most of the work."""

    @functools.wraps(life)
    def cached(dice):
        with mock.patch.object(meters, "_rows_of", _rows_of):
            yield from life(dice)

    return cached


class _Kept:
    """Settings, and what every change of them must leave true."""

    def __init__(self, dice):
        self.settings = Settings(dice.choice(_VALID))
        self._schema = Draft202012Validator(json.loads(_SCHEMA.read_text()))
        self._dice = dice

    def judge(self, change) -> str:
        """Make a change: "taken" or "refused"."""
        settings = self.settings
        before = (settings.raw, settings.config)
        text = json.dumps(before)
        faults = change()
        assert isinstance(faults, list)
        assert json.dumps(before) == text, "nothing is changed in place"
        if faults:
            assert all(isinstance(fault, str) and fault for fault in faults)
            assert (settings.raw, settings.config) == before
            return "refused"
        self._is_sound()
        return "taken"

    def _is_sound(self):
        raw, config = self.settings.raw, self.settings.config
        said = "".join(self.settings.export())
        assert said.isascii() and "\n" not in said
        assert check(json.loads(said)) == (config, [])
        addresses = [row["address"] for row in config["chargers"]]
        assert len(set(addresses)) == len(addresses) <= 20
        assert all(1 <= address <= 247 for address in addresses)
        if self._dice.randrange(8) == 0:
            assert self._schema.is_valid(raw), raw
        if self._dice.randrange(8) == 0:
            lend("config_warnings").warnings(config)
            primary = Primary(config, 0)
            for now_ms in range(0, 3000, 500):
                primary.next_request(0, now_ms)
                primary.answer(0, now_ms, 1, None)


@_quick
def import_life(dice):
    """Texts that are nearly JSON, and JSON that is nearly a configuration."""
    kept = _Kept(dice)
    while True:
        kind = dice.randrange(8)
        if kind < 3:
            text = mutated(dice, dice.choice(_TEXTS), _PIECES + _TEXTS).decode("utf-8", "replace")
        elif kind == 3:
            text = dice.randbytes(dice.randrange(60)).decode("latin-1")
        else:
            raw = json.loads(dice.choice(_TEXTS))
            for _ in range(dice.randrange(3)):
                _change(dice, raw)
            text = json.dumps(raw)
        yield kept.judge(lambda text=text: kept.settings.import_(text))


def _change(dice, node):
    """One value somewhere below: another, a strange one, none, or one more."""
    while True:
        steps = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not steps:
            return
        step = dice.choice(steps)
        if isinstance(node[step], (dict, list)) and dice.randrange(4):
            node = node[step]
            continue
        kind = dice.randrange(5)
        if kind == 0:
            del node[step]
        elif kind == 1:
            node[step] = dice.choice(_STRANGE)
        elif kind == 2 and isinstance(node, dict):
            node[dice.choice(_KEYS).split(".")[-1]] = node[step]
        elif kind == 3:
            node[step] = dice.choice(_VALUES)
        else:
            node[step] = word(dice) if dice.randrange(2) else dice.randrange(40)
        return


@_quick
def set_life(dice):
    """Keys and values, right and nearly right, one after the other."""
    kept = _Kept(dice)
    corpus = [key.encode() for key in _KEYS] + [value.encode() for value in _VALUES] + _PIECES
    while True:
        settings, kind = kept.settings, dice.randrange(16)
        if kind == 0:
            how = kept.judge(dice.choice((settings.revert, settings.defaults)))
        elif kind == 1:
            settings.saved()
            assert not settings.unsaved and settings.diff() == []
            how = "saved"
        else:
            key, value = dice.choice(_KEYS), dice.choice(_VALUES)
            if dice.randrange(2):
                value = str(dice.randrange(40) if dice.randrange(2) else word(dice))
            text = f"{key} {value}"
            if kind < 6:
                text = mutated(dice, text.encode(), corpus).decode("latin-1")
            pairs = lend("config_edit").assignments(text)
            how = kept.judge(lambda pairs=pairs, settings=settings: settings.change(pairs))
            settings.get(key)
            settings.diff()
        yield how


TARGETS = {"import": import_life, "set": set_life}

if __name__ == "__main__":
    sys.exit(main(TARGETS))
