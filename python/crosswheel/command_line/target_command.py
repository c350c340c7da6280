"""``crosswheel target``: what a name means, and everything a target yields."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from crosswheel.command_line.describe_command import add_describe_parsers
from crosswheel.command_line.named_target import parse_named_target
from crosswheel.command_line.standard_streams import standard_input

if TYPE_CHECKING:
    from crosswheel.command_line.console import Console
    from crosswheel.target.targets import Target
    from crosswheel.values.canonical_json import JsonValue

__all__ = ["add_parser", "family_names"]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``target`` and its subcommands."""
    parser = subparsers.add_parser(
        "target",
        help="list targets, say what a name means, describe a target Python",
        description="List targets, say what a name means, and describe or pack the files of a target Python.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    words = "list every family of targets and what can be done for it"
    listing = actions.add_parser("list", help=words, description=f"{words[0].upper()}{words[1:]}.")
    listing.set_defaults(run=run_list)
    for name, run, words in (
        (
            "show",
            run_show,
            "show a target's names, what a name leaves open and how it is filled, and what can be done for it",
        ),
        ("tags", run_tags, "print the wheel tags a target supports, best first"),
        ("markers", run_markers, "print a target's marker environment"),
        ("export", run_export, "print a target as a complete platform (JSON) for pex"),
    ):
        action = actions.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")
        action.add_argument("name", metavar="NAME", help="a target in any spelling, e.g. linux_arm64")
        action.add_argument("--python", metavar="X.Y[t]", help="the target's Python (default: this Python's)")
        action.set_defaults(run=run)
        if name == "export":
            action.add_argument(
                "--python-full-version", metavar="X.Y.Z", help="the exact release, where it is known"
            )
    words = "read pex's complete platform (JSON) and print the target it is"
    importing = actions.add_parser("import", help=words, description=f"{words[0].upper()}{words[1:]}.")
    importing.add_argument("file", metavar="FILE", help="the JSON file; - for standard input")
    importing.set_defaults(run=run_import)
    add_describe_parsers(actions)


def family_names() -> list[str]:
    """Return the name that is typed for each family of targets."""
    from crosswheel.target.support import FAMILIES
    from crosswheel.target.targets import Target
    from crosswheel.values.python_abi import PythonAbi

    python = PythonAbi(major=3, minor=13)
    return [_typed_name(Target(python=python, platform=platform)) for platform in FAMILIES]


def run_list(arguments: argparse.Namespace, console: Console) -> int:
    """Print one line for every family."""
    from crosswheel.target.support import FAMILIES, support_of

    rows = [
        (name, platform.id, support_of(platform).value)
        for name, platform in zip(family_names(), FAMILIES, strict=True)
    ]
    if arguments.json:
        console.json(
            [{"name": name, "platform": platform, "support": support} for name, platform, support in rows]
        )
        return 0
    widths = [max(len(row[column]) for row in (("NAME", "PLATFORM"), *rows)) for column in (0, 1)]
    for row in (("NAME", "PLATFORM", "SUPPORT"), *rows):
        console.print(f"{row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2]}")
    console.note(
        "every name takes a version too, e.g. manylinux_2_17_aarch64; see `crosswheel target show NAME`"
    )
    return 0


def _typed_name(target: Target) -> str:
    from crosswheel.target.spellings import spellings_of

    return spellings_of(target)["short"]


def run_show(arguments: argparse.Namespace, console: Console) -> int:
    """Print everything about one target."""
    from crosswheel.act.planning.build_obstacles import build_obstacle
    from crosswheel.target.support import Support, support_of
    from crosswheel.target.tags import platform_tags, supported_tags
    from crosswheel.target.triples import bazel_constraints

    parsed = parse_named_target(arguments, console)
    target = parsed.target
    spellings = _spellings_with_meaning(target)
    obstacle = build_obstacle(target)
    support = Support.SELECT if obstacle else support_of(target.platform)
    facts: dict[str, JsonValue] = {
        "id": target.id,
        "rule": parsed.rule,
        "typed": parsed.typed,
        "support": support.value,
        "why_not_built": obstacle or None,
        "spellings": {world: name for world, name, _ in spellings},
        "bazel_constraints": list(bazel_constraints(target.platform)),
        "platform_tags": list(platform_tags(target.platform)),
        "tag_count": len(supported_tags(target)),
    }
    if arguments.json:
        console.json(facts)
        return 0
    console.print(target.id)
    console.print(f"  support: {support.value}" + (f" ({obstacle})" if obstacle else ""))
    console.print("  names:")
    for world, name, meaning in spellings:
        console.print(f"    {world + ':':12} {name}" + (f"  (alone it means {meaning})" if meaning else ""))
    console.print(f"  Bazel:       {' '.join(bazel_constraints(target.platform))}")
    tags = platform_tags(target.platform)
    shown = ", ".join(tags[:6]) + (f", ... {tags[-1]}" if len(tags) > 6 else "")
    console.print(f"  platform tags, best first ({len(tags)}): {shown}")
    console.print(f"  wheel tags: {facts['tag_count']}, see `crosswheel target tags`")
    return 0


def _spellings_with_meaning(target: Target) -> list[tuple[str, str, str | None]]:
    """Return world, name, and what the name alone means where that is another platform."""
    from crosswheel.target.spellings import parse_target, spellings_of

    rows: list[tuple[str, str, str | None]] = []
    for world, name in spellings_of(target).items():
        platform = parse_target(name, python=target.python).target.platform
        rows.append((world, name, None if platform == target.platform else platform.id))
    return rows


def run_tags(arguments: argparse.Namespace, console: Console) -> int:
    """Print the tags, one a line."""
    from crosswheel.target.tags import supported_tags

    tags = [str(tag) for tag in supported_tags(parse_named_target(arguments, console).target)]
    if arguments.json:
        console.json(tags)
    else:
        console.text("\n".join(tags))
    return 0


def run_markers(arguments: argparse.Namespace, console: Console) -> int:
    """Print the marker environment; name what nobody can know."""
    from crosswheel.target.environments import marker_environment, unknowable_markers

    target = parse_named_target(arguments, console).target
    environment = marker_environment(target)
    unknowable = sorted(unknowable_markers(target))
    if arguments.json:
        console.json({"markers": environment, "unknowable": unknowable})
        return 0
    for key, value in environment.items():
        console.print(f"{key} = '{value}'" + ("  # depends on the machine" if key in unknowable else ""))
    return 0


def run_export(arguments: argparse.Namespace, console: Console) -> int:
    """Print the target as pex's complete platform."""
    from crosswheel.target.complete_platform import complete_platform_to_json

    target = parse_named_target(arguments, console).target
    full_version: str | None = arguments.python_full_version
    console.json(complete_platform_to_json(target, python_full_version=full_version))
    return 0


def run_import(arguments: argparse.Namespace, console: Console) -> int:
    """Print the target a complete platform describes, and how the file differs from it."""
    from crosswheel.target.complete_platform import parse_complete_platform

    file: str = arguments.file
    complete = parse_complete_platform(_read(file), name="standard input" if file == "-" else file)
    differences: dict[str, JsonValue] = {
        "missing_tags": list(complete.missing_tags),
        "further_tags": list(complete.further_tags),
        "differing_markers": {
            key: {"file": theirs, "target": ours}
            for key, (theirs, ours) in complete.differing_markers.items()
        },
    }
    if arguments.json:
        console.json(
            {"id": complete.target.id, "python_full_version": complete.python_full_version, **differences}
        )
        return 0
    console.print(complete.target.id)
    for words, tags in (("lacks", complete.missing_tags), ("adds", complete.further_tags)):
        if tags:
            count = f"{len(tags)} tag{'s' if len(tags) > 1 else ''}"
            console.note(f"compared with that target the file {words} {count}, the first is {tags[0]}")
    for key, (theirs, ours) in complete.differing_markers.items():
        console.note(f"the file says {key} is '{theirs}', the target '{ours}'")
    return 0


def _read(file: str) -> bytes:
    from pathlib import Path

    from crosswheel.values.errors import InputError

    try:
        return standard_input() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise InputError(
            "read complete platform", file, why=str(error.strerror or error), fix="name a readable JSON file"
        ) from error
