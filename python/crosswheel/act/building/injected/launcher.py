"""The compiler launchers' program: reads ``toolchain.json``, rewrites the call, becomes zig.

Copied as ``lib/crosswheel_launcher/launcher.py`` of a toolchain folder and run by the build Python without `site`;
it imports nothing of crosswheel but `compiler_arguments`, which is copied beside it. Every compiler call of a build
pays for its start-up, hence only built-in modules on the common path.

A launcher is a file in ``bin/`` whose name says which tool it is::

    #!<build Python> -ISE
    import sys
    sys.path.insert(0, "<toolchain>/lib")
    from crosswheel_launcher.launcher import main
    main("<toolchain>/toolchain.json")

``toolchain.json`` is documented in docs/concepts/toolchain.md.
"""

# ruff: noqa: PTH123

from __future__ import annotations

import posix
import sys

from crosswheel_launcher.compiler_arguments import Refusal, Run, rewrite, tool_of  # type: ignore[import-not-found]
from crosswheel_launcher.compiler_outputs import first_error, in_turn, into_file, links, made_by  # type: ignore[import-not-found]

# The folder of this name is made when a toolchain is written.
from crosswheel_launcher.rustc_arguments import (  # type: ignore[import-not-found]
    RUSTC_WRAPPER,
    asks_of_the_target,
    build_script,
    rewrite_rustc,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_WHITE = " \t\r\n"


def split(text: str) -> list[str]:
    """Split a response file as GCC does: quotes group, a backslash takes the next character as it is."""
    words: list[str] = []
    word: str | None = None
    quote, index = "", 0
    while index < len(text):
        char = text[index]
        if char == "\\" and quote != "'" and index + 1 < len(text):
            index += 1
            word = (word or "") + text[index]
        elif quote:
            if char == quote:
                quote = ""
            else:
                word = (word or "") + char
        elif char in "'\"":
            quote, word = char, word or ""
        elif char in _WHITE:
            if word is not None:
                words.append(word)
            word = None
        else:
            word = (word or "") + char
        index += 1
    return words if word is None else [*words, word]


def expand(arguments: Sequence[str], depth: int = 0) -> list[str]:
    """Replace each ``@file`` that can be read by the words in it."""
    expanded: list[str] = []
    for argument in arguments:
        text = None
        if argument[:1] == "@" and depth < 10:
            try:
                with open(argument[1:], encoding="utf-8", errors="surrogateescape") as stream:
                    text = stream.read()
            except OSError:
                text = None
        if text is None:
            expanded.append(argument)
        else:
            expanded += expand(split(text), depth + 1)
    return expanded


def exists(path: str) -> bool:
    """Tell whether `path` exists."""
    try:
        posix.stat(path)
    except OSError:
        return False
    return True


def copy_stripped(arguments: Sequence[str]) -> None:
    """Do what is left of ``strip -o OUT IN``: copy."""
    if "-o" in arguments[:-1]:
        out = arguments[arguments.index("-o") + 1]
        inputs = [word for word in arguments if not word.startswith("-") and word != out]
        with open(inputs[-1], "rb") as source, open(out, "wb") as destination:
            destination.write(source.read())


def note(file: bytes, line: str) -> None:
    """Leave a line for whoever runs the build, if somebody reads it; standard error is read by probes."""
    folder = posix.environ.get(b"CROSSWHEEL_NOTES")
    if folder:
        try:
            with open(folder + b"/" + file, "a", encoding="utf-8", errors="replace") as stream:
                stream.write(line + "\n")
        except OSError:
            return


def note_call(making: tuple[list[str], str], *, linked: bool, error: str | None) -> None:
    """Note a call and how it ended."""
    import json

    sources, output = making
    call = {
        "made": error is None,
        "linked": linked,
        "folder": posix.getcwd(),
        "sources": sources,
        "output": output,
        "error": error or "",
    }
    note(b"crosswheel-compiler-calls", json.dumps(call))


def watched(argv: list[str]) -> tuple[int, bytes]:
    """Run a compiler and return its exit status and the first of its words, which go to standard error as well."""
    import _signal  # type: ignore[import-not-found]  # built in, and what `signal` wraps

    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)  # as if this process had become the compiler
    reading, writing = posix.pipe()
    actions = [(posix.POSIX_SPAWN_DUP2, writing, 2)]
    child = posix.posix_spawn(argv[0], argv, posix.environ, file_actions=actions)
    posix.close(writing)
    words = b""
    while block := posix.read(reading, 65536):
        words = words if len(words) > 65536 else words + block
        try:
            while block:
                block = block[posix.write(2, block) :]
        except OSError:
            continue
    return _status(child), words


