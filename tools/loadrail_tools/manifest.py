"""What a controller consists of: the one list from which build, flash, manifest.py (frozen
images) and package.json (mip) are made.

    python -m loadrail_tools.manifest          write manifest.py and package.json anew
    python -m loadrail_tools.manifest --check  see that they are what they should be
"""

import argparse
import ast
import json
import re
import sys
from pathlib import Path

from .paths import ROOT, UMODBUS_DEVICE
from .umodbus import DEVICE_FILES
from .umodbus import VERSION as UMODBUS_VERSION

FIRMWARE = ROOT / "firmware"
BOARD_FOLDER = ROOT / "boards"
MAIN = FIRMWARE / "main.py"

# Folders whose every file goes to every controller, by package.
PACKAGES = {
    "loadrail": ROOT / "lib" / "loadrail",
    "loadrail/meters": ROOT / "lib" / "loadrail" / "meters",
    "primary": FIRMWARE / "primary",
    "umodbus": UMODBUS_DEVICE / "umodbus",
}
OWN_FOLDERS = ("loadrail", "primary", "boards", "umodbus")  # of the device's /lib
FOLDED = ROOT / "build" / "folded"  # see build_fold.py
CHOSEN = "boards/chosen.py"  # of the device: NAME = "rp_pico"

_PORTS = {"boards._rp2": "rp2", "boards._esp32": "esp32"}

# mip takes single files by URL only; this one names the version.
_UMODBUS_URL = (
    "https://raw.githubusercontent.com/brainelectronics/micropython-modbus/"
    f"{UMODBUS_VERSION}/umodbus/"
)

PACKAGE_JSON = ROOT / "package.json"
MANIFEST = ROOT / "manifest.py"


def _imports(source: Path) -> set[str]:
    """Modules of `boards` that a file of it imports, also those inside functions."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("boards."):
            found.add(node.module)
    return found


def board_files(name: str) -> list[Path]:
    """A board's file, and those of `boards` that it needs."""
    waiting, found = [f"boards.{name}"], []
    while waiting:
        source = ROOT / (waiting.pop().replace(".", "/") + ".py")
        if source not in found:
            found.append(source)
            waiting += _imports(source)
    return sorted(found)


def port_of(name: str) -> str:
    """The MicroPython port of a board, as sys.platform says it."""
    for source in board_files(name):
        port = _PORTS.get(f"boards.{source.stem}")
        if port:
            return port
    return "linux"


BOARDS = {
    path.stem: port_of(path.stem)
    for path in sorted(BOARD_FOLDER.glob("[!_]*.py"))
    if path.stem != "chosen"
}


def sources(board: str | None) -> dict[str, Path]:
    """All files of a controller by their names below /lib; of every board where none is named."""
    found = {
        f"{package}/{path.name}": path
        for package, folder in PACKAGES.items()
        for path in sorted(folder.glob("*.py"))
    }
    for path in sorted(FIRMWARE.glob("*.py")):
        if path != MAIN:
            found[path.name] = path
    for path in board_files(board) if board else sorted(BOARD_FOLDER.glob("*.py")):
        found[f"boards/{path.name}"] = path
    return found


def chosen(board: str) -> str:
    """The text of CHOSEN."""
    return f'NAME = "{board}"\n'


def version() -> str:
    """The firmware's, from its only place."""
    text = (PACKAGES["loadrail"] / "__init__.py").read_text(encoding="utf-8")
    return re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE).group(1)


def package_json() -> str:
    """For `mip install`: sources; a board is chosen by hand then (docs/boards.md)."""
    urls = [
        [name, str(path.relative_to(ROOT))]
        for name, path in sources(None).items()
        if not name.startswith("umodbus/") and path.stem != "unix"
    ]
    urls.append(["main.py", str(MAIN.relative_to(ROOT))])
    urls += [[f"umodbus/{name}", _UMODBUS_URL + name] for name in (*DEVICE_FILES, "typing.py")]
    rows = ",\n".join("    " + json.dumps(row) for row in sorted(urls))
    return f'{{\n  "version": "{version()}",\n  "deps": [],\n  "urls": [\n{rows}\n  ]\n}}\n'


_MANIFEST_HEAD = """\
# For images with Loadrail frozen in: FROZEN_MANIFEST of a MicroPython build. Written by
# `python -m loadrail_tools.manifest`; docs/boards.md tells how to use it. `make build` comes
# first: it writes the sources into build/folded, and the board's name into build/chosen.

include("$(PORT_DIR)/boards/manifest.py")
options.defaults(board="rp_pico")
metadata(version="%s", license="GPL-3.0-or-later")

_SHARED = {
%s
}
_PORTS = {
%s
}

"""


def manifest_py() -> str:
    """The text of manifest.py."""
    shared: dict[str, set[str]] = {}
    for name, port in BOARDS.items():
        own = {path.name for path in board_files(name)} - {f"{name}.py"}
        shared[port] = shared.get(port, set()) | own
    ports = [port for port in shared if port != "linux"]
    lines = [
        'package("loadrail", base_path="build/folded", opt=3)',
        'package("primary", base_path="build/folded", opt=3)',
        '_files = (*_SHARED[_PORTS[options.board]], options.board + ".py")',
        'package("boards", files=_files, base_path="build/folded", opt=3)',
        'package("boards", base_path="build/chosen/" + options.board, opt=3)',
        'package("umodbus", base_path="build/folded", opt=3)',
    ]
    lines += [
        f'module("{path.name}", base_path="{_frozen_from(path)}", opt=3)'
        for path in sorted(FIRMWARE.glob("*.py"))
    ]
    head = _MANIFEST_HEAD % (
        version(),
        "\n".join(f'    "{port}": {_tuple(sorted(shared[port]))},' for port in ports),
        "\n".join(f'    "{name}": "{BOARDS[name]}",' for name in BOARDS if BOARDS[name] in ports),
    )
    return head + "\n".join(lines) + "\n"


def _frozen_from(path: Path) -> str:
    return "firmware" if path == MAIN else "build/folded"


def _tuple(words: list[str]) -> str:
    return "(" + ", ".join(json.dumps(word) for word in words) + ")"


MADE = {PACKAGE_JSON: package_json, MANIFEST: manifest_py}


def outdated() -> list[Path]:
    """Which of the made files are not what they should be."""
    return [
        path
        for path, text in MADE.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text()
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Write manifest.py and package.json.")
    parser.add_argument("--check", action="store_true", help="only see that they are right")
    check = parser.parse_args().check
    for path in outdated():
        if check:
            print(f"{path.name}: outdated; python -m loadrail_tools.manifest", file=sys.stderr)
            return 1
        path.write_text(MADE[path](), encoding="utf-8")
        print(path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
