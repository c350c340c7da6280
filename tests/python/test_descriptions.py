"""The shipped target descriptions, and what makes a document no description."""

from __future__ import annotations

import copy
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from cross_targets import LINUX_PLATFORMS, MUSL_PLATFORMS, description_of
from crosswheel.act.target_python.load_description import load_description, shipped_descriptions
from crosswheel.target.description_json import description_from_json
from crosswheel.target.descriptions import libc_name, long_double_format
from crosswheel.target.targets import parse_target_id
from crosswheel.target.triples import sysconfig_platform
from crosswheel.values.errors import CrosswheelError, InputError
from crosswheel.values.platforms import Arch

PYTHONS = ("cp310", "cp311", "cp312", "cp313", "cp314", "cp313t", "cp314t")
TARGETS = [f"{python}-{platform}" for python in PYTHONS for platform in (*LINUX_PLATFORMS, *MUSL_PLATFORMS)]


@pytest.fixture
def document() -> dict[str, Any]:
    found: dict[str, Any] = copy.deepcopy(description_of("cp311-linux_aarch64_glibc_2_28").to_json())
    return found


def test_every_python_is_described_on_every_platform_that_is_built_for() -> None:
    linux = {
        f"{python}-{platform.rpartition('_')[0].rpartition('_')[0]}"
        for python in PYTHONS
        for platform in (*LINUX_PLATFORMS, *MUSL_PLATFORMS)
    }
    others = {
        f"{python}-{system}_{arch}"
        for python in PYTHONS
        for system in ("macos", "windows")
        for arch in ("aarch64", "x86_64")
    }
    assert set(shipped_descriptions()) == linux | others


MACOS, WINDOWS = "cp311-macos_aarch64_11_0", "cp313-windows_x86_64"


@pytest.mark.parametrize(
    "target", [f"{python}-{name}" for python in PYTHONS for name in ("macos_x86_64_11_0", "windows_aarch64")]
)
def test_a_description_of_another_system_is_sound_and_whole_in_its_json(target: str) -> None:
    description = description_of(target)
    assert (description.target.id, description.pointer_width, description.byteorder) == (target, 64, "little")
    assert (description.sizeof["VOID_P"], description.sizeof["INT"]) == (8, 4)
    assert description_from_json(description.to_json(), name="own.json") == description


def test_macos_has_its_own_names_and_data_model() -> None:
    description = description_of(MACOS)
    assert (description.soabi, description.multiarch) == ("cpython-311-darwin", "darwin")
    assert description.extension_suffixes == (".cpython-311-darwin.so", ".abi3.so", ".so")
    assert description.sysconfigdata_name == "_sysconfigdata__darwin_darwin"
    assert (description.sizeof["LONG"], description.sizeof["LONG_DOUBLE"]) == (8, 8)
    assert description.long_double_format == "IEEE_DOUBLE_LE"
    macros = description.pyconfig.macros
    assert (macros["HAVE_KQUEUE"], macros["HAVE_EPOLL"], macros["WITH_DYLD"]) == ("1", None, "1")
    assert description_of("cp311-macos_x86_64_11_0").sizeof["LONG_DOUBLE"] == 16


def test_windows_has_its_own_names_and_data_model() -> None:
    description = description_of(WINDOWS)
    assert (description.soabi, description.multiarch) == ("cp313-win_amd64", "win_amd64")
    assert description.extension_suffixes == (".cp313-win_amd64.pyd", ".pyd")
    assert (description.sizeof["LONG"], description.sizeof["WCHAR_T"]) == (4, 2)
    assert {"MS_WIN64", "MS_WINDOWS", "HAVE_DECLSPEC_DLL"} <= set(description.pyconfig.macros)
    assert description_of("cp313t-windows_aarch64").soabi == "cp313t-win_arm64"


def test_a_deployment_target_older_than_the_description_is_refused() -> None:
    with pytest.raises(InputError, match=r"it serves macOS version 10\.13 and newer, not 10\.9"):
        description_of("cp312-macos_x86_64_10_9")


