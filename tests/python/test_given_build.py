"""Advice is never what the build had: what a failure means then is the next cause, or the opposite."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from build_requests import asked_build
from crosswheel.act.building.build_downloads import RequestedDownload
from crosswheel.act.building.build_log import causes_of
from crosswheel.act.building.build_request import BuildRequest
from crosswheel.act.building.failed_builds import FailedBuild, failed_builds, failure_of, remember_failure
from crosswheel.act.planning.debian_archive import shipped_suites
from crosswheel.act.storage.store import Store
from crosswheel.act.sysroot.assembly import PackageFile, SysrootRequest
from crosswheel.decide.configuration.policy import parse_policy
from crosswheel.decide.configuration.policy_model import PackagePolicy
from crosswheel.decide.failures.failure_causes import (
    FailureCause,
    causes_in,
    is_of_libraries,
    refusal_causes,
    untried,
)
from crosswheel.decide.failures.failure_kinds import FailureKind, Sign
from crosswheel.decide.failures.failure_remedies import NEWER_SUITE, OLDEST_SUITES
from crosswheel.decide.failures.failure_signs import SIGNS
from crosswheel.decide.failures.given_build import GivenBuild, given_from_json
from crosswheel.decide.planning.debian_suites import DEBIAN_ARCHITECTURES
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.target.targets import parse_target_id
from sysroot_packages import package_file

_GOLDEN = Path(__file__).parent.parent / "golden"
TARGET = "cp311-linux_aarch64_glibc_2_28"


def real_log(name: str) -> str:
    """Return what a build really said; of long ones without the lines that copy files."""
    (log,) = list(_GOLDEN.glob(f"why_failed*/{name}-*.log"))
    return log.read_text()


def told(said: str, given: GivenBuild) -> FailureCause:
    return untried(causes_in(said), given, "demo", TARGET)[0]


def setting(cause: FailureCause) -> str:
    return cause.configuration("demo", TARGET)[1]


def test_setuptools_that_is_there_is_limited_and_not_asked_for_again() -> None:
    said = "ModuleNotFoundError: No module named 'pkg_resources'"
    absent = told(said, GivenBuild())
    assert (absent.kind, setting(absent)) == (
        FailureKind.BUILD_REQUIREMENT,
        'build-requires = ["setuptools"]',
    )
    there = told(said, GivenBuild(requirements={"setuptools": "82.0.1"}))
    assert (there.kind, setting(there)) == (
        FailureKind.TOO_NEW_REQUIREMENT,
        'build-constraints = ["setuptools<81"]',
    )
    assert setting(told(said, GivenBuild(requirements={"setuptools": "80.9.0"}))).startswith("patches = ")


def test_names_that_the_newest_debian_lacks_are_of_an_older_one() -> None:
    said = (_GOLDEN / "why_failed_given" / "cryptography-2.9-cp311-linux_aarch64_glibc_2_28.log").read_text()
    given = GivenBuild(packages=("libssl-dev",), suite="trixie")
    cause = told(said, given)
    assert (cause.kind, setting(cause)) == (FailureKind.NEW_LIBRARY, 'suite = "bullseye"')
    assert "CRYPTO_MEM_CHECK_DISABLE" in cause.advice
    assert "newer release of the project" in cause.advice


def test_no_release_of_debian_is_proposed_that_was_tried() -> None:
    said = real_log("pymssql")
    oldest = GivenBuild(packages=("freetds-dev",), suite="bullseye", tried=("bullseye",)).after(None)
    cause = told(said, oldest)
    assert (cause.kind, setting(cause)) == (FailureKind.OTHER_LIBRARY, 'suite = "trixie"')
    newest = replace(oldest, suite="trixie", tried=("trixie",)).after(oldest)
    assert newest.tried == ("bullseye", "trixie")
    cause = told(said, newest)
    assert cause.configuration("demo", TARGET) == (
        "[tool.crosswheel.packages.demo]",
        'patches = ["patches/demo.patch"]',
    )
    assert "lock another release of the project" in cause.advice


def test_a_release_of_debian_that_failed_for_another_reason_is_proposed() -> None:
    earlier = GivenBuild(packages=("freetds-dev",), suite="bullseye")
    given = replace(earlier, suite="trixie", tried=("trixie",)).after(earlier)
    assert setting(told(real_log("pymssql"), given)) == 'suite = "bullseye"'


def test_only_what_a_library_may_mend_counts_as_tried_in_vain() -> None:
    assert is_of_libraries(real_log("pymssql"))
    assert not is_of_libraries(real_log("xmlsec"))


def test_where_no_library_is_debians_its_releases_mend_nothing() -> None:
    assert setting(told("a.c:1:1: error: use of undeclared identifier 'FIPS_mode'", GivenBuild())).startswith(
        "patches = "
    )


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("ModuleNotFoundError: No module named 'numpy'", GivenBuild(requirements={"numpy": "2.0"})),
        (
            "a.c:1:10: fatal error: 'openssl/evp.h' file not found",
            GivenBuild(packages=("libssl-dev",), suite="bookworm"),
        ),
        (
            "a.c:7:3: error: x [-Wint-conversion]",
            GivenBuild(environment={"CFLAGS": "-O2 -Wno-error=int-conversion"}),
        ),
        ("error in x setup command: use_2to3 is invalid.", GivenBuild(requirements={"setuptools": "57.0"})),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'cmake'", GivenBuild(requirements={"cmake": "3.31"})),
    ],
)  # fmt: skip
def test_what_was_given_is_not_advised(said: str, given: GivenBuild) -> None:
    before, after = causes_in(said)[0], told(said, given)
    assert setting(before) != setting(after)
    assert not given.has(setting(after), TARGET)


def test_a_library_that_is_there_is_shown_to_the_build_code() -> None:
    said = "Can't find a local Berkeley DB installation.\n"
    assert setting(told(said, GivenBuild())) == 'sysroot = ["libdb-dev"]'
    cause = told(said, GivenBuild(packages=("libdb-dev", "libdb5.3-dev"), suite="trixie"))
    assert (cause.title, setting(cause).partition("  #")[0]) == (
        "missing library 'Berkeley DB'",
        'environment = { NAME = "{sysroot}" }',
    )


@pytest.mark.parametrize(
    ("said", "title", "line"),
    [
        (
            "Package 'xproto', required by 'x11', not found\n",
            "missing library 'xproto'",
            'sysroot = ["libcairo2-dev", "x11proto-dev"]  # in place of the entry\'s sysroot',
        ),
        (
            "--   Package 'mine', required by 'x11', not found\n",
            "missing library 'mine'",
            'sysroot = ["libcairo2-dev", "NAME-dev"]  # the Debian package that has mine; in place of the entry\'s sysroot',
        ),
        (
            "",
            "missing library 'cairo'",
            'sysroot = ["libcairo2-dev", "NAME-dev"]  # the Debian package that has what pkg-config misses; in place of the entry\'s sysroot',
        ),
    ],
)  # fmt: skip
def test_what_pkg_config_misses_of_a_library_that_is_there_is_told(said: str, title: str, line: str) -> None:
    text = 'meson.build:3:1: ERROR: Dependency "cairo" not found (tried pkg-config)\n' + said
    listed = {"sysroot": ("libcairo2-dev",)}
    cause = told(text, GivenBuild(packages=("libcairo2-dev",), suite="trixie", listed=listed))
    assert (cause.title, setting(cause)) == (title, line)
    assert "does not look there" not in cause.advice


@pytest.mark.parametrize(
    ("said", "title", "advice"),
    [
        (
            "ld.lld: error: unable to find library -lfftw3\n",
            "missing library 'fftw3'",
            ("the library 'fftw3' is not there for the target: add it to the libraries that the build is given (ffi, z): to the folder that "
            "`sysroot` names, or where Bazel (`native_deps`) or Nix (`libraries`) gives them, to those"),
        ),
        (
            "meson.build:3:1: ERROR: Invalid version, need 'z' ['>=2'] found '1.3'.\n",
            "library is too old 'z'",
            "the libraries that the build is given (ffi, z) are of another release than the project wants (z): give it those of another",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("target", [TARGET, "cp311-linux_aarch64_musl_1_2", "cp311-windows_arm64"])
def test_libraries_of_ones_own_are_mended_where_they_are_given(
    said: str, title: str, advice: str, target: str
) -> None:
    given = GivenBuild(own_libraries=("ffi", "z"))
    assert given_from_json(given.json_value()) == given
    (cause,) = (one.on(target).after(given, "demo", target) for one in causes_in(said))
    assert cause.title == title
    assert advice.rpartition(": ")[2] in cause.advice
    assert target != TARGET or cause.advice.startswith(advice)
    assert cause.configuration("demo", target) == ()


@pytest.mark.parametrize(
    ("said", "given", "line"),
    [
        (
            "ld.lld: error: unable to find library -lglib-2.0\n",
            GivenBuild(packages=("libdbus-1-dev",), suite="trixie", listed={"sysroot": ("libdbus-1-dev",)}),
            """sysroot = ["libdbus-1-dev", "libglib2.0-dev"]  # in place of the entry's sysroot""",
        ),
        (
            "ModuleNotFoundError: No module named 'numpy'\n",
            GivenBuild(listed={"build-requires": ('cython; sys_platform == "linux"',)}),
            (
                r"""build-requires = ["cython; sys_platform == \"linux\"", "numpy"]  """
                "# if the project has the name of its module; in place of the entry's build-requires"
            ),
        ),
        (
            "error in x setup command: use_2to3 is invalid.\n",
            GivenBuild(requirements={"setuptools": "80.9"}, listed={"build-constraints": ("cython<3",)}),
            """build-constraints = ["cython<3", "setuptools<58"]  # in place of the entry's build-constraints""",
        ),
        (
            "a.c:7:3: error: x [-Wint-conversion]\n",
            GivenBuild(environment={"A.B": "1", "CFLAGS": "-O2 -g"}),
            (
                """environment = { "A.B" = "1", CFLAGS = "-O2 -g -Wno-error=int-conversion" }  """
                "# in place of the entry's environment"
            ),
        ),
    ],
)
def test_a_line_has_what_the_build_was_given_by_that_key(said: str, given: GivenBuild, line: str) -> None:
    cause = told(said, given)
    assert setting(cause) == line
    # The kept failure says the same, and configuration it is.
    parse_policy("\n".join(cause.configuration("demo", TARGET)).encode(), name="pyproject.toml")
    assert setting(told(said, given_from_json(given.json_value()) or GivenBuild())) == line


