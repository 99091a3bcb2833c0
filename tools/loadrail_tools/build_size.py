"""`make size`: what the firmware takes of a board's flash, by group and by module.

A board is given the files of its own and no other's (`make flash`), so what counts is the
installed set. `resident` is what a start loads and keeps; the rest is loaded when it is used, one
family of meters among it.

Exit status 1: a group is over its budget.
"""

import argparse
import ast
import sys
import tempfile
from pathlib import Path

from . import build, manifest

# What main.py imports at once, and what primary.app_start imports in any good start.
STARTED = ("primary.app_start", "primary.app", "primary.store_counters", "loadrail.settings")
KIB = 1024

# Bytes of .mpy. A budget is a guard, not an aim: it is what the group takes and little more, so
# that growth is seen and meant.
BUDGETS = {
    "resident": 89 * KIB,
    "on demand": 98 * KIB,
    "meter families": 12 * KIB,
    "one board": 4 * KIB,
}
AIM = 96 * KIB  # of the installed set; what stands in its way is in docs/boards.md


def module_of(name: str) -> str:
    """ "loadrail/meters/__init__.py" -> "loadrail.meters"."""
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _top_imports(name: str, text: str) -> set[str]:
    """Modules, or names in them, that a source imports when it is imported itself."""
    package = name.rpartition("/")[0].replace("/", ".")
    found = set()
    waiting = list(ast.parse(text).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                module = f"{package}.{module}".strip(".")
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
        waiting += ast.iter_child_nodes(node)
    return found


def resident(texts: dict[str, str]) -> set[str]:
    """The sources, as they are compiled, that are loaded as soon as STARTED are."""
    by_module = {module_of(name): name for name in texts}
    waiting, found = list(STARTED), set()
    while waiting:
        module = waiting.pop()
        while module:  # a module's packages are loaded with it
            name = by_module.get(module)
            if name and name not in found:
                found.add(name)
                waiting += _top_imports(name, texts[name])
            module = module.rpartition(".")[0]
    return found


def groups(board: str) -> dict[str, list[str]]:
    """The sources of one controller by group, in the order of BUDGETS."""
    sources = manifest.sources(board)
    texts = {name: path.read_text("utf-8") for name, path in manifest.sources(None).items()}
    always = resident(build.folded(tuple(texts.items())))
    found: dict[str, list[str]] = {group: [] for group in BUDGETS}
    for name in sources:
        if name.startswith("boards/"):
            found["one board"].append(name)
        elif name in always:
            found["resident"].append(name)
        elif name.startswith("loadrail/meters/"):
            found["meter families"].append(name)
        else:
            found["on demand"].append(name)
    return found


def report(board: str, sizes: dict[str, int]) -> tuple[list[str], list[str]]:
    """The lines, each module by its group and then the groups, and what is over its budget."""
    modules, table, over = [], [], []
    total = 0
    for group, names in groups(board).items():
        taken = sum(sizes[name] for name in names)
        total += taken
        budget = BUDGETS[group]
        modules.append(f"{group}:")
        rows = sorted(names, key=lambda name: -sizes[name])
        modules += [f"    {name:36} {sizes[name]:6}" for name in rows]
        table.append(f"{group:16} {len(names):3} files {taken:7} bytes of {budget:7}")
        if taken > budget:
            over.append(f"{group}: {taken} bytes, {taken - budget} over its budget")
    table.append(f"{'installed':16} {'':9} {total:7} bytes, aim {AIM}, on {board}")
    return [*modules, "", *table], over


def main() -> int:
    parser = argparse.ArgumentParser(description="Sizes of the firmware, against their budgets.")
    parser.add_argument("--board", default="rp_pico", choices=sorted(manifest.BOARDS))
    asked = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            sizes = build.build(Path(scratch), asked.board)
    except build.BuildError as error:
        print(error, file=sys.stderr)
        return 1
    lines, over = report(asked.board, sizes)
    print("\n".join(lines))
    for text in over:
        print(text, file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
