"""Whether a wheel's tags and extension modules agree with each other and with the target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crosswheel.target.architectures import ARCH_NAMES
from crosswheel.target.tags import LEGACY_MANYLINUX, supported_tags
from crosswheel.target.targets import Target
from crosswheel.values.platforms import Glibc, Linux, MacOs, Windows

from .elf_checks import Bundle, glibc_level
from .findings import Finding, Severity
from .modules import ModuleFile, ModuleSymbols, Suffix, init_names, parse_module_path, suffix_fault
from .policies import libc_name, manylinux_floor
from .stable_abi import STABLE_ABIS, OutOfStableAbi, out_of_stable_abi, promised_minor
from .wheel_file import DistInfo, WheelName, parse_wheel_fields

if TYPE_CHECKING:
    from packaging.tags import Tag

__all__ = [
    "WheelFacts",
    "check_modules",
    "check_tags",
    "earned_tags",
    "helper_or_not",
    "tag_not_earned",
    "tag_without_binary",
]

#: More tags than any line of an honest wheel stands for.
_MOST_TAGS = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelFacts:
    """All that was read from one wheel.

    Attributes:
        name: its file name, taken apart.
        target: the target it is judged for.
        built: we built it.
        dist_info: the dist-info folder.
        bundle: its ELF files of the target's machine.
        modules: its extension modules and the symbols of each.
        compiled_files: paths of all its files of the target system's format, of ELF whatever their machine.
        proven_platforms: the platform tags its binaries prove, when the target is not Linux.
    """

    name: WheelName
    target: Target
    built: bool
    dist_info: DistInfo
    bundle: Bundle
    modules: tuple[tuple[ModuleFile, ModuleSymbols], ...]
    compiled_files: tuple[str, ...]
    proven_platforms: tuple[str, ...] = ()

    @property
    def is_pure(self) -> bool:
        """Whether its tags promise that it runs on any platform."""
        return self.name.platforms == ("any",)

    @property
    def binary_tag(self) -> bool:
        """Whether one of its tags names a platform."""
        return not self.is_pure

    def finding(
        self,
        code: str,
        file: str,
        message: str,
        *,
        symbol: str | None = None,
        at_most: Severity = Severity.ERROR,
    ) -> Finding:
        """Return a finding about a member."""
        return Finding.of(code, file, message, built=self.built, symbol=symbol, at_most=at_most)


def check_tags(facts: WheelFacts) -> Iterator[Finding]:
    """Compare the tags of file name and WHEEL, and both with what the target supports."""
    folder = facts.dist_info.folder
    fields = parse_wheel_fields(facts.dist_info.files.get("WHEEL", b""))
    lines = [value for key, value in fields if key.lower() == "tag"]
    written = {tag for line in lines for tag in _tags_of_line(line)}
    named = {tag.lower() for tag in facts.name.tags}
    if written != named:
        differing = ", ".join(sorted(written ^ named)[:4])
        message = f"its Tag lines differ from the file name in {differing}; the wheel was renamed or its build is broken"
        yield facts.finding("tags-disagree", f"{folder}/WHEEL", message)
    if not named & set(_usable_tags(facts)):
        message = f"none of its tags ({', '.join(sorted(named)[:4])}) runs on {facts.target.id}"
        yield facts.finding("tag-not-for-target", "", message)
    purelib = next((value.lower() for key, value in fields if key.lower() == "root-is-purelib"), "")
    at_root = [module.path for module, _ in facts.modules if ".data/" not in module.path]
    if purelib not in ("true", "false"):
        message = "Root-Is-Purelib must be true or false; rebuild the wheel"
        yield facts.finding("purelib-disagrees", f"{folder}/WHEEL", message)
    elif purelib == "true" and at_root:
        message = f"it says Root-Is-Purelib, yet {at_root[0]} is an extension module"
        yield facts.finding("purelib-disagrees", f"{folder}/WHEEL", message)
    for module, _ in facts.modules:
        if module.pure_folder:
            message = "an extension module stands in the folder of pure Python files"
            yield facts.finding("purelib-disagrees", module.path, message)


def _tags_of_line(line: str) -> Iterable[str]:
    """Return the tags that a Tag line stands for; one that is none stands for itself, so that it differs from any."""
    from packaging.tags import parse_tag

    try:
        return [str(tag) for tag in parse_tag(line, limit=_MOST_TAGS)]
    except ValueError:
        return [line]


def _usable_tags(facts: WheelFacts) -> Iterator[str]:
    return (str(tag) for tag in supported_tags(facts.target))


def check_modules(facts: WheelFacts, *, extension_suffix: str | None) -> Iterator[Finding]:
    """Judge suffix and exported init function of every extension module.

    Args:
        facts: the wheel.
        extension_suffix: ``EXT_SUFFIX`` of the target Python, when known.
    """
    for module, symbols in facts.modules:
        yield from _suffix_findings(facts, module, extension_suffix)
        yield from _init_findings(facts, module, symbols)
        yield from _stable_abi_findings(facts, module, symbols)
    versioned = [module for module, _ in facts.modules if module.kind is Suffix.TAGGED]
    stable_only = set(facts.name.abis) <= {"none"} | STABLE_ABIS
    if versioned and stable_only and facts.binary_tag:
        message = (
            f"its suffix {versioned[0].suffix} is for one Python, but the wheel's ABI tag "
            f"{'.'.join(facts.name.abis)} promises more"
        )
        yield facts.finding("abi-tag-disagrees", versioned[0].path, message)
    yield from _without_a_module(facts)


def _without_a_module(facts: WheelFacts) -> Iterator[Finding]:
    """Tell of a wheel tagged for the target Python all of whose extension modules are another's."""
    faults = [suffix_fault(module, facts.target) for module, _ in facts.modules]
    others = [fault for fault in faults if fault is not None and fault[0] == "other-python-suffix"]
    if others and None not in faults and str(facts.target.python) in facts.name.abis:
        message = f"its tag is for {facts.target.python}, yet none of its extension modules is; use another file of this release, or rebuild the wheel"
        yield facts.finding("no-module-for-python", facts.modules[0][0].path, message)


