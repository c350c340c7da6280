"""What only a wheel we built is asked: paths of the build, dropped extensions, files a build leaves behind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .facts import BuiltFacts, FailedCall
from .file_bytes import FileBytes
from .findings import Finding, Severity
from .installed_places import installed_path, start_up_place
from .left_out import left_out_findings
from .misplaced_files import misplaced_files
from .oracle import OracleWheel
from .wheel_checks import WheelFacts, tag_without_binary

__all__ = ["check_built", "scan_for_paths", "without_what_the_oracle_has"]

# Texts that name no machine in particular: folders every system has, and plain words ("build", "debian") as a
# hostname, which cannot be told from prose.
_EVERYWHERE = frozenset(
    " /usr /usr/local /opt /home /root /tmp /var /var/tmp /nix /nix/store /bin /lib".split(" ")  # noqa: SIM905
)
_PLAIN_WORD = re.compile(r"[A-Za-z]*|.{1,3}")
_SHOWN = 100
#: Nix and Guix: their own scan for references does not see into a wheel, which is compressed.
_STORE_PATH = re.compile(rb"/(?:nix|gnu)/store/[0-9a-z]{32}-[\w.+?=/-]{1,100}")
#: Where PEP 770 has them; maturin's names packages of the source tree by their paths.
_BILL_OF_MATERIALS = re.compile(r"\.dist-info/sboms/")
_NAME_ENDS = (b".", b"_", b"-")
_PRINTABLE = frozenset(range(0x21, 0x7F))


def scan_for_paths(path: str, data: FileBytes, built: BuiltFacts) -> Iterator[Finding]:
    """Yield what a member tells of the machine that built it.

    Args:
        path: the member.
        data: its bytes.
        built: the texts to look for.
    """
    searches = (
        (
            "build-path",
            built.build_paths,
            "it holds {found}, which names the machine that built it; two machines would build two wheels",
        ),
        (
            "sandbox-path",
            built.sandbox_paths,
            "it holds {found}, a place in the build's sandbox; harmless as text, a fault if it is to be opened",
        ),
        (
            "build-triple",
            built.build_triples,
            "it holds {found}, the build platform's name; something was configured for the wrong machine",
        ),
    )
    for code, texts, message in searches:
        if code == "sandbox-path" and _BILL_OF_MATERIALS.search(path):
            continue  # the same on every machine, and there a name of a package like any other
        found = next((hit for text in texts if _tells(text) and (hit := _find(text, data))), None)
        if found is None and code == "build-path" and (stored := _STORE_PATH.search(data)):
            found = stored[0].decode()
        if found is not None:
            yield Finding.of(code, path, message.format(found=repr(found)), built=True, symbol=found)


def _tells(text: str) -> bool:
    """Tell whether finding `text` in a file means anything."""
    return text.rstrip("/") not in _EVERYWHERE and _PLAIN_WORD.fullmatch(text) is None


def _find(text: str, data: FileBytes) -> str | None:
    needle = text.encode()
    # A hostname is a plain word: "web" must not be found in "websocket".
    is_word = text.replace("-", "").replace("_", "").replace(".", "").isalnum()
    position = data.find(needle)
    while position >= 0:
        end = position + len(needle)
        before, after = data[position - 1 : position] if position else b"", data[end : end + 1]
        inside_word = is_word and (before.isalnum() or after.isalnum())
        # "/build" must not be found in "/usr/src/build".
        inside_path = text.startswith("/") and (before.isalnum() or before in _NAME_ENDS)
        if not inside_word and not inside_path:
            while end < len(data) and data[end] in _PRINTABLE and end - position < _SHOWN:
                end += 1
            return data[position:end].decode("utf-8", "replace")
        position = data.find(needle, position + 1)
    return None


def without_what_the_oracle_has(
    findings: list[Finding], digests: Mapping[str, object], oracle: OracleWheel
) -> list[Finding]:
    """Drop findings about file contents that the oracle has byte for byte: they came with the sdist."""
    published = {installed_path(path): digest for path, digest in oracle.members.items()}
    codes = ("build-path", "sandbox-path", "build-triple")
    return [
        f
        for f in findings
        if not (f.code in codes and published.get(installed_path(f.file)) == digests.get(f.file))
    ]


@dataclass(frozen=True, slots=True)
class _LogSign:
    code: str
    pattern: re.Pattern[str]


def _sign(code: str, pattern: str) -> _LogSign:
    return _LogSign(code, re.compile(pattern, re.IGNORECASE | re.MULTILINE))


_EXTENSION = (
    r"(?:\b(?:c|c\+\+|cython|native|binary|optional|accelerat\w+)[ -])?(?:extensions?|speedups?|accelerat\w+)"
)
# What only a compiler or a linker says: clang's and GCC's form, distutils' report of either, the linker's own.
_COMPILER_ERROR = (
    r"^(?:[^\s:]+:\d+(?::\d+)?: (?:fatal )?error: .*|\d+ errors? generated\.|(?:\S*ld|\S*ld\.lld|\S*clang|\S*cc|\S*c\+\+): (?:fatal )?error: .*"
    r"|.*\bcommand '[^'\n]*(?:cc|\+\+|clang|ld)[-\d.]*' failed\b.*)$"
)
_COMPILER_FAILED = re.compile(_COMPILER_ERROR, re.MULTILINE)
_LOG_SIGNS = (
    # setuptools and distutils on Extension(optional=True).
    _sign("extension-dropped", r"^.*building extension \"[^\"]+\" failed.*$"),
    # What setup.py files print when they catch the failure themselves.
    _sign(
        "extension-dropped",
        rf"^.*\b{_EXTENSION}\b[^\n]{{0,40}}\b(?:could|can|will|was|were)\s?(?:not|n't)\b[^\n]{{0,15}}\b(?:be )?(?:compiled|built|enabled|available)\b.*$",
    ),
    _sign("extension-dropped", r"^.*\bspeedups? (?:are|is) not enabled\b.*$"),
    _sign(
        "extension-dropped",
        rf"^.*\b(?:failed|failure|unable) (?:to |in )?(?:build|building|compile|compiling)\b[^\n]{{0,40}}\b{_EXTENSION}\b.*$",
    ),
    _sign(
        "extension-dropped",
        rf"^.*\b(?:retrying|building|built|continuing|installing)\b[^\n]{{0,20}}\bwithout\b[^\n]{{0,20}}\b{_EXTENSION}\b.*$",
    ),
    _sign(
        "extension-dropped",
        r"^.*\b(?:fall(?:ing|s)? ?back|fell back|reverting|default(?:ing|s)?) (?:on |to )[^\n]{0,20}\bpure[- ]python\b.*$",
    ),
    _sign("extension-dropped", r"^.*\b(?:plain|pure)[- ]python build succeeded\b.*$"),
    _sign("extension-dropped", rf"^.*\bskipping\b[^\n]{{0,20}}\b{_EXTENSION}\b.*$"),
    # The compiler failed and the backend went on; also what a harmless probe prints.
    _sign("compile-failed", r"^(?:error: )?command '[^'\n]+' failed.*$"),
    _sign("compile-failed", _COMPILER_ERROR),
    _sign("compile-failed", r"^.*\b(?:CompileError|LinkError|CCompilerError|DistutilsPlatformError)\b.*$"),
    # A compiler that refused an instruction-set option: the fast code paths are gone (numpy's dispatch).
    _sign("cpu-features-lost", r"^.*supports arguments? -m(?:arch|cpu|fpu)=\S+.*: NO\b.*$"),
    _sign("cpu-features-lost", r"^.*\bTest features \"[^\"]+\" : Unsupported.*$"),
    _sign("cpu-features-lost", r"^.*\bunknown (?:target )?cpu\b.*$"),
    # What crosswheel's compiler launcher noted; projects that choose code at run time compile files so on purpose.
    _sign("isa-level", r"^crosswheel: compiled for newer processors: .*$"),
    # What crosswheel adds to the log when CMake wanted to run what it had compiled (hook_call).
    _sign("target-program-refused", r"^crosswheel: program of the target not run: .*$"),
    # What the view says when build code imports what was just compiled, and Python when it is told to load it.
    _sign("target-module-refused", r"^crosswheel: module of the target not loaded: .*$"),
    _sign("target-module-refused", r"^ImportError: \S+: (?:wrong ELF class|invalid ELF header)\b.*$"),
)
#: That all modules are there says nothing about what is in them.
_NEVER_EXPLAINED = frozenset({"cpu-features-lost", "target-module-refused", "target-program-refused"})
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_LOG_SHOWN = 160
_MEANING = {
    "extension-dropped": "the build went on without an extension module",
    "compile-failed": "a compiler call failed and the build went on",
    "isa-level": (
        "something was compiled for more than every machine of its tag has; right only if the package chooses that "
        "code at run time"
    ),
    "cpu-features-lost": "the compiler refused an instruction-set option, so fast code paths may be missing",
    "target-program-refused": (
        "the build wanted to run a program compiled for the target (try_run) and took the refusal for its answer"
    ),
    "target-module-refused": "build code imported a module compiled for the target, could not, and went on without it",
}


def _call_findings(calls: Sequence[FailedCall], *, explained: bool) -> Iterator[Finding]:
    """Yield what the compiler launchers saw fail for good, whatever was done with the compiler's words."""
    limit = Severity.NOTE if explained else Severity.ERROR
    kinds = (
        ("extension-dropped", True, "the build went on without it"),
        ("compile-failed", False, "the build went on; the build wrote it itself, perhaps as a probe"),
    )
    for code, of_project, outcome in kinds:
        own = [call for call in calls if call.of_project is of_project]
        compiling = [call for call in own if not call.linking]
        # What could not be compiled cannot be linked either; that is no news.
        told = compiling or own
        if told:
            first, more = told[0], f" ({len(told) - 1} more)" if len(told) > 1 else ""
            what = "was not compiled" if compiling else "was compiled and not linked"
            tool = "compiler" if compiling else "linker"
            message = f"{first.file}{more} {what}, and {outcome}; the {tool} says: {first.error}"
            yield Finding.of(code, "", message, built=True, symbol=first.file, at_most=limit)


