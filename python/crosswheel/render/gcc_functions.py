"""What GCC lets a source say of single functions and Clang passes over, in Clang's words.

- `#pragma GCC target`: the functions after it get the named features of the processor; Clang does the same by
  `#pragma clang attribute`.
- The attribute `optimize`, where code relies on it: assembly that moves the stack itself wants its function to have a frame
  pointer, and no address of a local variable kept in a register.

The text is translated after preprocessing, when the pragmas of macros and headers stand in it. Copied beside the compiler
launchers, and imported only when the compiler has said that it passes something over.
https://gcc.gnu.org/onlinedocs/gcc/Function-Specific-Option-Pragmas.html
https://gcc.gnu.org/onlinedocs/gcc/Common-Function-Attributes.html#index-optimize-function-attribute
https://clang.llvm.org/docs/LanguageExtensions.html#specifying-an-attribute-for-multiple-declarations-pragma-clang-attribute
"""

from __future__ import annotations

import re

from .compiler_flags import OPTIONS_WITH_VALUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["compiling_call", "in_clangs_words", "preprocessing_call"]

_PRAGMA = re.compile(
    r"[ \t]*#[ \t]*pragma[ \t]+GCC[ \t]+(target|push_options|pop_options|reset_options)\b(.*)"
)
_STRING = re.compile(r'"([^"]*)"')
_OPTIMIZE = re.compile(r"\b(?:__optimize__|optimize)[ \t]*\([ \t]*(\"[^\"]*\"|\d)[ \t]*\)(?=[ \t]*[,)])")
#: What asks for a function that is compiled word by word, and the option that the file then needs. Whatever else the
#: attribute says is about speed.
_WORD_BY_WORD = {
    "no-omit-frame-pointer": "-fno-omit-frame-pointer",
    "-fno-omit-frame-pointer": "-fno-omit-frame-pointer",
    "O0": "",
    "-O0": "",
    "0": "",
}
#: Options about preprocessing, which is over when the translated text is compiled.
_OF_PREPROCESSING = ("-D", "-U", "-M", "-include", "-imacros")


def in_clangs_words(text: str) -> tuple[str, list[str]] | None:
    r"""Return preprocessed source as Clang understands it, and options for the file; ``None`` where nothing changes.

    >>> print(in_clangs_words('#pragma GCC target("avx2")\nint f(void);\n')[0], end="")
    #pragma clang attribute push (__attribute__((target("avx2"))), apply_to = function)
    int f(void);
    <BLANKLINE>
    #pragma clang attribute pop
    >>> in_clangs_words('__attribute__((optimize("no-omit-frame-pointer"))) int f(void);\n')
    ('__attribute__((optnone)) int f(void);\n', ['-fno-omit-frame-pointer'])
    """
    options: list[str] = []

    def attribute(found: re.Match[str]) -> str:
        option = _WORD_BY_WORD.get(found[1].strip('"'))
        if option is None:
            return found[0]
        if option and option not in options:
            options.append(option)
        return "optnone"

    # Only a line feed ends a line: a string may hold what Python also takes for an end.
    translated = "\n".join(_pragmas(_OPTIMIZE.sub(attribute, text).split("\n")))
    return None if translated == text else (translated, options)


def _pragmas(given: Sequence[str]) -> Sequence[str]:
    """Return the lines with GCC's target pragmas as Clang's; as they are where none names a target."""
    lines: list[str] = []
    current: tuple[str, ...] = ()
    saved: list[tuple[str, ...]] = []
    named = False
    for line in given:
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
    lines += [*_change(current, ()), ""] if current else []
    return lines if named else given


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


def compiling_call(
    command: Sequence[str], source: str, preprocessed: str, options: Sequence[str]
) -> list[str]:
    """Return `command` with `options` for the preprocessed text of its source."""
    kept: list[str] = []
    rest = list(reversed(command))
    while rest:
        word = rest.pop()
        value = [rest.pop()] if word in OPTIONS_WITH_VALUE and rest else []
        if not word.startswith(_OF_PREPROCESSING):
            kept += [preprocessed if word == source else word, *value]
    return [*kept, *options]
