"""Causes that projects word in their own way: libraries that are too old or missing, probes, and files that an sdist lacks."""

from __future__ import annotations

import time

import pytest

from crosswheel.decide.failures.failure_causes import FailureCause, causes_in
from crosswheel.decide.failures.failure_kinds import FailureKind
from crosswheel.decide.failures.given_build import GivenBuild

GLIBC = "cp311-linux_aarch64_glibc_2_28"
MUSL = "cp311-linux_aarch64_musl_1_2"
SYSROOT = "/crosswheel/sysroot/usr/lib/arm-linux-gnueabihf"


def only(said: str) -> FailureCause:
    (cause,) = causes_in(f"running build_ext\n{said}\nerror: command 'cc' failed with exit code 1\n")
    return cause


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ('src/gmpy2.h:100:4: error: "GMPY2 requires MPC 1.2.1 or later."', "GMPY2 requires MPC 1.2.1 or later."),
        ('src/a.h:7:2: error: #error "libfoo version 1.2 or later is required"', "libfoo version 1.2 or later is required"),
        ("src/a.h:7:2: error: this needs OpenSSL 3.0 or newer", "this needs OpenSSL 3.0 or newer"),
        ("src/a.h:7:2: error: FOO 2.1+ required", "FOO 2.1+ required"),
        ("src/a.h:7:2: error: OpenSSL 1.1.1 is required", "OpenSSL 1.1.1 is required"),
        ('src/a.h:7:2: error: "Your version of libxml2 is too old"', "Your version of libxml2 is too old"),
        ('src/a.h:7: error: "ZSTD version too old, 1.4.0 wanted"', "ZSTD version too old, 1.4.0 wanted"),
    ],
)  # fmt: skip
def test_a_source_that_refuses_its_library_wants_a_newer_release_of_debian(said: str, about: str) -> None:
    cause = only(said)
    assert (cause.kind, cause.subject) == (FailureKind.OLD_LIBRARY, about)
    assert cause.configuration("p", GLIBC) == ("[tool.crosswheel.sysroot]", 'suite = "trixie"')
    newest = cause.after(GivenBuild(packages=("libmpc-dev",), suite="trixie", tried=("trixie",)), "p", GLIBC)
    assert "even Debian's newest is too old" in newest.advice


@pytest.mark.parametrize(
    "said",
    [
        "a.c:7:2: error: Cython requires Python 2.7+ or Python 3.3+.",
        'a.c:7:2: error: "This file requires C++11 or later"',
        "a.c:7:2: error: needs GCC 4.8 or newer",
        "a.c:7:2: error: requires a C++17 compiler",
        "a.c:7:2: error: expected ';' after expression",
        "a.c:7:2: error: too few arguments to function call, 2 required",
        'a.c:7:2: error: "This version of numpy is too old"',
        "error: Foo 2.1 or newer is required",
    ],
)
def test_what_is_no_library_is_not_too_old_as_one(said: str) -> None:
    assert FailureKind.OLD_LIBRARY not in {cause.kind for cause in causes_in(f"{said}\n")}


def test_a_name_that_nothing_declares_is_of_no_library_where_there_is_none() -> None:
    cause = only("src/fast.c:9:12: error: use of undeclared identifier 'ADD_BIAZ'")
    alone = cause.after(GivenBuild(), "p", GLIBC)
    assert alone.kind is FailureKind.UNDECLARED
    assert "'ADD_BIAZ', and the build was given no library whose header may: mend the source" in alone.advice
    assert alone.configuration("p", GLIBC)[0] == "[tool.crosswheel.packages.p]"
    given = GivenBuild(packages=("libmpc-dev",), suite="bookworm")
    assert cause.after(given, "p", GLIBC).kind is FailureKind.OTHER_LIBRARY


def test_archives_are_told_by_name_however_the_linker_orders_them() -> None:
    errors = [
        f"ld.lld: error: relocation R_ARM_TLS_LE32 against x cannot be used with -shared\n>>> defined in {SYSROOT}/{name}(a.o)\n>>> referenced by a.c"
        for name in ("libmpfr.a", "libgmp.a", "libmpc.a")
    ]
    told = [
        [cause.subject for cause in causes_in("\n".join(order) + "\n")]
        for order in (errors, errors[::-1], errors[1:] + errors[:1])
    ]
    assert told == [["libgmp.a", "libmpc.a", "libmpfr.a"]] * 3


@pytest.mark.parametrize(
    ("said", "library", "package"),
    [
        ("Exception: pkg-config package 'libusb-1.0 >= 1.0.9' not found", "libusb-1.0", "libusb-1.0-0-dev"),
        ("Exception: pkg-config package 'libusb-1.0' was not found", "libusb-1.0", "libusb-1.0-0-dev"),
        ('RuntimeError: pkg-config package "libffi" could not be found', "libffi", "libffi-dev"),
        ("RuntimeError: pkg-config module libffi>=3.0 not found", "libffi", "libffi-dev"),
        ("RuntimeError: cannot find pkg-config package 'libffi'.", "libffi", "libffi-dev"),
        ("RuntimeError: could not find the pkg-config module libffi.", "libffi", "libffi-dev"),
        ("ValueError: Did not find netCDF version 4 headers.", "netCDF", "libnetcdf-dev"),
        ("ValueError: did not find HDF5 headers", "HDF5", "libhdf5-dev"),
    ],
)  # fmt: skip
def test_a_library_that_build_code_looks_for_by_itself_is_told(said: str, library: str, package: str) -> None:
    cause = only(said)
    assert (cause.kind, cause.subject) == (FailureKind.LIBRARY, library)
    assert cause.configuration("p", GLIBC)[1] == f'sysroot = ["{package}"]'


