"""What a lock says for a report before there is a plan: what each package would be on each target, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from crosswheel.decide.selection.explanation import EntryExplanation, Explanation
from crosswheel.target.targets import Target

from .report import PackageOnTarget, Report, ReportPackage, State
from .report_of_plan import UNTRIED, prebuilt_package

__all__ = ["report_of_explanations"]

#: States by what a reader must see first, where a lock has several entries of one name.
_BY_WEIGHT = (State.REFUSED, State.BUILT, State.PREBUILT, State.PURE, State.ABSENT)


def report_of_explanations(
    explained: Mapping[str, Mapping[str, Explanation]],
    *,
    source: str,
    targets: Sequence[Target],
    sizes: Mapping[str, int | None],
) -> Report:
    """Return what a lock says.

    Args:
        explained: by normalized package name, then by target id.
        source: name of the lock.
        targets: the targets.
        sizes: bytes by file name.
    """
    return Report(
        source=source,
        targets=tuple(sorted(targets, key=lambda target: target.id)),
        packages=tuple(
            ReportPackage(
                name=name, targets={key: _package(one, sizes) for key, one in sorted(by_target.items())}
            )
            for name, by_target in sorted(explained.items())
        ),
    )


def _package(explanation: Explanation, sizes: Mapping[str, int | None]) -> PackageOnTarget:
    found = [
        replace(_entry(entry, explanation.target, sizes), open_facts=entry.open_facts)
        for entry in explanation.entries
    ]
    if explanation.faults:
        found.append(PackageOnTarget(state=State.REFUSED, reason="; ".join(explanation.faults)))
    if not found:
        return PackageOnTarget(state=State.ABSENT, reason=explanation.unselected)
    return min(found, key=lambda one: _BY_WEIGHT.index(one.state))


def _entry(entry: EntryExplanation, target: Target, sizes: Mapping[str, int | None]) -> PackageOnTarget:
    chosen = entry.chosen
    if chosen is None:
        if entry.error:
            # Where in the lock, and on what target, the report says by itself.
            reason = entry.error.removeprefix(f"{entry.place}: ").removeprefix(f"{target.id}: ")
            return PackageOnTarget(state=State.REFUSED, version=entry.version, reason=reason)
        reason = entry.unselected
        if entry.marker is not None and reason:
            reason += f" ({entry.marker})"
        return PackageOnTarget(state=State.ABSENT, version=entry.version, reason=reason)
    if not chosen.built:
        return prebuilt_package(chosen.file, version=entry.version, size=sizes.get(chosen.file))
    if entry.obstacle:
        reason = f"it cannot be built for this target: {entry.obstacle}"
    elif entry.for_a_wheel:
        reason = f"no wheel on offer fits; for a prebuilt one: {entry.for_a_wheel}"
    else:
        reason = f"{entry.asked_by} asks for the sdist" if entry.asked_by else ""
    if not entry.obstacle:
        reason += f"{'; ' if reason else ''}{UNTRIED}"
    return PackageOnTarget(
        state=State.REFUSED if entry.obstacle else State.BUILT,
        version=entry.version,
        source=chosen.file,
        source_size=sizes.get(chosen.file),
        reason=reason,
    )
