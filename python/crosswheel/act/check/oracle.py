"""Compares a wheel we built with a prebuilt wheel of the same release: the oracle of what belongs in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass, replace
from enum import Enum

from crosswheel.target.architectures import ARCH_NAMES
from crosswheel.target.targets import Target
from crosswheel.values.digests import Digest
from crosswheel.values.platforms import Linux, MacOs, Musl, Windows

from .degraded_modules import degraded_module, lost_libraries
from .elf import Elf
from .findings import Finding, Severity
from .installed_places import installed_path
from .modules import parse_module_path
from .wheel_file import WheelName

__all__ = [
    "Kinship",
    "OracleWheel",
    "compare_with_oracle",
    "digest_content",
    "is_same_release",
    "keeps_content",
    "kinship_of",
    "known_without_init",
    "names_a_platform",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OracleWheel:
    """One side of the comparison.

    Attributes:
        name: the file name, taken apart.
        members: digest by member.
        dist_info: files of the dist-info folder.
        modules: extension modules by dotted name; ``None`` where they are no ELF files.
        module_paths: their members.
        binaries: members that are ELF files or hold some.
        contents: text of the Python files, line ends normalized.
    """

    name: WheelName
    members: Mapping[str, Digest]
    dist_info: Mapping[str, bytes]
    modules: Mapping[str, Elf | None]
    module_paths: frozenset[str]
    binaries: frozenset[str]
    contents: Mapping[str, bytes]


class Kinship(Enum):
    """How close an oracle's platform is to the target, and so how much must be equal."""

    TWIN = "same Python, architecture and C library"
    KIN = "another Python, architecture or C library of the same system"
    FOREIGN = "another operating system"


def kinship_of(oracle: WheelName, own: WheelName, target: Target) -> Kinship:
    """Tell how close the oracle is, from its tags."""
    if not isinstance(target.platform.os, Linux):
        return _other_kinship(oracle, own, target)
    word = "musllinux" if isinstance(target.platform.os.libc, Musl) else "manylinux"
    linux = [p for p in oracle.platforms if p.startswith(("manylinux", "musllinux", "linux"))]
    if not linux and oracle.platforms != ("any",):
        return Kinship.FOREIGN
    same_machine = any(
        p.startswith((word, "linux")) and p.endswith(f"_{target.platform.arch.value}") for p in linux
    )
    return Kinship.TWIN if same_machine and _same_python(oracle, own) else Kinship.KIN


def _same_python(oracle: WheelName, own: WheelName) -> bool:
    return bool(set(oracle.abis) & set(own.abis)) and bool(set(oracle.interpreters) & set(own.interpreters))


def _other_kinship(oracle: WheelName, own: WheelName, target: Target) -> Kinship:
    """Tell the kinship on a system other than Linux."""
    names = ARCH_NAMES[target.platform.arch]
    machines: tuple[str, ...]
    match target.platform.os:
        case MacOs():
            word, machines = "macosx_", (f"_{names.apple}", "_universal2")
        case Windows():
            word, machines = "win", (str(names.windows).removeprefix("win"),)
        case _:
            return Kinship.FOREIGN
    same_system = [platform for platform in oracle.platforms if platform.startswith(word)]
    if not same_system:
        return Kinship.KIN if oracle.platforms == ("any",) else Kinship.FOREIGN
    same_machine = any(platform.endswith(machines) for platform in same_system)
    return Kinship.TWIN if same_machine and _same_python(oracle, own) else Kinship.KIN


def is_same_release(oracle: OracleWheel, release: tuple[str, str]) -> bool:
    """Tell whether the oracle is of the release ``(name, version)``."""
    from packaging.utils import canonicalize_name
    from packaging.version import Version

    try:
        same_version = Version(oracle.name.version.replace("_", "+", 1)) == Version(release[1])
    except ValueError:  # InvalidVersion is one, and so is what int() says of thousands of digits
        same_version = oracle.name.version == release[1]
    return same_version and canonicalize_name(oracle.name.project) == canonicalize_name(release[0])


_DIST_INFO = re.compile(r"[^/]+\.dist-info/")
_BUNDLED = re.compile(r"(?:^|/)[^/]*\.(?:libs|dylibs)/")