@pytest.mark.parametrize("target", TARGETS)
def test_a_shipped_description_is_sound_and_is_of_its_target(target: str) -> None:
    description = description_of(target)
    assert description.target.id == target
    assert description.pointer_width == description.platform.arch.pointer_width
    assert description.byteorder == description.platform.arch.byteorder


@pytest.mark.parametrize("target", TARGETS)
def test_a_shipped_description_follows_the_data_model_of_its_architecture(target: str) -> None:
    description = description_of(target)
    sizes = description.sizeof
    width = description.pointer_width // 8
    assert {sizes[name] for name in ("VOID_P", "LONG", "SIZE_T", "UINTPTR_T", "PTHREAD_T")} == {width}
    assert (sizes["SHORT"], sizes["INT"], sizes["LONG_LONG"], sizes["DOUBLE"]) == (2, 4, 8, 8)
    assert sizes["OFF_T"] == 8
    assert sizes["TIME_T"] == (8 if libc_name(description.platform) == "musl" else width)
    widths = {Arch.ARMV7L: 8, Arch.I686: 12} | (
        {Arch.PPC64LE: 8} if libc_name(description.platform) == "musl" else {}
    )
    assert sizes["LONG_DOUBLE"] == widths.get(description.platform.arch, 16)
    assert description.long_double_format == long_double_format(description.platform)


@pytest.mark.parametrize("name", shipped_descriptions())
def test_a_shipped_description_says_where_it_comes_from(name: str) -> None:
    text = (files("crosswheel") / "toolchains" / "targets" / f"{name}.json").read_text("utf-8")
    provenance = json.loads(text)["provenance"]
    if provenance["derived"]:
        assert provenance["rules"]
        assert set(provenance["from"]) <= set(shipped_descriptions())
    else:
        assert set(provenance) - {"changed"} == {"derived", "files", "origin", "python_version"}
        assert all(len(digest) == 64 for digest in provenance["files"].values())


def test_names_that_differ_from_each_other_are_kept_apart() -> None:
    i686 = description_of("cp311-linux_i686_glibc_2_28")
    assert (i686.ext_suffix, i686.multiarch, i686.gnu_triple, sysconfig_platform(i686.platform)) == (
        ".cpython-311-i386-linux-gnu.so",
        "i386-linux-gnu",
        "i686-linux-gnu",
        "linux-i686",
    )
    armv7l = description_of("cp311-linux_armv7l_glibc_2_28")
    assert (armv7l.soabi, armv7l.gnu_triple, sysconfig_platform(armv7l.platform)) == (
        "cpython-311-arm-linux-gnueabihf",
        "arm-linux-gnueabihf",
        "linux-armv7l",
    )
    ppc64le = description_of("cp311-linux_ppc64le_glibc_2_28")
    assert (ppc64le.multiarch, sysconfig_platform(ppc64le.platform)) == (
        "powerpc64le-linux-gnu",
        "linux-ppc64le",
    )


@pytest.mark.parametrize(
    ("target", "suffix", "triple"),
    [
        ("cp311-linux_aarch64_musl_1_2", ".cpython-311-aarch64-linux-musl.so", "aarch64-linux-musl"),
        ("cp311-linux_armv7l_musl_1_2", ".cpython-311-arm-linux-musleabihf.so", "arm-linux-musleabihf"),
        ("cp311-linux_i686_musl_1_2", ".cpython-311-i386-linux-musl.so", "i686-linux-musl"),
        ("cp311-linux_ppc64le_musl_1_2", ".cpython-311-powerpc64le-linux-musl.so", "powerpc64le-linux-musl"),
        ("cp313t-linux_aarch64_musl_1_2", ".cpython-313t-aarch64-linux-musl.so", "aarch64-linux-musl"),
        # https://github.com/python/cpython/issues/95855
        ("cp310-linux_aarch64_musl_1_2", ".cpython-310-aarch64-linux-gnu.so", "aarch64-linux-musl"),
        ("cp310-linux_armv7l_musl_1_2", ".cpython-310-arm-linux-gnueabihf.so", "arm-linux-musleabihf"),
    ],
)
def test_musl_suffixes_are_those_of_published_wheels(target: str, suffix: str, triple: str) -> None:
    # As in markupsafe's wheels musllinux_1_2 on PyPI.
    description = description_of(target)
    assert (description.ext_suffix, description.gnu_triple) == (suffix, triple)


