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

import posix
import sys

from crosswheel_launcher.compiler_arguments import Refusal, Run, rewrite

_WHITE = " \t\r\n"


def split(text):
    """Split a response file as GCC does: quotes group, a backslash takes the next character as it is."""
    words, word, quote, index = [], None, "", 0
    while index < len(text):
        char = text[index]
        if char == "\\" and quote != "'" and index + 1 < len(text):
            index += 1
            word = (word or "") + text[index]
        elif quote:
            if char == quote:
                quote = ""
            else:
                word += char
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


def expand(arguments, depth=0):
    """Replace each ``@file`` that can be read by the words in it."""
    expanded = []
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


def exists(path):
    """Tell whether `path` exists."""
    try:
        posix.stat(path)
    except OSError:
        return False
    return True


def copy_stripped(arguments):
    """Do what is left of ``strip -o OUT IN``: copy."""
    if "-o" in arguments[:-1]:
        out = arguments[arguments.index("-o") + 1]
        inputs = [word for word in arguments if not word.startswith("-") and word != out]
        with open(inputs[-1], "rb") as source, open(out, "wb") as destination:
            destination.write(source.read())


def main(settings):
    """Do what the tool this launcher is named after would do."""
    name = sys.argv[0].rpartition("/")[2]
    import json

    with open(settings, encoding="utf-8") as stream:
        toolchain = json.load(stream)
    arguments = expand(sys.argv[1:])
    outcome = rewrite(name, arguments, toolchain, exists)
    if isinstance(outcome, Run):
        for variable, value in toolchain["environment"].items():
            posix.environ.setdefault(variable.encode(), value.encode())
        posix.execve(outcome.argv[0], outcome.argv, posix.environ)
    if isinstance(outcome, Refusal):
        sys.stderr.write(f"{name}: error: {outcome.why}\n")
        sys.exit(1)
    if name.endswith("strip"):
        copy_stripped(arguments)
    sys.stdout.write(outcome.text)
    sys.stdout.flush()
    sys.exit(outcome.status)
