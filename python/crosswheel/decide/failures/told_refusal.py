"""A wheel that the check refused, read from the log of a build that left nothing else: by a step, as in Bazel and Nix."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["MENDING", "ToldRefusal", "told_refusal"]

#: Begins the detail of an error that is followed by lines of configuration.
MENDING = "what mends it, in "
#: What Nix puts before each line of a build, by itself and at the end.
_ERROR = re.compile(
    r"^(?P<before>(?:[^\s>]+> ?|\s*> )?)error: (?P<places>(?:\S+: )*)cannot use wheel '(?P<wheel>[^\n]+?)': "
    r"(?P<told>it does not fit [^\n]+; [^\n]+)$",
    re.MULTILINE,
)
_INDENT = "    "
_CODE = re.compile(r" \[[a-z-]+\]$")
_BUILD = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)-(?P<target>cp3\d+t?-\w+)")
_MORE = r"(?:, and (?:one more finding|\d+ more findings))?"


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldRefusal:
    """What the error said.

    Attributes:
        name: normalized name of the package; empty where the error does not say which build it was.
        version: its version, likewise.
        target: id of the target, likewise.
        why: why the wheel is refused, a clause.
        fix: what to do, a clause.
        findings: all that was found, a line each.
        place: where the lines of `mending` belong.
        mending: the lines of configuration that mend it; nothing where none was told.
    """

    name: str
    version: str
    target: str
    why: str
    fix: str
    findings: tuple[str, ...]
    place: str
    mending: tuple[str, ...]


def told_refusal(text: str) -> ToldRefusal | None:
    """Return the last refusal of a wheel that a log, plain, ends with.

    >>> told = told_refusal("error: a-1-cp311-linux_x86_64_musl: cannot use wheel 'a.whl': it does not fit T: b.so: no; use another")
    >>> told.name, told.why, told.fix
    ('a', 'it does not fit T: b.so: no', 'use another')
    """
    errors = [*_ERROR.finditer(text)]
    if not errors:
        return None
    found = errors[-1]
    details = [*_details(text[found.end() + 1 :].split("\n"), found["before"])]
    findings = tuple(line for line in details if _CODE.search(line))
    why, fix = _parted(found["told"], findings)
    build = _BUILD.fullmatch(found["places"].removesuffix(": ").rpartition(": ")[2])
    name, version, target = build.group("name", "version", "target") if build else ("", "", "")
    start = next((at for at, line in enumerate(details) if line.startswith(MENDING)), len(details))
    return ToldRefusal(
        name=name,
        version=version,
        target=target,
        why=why,
        fix=fix,
        findings=findings,
        place="" if start == len(details) else details[start].removeprefix(MENDING).removesuffix(":"),
        mending=tuple(
            line.removeprefix(_INDENT) for line in details[start + 1 :] if line.startswith(_INDENT)
        ),
    )


def _details(lines: Sequence[str], before: str) -> Iterator[str]:
    for line in lines:
        said = line.removeprefix(before) if line.startswith(before) else line.removeprefix(before.rstrip())
        if not said.startswith(_INDENT):
            return
        yield said.removeprefix(_INDENT)


def _parted(told: str, findings: Sequence[str]) -> tuple[str, str]:
    """Return the reason and what to do, either of which may have semicolons: the first finding says how far the reason goes."""
    if findings:
        first = re.escape(_CODE.sub("", findings[0]))
        if whole := re.fullmatch(rf"(it does not fit .*?{first}{_MORE}); (.+)", told):
            return whole[1], whole[2]
    why, _, fix = told.rpartition("; ")
    return why, fix
