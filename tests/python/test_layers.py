"""Imports point down only, and the pure layers read nothing of the machine they run on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

_PACKAGE = Path(__file__).parents[2] / "python" / "crosswheel"
#: Lowest first. The modules at the top of the package are the public interface, above all but the command line.
_LAYERS = ("values", "target", "decide", "render", "act", "", "command_line")
#: Those of `decide`, lowest first.
_ROOMS = (
    "documents",
    "plans",
    "configuration",
    "locks",
    "selection",
    "planning",
    "failures",
    "images",
    "projects",
    "reports",
)
_PURE = ("values", "target", "decide", "render")
#: What reads a file, a process, a clock, the environment, the network or the running interpreter.
_IMPURE = frozenset(
    """
    asyncio builtins concurrent ctypes fcntl getpass glob http importlib inspect io locale logging mmap
    multiprocessing netrc os pkgutil platform pty pwd random resource runpy secrets select shutil signal site
    socket ssl subprocess sys sysconfig tempfile threading time urllib.request uuid venv warnings zipimport
    deflate platformdirs urllib3 uv
    """.split()  # noqa: SIM905  # forty lines of quotes would say no more
)
#: Names that do the same although their module is pure otherwise.
_IMPURE_NAMES = {
    "datetime": {"now", "today", "utcnow"},
    "packaging": {
        "default_environment",
        "sys_tags",
        "platform_tags",
        "interpreter_name",
        "interpreter_version",
    },
    "pathlib": {"Path", "PosixPath", "WindowsPath"},
}
_IMPURE_CALLS = frozenset({"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"})

_FILES = sorted(_PACKAGE.rglob("*.py"))
_PURE_FILES = [path for path in _FILES if path.relative_to(_PACKAGE).parts[0] in _PURE]


def _name(path: Path) -> str:
    return path.relative_to(_PACKAGE).as_posix()


def _layer(module: tuple[str, ...]) -> str:
    """Return the layer of a module, given as the parts below ``crosswheel``."""
    if module == ("__main__",):
        return "command_line"
    return module[0] if module and module[0] in _LAYERS else ""


def _imports(path: Path) -> Iterator[tuple[int, str, str | None]]:
    """Yield line, absolute module and name (of ``from module import name``) of everything imported anywhere."""
    package = ("crosswheel", *path.relative_to(_PACKAGE).parent.parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, None
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *(node.module or "").split("."))).strip(".")
            for alias in node.names:
                yield node.lineno, module, alias.name


def _own_module(module: str, name: str | None) -> tuple[str, ...] | None:
    """Return the parts below ``crosswheel`` of what is imported, if it is ours."""
    first, *rest = module.split(".")
    if first != "crosswheel":
        return None
    if name is not None and (
        (_PACKAGE.joinpath(*rest, name)).is_dir() or _PACKAGE.joinpath(*rest, f"{name}.py").is_file()
    ):
        rest.append(name)
    return tuple(rest)


@pytest.mark.parametrize("path", _FILES, ids=_name)
def test_imports_point_down_only(path: Path) -> None:
    rank = _LAYERS.index(_layer(path.relative_to(_PACKAGE).with_suffix("").parts))
    faults = []
    for line, module, name in _imports(path):
        imported = _own_module(module, name)
        if imported is None or (imported == () and name == "__version__"):
            continue
        if _LAYERS.index(_layer(imported)) > rank:
            faults.append(f"{_name(path)}:{line}: imports {module} from a layer above")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", sorted((_PACKAGE / "decide").rglob("*/*.py")), ids=_name)
def test_imports_of_decisions_point_down_too(path: Path) -> None:
    rank = _ROOMS.index(path.parent.name)
    imported = (_own_module(module, name) for _, module, name in _imports(path))
    rooms = {module[1] for module in imported if module is not None and module[:1] == ("decide",)}
    assert {room for room in rooms if _ROOMS.index(room) > rank} == set()


@pytest.mark.parametrize("path", _PURE_FILES, ids=_name)
def test_pure_modules_import_nothing_that_reads_the_machine(path: Path) -> None:
    faults = []
    for line, module, name in _imports(path):
        first = module.partition(".")[0]
        if first == "crosswheel":
            continue
        named = {module, first, f"{module}.{name}"} & _IMPURE
        if named or name in _IMPURE_NAMES.get(first, ()):
            faults.append(f"{_name(path)}:{line}: {module} {name or ''}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", _PURE_FILES, ids=_name)
def test_pure_modules_call_nothing_that_reads_the_machine(path: Path) -> None:
    impure_attributes = frozenset().union(*_IMPURE_NAMES.values())
    faults = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _IMPURE_CALLS:
            faults.append(f"{_name(path)}:{node.lineno}: calls {node.func.id}")
        if (
            isinstance(node, ast.Attribute)
            and node.attr in impure_attributes
            and isinstance(node.value, ast.Name)
        ):
            module = node.value.id
            if any(
                node.attr in names
                for other, names in _IMPURE_NAMES.items()
                if module in {other, "tags", "markers"}
            ):
                faults.append(f"{_name(path)}:{node.lineno}: uses {module}.{node.attr}")
    assert not faults, "\n".join(faults)


def test_no_import_cycles() -> None:
    graph: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for path in _FILES:
        module = path.relative_to(_PACKAGE).with_suffix("").parts
        module = module[:-1] if module[-1] == "__init__" else module
        graph[module] = {
            imported
            for _line, name, attribute in _imports(path)
            if (imported := _own_module(name, attribute)) is not None and imported != module and imported
        }
    done: set[tuple[str, ...]] = set()

    def visit(module: tuple[str, ...], trail: tuple[tuple[str, ...], ...]) -> None:
        if module in trail:
            cycle = (*trail[trail.index(module) :], module)
            pytest.fail("import cycle: " + " -> ".join(".".join(parts) for parts in cycle))
        if module not in done:
            for imported in sorted(graph.get(module, ())):
                visit(imported, (*trail, module))
            done.add(module)

    for module in sorted(graph):
        visit(module, ())


@pytest.mark.parametrize("path", [path for path in _FILES if "command_line" not in path.parts], ids=_name)
def test_only_the_command_line_prints(path: Path) -> None:
    if path.parent.name == "injected":
        return  # these run in the sandbox, where what they print is the build's log
    calls = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not calls, f"{_name(path)} prints at lines {calls}"


def test_injected_files_import_nothing_of_ours() -> None:
    faults = [
        f"{_name(path)}:{line}: runs where crosswheel is not, yet imports {module}"
        for path in _FILES
        if path.parent.name == "injected"
        for line, module, _attribute in _imports(path)
        if module.partition(".")[0] == "crosswheel"
    ]
    assert not faults, "\n".join(faults)