def test_a_musl_description_differs_from_glibcs_in_what_the_library_lacks() -> None:
    glibc, musl = (description_of(f"cp311-linux_x86_64_{libc}") for libc in ("glibc_2_36", "musl_1_2"))
    differences = {
        name: (glibc.pyconfig.macros.get(name), value)
        for name, value in musl.pyconfig.macros.items()
        if value != glibc.pyconfig.macros.get(name)
    }
    assert differences == {
        "HAVE_CLOSE_RANGE": ("1", None),
        "HAVE_DECL_RTLD_DEEPBIND": ("1", "0"),
        "HAVE_GETWD": ("1", None),
        "HAVE_PREADV2": ("1", None),
        "HAVE_PWRITEV2": ("1", None),
        "HAVE_SEM_CLOCKWAIT": ("1", None),
        "HAVE_STRLCPY": (None, "1"),
        "HAVE_STROPTS_H": (None, "1"),
        "HAVE_TMPNAM_R": ("1", None),
    }


def test_an_older_musl_lacks_what_is_newer() -> None:
    older, newer = (description_of(f"cp311-linux_x86_64_musl_1_{minor}") for minor in (1, 2))
    changed = {
        name for name, value in newer.pyconfig.macros.items() if older.pyconfig.macros.get(name) != value
    }
    assert changed == {
        "HAVE_COPY_FILE_RANGE",
        "HAVE_EXPLICIT_BZERO",
        "HAVE_GETENTROPY",
        "HAVE_GETRANDOM",
        "HAVE_MEMFD_CREATE",
    }
    # First in 1.2.5, and the tag musllinux_1_2 speaks for 1.2.0.
    assert newer.pyconfig.macros["HAVE_PREADV2"] is None


def test_a_narrow_musl_starts_with_the_wide_time() -> None:
    with pytest.raises(InputError, match=r"it serves C library version 1\.2 and newer, not 1\.1"):
        description_of("cp311-linux_i686_musl_1_1")


def test_a_free_threaded_python_has_its_flag_everywhere_and_no_abi3() -> None:
    description = description_of("cp313t-linux_aarch64_glibc_2_28")
    assert description.ext_suffix == ".cpython-313t-aarch64-linux-gnu.so"
    assert description.extension_suffixes == (".cpython-313t-aarch64-linux-gnu.so", ".so")
    assert description.pyconfig.macros["Py_GIL_DISABLED"] == "1"
    assert description.python_directory == "python3.13t"
    assert description.sysconfigdata_name == "_sysconfigdata_t_linux_aarch64-linux-gnu"


def test_a_description_is_whole_in_its_json(document: dict[str, Any]) -> None:
    again = description_from_json(document, name="own.json")
    assert again == description_of("cp311-linux_aarch64_glibc_2_28")


def test_the_c_library_version_is_part_of_the_digest() -> None:
    digests = {description_of(f"cp311-linux_aarch64_glibc_2_{minor}").digest for minor in (34, 35)}
    assert len(digests) == 2


def test_a_user_description_goes_before_the_shipped_one(tmp_path: Path, document: dict[str, Any]) -> None:
    document["pyconfig"]["macros"]["HAVE_OWN"] = "1"
    file = tmp_path / "own.json"
    file.write_text(json.dumps(document))
    target = parse_target_id("cp311-linux_aarch64_glibc_2_17")
    description = load_description(target, extra=[file])
    assert description.pyconfig.macros["HAVE_OWN"] == "1"
    assert description.target == target
    other = parse_target_id("cp312-linux_aarch64_glibc_2_17")
    assert "HAVE_OWN" not in load_description(other, extra=[file]).pyconfig.macros