def keeps_content(path: str, size: int) -> bool:
    """Tell whether the comparison reads a member's text."""
    return path.endswith(".py") and size < 1 << 20


def digest_content(data: bytes) -> bytes:
    """Return a text with normalized line ends."""
    return data.replace(b"\r\n", b"\n")


def compare_with_oracle(
    own: OracleWheel, oracle: OracleWheel, target: Target, *, linked_archives: AbstractSet[str] = frozenset()
) -> Iterator[Finding]:
    """Yield every difference that nothing explains.

    Args:
        own: the wheel we built.
        oracle: the prebuilt wheel.
        target: the target.
        linked_archives: file names of static libraries that may have been linked into `own`, which does not export their symbols.
    """
    kinship = kinship_of(oracle.name, own.name, target)
    yield from _modules(own, oracle, kinship, linked_archives)
    yield from _files(own, oracle, kinship)
    yield from _contents(own, oracle, kinship)
    yield from _metadata(own, oracle, kinship)


# Words that tie a file or module to one platform: its absence elsewhere is no surprise.
_PLATFORM_WORDS = re.compile(
    r"(?:^|[_./\d-])(?:win(?:32|64|dows|api)?|nt|msvc|mac(?:os|osx)?|darwin|osx|apple|linux|posix|unix|bsd|x86(?:_64)?|x64|amd64|"
    r"i[36]86|sse\w*|avx\w*|arm(?:64|v\d+\w*)?|aarch64|neon|asimd\w*|sve\w*|vsx\w*|vxe?\w*|s390x?|ppc(?:64)?(?:le)?|riscv\w*|rvv)"
    r"(?=$|[_./\d-])",
    re.IGNORECASE,
)


def names_a_platform(name: str) -> bool:
    """Tell whether the name of a module or file ties it to one platform.

    >>> names_a_platform("psutil._psutil_windows"), names_a_platform("demo._speedups")
    (True, False)
    """
    return _PLATFORM_WORDS.search(name) is not None


_MYPYC_HASH = re.compile(r"[0-9a-f]{20}__mypyc")


def _module_key(name: str) -> str:
    # mypyc names its shared module after a hash of the group, which holds absolute paths of the build.
    return _MYPYC_HASH.sub("*__mypyc", name)


def _modules(
    own: OracleWheel, oracle: OracleWheel, kinship: Kinship, linked_archives: AbstractSet[str]
) -> Iterator[Finding]:
    ours = {_module_key(name): elf for name, elf in own.modules.items()}
    theirs = {_module_key(name): elf for name, elf in oracle.modules.items()}
    wheel = _oracle_words(oracle)
    elsewhere = {name.rpartition(".")[2]: name for name in ours.keys() - theirs.keys()}
    for name in sorted(theirs.keys() - ours.keys()):
        # A wheel for any platform has machine code by accident, left over from wherever it was made.
        leftover = oracle.name.platforms == ("any",)
        specific = leftover or (kinship is not Kinship.TWIN and names_a_platform(name))
        other = elsewhere.get(name.rpartition(".")[2])
        why = f"here it is {other}, of another layout" if other else "its build was skipped or failed"
        message = f"the extension module {name} is missing, {wheel} has it; {why}"
        limit = Severity.WARNING if specific else Severity.ERROR
        yield Finding.of("oracle-module-missing", "", message, built=True, symbol=name, at_most=limit)
    if theirs:
        for name in sorted(ours.keys() - theirs.keys()):
            message = f"the extension module {name} is not in {wheel}"
            yield Finding.of("oracle-module-extra", "", message, built=True, symbol=name)
    for name in sorted(ours.keys() & theirs.keys()) if kinship is not Kinship.FOREIGN else ():
        mine, published = ours[name], theirs[name]
        if mine is None or published is None:
            continue
        yield from lost_libraries(name, mine, published, wheel, linked_archives=linked_archives)
        if kinship is Kinship.TWIN:
            yield from degraded_module(name, mine, published, wheel, exports=not linked_archives)


