"""Which variables of an sdist's build code are named to the user whose wheel lacks its extensions."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from crosswheel.act.building.build_switches import build_switches


def sdist(folder: Path, files: dict[str, str]) -> Path:
    path = folder / "demo-1.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(f"demo-1/{name}")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return path


@pytest.mark.parametrize(
    "line",
    [
        'os.getenv("DEMO_USE_MYPYC", None) == "1"',
        "os.environ.get('DEMO_USE_MYPYC')",
        'environ["DEMO_USE_MYPYC"]',
        '"DEMO_USE_MYPYC" in os.environ',
        "'DEMO_USE_MYPYC' not in environ",
    ],
)
@pytest.mark.parametrize("file", ["setup.py", "_build_hook/backend.py"])
def test_variables_that_build_code_reads_are_found(tmp_path: Path, file: str, line: str) -> None:
    assert build_switches(sdist(tmp_path, {file: f"x = {line}\n"})) == ("DEMO_USE_MYPYC",)


def test_compilers_flags_and_folders_are_no_switches(tmp_path: Path) -> None:
    code = "".join(
        f"os.environ.get('{name}')\n" for name in ("CC", "CFLAGS", "PATH", "PKG_CONFIG_PATH", "PYTHONPATH")
    )
    assert build_switches(sdist(tmp_path, {"setup.py": code})) == ()


def test_what_is_installed_is_not_build_code(tmp_path: Path) -> None:
    assert build_switches(sdist(tmp_path, {"src/demo/a.py": "os.getenv('DEMO_DEBUG')"})) == ()


def test_hooks_of_hatchling_that_are_off_are_named_by_their_variable(tmp_path: Path) -> None:
    text = (
        "[tool.hatch.build.targets.wheel.hooks.mypyc]\nenable-by-default = false\n"
        "[tool.hatch.build.hooks.vcs]\nversion-file = 'a'\n"
    )
    assert build_switches(sdist(tmp_path, {"pyproject.toml": text})) == ("HATCH_BUILD_HOOK_ENABLE_MYPYC",)


def test_a_damaged_pyproject_tells_nothing(tmp_path: Path) -> None:
    assert build_switches(sdist(tmp_path, {"pyproject.toml": "["})) == ()


def test_zipped_sdists_are_read_as_well(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("demo-1/setup.py", "import os\nos.getenv('DEMO_FAST')\n")
    assert build_switches(path) == ("DEMO_FAST",)
