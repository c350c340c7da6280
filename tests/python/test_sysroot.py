"""A sysroot put together from packages: what is in it, what is refused, and what the linker is told."""

from __future__ import annotations

import json
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from crosswheel.act.check.elf import parse_elf
from crosswheel.act.sysroot.ar_archives import ar_members, object_symbols
from crosswheel.act.sysroot.assembly import (
    PackageFile,
    SysrootRequest,
    archives_of,
    assemble_sysroot,
    read_packages,
    told_place,
)
from crosswheel.act.sysroot.older_symbols import with_older_symbols
from crosswheel.act.sysroot.package_files import read_package
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Arch, Glibc
from elf_files import Need, elf_file
from sysroot_packages import archive, debian_package, object_file, package_file

ARM64 = parse_target_id("cp311-linux_aarch64_glibc_2_28")
LIB = "usr/lib/aarch64-linux-gnu"


@pytest.fixture
def zig(tmp_path: Path) -> Path:
    for name in ("generic-glibc/stdio.h", "generic-musl/crypt.h", "any-linux-any/linux/types.h"):
        header = tmp_path / "zig" / "lib" / "libc" / "include" / name
        header.parent.mkdir(parents=True)
        header.touch()
    return tmp_path / "zig"


def assembled(
    zig: Path, *packages: PackageFile, link: LinkKind = LinkKind.STATIC, target: str = ARM64.id
) -> Path:
    destination = zig.parent / "sysroot"
    destination.mkdir()
    assemble_sysroot(
        destination,
        SysrootRequest(packages=packages, link=link),
        target=parse_target_id(target),
        zig=zig,
        place="/crosswheel/sysroot",
        tools="/crosswheel/toolchain/bin",
    )
    return destination


