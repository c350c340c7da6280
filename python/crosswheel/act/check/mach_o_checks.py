"""Whether one Mach-O file fits a macOS or iOS target: deployment target, libraries, run paths, symbols, signature."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import dirname, normpath

from crosswheel.target.macos_symbols import macos_symbol_release
from crosswheel.target.targets import Target
from crosswheel.values.platforms import Arch, Ios, MacOs

from .code_signature import Signature
from .findings import Finding, Severity
from .mach_o import MachO, MachOPlatform, MachOSymbol, MachOType
from .policies import is_interpreter_symbol
from .system_libraries import is_apple_system_library

__all__ = ["MachOBundle", "MachOFile", "check_mach_o", "deployment_target", "oldest_macos"]

_PYTHON_LIBRARY = re.compile(r"(?:.*/)?(?:libpython\d[\w.]*\.dylib|Python\.framework/.*|Python3?|PythonT)")
_ON_DEVICE = {"iphoneos": MachOPlatform.IOS, "iphonesimulator": MachOPlatform.IOSSIMULATOR}
_PLATFORM_WORDS = {
    MachOPlatform.MACOS: "macOS",
    MachOPlatform.IOS: "iOS",
    MachOPlatform.TVOS: "tvOS",
    MachOPlatform.WATCHOS: "watchOS",
    MachOPlatform.MACCATALYST: "Mac Catalyst",
    MachOPlatform.IOSSIMULATOR: "the iOS simulator",
}
#: Where the names of libSystem come from: itself, or the libraries it consists of.
_LIBSYSTEM = re.compile(r"/usr/lib/(?:libSystem(?:\.B)?\.dylib|system/.*)")
#: Symbols that the linker makes up.
_LINKER_SYMBOLS = frozenset({"dyld_stub_binder", "__dso_handle", "_dyld_private"})


@dataclass(frozen=True, slots=True)
class MachOFile:
    """One file's part for the target's machine."""

    path: str
    image: MachO


@dataclass(frozen=True, slots=True)
class MachOBundle:
    """The Mach-O files of one wheel, seen together.

    Attributes:
        target: the target.
        built: we built the wheel.
        files: those with code for the target's machine.
        python_names: the C API's names by the target's headers, ``None`` when not known.
        by_path: the same files by their normal path.
    """

    target: Target
    built: bool
    files: tuple[MachOFile, ...]
    python_names: frozenset[str] | None = None
    by_path: Mapping[str, MachOFile] = field(default_factory=dict)

    @classmethod
    def of(
        cls, target: Target, files: tuple[MachOFile, ...], *, built: bool, python_names: frozenset[str] | None
    ) -> MachOBundle:
        """Return the bundle of `files`."""
        return cls(target, built, files, python_names, {normpath(file.path): file for file in files})

    def finding(
        self,
        code: str,
        file: MachOFile,
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


def check_mach_o(file: MachOFile, bundle: MachOBundle) -> Iterator[Finding]:
    """Yield what is wrong with a file of the right machine.

    Args:
        file: the file, a member of `bundle`.
        bundle: all Mach-O files of the wheel.
    """
    if file.image.type in (MachOType.OBJECT, MachOType.DSYM):
        return
    yield from _platform(file, bundle)
    yield from _libraries(file, bundle)
    yield from _paths(file, bundle)
    yield from _newer_than_target(file, bundle)
    yield from _undefined(file, bundle)
    yield from _signature(file, bundle)


def _platform(file: MachOFile, bundle: MachOBundle) -> Iterator[Finding]:
    image, system = file.image, bundle.target.platform.os
    wanted = _ON_DEVICE[system.sdk] if isinstance(system, Ios) else MachOPlatform.MACOS
    if image.platform is not None and image.platform != wanted:
        known = {int(platform): word for platform, word in _PLATFORM_WORDS.items()}
        found = known.get(image.platform, f"Apple platform {image.platform}")
        message = f"it was linked for {found}, the target is {_PLATFORM_WORDS[wanted]}"
        yield bundle.finding("wrong-machine", file, message)
    elif image.minimum is not None and isinstance(system, MacOs | Ios):
        offered = (system.major, system.minor)
        if image.minimum[:2] > offered:
            needed = f"{image.minimum[0]}.{image.minimum[1]}"
            message = (
                f"it was linked for {_PLATFORM_WORDS[wanted]} {needed} and newer, the target is "
                f"{system.major}.{system.minor}; functions of the newer system may be missing there"
            )
            yield bundle.finding("deployment-target-too-new", file, message)


def _libraries(file: MachOFile, bundle: MachOBundle) -> Iterator[Finding]:
    on_device = isinstance(bundle.target.platform.os, Ios)
    for library in file.image.libraries:
        name = library.name
        if is_apple_system_library(name):
            continue
        if _PYTHON_LIBRARY.fullmatch(name):
            if not on_device:
                message = (
                    f"it needs {name}; extension modules must take the C API from the interpreter, "
                    "which need not have such a library"
                )
                yield bundle.finding("libpython-needed", file, message, library=name)
        elif not _reaches(name, file, bundle):
            base = name.rpartition("/")[2]
            limit = Severity.NOTE if library.weak else Severity.ERROR
            if any(other.path.rpartition("/")[2] == base for other in bundle.files):
                message = f"it needs {name}, and the wheel has {base}, but not where that leads"
                yield bundle.finding("library-unreachable", file, message, library=name, at_most=limit)
            else:
                message = f"it needs {name}, which is neither in the wheel nor part of the system; bundle it, or link it statically"
                yield bundle.finding("library-not-allowed", file, message, library=name, at_most=limit)


def _reaches(name: str, file: MachOFile, bundle: MachOBundle) -> bool:
    """Tell whether `name` leads to a file of the wheel."""
    if name.startswith("@rpath/"):
        # dyld asks the run paths of the file and of those that loaded it, e.g. of a package's first module.
        rest = name.removeprefix("@rpath/")
        return any(
            _beside(f"{path}/{rest}", other) in bundle.by_path
            for other in (file, *bundle.files)
            for path in other.image.run_paths
        ) or name in {other.image.install_name for other in bundle.files if other is not file}
    return _beside(name, file) in bundle.by_path


def _beside(name: str, file: MachOFile) -> str:
    return normpath(name.replace("@loader_path", dirname(file.path) or ".", 1).replace("/./", "/"))


def _paths(file: MachOFile, bundle: MachOBundle) -> Iterator[Finding]:
    for path in file.image.run_paths:
        if not path.startswith(
            ("@loader_path", "@executable_path", "@rpath")
        ) and not is_apple_system_library(path + "/"):
            message = f"its run path {path} is not relative to @loader_path; it points into the machine that built it"
            yield bundle.finding("run-path-absolute", file, message)
    name = file.image.install_name
    if bundle.built and name is not None and "/" in name and not name.startswith("@"):
        message = f"its install name {name} is a path of the build; link with -install_name @rpath/{name.rpartition('/')[2]}"
        yield bundle.finding("install-name-path", file, message)


def _release(symbol: MachOSymbol, files: tuple[MachOFile, ...]) -> tuple[int, int]:
    """Return the macOS that brought a symbol without which the file does not load; 0.0 where that is no question.

    What may come from any image of the process comes from libSystem, unless a file of the wheel has it.
    """
    if symbol.weak or (symbol.library is not None and not _LIBSYSTEM.fullmatch(symbol.library)):
        return (0, 0)
    release = macos_symbol_release(symbol.name)
    if (
        release > (0, 0)
        and symbol.library is None
        and any(symbol.name in other.image.defined for other in files)
    ):
        return (0, 0)
    return release


def _newer_than_target(file: MachOFile, bundle: MachOBundle) -> Iterator[Finding]:
    """Yield symbols of libSystem that the target's macOS does not have."""
    system = bundle.target.platform.os
    if not isinstance(system, MacOs):
        return
    for symbol in file.image.undefined:
        release = _release(symbol, bundle.files)
        if release > (system.major, system.minor):
            message = (
                f"it needs {symbol.name}, which libSystem has since macOS {release[0]}.{release[1]}; the target is "
                f"{system.major}.{system.minor}, which does not load it"
            )
            yield bundle.finding(
                "symbol-too-new", file, message, symbol=symbol.name, library=symbol.library or "libSystem"
            )


