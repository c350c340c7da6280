"""What Nix takes of the user for a step is what the step takes, but for what Nix says itself."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from crosswheel.command_line.commands import command_parser

_TABLE = json.loads((Path(__file__).parents[2] / "rules" / "nix" / "options.json").read_text())
#: Of every command, or what rules/nix says to each step.
_OF_NIX = {
    "build-python",
    "cache-dir",
    "file",
    "help",
    "json",
    "layers",
    "only-warnings",
    "output",
    "progress",
    "quiet",
    "spelled",
    "target",
    "verbose",
}


#: Options that name files.
_FILES = {"app", "app-file", "app-program", "base", "layer", "own-wheel"}
#: Those that take the words of a command.
_COMMANDS = {"cmd", "entrypoint"}


def _actions(*words: str) -> dict[str, argparse.Action]:
    parser = command_parser()
    for word in words:
        parser = next(
            action.choices[word]
            for action in parser._actions  # argparse has no other way to ask
            if isinstance(action, argparse._SubParsersAction)
        )
    actions = {
        action.option_strings[-1].removeprefix("--"): action
        for action in parser._actions
        if action.option_strings
    }
    return {name: action for name, action in actions.items() if name not in _OF_NIX}


def _options(*words: str) -> set[str]:
    return set(_actions(*words))


def _kind(name: str, action: argparse.Action) -> object:
    if name in _FILES:
        return "file"
    if name in _COMMANDS:
        return "words"
    if action.nargs == 0:
        return "switch"
    if action.choices is not None:
        return list(action.choices)
    if callable(action.type) and action.type("1") == 1:
        return "number"
    if action.metavar == "NAME=VALUE":
        return "pairs"
    return "list" if isinstance(action, argparse._AppendAction) else "text"


def test_options_are_of_the_kinds_that_the_steps_take() -> None:
    for name, kinds in _TABLE.items():
        actions = _actions("step", "layer" if name == "layersOfImage" else name)
        assert kinds == {option: _kind(option, actions[option]) for option in kinds}


def test_options_of_steps_are_all_taken_and_no_others() -> None:
    taken = {name: set(options) for name, options in _TABLE.items()}
    layer = _options("step", "layer") - {"wheel"}
    assert taken["layer"] == layer
    assert taken["lambda"] == _options("step", "lambda") - {"wheel"}
    assert taken["image"] == _options("step", "image")
    assert taken["layersOfImage"] <= layer
    # Of an image, the place of its wheels is their environment, and its compression is that of its layers, too.
    assert layer - taken["layersOfImage"] == {"compression", "interpreter", "layout", "prefix"}


def test_options_are_listed_in_order() -> None:
    assert [names for names in _TABLE.values() if list(names) != sorted(names)] == []
