"""Which ``ziglang`` wheel compiles on a build platform: the release and the hashes that crosswheel ships."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from crosswheel.act.planning.uv_program import UvProgram
from crosswheel.act.planning.uv_resolver import answer_key, list_files
from crosswheel.act.storage.store import Store
from crosswheel.decide.locks.locks import LockedFile, parse_pylock
from crosswheel.decide.planning.planner import artifact_of
from crosswheel.decide.plans.plan import Artifact
from crosswheel.decide.selection.selection import best_wheel
from crosswheel.decide.selection.target_facts import facts_of_target
from crosswheel.target.targets import Target
from crosswheel.values.digests import Digest
from crosswheel.values.errors import ResolutionError

__all__ = ["ToolchainWheels", "toolchain_release"]


@cache
def _table() -> dict[str, Any]:
    text = (files("crosswheel") / "toolchains" / "zig.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


def toolchain_release() -> str:
    """Return the pinned release, ``name==version``."""
    return f"{_table()['project']}=={_table()['version']}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolchainWheels:
    """Finds the toolchain's wheel, asking an index for nothing but where the known file is.

    Attributes:
        uv: the program.
        store: keeps its answer.
        known: artifacts of an earlier plan, by digest.
    """

    uv: UvProgram
    store: Store
    known: Callable[[Digest], Artifact | None]

    def wheel_for(self, build_platform: Target) -> Artifact:
        """Return the toolchain for a build platform.

        Raises:
            ResolutionError: the release has no wheel for it, or the index does not have the known file.
        """
        table = _table()
        offered = [
            LockedFile(filename=name, sha256=Digest(sha256)) for name, sha256 in table["wheels"].items()
        ]
        chosen = best_wheel(offered, facts_of_target(build_platform))
        if chosen is None:
            raise ResolutionError(
                "choose C toolchain for",
                build_platform.id,
                why=f"{toolchain_release()} has wheels only for "
                + ", ".join(sorted({name.split("-")[-1].removesuffix(".whl") for name in table["wheels"]})),
                fix="give a build platform among these (--build-platform), for example macosx_13_0_arm64",
            )
        return self.known(chosen.sha256) or self._found(chosen, build_platform)

    def _found(self, chosen: LockedFile, build_platform: Target) -> Artifact:
        release = toolchain_release()
        key = answer_key({"release": release, "indexes": list(self.uv.identity)})
        text = self.store.read_record("lock-files", key)
        if not isinstance(text, str):
            text = list_files(self.uv, self.store, [release], python=build_platform.python, name=release)
            self.store.write_record("lock-files", key, text)
        lock = parse_pylock(text.encode(), name=release)
        for package in lock.packages:
            for wheel in package.wheels:
                if wheel.sha256 == chosen.sha256:
                    return artifact_of(wheel, package.name)
        raise ResolutionError(
            "find C toolchain",
            chosen.filename,
            why=f"the index offers {release} without this file of SHA-256 {chosen.sha256}",
            fix="make the index serve the original file; crosswheel uses no other, for the same bytes everywhere",
        )
