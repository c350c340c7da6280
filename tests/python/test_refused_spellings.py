"""Names that are no targets are refused, each with a way out: the nearest names, or an answer of their own."""

from __future__ import annotations

import pytest

from crosswheel.target.spellings import parse_target
from crosswheel.values.errors import InputError
from crosswheel.values.python_abi import PythonAbi

PYTHON = PythonAbi(major=3, minor=12)

LEVEL = (
    "no wheel tag tells levels of a processor's instructions, so no target does; "
    "leave the level out, as in linux_amd64 or linux_arm64"
)
ARM = (
    "of 32-bit ARM only ARMv7 with hard float is a target, for no wheel tag says anything else; "
    "use linux_armv7l, or arm-linux-gnueabihf, for machines with ARMv7 and newer alone: older ones, such as a Raspberry Pi 1 or Zero, "
    "stop at what is compiled for it"
)
LIST = "see `crosswheel target list`"


def open_between(names: str) -> str:
    """The end of the message for a name that says too little."""
    return f"it leaves open which target is meant; write for example {names}, or {LIST}"


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        (
            "linux_arm65",
            (
                "no such target is known, the nearest are linux_arm64, linux_amd64, linux_arm_v7; "
                f"use linux_arm64, or {LIST}"
            ),
        ),
        (
            "linux_amr64",  # two letters swapped, and no letter wrong
            (
                "no such target is known, the nearest are linux_arm64, linux_amd64, linux_386; "
                f"use linux_arm64, or {LIST}"
            ),
        ),
        (
            "linux_adm64",
            (
                "no such target is known, the nearest are linux_amd64, linux_arm64, linux_386; "
                f"use linux_amd64, or {LIST}"
            ),
        ),
        (
            "linux_arm46",
            (
                "no such target is known, the nearest are linux_arm64, linux_amd64, linux_arm_v7; "
                f"use linux_arm64, or {LIST}"
            ),
        ),
        (
            "linux_am64",  # one letter is missing, and two of them would do
            (
                "no such target is known, the nearest are linux_amd64, linux_arm64, linux_386; "
                f"use linux_amd64 or linux_arm64, or {LIST}"
            ),
        ),
        (
            "amr64",
            f"no such target is known, the nearest architecture is arm64; use linux_arm64 or macos_arm64, or {LIST}",
        ),
        (
            "am64",
            (
                "no such target is known, the nearest architectures are amd64 and arm64; "
                f"use linux_amd64 or macos_amd64 or linux_arm64 or macos_arm64, or {LIST}"
            ),
        ),
        (
            "arm65",
            f"no such target is known, the nearest architecture is arm64; use linux_arm64 or macos_arm64, or {LIST}",
        ),
        (
            "s391x",
            f"no such target is known, the nearest architecture is s390x; use linux_s390x, or {LIST}",
        ),
        ("foo", f"no such target is known; {LIST}"),
        ("", f"it is empty; {LIST}"),
        ("3.11", f"no such target is known; {LIST}"),
        ("cp312-", "it names a Python and no platform; write for example cp312-linux_arm64"),
        ("ios", open_between("ios_arm64_iphoneos, ios_arm64_iphonesimulator, ios_x86_64_iphonesimulator")),
        ("ios_13_0_arm64", open_between("ios_13_0_arm64_iphoneos, ios_13_0_arm64_iphonesimulator")),
        ("android", open_between("android_arm64_v8a, android_armeabi_v7a, android_x86_64")),
        ("musl", open_between("musllinux_1_2_x86_64, musllinux_1_2_aarch64, musllinux_1_2_armv7l")),
        ("manylinux_2_17", open_between("x86_64-manylinux_2_17, aarch64-manylinux_2_17")),
        ("macos_15", open_between("macosx_11_0_arm64, macosx_11_0_x86_64")),
        ("darwin", open_between("darwin/arm64, darwin/amd64")),
        (
            "emscripten_arm64",
            f"no such target is known, the nearest is emscripten_wasm32; use emscripten_wasm32, or {LIST}",
        ),
        ("mac-arm64", f"no such target is known, the nearest is macos_arm64; use macos_arm64, or {LIST}"),
        ("linux/amd64/v3", LEVEL),
        ("linux/arm64/v9.1", LEVEL),
        ("x86-64-v2", LEVEL),
        (
            "aarch64",
            (
                "an architecture alone leaves the operating system open, and that is never guessed; "
                "put the operating system before it, for example linux_aarch64 or macos_aarch64"
            ),
        ),
        (
            "macosx_11_0_universal2",
            (
                "that is a wheel's format for several architectures, not a target; "
                "name the architecture, for example macosx_11_0_arm64"
            ),
        ),
        ("arm-linux-gnueabi", ARM),
        ("linux/arm/v6", ARM),
        ("armv6l-linux", ARM),
        ("linux_arm6", ARM),
        ("linux/armv5", ARM),
        ("linux_ppc64", f"that architecture is not among the targets; {LIST}"),
        ("manylinux_2_36_loongarch64", f"that architecture is not among the targets; {LIST}"),
        ("aarch64-unknown-freebsd", f"that operating system is not among the targets; {LIST}"),
        ("OS X", "Apple's desktop system is called macos here; use macos_arm64, or macos_amd64"),
        ("m1", "that is a processor's name, the operating system is left open; use macos_arm64"),
        (
            "alpine",
            (
                "a target is named by its C library, not by a distribution; Alpine's is musl; "
                "use linux_amd64_musl, or linux_arm64_musl"
            ),
        ),
        (
            "debian12_arm64",
            (
                "a target is named by its C library, not by a distribution; use linux_amd64, or linux_arm64, "
                "with the distribution's glibc after it, as in linux_arm64_glibc_2_36"
            ),
        ),
        (
            "raspberrypi5",
            "that is a computer's name, and such computers run in 64 and in 32 bits; use linux_arm64, or linux_arm_v7",
        ),
        ("lambda", "that is a service's name, not a platform's; use linux_arm64, or linux_amd64"),
        ("any", "that is every platform, not a target; name the platform it will run on"),
        ("manylinux1_aarch64", "aarch64 starts at glibc 2.17; use glibc 2.17 or newer"),
        ("manylinux2014_riscv64", "riscv64 starts at glibc 2.31; use glibc 2.31 or newer"),
        ("macosx_10_15_arm64", "aarch64 starts at macOS 11.0; use macOS 11.0 or newer"),
        (
            "win_s390x",
            "the architectures of Windows are x86_64, aarch64, i686; use one of these",
        ),
        (
            "emscripten_9_9_9_wasm32",
            "no PyEmscripten platform is made with it; use one of 3.1.58, 4.0.9, 5.0.3",
        ),
    ],
)
def test_a_name_that_is_no_target_is_refused_with_a_way_out(name: str, rest: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_target(name, python=PYTHON)
    assert str(caught.value) == f"cannot parse target '{name}': {rest}"
