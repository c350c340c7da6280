"""What there is to say of a package's choice, as values: shown as text or as JSON by who asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from crosswheel.decide.locks.markers import MarkerPart
from crosswheel.target.targets import Target
from crosswheel.values.printable import one_line

__all__ = ["ChosenFile", "EntryExplanation", "Explanation", "RefusedFile"]

#: File names shown for one reason.
_SHOWN = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class ChosenFile:
    """The file a package becomes.

    Attributes:
        file: its name.
        built: whether it is an sdist, to be built.
        tag_number: the place of a wheel's best tag among those the target supports, from 1; ``None`` for an sdist.
        tags: how many tags the target supports.
        compared_with: the prebuilt wheel a build is compared with; ``None`` if there is none, or nothing is built.
    """

    file: str
    built: bool
    tag_number: int | None = None
    tags: int
    compared_with: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedFile:
    """A file on offer that was not chosen.

    Attributes:
        file: its name.
        fits: whether the target could use it.
        why: all that speaks against it.
        reason: the first thing that does; files with one reason share a line.
    """

    file: str
    fits: bool
    why: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryExplanation:
    """Why one entry of a lock becomes the file it does.

    Attributes:
        name: the package.
        version: its release; empty if the lock does not say it.
        place: where the lock has it, e.g. ``packages[3]``.
        asked_for: what configuration and options ask for.
        asked_by: which of them; empty for the default.
        marker: its marker; ``None`` if it has none.
        marker_parts: each comparison of the marker and what it came to.
        open_facts: what the marker hangs on and the target leaves open, as of `selection.open_facts`.
        requires_python: the Pythons it is for; ``None`` if the lock does not say it.
        python: what the target's Python counts as.
        chosen: the file; ``None`` if it becomes nothing.
        unselected: why the entry is not for the target at all; empty if it is.
        not_chosen: its other files, the nearest first.
        error: why no file can be used; empty if one can, or none is needed.
        for_a_wheel: what would have to change for a prebuilt wheel; empty where that is no question.
        obstacle: why its sdist cannot be built for the target; empty if it can, or need not.
    """

    name: str
    version: str
    place: str
    asked_for: str
    asked_by: str
    marker: str | None
    marker_parts: tuple[MarkerPart, ...] = ()
    open_facts: tuple[str, ...] = ()
    requires_python: str | None
    python: str
    chosen: ChosenFile | None = None
    unselected: str = ""
    not_chosen: tuple[RefusedFile, ...] = ()
    error: str = ""
    for_a_wheel: str = ""
    obstacle: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Why a package of a lock becomes the file it does on a target.

    Attributes:
        package: its normalized name.
        target: the target.
        entries: the entries of the lock that have that name.
        unselected: why the lock's tool did not hand the package over; empty if it did.
        faults: what is wrong with an entry that the target needs.
        quirks: lines that say what the shipped table knows of its build.
    """

    package: str
    target: Target
    entries: tuple[EntryExplanation, ...] = ()
    unselected: str = ""
    faults: tuple[str, ...] = ()
    quirks: tuple[str, ...] = ()

    def text(self, *, every_file: bool = False) -> str:
        """Return it as lines for people, the last one ended.

        Args:
            every_file: give every wheel that was not chosen a line of its own, not one line to each reason.
        """
        lines: list[str] = []
        if self.unselected:
            lines += [
                f"{self.package} on {self.target.id}",
                f"  chosen: nothing, it is locked, but not selected: {self.unselected}",
            ]
        for entry in self.entries:
            lines += _entry_lines(entry, self.target, every_file=every_file)
        lines += [f"error: {fault}" for fault in self.faults]
        lines += self.quirks
        return "\n".join(map(one_line, lines)) + "\n"

    def json_value(self) -> dict[str, Any]:
        """Return it as a JSON value: the fields of these classes, and nothing folded."""
        value = asdict(self)
        del value["target"]
        value["quirks"] = [line.strip() for line in self.quirks]
        return value


def _entry_lines(entry: EntryExplanation, target: Target, *, every_file: bool) -> list[str]:
    by = f" ({entry.asked_by})" if entry.asked_by else ""
    lines = [
        f"{entry.name} {entry.version} on {target.id} ({entry.place})",
        f"  asked for: {entry.asked_for}{by}",
        f"  marker: {entry.marker or 'none, it is for every target'}",
    ]
    lines += [
        f"    {part.text} is {str(part.result).lower()}: {part.variable} is '{part.value}'"
        for part in entry.marker_parts
    ]
    lines += [f"    whether it is installed {words}" for words in entry.open_facts]
    if entry.requires_python is not None:
        lines.append(f"  requires Python: {entry.requires_python}; the target counts as {entry.python}")
    lines += _chosen_lines(entry)
    if entry.not_chosen:
        lines += ["  not chosen:", *_refused_lines(entry.not_chosen, every_file=every_file)]
    if entry.error:
        lines.append(f"  {entry.error}")
    if entry.for_a_wheel:
        lines.append(f"  for a prebuilt wheel: {entry.for_a_wheel}")
    return lines


def _chosen_lines(entry: EntryExplanation) -> list[str]:
    chosen = entry.chosen
    if chosen is None:
        return [f"  chosen: nothing{', ' if entry.unselected else ''}{entry.unselected}"]
    if entry.obstacle:
        return [f"  chosen: nothing, for {chosen.file} cannot be built for this target: {entry.obstacle}"]
    if chosen.built:
        compared = chosen.compared_with or "no prebuilt wheel to compare it with"
        return [f"  chosen: {chosen.file}, to be built", f"    the build is compared with: {compared}"]
    place = f"{chosen.tag_number} of the {chosen.tags} tags the target supports"
    return [f"  chosen: {chosen.file}", f"    its best tag is number {place}, best first"]


def _refused_lines(refused: Sequence[RefusedFile], *, every_file: bool) -> list[str]:
    by_reason: dict[str, list[RefusedFile]] = {}
    for file in refused:
        by_reason.setdefault(file.file if every_file else file.reason, []).append(file)
    return [f"    {_folded(reason, files)}" for reason, files in by_reason.items()]


def _folded(reason: str, files: Sequence[RefusedFile]) -> str:
    if len(files) == 1:
        return f"{files[0].file}: {files[0].why}"
    names = ", ".join(file.file for file in files[:_SHOWN])
    return f"each of {len(files)} wheels: {reason} ({names}{', ...' if len(files) > _SHOWN else ''})"