def _undefined(file: MachOFile, bundle: MachOBundle) -> Iterator[Finding]:
    """Yield symbols that nobody offers.

    Whatever a library had at link time is bound to that library; what is left to any image of the process must come
    from the interpreter or from a file of the wheel. A stranger may mean a library that it knows to be loaded.
    """
    known = bundle.python_names
    if not bundle.built:
        return
    for symbol in file.image.undefined:
        name = symbol.name
        if symbol.weak or symbol.library is not None or name in _LINKER_SYMBOLS:
            continue
        if _is_macos(bundle) and _release(symbol, bundle.files) > (0, 0):
            continue  # libSystem has it, the target's or a newer one
        of_python = name.startswith(("Py", "_Py"))
        offered = (known is None or name in known) if of_python else is_interpreter_symbol(name)
        if not offered and not any(name in other.image.defined for other in bundle.files):
            who = (
                f"the headers of {bundle.target.python} do not have"
                if of_python
                else "neither Python nor any library it was linked with defines"
            )
            message = f"it needs {name}, which {who}; importing or calling it would fail"
            yield bundle.finding("undefined-symbol", file, message, symbol=name)


def _signature(file: MachOFile, bundle: MachOBundle) -> Iterator[Finding]:
    signature = file.image.signature
    if signature is Signature.BROKEN:
        message = "its signature is not of these bytes, so macOS kills the process that loads it; sign it again after the last change"
        yield bundle.finding("signature-broken", file, message)
    elif signature is Signature.ABSENT and bundle.target.platform.arch is Arch.AARCH64 and _is_macos(bundle):
        message = "it has no signature, without which Apple silicon loads nothing; an ad-hoc one is enough (codesign -s -)"
        yield bundle.finding("signature-missing", file, message)


def _is_macos(bundle: MachOBundle) -> bool:
    return isinstance(bundle.target.platform.os, MacOs)


def deployment_target(files: tuple[MachOFile, ...]) -> tuple[int, int]:
    """Return the oldest system, ``(major, minor)``, on which every file is said to load; 0.0 without a word of it."""
    return max((file.image.minimum[:2] for file in files if file.image.minimum is not None), default=(0, 0))


def oldest_macos(files: tuple[MachOFile, ...]) -> tuple[int, int]:
    """Return the oldest macOS on which every file is said to load and that has the symbols it needs of libSystem."""
    releases = [_release(symbol, files) for file in files for symbol in file.image.undefined]
    return max(deployment_target(files), *releases, (0, 0))
