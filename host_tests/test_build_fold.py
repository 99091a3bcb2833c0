"""Constants in the place of their names: what is folded, what stays, and that it still works."""

import ast
import subprocess

import pytest
from conftest import ROOT

from loadrail_tools import build, build_fold, manifest
from loadrail_tools.paths import micropython

LOGIC = sorted(path.stem for path in (ROOT / "host_tests" / "logic").glob("test_*.py"))


def folded(**sources):
    """The sources of package p folded; without blank lines and `pass`."""
    texts = {f"p/{name}.py": text for name, text in sources.items()}
    return {
        name[2:-3]: [line for line in text.split("\n") if line.strip() not in ("", "pass")]
        for name, text in build_fold.fold(texts).items()
    }


A = "A = const(3)\nB = A + 1 << 2\nTABLE = (A, -B)\nm = 5\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("from p.a import A\nx = A\n", ["x = 3"]),
        ("from p.a import A as it, TABLE\nx = it\n", ["from p.a import TABLE", "x = 3"]),
        ("from p.a import (\n    A,\n    B,\n)\nx = A + B\n", ["x = 3 + 16"]),
        ("from p import a\nx = a.B\n", ["x = 16"]),
        ("from . import a\nx = a.B\n", ["x = 16"]),
        ("from .a import B\nx = B\n", ["x = 16"]),
        ("from p import a\nx = a.B + a.m\n", ["from p import a", "x = 16 + a.m"]),
        ("from p import a\n", ["from p import a"]),
        ("def f(B=0):\n    return B\n", ["def f(B=0):", "    return B"]),
        ("def f():\n    from p.a import A\n    return A\n", ["def f():", "    return 3"]),
        (
            "try:\n    from micropython import const\nexcept ImportError:\n\n"
            "    def const(value):\n        return value\n_C = const(7)\nx = _C\n",
            ["x = 7"],
        ),
        ("C = -2\nx = C\n", ["x = (-2)"]),
        ("C = 1\nC += 1\nx = C\n", ["C = 1", "C += 1", "x = C"]),
        ("C = 1.5\nx = C\n", ["C = 1.5", "x = C"]),
        ('C = "word"\nx = C\n', ['C = "word"', "x = C"]),
        ("C = True\nx = C\n", ["C = True", "x = C"]),
    ],
)
def test_each_use_of_a_whole_number_becomes_that_number(text, lines):
    assert folded(a=A, b=text)["b"] == lines


@pytest.mark.parametrize(
    "other",
    [
        'x = "B"\n',  # getattr(a, "B")
        "def f(thing):\n    return thing.B\n",
        "from p import a\nx = dir(a)\n",
        "from p import a\nx = a.__dict__\n",
        "from p.a import B\ndef f(B):\n    return B\n",
    ],
)
def test_a_name_that_may_be_asked_for_by_other_means_stays(other):
    assert "B = 3 + 1 << 2" in folded(a=A, b=other)["a"]


def test_a_name_that_nobody_asks_for_goes():
    assert folded(a=A, b="from p.a import B\nx = B\n")["a"] == ["TABLE = (3, -16)", "m = 5"]


def test_a_constant_that_another_module_hands_on_is_found():
    found = folded(a=A, b="from p.a import A\n", c="from p.b import A\nx = A\n")
    assert found["c"] == ["x = 3"]


def test_lines_keep_their_numbers():
    texts = {name: path.read_text() for name, path in manifest.sources(None).items()}
    for name, text in build_fold.fold(texts).items():
        before, after = functions(texts[name]), functions(text)
        assert [row for row in before if row[0] != "const"] == after


def functions(text):
    return [
        (node.name, node.lineno)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
    ]


@pytest.fixture(scope="module")
def on_device(tmp_path_factory):
    """The firmware, the simulated site and the logic tests, all folded together.

    As sources: compiled for a device the tests would have lost their assertions.
    """
    extra = {}
    for package, folder in (
        ("logic", ROOT / "host_tests" / "logic"),
        ("loadrail_site", ROOT / "tools" / "loadrail_site"),
    ):
        extra |= {f"{package}/{path.name}": path for path in sorted(folder.glob("*.py"))}
    target = tmp_path_factory.mktemp("folded")
    build.write_folded(target, extra)
    return target


@pytest.mark.parametrize("module", LOGIC)
def test_the_logic_tests_pass_on_what_is_built(on_device, module):
    script = str(ROOT / "host_tests" / "upy" / "run_logic.py")
    done = subprocess.run(
        [micropython(), "-X", "heapsize=4M", script, module],
        env={"MICROPYPATH": f"{on_device}:.frozen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    count = int(done.stdout.split(" passed")[0].split()[-1])
    assert count > 0
    assert f"{count} passed, 0 failed" in done.stdout


def test_the_firmware_has_no_assertion_that_does_something():
    for path in manifest.sources(None).values():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Assert):
                assert not [n for n in ast.walk(node.test) if isinstance(n, ast.Call)], path
