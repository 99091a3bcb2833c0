"""Puts whole-number constants in the place of their names, in sources that go to a device.

    loadrail/presence.py   ONLINE = 1             -> (nothing)
    loadrail/alerts.py     presence.ONLINE        -> 1
                           from loadrail.presence import ONLINE -> (nothing)

MicroPython does that by itself for `_NAME = const(1)` in one file only; a public name costs a
place in its module, one in each that imports it, and a look-up at each use. What is folded is
named in capitals, and assigned once, at the top level. It stays a name where somebody may ask for
it by other means: by a word in a string, as an attribute of something that is no module of ours,
or where its module is handed to somebody.
Lines keep their numbers. The sources in the checkout stay as they are.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

_OPERATORS = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Mod: lambda a, b: a % b,
    ast.LShift: lambda a, b: a << b,
    ast.RShift: lambda a, b: a >> b,
    ast.BitOr: lambda a, b: a | b,
    ast.BitAnd: lambda a, b: a & b,
}


@dataclass
class Module:
    """A source and what was found in it."""

    text: str
    tree: ast.Module
    package: str
    constants: dict[str, int] = field(default_factory=dict)  # that it assigns
    borrowed: dict[str, tuple[str, str]] = field(default_factory=dict)  # name: (module, its name)
    modules: dict[str, str] = field(default_factory=dict)  # name: module of ours
    stored: list[str] = field(default_factory=list)  # every binding of a name, anywhere


def name_of(path: str) -> str:
    """ "loadrail/meters/__init__.py" -> "loadrail.meters"."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def fold(texts: dict[str, str]) -> dict[str, str]:
    """The sources with their constants in place, by the same names ("loadrail/core.py")."""
    modules = {
        name_of(path): Module(text, ast.parse(text), path.rpartition("/")[0].replace("/", "."))
        for path, text in texts.items()
    }
    for module in modules.values():
        _look(module, modules)
    for module in modules.values():
        _find_constants(module, modules)
    kept = _kept(modules)
    return {path: _folded(modules[name_of(path)], modules, kept) for path in texts}


def _look(module: Module, modules: dict[str, Module]) -> None:
    """Note every binding of a name, and what imports bind."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            module.stored.append(node.id)
        elif isinstance(node, ast.arg):
            module.stored.append(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            module.stored.append(node.name)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(node, module)
            for alias in node.names:
                name = alias.asname or alias.name
                full = f"{origin}.{alias.name}"
                if full in modules:
                    before = module.modules.setdefault(name, full)
                    again = full == before
                else:
                    source = (origin, alias.name)
                    again = module.borrowed.setdefault(name, source) == source
                if not again:
                    module.stored.append(name)


def _origin(node: ast.ImportFrom, module: Module) -> str:
    """The module that a statement imports from; a relative one goes up by one package at most."""
    if not node.level:
        return node.module or ""
    return f"{module.package}.{node.module}" if node.module else module.package


def _find_constants(module: Module, modules: dict[str, Module]) -> None:
    for node in module.tree.body:
        name = _assigned(node)
        if name and module.stored.count(name) == 1 and name not in module.borrowed:
            value = _value(node.value, module, modules)
            if value is not None:
                module.constants[name] = value


def _assigned(node: ast.stmt) -> str | None:
    """The name that a statement gives a value to, if it looks like a constant's."""
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, ast.Name) and target.id.isupper():
            return target.id
    return None


def _value(node: ast.expr, module: Module, modules: dict[str, Module]) -> int | None:
    """What an expression of constants amounts to."""
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "const":
        return _value(node.args[0], module, modules)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _value(node.operand, module, modules)
        return None if value is None else -value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left = _value(node.left, module, modules)
        right = _value(node.right, module, modules)
        if left is None or right is None:
            return None
        return _OPERATORS[type(node.op)](left, right)
    return _constant(node, module, modules)


