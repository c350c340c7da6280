"""Which Debian packages a library needs, and which release serves a target."""

from __future__ import annotations

import pytest

from crosswheel.act.planning.debian_archive import shipped_suites
from crosswheel.decide.planning.debian_index import DebianIndex, DebianPackage
from crosswheel.decide.planning.debian_suites import choose_suite
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.decide.projects.image_systems import python_of_image
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import InputError, ResolutionError


def paragraph(
    name: str, *, source: str | None = None, section: str = "libs", depends: str = "", **more: str
) -> str:
    fields = {
        "Package": name,
        "Source": source or name,
        "Version": "1.0-1",
        "Section": section,
        "Depends": depends,
    }
    fields |= more | {"Filename": f"pool/{name}_1.0-1_arm64.deb", "Size": "10", "SHA256": "a" * 64}
    return "\n".join(f"{key}: {value}" for key, value in fields.items() if value)


INDEX = DebianIndex(
    "\n\n".join(
        [
            paragraph(
                "libyaml-dev",
                source="libyaml",
                section="libdevel",
                depends="libyaml-0-2 (= 1.0-1), libc6-dev | libc-dev",
            ),
            paragraph("libyaml-0-2", source="libyaml", depends="libc6 (>= 2.17)"),
            paragraph(
                "libxml2-dev",
                source="libxml2 (2.9)",
                section="libdevel",
                depends="libxml2, python3, perl:any",
            ),
            paragraph("libxml2", source="libxml2 (2.9)", depends="zlib1g (>= 1:1.1), libc6"),
            paragraph("zlib1g", source="zlib"),
            paragraph("zlib1g-dev", source="zlib", section="libdevel", depends="zlib1g (= 1.0-1)"),
            paragraph("lib32z1-dev", source="zlib", section="libdevel", depends="zlib1g"),
            paragraph("libjpeg62-turbo-dev", section="libdevel", Provides="libjpeg-dev (= 1), libjpeg9-dev"),
            paragraph("libc6", source="glibc"),
            paragraph("libc6-dev", source="glibc", section="libdevel"),
            paragraph("libstdc++-14-dev", source="gcc-14", section="libdevel"),
            paragraph("python3", source="python3-defaults", section="python"),
            paragraph("perl", section="perl"),
            paragraph("libbroken-dev", section="libdevel", depends="libgone"),
        ]
    )
    + "\n",
    name="Debian trixie arm64",
)


def names(*wanted: str, link: LinkKind = LinkKind.STATIC) -> list[str]:
    return [package.name for package in INDEX.closure(wanted, link, wanted_by="demo")]


def test_libraries_are_followed_and_the_c_library_is_not() -> None:
    assert names("libyaml-dev") == ["libyaml-0-2", "libyaml-dev"]


def test_programs_are_not_followed() -> None:
    assert names("libxml2-dev", link=LinkKind.SHARED) == ["libxml2", "libxml2-dev", "zlib1g"]


def test_static_linking_brings_the_archive_of_a_library_that_is_needed() -> None:
    assert names("libxml2-dev") == ["libxml2", "libxml2-dev", "zlib1g", "zlib1g-dev"]


def test_a_virtual_package_is_the_one_that_provides_it() -> None:
    assert names("libjpeg-dev") == ["libjpeg62-turbo-dev"]


def test_a_missing_package_is_named_with_the_nearest() -> None:
    with pytest.raises(ResolutionError) as caught:
        names("libyml-dev")
    assert str(caught.value) == (
        "demo: cannot find Debian package 'libyml-dev': the index of Debian trixie arm64 has none of that name; "
        "did you mean 'libyaml-dev' or 'libxml2-dev' or 'libc6-dev'?"
    )


@pytest.mark.parametrize("name", ["libc6-dev", "libstdc++-14-dev"])
def test_c_library_and_compiler_are_refused_by_name(name: str) -> None:
    with pytest.raises(ResolutionError, match="are zig's own"):
        names(name)


def test_an_index_that_is_not_whole_is_refused() -> None:
    with pytest.raises(ResolutionError, match=r"'libbroken-dev': it depends on libgone, which the index"):
        names("libbroken-dev")


