"""Checks one wheel for one target: reads every member once, then lets the pure checks judge."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from crosswheel.target.targets import Target
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Android, Emscripten, Linux

from .binary_kinds import BinaryKind, archive_members, kind_of, leftover_of, machine_name
from .built_checks import check_built, scan_for_paths, without_what_the_oracle_has
from .byte_reader import DamagedBinaryError
from .elf import ElfError, ElfType, parse_elf
from .elf_checks import BinaryFile, Bundle, check_elf, machine_findings
from .facts import BuiltFacts
from .findings import FINDING_CODES, CheckReport, Finding, Severity, accept_findings, parse_accepts
from .installable import check_installable
from .machine_files import MachineFile, read_machine_file, symbols_of
from .misplaced_files import misplaced_files
from .modules import ModuleFile, ModuleSymbols, Suffix, parse_module_path
from .oracle import (
    OracleWheel,
    compare_with_oracle,
    digest_content,
    is_same_release,
    keeps_content,
    known_without_init,
)
from .other_systems import check_other_system, earned_platforms, fitting_files
from .promised_binaries import no_binary, promise_of, unloadable
from .wheel_checks import (
    WheelFacts,
    check_metadata,
    check_modules,
    check_tags,
    earned_tags,
    tag_not_earned,
    tag_without_binary,
)
from .wheel_file import (
    DamagedMemberError,
    DistInfo,
    WheelArchive,
    WheelName,
    parse_wheel_name,
    record_findings,
)

__all__ = ["BuiltFacts", "check_wheel", "require_all_used", "require_file"]

# Names are gone from a stripped file; a message of the undefined-behaviour runtime, the same in LLVM's, GCC's and zig's, stays.
_SANITIZER_MARK = re.compile(
    rb"__ubsan_handle_|__(?:asan|tsan|msan)_init|execution (?:reached|passed) an unreachable program point"
)


def check_wheel(
    wheel: Path, target: Target, *, accept: Sequence[str] = (), built: BuiltFacts | None = None
) -> CheckReport:
    """Check whether a wheel fits a target.

    Nothing of the wheel is executed or written.

    Args:
        wheel: the wheel.
        target: where it is to run.
        accept: findings the caller accepts, ``code`` or ``code:glob of the file``.
        built: what is known about the build, when we built it; asks for more than of a prebuilt wheel.

    Returns:
        The report; `CheckReport.refused` tells whether the wheel must not be used.

    Raises:
        InputError: the wheel cannot be opened, or an accept names no known finding.
    """
    parse_accepts(accept)
    require_file(wheel)
    name = parse_wheel_name(wheel.name)
    if name is None:
        message = "its name is not a wheel's; name it name-version-python-abi-platform.whl"
        return _report(
            wheel, target, [Finding.of("not-a-wheel", "", message, built=built is not None)], accept
        )
    try:
        with WheelArchive(wheel) as archive:
            return _check(_Reading(archive, name, target, built), wheel, accept)
    except zipfile.BadZipFile as error:
        message = f"it is not a readable zip ({error}); fetch or build it again"
        return _report(
            wheel, target, [Finding.of("not-a-wheel", "", message, built=built is not None)], accept
        )
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError("read wheel", str(wheel), why=why, fix="give the path of a wheel") from error


def require_all_used(accept: Sequence[str], reports: Sequence[CheckReport]) -> None:
    """Refuse an accept that covered no finding of any report.

    Raises:
        InputError: there is such an accept; it is misspelled or out of date.
    """
    unused = set(accept).intersection(*(report.unused_accepts for report in reports))
    for one in sorted(unused):
        raise InputError(
            "accept finding", one, why="no wheel has such a finding", fix="remove it, or correct its glob"
        )


def require_file(wheel: Path) -> None:
    """Refuse a path that no wheel can be read from.

    Raises:
        InputError: there is nothing, or a folder.
    """
    if not wheel.is_file():
        why = "Is a directory" if wheel.is_dir() else "No such file or directory"
        raise InputError("read wheel", str(wheel), why=why, fix="give the path of a wheel")


def _report(
    wheel: Path,
    target: Target,
    findings: Sequence[Finding],
    accept: Sequence[str],
    facts: WheelFacts | None = None,
) -> CheckReport:
    marked, unused = accept_findings(findings, accept)
    blocked = any(
        f.code in ("library-not-allowed", "wrong-libc") and f.severity is not Severity.NOTE for f in marked
    )
    return CheckReport(
        wheel=wheel.name,
        target=target,
        findings=marked,
        earned_tags=earned_tags(facts, blocked=blocked) if facts else (),
        modules=tuple(sorted({module.name for module, _ in facts.modules})) if facts else (),
        unused_accepts=unused,
    )


def _check(reading: _Reading, wheel: Path, accept: Sequence[str]) -> CheckReport:
    findings = reading.archive.faults(
        case_sensitive=isinstance(reading.target.platform.os, Linux), built=reading.is_built
    )
    folder = None
    if not any(f.severity is Severity.ERROR for f in findings):
        folder, more = reading.dist_info_folder()
        findings += more
    if folder is None:
        return _report(wheel, reading.target, findings, accept)
    reading.read_members(folder)
    facts = reading.facts(folder)
    findings += check_metadata(facts, expected=reading.built.release if reading.built else None)
    findings += check_tags(facts)
    findings += check_modules(
        facts, extension_suffix=reading.built.extension_suffix if reading.built else None
    )
    findings += tag_not_earned(facts)
    if not isinstance(reading.target.platform.os, Linux):
        findings += check_other_system(
            reading.other_machines,
            reading.target,
            pure=facts.is_pure,
            built=reading.is_built,
            abis=reading.name.abis,
            python_names=reading.built.python_names if reading.built else None,
        )
    for file in facts.bundle.files:
        findings += check_elf(file, facts.bundle)
    if reading.built is not None:
        oracle, unreadable = _oracle_of(facts, reading.built)
        findings += unreadable
        if oracle is not None:
            findings = known_without_init(findings, oracle)
        findings += _built_findings(reading, facts, reading.built, oracle)
    else:
        findings += [] if reading.met_binaries else tag_without_binary(facts)
        findings += misplaced_files(facts, tuple(reading.digests), None)
    findings += reading.findings
    if not any(f.severity is Severity.ERROR and not FINDING_CODES[f.code].acceptable for f in findings):
        findings += check_installable(wheel, reading.target, built=reading.is_built)
    return _report(wheel, reading.target, findings, accept, facts)


def _oracle_of(facts: WheelFacts, built: BuiltFacts) -> tuple[OracleWheel | None, list[Finding]]:
    """Return the oracle, if it can be read and is of the release that was built, and the finding if it is not."""
    if built.oracle is None:
        return None, []
    oracle = _read_oracle(built.oracle)
    if oracle is None:
        message = f"the oracle {built.oracle.name} cannot be read, so nothing was compared"
    elif not is_same_release(oracle, built.release):
        message = f"the oracle {built.oracle.name} is of another release, so nothing was compared"
    else:
        return oracle, []
    return None, [facts.finding("oracle-unreadable", "", message)]


def _built_findings(
    reading: _Reading, facts: WheelFacts, built: BuiltFacts, oracle: OracleWheel | None
) -> Iterator[Finding]:
    yield from check_built(
        facts, built, members=tuple(reading.digests), leftovers=reading.leftovers, oracle=oracle
    )
    if oracle is not None:
        digests = {path: digest for path, (digest, _) in reading.digests.items()}
        reading.findings = without_what_the_oracle_has(reading.findings, digests, oracle)
        yield from compare_with_oracle(
            reading.as_oracle(), oracle, facts.target, hides_libraries=built.hides_libraries
        )


def _read_oracle(path: Path) -> OracleWheel | None:
    name = parse_wheel_name(path.name)
    if name is None:
        return None
    try:
        with WheelArchive(path) as archive:
            if any(f.severity is Severity.ERROR for f in archive.faults(case_sensitive=True, built=False)):
                return None
            folders = archive.dist_info_folders()
            if len(folders) != 1:
                return None
            reading = _Reading(archive, name, None, None)
            reading.read_members(folders[0])
            return reading.as_oracle()
    except (OSError, zipfile.BadZipFile):
        return None


@dataclass(slots=True)
class _Reading:
    """One pass over an archive and what it gathered; `target` is ``None`` while an oracle is read."""

    archive: WheelArchive
    name: WheelName
    _target: Target | None
    built: BuiltFacts | None
    findings: list[Finding] = field(default_factory=list)
    digests: dict[str, tuple[Digest, int]] = field(default_factory=dict)
    dist_info: dict[str, bytes] = field(default_factory=dict)
    binaries: list[BinaryFile] = field(default_factory=list)
    elf_paths: list[str] = field(default_factory=list)
    modules: list[tuple[ModuleFile, ModuleSymbols | None, BinaryFile | None]] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    leftovers: dict[str, str] = field(default_factory=dict)
    other_machines: list[MachineFile] = field(default_factory=list)

    @property
    def target(self) -> Target:
        if self._target is None:
            raise RuntimeError("an oracle is read for no target")
        return self._target

    @property
    def is_built(self) -> bool:
        return self.built is not None

    @property
    def met_binaries(self) -> bool:
        """Whether there are binaries that count for nothing: of other machines, or damaged."""
        return bool(self.other_machines) or any(
            f.code in ("damaged-binary", "not-loadable") for f in self.findings
        )

    def dist_info_folder(self) -> tuple[str | None, list[Finding]]:
        folders = self.archive.dist_info_folders()
        if len(folders) == 1:
            return folders[0], []
        what = "has no *.dist-info folder" if not folders else f"has several: {', '.join(folders)}"
        message = f"a wheel needs exactly one *.dist-info folder, this one {what}"
        return None, [Finding.of("dist-info-invalid", "", message, built=self.is_built)]

    def read_members(self, folder: str) -> None:
        for member in self.archive.members:
            try:
                data = self.archive.read(member.name)
            except DamagedMemberError as error:
                self._found(
                    "not-a-wheel", member.name, f"it cannot be unpacked ({error}); fetch the wheel again"
                )
                continue
            self.digests[member.name] = (Digest(sha256(data).hexdigest()), len(data))
            inner = member.name.removeprefix(f"{folder}/")
            if inner != member.name and "/" not in inner:
                self.dist_info[inner] = data
            self._read_binary(member.name, data)
            if self.built is not None:
                self.findings += scan_for_paths(member.name, data, self.built)
                leftover = leftover_of(member.name, data)
                if leftover:
                    self.leftovers[member.name] = leftover
            if (self.built is not None or self._target is None) and keeps_content(member.name, len(data)):
                self.contents[member.name] = digest_content(data)
        if self._target is None:
            return
        record = self.dist_info.get("RECORD")
        if record is None:
            self._found("dist-info-invalid", f"{folder}/RECORD", "the wheel has no RECORD; rebuild it")
        else:
            self.findings += record_findings(
                record, self.digests, self.archive.read, folder, built=self.is_built
            )

    def _found(self, code: str, file: str, message: str, *, at_most: Severity = Severity.ERROR) -> None:
        self.findings.append(Finding.of(code, file, message, built=self.is_built, at_most=at_most))

    def _damaged(self, path: str, message: str) -> None:
        """Note a damaged binary; where its name promises nothing it may be test data of a published wheel."""
        matters = self.is_built or (self._target is not None and promise_of(path, self._target) is not None)
        self._found("damaged-binary", path, message, at_most=Severity.ERROR if matters else Severity.WARNING)

    def _no_binary(self, path: str, data: bytes) -> None:
        """Note a file that has a binary's name and is none."""
        if self._target is None or (promise := promise_of(path, self._target)) is None:
            return
        what = no_binary(data)
        if what is not None:
            # A wheel without a platform has no such names but for data: an inspector's samples, say.
            limit = Severity.WARNING if self.name.platforms == ("any",) else Severity.ERROR
            message = f"it has the name of {promise}, but is {what}; the target cannot load it"
            self._found("not-loadable", path, message, at_most=limit)

    def _read_binary(self, path: str, data: bytes) -> None:
        kind = kind_of(data)
        if kind is None:
            self._no_binary(path, data)
            return
        if self._target is not None and self._reads_machine_only(kind):
            self._read_other(path, data, kind)
        elif kind is BinaryKind.ELF:
            self._read_elf(path, data)
        elif kind is BinaryKind.ARCHIVE:
            for name, body in archive_members(data):
                if kind_of(body) is BinaryKind.ELF:
                    self._read_elf(f"{path}({name})", body)
        elif self._target is None:
            self._unread_module(path, data)
        elif isinstance(self.target.platform.os, Linux):
            word = f"a {kind.value} file for {machine_name(data, kind)}"
            module = parse_module_path(path)
            if module is not None and path.endswith(".so") and b"PyInit" in data:
                self._found("wrong-format", path, f"it is {word} under an extension module's name of Linux")
            else:
                self._found("foreign-format", path, f"it is {word}, which the target carries but cannot run")

    def _reads_machine_only(self, kind: BinaryKind) -> bool:
        """Tell whether the file is one for other systems than Linux, whose ELF is no mistake there."""
        system = self.target.platform.os
        if isinstance(system, Linux) or kind is BinaryKind.ARCHIVE:
            return False
        if kind is BinaryKind.WASM:
            return isinstance(system, Emscripten)
        return kind is not BinaryKind.ELF or isinstance(system, Android)

    def _read_other(self, path: str, data: bytes, kind: BinaryKind) -> None:
        mark = _SANITIZER_MARK.search(data) if self.built is not None else None
        try:
            file = read_machine_file(
                path, data, kind, self.target, sanitizer=mark[0].decode() if mark else None
            )
        except (DamagedBinaryError, ElfError) as error:
            self._damaged(path, f"it begins like a {kind.value} file, but {error}; rebuild the wheel")
            return
        self.other_machines.append(file)
        if file.image is not None:
            self._candidate_module(path, symbols_of(file.image), None)

    def _read_elf(self, path: str, data: bytes) -> None:
        self.elf_paths.append(path)
        try:
            elf = parse_elf(data)
        except ElfError as error:
            self._damaged(path, f"it begins like an ELF file, but {error}; rebuild the wheel")
            return
        mark = _SANITIZER_MARK.search(data) if self.built is not None else None
        file = BinaryFile(path, elf, mark[0].decode() if mark else None)
        if self._target is not None:
            misfit = machine_findings(file, self.target, built=self.is_built)
            self.findings += misfit
            if misfit:
                return
            promise, fault = promise_of(path, self._target), unloadable(elf)
            if promise is not None and fault is not None:
                message = f"it has the name of {promise}, but {fault}; the target cannot load it"
                self._found("not-loadable", path, message)
        self.binaries.append(file)
        if elf.type == ElfType.SHARED:
            self._candidate_module(path, symbols_of(elf), file)

    def _candidate_module(self, path: str, symbols: ModuleSymbols, file: BinaryFile | None) -> None:
        module = parse_module_path(path)
        if module is not None and (module.kind is not Suffix.BARE or _exports_init(symbols)):
            self.modules.append((module, symbols, file))

    def _unread_module(self, path: str, data: bytes) -> None:
        """Take a file of an oracle for another system as a module: its exports are plain strings in the file."""
        module = parse_module_path(path)
        # .pyd is a module by name already.
        if module is not None and (
            module.kind is not Suffix.BARE or path.endswith(".pyd") or b"PyInit_" in data
        ):
            self.modules.append((module, None, None))

    def facts(self, folder: str) -> WheelFacts:
        names = self.built.python_names if self.built else None
        bundle = Bundle.of(
            self.target,
            tuple(self.binaries),
            built=self.is_built,
            python_names=names,
            grafted=self.built.grafted if self.built else {},
        )
        facts = WheelFacts(
            name=self.name,
            target=self.target,
            built=self.is_built,
            dist_info=DistInfo(folder, self.dist_info),
            bundle=bundle,
            modules=tuple((module, symbols) for module, symbols, _ in self.modules if symbols is not None),
            compiled_files=(
                *self.elf_paths,
                *(file.path for file in fitting_files(self.other_machines, self.target)),
            ),
            proven_platforms=earned_platforms(self.other_machines, self.target),
        )
        if facts.is_pure:
            for path in self.elf_paths:
                message = "the wheel's tag says it runs on any platform, yet this is a Linux binary; rebuild it with a platform tag"
                self._found("elf-in-pure-wheel", path, message)
        return facts

    def as_oracle(self) -> OracleWheel:
        return OracleWheel(
            name=self.name,
            members={path: digest for path, (digest, _) in self.digests.items()},
            dist_info=self.dist_info,
            modules={module.name: file.elf if file else None for module, _, file in self.modules},
            module_paths=frozenset(module.path for module, _, _ in self.modules),
            binaries=frozenset(path.partition("(")[0] for path in self.elf_paths),
            contents=self.contents,
        )


def _exports_init(symbols: ModuleSymbols) -> bool:
    return any(name.startswith(("PyInit", "PyModExport")) for name in symbols.exports)
