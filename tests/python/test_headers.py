"""Headers packs: canonical, of the right Python, and nothing else."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from cross_targets import description_of, write_include_tree
from crosswheel.act.target_python.headers import (
    build_python_headers,
    headers_from,
    pack_headers,
    python_names,
    unpack_headers,
)
from crosswheel.render.pyconfig import render_pyconfig
from crosswheel.values.errors import CrosswheelError, InputError
from python_trees import deb_of, tar_of, write_debian_tree, write_plain_prefix

TARGET = "cp311-linux_aarch64_glibc_2_28"


def _names(data: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return archive.getnames()


def _text(data: bytes, name: str) -> str:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        member = archive.extractfile(name)
        assert member is not None
        return member.read().decode()


def test_the_build_pythons_headers_get_the_targets_pyconfig(tmp_path: Path) -> None:
    include = write_include_tree(tmp_path, "3.11.7", pyconfig_h="#define SIZEOF_VOID_P 8\n")
    description = description_of("cp311-linux_armv7l_glibc_2_28")
    pack = build_python_headers(include, description)
    assert (pack.python_version, pack.origin) == ("3.11.7", "CPython 3.11.7 of the build machine")
    assert _text(pack.data, "include/python3.11/pyconfig.h") == render_pyconfig(description)


def test_the_same_release_gives_the_same_bytes_whoever_built_it(tmp_path: Path) -> None:
    one = write_include_tree(tmp_path / "one", "3.11.7", pyconfig_h="#define HAVE_LIBREADLINE 1\n")
    other = write_include_tree(
        tmp_path / "other",
        "3.11.7",
        pyconfig_h="/* Debian */\n",
        greenlet__greenlet_h="/* not CPython's */\n",
    )
    (other / "Python.h").chmod(0o755)
    os.utime(other / "Python.h", (0, 0))
    description = description_of(TARGET)
    assert build_python_headers(one, description).data == build_python_headers(other, description).data


def test_a_pack_is_sorted_undated_and_owned_by_nobody(tmp_path: Path) -> None:
    data = build_python_headers(write_include_tree(tmp_path, "3.11.7"), description_of(TARGET)).data
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        members = archive.getmembers()
    assert [member.name for member in members] == [
        "include/python3.11/Python.h",
        "include/python3.11/cpython/object.h",
        "include/python3.11/object.h",
        "include/python3.11/patchlevel.h",
        "include/python3.11/pyconfig.h",
    ]
    assert {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in members} == {(0, 0, 0, "", "", 0o644)}


def test_the_targets_glibc_is_in_the_pack(tmp_path: Path) -> None:
    include = write_include_tree(tmp_path, "3.11.7")
    packs = {
        build_python_headers(include, description_of(f"cp311-linux_aarch64_glibc_2_{minor}")).digest
        for minor in (17, 28)
    }
    assert len(packs) == 2


def test_a_free_threaded_target_has_its_own_folder(tmp_path: Path) -> None:
    include = write_include_tree(tmp_path, "3.13.0")
    pack = build_python_headers(include, description_of("cp313t-linux_aarch64_glibc_2_28"))
    assert _names(pack.data)[0] == "include/python3.13t/Python.h"
    assert "#define Py_GIL_DISABLED 1\n" in _text(pack.data, "include/python3.13t/pyconfig.h")


def test_headers_of_another_version_are_refused(tmp_path: Path) -> None:
    include = write_include_tree(tmp_path, "3.12.1")
    with pytest.raises(InputError) as caught:
        build_python_headers(include, description_of(TARGET))
    assert str(caught.value) == (
        f"cannot pack headers '{include}': they are of CPython 3.12.1, the target is {TARGET}; "
        "give headers of CPython 3.11"
    )


def test_an_interpreter_without_its_development_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        build_python_headers(tmp_path, description_of(TARGET))
    assert str(caught.value) == (
        f"cannot pack headers '{tmp_path}': Python.h, patchlevel.h, object.h of include/python3.11 is not there; "
        "install its headers (Debian: python3-dev), or plan with others: `plan --headers`, or `headers` of the configuration"
    )


def test_debians_dispatcher_is_replaced_by_the_architectures_own_file(tmp_path: Path) -> None:
    description = write_debian_tree(tmp_path / "tree", TARGET)
    pack = headers_from(tmp_path / "tree", description)
    assert pack.python_version == "3.11.2"
    assert _text(pack.data, "include/python3.11/pyconfig.h") == render_pyconfig(description)


def test_functions_that_the_targets_libc_has_not_are_undefined(tmp_path: Path) -> None:
    write_debian_tree(tmp_path / "tree", "cp311-linux_aarch64_glibc_2_36")
    pack = headers_from(tmp_path / "tree", description_of("cp311-linux_aarch64_glibc_2_17"))
    lines = _text(pack.data, "include/python3.11/pyconfig.h").splitlines()
    assert "/* #undef HAVE_CLOSE_RANGE */" in lines
    assert "#define HAVE_PRLIMIT 1" in lines


def test_folder_archive_and_package_give_the_same_pack(tmp_path: Path) -> None:
    description = write_debian_tree(tmp_path / "tree", TARGET)
    archive, package = tmp_path / "python.tar.gz", tmp_path / "stored-under-its-digest"
    archive.write_bytes(tar_of(tmp_path / "tree", "tree"))
    package.write_bytes(deb_of(tmp_path / "tree"))
    packs = {headers_from(path, description).data for path in (tmp_path / "tree", archive, package)}
    assert len(packs) == 1


def test_headers_of_another_architecture_are_refused_by_its_name(tmp_path: Path) -> None:
    write_plain_prefix(tmp_path, "cp311-linux_riscv64_glibc_2_31")
    with pytest.raises(InputError) as caught:
        headers_from(tmp_path, description_of(TARGET))
    assert str(caught.value) == (
        f"cannot pack headers '{tmp_path}': its files are of riscv64-linux-gnu, the target {TARGET} needs "
        "aarch64-linux-gnu; give the headers of the target's own architecture"
    )


def test_headers_of_another_architecture_are_refused_by_their_pyconfig(tmp_path: Path) -> None:
    write_plain_prefix(tmp_path, "cp311-linux_i686_glibc_2_28")
    next((tmp_path / "lib/python3.11").iterdir()).unlink()
    with pytest.raises(CrosswheelError) as caught:
        headers_from(tmp_path, description_of(TARGET))
    assert (
        f"cannot pack headers '{tmp_path}': pyconfig.h has SIZEOF_VOID_P 4, the description of "
        "cp311-linux_aarch64_glibc 8; give the headers of the target's own architecture, or describe that Python "
        "with `crosswheel target describe --from`" in str(caught.value).splitlines()
    )


def test_headers_of_a_python_with_another_gil_are_refused(tmp_path: Path) -> None:
    write_plain_prefix(tmp_path, "cp313-linux_aarch64_glibc_2_28")
    (tmp_path / "include/python3.13").rename(tmp_path / "include/python3.13t")
    with pytest.raises(
        InputError, match=r"pyconfig.h has Py_GIL_DISABLED None, the description of cp313t-linux"
    ):
        headers_from(tmp_path, description_of("cp313t-linux_aarch64_glibc_2_28"))


def test_a_pack_unpacks_to_what_was_packed(tmp_path: Path) -> None:
    description = description_of(TARGET)
    pack = tmp_path / "headers.tar"
    pack.write_bytes(pack_headers({"Python.h": b"/* */\n", "setup.py": b"no"}, "/* config */\n", description))
    unpack_headers(pack, tmp_path / "out")
    files = {path.relative_to(tmp_path / "out").as_posix() for path in tmp_path.glob("out/**/*.h")}
    assert files == {"include/python3.11/Python.h", "include/python3.11/pyconfig.h"}


@pytest.mark.parametrize(
    "name",
    ["../include/python3.11/x.h", "/include/python3.11/x.h", "include/python3.11/../../../x.h", "bin/x"],
)
def test_a_pack_with_anything_but_headers_is_refused(tmp_path: Path, name: str) -> None:
    pack = tmp_path / "headers.tar"
    with tarfile.open(pack, "w") as archive:
        archive.addfile(tarfile.TarInfo(name))
    with pytest.raises(InputError) as caught:
        unpack_headers(pack, tmp_path / "out")
    assert str(caught.value) == (
        f"cannot unpack headers '{pack}': '{name}' is no header file; make the pack with `crosswheel target pack`"
    )


def test_a_file_that_is_no_tar_is_refused(tmp_path: Path) -> None:
    pack = tmp_path / "headers.tar"
    pack.write_bytes(b"#include\n" * 100)
    with pytest.raises(InputError, match="it is no uncompressed tar archive"):
        unpack_headers(pack, tmp_path / "out")


def test_the_names_of_the_api_are_those_in_any_header_internal_ones_too(tmp_path: Path) -> None:
    files = {
        "Python.h": b"PyAPI_FUNC(void) PyLong_Do(int);\n",
        "internal/pycore_dict.h": b"extern PyObject *_PyDict_Own(void); int CopyPyThing;\n",
    }
    pack = tmp_path / "headers.tar"
    pack.write_bytes(pack_headers(files, "#define Py_DEBUG 1\n", description_of(TARGET)))
    names = python_names(pack)
    assert {"PyLong_Do", "_PyDict_Own", "PyObject", "Py_DEBUG"} <= names
    assert "PyThing" not in names
