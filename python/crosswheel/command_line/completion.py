"""What may come next on a command line, read from the parser that will parse it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crosswheel.command_line.leading_options import behind_options, options_of
from crosswheel.command_line.output_places import place_on_disk

__all__ = ["Completion", "complete"]

#: Placeholders of arguments that are files or folders although they are read as texts.
_FILES = frozenset(
    {"FILE", "PATH", "DIR", "FOLDER", "LOCK|PLAN", "LOCK|PACKAGE", "LOG|PACKAGE", "TARGET=PATH"}
)
#: Arguments whose values are targets, by where the parser puts them, and Pythons.
_TARGETS = frozenset({"target", "build_platform"})
_PYTHONS = frozenset({"python"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Completion:
    """What may come next.

    Attributes:
        words: what may stand there, with what it means.
        files: whether the name of a file may, too.
    """

    words: Mapping[str, str]
    files: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Values:
    """Names that come from tables, made only when they are asked for."""

    targets: Callable[[], Iterable[str]]
    pythons: Callable[[], Iterable[str]]


def complete(
    words: Sequence[str],
    *,
    commands: Sequence[str],
    parser_of: Callable[[str | None], argparse.ArgumentParser],
    targets: Callable[[], Iterable[str]],
    pythons: Callable[[], Iterable[str]],
) -> Completion:
    """Return what may take the place of the last word.

    Args:
        words: the command line without the program's name, up to the cursor; the last word may be empty.
        commands: the names of all commands; some are two words.
        parser_of: returns the parser of one command, or with ``None`` of all.
        targets: names of targets.
        pythons: versions of Python.
    """
    *before, begun = words or [""]
    values = _Values(targets=targets, pythons=pythons)
    if before and before[0].startswith("-"):
        at, wanted = behind_options(parser_of(None), before)
        if wanted is not None:
            return _values_of(wanted, begun, values)
        before = before[at:]
    name = next((one for one in (" ".join(before[:2]), " ".join(before[:1])) if one in commands), None)
    if name is None:
        return Completion(words={}) if before else _first_word(begun, commands, parser_of(None), values)
    parser = _subparsers(parser_of(name))[name]
    found = _of_command(parser, before[len(name.split()) :], begun, values)
    if len(before) == 1 and not begun.startswith("-"):
        second = {one.split()[1]: "" for one in commands if one.startswith(f"{name} ")}
        words_found = {**{word: "" for word in second if word.startswith(begun)}, **found.words}
        return Completion(words=words_found, files=found.files)
    return found


def _first_word(
    begun: str, commands: Sequence[str], parser: argparse.ArgumentParser, values: _Values
) -> Completion:
    if (found := _behind_equals(options_of(parser), begun, values)) is not None:
        return found
    if begun.startswith("-"):
        return Completion(words=_starting(_options(parser), begun))
    helps = _helps(parser)
    return Completion(words=_starting({one: helps[one] for one in commands if " " not in one}, begun))


def _of_command(
    parser: argparse.ArgumentParser, before: Sequence[str], begun: str, values: _Values
) -> Completion:
    """Follow the words into the parser, and complete what is open there."""
    options = options_of(parser)
    wanted: argparse.Action | None = None
    positional = 0
    for number, word in enumerate(before):
        if wanted is not None:
            wanted = None
        elif word.startswith("-") and len(word) > 1:
            action = options.get(word)
            wanted = action if action is not None and action.nargs != 0 else None
        elif word in (inner := _subparsers(parser)):
            return _of_command(inner[word], before[number + 1 :], begun, values)
        else:
            positional += 1
    if wanted is not None:
        return _values_of(wanted, begun, values)
    if (found := _behind_equals(options, begun, values)) is not None:
        return found
    if begun.startswith("-"):
        return Completion(words=_starting(_options(parser, given=before), begun))
    if inner := _subparsers(parser):
        return Completion(words=_starting({name: _helps(parser)[name] for name in inner}, begun))
    arguments = [action for action in parser._actions if not action.option_strings]  # noqa: SLF001
    if positional < len(arguments) or (arguments and arguments[-1].nargs in {"*", "+"}):
        return _values_of(arguments[min(positional, len(arguments) - 1)], begun, values)
    return Completion(words={})


def _behind_equals(options: Mapping[str, argparse.Action], begun: str, values: _Values) -> Completion | None:
    """Complete the value of ``--option=VALUE``; return ``None`` where the word is no such."""
    option, equals, rest = begun.partition("=")
    if not equals or option not in options:
        return None
    found = _values_of(options[option], rest, values)
    words = {f"{option}={word}": meaning for word, meaning in found.words.items()}
    return Completion(words=words, files=found.files)


def _values_of(action: argparse.Action, begun: str, values: _Values) -> Completion:
    if action.choices is not None:
        return Completion(words=_starting(dict.fromkeys(map(str, action.choices), ""), begun))
    if action.dest in _TARGETS or "a target in any spelling" in str(action.help):
        return Completion(words=_starting(dict.fromkeys(values.targets(), ""), begun))
    if action.dest in _PYTHONS:
        return Completion(words=_starting(dict.fromkeys(values.pythons(), ""), begun))
    return Completion(words={}, files=action.type in {Path, place_on_disk} or action.metavar in _FILES)


def _options(parser: argparse.ArgumentParser, *, given: Sequence[str] = ()) -> dict[str, str]:
    """Return the options that can still be given, by each of their long names, with their help."""
    return {
        name: _first_clause(action.help)
        for action in parser._actions  # noqa: SLF001
        for name in action.option_strings
        if (name.startswith("--") or not any(one.startswith("--") for one in action.option_strings))
        and (isinstance(action, argparse._AppendAction) or not set(action.option_strings) & set(given))  # noqa: SLF001
    }


def _subparsers(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            return action.choices
    return {}


def _helps(parser: argparse.ArgumentParser) -> dict[str, str]:
    """Return what each subcommand is for."""
    return {
        choice.dest: _first_clause(choice.help)
        for action in parser._actions  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction)  # noqa: SLF001
        for choice in action._choices_actions  # noqa: SLF001
    }


def _first_clause(text: str | None) -> str:
    return " ".join((text or "").replace("%%", "%").split()).partition(";")[0]


def _starting(words: Mapping[str, str], begun: str) -> dict[str, str]:
    return {word: meaning for word, meaning in words.items() if word.startswith(begun)}
