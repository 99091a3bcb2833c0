"""What goes to a device: umodbus is the pinned one, everything compiles and imports there."""

import os
import subprocess

import pytest
from conftest import ROOT

from loadrail_tools import build, umodbus
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
    for package, folder in build.PACKAGES.items():
        compiled = {path.stem for path in (target / "lib" / package).glob("*.mpy")}
        assert compiled == {path.stem for path in folder.glob("*.py")}
        assert not list((target / "lib").rglob("*.py"))
    assert sum(sizes.values()) <= 176 * 1024


def test_the_compiled_modules_import_on_micropython(device):
    target, _ = device
    names = [
        ".".join(path.relative_to(target / "lib").with_suffix("").parts)
        for path in (target / "lib").rglob("*.mpy")
        if path.stem != "__init__"
    ]
    assert len(names) > 20
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
