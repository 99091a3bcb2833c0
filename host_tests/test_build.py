"""What goes to a device: umodbus is the pinned one, everything compiles and imports there."""

import json
import os
import subprocess

import pytest
from conftest import ROOT

from loadrail_tools import build, build_size, manifest, umodbus
from loadrail_tools.paths import micropython


def test_an_archive_with_another_hash_is_refused(tmp_path):
    with pytest.raises(umodbus.FetchError) as refused:
        umodbus.download(tmp_path, sha256="0" * 64)
    said = str(refused.value)
    assert "was not fetched" in said
    assert umodbus.SHA256 in said, "pip names the hash that it got"
    assert not list(tmp_path.rglob("functions.py"))


def test_the_device_gets_the_pdus_and_nothing_that_opens_a_uart():
    names = {path.name for path in (ROOT / "build/umodbus/device/umodbus").iterdir()}
    assert names == {*umodbus.DEVICE_FILES, "typing.py"}


@pytest.fixture(scope="module")
def device(tmp_path_factory):
    target = tmp_path_factory.mktemp("device")
    return target, build.build(target)


def test_every_source_is_compiled(device):
    target, sizes = device
    wanted = {target / "lib" / name for name in manifest.sources(None)}
    assert {path.with_suffix(".py") for path in (target / "lib").rglob("*.mpy")} == wanted
    assert not list((target / "lib").rglob("*.py"))
    assert set(sizes) == {*manifest.sources(None), "main.py"}


def test_every_folder_of_the_firmware_is_in_the_list():
    listed = set(manifest.sources(None).values()) | {manifest.MAIN}
    for folder in ("lib", "firmware", "boards"):
        assert set((ROOT / folder).rglob("*.py")) <= listed


def test_the_compiled_modules_import_on_micropython(device):
    target, _ = device
    names = [
        ".".join(path.relative_to(target / "lib").with_suffix("").parts)
        for path in (target / "lib").rglob("*.mpy")
        if path.stem != "__init__"
    ]
    assert len(names) > 20
    # main.py's neighbours may start something; boards and their shared files need a chip.
    names = [name for name in names if not name.startswith("boards.") and "." in name]
    script = "\n".join(f"import {name}" for name in names) + "\nprint('all of them')"
    done = subprocess.run(
        [micropython(), "-c", script],
        env={**os.environ, "MICROPYPATH": f"{target / 'lib'}:.frozen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "all of them", done.stderr


def test_a_file_that_micropython_cannot_compile_is_named(tmp_path):
    source = tmp_path / "modern.py"
    source.write_text("match 1:\n    case 1:\n        pass\n")
    with pytest.raises(build.BuildError, match=r"modern\.py.*"):
        build.compile_file(source, tmp_path / "out" / "modern.mpy", "modern.py")


def test_manifest_py_and_package_json_are_what_the_list_makes_of_the_tree():
    names = [path.name for path in manifest.outdated()]
    assert names == [], "python -m loadrail_tools.manifest makes them anew"


class Frozen:
    """Runs manifest.py as MicroPython's makemanifest does; the files that it names.

    made: where the folders are that `make build` writes.
    """

    def __init__(self, board, made):
        self.files = {}
        self._made = made
        self.options = type("Options", (), {"board": board, "defaults": lambda *_, **__: None})()
        names = {
            "include": lambda path: None,
            "options": self.options,
            "metadata": lambda **_: None,
            "package": self._package,
            "module": self._module,
        }
        exec(manifest.MANIFEST.read_text(), names)

    def _package(self, name, files=None, base_path=".", opt=None):
        folder = self._place(base_path) / name
        found = (
            sorted(folder.rglob("*.py")) if files is None else [folder / file for file in files]
        )
        for path in found:
            self._take(path, base_path, opt)

    def _module(self, name, base_path, opt):
        self._take(self._place(base_path) / name, base_path, opt)

    def _place(self, base_path):
        top, _, rest = base_path.partition("/")
        return self._made / rest if top == "build" else ROOT / base_path

    def _take(self, path, base_path, opt):
        assert path.is_file(), path
        assert opt == 3
        self.files[str(path.relative_to(self._place(base_path)))] = path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    build.write_chosen(folder / "chosen")
    build.write_folded(folder / "folded")
    return folder


@pytest.mark.parametrize(
    "board", [name for name, port in manifest.BOARDS.items() if port != "linux"]
)
def test_a_frozen_image_has_what_a_flashed_board_has(board, made):
    frozen = Frozen(board, made).files
    flashed = manifest.sources(board)
    shared = {
        f"boards/{path.name}"
        for other in manifest.BOARDS
        if manifest.BOARDS[other] == manifest.BOARDS[board]
        for path in manifest.board_files(other)
        if path.stem.startswith("_")
    }
    assert set(frozen) - shared == {*flashed, manifest.CHOSEN, "main.py"} - shared
    assert frozen[manifest.CHOSEN].read_text() == f'NAME = "{board}"\n'


def test_mip_gets_every_source_by_a_path_that_is_there():
    package = json.loads(manifest.PACKAGE_JSON.read_text())
    assert package["version"] == manifest.version()
    urls = dict(package["urls"])
    assert len(urls) == len(package["urls"])
    for target, source in urls.items():
        if target.startswith("umodbus/"):
            assert f"/{umodbus.VERSION}/umodbus/" in source
        else:
            assert (ROOT / source).is_file()
            assert source.endswith(target)
    assert {*manifest.sources("rp_pico"), "main.py", "umodbus/typing.py"} <= set(urls)


def test_the_package_has_the_firmwares_version():
    pyproject = (ROOT / "pyproject.toml").read_text()
    assert f'\nversion = "{manifest.version()}"\n' in pyproject


def test_the_groups_of_the_size_table_hold_every_file_once():
    groups = build_size.groups("rp_pico")
    names = [name for group in groups.values() for name in group]
    assert sorted(names) == sorted(manifest.sources("rp_pico"))
    assert "primary/rtu.py" in groups["resident"]
    assert "loadrail/__init__.py" in groups["resident"]
    assert "loadrail/meters/eastron.py" in groups["meter families"]
    assert "primary/searching.py" in groups["on demand"]
    assert "boards/rp_pico.py" in groups["one board"]


def test_what_is_resident_is_loaded_by_the_imports_of_a_start(device):
    target, _ = device
    script = (
        "import sys\n"
        f"import {', '.join(build_size.STARTED)}\n"
        "print(' '.join(name for name in sys.modules if name[0] in 'lpu'))"
    )
    done = subprocess.run(
        [micropython(), "-c", script],
        env={**os.environ, "MICROPYPATH": f"{target / 'lib'}:.frozen"},
        capture_output=True,
        text=True,
        check=False,
    )
    told = {build_size.module_of(name) for name in build_size.groups("rp_pico")["resident"]}
    own = {"loadrail", "primary", "umodbus"}
    loaded = {name for name in done.stdout.split() if name.split(".")[0] in own}
    assert loaded - own == told - own, done.stderr


def test_a_group_over_its_budget_is_told(monkeypatch):
    sizes = dict.fromkeys(manifest.sources("rp_pico"), 100)
    lines, over = build_size.report("rp_pico", sizes)
    assert over == []
    assert any("primary/rtu.py" in line for line in lines)
    monkeypatch.setitem(build_size.BUDGETS, "one board", 399)
    _, over = build_size.report("rp_pico", sizes)
    assert over == ["one board: 400 bytes, 1 over its budget"]


def test_no_group_is_over_its_budget(device):
    _, sizes = device
    for board in manifest.BOARDS:
        _, over = build_size.report(board, sizes)
        assert over == []
