"""Words of a report that the page and the terminal say alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from crosswheel.decide.reports.report import PackageOnTarget, Report, State
from crosswheel.target.targets import Target
from crosswheel.values.platforms import Android, Emscripten, Glibc, Ios, Linux, MacOs, Platform, Windows
from crosswheel.values.python_abi import PythonAbi

from .byte_sizes import size_text

__all__ = [
    "MARKS",
    "UNTRIED",
    "cell_words",
    "counts_of",
    "platform_words",
    "python_words",
    "state_words",
    "target_size",
    "versions_of",
]

#: What is cross built and has no wheel yet: whether that succeeds is not known.
UNTRIED = "to be built"
#: A mark for each state, so that none is told by its colour alone.
MARKS: Mapping[State, str] = MappingProxyType(
    {
        State.PURE: "\N{WHITE CIRCLE}",
        State.PREBUILT: "\N{BLACK CIRCLE}",
        State.BUILT: "\N{BLACK DIAMOND}",
        State.REFUSED: "\N{MULTIPLICATION SIGN}",
        State.ABSENT: "\N{EN DASH}",
    }
)


def platform_words(platform: Platform) -> tuple[str, str]:
    """Return system and architecture, and what version of which library or system; empty where there is none.

    >>> from crosswheel.target.targets import parse_target_id
    >>> platform_words(parse_target_id("cp311-linux_aarch64_glibc_2_28").platform)
    ('Linux aarch64', 'glibc 2.28')
    """
    name, version = _system_words(platform)
    return f"{name} {platform.arch.value}", version


def _system_words(platform: Platform) -> tuple[str, str]:
    match platform.os:
        case Linux(libc=libc):
            return "Linux", f"{'glibc' if isinstance(libc, Glibc) else 'musl'} {libc.major}.{libc.minor}"
        case MacOs(major=major, minor=minor):
            return "macOS", f"macOS {major}.{minor}"
        case Windows():
            return "Windows", ""
        case Ios(major=major, minor=minor, sdk=sdk):
            return "iOS", f"iOS {major}.{minor} {sdk}"
        case Android(api_level=level):
            return "Android", f"API level {level}"
        case Emscripten(year=year, patch=patch):
            return "Emscripten", f"PyEmscripten {year}.{patch}"


def python_words(python: PythonAbi) -> str:
    """Return the Python's version and what is special of it.

    >>> from crosswheel.values.python_abi import parse_python_abi
    >>> python_words(parse_python_abi("cp313t"))
    'Python 3.13, free-threaded'
    """
    words = f"Python {python.major}.{python.minor}"
    words += ", free-threaded" if python.free_threaded else ""
    return words + (", debug" if python.debug else "")


def cell_words(one: PackageOnTarget) -> tuple[str, str]:
    """Return what a cell of the matrix says of a package, and its size."""
    if one.state is State.PURE:
        return "pure", size_text(one.size)
    if state_words(one) == UNTRIED:
        return UNTRIED, ""
    if one.state in {State.PREBUILT, State.BUILT}:
        return one.floor or one.state.value, size_text(one.size)
    return one.state.value, ""


def state_words(one: PackageOnTarget) -> str:
    """Return what a package is on a target: what is still to be built is told apart from what was."""
    return UNTRIED if one.state is State.BUILT and not one.file else one.state.value


def counts_of(report: Report, targets: Iterable[Target]) -> Iterator[tuple[State, str, int]]:
    """Yield each state that packages have on some targets, its words, and how many have it."""
    found = [package.targets[target.id] for target in targets for package in report.packages]
    counts = Counter((one.state, state_words(one)) for one in found)
    for state in State:
        for words in (state.value, UNTRIED):
            if number := counts[state, words]:
                yield state, words, number


def versions_of(targets: Mapping[str, PackageOnTarget]) -> str:
    """Return a package's release on all targets, several if they differ."""
    return ", ".join(dict.fromkeys(one.version for one in targets.values() if one.version))


def target_size(report: Report, target: Target) -> str:
    """Return the bytes of a target's wheels, and how many of these are not known."""
    unknown = report.unknown_sizes(target)
    size = size_text(report.size(target))
    return f"{size} + {unknown} of unknown size" if unknown else size