def known_without_init(findings: Sequence[Finding], oracle: OracleWheel) -> list[Finding]:
    """Make a note of each `no-init` whose module has no init function in the oracle either: ctypes loads it there too."""
    without = {
        name
        for name, elf in oracle.modules.items()
        if elf is not None and not any(export.startswith(("PyInit", "PyModExport")) for export in elf.defined)
    }
    return [
        replace(f, severity=Severity.NOTE)
        if f.code == "no-init" and (module := parse_module_path(f.file)) and module.name in without
        else f
        for f in findings
    ]


def _oracle_words(oracle: OracleWheel) -> str:
    return f"the wheel for {'.'.join(oracle.name.platforms)}"


_COMPILED_SOURCE = (".c", ".cc", ".cpp", ".cxx")
#: What type checkers alone read. Tools that make stubs import the module (nanobind's stubgen), and leave them out when
#: crossing; sdists lack them where they are made for the published wheels.
_OF_TYPES = (".pyi", "/py.typed")
# Written by tools after the build: auditwheel, delocate, delvewheel, SBOM generators.
_AFTERWARDS = re.compile(r"(?:^|/)(?:_delvewheel_init_patch_\w+\.py|\.load-order-\S+|DELVEWHEEL)$")


_LIB64 = re.compile(r"\blib64/")


def _plain_files(wheel: OracleWheel) -> dict[str, str]:
    """Return member by installed path, without machine code, metadata and what other tools add afterwards.

    ``lib64`` is what systems with 64 bits call ``lib``.
    """
    skipped = wheel.module_paths | wheel.binaries
    native = (".so", ".dylib", ".dll", ".pyd", ".pyc", ".lib")
    return {
        _LIB64.sub("lib/", installed_path(path)): path
        for path in wheel.members
        if path not in skipped
        and not _DIST_INFO.match(path)
        and not _BUNDLED.search(path)
        and not _AFTERWARDS.search(path)
        and not path.endswith(native)
        and ".so." not in path.rpartition("/")[2]
    }


def _files(own: OracleWheel, oracle: OracleWheel, kinship: Kinship) -> Iterator[Finding]:
    ours, theirs = _plain_files(own), _plain_files(oracle)
    wheel = _oracle_words(oracle)
    for path in sorted(theirs.keys() - ours.keys()):
        lenient = (
            kinship is Kinship.FOREIGN
            or path.endswith((*_COMPILED_SOURCE, *_OF_TYPES))
            or names_a_platform(path)
        )
        message = f"it is missing, {wheel} has it"
        limit = Severity.WARNING if lenient else Severity.ERROR
        yield Finding.of("oracle-file-missing", path, message, built=True, at_most=limit)
    for path in sorted(ours.keys() - theirs.keys()):
        message = f"it is not in {wheel}"
        yield Finding.of("oracle-file-extra", ours[path], message, built=True)


# Lines that differ between any two builds of one release: versions, commits, dates, generators.
_BUILD_STAMP = re.compile(
    r"version|commit|revision|git|sha\b|hash|dirty|date|time|generat|branch|describe", re.IGNORECASE
)


# setuptools-scm, hatch-vcs and versioneer, whose releases write different code around the same version.
_OF_VERSION = re.compile(r"version[^/]*\.py$")
_GENERATED = re.compile(rb"\A(?:\s*#[^\n]*\n)*?\s*#[^\n]*\bgenerated by\b", re.IGNORECASE)


def _contents(own: OracleWheel, oracle: OracleWheel, kinship: Kinship) -> Iterator[Finding]:
    ours, theirs = _plain_files(own), _plain_files(oracle)
    wheel = _oracle_words(oracle)
    for path in sorted(ours.keys() & theirs.keys()):
        mine, published = ours[path], theirs[path]
        if own.members[mine] == oracle.members[published] or path.endswith(_COMPILED_SOURCE):
            continue
        our_text, their_text = own.contents.get(mine), oracle.contents.get(published)
        if our_text is None or their_text is None:
            message = f"its bytes differ from those in {wheel}"
            yield Finding.of("oracle-content-differs", mine, message, built=True, at_most=Severity.NOTE)
            continue
        if our_text == their_text:
            continue
        lost = _emptied(our_text, their_text)
        if lost:
            message = (
                f"{lost} is empty or false here and is not in {wheel}; the build found less than it should"
            )
            limit = Severity.ERROR if kinship is Kinship.TWIN else Severity.WARNING
            yield Finding.of("oracle-content-degraded", mine, message, built=True, symbol=lost, at_most=limit)
            continue
        if _OF_VERSION.search(path) and _GENERATED.match(our_text) and _GENERATED.match(their_text):
            continue
        line = _unexplained_line(our_text, their_text)
        if line is not None:
            message = f"its text differs from that in {wheel}, first in: {line}"
            yield Finding.of("oracle-content-differs", mine, message, built=True)


