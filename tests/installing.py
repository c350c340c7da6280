"""Installing as the tests do it: wheels into one folder, and what is said when that is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from crosswheel.act.wheels.tree import TreeLayout, TreeSummary, install_wheels
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CrosswheelError

ARM = parse_target_id("cp311-linux_aarch64_glibc_2_28")
WINDOWS = parse_target_id("cp311-windows_x86_64")
PROGRAMS = {"demo.py": b"def main():\n    print('hi')\n    return 3\n"}
ENTRY_POINTS = b"[console_scripts]\nDemo-tool = demo:main\n[gui_scripts]\nwindow = demo:main.inner [extra]\n"
REPAIR = "get the file again, or have its author repair it"


def install(
    tmp_path: Path, *wheels: Path, layout: TreeLayout = TreeLayout.TARGET, **options: object
) -> TreeSummary:
    return install_wheels(wheels, tmp_path / "site", target=ARM, layout=layout, **options)  # type: ignore[arg-type]


def files_of(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def refusal(tmp_path: Path, *wheels: Path, **options: object) -> str:
    with pytest.raises(CrosswheelError) as caught:
        install(tmp_path, *wheels, **options)  # type: ignore[arg-type]
    assert not (tmp_path / "site").exists()
    assert [path.name for path in tmp_path.iterdir() if ".crosswheel-" in path.name] == []
    return str(caught.value)
