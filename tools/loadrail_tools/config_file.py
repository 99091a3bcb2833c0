"""Configurations as files of this computer: read, check, keep without losing the old one."""

import json
import os
import re
from binascii import crc32
from pathlib import Path

from .firmware import lib_on_path

# The first lines of a file that a controller has kept; see firmware/primary/store_file.py.
SEALED = re.compile(rb'\{\n"crc32": "([0-9a-f]{8})",\n')
ORDER = ("group", "bus", "meter", "chargers")
MOST_LINE = 8192 - len("import  json")  # characters that a controller's console takes


class ConfigFault(Exception):
    """What is wrong with a configuration: `faults`, a line each, with their places."""

    def __init__(self, faults: list[str]):
        super().__init__("\n".join(faults))
        self.faults = faults


def read(path: Path) -> object:
    """What the file holds, not checked yet."""
    try:
        data = path.read_bytes()
        raw = parse(data.decode(), str(path))
    except OSError as error:
        raise ConfigFault([f"{path}: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise ConfigFault([f"{path}: is not a text file"]) from None
    sealed = SEALED.match(data)
    if sealed:
        if int(sealed[1], 16) != crc32(data[sealed.end() :]):
            told = 'its checksum differs; if you have edited it, remove the line "crc32"'
            raise ConfigFault([f"{path}: {told}"])
        del raw["crc32"]
    return raw


def parse(text: str, name: str) -> object:
    """What a text holds, not checked yet; `name` is for the fault."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ConfigFault([f"{name}: not JSON: {error.msg} in {place}"]) from None


def check(raw: object) -> tuple[dict, list[str]]:
    """The whole configuration, defaults and all; and what is allowed but worth a thought."""
    with lib_on_path():
        from loadrail import config
    checked, faults = config.check(raw)
    if faults:
        raise ConfigFault(faults)
    return checked, list(config.warnings(checked))


def as_line(raw: object) -> str:
    """As a controller takes it: one line of ASCII. ConfigFault where it is too long."""
    text = json.dumps(raw, separators=(",", ":"))
    if len(text) > MOST_LINE:
        told = f"{len(text)} characters are more than a controller takes, {MOST_LINE}"
        raise ConfigFault([f"{told}: shorten the names"])
    return text


def as_text(raw: dict) -> str:
    """As people read and write it: the group first, a charger a line."""
    parts = []
    keys = sorted(raw, key=lambda key: ORDER.index(key) if key in ORDER else len(ORDER))
    for key in keys:
        value = raw[key]
        text = _dumped(value)
        if isinstance(value, list) and value:
            text = "[\n    " + ",\n    ".join(map(_dumped, value)) + "\n  ]"
        elif isinstance(value, dict) and value:
            rows = [f"{_dumped(k)}: {_dumped(v)}" for k, v in value.items()]
            text = "{\n    " + ",\n    ".join(rows) + "\n  }"
        parts.append(f"  {_dumped(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def write(path: Path, text: str) -> None:
    """Keep it under this name, whole or not at all. Raises OSError."""
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
