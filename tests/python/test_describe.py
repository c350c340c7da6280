"""Describing a target Python from its files, which are parsed and never run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cross_targets import LINUX_PLATFORMS, description_of
from crosswheel.act.target_python.describe import describe
from crosswheel.act.target_python.load_description import load_description
from crosswheel.target.targets import parse_target_id
from crosswheel.values.canonical_json import pretty_json
from crosswheel.values.errors import CrosswheelError, InputError
from python_trees import deb_of, tar_of, write_build_details, write_debian_tree, write_plain_prefix


def _facts(description: object) -> dict[str, object]:
    names = ("python", "soabi", "ext_suffix", "extension_suffixes", "multiarch", "gnu_triple", "pyconfig")
    return {name: getattr(description, name) for name in names}


@pytest.mark.parametrize("platform", LINUX_PLATFORMS)
def test_a_debian_tree_gives_the_description_of_its_architecture(tmp_path: Path, platform: str) -> None:
    expected = write_debian_tree(tmp_path, f"cp311-{platform}")
    found = describe(tmp_path)
    assert found.id == expected.id
    assert found.platform.arch is expected.platform.arch
    assert found.soabi == expected.soabi
    assert found.pyconfig.macros == {**expected.pyconfig.macros, "Py_PYCONFIG_H": ""}


@pytest.mark.parametrize(
    ("target", "built_for"),
    [
        ("cp311-linux_aarch64_glibc_2_36", "cp311-linux_aarch64_glibc_2_34"),
        ("cp311-linux_aarch64_glibc_2_28", "cp311-linux_aarch64_glibc_2_27"),
        ("cp311-linux_riscv64_glibc_2_31", "cp311-linux_riscv64_glibc_2_31"),
        ("cp311-linux_aarch64_musl_1_2", "cp311-linux_aarch64_musl_1_2"),
    ],
)
def test_it_was_built_for_the_oldest_libc_with_all_that_pyconfig_names(
    tmp_path: Path, target: str, built_for: str
) -> None:
    write_debian_tree(tmp_path, target)
    assert describe(tmp_path).target.id == built_for


def test_an_older_libc_has_not_all_that_a_description_names(tmp_path: Path) -> None:
    write_debian_tree(tmp_path / "tree", "cp311-linux_aarch64_glibc_2_36")
    path = tmp_path / "own.json"
    path.write_text(json.dumps(describe(tmp_path / "tree").to_json()))
    for version, close_range, getentropy in ((34, "1", "1"), (28, None, "1"), (17, None, None)):
        target = parse_target_id(f"cp311-linux_aarch64_glibc_2_{version}")
        macros = load_description(target, extra=[path]).pyconfig.macros
        assert (macros["HAVE_CLOSE_RANGE"], macros["HAVE_GETENTROPY"]) == (close_range, getentropy)


def test_what_it_was_made_from_is_recorded_without_a_path_of_this_machine(tmp_path: Path) -> None:
    write_debian_tree(tmp_path / "arm64", "cp311-linux_aarch64_glibc_2_28")
    provenance = describe(tmp_path / "arm64").provenance
    files, origin = provenance["files"], provenance["origin"]
    assert isinstance(files, dict)
    assert isinstance(origin, str)
    assert {key: value for key, value in provenance.items() if key not in {"files", "origin"}} == {
        "derived": False,
        "python_version": "3.11.2",
    }
    assert re.fullmatch(r"a folder with \d+ files of Python, sha256 [0-9a-f]{64}", origin)
    assert list(files) == [
        "usr/include/aarch64-linux-gnu/python3.11/pyconfig.h",
        "usr/lib/python3.11/_sysconfigdata__aarch64-linux-gnu.py",
    ]


def test_the_same_files_make_the_same_description_in_every_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [tmp_path / "arm64", tmp_path / "deep" / "other"]
    for place in places:
        write_debian_tree(place, "cp311-linux_aarch64_glibc_2_28")
    monkeypatch.chdir(places[1])
    first, second = (pretty_json(describe(place).to_json()) for place in (places[0], Path()))
    assert first == second
    header = next(places[1].rglob("patchlevel.h"))
    header.write_text(header.read_text() + "/* patched */\n")
    assert describe(places[1]).provenance["origin"] != describe(places[0]).provenance["origin"]


@pytest.mark.parametrize(
    ("target", "host"),
    [
        ("cp310-linux_x86_64_musl_1_2", "x86_64-linux-musl"),  # its MULTIARCH says gnu
        ("cp310-linux_x86_64_glibc_2_28", "x86_64-pc-linux-gnu"),
        ("cp313-linux_armv7l_musl_1_2", "armv7-alpine-linux-musleabihf"),
        ("cp314-linux_ppc64le_musl_1_2", "powerpc64le-alpine-linux-musl"),
    ],
)
def test_a_musl_python_is_told_from_a_glibc_one(tmp_path: Path, target: str, host: str) -> None:
    expected = write_plain_prefix(tmp_path, target, HOST_GNU_TYPE=host)
    found = describe(tmp_path)
    assert found.id == expected.id
    assert (found.multiarch, found.ext_suffix) == (expected.multiarch, expected.ext_suffix)
    assert found.long_double_format == expected.long_double_format


@pytest.mark.parametrize("below", ["", "python", "usr/local"])
def test_a_plain_prefix_is_found_wherever_it_is_rooted(tmp_path: Path, below: str) -> None:
    expected = write_plain_prefix(tmp_path / below, "cp313t-linux_aarch64_glibc_2_28")
    assert _facts(describe(tmp_path))["soabi"] == expected.soabi


def test_an_archive_is_read_as_the_folder_it_holds(tmp_path: Path) -> None:
    write_plain_prefix(tmp_path / "tree", "cp312-linux_riscv64_glibc_2_31")
    archive = tmp_path / "cpython-3.12.2+20240224-riscv64.tar.gz"
    archive.write_bytes(tar_of(tmp_path / "tree", "python"))
    assert _facts(describe(archive)) == _facts(describe(tmp_path / "tree"))


def test_debian_packages_are_read_without_unpacking(tmp_path: Path) -> None:
    write_debian_tree(tmp_path / "tree", "cp311-linux_armv7l_glibc_2_28")
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "libpython3.11-dev_3.11.2-6_armhf.deb").write_bytes(deb_of(tmp_path / "tree"))
    found = describe(packages)
    assert _facts(found) == _facts(describe(tmp_path / "tree"))
    assert found.provenance["origin"] == "libpython3.11-dev_3.11.2-6_armhf"


def test_nothing_of_the_target_python_is_executed(tmp_path: Path) -> None:
    description = write_plain_prefix(tmp_path, "cp311-linux_aarch64_glibc_2_28")
    module = next((tmp_path / "lib/python3.11").glob("_sysconfigdata*"))
    witness = tmp_path / "ran"
    module.write_text(f"open({str(witness)!r}, 'w').close()\n" + module.read_text())
    assert describe(tmp_path).soabi == description.soabi
    assert not witness.exists()


def test_variables_that_are_no_literal_are_not_evaluated(tmp_path: Path) -> None:
    write_plain_prefix(tmp_path, "cp311-linux_aarch64_glibc_2_28")
    module = next((tmp_path / "lib/python3.11").glob("_sysconfigdata*"))
    module.write_text("build_time_vars = dict(SOABI='cpython-311-aarch64-linux-gnu')\n")
    with pytest.raises(InputError, match=r"no CPython's files are there .* holds no build_time_vars"):
        describe(tmp_path)


def test_a_folder_without_a_python_is_refused_with_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        describe(tmp_path)
    assert str(caught.value) == (
        f"cannot describe target Python '{tmp_path}': no Python's files are there; give the root of a CPython for the "
        "target, with a _sysconfigdata_*.py below lib/pythonX.Y (also usr/lib, usr/local/lib, python/lib, install/lib) "
        "and a pyconfig.h below include/pythonX.Y"
    )


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        describe(tmp_path / "absent")
    assert str(caught.value) == (
        f"cannot read target Python '{tmp_path}/absent': there is no such file or folder; "
        "give a folder, a tar archive or .deb files of a target Python"
    )


@pytest.mark.parametrize("content", [b"", b"no archive", b"!<arch>\nshort", b"\x1f\x8b" + b"\0" * 40])
def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "python.deb"
    file.write_bytes(content)
    with pytest.raises(InputError, match="it is no package that Python can read"):
        describe(file)
    file = file.rename(tmp_path / "python.tar.gz")
    with pytest.raises(InputError, match=r"it is no (tar archive|package) that Python can read"):
        describe(file)


def test_a_python_that_is_no_cpython_is_refused(tmp_path: Path) -> None:
    write_plain_prefix(tmp_path, "cp311-linux_aarch64_glibc_2_28", SOABI="pypy310-pp73-aarch64-linux-gnu")
    with pytest.raises(InputError, match="is of 'pypy310-pp73-aarch64-linux-gnu'"):
        describe(tmp_path)


def test_several_pythons_in_one_place_are_refused_by_name(tmp_path: Path) -> None:
    write_plain_prefix(tmp_path, "cp311-linux_aarch64_glibc_2_28")
    write_plain_prefix(tmp_path, "cp312-linux_aarch64_glibc_2_28")
    with pytest.raises(InputError) as caught:
        describe(tmp_path)
    assert str(caught.value) == (
        f"cannot describe target Python '{tmp_path}': several Pythons are there: "
        "lib/python3.11/_sysconfigdata__linux_aarch64-linux-gnu.py, "
        "lib/python3.12/_sysconfigdata__linux_aarch64-linux-gnu.py; give the folder of one of them"
    )


def test_a_platform_nobody_builds_for_is_refused(tmp_path: Path) -> None:
    changes = {"SOABI": "cpython-311-mips64el-linux-gnuabi64", "MULTIARCH": "mips64el-linux-gnuabi64"}
    write_plain_prefix(tmp_path, "cp311-linux_aarch64_glibc_2_28", **changes)
    with pytest.raises(
        InputError, match="says it is for 'mips64el-linux-gnuabi64'; use a Python for x86_64-linux-gnu,"
    ):
        describe(tmp_path)


def test_a_dispatcher_alone_is_no_pyconfig(tmp_path: Path) -> None:
    write_debian_tree(tmp_path, "cp311-linux_aarch64_glibc_2_28")
    (tmp_path / "usr/include/aarch64-linux-gnu/python3.11/pyconfig.h").unlink()
    with pytest.raises(InputError) as caught:
        describe(tmp_path)
    assert str(caught.value) == (
        f"cannot read pyconfig.h of target Python '{tmp_path}': only a dispatcher to other files is below "
        "include/python3.11; add the development files (on Debian libpythonX.Y-dev of the target's architecture)"
    )


def test_files_of_different_builds_are_refused_with_every_contradiction(tmp_path: Path) -> None:
    write_debian_tree(
        tmp_path, "cp311-linux_aarch64_glibc_2_28", VERSION="3.12", SIZEOF_VOID_P=4, EXT_SUFFIX=".so"
    )
    with pytest.raises(CrosswheelError) as caught:
        describe(tmp_path)
    complaints = str(caught.value)
    assert "ext_suffix is '.so', where the rest of it says '.cpython-311-aarch64-linux-gnu.so'" in complaints
    assert "VERSION in usr/lib/python3.11/_sysconfigdata__aarch64-linux-gnu.py is '3.12'" in complaints
    assert "SIZEOF_VOID_P in usr/lib/python3.11/_sysconfigdata__aarch64-linux-gnu.py is '4'" in complaints


def test_the_platform_of_build_details_is_no_fact(tmp_path: Path) -> None:
    description = write_debian_tree(tmp_path, "cp314-linux_armv7l_glibc_2_28")
    write_build_details(tmp_path, description)
    assert describe(tmp_path).id == "cp314-linux_armv7l_glibc"


def test_build_details_of_another_version_are_refused(tmp_path: Path) -> None:
    description = write_debian_tree(tmp_path, "cp314-linux_armv7l_glibc_2_28")
    write_build_details(tmp_path, description, language={"version": "3.15"})
    with pytest.raises(
        InputError, match=r"language.version in .*build-details\.\.arm-linux-gnueabihf.json is '3.15'"
    ):
        describe(tmp_path)


def test_a_link_to_another_pythons_files_is_not_followed(tmp_path: Path) -> None:
    write_plain_prefix(tmp_path / "other", "cp312-linux_s390x_glibc_2_28")
    write_plain_prefix(tmp_path / "own", "cp311-linux_aarch64_glibc_2_28")
    other = tmp_path / "other/lib/python3.12/_sysconfigdata__linux_s390x-linux-gnu.py"
    (tmp_path / "own/lib/python3.11" / other.name).symlink_to(other)
    assert describe(tmp_path / "own").id == description_of("cp311-linux_aarch64_glibc_2_28").id
