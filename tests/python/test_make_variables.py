"""What a build's environment tells make."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cross_targets import PATHS, description_of
from crosswheel.act.building.cross_python import build_environment_variables


def test_the_machine_that_make_was_made_for_is_the_target(tmp_path: Path) -> None:
    makefile = tmp_path / "Makefile"
    makefile.write_text("all:\n\t@echo $(MAKE_HOST)\n")
    told = {}
    for target in ("cp311-linux_aarch64_glibc_2_28", "cp311-windows_x86_64"):
        variables = build_environment_variables(description_of(target), PATHS, source_date_epoch=0)
        told[target] = subprocess.run(
            ["make", "-f", str(makefile)],
            env={**variables, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    assert list(told.values()) == ["aarch64-linux-gnu", "x86_64-w64-mingw32"]