def one_after_another(calls: Sequence[list[str]]) -> int:
    """Compile each source by a call of this launcher; zig makes a file of the first one alone, and says nothing."""
    return max(_status(posix.posix_spawn(sys.argv[0], [sys.argv[0], *call], posix.environ)) for call in calls)


def by_file(arguments: list[str], path: str) -> int:
    """Write to standard output what a call of this launcher writes to `path`; zig would make a file of that name."""
    status = _status(posix.posix_spawn(sys.argv[0], [sys.argv[0], *arguments], posix.environ))
    if not status:
        with open(path, "rb") as stream:
            sys.stdout.buffer.write(stream.read())
        sys.stdout.buffer.flush()
        posix.unlink(path)
    return status


def _status(child: int) -> int:
    status = posix.waitstatus_to_exitcode(posix.waitpid(child, 0)[1])
    return 128 - status if status < 0 else status


def in_clangs_words(command: list[str], making: tuple[list[str], str], folder: bytes) -> int | None:
    """Compile once more with what GCC says of single functions in Clang's words; ``None`` where there is nothing to say."""
    from crosswheel_launcher.gcc_functions import (  # type: ignore[import-not-found]
        compiling_call,
        in_clangs_words,
        preprocessing_call,
    )

    source = making[0][0] if len(making[0]) == 1 else ""
    scratch = f"{folder.decode(errors='surrogateescape')}/crosswheel-{posix.getpid()}"
    # Its suffix says the language; to zig, one of preprocessed text says another way of being called.
    paths = f"{scratch}.i", scratch + source[source.rfind(".") :]
    preprocessing = preprocessing_call(command, paths[0]) if source else None
    status = None
    if preprocessing is not None and watched(preprocessing)[0] == 0:
        with open(paths[0], encoding="utf-8", errors="surrogateescape") as stream:
            found = in_clangs_words(stream.read())
        if found is not None:
            with open(paths[1], "w", encoding="utf-8", errors="surrogateescape") as stream:
                stream.write(found[0])
            status = watched(compiling_call(command, source, paths[1], found[1]))[0]
    for path in paths:
        if exists(path):
            posix.unlink(path)
    return status


def keep_constants_apart(making: tuple[list[str], str]) -> None:
    """Keep a linker from reordering the constants of an object file that was made from assembler code."""
    sources, output = making
    if len(sources) != 1 or not sources[0].endswith((".S", ".s", ".sx")):
        return
    from crosswheel_launcher.constant_sections import (  # type: ignore[import-not-found]
        keep_constants_apart,
    )

    path = output or sources[0][sources[0].rfind("/") + 1 :].rpartition(".")[0] + ".o"
    try:
        with open(path, "rb") as stream:
            data = stream.read()
        kept = keep_constants_apart(data)
        if kept != data:
            with open(path, "wb") as stream:
                stream.write(kept)
    except OSError:
        return  # the output is none of a file's: /dev/null, where a probe is content


def package_config(arguments: Sequence[str], toolchain: Mapping[str, Any]) -> int:
    """Answer for `pkg-config`: from ``PKG_CONFIG_PATH`` and the sysroot, never from the build machine."""
    from crosswheel_launcher.compiler_flags import (  # type: ignore[import-not-found]
        BUILD_MACHINE_FOLDERS,
    )
    from crosswheel_launcher.package_config import (  # type: ignore[import-not-found]
        answer_package_config,
        read_package_config,
    )

    given = posix.environ.get(b"PKG_CONFIG_PATH", b"").decode(errors="surrogateescape").split(":")
    foreign = tuple(f"{folder}/" for folder in BUILD_MACHINE_FOLDERS)
    folders = [folder for folder in given if folder and not f"{folder}/".startswith(foreign)]
    folders += toolchain.get("sysroot", {}).get("package_configs", ())

    def load(name: str, variables: Mapping[str, str]) -> object:
        places = (
            [(name, "")] if name.endswith(".pc") else [(f"{folder}/{name}.pc", folder) for folder in folders]
        )
        for place, folder in places:
            try:
                with open(place, encoding="utf-8", errors="surrogateescape") as stream:
                    return read_package_config(stream.read(), {"pcfiledir": folder, **variables})
            except OSError:
                continue
        return None

    output, error, status = answer_package_config(arguments, load)
    sys.stdout.write(output)
    sys.stderr.write(error)
    return int(status)