def table(sysroot: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((sysroot / "libraries.json").read_text())["libraries"]
    return found


def names(sysroot: Path) -> set[str]:
    return {
        path.relative_to(sysroot).as_posix()
        for path in sysroot.rglob("*")
        if not path.is_dir() and path.name != "libraries.json"
    }


def shared(
    soname: str, needed: tuple[str, ...] = (), exports: tuple[str, ...] = (), arch: str = "aarch64"
) -> bytes:
    return elf_file(arch, soname=soname, needed=needed, exports=exports)


def test_headers_and_libraries_are_taken_and_programs_are_not(zig: Path, tmp_path: Path) -> None:
    package = package_file(
        tmp_path,
        "libdemo-dev",
        {
            "usr/include/demo.h": b"",
            "usr/include/stdio.h": b"the C library's",
            "usr/include/aarch64-linux-gnu/linux/types.h": b"the kernel's",
            "usr/include/c++/14/vector": b"GNU's",
            "lib/aarch64-linux-gnu/libdemo.so.1": shared("libdemo.so.1"),
            f"{LIB}/libdemo.so": "/lib/aarch64-linux-gnu/libdemo.so.1",
            f"{LIB}/demo-1.0/include/demo/demo-arch.h": b"",
            "usr/lib/gcc/aarch64-linux-gnu/14/include/stddef.h": b"the compiler's",
            f"{LIB}/libdangling.so": "libnothere.so.1",
            f"{LIB}/libc.a": archive({}),
            "usr/bin/demo": b"\x7fELF",
            "usr/share/man/man1/demo.1.gz": b"",
            "usr/share/doc/libdemo-dev/copyright": b"Copyright: nobody",
        },
    )
    sysroot = assembled(zig, package)
    assert names(sysroot) == {
        "usr/include/demo.h",
        f"{LIB}/demo-1.0/include/demo/demo-arch.h",
        f"{LIB}/libdemo.so",
        f"{LIB}/libdemo.so.1",
        "usr/share/doc/libdemo-dev/copyright",
    }
    assert (sysroot / LIB / "libdemo.so").readlink() == Path("libdemo.so.1")
    assert [one["copyright"] for one in read_packages(sysroot)] == ["Copyright: nobody"]


def test_a_header_of_the_other_c_library_is_no_header_of_the_targets(zig: Path, tmp_path: Path) -> None:
    package = package_file(
        tmp_path, "libcrypt-dev", {"usr/include/crypt.h": b"", f"{LIB}/libcrypt.a": archive({})}
    )
    assert (assembled(zig, package) / "usr/include/crypt.h").is_file()


def test_openmp_stands_where_compilers_look_under_all_its_names(zig: Path, tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {
        "usr/lib/llvm-19/lib/clang/19/include/omp.h": b"",
        "usr/lib/llvm-19/lib/clang/19/include/stddef.h": b"",
        "usr/lib/llvm-11/include/openmp/omp-tools.h": b"",
        "usr/lib/llvm-19/lib/libomp.so.5": shared("libomp.so.5", exports=("omp_get_num_threads",)),
        "usr/lib/llvm-19/lib/libomp.so": "libomp.so.5",
        f"{LIB}/libiomp5.so": "../llvm-19/lib/libomp.so",
    }
    sysroot = assembled(zig, package_file(tmp_path, "libomp-19-dev", files))
    assert {path.name for path in (sysroot / "usr/include").iterdir()} == {"omp.h", "omp-tools.h"}
    entry = {"file": "usr/lib/llvm-19/lib/libomp.so.5", "packages": ["libomp-19-dev"]}
    assert table(sysroot) == {"omp": entry, "iomp5": entry}


def test_of_archive_and_shared_library_one_is_left(zig: Path, tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {
        f"{LIB}/libz.a": archive({"z.o": object_file(["inflate"])}),
        f"{LIB}/libz.so": "libz.so.1",
        f"{LIB}/libz.so.1": shared("libz.so.1", exports=("inflate",)),
    }
    static = assembled(zig, package_file(tmp_path, "zlib1g-dev", files))
    assert names(static) == {f"{LIB}/libz.a", f"{LIB}/libz.so.1"}
    assert table(static) == {"z": {"file": f"{LIB}/libz.a", "packages": ["zlib1g-dev"]}}
    assert archives_of(static, ("zlib1g-dev",)) == {"libz.a"}
    assert archives_of(static, ("libx-dev",)) == frozenset()
    static.rename(tmp_path / "static")
    loaded = assembled(zig, package_file(tmp_path, "zlib1g-dev", files), link=LinkKind.SHARED)
    assert names(loaded) == {f"{LIB}/libz.so", f"{LIB}/libz.so.1"}
    assert table(loaded)["z"]["file"] == f"{LIB}/libz.so.1"


def test_symbols_of_archives_are_hidden(zig: Path, tmp_path: Path) -> None:
    for arch, target in (("aarch64", ARM64.id), ("s390x", "cp311-linux_s390x_glibc_2_28"), ("armv7l", "cp311-linux_armv7l_glibc_2_28")):  # fmt: skip
        data = archive({"a.o": object_file(["one", "two"], ["malloc"], arch=arch)})
        sysroot = assembled(zig, package_file(tmp_path, "libx-dev", {"usr/lib/libx.a": data}), target=target)
        (member,) = ar_members((sysroot / "usr/lib/libx.a").read_bytes())
        symbols = object_symbols(member.data)
        assert symbols is not None
        assert (symbols.defined, symbols.undefined) == ({"one", "two"}, {"malloc"})
        assert symbols.places == []  # none is left with the default visibility
        before = object_symbols(object_file(["one", "two"], ["malloc"], arch=arch))
        assert before is not None
        assert len(before.places) == 2
        sysroot.rename(tmp_path / arch)


def test_an_archive_brings_what_it_leaves_undefined_transitively(zig: Path, tmp_path: Path) -> None:
    sysroot = assembled(
        zig,
        package_file(tmp_path, "libssl-dev", {
            f"{LIB}/libssl.a": archive({"s.o": object_file(["SSL_new"], ["RAND", "malloc"])}),
            f"{LIB}/libcrypto.a": archive({"c.o": object_file(["RAND"], ["deflate"])}),
        }),
        package_file(tmp_path, "zlib1g-dev", {f"{LIB}/libz.a": archive({"z.o": object_file(["deflate"])})}),
    )  # fmt: skip
    assert table(sysroot)["ssl"] == {
        "file": f"{LIB}/libssl.a",
        "needs": [f"{LIB}/libcrypto.a", f"{LIB}/libz.a"],
        "packages": ["libssl-dev", "zlib1g-dev"],
    }


def test_of_two_that_define_a_symbol_the_one_named_by_the_package_config_is_taken(
    zig: Path, tmp_path: Path
) -> None:
    files: dict[str, bytes | str] = {
        f"{LIB}/libx.a": archive({"x.o": object_file(["x"], ["digest"])}),
        f"{LIB}/liba.a": archive({"a.o": object_file(["digest"])}),
        f"{LIB}/libbetter.a": archive({"b.o": object_file(["digest"])}),
        f"{LIB}/pkgconfig/x.pc": b"Name: x\nVersion: 1\nLibs: -lx\nLibs.private: -lbetter\n",
    }
    assert table(assembled(zig, package_file(tmp_path, "x-dev", files)))["x"]["needs"] == [
        f"{LIB}/libbetter.a"
    ]


def test_no_library_is_there_twice_because_another_loads_it(zig: Path, tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {
        f"{LIB}/libxml2.a": archive({"x.o": object_file(["xmlParse"])}),
        f"{LIB}/libxml2.so": "libxml2.so.2",
        f"{LIB}/libxml2.so.2": shared("libxml2.so.2", exports=("xmlParse",)),
        f"{LIB}/libxslt.so": "libxslt.so.1",
        f"{LIB}/libxslt.so.1": shared("libxslt.so.1", needed=("libxml2.so.2",), exports=("xsltApply",)),
    }
    found = table(assembled(zig, package_file(tmp_path, "libxslt1-dev", files)))
    assert {name: entry["file"] for name, entry in found.items()} == {
        "xml2": f"{LIB}/libxml2.so.2",
        "xslt": f"{LIB}/libxslt.so.1",
    }


def test_an_archive_that_is_not_whole_gives_way_to_the_shared_library(zig: Path, tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {
        f"{LIB}/libpq.a": archive({"p.o": object_file(["PQconnect"], ["pg_strcasecmp"])}),
        f"{LIB}/libpq.so": "libpq.so.5",
        f"{LIB}/libpq.so.5": shared("libpq.so.5", exports=("PQconnect", "pg_strcasecmp")),
    }
    assert (
        table(assembled(zig, package_file(tmp_path, "libpq-dev", files)))["pq"]["file"] == f"{LIB}/libpq.so.5"
    )


def test_gnus_cxx_library_is_refused_by_symbol(zig: Path, tmp_path: Path) -> None:
    symbol = "_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE9_M_createERmm"
    data = archive({"g.o": object_file(["geos"], [symbol, "_Znwm"])})
    entry = table(assembled(zig, package_file(tmp_path, "libgeos-dev", {f"{LIB}/libgeos.a": data})))["geos"]
    assert entry["cxx"] is True
    assert f"needs GNU's C++ library (its symbol {symbol})" in entry["refused"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("libx.a", archive({"x.o": object_file(["x"], arch="x86_64")})),
        ("libx.so.1", shared("libx.so.1", arch="x86_64")),
    ],
)
def test_a_library_of_another_architecture_is_refused(
    name: str, data: bytes, zig: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        assembled(zig, package_file(tmp_path, "libx-dev", {f"usr/lib/{name}": data}))
    assert str(caught.value) == (
        f"libx-dev: cannot use library 'usr/lib/{name}': it is for X86_64 (64-bit), the target is "
        "cp311-linux_aarch64_glibc_2_28; give libraries of the target's own architecture"
    )


def test_a_text_says_where_the_sysroot_is() -> None:
    text = b"#!/usr/bin/perl\nprefix=/usr\nLIBDIR = /usr/lib/aarch64-linux-gnu\ncflags='-I/usr/include/x'\nx/usr/y ${p}/usr\n"
    assert told_place(text, "/s") == (
        b"#!/usr/bin/perl\nprefix=/s/usr\nLIBDIR = /s/usr/lib/aarch64-linux-gnu\ncflags='-I/s/usr/include/x'\n"
        b"x/usr/y ${p}/usr\n"
    )


def test_a_program_of_the_target_is_answered_for_from_its_package_config(zig: Path, tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {
        "usr/bin/foo-config": object_file(),
        f"{LIB}/pkgconfig/libfoo.pc": b"Name: foo\n",
    }
    program = assembled(zig, package_file(tmp_path, "libfoo-dev", files)) / "usr/bin/foo-config"
    tool = tmp_path / "pkg-config"
    tool.write_text('#!/bin/sh\necho "asked $*"\n')
    tool.chmod(0o755)
    program.chmod(0o755)
    program.write_text(program.read_text().replace("/crosswheel/toolchain/bin/pkg-config", str(tool)))
    done = subprocess.run(
        [program, "--version", "--libs", "--includedir"], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [
        "asked --modversion libfoo",
        "asked --libs libfoo",
        "asked --variable=includedir libfoo",
    ]
    assert subprocess.run([program, "--frobnicate"], capture_output=True, check=False).returncode == 1


def test_a_member_that_leads_out_is_refused(tmp_path: Path) -> None:
    out = tarfile.TarInfo("./usr/include/../../../etc/passwd")
    package = debian_package(tmp_path / "x.deb", {}, extra=[out])
    with pytest.raises(InputError, match="leads out of the sysroot"):
        list(read_package(package))


def test_a_link_never_leads_out(tmp_path: Path) -> None:
    package = debian_package(tmp_path / "x.deb", {"usr/include/x.h": "../../../../etc/passwd"})
    (file,) = read_package(package)
    assert file.link == "etc/passwd"


def test_a_device_is_refused(tmp_path: Path) -> None:
    pipe = tarfile.TarInfo("./usr/include/pipe.h")
    pipe.type = tarfile.FIFOTYPE
    with pytest.raises(InputError, match="is a device, a pipe or another special file"):
        list(read_package(debian_package(tmp_path / "x.deb", {}, extra=[pipe])))


@pytest.mark.parametrize("data", [b"", b"!<arch>\nshort", b"no archive at all"])
def test_a_damaged_package_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.deb").write_bytes(data)
    with pytest.raises(InputError, match=r"cannot unpack libraries 'x.deb'"):
        list(read_package(tmp_path / "x.deb"))


def test_every_compression_that_python_has_is_read(tmp_path: Path) -> None:
    for compression in ("xz", "gz", ""):
        package = debian_package(tmp_path / "x.deb", {"usr/include/x.h": b"x"}, compression=compression)
        assert [file.path for file in read_package(package)] == ["usr/include/x.h"]


def test_gnus_cxx_library_is_linked_where_its_archive_is(zig: Path, tmp_path: Path) -> None:
    symbol = "_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE9_M_createERmm"
    sysroot = assembled(
        zig,
        package_file(tmp_path, "liblerc-dev", {f"{LIB}/liblerc.a": archive({"l.o": object_file(["lerc"], [symbol])})}),
        package_file(tmp_path, "libstdc++-14-dev", {
            "usr/lib/gcc/aarch64-linux-gnu/14/libstdc++.a": archive({"s.o": object_file([symbol], ["_Unwind_Resume"])}),
            "usr/lib/gcc/aarch64-linux-gnu/14/libsupc++.a": archive({}),
            "usr/include/c++/14/string": b"",
        }),
    )  # fmt: skip
    assert table(sysroot)["lerc"] == {
        "file": f"{LIB}/liblerc.a",
        "needs": ["usr/lib/crosswheel/libgnu-stdc++.a"],
        "packages": ["liblerc-dev", "libstdc++-14-dev"],
        "gnu_cxx": True,
        "unwind": True,
    }
    assert names(sysroot) == {f"{LIB}/liblerc.a", "usr/lib/crosswheel/libgnu-stdc++.a"}


@pytest.mark.parametrize(
    ("glibc", "version"),
    [(Glibc(major=2, minor=28), "GLIBC_2.17"), (Glibc(major=2, minor=29), "GLIBC_2.29")],
)
def test_a_function_that_glibc_has_twice_is_bound_to_the_version_of_the_target(
    glibc: Glibc, version: str
) -> None:
    imports = [Need("pow", "GLIBC_2.29", "libm.so.6"), Need("free", "GLIBC_2.17", "libc.so.6")]
    library = elf_file(needed=["libm.so.6", "libc.so.6"], imports=imports)
    bound = parse_elf(with_older_symbols(library, Arch.AARCH64, glibc))
    assert {(one.name, one.version, one.library) for one in bound.undefined} == {
        ("pow", version, "libm.so.6"),
        ("free", "GLIBC_2.17", "libc.so.6"),
    }


def test_a_function_that_has_no_older_version_stays() -> None:
    imports = [Need("pow", "GLIBC_2.29", "libm.so.6"), Need("other", "GLIBC_2.29", "libm.so.6"), Need("free", "GLIBC_2.17", "libc.so.6")]  # fmt: skip
    library = elf_file(needed=["libm.so.6", "libc.so.6"], imports=imports)
    assert with_older_symbols(library, Arch.AARCH64, Glibc(major=2, minor=28)) == library