@pytest.mark.parametrize("header", ["H5public.h", "other/mine.h"])
def test_a_probe_in_the_temporary_folder_is_no_source_of_the_project(header: str) -> None:
    said = (
        f"{{}}/H5close00000000.c:1:10: fatal error: '{header}' file not found\n"
        f'    1 | #include "{header}"\n      |          ^~~~~~~~~~~~\n'
    )
    cause = causes_in(said.format("/build/temporary"))[0]
    assert (cause.kind, cause.subject) == (FailureKind.HEADER, header)
    assert (cause.configuration("p", GLIBC)[1] == 'sysroot = ["libhdf5-dev"]') is (header == "H5public.h")
    assert cause.configuration("p", MUSL)[1].startswith('sysroot = "sysroots/p"')
    own = causes_in(said.format("/build/source/src"))[0]
    assert (own.kind is FailureKind.INCOMPLETE_SDIST) is (header == "other/mine.h")


@pytest.mark.parametrize(
    "path",
    ["../CMakeLists.txt", "/build/CMakeLists.txt", "../include/tlsh.h", "/build/source/../version.txt", "cpp/CMakeLists.txt", "/build/all.cfg"],
)  # fmt: skip
def test_a_file_beside_the_folder_of_the_source_is_none_that_the_sdist_has(path: str) -> None:
    cause = only(f"FileNotFoundError: [Errno 2] No such file or directory: '{path}'")
    assert (cause.kind, cause.subject) == (FailureKind.INCOMPLETE_SDIST, path)
    assert cause.configuration("p", GLIBC)[1] == "build = false  # takes a prebuilt wheel, or refuses"


@pytest.mark.parametrize("path", ["/build/temporary/x.c", "/build/source/made.c", "x.c"])
def test_a_file_that_the_build_itself_may_make_is_not_told_to_lack(path: str) -> None:
    said = f"FileNotFoundError: [Errno 2] No such file or directory: '{path}'\n"
    assert FailureKind.INCOMPLETE_SDIST not in {cause.kind for cause in causes_in(said)}


@pytest.mark.parametrize(
    "words",
    ["x:1: error: ", "x:1: error: needs 1 ", "pkg-config package ", "did not find a ", "No such file or directory: '../"],
)  # fmt: skip
def test_a_hostile_log_takes_no_time(words: str) -> None:
    begin = time.process_time()
    causes_in("\n".join([(words * 150)[:2000]] * 100) + "\n")
    assert time.process_time() - begin < 6


@pytest.mark.parametrize(
    ("said", "library", "package"),
    [
        ("configure: error: zlib development files not found", "zlib", "zlib1g-dev"),
        ("configure: error: libbzip2 development files not found", "libbzip2", "libbz2-dev"),
        ("configure: error: libcurl library not found", "libcurl", "libcurl4-openssl-dev"),
        ("configure: error: OpenSSL headers are missing", "OpenSSL", "libssl-dev"),
        ("configure: error: the libpcap library could not be found", "libpcap", "libpcap-dev"),
        ("configure: error: *** libusb-1.0 header files and libraries not found ***", "libusb-1.0", "libusb-1.0-0-dev"),
        ("configure: error: libffi development package is required", "libffi", "libffi-dev"),
        ("error: liblzma development files not found", "liblzma", "liblzma-dev"),
    ],
)  # fmt: skip
def test_a_library_that_a_configure_script_does_not_find_is_told(
    said: str, library: str, package: str
) -> None:
    cause = only(said)
    assert (cause.kind, cause.subject) == (FailureKind.LIBRARY, library)
    assert cause.configuration("p", GLIBC)[1] == f'sysroot = ["{package}"]'


def test_what_a_configure_script_ended_with_is_told_where_nothing_else_is_known() -> None:
    said = (
        "configure: error: first thing\nconfigure: error: cannot guess your moon phase; see the README\nx\n"
    )
    cause = only(said)
    assert (cause.kind, cause.subject) == (
        FailureKind.REFUSED,
        "cannot guess your moon phase; see the README",
    )
    assert "cannot guess your moon phase" in cause.advice
    assert only("configure: error: the required library not found").kind is FailureKind.REFUSED
    seen = "configure: error: cannot run C compiled programs.\n"
    assert only(seen).kind is FailureKind.TARGET_PROGRAM
    more = causes_in(f"{said}fatal error: 'openssl/evp.h' file not found\nfatal: not a git repository\n")
    assert [cause.kind for cause in more] == [
        FailureKind.HEADER,
        FailureKind.REFUSED,
        FailureKind.PROJECT_VERSION,
    ]


def test_a_library_that_a_source_finds_too_old_is_more_telling_than_a_header_it_lacks() -> None:
    said = (
        'heif.c:6:6: error: "heif requires libheif >= 1.23.4"\n    6 |     #error "heif requires libheif >= 1.23.4"\n'
        "heif.c:9:10: fatal error: 'libheif/tiling.h' file not found\n    9 | #include \"libheif/tiling.h\"\n"
    )
    cause = causes_in(said)[0]
    assert (cause.kind, cause.subject) == (FailureKind.OLD_LIBRARY, "heif requires libheif >= 1.23.4")
    assert cause.configuration("p", GLIBC)[1] == 'suite = "trixie"'
    for other in (
        'a.c:1:2: error: "needs Python >= 3.12"',
        "a.c:1:2: error: static assertion failed: requires N >= 4",
    ):
        assert FailureKind.OLD_LIBRARY not in {one.kind for one in causes_in(f"{other}\n")}
