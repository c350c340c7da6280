"""`#pragma GCC target` in Clang's words, which passes it over: functions after it would lack the instructions it names.

GCC gives every function that follows the pragma the named features; Clang does the same by `#pragma clang attribute`. The
text is translated after preprocessing, when the pragmas of macros and headers stand in it. Copied beside the compiler
launchers, and imported only when a compiler call has failed for want of such a feature.
https://gcc.gnu.org/onlinedocs/gcc/Function-Specific-Option-Pragmas.html
https://clang.llvm.org/docs/LanguageExtensions.html#specifying-an-attribute-for-multiple-declarations-pragma-clang-attribute
"""

from __future__ import annotations

import re

from .compiler_flags import OPTIONS_WITH_VALUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["clang_target_pragmas", "compiling_call", "preprocessing_call"]

_PRAGMA = re.compile(
    r"[ \t]*#[ \t]*pragma[ \t]+GCC[ \t]+(target|push_options|pop_options|reset_options)\b(.*)"
)
_STRING = re.compile(r'"([^"]*)"')
#: Options about preprocessing, which is over when the translated text is compiled.
_OF_PREPROCESSING = ("-D", "-U", "-M", "-include", "-imacros")


def clang_target_pragmas(text: str) -> str | None:
    r"""Return preprocessed source with GCC's target pragmas as Clang's; ``None`` where it holds none that names a target.

    >>> print(clang_target_pragmas('#pragma GCC target("avx2")\nint f(void);\n'), end="")
    #pragma clang attribute push (__attribute__((target("avx2"))), apply_to = function)
    int f(void);
    #pragma clang attribute pop
    """
    lines: list[str] = []
    current: tuple[str, ...] = ()
    saved: list[tuple[str, ...]] = []
    named = False
    for line in text.splitlines():
        pragma = _PRAGMA.match(line)
        if pragma is None:
            lines.append(line)
            continue
        before, word = current, pragma[1]
        if word == "target":
            named = True
            current = (*current, *_STRING.findall(pragma[2]))
        elif word == "push_options":
            saved.append(current)
        elif word == "pop_options":
            current = saved.pop() if saved else ()
        else:
            current = ()
        lines += _change(before, current)
    lines += _change(current, ())
    return "".join(f"{line}\n" for line in lines) if named else None


def _change(before: tuple[str, ...], after: tuple[str, ...]) -> list[str]:
    """Return the lines that leave one set of features for another; at most one is in force at a time."""
    if before == after:
        return []
    pop = ["#pragma clang attribute pop"] if before else []
    attribute = f'__attribute__((target("{",".join(after)}")))'
    return [*pop, *([f"#pragma clang attribute push ({attribute}, apply_to = function)"] if after else [])]


def preprocessing_call(command: Sequence[str], output: str) -> list[str] | None:
    """Return the command that preprocesses what `command` compiles; ``None`` where it does not stop before the link."""
    if "-c" not in command or "-o" not in command:
        return None
    words = ["-E" if word == "-c" else word for word in command]
    words[words.index("-o") + 1] = output
    return words


def compiling_call(command: Sequence[str], source: str, preprocessed: str) -> list[str]:
    """Return `command` for the preprocessed text of its source."""
    kept: list[str] = []
    rest = list(reversed(command))
    while rest:
        word = rest.pop()
        value = [rest.pop()] if word in OPTIONS_WITH_VALUE and rest else []
        if not word.startswith(_OF_PREPROCESSING):
            kept += [preprocessed if word == source else word, *value]
    return kept
