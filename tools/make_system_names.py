"""Write the table of what the standard library has on macOS or Windows and not on Linux, and the other way round.

Run as ``python tools/make_system_names.py``, with mypy installed: the facts are those of the type stubs that come with it
(https://github.com/python/typeshed), whose conditions on `sys.platform` say where a name is.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import mypy

STUBS = Path(mypy.__file__).parent / "typeshed" / "stdlib"
FOLDER = Path(__file__).parents[1] / "python" / "crosswheel" / "act" / "building" / "injected"
SYSTEMS = ("darwin", "win32")
#: The oldest and the newest CPython that are told; a name that is nowhere in between is none.
OLDEST, NEWEST = (3, 10), (3, 14)


def holds(test: ast.expr, platform: str, version: tuple[int, int]) -> bool:
    """Evaluate a condition of a stub."""
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            return all(holds(value, platform, version) for value in values)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(holds(value, platform, version) for value in values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not holds(operand, platform, version)
    known = {"sys.platform": platform, "sys.version_info": version, "TYPE_CHECKING": True}
    text = ast.unparse(test)
    for name, value in known.items():
        text = text.replace(name, repr(value))
    return bool(eval(text, {"__builtins__": {}}))  # noqa: S307 - of stubs, which hold comparisons


def names_of(body: list[ast.stmt], platform: str, version: tuple[int, int]) -> Iterator[tuple[str, bool]]:
    """Yield the names that a stub has on a platform, and whether each is something else than a constant."""
    for statement in body:
        match statement:
            case ast.If(test=test, body=then, orelse=otherwise):
                chosen = then if holds(test, platform, version) else otherwise
                yield from names_of(chosen, platform, version)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, True
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                yield name, ast.unparse(annotation).partition("[")[0] not in {"int", "str", "Final"}
            case ast.Assign(targets=[ast.Name(id=name)]):
                yield name, False
            case ast.ImportFrom(names=[ast.alias(name="*")], module=module, level=0):
                yield from names_of(stub_of(str(module)), platform, version)
            case ast.ImportFrom(names=aliases) | ast.Import(names=aliases):
                yield from ((one.name, not one.name.isupper()) for one in aliases if one.asname == one.name)


def stub_of(module: str) -> list[ast.stmt]:
    """Return the statements of a module's stub."""
    place = STUBS.joinpath(*module.split("."))
    file = place / "__init__.pyi" if place.is_dir() else place.with_suffix(".pyi")
    return ast.parse(file.read_text()).body


def names(module: str, platform: str) -> Mapping[str, bool]:
    """Return the public names of a module on a platform, on any CPython in support."""
    body = stub_of(module)
    versions = [(3, minor) for minor in range(OLDEST[1], NEWEST[1] + 1)]
    return {
        name: acts
        for version in versions
        for name, acts in names_of(body, platform, version)
        if not name.startswith("_")
    }


def differences(system: str) -> Mapping[str, Mapping[str, str] | str]:
    """Return the modules that are on one side alone, and by module the names that are, each set in one line.

    Constants that only the other system has are left out: a number in their place would be no better than none.
    """
    modules = {path.stem for path in STUBS.iterdir()} - {"VERSIONS", "__main__", "builtins", "posix", "nt"}
    lacking: dict[str, str] = {}
    own: dict[str, str] = {}
    lacking_modules, own_modules = ["posix"] * (system == "win32"), ["nt"] * (system == "win32")
    for module in sorted(modules):
        there, here = names(module, system), names(module, "linux")
        if here and not there:
            lacking_modules.append(module)
        elif there and not here:
            own_modules.append(module)
        elif not module.startswith("_"):
            lacking[module] = " ".join(sorted(here.keys() - there.keys()))
            own[module] = " ".join(sorted(name for name in there.keys() - here.keys() if there[name]))
    return {
        "lacking_modules": " ".join(sorted(lacking_modules)),
        "own_modules": " ".join(sorted(own_modules)),
        "lacking": {module: text for module, text in lacking.items() if text},
        "own": {module: text for module, text in own.items() if text},
    }


def main() -> None:
    """Write the tables."""
    for system in SYSTEMS:
        table = FOLDER / f"names-{system}.json"
        table.write_text(json.dumps(differences(system), indent=1) + "\n")
        sys.stdout.write(f"{table.name}: {table.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
