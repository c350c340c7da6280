"""Rewrites python/crosswheel/target/macos_symbols.py from the headers and the libSystem.tbd of a zig toolchain.

python tools/make_macos_symbols.py .../ziglang

zig's own compiler reads every header of macOS by itself and says of each function and variable what its availability is,
whatever macro says so, and what it is called for the linker ("$INODE64"). Of libSystem's names are taken those that came with a
macOS newer than the oldest deployment target. What the headers do not say: see `_HIDDEN`, `_KNOWN` and `_OLDER_THAN_SAID`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_DESTINATION = Path(__file__).parents[1] / "python" / "crosswheel" / "target" / "macos_symbols.py"
_HEADERS = "lib/libc/include/any-darwin-any"
_STUB = "lib/libc/darwin/libSystem.tbd"
#: The oldest deployment target (CPython 3.10 and 3.11 on Intel); what it has is left out.
_OLDEST = (10, 9)
#: Both architectures, each with the oldest system it has: the names of some functions depend on both.
_TARGETS = ("x86_64-macos.10.13", "aarch64-macos.11.0")
_BEGIN, _END = "# -- begin of what tools/make_macos_symbols.py writes --\n", "# -- end --\n"

_DECLARATION = re.compile(r"^\|-(?:Function|Var)Decl .*? (?P<name>\w+) '[^\n]*", re.MULTILINE)
_LABEL = re.compile(r"^\| [|`]-AsmLabelAttr .*\"_(?P<name>[^\"]+)\"", re.MULTILINE)
_SINCE = re.compile(
    r"^\| [|`]-AvailabilityAttr .*> (?:Inherited )?macos (?P<major>\d+)(?:\.(?P<minor>\d+))?", re.MULTILINE
)
_NAME = re.compile(r"(?<![\w$])_(?P<name>[\w$]+)")
#: "hidden from what is linked for macOS 10.N": in libcompiler_rt.dylib, whose functions compilers carry themselves, because it is not there.
_HIDDEN = re.compile(r"'\$ld\$hide\$os10\.(?P<minor>\d+)\$_(?P<name>\w+)'")
_COMPILER_RUNTIME = "install-name:    '/usr/lib/system/libcompiler_rt.dylib'"
#: Known otherwise. LLVM's compiler-rt/lib/builtins/os_version_check.c and zig's lib/compiler_rt/os_version_check.zig.
_KNOWN = {"_availability_version_check": (10, 15)}
#: Thread-local variables, which the linker makes of them, came with macOS 10.7; the headers declare them only since 10.10.
_OLDER_THAN_SAID = frozenset({"_tlv_atexit", "_tlv_bootstrap"})


def declarations(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield name and release of what a tree as clang prints it declares with an availability on macOS."""
    starts = [match.start() for match in re.finditer(r"^[|`]-\w", text, re.MULTILINE)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        part = text[start:end]
        declared = _DECLARATION.match(part)
        since = _SINCE.findall(part)
        if declared is None or not since:
            continue
        label = _LABEL.search(part)
        name = declared["name"] if label is None else label["name"]
        yield name, max((int(major), int(minor or 0)) for major, minor in since)


def read_header(zig: Path, header: str, target: str, cache: str) -> dict[str, tuple[int, int]]:
    """Return the names that `header` and what it includes declare, by release; none where it cannot be read by itself."""
    done = subprocess.run(
        [zig / "zig", "cc", "-target", target, "-w", "-fsyntax-only", "-Xclang", "-ast-dump", "-x", "c", "-"],
        input=f"#include <sys/types.h>\n#include <{header}>\nint crosswheel_end;\n",
        capture_output=True,
        text=True,
        check=False,
        cwd=cache,
        env={**os.environ, "ZIG_LOCAL_CACHE_DIR": cache, "ZIG_GLOBAL_CACHE_DIR": cache},
    )
    return dict(declarations(done.stdout))


def of_compiler_runtime(stub: str) -> dict[str, tuple[int, int]]:
    """Return the names of libSystem's part of compiler-rt by the first release that they are not hidden from."""
    (part,) = (part for part in stub.split("--- !tapi-tbd") if _COMPILER_RUNTIME in part)
    last: dict[str, int] = {}
    for match in _HIDDEN.finditer(part):
        last[match["name"]] = max(int(match["minor"]), last.get(match["name"], 0))
    return {name: (10, minor + 1) for name, minor in last.items()}


def symbols_by_release(zig: Path) -> dict[tuple[int, int], list[str]]:
    """Return libSystem's names that are newer than the oldest deployment target."""
    stub = (zig / _STUB).read_text("utf-8")
    exported = {match["name"] for match in _NAME.finditer(stub)}
    headers = sorted(path.relative_to(zig / _HEADERS).as_posix() for path in (zig / _HEADERS).rglob("*.h"))
    since = {**_KNOWN, **of_compiler_runtime(stub)}
    with tempfile.TemporaryDirectory() as cache, ThreadPoolExecutor(os.cpu_count()) as pool:
        calls = [(header, target) for target in _TARGETS for header in headers]
        for found in pool.map(lambda call: read_header(zig, *call, cache), calls):
            for name, release in found.items():
                # Declared twice, it is as old as the older says: the other one is for what uses it in a newer way.
                since[name] = min(release, since.get(name, release))
    chosen: dict[tuple[int, int], list[str]] = {}
    for name in sorted((exported & since.keys()) - _OLDER_THAN_SAID):
        if since[name] > _OLDEST:
            chosen.setdefault(since[name], []).append(name)
    return dict(sorted(chosen.items()))


def table(symbols: Mapping[tuple[int, int], Sequence[str]]) -> str:
    """Return the table as Python has it."""
    lines = ["_BY_RELEASE: Mapping[tuple[int, int], str] = MappingProxyType(\n", "    {\n"]
    for release, names in symbols.items():
        lines.append(f'        {release}: """\n')
        wrapped = textwrap.wrap(" ".join(names), 108, break_long_words=False, break_on_hyphens=False)
        lines += [f"            {line}\n" for line in wrapped]
        lines.append('        """,\n')
    return "".join([*lines, "    }\n", ")\n"])


def main(arguments: Sequence[str]) -> None:
    """Rewrite the table."""
    (zig,) = (Path(argument).resolve() for argument in arguments)
    before, _, rest = _DESTINATION.read_text("utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    _DESTINATION.write_text(before + _BEGIN + table(symbols_by_release(zig)) + _END + after, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