def test_a_target_without_a_description_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        load_description(parse_target_id("cp39-linux_aarch64_musl_1_2"))
    linux = [
        f"linux_{arch}_{libc}"
        for arch in ("aarch64", "armv7l", "i686", "ppc64le", "riscv64", "s390x", "x86_64")
        for libc in ("glibc", "musl")
    ]
    others = [f"{system}_{arch}" for system in ("macos", "windows") for arch in ("aarch64", "x86_64")]
    platforms = ", ".join([*linux, *others])
    assert str(caught.value) == (
        "cannot describe target 'cp39-linux_aarch64_musl_1_2': crosswheel ships no description "
        f"'cp39-linux_aarch64_musl', only cp310, cp311, cp312, cp313, cp314, cp313t, cp314t on {platforms}; "
        "make one with `crosswheel target describe --from` from the files of a target Python"
    )


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    file.write_text("{")
    with pytest.raises(
        InputError, match=r"cannot read target description .*it is not JSON: Expecting property name"
    ):
        load_description(parse_target_id("cp311-linux_aarch64_glibc_2_17"), extra=[file])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": "\\ud800"}', "it holds half of a surrogate pair, which is no character"),
        ("[" * 5000, "it is nested too deeply; "),
    ],
)
def test_json_that_nobody_writes_is_refused(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "own.json"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        load_description(parse_target_id("cp311-linux_aarch64_glibc_2_17"), extra=[file])
    assert str(caught.value).startswith(f"cannot read target description '{file}': {why}")


def test_another_schema_is_refused(document: dict[str, Any]) -> None:
    document["schema"] = 2
    with pytest.raises(InputError) as caught:
        description_from_json(document, name="own.json")
    assert str(caught.value) == (
        "cannot read target description 'own.json': its schema is 2, not 1; "
        "make it again with `crosswheel target describe --from`"
    )


def test_every_fault_of_a_document_is_named_at_once(document: dict[str, Any]) -> None:
    del document["python"]["soabi"]
    document["platform"]["arch"] = "aarch65"
    document["pyconfig"]["macros"]["SIZEOF_INT"] = 4
    with pytest.raises(CrosswheelError) as caught:
        description_from_json(document, name="own.json")
    assert str(caught.value).splitlines() == [
        (
            "cannot read target description 'own.json': platform.arch is 'aarch65'; "
            "use one of x86_64, aarch64, armv7l, i686, ppc64le, s390x, riscv64, wasm32"
        ),
        (
            "cannot read target description 'own.json': python.soabi is missing or no text; "
            "make it with `crosswheel target describe --from` (the reference 'Target descriptions')"
        ),
        (
            "cannot read target description 'own.json': pyconfig.macros.SIZEOF_INT is no text and not null; "
            "write values as C has them"
        ),
    ]


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("python", "abi"), "cp312", "soabi is 'cpython-311-aarch64-linux-gnu', where the rest of it says"),
        (("python", "ext_suffix"), ".so", "ext_suffix is '.so', where the rest of it says"),
        (("platform", "multiarch"), "arm-linux-gnueabihf", "multiarch is 'arm-linux-gnueabihf', where"),
        (("platform", "gnu_triple"), "x86_64-linux-gnu", "gnu_triple is 'x86_64-linux-gnu', where"),
        (("pyconfig", "macros", "SIZEOF_VOID_P"), "4", "pointer width of pyconfig.h is '32', where"),
        (("pyconfig", "macros", "WORDS_BIGENDIAN"), "1", "byte order of pyconfig.h is 'big', where"),
        (("pyconfig", "macros", "Py_GIL_DISABLED"), "1", "Py_GIL_DISABLED of pyconfig.h is 'True', where"),
        (("platform", "oldest_libc_version"), "2.31", "it serves C library version 2.31 and newer, not 2.28"),
    ],
)
def test_a_description_that_contradicts_itself_is_refused(
    document: dict[str, Any], path: tuple[str, ...], value: str, complaint: str
) -> None:
    place = document
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    with pytest.raises(CrosswheelError) as caught:
        description_from_json(document, name="own.json")
    assert f"cannot use target description 'own.json': {complaint}" in str(caught.value)