def _unexplained_line(ours: bytes, theirs: bytes) -> str | None:
    our_lines = ours.decode("utf-8", "replace").splitlines()
    their_lines = theirs.decode("utf-8", "replace").splitlines()
    known = set(their_lines)
    differing = [line for line in our_lines if line not in known]
    known = set(our_lines)
    differing += [line for line in their_lines if line not in known]
    return next(
        (line.strip()[:100] for line in differing if line.strip() and not _BUILD_STAMP.search(line)), None
    )


def _emptied(ours: bytes, theirs: bytes) -> str | None:
    """Name a constant of a module that is a filled container or true in `theirs`, and empty or false in `ours`."""
    try:
        our_facts, their_facts = _constants(ast.parse(ours)), _constants(ast.parse(theirs))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for name, filled in their_facts.items():
        if filled and our_facts.get(name) is False and not _BUILD_STAMP.search(name):
            return name
    return None


def _constants(tree: ast.Module) -> dict[str, bool]:
    facts: dict[str, bool] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    _collect(target.id, node.value, facts)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            _collect(node.target.id, node.value, facts)
    return facts


def _collect(name: str, value: ast.expr, facts: dict[str, bool]) -> None:
    if isinstance(value, ast.List | ast.Tuple | ast.Set):
        facts[name] = bool(value.elts)
    elif isinstance(value, ast.Dict):
        facts[name] = bool(value.keys)
        for key, item in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant):
                _collect(f"{name}[{key.value!r}]", item, facts)
    elif isinstance(value, ast.Constant) and isinstance(value.value, bool):
        facts[name] = value.value


def _metadata(own: OracleWheel, oracle: OracleWheel, kinship: Kinship) -> Iterator[Finding]:
    ours, theirs = _metadata_facts(own), _metadata_facts(oracle)
    wheel = _oracle_words(oracle)
    limit = Severity.WARNING if kinship is Kinship.FOREIGN else Severity.ERROR
    for label in ours:
        for value in sorted(theirs[label] - ours[label]):
            message = f"it lacks {label} {value!r}, which {wheel} has"
            yield Finding.of("oracle-metadata-differs", "", message, built=True, at_most=limit)
        for value in sorted(ours[label] - theirs[label]):
            message = f"it has {label} {value!r}, which {wheel} lacks"
            yield Finding.of("oracle-metadata-differs", "", message, built=True, at_most=limit)


def _metadata_facts(wheel: OracleWheel) -> dict[str, set[str]]:
    from packaging.metadata import parse_email
    from packaging.utils import canonicalize_name

    raw, _ = parse_email(wheel.dist_info.get("METADATA", b""))
    return {
        "Requires-Dist": {_requirement(text) for text in raw.get("requires_dist", [])},
        "Requires-Python": {_specifiers(raw.get("requires_python", ""))} - {""},
        "Provides-Extra": {canonicalize_name(extra) for extra in raw.get("provides_extra", [])},
        "entry point": _entry_points(wheel.dist_info.get("entry_points.txt", b"")),
    }


def _requirement(text: str) -> str:
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return text
    requirement.name = canonicalize_name(requirement.name)
    return str(requirement)


def _specifiers(text: str) -> str:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return str(SpecifierSet(text))
    except InvalidSpecifier:
        return text


def _entry_points(data: bytes) -> set[str]:
    parser = ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names are case-sensitive
    try:
        parser.read_string(data.decode("utf-8", "replace"))
    except ConfigError:
        return set()
    return {
        f"{section}: {name} = {''.join(value.split())}"
        for section in parser.sections()
        for name, value in parser.items(section)
    }