@pytest.mark.parametrize(
    ("target", "link", "suite"),
    [
        ("cp311-linux_aarch64_glibc_2_28", LinkKind.STATIC, "trixie"),
        ("cp311-linux_aarch64_glibc_2_28", LinkKind.SHARED, "bullseye"),
        ("cp311-linux_aarch64_glibc_2_36", LinkKind.SHARED, "bookworm"),
        ("cp311-linux_s390x_glibc_2_28", LinkKind.SHARED, "bookworm"),
        ("cp311-linux_aarch64_glibc_2_41", LinkKind.SHARED, "trixie"),
        ("cp311-linux_armv7l_glibc_2_28", LinkKind.STATIC, "bookworm"),
        ("cp311-linux_armv7l_glibc_2_34", LinkKind.STATIC, "trixie"),
        ("cp313-linux_riscv64_glibc_2_31", LinkKind.STATIC, "trixie"),
        ("cp313-linux_riscv64_glibc_2_31", LinkKind.SHARED, "trixie"),
    ],
)
def test_the_release_follows_from_the_glibc_of_the_target(target: str, link: LinkKind, suite: str) -> None:
    chosen = choose_suite(shipped_suites(), parse_target_id(target), link, named=None, wanted="demo")
    assert chosen.name == suite


def test_a_named_release_without_the_architecture_is_refused() -> None:
    target = parse_target_id("cp313-linux_riscv64_glibc_2_31")
    with pytest.raises(InputError, match="it has no architecture riscv64; use trixie"):
        choose_suite(shipped_suites(), target, LinkKind.STATIC, named="bookworm", wanted="demo")


@pytest.mark.parametrize(
    "target", ["cp311-linux_aarch64_musl_1_2", "cp311-macos_aarch64_13_0", "cp311-windows_x86_64"]
)
def test_debian_has_no_libraries_for_other_systems(target: str) -> None:
    with pytest.raises(InputError, match='sysroot = "directory"'):
        choose_suite(shipped_suites(), parse_target_id(target), LinkKind.STATIC, named=None, wanted="demo")


def test_headers_of_other_sections_come_along_and_programs_do_not() -> None:
    depends = "x11proto-dev, dpkg-dev, python3-dev, gir1.2-x"
    index = DebianIndex(
        "\n\n".join(
            [
                paragraph("libx11-dev", section="libdevel", depends=depends),
                paragraph("x11proto-dev", section="x11"),
                paragraph("dpkg-dev", section="utils"),
                paragraph("python3-dev", section="python"),
                paragraph("gir1.2-x", section="introspection"),
            ]
        ),
        name="trixie arm64",
    )
    found = index.closure(["libx11-dev"], LinkKind.SHARED, wanted_by="x")
    assert [package.name for package in found] == ["libx11-dev", "x11proto-dev"]


def test_a_shared_library_among_what_programmers_use_comes_along() -> None:
    index = DebianIndex(
        "\n\n".join(
            [
                paragraph("libomp-19-dev", section="libdevel", depends="libomp5-19, libtool, llvm-19"),
                *(paragraph(name, section="devel") for name in ("libomp5-19", "libtool", "llvm-19")),
            ]
        ),
        name="trixie arm64",
    )
    found = index.closure(["libomp-19-dev"], LinkKind.SHARED, wanted_by="x")
    assert [package.name for package in found] == ["libomp-19-dev", "libomp5-19"]


class _Interrupted(DebianIndex):
    """An index of which another thread asks while a table of it is made: as soon as the package `aaa-dev` is read."""

    meanwhile: tuple[str, ...] = ()

    def package(self, name: str) -> DebianPackage | None:
        if name == "aaa-dev" and not self.meanwhile:
            self.meanwhile = ("asked",)
            self.meanwhile = _static(self)
        return super().package(name)


def _static(index: DebianIndex) -> tuple[str, ...]:
    found = index.closure(["libz-dev"], LinkKind.STATIC, wanted_by="x")
    return tuple(package.name for package in found)


def test_who_asks_while_a_table_is_made_sees_no_half_of_it() -> None:
    index = _Interrupted(
        "\n\n".join(
            [
                paragraph("aaa-dev", section="libdevel"),
                paragraph("libz-dev", source="z", section="libdevel", depends="libz, libneeded"),
                paragraph("libz", source="z", Provides="libneeded"),
                paragraph("liby", source="y", Provides="libneeded-too"),
                paragraph("liby-dev", source="y", section="libdevel", depends="liby"),
            ]
        ).replace("Depends: libz, libneeded", "Depends: libz, libneeded, libneeded-too"),
        name="trixie arm64",
    )
    assert _static(index) == index.meanwhile == ("liby", "liby-dev", "libz", "libz-dev")


def test_each_release_has_the_python_that_images_of_it_have() -> None:
    pythons = {suite.name: suite.python for suite in shipped_suites()}
    assert pythons == {"bullseye": "3.9", "bookworm": "3.11", "trixie": "3.13"}
    assert {name: python_of_image(f"debian:{name}") for name in pythons} == pythons
    assert {python_of_image(f"debian:{number}-slim") for number in (11, 12, 13)} == set(pythons.values())
