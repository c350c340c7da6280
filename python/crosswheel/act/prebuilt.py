"""Prebuilt wheels: the same check as our own builds pass, remembered in the store."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from crosswheel.act.building.recipe import recipe_digest
from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.check.findings import check_error
from crosswheel.act.ready_wheel import CheckOutcome, ReadyWheel
from crosswheel.act.reporter import Reporter
from crosswheel.act.storage.store import Store
from crosswheel.decide.plans.plan import Plan, PlannedTarget, PlannedWheel
from crosswheel.values.canonical_json import digest_of_json
from crosswheel.values.digests import Digest

__all__ = ["checked_prebuilt"]

_KIND = "checks"


def checked_prebuilt(
    plan: Plan,
    planned: PlannedTarget,
    wheel: PlannedWheel,
    files: Mapping[Digest, Path],
    store: Store,
    reporter: Reporter,
) -> ReadyWheel:
    """Check the prebuilt `wheel` against its target, unless the store remembers that it passed.

    Raises:
        CheckError: the wheel does not fit; the message names file, symbol and library.
    """
    assert wheel.artifact is not None, "the caller asks for prebuilt wheels only"
    artifact = plan.artifacts[wheel.artifact]
    accept = plan.accept.get(wheel.name, ())
    key = digest_of_json(
        {
            "wheel": artifact.sha256.hex,
            "filename": artifact.filename,
            "target": planned.target.id,
            "accept": list(accept),
            "recipe": recipe_digest().hex,
        }
    )
    path = store.artifact(artifact.sha256, filename=artifact.filename) or files[artifact.sha256]
    record = store.read_record(_KIND, key)
    if not isinstance(record, Mapping):
        task = f"check {artifact.filename}"
        reporter.started(task)
        report = check_wheel(path, planned.target, accept=accept)
        reporter.finished(task, "refused" if report.refused else "checked")
        if report.refused:
            raise check_error(report, prebuilt=wheel.name)
        record = CheckOutcome.of(report).to_json()
        store.write_record(_KIND, key, record)
    return ReadyWheel(
        name=wheel.name,
        version=wheel.version,
        target=planned.target.id,
        filename=artifact.filename,
        path=path,
        sha256=artifact.sha256,
        outcome=CheckOutcome.read(record),
    )
