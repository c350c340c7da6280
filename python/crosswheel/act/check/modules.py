"""Which files of a wheel are extension modules, under which dotted name, and what their suffix promises."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum

from crosswheel.target.architectures import ARCH_NAMES
from crosswheel.target.targets import Target
from crosswheel.values.platforms import Android, Arch, Ios, Linux, MacOs, Musl, Windows

from .elf_machines import MACHINE_SUFFIX_WORDS

__all__ = ["ModuleFile", "ModuleSymbols", "Suffix", "init_names", "parse_module_path", "suffix_fault"]


class Suffix(Enum):
    """What an extension module's file name promises."""

    TAGGED = "tagged"
    STABLE = "stable ABI"
    BARE = "bare"


@dataclass(frozen=True, slots=True)
class ModuleFile:
    """A file whose name is that of an extension module.

    Attributes:
        path: member name.
        name: dotted module name, counted from site-packages.
        suffix: everything after the module's own name.
        kind: what the suffix promises.
        pure_folder: it stands in ``*.data/purelib``.
    """

    path: str
    name: str
    suffix: str
    kind: Suffix
    pure_folder: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleSymbols:
    """The names that matter of an extension module, whatever its format.

    Attributes:
        exports: the names it offers.
        needs: the names without which it does not load.
    """

    exports: AbstractSet[str]
    needs: frozenset[str]


# CPython's and PyPy's suffixes: .cpython-313t-x86_64-linux-gnu.so, .cp313-win_amd64.pyd, .pypy311-pp73-....so
_TAGGED = re.compile(
    r"\.(?:cpython-\d+[a-z]*|cp\d+[a-z]*|pypy\d+-pp\d+|graalpy\d+-\d+(?:-native)?)(?:-[\w.-]+)?\.(?:so|pyd)"
)
# PEP 3149, PEP 803; Debian's 3.14 adds the multiarch triplet.
_STABLE = re.compile(r"\.abi3t?(?:-[\w-]+)?\.(?:so|pyd)")
_DATA = re.compile(r"[^/]+\.data/(?P<scheme>purelib|platlib)/(?P<rest>.+)")
#: PEP 803: from here on both builds of CPython look for ``.abi3t.so``, and free-threaded ones no more for ``.abi3.so``.
_OLDEST_WITH_ABI3T = 15
_IDENTIFIER = re.compile(r"[^\W\d]\w*")


def parse_module_path(path: str) -> ModuleFile | None:
    """Read a member name as an extension module's; ``None`` if it cannot be one.

    A bare ``.so`` is only a candidate: whether it is a module its exports tell.

    >>> parse_module_path("pkg/_speedups.cpython-311-aarch64-linux-gnu.so").name
    'pkg._speedups'
    """
    inner, pure_folder = path, False
    data = _DATA.fullmatch(path)
    if data:
        inner, pure_folder = data["rest"], data["scheme"] == "purelib"
    elif path.split("/", 1)[0].endswith((".data", ".dist-info")):
        return None
    folder, _, file = inner.rpartition("/")
    stem, dot, rest = file.partition(".")
    suffix = dot + rest
    if _STABLE.fullmatch(suffix):
        kind = Suffix.STABLE
    elif _TAGGED.fullmatch(suffix):
        kind = Suffix.TAGGED
    elif suffix in (".so", ".pyd"):
        kind = Suffix.BARE
    else:
        return None
    packages = folder.split("/") if folder else []
    if not _IDENTIFIER.fullmatch(stem):
        return None
    if stem == "__init__" and packages:
        return ModuleFile(path, ".".join(packages), suffix, kind, pure_folder)
    return ModuleFile(path, ".".join([*packages, stem]), suffix, kind, pure_folder)


