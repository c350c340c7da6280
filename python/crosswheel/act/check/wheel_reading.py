"""One pass over a wheel: every member read once, its binaries told apart, what they say gathered for the checks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from crosswheel.target.targets import Target
from crosswheel.values.digests import Digest
from crosswheel.values.platforms import Android, Emscripten, Linux

from .binary_kinds import BinaryKind, archive_members, kind_of, leftover_of, machine_name
from .built_checks import scan_for_paths
from .byte_reader import DamagedBinaryError
from .elf import ElfType, parse_elf
from .elf_checks import BinaryFile, Bundle, machine_findings
from .facts import BuiltFacts
from .file_bytes import FileBytes, FilePart, PartBytes, looked_through
from .findings import Finding, Severity
from .machine_files import MachineFile, read_machine_file, symbols_of
from .modules import ModuleFile, ModuleSymbols, Suffix, parse_module_path
from .oracle import (
    OracleWheel,
    digest_content,
    keeps_content,
)
from .other_systems import earned_platforms, fitting_files
from .promised_binaries import MODULE, no_binary, promise_of, unloadable
from .wheel_checks import (
    WheelFacts,
)
from .wheel_file import (
    DamagedMemberError,
    DistInfo,
    WheelArchive,
    WheelName,
    record_findings,
)

__all__ = ["WheelReading"]

# Names are gone from a stripped file; a message of the undefined-behaviour runtime, the same in LLVM's, GCC's and zig's, stays.
_SANITIZER_MARK = re.compile(
    rb"__ubsan_handle_|__(?:asan|tsan|msan)_init|execution (?:reached|passed) an unreachable program point"
)


@dataclass(slots=True)
class WheelReading:
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
    # What a file that Linux cannot run is, and whether it is an extension module where it runs.
    foreign: dict[str, tuple[str, bool]] = field(default_factory=dict)

    @property
    def target(self) -> Target:
        """Where the wheel is to run; there is none while an oracle is read."""
        if self._target is None:
            raise RuntimeError("an oracle is read for no target")
        return self._target

    @property
    def is_built(self) -> bool:
        """Whether we built the wheel."""
        return self.built is not None

    @property
    def met_binaries(self) -> bool:
        """Whether there are binaries that count for nothing: of other machines, or damaged."""
        return bool(self.other_machines) or any(
            f.code in ("damaged-binary", "not-loadable", "wrong-format") for f in self.findings
        )

    def dist_info_folder(self) -> tuple[str | None, list[Finding]]:
        """Return the one ``*.dist-info`` folder, or the finding that there is not exactly one."""
        folders = self.archive.dist_info_folders()
        if len(folders) == 1:
            return folders[0], []
        what = "has no *.dist-info folder" if not folders else f"has several: {', '.join(folders)}"
        message = f"a wheel needs exactly one *.dist-info folder, this one {what}"
        return None, [Finding.of("dist-info-invalid", "", message, built=self.is_built)]

    def read_members(self, folder: str) -> None:
        """Read every member once; `folder` is the dist-info folder."""
        for member in self.archive.members:
            try:
                data, digest = self.archive.content(member)
            except DamagedMemberError as error:
                self._found(
                    "not-a-wheel", member.name, f"it cannot be unpacked ({error}); fetch the wheel again"
                )
                continue
            self.digests[member.name] = (digest, len(data))
            inner = member.name.removeprefix(f"{folder}/")
            if inner != member.name and "/" not in inner:
                self.dist_info[inner] = data[:]
            self._read_binary(member.name, data)
            if self.built is not None:
                self.findings += scan_for_paths(member.name, data, self.built)
                leftover = leftover_of(member.name, data)
                if leftover:
                    self.leftovers[member.name] = leftover
            if (self.built is not None or self._target is None) and keeps_content(member.name, len(data)):
                self.contents[member.name] = digest_content(data[:])
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
        matters = self.is_built or self._promise(path) is not None
        self._found("damaged-binary", path, message, at_most=Severity.ERROR if matters else Severity.WARNING)

    def _promise(self, path: str) -> str | None:
        return None if self._target is None else promise_of(path, self._target)

    def _not_loadable(self, path: str, promise: str, what: str) -> None:
        """Note a file that has the name of something the target loads and is none."""
        # A wheel without a platform has no such names but for data: an inspector's samples, say.
        limit = Severity.WARNING if self.name.platforms == ("any",) else Severity.ERROR
        message = f"it has the name of {promise}, but is {what}; the target cannot load it"
        self._found("not-loadable", path, message, at_most=limit)

    def _read_binary(self, path: str, data: FileBytes) -> None:
        kind, promise = kind_of(data), self._promise(path)
        if kind is None:
            if promise and (what := no_binary(data, promise)):
                self._not_loadable(path, promise, what)
            return
        in_pure = self._is_foreign_module_in_pure_wheel(path, data, kind)
        if in_pure:
            message = f"the wheel's tag says it runs on any platform, yet this is an extension module in the {kind.value} format"
            self._found("module-in-pure-wheel", path, f"{message}; rebuild it with a platform tag")
        if self._target is not None and self._reads_machine_only(kind):
            self._read_other(path, data, kind)
        elif kind is BinaryKind.ELF:
            self._read_elf(path, data)
        elif kind is BinaryKind.ARCHIVE:
            if promise:
                self._not_loadable(path, promise, "a static archive")
            for name, body in archive_members(data):
                with looked_through(data):
                    is_elf = kind_of(body) is BinaryKind.ELF
                if is_elf:
                    self._read_elf(f"{path}({name})", body)
        elif self._target is None:
            self._unread_module(path, data)
        elif isinstance(self.target.platform.os, Linux):
            word = f"a {kind.value} file for {machine_name(data, kind)}"
            self._read_foreign(path, data, word, promise, is_told=in_pure)

    def _is_foreign_module_in_pure_wheel(self, path: str, data: FileBytes, kind: BinaryKind) -> bool:
        """Tell whether a wheel for any platform holds a module of Windows or Apple's systems; other code there may be data."""
        if self._target is None or self.name.platforms != ("any",):
            return False
        return kind in (BinaryKind.PE, BinaryKind.MACH_O) and _module_of(path, data) is not None

    def _read_foreign(
        self, path: str, data: FileBytes, word: str, promise: str | None, *, is_told: bool
    ) -> None:
        """Note a file in another system's format: data, unless it has a name that Linux loads."""
        module = parse_module_path(path)
        if promise == MODULE or (module is not None and path.endswith(".so") and data.find(b"PyInit") >= 0):
            self._found("wrong-format", path, f"it is {word} under an extension module's name of Linux")
        elif promise:
            self._not_loadable(path, promise, word)
        elif not is_told:
            self.foreign[path] = (word, _module_of(path, data) is not None)

    def _reads_machine_only(self, kind: BinaryKind) -> bool:
        """Tell whether the file is one for other systems than Linux, whose ELF is no mistake there."""
        system = self.target.platform.os
        if isinstance(system, Linux) or kind is BinaryKind.ARCHIVE:
            return False
        if kind is BinaryKind.WASM:
            return isinstance(system, Emscripten)
        return kind is not BinaryKind.ELF or isinstance(system, Android)

    def _read_other(self, path: str, data: FileBytes, kind: BinaryKind) -> None:
        mark = _SANITIZER_MARK.search(data) if self.built is not None else None
        try:
            file = read_machine_file(
                path, data, kind, self.target, sanitizer=mark[0].decode() if mark else None
            )
        except DamagedBinaryError as error:
            self._damaged(path, f"it begins like a {kind.value} file, but {error}; rebuild the wheel")
            return
        self.other_machines.append(file)
        if file.image is not None:
            self._candidate_module(path, symbols_of(file.image), None)

    def _read_elf(self, path: str, data: PartBytes) -> None:
        self.elf_paths.append(path)
        try:
            with looked_through(data):
                elf = parse_elf(data, compact=self._target is not None)
        except DamagedBinaryError as error:
            self._damaged(path, f"it begins like an ELF file, but {error}; rebuild the wheel")
            return
        mark = (
            _SANITIZER_MARK.search(data.buffer() if isinstance(data, FilePart) else data)
            if self.built is not None
            else None
        )
        file = BinaryFile(path, elf, mark[0].decode() if mark else None)
        if self._target is not None:
            misfit = machine_findings(file, self.target, built=self.is_built)
            self.findings += misfit
            if misfit:
                return
            promise, fault = self._promise(path), unloadable(elf)
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

    def _unread_module(self, path: str, data: FileBytes) -> None:
        """Take a file of an oracle for another system as a module: its exports are plain strings in the file."""
        if (module := _module_of(path, data)) is not None:
            self.modules.append((module, None, None))

    def facts(self, folder: str) -> WheelFacts:
        """Return what the checks of the whole wheel go by."""
        names = self.built.python_names if self.built else None
        bundle = Bundle.of(
            self.target,
            tuple(self.binaries),
            built=self.is_built,
            python_names=names,
            grafted=self.built.grafted if self.built else {},
            toolchain=self.built.toolchain if self.built else "",
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
        self._judge_foreign(only_those=facts.binary_tag and not facts.compiled_files)
        return facts

    def _judge_foreign(self, *, only_those: bool) -> None:
        """Note the files in another system's format; modules are no data where a wheel for a platform has no other code."""
        for path, (word, is_module) in self.foreign.items():
            if is_module and only_those:
                message = f"it is {word}, an extension module of another system in a wheel for {'.'.join(self.name.platforms)} that holds none of its own"
                self._found("wrong-format", path, message)
            else:
                self._found("foreign-format", path, f"it is {word}, which the target carries but cannot run")

    def as_oracle(self) -> OracleWheel:
        """Return what the comparison with another wheel goes by."""
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


def _module_of(path: str, data: FileBytes) -> ModuleFile | None:
    """Return the extension module that a binary of any system is; ``None`` if nothing says that it is one."""
    module = parse_module_path(path)
    # .pyd is a module by name already.
    if module is None or (
        module.kind is Suffix.BARE and not path.endswith(".pyd") and data.find(b"PyInit_") < 0
    ):
        return None
    return module