def list_symbols(arguments: Sequence[str]) -> int:
    """Do what `nm` would do, where the toolchain has none."""
    from crosswheel_launcher.symbol_listing import (  # type: ignore[import-not-found]
        list_symbols,
    )

    output, error, status = list_symbols(arguments)
    sys.stdout.write(output)
    sys.stderr.write(error)
    return int(status)


def _with_build_script(arguments: list[str], toolchain: Mapping[str, Any]) -> list[str]:
    """Have a build script of the project that asks for the processor, by ``cfg``, be told the target's."""
    place = build_script(arguments)
    if place is None:
        return arguments
    with open(arguments[place], encoding="utf-8", errors="surrogateescape") as stream:
        text = stream.read()
    told = asks_of_the_target(text, toolchain["rust"]["target_facts"])
    if told == text:
        return arguments
    # Beside the script, where its modules are; cargo looks for it again to see whether it changed.
    path = f"{arguments[place].removesuffix('.rs')}-for-target.rs"
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as stream:
        stream.write(told)
    return [*arguments[:place], path, *arguments[place + 1 :]]


def _is_for_target(found: tuple[str, Mapping[str, Any]], toolchain: Mapping[str, Any]) -> bool:
    """Tell whether a call makes something that may get into the wheel."""
    return found[0] in {"cc", "c++", "ld"} and found[1] is toolchain["target"]


def main(settings: str) -> None:
    """Do what the tool this launcher is named after would do."""
    name = sys.argv[0].rpartition("/")[2]
    import json

    with open(settings, encoding="utf-8") as stream:
        toolchain = json.load(stream)
    if name == RUSTC_WRAPPER:
        command = rewrite_rustc(_with_build_script(sys.argv[1:], toolchain), toolchain, exists)
        posix.execve(command[0], command, posix.environ)
    found = tool_of(name, toolchain)
    if found is not None and found[0] == "pkg-config":
        sys.exit(package_config(sys.argv[1:], toolchain))
    arguments = expand(sys.argv[1:])
    if name.endswith("ld") and b"CROSSWHEEL_COMPILER" in posix.environ:
        sys.stderr.write(
            f"{name}: error: the compiler of this build has no linker of its own, and took the launcher for one\n"
        )
        sys.exit(1)
    if found is not None and found[0] == "nm" and "nm" not in found[1]["programs"]:
        sys.exit(list_symbols(arguments))
    making = made_by(arguments)
    if found is not None and found[0] in {"cc", "c++"} and found[1]["family"] == "zig":
        if making and (calls := in_turn(arguments, making)):
            sys.exit(one_after_another(calls))
        path = f"{posix.environ.get(b'TMPDIR', b'/tmp').decode()}/crosswheel-{posix.getpid()}.out"
        if (call := into_file(arguments, path)) is not None:
            sys.exit(by_file(call, path))
    outcome = rewrite(name, arguments, toolchain, exists)
    if isinstance(outcome, Run):
        if outcome.newer_cpu:
            note(b"crosswheel-newer-cpu", " ".join(outcome.newer_cpu))
        if outcome.linked:
            note(b"crosswheel-linked", " ".join(outcome.linked))
        for variable, value in toolchain["environment"].items():
            posix.environ.setdefault(variable.encode(), value.encode())
        folder = posix.environ.get(b"TMPDIR")
        if not folder or making is None or not found or not _is_for_target(found, toolchain):
            posix.execve(outcome.argv[0], outcome.argv, posix.environ)
        status, said = watched(outcome.argv)
        words = said.decode(errors="replace")
        if "target feature" in words if status else "attribute 'optimize' ignored" in words:
            again = in_clangs_words(outcome.argv, making, folder)
            status = status if again is None else again
        error, linked = first_error(words) if status else None, links(arguments)
        if not status and not linked:
            keep_constants_apart(making)
        note_call(making, linked=linked, error=error)
        sys.exit(status)
    if isinstance(outcome, Refusal):
        if making and found and _is_for_target(found, toolchain):
            note_call(making, linked=links(arguments), error=f"error: {outcome.why}")
        sys.stderr.write(f"{name}: error: {outcome.why}\n")
        sys.exit(1)
    if name.endswith("strip"):
        copy_stripped(arguments)
    sys.stdout.write(outcome.text)
    sys.stdout.flush()
    sys.exit(outcome.status)
