"""`pkg-config` as a function: what ``.pc`` files say, and the answer to a call.

Follows pkg-config(1) and pc(5) (https://www.freedesktop.org/wiki/Software/pkg-config/). Copied beside the compiler
launchers, so it imports nothing but built-in and frozen modules.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["PackageConfig", "answer_package_config", "read_package_config"]

_VERSION = "0.29.2"
_COMPARISONS = ("<=", ">=", "!=", "=", "<", ">")
#: Options whose value stays a word of its own.
_SPACED = ("-isystem", "-idirafter", "-iquote")
_FOLDERS = ("-I", "-L", "-isystem", "-idirafter", "-iquote")


class PackageConfig:
    """One ``.pc`` file; a plain class, for `dataclasses` takes longer to import than an answer."""

    __slots__ = ("cflags", "fields", "libs", "libs_private", "requires", "requires_private", "variables")

    def __init__(self, fields: Mapping[str, str], variables: Mapping[str, str]) -> None:
        self.fields = fields
        self.variables = variables
        self.cflags = tuple(_words(fields.get("Cflags", fields.get("CFlags", ""))))
        self.libs = tuple(_words(fields.get("Libs", "")))
        self.libs_private = tuple(_words(fields.get("Libs.private", "")))
        self.requires = tuple(name for name, _, _ in _modules(fields.get("Requires", "")))
        self.requires_private = tuple(name for name, _, _ in _modules(fields.get("Requires.private", "")))


def read_package_config(text: str, given: Mapping[str, str]) -> PackageConfig:
    """Return what a ``.pc`` file says.

    Args:
        text: its text.
        given: variables set from outside (``--define-variable``, ``pcfiledir``), which go before the file's own.
    """
    variables = dict(given)
    fields: dict[str, str] = {}
    for whole in text.replace("\\\n", " ").splitlines():
        line = whole.partition("#")[0].strip()
        name, colon, value = line.partition(":")
        variable, equals, content = line.partition("=")
        if equals and (not colon or len(variable) < len(name)):
            if variable.strip() not in given:
                variables[variable.strip()] = _expanded(content.strip(), variables)
        elif colon:
            fields[name.strip()] = _expanded(value.strip(), variables)
    return PackageConfig(fields, variables)


def _expanded(text: str, variables: Mapping[str, str]) -> str:
    result = ""
    while "${" in text:
        before, _, text = text.partition("${")
        name, _, text = text.partition("}")
        result += before + variables.get(name, "")
    return result + text


def _words(text: str) -> list[str]:
    """Split as a shell does, without its expansions."""
    words: list[str] = []
    word, quote, begun = "", "", False
    index = 0
    while index < len(text):
        char = text[index]
        if char == "\\" and quote != "'" and index + 1 < len(text):
            index += 1
            word, begun = word + text[index], True
        elif quote:
            if char == quote:
                quote = ""
            else:
                word += char
        elif char in "'\"":
            quote, begun = char, True
        elif char.isspace():
            if begun:
                words.append(word)
            word, begun = "", False
        else:
            word, begun = word + char, True
        index += 1
    return [*words, word] if begun else words


def _modules(text: str) -> list[tuple[str, str, str]]:
    """Return name, comparison and version of each module in a list like ``a >= 1.2, b c``."""
    for sign in _COMPARISONS:
        if sign in {"<", ">", "="}:
            continue
        text = text.replace(sign, f" {sign} ")
    words: list[str] = []
    for word in text.replace(",", " ").split():
        words += _split_sign(word)
    found: list[tuple[str, str, str]] = []
    index = 0
    while index < len(words):
        if index + 2 < len(words) and words[index + 1] in _COMPARISONS:
            found.append((words[index], words[index + 1], words[index + 2]))
            index += 3
        else:
            found.append((words[index], "", ""))
            index += 1
    return found


def _split_sign(word: str) -> list[str]:
    """Split ``name=1`` and its like, but not a bare comparison."""
    if word in _COMPARISONS:
        return [word]
    for sign in ("<", ">", "="):
        left, found, right = word.partition(sign)
        if found:
            return [part for part in (left, sign, right) if part]
    return [word]


class _UnansweredError(Exception):
    """The answer is an error; its text is the message."""


class _Call:
    """One call while it is answered."""

    def __init__(self, load: Callable[[str], PackageConfig | None]) -> None:
        self.load = load
        self.loaded: dict[str, PackageConfig] = {}

    def package(self, name: str, wanted_by: str | None = None) -> PackageConfig:
        if name not in self.loaded:
            found = self.load(name)
            if found is None:
                by = f", required by '{wanted_by}', not found" if wanted_by else " was not found"
                raise _UnansweredError(
                    f"Package {name} was not found in the pkg-config search path.\nNo package '{name}' found"
                    if not wanted_by
                    else f"Package '{name}'{by}"
                )
            self.loaded[name] = found
        return self.loaded[name]

    def tree(self, names: Iterable[str], *, private: bool) -> list[tuple[str, PackageConfig]]:
        """Return packages and all they require, each before what it requires."""
        order: list[str] = []

        def visit(name: str, wanted_by: str | None) -> None:
            package = self.package(name, wanted_by)
            if name in order:
                return
            order.append(name)
            for other in (*package.requires, *(package.requires_private if private else ())):
                visit(other, name)

        for name in names:
            visit(name, None)
        return [(name, self.loaded[name]) for name in order]


def answer_package_config(
    arguments: Sequence[str], load: Callable[[str, Mapping[str, str]], PackageConfig | None]
) -> tuple[str, str, int]:
    """Return standard output, standard error and exit status of ``pkg-config arguments...``.

    Args:
        arguments: the arguments.
        load: reads a package by name, with the variables given on the command line.
    """
    options, words = _read_arguments(arguments)
    if "version" in options:
        return f"{_VERSION}\n", "", 0
    if "atleast-pkgconfig-version" in options:
        return "", "", 0 if _compare(_VERSION, options["atleast-pkgconfig-version"]) >= 0 else 1
    if "help" in options or "list-all" in options:
        return "", "", 0
    given = dict(pair.partition("=")[::2] for pair in options.get("define-variable", "").split("\n") if pair)
    call = _Call(lambda name: load(name, given))
    quiet = "silence-errors" in options or (
        "print-errors" not in options and any(name in options for name in _QUIET)
    )
    try:
        return _answer(options, words, call), "", 0
    except _UnansweredError as failure:
        return "", "" if quiet else f"{failure}\n", 1


_QUIET = ("exists", "atleast-version", "exact-version", "max-version")
_WITH_VALUE = frozenset(
    {
        "variable",
        "define-variable",
        "atleast-version",
        "exact-version",
        "max-version",
        "atleast-pkgconfig-version",
    }
)


def _read_arguments(arguments: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    options: dict[str, str] = {}
    words: list[str] = []
    rest = list(reversed(arguments))
    while rest:
        argument = rest.pop()
        if not argument.startswith("-") or argument == "-":
            words.append(argument)
            continue
        name, equals, value = argument.lstrip("-").partition("=")
        if name in _WITH_VALUE and not equals and rest:
            value = rest.pop()
        if name == "define-variable" and name in options:
            value = f"{options[name]}\n{value}"
        options[name] = value
    return options, words


def _answer(options: Mapping[str, str], words: Sequence[str], call: _Call) -> str:
    modules = _modules(" ".join(words))
    if not modules:
        raise _UnansweredError("Must specify package names on the command line")
    for name, sign, version in modules:
        _require(call.package(name), name, sign, version)
    names = [name for name, _, _ in modules]
    for option, sign in (("atleast-version", ">="), ("exact-version", "="), ("max-version", "<=")):
        if option in options:
            for name in names:
                _require(call.package(name), name, sign, options[option])
    # Compiler flags of privately required packages count in any case: their headers may be included.
    whole = call.tree(names, private=True)
    lines: list[str] = []
    if "modversion" in options:
        lines += [call.package(name).fields.get("Version", "") for name in names]
    if "variable" in options:
        lines.append(" ".join(call.package(name).variables.get(options["variable"], "") for name in names))
    if "print-variables" in options:
        lines += [variable for name in names for variable in call.package(name).variables]
    if "print-provides" in options:
        lines += [f"{name} = {call.package(name).fields.get('Version', '')}" for name in names]
    for option, field in (("print-requires", "Requires"), ("print-requires-private", "Requires.private")):
        if option in options:
            lines += [
                " ".join(filter(None, module))
                for name in names
                for module in _modules(call.package(name).fields.get(field, ""))
            ]
    flags = _flags(options, whole, call.tree(names, private="static" in options))
    text = "".join(f"{line}\n" for line in lines)
    return text if flags is None else f"{text}{' '.join(_quoted(word) for word in flags)}\n"


def _flags(
    options: Mapping[str, str],
    whole: Sequence[tuple[str, PackageConfig]],
    linked: Sequence[tuple[str, PackageConfig]],
) -> list[str] | None:
    """Return the flags asked for, ``None`` if none are."""
    asked = {"cflags", "cflags-only-I", "cflags-only-other"} | {
        "libs",
        "libs-only-L",
        "libs-only-l",
        "libs-only-other",
    }
    if not asked & set(options):
        return None
    compiling = _joined(word for _, package in whole for word in package.cflags)
    linking = _joined(
        word
        for _, package in linked
        for word in (*package.libs, *(package.libs_private if "static" in options else ()))
    )
    flags: list[str] = []
    folders = [word for word in compiling if word.startswith(_FOLDERS)]
    others = [word for word in compiling if not word.startswith(_FOLDERS)]
    if "cflags" in options or "cflags-only-other" in options:
        flags += others
    if "cflags" in options or "cflags-only-I" in options:
        flags += folders
    for option, is_wanted in (
        ("libs-only-other", lambda word: not word.startswith(("-L", "-l"))),
        ("libs-only-L", lambda word: word.startswith("-L")),
        ("libs-only-l", lambda word: word.startswith("-l")),
    ):
        if "libs" in options or option in options:
            flags += [word for word in linking if is_wanted(word)]
    return flags


def _joined(words: Iterable[str]) -> list[str]:
    """Return flags without repetitions, an option and its value as one; of libraries the last one stays."""
    joined: list[str] = []
    pending: str | None = None
    for word in words:
        if pending is not None:
            joined.append(f"{pending} {word}" if pending in _SPACED else pending + word)
            pending = None
        elif word in {"-I", "-L", "-l", *_SPACED}:
            pending = word
        else:
            joined.append(word)
    kept: list[str] = []
    for index, word in enumerate(joined):
        later = joined[index + 1 :]
        if word.startswith("-l"):
            if word not in later:
                kept.append(word)
        elif word not in kept:
            kept.append(word)
    return kept


def _quoted(word: str) -> str:
    """Escape what a shell would take apart, but not the space between an option and its value."""
    option, space, value = word.partition(" ")
    if space and option in _SPACED:
        return f"{option} {_quoted(value)}"
    return "".join(f"\\{char}" if char in " \t'\"\\`$|&;()<>*?[]#~!" else char for char in word)


def _require(package: PackageConfig, name: str, sign: str, version: str) -> None:
    have = package.fields.get("Version", "")
    order = _compare(have, version) if sign else 0
    fits = {"": True, "=": order == 0, "!=": order != 0, "<": order < 0, ">": order > 0}
    fits |= {"<=": order <= 0, ">=": order >= 0}
    if not fits[sign]:
        raise _UnansweredError(f"Requested '{name} {sign} {version}' but version of {name} is {have}")


def _compare(left: str, right: str) -> int:
    """Compare versions as RPM does, and pkg-config after it: -1, 0 or 1."""
    one, two = _parts(left), _parts(right)
    for first, second in zip(one, two, strict=False):
        if first == second:
            continue
        if first.isdigit() and second.isdigit():
            if int(first) != int(second):
                return 1 if int(first) > int(second) else -1
            continue
        if first.isdigit() != second.isdigit():
            return 1 if first.isdigit() else -1
        return 1 if first > second else -1
    return (len(one) > len(two)) - (len(one) < len(two))


def _parts(version: str) -> list[str]:
    parts: list[str] = []
    for char in version:
        if not char.isalnum():
            parts.append("")
        elif parts and parts[-1] and parts[-1][-1].isdigit() == char.isdigit():
            parts[-1] += char
        elif parts and not parts[-1]:
            parts[-1] = char
        else:
            parts.append(char)
    return [part for part in parts if part]