def _constant(node: ast.AST, module: Module, modules: dict[str, Module]) -> int | None:
    """The value of a name, or of a module's attribute, that stands for a constant."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        if node.id in module.constants:
            return module.constants[node.id]
        if node.id in module.borrowed and node.id not in module.stored:
            return _public(*module.borrowed[node.id], modules)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        name = node.value.id
        if name in module.modules and name not in module.stored:
            return _public(module.modules[name], node.attr, modules)
    return None


def _public(module: str, name: str, modules: dict[str, Module]) -> int | None:
    """A constant of a module, or one that it has from another."""
    while module in modules:
        found = modules[module]
        if name in found.constants:
            return found.constants[name]
        if name not in found.borrowed or name in found.stored:
            return None
        module, name = found.borrowed[name]
    return None


def _kept(modules: dict[str, Module]) -> set[str]:
    """Names that must stay, whichever module has them."""
    kept = set()
    for module in modules.values():
        inside = {
            id(node.value)
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Attribute) and node.attr != "__dict__"
        }
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Name) and node.id in module.modules and id(node) not in inside:
                kept |= set(modules[module.modules[node.id]].constants)  # dir(reasons), say
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                kept.add(node.value)
            elif isinstance(node, ast.Attribute) and node.attr.isupper():
                if _constant(node, module, modules) is None:
                    kept.add(node.attr)
        # Imported, but shadowed by something else there: it is asked for by its name.
        kept |= {own for name, (_, own) in module.borrowed.items() if name in module.stored}
    return kept


def _asked_of_module(module: Module, modules: dict[str, Module]) -> set[str]:
    """Modules that are imported for more than constants: for something else in them, or for
    others, or just to be loaded."""
    uses, folded = Counter(), Counter()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name):
            uses[node.id] += 1
        elif isinstance(node, ast.Attribute) and _constant(node, module, modules) is not None:
            folded[node.value.id] += 1
    lent = {own for other in modules.values() for _, own in other.borrowed.values()}
    return {
        name
        for name in module.modules
        if not uses[name] or uses[name] > folded[name] or name in lent
    }


Edit = tuple[int, int, int, int, str]  # from line and column to line and column, what comes there


def _folded(module: Module, modules: dict[str, Module], kept: set[str]) -> str:
    edits = list(_edits(module, modules, kept | _asked_of_module(module, modules)))
    lines = module.text.split("\n")
    outer: list[Edit] = []
    for edit in sorted(set(edits), key=lambda edit: (edit[:2], (-edit[2], -edit[3]))):
        if not outer or edit[:2] >= outer[-1][2:4]:  # not within one that is replaced whole
            outer.append(edit)
    for line, column, end_line, end_column, put in reversed(outer):
        before = lines[line - 1].encode()[:column].decode()
        after = lines[end_line - 1].encode()[end_column:].decode()
        rest = [""] * (end_line - line)
        lines[line - 1 : end_line] = [before + put + after, *rest]
    return "\n".join(lines)


def _edits(module: Module, modules: dict[str, Module], kept: set[str]) -> Iterator[Edit]:
    for node in ast.walk(module.tree):
        value = _constant(node, module, modules)
        if value is not None:
            yield _edit(node, str(value) if value >= 0 else f"({value})")
        elif isinstance(node, ast.ImportFrom):
            left = [alias for alias in node.names if not _is_gone(alias, module, modules, kept)]
            if len(left) < len(node.names):
                yield _edit(node, _import(node, left))
        elif _is_shim(node):
            yield _edit(node, "pass")
    for node in module.tree.body:
        name = _assigned(node)
        if name in module.constants and name not in kept:
            yield _edit(node, "pass")


def _is_gone(alias: ast.alias, module: Module, modules: dict[str, Module], kept: set[str]) -> bool:
    """Whether an imported name is nowhere asked for any more."""
    name = alias.asname or alias.name
    if alias.name == "const":
        return True
    if name in module.stored or name in kept:
        return False
    if name in module.modules:
        return True
    return name in module.borrowed and _public(*module.borrowed[name], modules) is not None


def _is_shim(node: ast.AST) -> bool:
    """try: from micropython import const - for CPython, which does not know it."""
    if not isinstance(node, ast.Try) or len(node.body) != 1:
        return False
    first = node.body[0]
    return isinstance(first, ast.ImportFrom) and [a.name for a in first.names] == ["const"]


def _import(node: ast.ImportFrom, names: list[ast.alias]) -> str:
    if not names:
        return "pass"
    words = [alias.name + (f" as {alias.asname}" if alias.asname else "") for alias in names]
    return f"from {'.' * node.level}{node.module or ''} import {', '.join(words)}"


def _edit(node: ast.AST, put: str) -> Edit:
    return (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, put)
