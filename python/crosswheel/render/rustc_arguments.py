"""What a call of `rustc` becomes when it compiles for a target, or for the build machine meanwhile.

cargo calls the launcher ``rustc-wrapper`` in front of every `rustc` (``RUSTC_WRAPPER``). Linker and flags are said
there and not in ``RUSTFLAGS``, which would replace the flags a project has in its ``.cargo/config.toml``. The module is
copied beside the compiler launchers and imports nothing but, for the build script of a project, `re`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

__all__ = ["RUSTC_WRAPPER", "asks_of_the_target", "build_script", "rewrite_rustc"]

#: The launcher that cargo calls in front of `rustc`.
RUSTC_WRAPPER = "rustc-wrapper"

_CODEGEN = ("-C", "--codegen")


def rewrite_rustc(
    arguments: Sequence[str], toolchain: Mapping[str, Any], exists: Callable[[str], bool]
) -> list[str]:
    """Return the command for the call ``rustc-wrapper RUSTC ARGUMENTS...``.

    cargo names a target for what goes into the wheel only; build scripts and procedural macros run on the build
    machine and are compiled without. A CPU of the build machine (``-C target-cpu=native``) is passed over. A library of
    the sysroot that a crate wants to be static is left to the linker launcher, which links it as the plan says, with
    what it needs besides; `rustc` would put the bare archive into the crate.

    Args:
        arguments: the arguments of the launcher, the first one the real `rustc`.
        toolchain: the contents of ``toolchain.json``.
        exists: whether a file exists, to see whether a project brings a library itself.
    """
    rust = toolchain["rust"]
    for_target = any(word == "--target" or word.startswith("--target=") for word in arguments)
    added = rust["target_arguments" if for_target else "build_arguments"]
    program = arguments[0] if "/" in arguments[0] else rust["rustc"]
    words = _without_native(arguments[1:])
    if for_target and "sysroot" in toolchain:
        words = _left_to_the_linker(words, toolchain["sysroot"], exists)
    return [program, *words, *added]


def build_script(arguments: Sequence[str]) -> int | None:
    """Return where in a call of `rustc` the source of the project's own build script stands; ``None`` for another call.

    cargo names sources of the project relative to it, and those of crates by their whole path.
    """
    for index, word in enumerate(arguments[:-1]):
        if word == "--crate-name" and arguments[index + 1].startswith("build_script_"):
            break
    else:
        return None
    sources = (
        place for place, word in enumerate(arguments) if word.endswith(".rs") and not word.startswith("/")
    )
    return next(sources, None)


def asks_of_the_target(text: str, facts: Mapping[str, str]) -> str:
    """Return the source of a build script whose ``cfg`` of the processor are those of the target.

    A build script is compiled for the machine it runs on, and ``cfg(target_arch)`` in it names that machine; one that
    decides by it what is compiled decides wrongly when crossing. What it wants is ``CARGO_CFG_TARGET_ARCH``.
    https://doc.rust-lang.org/cargo/reference/build-scripts.html#inputs-to-the-build-script

    >>> asks_of_the_target('#[cfg(any(target_arch = "x86_64", windows))]', {"arch": "aarch64"})
    '#[cfg(any(any(), windows))]'
    """
    import re

    def predicate(found: re.Match[str]) -> str:
        fact = facts.get(found[1])
        return found[0] if fact is None else "all()" if fact == found[2] else "any()"

    return re.sub(r"""\btarget_(\w+)\s*=\s*"([^"]*)\"""", predicate, text)


def _left_to_the_linker(
    words: Sequence[str], sysroot: Mapping[str, Any], exists: Callable[[str], bool]
) -> list[str]:
    """Say ``-l static=NAME`` of a library of the sysroot as ``-l dylib=NAME``."""
    values = [words[index + 1] for index, word in enumerate(words[:-1]) if word == "-L"]
    searched = [value.partition("=")[2] or value for value in values]
    folders = [folder for folder in searched if not folder.startswith(sysroot["root"])]
    kept: list[str] = []
    for index, word in enumerate(words):
        kind, equals, name = word.partition("=")
        name = name.partition(":")[2] or name  # ``static=NAME:FILE`` gives it another name
        if (
            equals
            and index
            and words[index - 1] == "-l"
            and kind.partition(":")[0] == "static"
            and name in sysroot["table"]
            and not any(exists(f"{folder}/lib{name}.a") for folder in folders)
        ):
            kept.append(f"dylib={name}")
        else:
            kept.append(word)
    return kept


def _without_native(arguments: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for word in arguments:
        value = word
        for option in ("--codegen=", "-C"):
            if word.startswith(option) and word != option:
                value = word[len(option) :]
                break
        if value in {"target-cpu=native", "tune-cpu=native", "target_cpu=native"}:
            if value == word and kept and kept[-1] in _CODEGEN:
                kept.pop()
            continue
        kept.append(word)
    return kept