def helper_or_not(finding: Finding, facts: WheelFacts) -> Finding:
    """Return a finding about code of the processor's 32-bit kind as one about a wrong machine, unless it may be a helper.

    An extension module is loaded by the target Python itself, and a wheel without a binary for the target has nothing that
    could be helped.
    """
    if finding.code != "secondary-machine" or not isinstance(facts.target.platform.os, Linux):
        return finding
    module = parse_module_path(finding.file)
    if facts.bundle.files and (module is None or module.kind is Suffix.BARE):
        return finding
    what = (
        "an extension module is no helper" if facts.bundle.files else "nothing in the wheel is for the target"
    )
    return facts.finding("wrong-machine", finding.file, f"{finding.message}; {what}")


def _is_stable_on_windows(facts: WheelFacts, module: ModuleFile) -> bool:
    """Tell whether a bare ``.pyd`` is of the stable ABI, which has no suffix of its own on Windows."""
    stable = set(facts.name.abis) <= STABLE_ABIS
    return module.kind is Suffix.BARE and stable and isinstance(facts.target.platform.os, Windows)


def _suffix_findings(
    facts: WheelFacts, module: ModuleFile, extension_suffix: str | None
) -> Iterator[Finding]:
    fault = suffix_fault(module, facts.target)
    if fault is not None:
        code, reason = fault
        yield facts.finding(code, module.path, f"{reason}; rebuild it for {facts.target.id}")
    elif module.kind is Suffix.TAGGED and extension_suffix and module.suffix != extension_suffix:
        message = f"its suffix is {module.suffix}, the target Python's is {extension_suffix}"
        yield facts.finding("foreign-suffix", module.path, message)
    elif module.kind is Suffix.BARE and not _is_stable_on_windows(facts, module):
        message = "it is an extension module without the target's suffix, so any Python of any machine would try to load it"
        yield facts.finding("bare-suffix", module.path, message)
    elif module.kind is Suffix.STABLE and not STABLE_ABIS & set(facts.name.abis):
        message = f"its suffix {module.suffix} promises the stable ABI, the wheel's ABI tag {'.'.join(facts.name.abis)} does not"
        yield facts.finding("abi3-suffix", module.path, message)