def _log_findings(
    log: str, *, explained: bool, without_binaries: bool, told: frozenset[str]
) -> Iterator[Finding]:
    text = _ANSI.sub("", log)
    # A dropped extension explains a failed call, not the other way round.
    seen = {*told, "compile-failed"} if told else set()
    failed = _COMPILER_FAILED.search(text) if without_binaries and "extension-dropped" not in seen else None
    if failed is not None:
        # Told once, as what it is: a probe has nothing to find out for a wheel that holds nothing compiled.
        seen = {"extension-dropped", "compile-failed"}
        line = failed[0].strip()[:_LOG_SHOWN]
        message = f"a compiler failed and the wheel holds nothing compiled; the log says: {line}"
        yield Finding.of("extension-dropped", "", message, built=True)
    for sign in _LOG_SIGNS:
        if sign.code in seen:
            continue
        match = sign.pattern.search(text)
        if match is None:
            continue
        seen.add(sign.code)
        line = match[0].strip()[:_LOG_SHOWN]
        message = f"{_MEANING[sign.code]}; the log says: {line}"
        limit = Severity.NOTE if explained and sign.code not in _NEVER_EXPLAINED else Severity.ERROR
        if sign.code == "isa-level":
            limit = Severity.WARNING
        yield Finding.of(sign.code, "", message, built=True, at_most=limit)


