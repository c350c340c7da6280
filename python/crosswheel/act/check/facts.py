"""What is known about a build, beside the wheel it made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["BuiltFacts", "DeclaredModule", "FailedCall"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedCall:
    """A compiler call that failed in a build which went on, and was never made up for.

    Attributes:
        file: the source, or what was to be linked; below the source tree where it lies there.
        of_project: the sdist holds the source or what it is generated from, or it is a shared library; otherwise the
            build wrote the source itself, perhaps to try something out.
        error: what the compiler, or the linker, said first.
        linking: it was the linker that failed.
    """

    file: str
    of_project: bool
    error: str
    linking: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredModule:
    """An extension module that the sdist's build code names.

    Attributes:
        name: its dotted name; empty where the code computes it.
        sources: its sources, as far as the code lists them.
        place: file and line of the code.
        conditional: the code asks for the platform, or for a variable of the environment, before it is made.
    """

    name: str
    place: str
    sources: tuple[str, ...] = ()
    conditional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltFacts:
    """The circumstances of a build, to hold its wheel against.

    Attributes:
        name: the sdist's project name.
        version: the sdist's version.
        log: everything the build printed.
        build_paths: texts that differ from machine to machine and must not be in the wheel: the store, the home
            directory, the hostname, the folder of an unsandboxed build.
        sandbox_paths: paths inside the sandbox, the same on every machine.
        build_triples: names of the build platform, e.g. ``x86_64-linux-gnu``, when the target is another one.
        oracle: a prebuilt wheel of the same release.
        extension_suffix: ``EXT_SUFFIX`` of the target Python.
        python_names: every name of the C API that the target Python's headers mention; ``None`` when not known.
        grafted: by member, where each library came from that was put into the wheel after the build.
        toolchain: the user's own compiler that linked it, with its C library, in words; empty for zig.
        linked_archives: file names of static libraries that may have been linked into it; it does not export their symbols.
        failed_calls: compiler calls that failed for good.
        never_compiled: C, C++, Cython, Rust and Fortran files of the sdist outside of its tests, examples and
            documentation that no compiler was given.
        missing_modules: extension modules that its build code names and no compiler was given a source of.
    """

    name: str
    version: str
    log: str = ""
    build_paths: tuple[str, ...] = ()
    sandbox_paths: tuple[str, ...] = ()
    build_triples: tuple[str, ...] = ()
    oracle: Path | None = None
    extension_suffix: str | None = None
    python_names: frozenset[str] | None = None
    never_compiled: tuple[str, ...] = ()
    missing_modules: tuple[DeclaredModule, ...] = ()
    grafted: Mapping[str, str] = field(default_factory=dict)
    toolchain: str = ""
    linked_archives: frozenset[str] = frozenset()
    failed_calls: tuple[FailedCall, ...] = ()

    @property
    def release(self) -> tuple[str, str]:
        """Name and version."""
        return self.name, self.version
