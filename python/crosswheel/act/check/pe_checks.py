"""Whether one PE file fits a Windows target: the Python library, other libraries, names taken from Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from crosswheel.target.targets import Target

from .findings import Finding, Severity
from .modules import Suffix, parse_module_path
from .pe import Pe, PeImport
from .system_libraries import is_mingw_library, is_windows_system_library

__all__ = ["PeBundle", "PeFile", "check_pe"]

_PYTHON_LIBRARY = re.compile(r"python(?:3t?|(?P<version>\d\d+t?)(?:_d)?)\.dll")


@dataclass(frozen=True, slots=True)
class PeFile:
    """One PE file of the target's machine."""

    path: str
    image: Pe


@dataclass(frozen=True, slots=True)
class PeBundle:
    """The PE files of one wheel, seen together.

    Attributes:
        target: the target.
        built: we built the wheel.
        abis: ABI tags of the wheel.
        files: those of the target's machine.
        names: their file names, in lower case as Windows compares them.
        python_names: the C API's names by the target's headers, ``None`` when not known.
    """

    target: Target
    built: bool
    abis: tuple[str, ...]
    files: tuple[PeFile, ...]
    names: frozenset[str] = field(default_factory=frozenset)
    python_names: frozenset[str] | None = None

    @classmethod
    def of(
        cls,
        target: Target,
        files: tuple[PeFile, ...],
        *,
        built: bool,
        abis: tuple[str, ...],
        python_names: frozenset[str] | None,
    ) -> PeBundle:
        """Return the bundle of `files`."""
        names = frozenset(file.path.rpartition("/")[2].lower() for file in files)
        return cls(target, built, abis, files, names, python_names)

    def finding(
        self,
        code: str,
        file: PeFile,
        message: str,
        *,
        symbol: str | None = None,
        library: str | None = None,
        at_most: Severity = Severity.ERROR,
    ) -> Finding:
        """Return a finding about `file`."""
        return Finding.of(
            code, file.path, message, built=self.built, symbol=symbol, library=library, at_most=at_most
        )

    @property
    def is_stable(self) -> bool:
        """Whether the wheel's ABI tags promise the stable ABI, so that its modules must need ``python3.dll``."""
        return set(self.abis) <= {"abi3", "abi3t"}


def check_pe(file: PeFile, bundle: PeBundle) -> Iterator[Finding]:
    """Yield what is wrong with a file of the right machine.

    Args:
        file: the file, a member of `bundle`.
        bundle: all PE files of the wheel.
    """
    for library in file.image.imports:
        name = library.library.lower()
        if name in bundle.names or is_windows_system_library(name):
            continue
        python = _PYTHON_LIBRARY.fullmatch(name)
        if python is not None:
            yield from _python_library(file, library, python["version"], bundle)
            yield from _unknown_to_python(file, library, bundle)
        else:
            limit = Severity.NOTE if library.delayed else Severity.ERROR
            whose = "a runtime library of MinGW's compilers" if is_mingw_library(name) else None
            why = f"{whose}, which no Windows has" if whose else "neither in the wheel nor part of Windows"
            message = f"it needs {library.library}, which is {why}; bundle it, or link it statically"
            yield bundle.finding("library-not-allowed", file, message, library=library.library, at_most=limit)


def _python_library(
    file: PeFile, library: PeImport, version: str | None, bundle: PeBundle
) -> Iterator[Finding]:
    python = bundle.target.python
    wanted = f"{python.major}{python.minor}{'t' if python.free_threaded else ''}"
    if version is not None and version != wanted:
        module = parse_module_path(file.path)
        # A module with another Python's suffix is that Python's, and what is no module may be started by itself.
        own = module is not None and (module.kind is not Suffix.TAGGED or f".cp{wanted}-" in module.suffix)
        message = f"it needs {library.library}, the target {python} has python{wanted}.dll"
        limit = Severity.ERROR if own or bundle.built else Severity.NOTE
        yield bundle.finding("wrong-python-library", file, message, library=library.library, at_most=limit)
    elif version is not None and bundle.is_stable:
        message = (
            f"it needs {library.library} of {python}, but the wheel's ABI tag {'.'.join(bundle.abis)} promises later "
            "Pythons as well; link it with python3.dll"
        )
        yield bundle.finding("abi-tag-disagrees", file, message, library=library.library)


def _unknown_to_python(file: PeFile, library: PeImport, bundle: PeBundle) -> Iterator[Finding]:
    known = bundle.python_names
    for name in library.names if known is not None else ():
        if known is not None and name not in known:
            message = (
                f"it needs {name} of {library.library}, which the headers of {bundle.target.python} do not have; "
                "importing it would fail"
            )
            yield bundle.finding("undefined-symbol", file, message, symbol=name, library=library.library)
