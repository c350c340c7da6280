"""``crosswheel completion``: a script that lets a shell complete crosswheel's command lines."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crosswheel.command_line.console import Console

__all__ = ["add_parser"]

#: Each asks crosswheel itself, by ``completion words``: the first line of the answer is ``files`` or ``words``, and each other one a
#: word and, behind a tab, what it means.
_BASH = r"""
# crosswheel completion bash
_crosswheel() {
    local line kind
    COMPREPLY=()
    {
        read -r kind
        while IFS= read -r line; do COMPREPLY+=("${line%%$'\t'*}"); done
    } < <("${COMP_WORDS[0]}" completion words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    if [[ $kind == files && ${#COMPREPLY[@]} -eq 0 ]]; then
        compopt -o default
    fi
}
complete -F _crosswheel crosswheel
"""
_ZSH = r"""
#compdef crosswheel
# crosswheel completion zsh
_crosswheel() {
    local line kind
    local -a found
    {
        read -r kind
        while IFS= read -r line; do
            line=${line//:/\\:}
            found+=("${line/$'\t'/:}")
        done
    } < <("${words[1]}" completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)
    (( ${#found} )) && _describe crosswheel found
    [[ $kind == files ]] && _files
}
if [[ "${funcstack[1]}" == _crosswheel ]]; then
    _crosswheel "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
    compdef _crosswheel crosswheel
fi
"""
_FISH = r"""
# crosswheel completion fish
function __crosswheel_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l answer ($words[1] completion words -- $words[2..] 2>/dev/null)
    printf '%s\n' $answer[2..]
    if test "$answer[1]" = files
        __fish_complete_path (commandline -ct)
    end
end
complete -c crosswheel -f -a '(__crosswheel_complete)'
"""
_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "completion",
        help="print a script that completes command lines in bash, zsh or fish",
        description="Print a script that lets a shell complete crosswheel's commands, options, targets and files: in bash and zsh "
        '`source <(crosswheel completion bash)`, in fish `crosswheel completion fish | source`. With "words" it answers such a script: '
        "what may take the place of the last word after `--`.",
    )
    parser.add_argument("shell", choices=[*_SCRIPTS, "words"], help="the shell")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print the script, or what may come next."""
    if arguments.shell != "words":
        script = _SCRIPTS[arguments.shell].strip()
        if arguments.json:
            console.json({"shell": arguments.shell, "script": script})
        else:
            console.text(script)
        return 0
    for line in _answer(_rejoined(arguments.passed_on)):
        console.text(line)  # a tab stands between word and meaning
    return 0


def _rejoined(words: Sequence[str]) -> tuple[list[str], bool]:
    """Put together what bash has split at ``=``; say whether that was so of the last word."""
    joined: list[str] = []
    split = False
    for word in words:
        follows = len(joined) > 0 and joined[-1].endswith("=") and split
        if word == "=" and joined and joined[-1].startswith("--"):
            joined[-1] += "="
            split = True
        elif follows:
            joined[-1] += word
        else:
            joined.append(word)
            split = False
    return joined, split


def _answer(asked: tuple[list[str], bool]) -> Iterator[str]:
    from crosswheel.command_line.commands import COMMANDS, command_parser
    from crosswheel.command_line.completion import complete

    words, split = asked
    found = complete(
        words,
        commands=tuple(COMMANDS),
        parser_of=command_parser,
        targets=_target_names,
        pythons=lambda: [f"3.{minor}" for minor in range(10, 15)],
    )
    yield "files" if found.files else "words"
    for word, meaning in found.words.items():
        shown = word.partition("=")[2] if split else word
        yield f"{shown}\t{meaning}" if meaning else shown


def _target_names() -> list[str]:
    from crosswheel.command_line.target_command import family_names

    return family_names()