def request_of(log: Path, libraries: SysrootRequest) -> BuildRequest:
    return asked_build(
        log,
        TARGET,
        sysroot=libraries,
        downloads=(RequestedDownload(file=log, name="a.tar.gz"),),
        listed=PackagePolicy(build_requires=("cython", "cython"), patches=("a.patch",)).listed,
    )


def test_which_libraries_of_ones_own_a_build_had_reaches_the_failure(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("x")
    folder = PackageFile(name="z", version="", path=log, sha256="0")
    libraries = SysrootRequest(packages=(folder,), link=LinkKind.STATIC, origin="folder", wanted=("z",))
    given = failure_of(request_of(log, libraries), why="x", log=log).given
    assert given is not None
    assert (given.own_libraries, given.suite) == (("z",), "")


def test_what_the_configuration_lists_reaches_the_failure(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("x")
    libraries = SysrootRequest(
        packages=(PackageFile(name="libev4", version="1", path=log, sha256="0"),),
        link=LinkKind.SHARED,
        origin="Debian trixie arm64",
        wanted=("libev-dev",),
    )
    given = failure_of(request_of(log, libraries), why="x", log=log).given
    assert given is not None
    assert given.own_libraries == ()
    assert (given.link, given.listed) == (
        "shared",
        {
            "build-requires": ("cython",),
            "patches": ("a.patch",),
            "sysroot": ("libev-dev",),
            "downloads": ("a.tar.gz",),
        },
    )


@pytest.mark.parametrize("quotes", ['""', "<>"])
def test_a_header_that_lacks_in_a_folder_of_the_librarys_is_of_another_release(
    tmp_path: Path, quotes: str
) -> None:
    log = tmp_path / "x.log"
    line = "a.c:9:10: fatal error: '{0}' file not found\n    9 | #include {1}{0}{2}\n"
    asked = ("libfoo/new.h", "libfoo/there.h", "libfoo/own.h", "mine/a.h")
    log.write_text("".join(line.format(name, *quotes) for name in asked))
    made = package_file(
        tmp_path,
        "libfoo-dev",
        {
            "usr/include/libfoo/there.h": b"",
            "usr/include/aarch64-linux-gnu/libfoo/own.h": b"",
            "usr/lib/libfoo.a": b"",
        },
    )
    libraries = SysrootRequest(packages=(made,), link=LinkKind.SHARED, origin="Debian bookworm arm64")
    failure = failure_of(request_of(log, libraries), why="x", log=log)
    assert failure.given is not None
    assert given_from_json(failure.given.json_value()) == failure.given
    assert (failure.given.other_headers, failure.given.tried) == (("libfoo/new.h",), ("bookworm",))
    first, *others = causes_of(failure)
    assert (first.kind, first.subject) == (FailureKind.OTHER_LIBRARY, "libfoo/new.h")
    assert setting(first) == 'suite = "trixie"'
    assert "the sdist lacks it" not in first.advice
    before = {'""': FailureKind.INCOMPLETE_SDIST, "<>": FailureKind.HEADER}[quotes]
    assert [cause.kind for cause in others] == [before] * 3
    newest = replace(failure.given, suite="trixie", tried=("trixie",))
    assert setting(told(log.read_text(), newest)) == 'suite = "bullseye"'
    own = replace(failure.given, suite="", packages=(), own_libraries=("foo",))
    assert "another release than the project wants (libfoo/new.h)" in told(log.read_text(), own).advice


def test_downloads_that_are_told_are_added_to_those_that_there_are() -> None:
    said = "urllib.error.URLError: <urlopen error [Errno -3] Temporary failure in name resolution>\n"
    cause = told(said, GivenBuild(listed={"downloads": ("a.tar.gz",)}))
    assert setting(cause).endswith("; add it to the entry's own")


def test_a_shared_library_that_is_linked_already_is_not_proposed() -> None:
    said = "error: x: lib/libz.a needs GNU's C++ library\n"
    assert setting(told(said, GivenBuild(link="static"))) == 'link = "shared"'
    assert setting(told(said, GivenBuild(link="shared"))).startswith("patches = ")


def test_a_module_that_a_release_lacks_is_in_an_older_one() -> None:
    cause = told("ModuleNotFoundError: No module named 'six.x'", GivenBuild(requirements={"six": "1.17"}))
    assert setting(cause).startswith('build-constraints = ["six<1.17"]')


def test_the_python_that_is_planned_for_is_not_proposed() -> None:
    said = "a.c:1:10: fatal error: 'longintrepr.h' file not found"
    cause = causes_in(said)[0].after(GivenBuild(), "demo", "cp310-linux_aarch64_glibc_2_28")
    assert setting(cause).startswith("patches = ")


def test_what_was_not_tried_is_told_before_what_was() -> None:
    said = "ModuleNotFoundError: No module named 'distutils'\nld.lld: error: unable to find library -lev\n"
    causes = untried(causes_in(said), GivenBuild(requirements={"setuptools": "80"}), "demo", TARGET)
    assert [cause.title for cause in causes] == ["missing library 'ev'", "missing build requirement"]


def test_the_releases_of_debian_are_the_first_and_the_last_that_are_known() -> None:
    suites = shipped_suites()
    assert f'suite = "{suites[-1].name}"' == NEWER_SUITE
    assert set(suites[-1].architectures) == set(DEBIAN_ARCHITECTURES.values())
    oldest = {
        arch.value: next(suite.name for suite in suites if name in suite.architectures)
        for arch, name in DEBIAN_ARCHITECTURES.items()
    }
    assert oldest == {arch: OLDEST_SUITES.get(arch, OLDEST_SUITES[""]) for arch in oldest}


REFUSED = (
    "it needs clock_gettime@GLIBC_2.34 of libc.so.6, which is first in manylinux_2_34; the target has glibc 2.31. It was copied from "
    "lib/libldap.so.2.0.200 of Debian trixie riscv64: take the libraries from an older release of the distribution, or raise the "
    "target's glibc to 2.34"
)


@pytest.mark.parametrize(
    ("target", "suite", "link", "line"),
    [
        ("cp311-linux_riscv64_glibc_2_31", "trixie", "shared", 'targets = ["linux_riscv64_glibc_2_34"]'),
        # Where the newest release is the oldest, too, shared libraries are none of another.
        ("cp311-linux_riscv64_glibc_2_31", "trixie", "static", 'targets = ["linux_riscv64_glibc_2_34"]'),
        ("cp311-linux_riscv64_glibc_2_31", "sid", "shared", 'suite = "trixie"'),
        ("cp311-linux_s390x_glibc_2_17", "trixie", "static", 'link = "shared"'),
        ("cp311-linux_ppc64le_glibc_2_17", "trixie", "shared", 'suite = "bookworm"'),
        ("cp311-linux_s390x_glibc_2_17", "bookworm", "shared", 'targets = ["linux_s390x_glibc_2_34"]'),
        ("cp311-linux_aarch64_glibc_2_17", "bookworm", "shared", 'suite = "bullseye"'),
        ("cp311-linux_aarch64_glibc_2_17", "bullseye", "shared", 'targets = ["linux_aarch64_glibc_2_34"]'),
    ],
)
def test_an_older_release_of_debian_is_proposed_where_the_architecture_has_one(
    target: str, suite: str, link: str, line: str
) -> None:
    (cause,) = untried(refusal_causes(REFUSED), GivenBuild(suite=suite, link=link), "demo", target)
    table, told = cause.configuration("demo", target)
    assert told.partition("  #")[0] == line
    policy = parse_policy(f"{table}\n{told}".encode(), name="pyproject.toml")
    assert all(parse_target_id(f"cp311-{one}") for one in policy.targets)
    beyond = REFUSED.partition(", or raise")[0]
    (cause,) = untried(refusal_causes(beyond), GivenBuild(suite=suite, link=link), "demo", target)
    told = cause.configuration("demo", target)[1]
    assert told.startswith('sysroot = "sysroots/demo"' if "targets" in line else line)


def every_meaning(sign: Sign) -> list[Sign]:
    return [sign, *(every_meaning(sign.otherwise) if sign.otherwise else [])]


def test_every_setting_of_the_chains_is_one() -> None:
    meanings = [one for sign in SIGNS for one in every_meaning(sign)[1:]]
    assert meanings
    for meaning in meanings:
        cause = FailureCause(kind=meaning.kind, subject="x", advice="", lines=(), sign=meaning, version="1.0")
        parse_policy("\n".join(cause.configuration("demo", TARGET)).encode(), name="pyproject.toml")


def test_what_a_build_was_given_is_remembered_with_its_failure(tmp_path: Path) -> None:
    store, log = Store(tmp_path / "store"), tmp_path / f"pymssql-2.4.6-{TARGET}.log"
    log.write_text(real_log("pymssql"))
    store.add_file(log, filename=log.name)
    failure = FailedBuild(name="pymssql", version="2.4.6", target=TARGET, why="x", log=log)
    oldest = GivenBuild(requirements={"cython": "3.1"}, packages=("freetds-dev",), suite="bullseye")
    for suite in ("bullseye", "trixie"):
        given = replace(oldest, suite=suite, tried=(suite,))
        remember_failure(store, replace(failure, given=given))
    (kept,) = failed_builds(store)
    assert kept.given == replace(oldest, suite="trixie", tried=("bullseye", "trixie"))
    assert setting(causes_of(kept)[0]).startswith("patches = ")


def test_what_an_older_crosswheel_remembered_tells_nothing_of_what_was_given() -> None:
    assert given_from_json(None) is None
    given = GivenBuild(environment={"A": "b"}, config_settings={"c": "d"}, packages=("e",))
    assert given_from_json(given.json_value()) == given
