"""Which toolchain compiles for a target: zig, or one of the user's own, found, copied into the store, tried and pinned."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.building.own_toolchain import OwnToolchain
from crosswheel.act.building.toolchain_tree import content_of, keep_toolchain, toolchain_files
from crosswheel.act.building.toolchain_trial import try_toolchain
from crosswheel.act.machine_platform import build_machine_platform
from crosswheel.act.planning.located_toolchain import LocatedToolchain
from crosswheel.act.planning.toolchain_layouts import locate_toolchain
from crosswheel.decide.configuration.toolchain_source import ToolchainEntry, ToolchainSource, toolchain_for
from crosswheel.decide.plans.toolchain_pin import ToolchainPin
from crosswheel.target.support import refuse_own_toolchain, refuse_without_toolchain
from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Glibc, Linux, Platform

if TYPE_CHECKING:
    from crosswheel.act.building.build_python import BuildPython
    from crosswheel.act.building.sandbox import Sandbox
    from crosswheel.act.reporter import Reporter
    from crosswheel.act.storage.store import Store

__all__ = ["OwnToolchains"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnToolchains:
    """Finds toolchains.

    Attributes:
        entries: what the configuration and the command line say.
        configuration_folder: what paths of the configuration are relative to.
        folder: the plan's folder.
        build_platforms: what the plan is for.
        store: keeps the files.
        sandbox: gives what a toolchain is tried in.
        reporter: hears of the progress.
        warnings: what a plan's user shall know; grows.
    """

    entries: tuple[ToolchainEntry, ...]
    configuration_folder: Path
    folder: Path
    build_platforms: tuple[Platform, ...]
    store: Store
    sandbox: Callable[[], Sandbox]
    reporter: Reporter
    warnings: list[str] = field(default_factory=list)

    def choose(self, target: Target, python: BuildPython) -> OwnToolchain | None:
        """Return the user's own toolchain for a target; ``None`` where zig compiles.

        Raises:
            InputError: nothing compiles for the target, or the toolchain is not there or does not work.
        """
        entry = toolchain_for(self.entries, target)
        if entry is None:
            refuse_without_toolchain(target)
            return None
        refuse_own_toolchain(target)
        self._refuse_other_machines(entry)
        base = self.configuration_folder if entry.configured else Path.cwd()
        located = locate_toolchain(entry.source, target, base=base)
        task = f"read the toolchain {located.version}"
        self.reporter.started(task)
        outcome = "failed"
        try:
            own = self._kept(located, entry.source, base)
            libc = try_toolchain(own, target, store=self.store, sandbox=self.sandbox(), python=python)
            outcome = "tried"
        finally:
            self.reporter.finished(task, outcome)
        self._warn_of_newer(libc, located, target)
        return replace(own, pin=replace(own.pin, libc=libc))

    def _refuse_other_machines(self, entry: ToolchainEntry) -> None:
        here = build_machine_platform()
        others = [
            platform.id
            for platform in self.build_platforms
            if (type(platform.os), platform.arch) != (type(here.os), here.arch)
        ]
        if others:
            raise InputError(
                "use toolchain",
                entry.source.path,
                why=f"it runs on machines like this one, and the plan is for {', '.join(others)} too",
                fix="plan for this machine's kind only (--build-platform)",
            )

    def _kept(self, located: LocatedToolchain, source: ToolchainSource, base: Path) -> OwnToolchain:
        files = toolchain_files(located.folder, located.inputs, located.sysroot)
        content = content_of(files, self.store)
        pin = ToolchainPin(
            family=located.family,
            compiler=located.version,
            programs=located.programs,
            content=content,
            folder=self._from_plan(located.folder, source.folder or source.path, base),
            inputs=located.inputs,
            sysroot=None
            if located.sysroot is None
            else self._from_plan(located.sysroot, source.sysroot or "", base),
            options=located.options,
            c_options=located.c_options,
            cxx_options=located.cxx_options,
            link_options=located.link_options,
            environment=located.environment,
        )
        return OwnToolchain(pin=pin, tree=keep_toolchain(self.store, content, files))

    def _from_plan(self, folder: Path, named: str, base: Path) -> str:
        """Return a folder as the plan has it: relative to its own if it was named by a relative path, else absolute."""
        if named.startswith("/") or not (base / named).exists():
            return str(folder)
        return os.path.relpath(folder.resolve(), self.folder.resolve()).replace(os.sep, "/")

    def _warn_of_newer(self, libc: str, located: LocatedToolchain, target: Target) -> None:
        system = target.platform.os
        if (
            not isinstance(system, Linux)
            or not isinstance(system.libc, Glibc)
            or not libc.startswith("glibc ")
        ):
            return
        major, minor = (int(part) for part in libc.removeprefix("glibc ").split("."))
        if Glibc(major=major, minor=minor) > system.libc:
            self.warnings.append(
                f"{located.version} links with {libc}, newer than the {system.libc.major}.{system.libc.minor} of {target.id}: "
                "wheels that come to need newer symbols will be refused"
            )