def check_built(
    facts: WheelFacts,
    built: BuiltFacts,
    *,
    members: tuple[str, ...],
    leftovers: Mapping[str, str],
    oracle: OracleWheel | None,
) -> Iterator[Finding]:
    """Yield what is wrong with a wheel we built, whatever it is.

    Args:
        facts: the wheel.
        built: the circumstances of its build.
        members: all its member names.
        leftovers: by member, what by-product of compiling it is.
        oracle: a prebuilt wheel of the same release.
    """
    yield from tag_without_binary(facts)
    own_modules = {module.name for module, _ in facts.modules}
    explained = oracle is not None and bool(oracle.modules) and set(oracle.modules) <= own_modules
    # An oracle that holds nothing compiled either says that the project is pure.
    bare = not facts.compiled_files and (oracle is None or bool(oracle.modules))
    told = list(_call_findings(built.failed_calls, explained=explained))
    codes = frozenset(finding.code for finding in told)
    told += _log_findings(built.log, explained=explained, without_binaries=bare, told=codes)
    yield from told
    if oracle is None and not any(finding.code == "extension-dropped" for finding in told):
        yield from left_out_findings(facts, built)
    yield from misplaced_files(facts, members, oracle)
    published = {installed_path(path) for path in oracle.members} if oracle else set()
    for path in members:
        if path in leftovers and start_up_place(path) is None and installed_path(path) not in published:
            message = f"it is {leftovers[path]}, left over from the build; keep it out of the wheel"
            yield facts.finding("build-leftover", path, message)