def init_names(module: ModuleFile) -> tuple[str, ...]:
    """Return the function names of which the module must export one (PEP 489).

    >>> init_names(parse_module_path("spam.so"))
    ('PyInit_spam', 'PyModExport_spam')
    """
    last = module.name.rpartition(".")[2]
    names = [last]
    if "/__init__." in f"/{module.path}":
        names.append("__init__")
    exports = []
    for name in names:
        # PEP 793 adds PyModExport_ beside PyInit_.
        for prefix in ("PyInit", "PyModExport"):
            if name.isascii():
                exports.append(f"{prefix}_{name}")
            else:
                encoded = name.encode("punycode").replace(b"-", b"_").decode("ascii")
                exports.append(f"{prefix}U_{encoded}")
    return tuple(exports)


def suffix_fault(module: ModuleFile, target: Target) -> tuple[str, str] | None:
    """Return ``(code, reason)`` when a tagged or stable suffix does not load on `target`.

    >>> from crosswheel.target.targets import parse_target_id
    >>> target = parse_target_id("cp311-linux_aarch64_glibc_2_17")
    >>> suffix_fault(parse_module_path("a.cpython-311-x86_64-linux-gnu.so"), target)[0]
    'foreign-suffix'
    """
    if module.kind is Suffix.BARE:
        return None
    if isinstance(target.platform.os, Windows) != module.suffix.endswith(".pyd"):
        return "foreign-suffix", f"the target Python does not look for {module.suffix}"
    platform = _suffix_platform(module.suffix)
    if platform and not _platform_fits(platform, target):
        return "foreign-suffix", f"its suffix is for {platform}, so the target Python will not import it"
    if module.kind is Suffix.STABLE:
        free_threaded = ".abi3t" in module.suffix
        if target.python.free_threaded and not free_threaded:
            return "other-python-suffix", "free-threaded Python does not load the stable ABI of the GIL build"
        if free_threaded and target.python.minor < _OLDEST_WITH_ABI3T:
            why = f"no Python before 3.{_OLDEST_WITH_ABI3T} looks for the stable ABI of free-threaded builds"
            return "other-python-suffix", why
        return None
    word = re.match(r"\.(cpython-\d+[a-z]*|cp\d+[a-z]*|[a-z]+\d+)", module.suffix)
    expected = str(target.python)
    if word and word[1] not in (expected, f"cpython-{expected.removeprefix('cp')}"):
        return "other-python-suffix", f"its suffix is for {word[1]}, the target Python is {expected}"
    return None


def _suffix_platform(suffix: str) -> str:
    middle = suffix.rsplit(".", 1)[0]
    _, _, platform = middle.lstrip(".").partition("-")
    if middle.startswith((".cpython-", ".pypy")):
        _, _, platform = platform.partition("-")
    return platform


def _platform_fits(platform: str, target: Target) -> bool:
    system = target.platform.os
    if not isinstance(system, Linux):
        wanted = _other_platform_word(target)
        return wanted is None or platform == wanted
    word, _, rest = platform.partition("-")
    if word == "darwin" or platform.startswith("win"):
        return False
    if word != MACHINE_SUFFIX_WORDS[target.platform.arch]:
        return word == "linux" and not rest
    musl = isinstance(target.platform.os, Linux) and isinstance(target.platform.os.libc, Musl)
    # Until 3.10 CPython called musl "gnu" as well (https://github.com/python/cpython/issues/95855).
    return not rest or ("musl" in rest) == (musl and target.python.minor > 10)


def _other_platform_word(target: Target) -> str | None:
    """Return what CPython puts behind its version in the suffixes of a system other than Linux."""
    names, arch = ARCH_NAMES[target.platform.arch], target.platform.arch
    match target.platform.os:
        case MacOs():
            return "darwin"
        case Windows():
            return names.windows
        case Ios(sdk=sdk):
            return sdk
        case Android():
            eabi = "eabi" if arch is Arch.ARMV7L else ""
            return f"{MACHINE_SUFFIX_WORDS[arch].replace('i386', 'i686')}-linux-android{eabi}"
        case _:
            return "wasm32-emscripten"