def _init_findings(facts: WheelFacts, module: ModuleFile, symbols: ModuleSymbols) -> Iterator[Finding]:
    wanted = init_names(module)
    if set(wanted) & symbols.exports:
        return
    others = sorted(name for name in symbols.exports if name.startswith(("PyInit", "PyModExport")))
    if others:
        message = f"it exports {others[0]}, but importing it as {module.name} needs {wanted[0]}"
        yield facts.finding("missing-init", module.path, message)
    elif not symbols.exports:
        message = f"it exports nothing, but importing it needs {wanted[0]}"
        yield facts.finding("missing-init", module.path, message)
    else:
        message = (
            f"it has an extension module's name but exports no {wanted[0]}; it can be loaded with ctypes only"
        )
        yield facts.finding("no-init", module.path, message)


def _stable_abi_findings(facts: WheelFacts, module: ModuleFile, symbols: ModuleSymbols) -> Iterator[Finding]:
    promised, used = promised_minor(facts.name), _beside_stable_abi(facts, module, symbols)
    if used is None:
        return
    tags = "; ".join(sorted({f"{i}-{a}" for i, a in _earned_pythons(facts)}))
    remedy = f"the tag it earns is {tags}"
    if used.never:
        message = f"it uses {_some(used.never)}, which no version's stable ABI has; {remedy}"
        yield facts.finding("abi3-violation", module.path, message, symbol=used.never[0])
    if used.later:
        names = [f"{name} (3.{minor})" for name, minor in used.later]
        message = f"it uses {_some(names)}, younger than the stable ABI of Python 3.{promised} that its tag promises; {remedy}"
        yield facts.finding("abi3-violation", module.path, message, symbol=used.later[0][0])


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _beside_stable_abi(
    facts: WheelFacts, module: ModuleFile, symbols: ModuleSymbols
) -> OutOfStableAbi | None:
    """Return what a module uses beside the stable ABI that the wheel's tag promises for it."""
    promised = promised_minor(facts.name)
    if promised is None or module.kind is Suffix.TAGGED:
        return None
    used = out_of_stable_abi(symbols.needs, promised)
    if used is None:
        return None
    # A file of the wheel may define names that look like Python's.
    files = facts.bundle.files
    own = {name for name in symbols.needs if any(name in file.elf.defined for file in files)}
    return out_of_stable_abi(symbols.needs - own, promised)


def _earned_pythons(facts: WheelFacts) -> tuple[tuple[str, str], ...]:
    """Return the pairs of interpreter and ABI tag that the modules keep the promise of.

    A promise of the stable ABI that they do not keep becomes the oldest one they do; if there is none, the
    target's Python alone.
    """
    pairs = tuple((i, a) for i in facts.name.interpreters for a in facts.name.abis)
    faults = [fault for one in facts.modules if (fault := _beside_stable_abi(facts, *one)) is not None]
    if not faults:
        return pairs
    python = facts.target.python
    oldest = [fault.oldest for fault in faults]
    if None in oldest or max(minor or 0 for minor in oldest) > python.minor:
        return ((f"cp{python.major}{python.minor}", str(python)),)
    newest = max(minor or 0 for minor in oldest)
    kept = tuple(pair for pair in pairs if (_minor(pair[0]) or 0) >= newest)
    return kept or tuple((f"cp3{newest}", abi) for abi in sorted(STABLE_ABIS & set(facts.name.abis)))


def _minor(interpreter: str) -> int | None:
    text = interpreter.removeprefix("cp3")
    return int(text) if text.isdecimal() else None


