"""What class of reason a failure has, read from what crosswheel or the target Python said."""

from __future__ import annotations

import re

__all__ = ["REASON_CLASSES", "reason_of"]

#: Classes with the patterns that tell them, most telling first, and what they mean.
REASON_CLASSES: tuple[tuple[str, str, str], ...] = (
    ("time limit", r"\Atime limit", "the build took longer than the run allowed"),
    (
        "no sdist",
        r"asks for its sdist, and the lock lists only wheels",
        "the release has no sdist: there is nothing to build",
    ),
    ("not locked", r"\Auv:", "uv could not lock the release for this Python"),
    (
        "downloads",
        r"name resolution|Could not resolve|Name or service not known|Network is unreachable|wants to download",
        "the build downloads something, and has no network",
    ),
    ("Rust", r"building Rust|cargo|rustc|maturin|\bRust\b", "it compiles Rust"),
    (
        "Fortran",
        r"(?i)fortran|gfortran|openblas|scipy-openblas|\blapack\b",
        "it compiles Fortran or wants a BLAS compiled from it; there is no Fortran compiler for targets",
    ),
    (
        "facts of the build machine",
        r"facts of the build machine|accept-build-facts",
        "its setup.py reads facts of the build machine which cannot be shown otherwise",
    ),
    (
        "build requirement",
        r"\AResolutionError|build requirement|no wheel of .* for the build platform",
        "a build requirement cannot be had as a wheel for the build machine, or not in a version that suits",
    ),
    (
        "runs target programs",
        (
            r"target-program-refused|Exec format error|cannot run C(?:\+\+)? compiled|runs a program compiled for the target|"
            r"can not run test applications in this cross environment|Can not use 'run'"
        ),
        "the build runs a program it compiled for the target and has no other way",
    ),
    (
        "native library",
        (
            r"file not found|unable to find dynamic system library|development packages are installed|"
            r"Dependency \"[^\"]+\" not found|Could NOT find|RequiredDependencyException|pg_config|mysql_config|"
            r"but need: '|Invalid version, need|pkg-config|library [^\n]{0,60}not found|required library|is not there for the target|Cannot find|"
            r"error: \"[^\"]* requires lib\w+|executable not found|requires \w+ >= \d|Minimum supported \w+ version"
        ),
        "a C library or its headers are not there for the target",
    ),
    (
        "missing program",
        r"wants '[^']+', which is not there|command not found",
        "the build calls a program of the build machine that is not in the sandbox",
    ),
    (
        "pure sdist",
        r"\ACheckError: [^\n]*(?:-none-any\.whl'[^\n]*the extension module \S+ is missing|yet it holds no binary)",
        "the sdist compiles nothing: the published wheels were made of something else",
    ),
    ("verifier", r"\[[a-z0-9-]+\]|\ACheckError", "the wheel was built and refused by the verifier"),
    ("pure wheel", r"\Apure wheel", "the wheel was built without any native code"),
    ("import", r"\Aimport", "the wheel cannot be imported in the target Python"),
    ("exercise", r"\Aexercise", "it can be imported in the target Python, but its exercise fails"),
    ("compiler", r"\berror: |undefined symbol|clang", "the toolchain refuses what the build asks of it"),
    ("build", r"", "the backend failed otherwise"),
)


def reason_of(said: str) -> str:
    """Return the class of the failure that `said` tells; its first words are the stage or the error's class."""
    return next(name for name, pattern, _ in REASON_CLASSES if re.search(pattern, said))
