"""Build environments whose interpreter shows a target, made for tests without a toolchain."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cross_targets import description_of, write_include_tree
from crosswheel.act.building.cross_python import VIEW_VARIABLE, activate_in, write_cross_python
from crosswheel.act.target_python.headers import pack_headers
from crosswheel.render.build_paths import BuildPaths, build_paths_under
from crosswheel.render.pyconfig import render_pyconfig


@dataclass(frozen=True, kw_only=True, slots=True)
class CrossEnvironment:
    """A virtual environment with the view in it, and where targets are written for it."""

    root: Path
    python: Path

    @property
    def site_packages(self) -> Path:
        """Its site-packages."""
        return next((self.root / "environment" / "lib").glob("python3*")) / "site-packages"

    def paths(self, target: str) -> BuildPaths:
        """Return where things stand while it builds for `target`."""
        return build_paths_under(str(self.root / target), str(self.root / target / "scratch"))

    def view_of(self, target: str) -> Path:
        """Return the view document of `target`, written on first use."""
        paths = self.paths(target)
        folder = Path(paths.target)
        if not folder.exists():
            description = description_of(target)
            include = write_include_tree(folder.parent / "include", f"{description.python.version}.0")
            files = {path.relative_to(include).as_posix(): path.read_bytes() for path in include.rglob("*.h")}
            pack = folder.parent / "headers.tar"
            pack.write_bytes(pack_headers(files, render_pyconfig(description), description))
            write_cross_python(
                folder, description=description, headers=pack, paths=paths, source_date_epoch=315532800
            )
        return folder / "view.json"

    def run(
        self, arguments: Sequence[str], *, target: str | None, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run its interpreter, in the view of `target` or without one."""
        environment = {"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **(variables or {})}
        if target is not None:
            environment[VIEW_VARIABLE] = str(self.view_of(target))
        return subprocess.run(
            [str(self.python), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def ask(self, expression: str, *, target: str | None, options: Sequence[str] = ()) -> Any:
        """Return what the interpreter says an expression is; the names of modules in it are imported first."""
        program = (
            "import importlib, json, os, sys\n"
            f"print(json.dumps(eval({expression!r}, {{'of': importlib.import_module, 'os': os, 'sys': sys}})))"
        )
        done = self.run([*options, "-c", program], target=target)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return json.loads(done.stdout)


def make_cross_environment(root: Path, interpreter: Path | None = None) -> CrossEnvironment:
    """Return a new environment of `interpreter`, by default the one that runs the tests."""
    base = interpreter or Path(getattr(sys, "_base_executable", sys.executable))
    folder = root / "environment"
    subprocess.run([str(base), "-m", "venv", "--without-pip", str(folder)], check=True, env={**os.environ})
    environment = CrossEnvironment(root=root, python=folder / "bin" / "python")
    activate_in(environment.site_packages, environment.paths("unused"))
    return environment