def earned_tags(facts: WheelFacts, *, blocked: bool) -> tuple[Tag, ...]:
    """Return the tags that the wheel's binaries prove; none for a prebuilt wheel whose binaries prove nothing.

    Args:
        facts: the wheel.
        blocked: it needs libraries outside the policy, so that no manylinux or musllinux tag is true.
    """
    from packaging.tags import Tag

    platforms = facts.name.platforms if facts.is_pure else _earned_platforms(facts, blocked=blocked)
    return tuple(
        sorted(
            (Tag(i, a, p) for i, a in _earned_pythons(facts) for p in platforms),
            key=str,
        )
    )


def _earned_platforms(facts: WheelFacts, *, blocked: bool) -> tuple[str, ...]:
    platform = facts.target.platform
    if not isinstance(platform.os, Linux):
        if facts.built:
            return facts.proven_platforms or facts.name.platforms
        return () if blocked else facts.proven_platforms
    arch = platform.arch.value
    if not (facts.built or facts.compiled_files):
        return ()
    unproven = (f"linux_{arch}",)
    if blocked or not facts.bundle.files:
        return unproven
    libc = platform.os.libc
    if not isinstance(libc, Glibc):
        # musl's symbols have no versions, so no file can prove an older release than the one built against.
        return (f"musllinux_{libc.major}_{libc.minor}_{arch}",)
    level = max(manylinux_floor(platform.arch), glibc_level(facts.bundle))
    if level > libc.minor:
        return unproven
    legacy = LEGACY_MANYLINUX.get(level)
    return (f"manylinux_2_{level}_{arch}", *([f"{legacy}_{arch}"] if legacy else []))


def tag_not_earned(facts: WheelFacts) -> Iterator[Finding]:
    """Yield a finding when a prebuilt wheel's tag promises an older system than its binaries need."""
    platform = facts.target.platform
    if not facts.built and isinstance(platform.os, MacOs):
        yield from _macos_tag_not_earned(facts, platform.os)
    if facts.built or not isinstance(platform.os, Linux) or not isinstance(platform.os.libc, Glibc):
        return
    levels = [level for name in facts.name.platforms if (level := _manylinux_level(name)) is not None]
    level = glibc_level(facts.bundle)
    if levels and min(levels) < level <= platform.os.libc.minor:
        message = (
            f"its tag promises glibc 2.{min(levels)}, its binaries need manylinux_2_{level}; "
            f"it fits {libc_name(platform)} all the same"
        )
        yield facts.finding("tag-not-earned", "", message)


def tag_without_binary(facts: WheelFacts) -> Iterator[Finding]:
    """Yield a finding when the tag names a platform and nothing in the wheel is code for one."""
    if facts.binary_tag and not facts.compiled_files:
        message = f"its tag is for {'.'.join(facts.name.platforms)}, yet it holds no binary"
        message += "; its extension modules were not built" if facts.built else ""
        yield facts.finding("platform-tag-without-binary", "", message)


def _macos_tag_not_earned(facts: WheelFacts, system: MacOs) -> Iterator[Finding]:
    proven = [version for name in facts.proven_platforms if (version := _macos_version(name)) is not None]
    arch = ARCH_NAMES[facts.target.platform.arch].apple or ""
    # Universal tags count from the oldest system of any of their machines.
    promised = [
        version
        for name in facts.name.platforms
        if name.endswith(arch) and (version := _macos_version(name)) is not None
    ]
    if proven and promised and min(promised) < proven[0] <= (system.major, system.minor):
        message = (
            f"its tag promises macOS {_dotted(min(promised))}, its binaries are for {_dotted(proven[0])}; "
            f"it fits macOS {system.major}.{system.minor} all the same"
        )
        yield facts.finding("tag-not-earned", "", message)


def _macos_version(name: str) -> tuple[int, int] | None:
    parts = name.split("_")
    fits = parts[0] == "macosx" and len(parts) > 3 and parts[1].isdecimal() and parts[2].isdecimal()
    return (int(parts[1]), int(parts[2])) if fits else None


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _manylinux_level(name: str) -> int | None:
    for level, legacy in LEGACY_MANYLINUX.items():
        if name.startswith(f"{legacy}_"):
            return level
    parts = name.split("_")
    if parts[0] == "manylinux" and len(parts) > 3 and parts[2].isdecimal():
        return int(parts[2])
    return None
