"""Files that an earlier plan kept beside itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from crosswheel.act.planning.plan_files import left_over
from crosswheel.decide.plans.plan import Plan
from plan_values import artifact, whole_plan


def with_paths(*paths: str) -> Plan:
    named = [replace(artifact(Path(path).name, "demo"), path=path, url=None) for path in paths]
    return replace(whole_plan(), artifacts={one.sha256: one for one in named})


def test_what_the_new_plan_does_not_name_is_told_if_it_is_there(tmp_path: Path) -> None:
    kept = "projects/demo-1-0123456789ab.tar.gz"
    gone = "projects/gone-1-0123456789ab.tar.gz"
    both = "headers/cp311-linux_aarch64_glibc_2_28-0123456789ab.tar"
    mine = "dist/demo-1-py3-none-any.whl"
    for path in (kept, both, mine):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    before, after = with_paths(kept, gone, both, mine), with_paths(both)
    assert left_over(before, after, tmp_path) == (kept,)
    assert left_over(before, before, tmp_path) == ()
    assert left_over(None, after, tmp_path) == ()
