"""Programs of a base: its Python has to be one, for the target's C library, and musl's loader where programs ask for it."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest

from crosswheel.act.images.base_facts import read_base
from crosswheel.act.images.base_images import find_base_image
from crosswheel.act.images.base_sources import find_base_source
from crosswheel.act.images.bases import prepared_base
from crosswheel.act.images.open_layout import open_layout
from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.api import Session
from crosswheel.decide.images.base_lock import BaseLock, LockedBase, base_lock_to_json
from crosswheel.decide.plans.plan import Artifact
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CheckError, CrosswheelError, InputError
from crosswheel.values.oci_descriptors import OciPlatform
from crosswheel.values.platforms import Glibc
from elf_files import elf_file
from image_bases import libc
from layout_files import LayoutMaker, link, tar_of

GLIBC, MUSL = "cp311-linux_aarch64_glibc_2_28", "cp311-linux_aarch64_musl_1_2"
PYTHON, LOADER = "usr/bin/python3.11", "lib/ld-musl-aarch64.so.1"
GLIBC_LOADER = "lib/ld-linux-aarch64.so.1"
FOR_GLIBC = elf_file(interpreter=f"/{GLIBC_LOADER}")
FOR_MUSL = elf_file(interpreter=f"/{LOADER}")
#: Both C libraries.
LIBRARIES = {"usr/lib/aarch64-linux-gnu/libc.so.6": libc(), GLIBC_LOADER: elf_file(), LOADER: elf_file()}


def base(folder: Path, *layers: bytes, platform: str = "linux/arm64") -> Path:
    maker = LayoutMaker(folder)
    return maker.write(maker.image(tar_of(LIBRARIES), *layers, platform=platform))


def interpreter(path: Path, target: str, tmp_path: Path, **options: Any) -> str:
    arguments = {"interpreter": None, "accept": (), **options}
    services = Session(cache_dir=tmp_path / "store").services()
    source = find_base_source(str(path))
    with prepared_base(source, parse_target_id(target), services=services, **arguments) as prepared:
        return str(prepared.interpreter)


def refusal(kind: type[CrosswheelError], *arguments: Any, **options: Any) -> str:
    with pytest.raises(kind) as error:
        interpreter(*arguments, **options)
    return str(error.value)


@pytest.mark.parametrize(
    ("python", "target", "said"),
    [
        (FOR_MUSL, GLIBC, f"musl, whose /{LOADER} it asks for, and the wheels of {GLIBC} are for glibc"),
        (
            FOR_GLIBC,
            MUSL,
            f"glibc, whose /{GLIBC_LOADER} it asks for, and the wheels of {MUSL} are for musl",
        ),
    ],
)
def test_a_python_of_the_other_c_library_is_refused(
    python: bytes, target: str, said: str, tmp_path: Path
) -> None:
    path = base(tmp_path / "base", tar_of({PYTHON: python}))
    other, wanted = said.partition(",")[0], said.rpartition(" ")[2]
    assert refusal(CheckError, path, target, tmp_path) == (
        f"cannot use base image '{path}': its Python /{PYTHON} is for {said}; use a base whose Python is for {wanted}, say with "
        f"--interpreter where such a one is, or plan for a target with {other}"
    )
    serves = GLIBC if target == MUSL else MUSL
    assert interpreter(path, serves, tmp_path) == f"/{PYTHON}"


def test_the_python_that_the_image_uses_is_judged_and_no_other(tmp_path: Path) -> None:
    path = base(tmp_path / "base", tar_of({PYTHON: FOR_GLIBC, "opt/bin/python3.11": FOR_MUSL}))
    assert interpreter(path, GLIBC, tmp_path) == f"/{PYTHON}"
    assert interpreter(path, MUSL, tmp_path, interpreter="/opt/bin/python3.11") == "/opt/bin/python3.11"
    said = refusal(CheckError, path, GLIBC, tmp_path, interpreter="/opt/bin/python3.11")
    assert "its Python /opt/bin/python3.11 is for musl" in said


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        (tar_of({f"lib/.wh.{GLIBC_LOADER.rpartition('/')[2]}": b""}), "is not there"),
        (tar_of([link(GLIBC_LOADER, "/opt/nowhere.so")]), "is not there"),
        (tar_of({PYTHON: elf_file(interpreter="/opt/ld.so")}), "is not there"),
        (tar_of({GLIBC_LOADER: b"text"}), "is no ELF file"),
        (tar_of({f"{GLIBC_LOADER}/": b""}), "is no ELF file"),
        (tar_of({GLIBC_LOADER: elf_file()}, mode=0o644), "nobody may execute"),
    ],
    ids=["removed", "link to nothing", "another", "text", "folder", "mode"],
)
def test_a_python_whose_loader_cannot_be_started_is_refused(layer: bytes, why: str, tmp_path: Path) -> None:
    path = base(tmp_path / "base", tar_of({PYTHON: FOR_GLIBC}), layer)
    loader = "/opt/ld.so" if b"/opt/ld.so" in layer else f"/{GLIBC_LOADER}"
    assert refusal(CheckError, path, GLIBC, tmp_path) == (
        f"cannot use base image '{path}': its Python /{PYTHON} asks for the program loader {loader}, which {why}; use a base whose "
        "Python starts, or say with --interpreter where such a one is"
    )


SCRIPT = {PYTHON: b"#!/bin/sh\nexec /opt/python"}


@pytest.mark.parametrize(
    ("layers", "why"),
    [
        ([SCRIPT], "is a script for /bin/sh, which is not there"),
        ([{PYTHON: b"#! \t/usr/bin/env  python3"}], "is a script for /usr/bin/env, which is not there"),
        ([SCRIPT, {"bin/": b""}, [link("bin/sh", "busybox")]], "is a script for /bin/sh, which is not there"),
        (
            [SCRIPT, {"bin/sh": elf_file()}, {"bin/.wh.sh": b""}],
            "is a script for /bin/sh, which is not there",
        ),
        ([SCRIPT, {"bin/sh/": b""}], "is a script for /bin/sh, which is not there"),
        (
            [SCRIPT, {"bin/sh": elf_file(interpreter="/opt/ld.so")}],
            "is a script for /bin/sh, which asks for the program loader /opt/ld.so, which is not there",
        ),
        (
            [SCRIPT, {"bin/sh": b"#!/opt/bash"}],
            "is a script for /bin/sh, which is a script for /opt/bash, which is not there",
        ),
    ],
    ids=["none", "env", "link to nothing", "removed", "folder", "loader", "script"],
)
def test_a_script_whose_runner_is_in_no_layer_is_refused(layers: Any, why: str, tmp_path: Path) -> None:
    path = base(tmp_path / "base", *(tar_of(layer) for layer in layers))
    assert f"its Python /{PYTHON} {why}; use a base whose Python starts, or" in refusal(
        CheckError, path, GLIBC, tmp_path
    )


def test_a_script_whose_runner_nobody_may_execute_is_refused(tmp_path: Path) -> None:
    path = base(tmp_path / "base", tar_of(SCRIPT), tar_of({"bin/sh": elf_file()}, mode=0o644))
    assert "is a script for /bin/sh, which nobody may execute; use" in refusal(
        CheckError, path, GLIBC, tmp_path
    )


@pytest.mark.parametrize(
    "layers",
    [
        [SCRIPT, {"usr/bin/dash": elf_file()}, [link("bin", "usr/bin"), link("usr/bin/sh", "/usr/bin/dash")]],
        [[("bin/busybox", elf_file()), link("bin/sh", "bin/busybox", tarfile.LNKTYPE)], SCRIPT],
        [{PYTHON: b"#!/usr/bin/env python3"}, {"usr/bin/env": FOR_GLIBC}],
        [{PYTHON: b"#!/bin/sh"}, {"bin/sh": b"no program that is known"}],
        [{PYTHON: f"#!/{PYTHON}".encode()}],
        [{PYTHON: b"#!sh"}],
        [{PYTHON: b"#!\n/bin/sh"}],
        [{PYTHON: b"#!/" + b"a" * 300}],
    ],
    ids=["links", "hard link", "env", "unknown", "circle", "relative", "names nothing", "long"],
)
def test_a_script_is_taken_where_nothing_is_known_to_lack(layers: Any, tmp_path: Path) -> None:
    path = base(tmp_path / "base", *(tar_of(layer) for layer in layers))
    assert interpreter(path, GLIBC, tmp_path) == f"/{PYTHON}"


def test_a_loader_is_found_through_links(tmp_path: Path) -> None:
    loader = tar_of([("opt/ld.so", elf_file()), link(GLIBC_LOADER, "../opt/ld.so")])
    path = base(tmp_path / "base", tar_of({PYTHON: FOR_GLIBC}), loader)
    assert interpreter(path, GLIBC, tmp_path) == f"/{PYTHON}"


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_python_is_judged_by_what_links_lead_to(kind: bytes, tmp_path: Path) -> None:
    target = "/opt/python" if kind == tarfile.SYMTYPE else "opt/python"
    path = base(tmp_path / "base", tar_of([("opt/python", FOR_MUSL), link(PYTHON, target, kind)]))
    assert "is for musl" in refusal(CheckError, path, GLIBC, tmp_path)


@pytest.mark.parametrize(
    "layer",
    [
        tar_of({PYTHON: FOR_GLIBC}),
        tar_of([("opt/python", FOR_GLIBC), link(PYTHON, "opt/python", tarfile.LNKTYPE)]),
        tar_of([("opt/python", FOR_GLIBC), link(PYTHON, "../../opt/python")]),
        tar_of({**SCRIPT, "bin/sh": elf_file()}),
        tar_of({PYTHON: elf_file()}),
    ],
    ids=["program", "hard link", "link", "script", "static"],
)
def test_a_later_layer_replaces_a_python_of_the_other_c_library(layer: bytes, tmp_path: Path) -> None:
    path = base(tmp_path / "base", tar_of({PYTHON: FOR_MUSL}), layer)
    assert interpreter(path, GLIBC, tmp_path) == f"/{PYTHON}"


@pytest.mark.parametrize("data", [FOR_GLIBC[:100], FOR_GLIBC[:64] + b"\xff" * 100])
def test_a_python_that_is_damaged_asks_for_no_loader(data: bytes, tmp_path: Path) -> None:
    assert interpreter(base(tmp_path / "base", tar_of({PYTHON: data})), GLIBC, tmp_path) == f"/{PYTHON}"


@pytest.mark.parametrize(
    "layer",
    [tar_of({PYTHON: b""}), tar_of({PYTHON: b"python"}), tar_of({PYTHON: FOR_GLIBC}, mode=0o644)],
    ids=["empty", "text", "mode"],
)
def test_what_cannot_be_started_is_no_python(layer: bytes, tmp_path: Path) -> None:
    path = base(tmp_path / "base", layer)
    why = "is no program: nobody may execute it, or it is neither ELF nor a script that names what runs it"
    assert (
        f"there is no python3.11 on its PATH, it has no Python, and its /{PYTHON} {why}; plan for the Python of the base"
        in refusal(InputError, path, GLIBC, tmp_path)
    )
    assert (
        f"its /{PYTHON} {why}; give the path of a Python that Linux can start with --interpreter, or use another base"
        in refusal(InputError, path, GLIBC, tmp_path, interpreter=f"/{PYTHON}")
    )


def test_a_text_in_place_of_a_python_is_none(tmp_path: Path) -> None:
    path = base(tmp_path / "base", tar_of({PYTHON: FOR_GLIBC}), tar_of({PYTHON: b"text"}))
    assert "it has no Python" in refusal(InputError, path, GLIBC, tmp_path)


def has_musl(path: Path, platform: OciPlatform) -> bool:
    with open_layout(path) as layout:
        return read_base(find_base_image(layout, platform)).musl


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([(LOADER, elf_file())], True),
        (
            [("lib/aarch64-linux-musl/libc.so", elf_file()), link(LOADER, "/lib/aarch64-linux-musl/libc.so")],
            True,
        ),
        ([link("lib", "usr/lib"), (f"usr/{LOADER}", elf_file())], True),
        ([("usr/libc.so", elf_file()), link(LOADER, "usr/libc.so", tarfile.LNKTYPE)], True),
        ([(f"usr/{LOADER}", elf_file())], False),
        ([("lib/ld-musl-x86_64.so.1", elf_file())], False),
        ([(LOADER, b"musl, as it were")], False),
        ([(LOADER, b"#!/bin/sh")], False),
        ([("lib/libc.so", b"text"), link(LOADER, "libc.so")], False),
        ([link(LOADER, "/lib/libc.so")], False),
    ],
)
def test_musl_is_its_loader_where_programs_ask_for_it(entries: Any, expected: bool, tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "base")
    path = maker.write(maker.image(tar_of(entries)))
    assert has_musl(path, OciPlatform(os="linux", architecture="arm64")) is expected


def test_musls_loader_has_the_name_of_the_bases_architecture(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "base")
    image = maker.image(tar_of({"lib/ld-musl-armhf.so.1": elf_file("armv7l")}), platform="linux/arm/v7")
    assert has_musl(maker.write(image), OciPlatform(os="linux", architecture="arm", variant="v7"))


def test_a_base_with_musl_serves_musl(tmp_path: Path) -> None:
    maker = LayoutMaker(tmp_path / "base")
    files = {LOADER: elf_file(), "usr/local/bin/python3.11": FOR_MUSL}
    path = maker.write(maker.image(tar_of(files)))
    assert interpreter(path, MUSL, tmp_path) == "/usr/local/bin/python3.11"


PLACE = "/nix/store/0f-glibc/lib"
NIX_PYTHON = elf_file(interpreter=f"{PLACE}/ld-linux-aarch64.so.1")
NIX = {f"{PLACE[1:]}/ld-linux-aarch64.so.1": elf_file(), f"{PLACE[1:]}/libc.so.6": libc(version="2.40")}
#: A glibc beside musl, to which a link leads from where programs ask for its loader.
BESIDE_MUSL: Any = [
    ("usr/compat/lib/ld-2.31.so", elf_file()),
    ("usr/compat/lib/libc-2.31.so", libc(version="2.31")),
    link("usr/compat/lib/libc.so.6", "libc-2.31.so"),
    link(GLIBC_LOADER, "/usr/compat/lib/ld-2.31.so"),
    (LOADER, elf_file()),
]
NO_GLIBC = (
    "it has no glibc in /lib, /lib64, /usr/lib, /usr/lib64, nor beside the program loader that its Python asks for, and the "
    f"wheels of {GLIBC} may need glibc 2.28; use a base with glibc"
)


def layout(folder: Path, *layers: Any) -> Path:
    maker = LayoutMaker(folder)
    return maker.write(maker.image(*(tar_of(layer) for layer in layers)))


@pytest.mark.parametrize(
    "layers",
    [
        [NIX, {"nix/store/py/bin/python3.11": NIX_PYTHON}, [link(PYTHON, "/nix/store/py/bin/python3.11")]],
        [{PYTHON: FOR_GLIBC}, BESIDE_MUSL],
        [NIX, {PYTHON: f"#!{PLACE}/bash".encode(), f"{PLACE[1:]}/bash": NIX_PYTHON}],
        [NIX, {PYTHON: NIX_PYTHON, "usr/lib/libc.so.6": libc(version="2.17")}],
        [NIX, LIBRARIES, {PYTHON: FOR_GLIBC, f"{PLACE[1:]}/libc.so.6": libc(version="2.17")}],
        [
            NIX,
            {
                f"{PLACE[1:]}/libc.so.6": libc(version="2.17"),
                "usr/lib/libc.so.6": libc(),
                PYTHON: f"#!{PLACE}/bash".encode(),
                f"{PLACE[1:]}/bash": NIX_PYTHON,
            },
        ],
    ],
    ids=["Nix", "beside musl", "script", "another in the system", "not used", "script in a system"],
)
def test_the_glibc_of_a_python_is_beside_its_loader_or_the_systems(layers: Any, tmp_path: Path) -> None:
    assert interpreter(layout(tmp_path / "base", *layers), GLIBC, tmp_path) == f"/{PYTHON}"


@pytest.mark.parametrize(
    ("layers", "why"),
    [
        (
            [NIX, LIBRARIES, {PYTHON: NIX_PYTHON, f"{PLACE[1:]}/libc.so.6": libc(version="2.17")}],
            "it has glibc 2.17,",
        ),
        ([NIX, {PYTHON: NIX_PYTHON}, {f"{PLACE[1:]}/.wh.libc.so.6": b""}], NO_GLIBC),
        ([NIX, {PYTHON: FOR_GLIBC}], NO_GLIBC),
        ([{PYTHON: FOR_GLIBC, GLIBC_LOADER: elf_file()}], NO_GLIBC),
        ([NIX, {"opt/python3.12": NIX_PYTHON}], "there is no python3.11 on its PATH"),
    ],
    ids=["older", "removed", "another's", "none", "no Python"],
)
def test_a_python_without_a_glibc_of_its_own_is_refused(layers: Any, why: str, tmp_path: Path) -> None:
    with pytest.raises(CrosswheelError) as error:
        interpreter(layout(tmp_path / "base", *layers), GLIBC, tmp_path)
    assert why in str(error.value)


def test_musl_is_the_loader_that_a_python_asks_for_wherever_it_is(tmp_path: Path) -> None:
    python = {PYTHON: elf_file(interpreter="/nix/musl/lib/ld-musl-aarch64.so.1")}
    path = layout(tmp_path / "base", python, {"nix/musl/lib/ld-musl-aarch64.so.1": elf_file()})
    assert interpreter(path, MUSL, tmp_path) == f"/{PYTHON}"
    said = refusal(CheckError, layout(tmp_path / "other", {PYTHON: FOR_GLIBC}), MUSL, tmp_path)
    assert (
        f"it has no musl at /{LOADER}, and the wheels of {MUSL} may need musl; use a base with musl" in said
    )


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"bin/python3.11": elf_file(interpreter="/usr/local/lib/ld.so"), "lib/ld.so": elf_file()}, None),
        ({"bin/python3.11": FOR_GLIBC}, f"asks for the program loader /{GLIBC_LOADER}, which is not there"),
        ({"bin/python3.11": b"#!/bin/sh"}, "is a script for /bin/sh, which is not there"),
        ({"bin/python3.11": FOR_MUSL}, "is for musl, whose"),
        ({"bin/python3.11": b""}, "is no program"),
    ],
)
def test_the_python_of_a_base_lock_starts_too(
    files: dict[str, bytes], said: str | None, tmp_path: Path
) -> None:
    archive = tmp_path / "python.tar"
    archive.write_bytes(tar_of({f"python/{name}": data for name, data in files.items()}))
    pinned = Artifact(sha256=digest_of_file(archive), filename=archive.name, path=archive.name)
    locked = LockedBase(
        platform="linux/arm64",
        python=parse_target_id(GLIBC).python,
        glibc=Glibc(major=2, minor=36),
        origin="Debian",
        index=pinned.sha256,
        system=(),
        standalone=pinned.sha256,
    )
    lock = tmp_path / "base.lock.json"
    lock.write_bytes(base_lock_to_json(BaseLock(artifacts={pinned.sha256: pinned}, bases=(locked,))))
    place = "/usr/local/bin/python3.11"
    if said is None:
        assert interpreter(lock, GLIBC, tmp_path) == place
    else:
        assert f"{place} {said}" in refusal(CrosswheelError, lock, GLIBC, tmp_path)
