"""[tool.crosswheel]: read with every fault at once, laid over by release and target, and nothing idle in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crosswheel.decide.configuration.policy import (
    ENTRY_KEYS,
    PROJECT_KEYS,
    PackagePolicy,
    Policy,
    matches_target,
    parse_policy,
    with_flags,
)
from crosswheel.decide.configuration.preferences import Handling, Preference
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CrosswheelError, InputError

LINUX = parse_target_id("cp312-linux_aarch64_glibc_2_28")
MAC = parse_target_id("cp312-macos_aarch64_11_0")


def policy_of(text: str) -> Policy:
    return parse_policy(text.encode(), name="crosswheel.toml")


def refusal_of(text: str, name: str = "crosswheel.toml") -> str:
    with pytest.raises(CrosswheelError) as caught:
        parse_policy(text.encode(), name=name)
    return str(caught.value)


WHOLE = """
targets = ["linux_arm64", "win_amd64"]
python = "3.12"
build-platforms = ["linux_amd64"]
headers = "build-python"
build-constraints = ["cython<3.2"]
[mirrors]
"https://index.example/" = "https://mirror.example/"
[packages.NumPy]
versions = ">=2,<3"
prefer = "sdist"
build = true
config-settings = { a = "1", b = ["x", "y"] }
environment = { A = "1" }
build-requires = ["cython==3.1"]
build-constraints = ["setuptools<80"]
patches = ["patches/one.patch"]
accept = ["needed-library:*.so"]
accept-build-facts = true
meson-wraps = true
"""


def test_every_key_is_read() -> None:
    policy = policy_of(WHOLE)
    assert policy.targets == ("linux_arm64", "win_amd64")
    assert (policy.python, policy.build_platforms, policy.headers) == (
        "3.12",
        ("linux_amd64",),
        ("build-python",),
    )
    assert [(mirror.source, mirror.replacement) for mirror in policy.mirrors] == [
        ("https://index.example/", "https://mirror.example/")
    ]
    assert policy.for_package("numpy", LINUX, version="2.1") == PackagePolicy(
        prefer=Handling.SDIST_FIRST,
        build=True,
        config_settings={"a": "1", "b": ("x", "y")},
        environment={"A": "1"},
        build_requires=("cython==3.1",),
        build_constraints=("cython<3.2", "setuptools<80"),
        patches=("patches/one.patch",),
        accept=("needed-library:*.so",),
        accept_build_facts=True,
        meson_wraps=True,
    )


def test_a_pyproject_keeps_it_in_its_tool_table() -> None:
    policy = parse_policy(b"[tool.crosswheel.packages.a]\nbuild = false\n", name="some/pyproject.toml")
    assert policy.for_package("a", LINUX).build is False


def test_a_pyproject_without_the_table_decides_nothing() -> None:
    assert parse_policy(b"[project]\nname = 'x'\n", name="pyproject.toml") == Policy(name="pyproject.toml")


def test_an_entry_is_about_its_versions_only() -> None:
    policy = policy_of("[packages.a]\nversions = '<2'\nbuild = false\n")
    assert [policy.for_package("a", LINUX, version=version).build for version in ("1", "2", "1.9rc1")] == [
        False,
        None,
        False,
    ]


def test_a_table_for_a_pyproject_is_told_what_to_leave_out() -> None:
    assert refusal_of("[tool.crosswheel.packages.a]\nbuild = false") == (
        "crosswheel.toml: cannot read key 'tool': it is for a pyproject.toml; leave `tool.crosswheel.` out of the names of tables here"
    )
    assert "'tool': there is no such key" in refusal_of("[tool.crosswheel.tool]", "pyproject.toml")


def test_headers_are_of_all_targets_or_each_of_one() -> None:
    several = policy_of("headers = ['linux_arm64=arm64.tar', 'build-python']")
    assert several.headers == ("linux_arm64=arm64.tar", "build-python")
    assert "headers: cannot parse target 'linux_arm65'" in refusal_of("headers = ['linux_arm65=a.tar']")
    assert "write an array of strings" in refusal_of("headers = 3")


def test_an_array_of_entries_is_laid_over_in_order() -> None:
    policy = policy_of(
        "[[packages.a]]\nprefer = 'sdist'\npatches = ['1']\nenvironment = {A = '1', B = '1'}\n"
        "[[packages.a]]\nversions = '>=2'\nprefer = 'wheel'\npatches = ['2']\nenvironment = {B = '2'}\n"
    )
    assert policy.for_package("a", LINUX, version="2") == PackagePolicy(
        prefer=Handling.WHEEL_FIRST, patches=("1", "2"), environment={"A": "1", "B": "2"}
    )
    assert policy.for_package("a", LINUX, version="1").patches == ("1",)


def test_a_target_table_is_laid_over_its_entry() -> None:
    policy = policy_of(
        "[packages.a]\nbuild = true\naccept-build-facts = true\n"
        "[packages.a.targets.'*-macos_*']\nbuild = false\n[packages.a.targets.linux_arm64]\naccept-build-facts = false\n"
    )
    assert policy.for_package("a", MAC) == PackagePolicy(build=False, accept_build_facts=True)
    assert policy.for_package("a", LINUX) == PackagePolicy(build=True, accept_build_facts=False)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("linux_arm64", True),
        ("manylinux2014_aarch64", False),
        ("cp311-linux_arm64", False),
        ("*aarch64*", True),
        ("*x86_64*", False),
    ],
)
def test_a_key_is_a_spelling_or_a_glob_over_ids(key: str, expected: bool) -> None:
    assert matches_target(key, LINUX) is expected


def test_all_faults_are_told_at_once_with_their_places() -> None:
    text = """
[tool.crosswheel]
targets = ["linux_arm65"]
pyton = "3.12"
python = 3.11
headers = ""
[tool.crosswheel.packages.Numpy]
prefer = "sdits"
build = "no"
config-settings = { a = "1", c = 3 }
environment = { A = ["1"] }
build-requires = ["cython ! 3"]
versions = ">>2"
[tool.crosswheel.packages.Numpy.targets.linux_arm66]
envrionment = { A = "1" }
[[tool.crosswheel.packages.pandas]]
patches = ["a", 3]
[tool.crosswheel.packages."a b"]
"""
    expected = """\
pyproject.toml: tool.crosswheel: cannot read key 'pyton': there is no such key; did you mean 'python'?
pyproject.toml: tool.crosswheel.targets: cannot parse target 'linux_arm65': <why>
pyproject.toml: tool.crosswheel.python: cannot read 'python': it is a number; write a string
pyproject.toml: tool.crosswheel.headers: cannot read value '': it is empty; write a value or remove the key
pyproject.toml: tool.crosswheel.packages.Numpy.targets.linux_arm66: cannot read key 'envrionment': there is no such key; did you mean 'environment'?
pyproject.toml: tool.crosswheel.packages.Numpy.targets.linux_arm66: cannot parse target 'linux_arm66': <why>
pyproject.toml: tool.crosswheel.packages.Numpy.versions: cannot parse versions '>>2': it is not a version specifier; write for example '>=2,<3'
pyproject.toml: tool.crosswheel.packages.Numpy.prefer: cannot prefer 'sdits': there is no such kind of file; did you mean 'sdist'?
pyproject.toml: tool.crosswheel.packages.Numpy.build: cannot read 'build': it is a string; write a boolean
pyproject.toml: tool.crosswheel.packages.Numpy.config-settings.c: cannot read 'c': it is an integer; write a string or an array of strings
pyproject.toml: tool.crosswheel.packages.Numpy.environment.A: cannot read 'A': it is an array; write a string
pyproject.toml: tool.crosswheel.packages.Numpy.build-requires: cannot parse requirement 'cython ! 3': <why>
pyproject.toml: tool.crosswheel.packages.pandas[0].patches[1]: cannot read 'patches[1]': it is an integer; write a string
pyproject.toml: tool.crosswheel.packages."a b": cannot read package 'a b': it is not a package name; write its name"""
    lines = refusal_of(text, "pyproject.toml").splitlines()
    # What other modules and packaging say of a value is theirs to word and to test.
    foreign = ("cannot parse target '", "cannot parse requirement '")
    shown = [
        line[: line.index("': ") + 3] + "<why>" if any(word in line for word in foreign) else line
        for line in lines
    ]
    assert shown == expected.splitlines()


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        (
            "packages = 3",
            "crosswheel.toml",
            "crosswheel.toml: packages: cannot read 'packages': it is an integer; write a table",
        ),
        (
            "packages.a = 3",
            "crosswheel.toml",
            "crosswheel.toml: packages.a: cannot read 'a': it is an integer; write a table",
        ),
        (
            "packages.a.targets.linux_arm64 = 3",
            "crosswheel.toml",
            "crosswheel.toml: packages.a.targets.linux_arm64: cannot read 'linux_arm64': it is an integer; write a table",
        ),
        (
            "tool.crosswheel = 3",
            "pyproject.toml",
            "pyproject.toml: cannot read 'crosswheel': it is no table; write [tool.crosswheel]",
        ),
        (
            "]",
            "crosswheel.toml",
            "cannot read configuration 'crosswheel.toml': it is not TOML: Invalid statement (at line 1, column 1); correct it",
        ),
        (
            '[packages.a]\nlink = "shared"\n\n[packages.a]\nsysroot = ["b"]',
            "crosswheel.toml",
            "cannot read configuration 'crosswheel.toml': table 'packages.a' is there twice, the second time at line 4; join the two",
        ),
        (
            "[packages.'a b']\n[packages.'a b']",
            "crosswheel.toml",
            "cannot read configuration 'crosswheel.toml': table 'packages.\"a b\"' is there twice, the second time at line 2; join the two",
        ),
        (
            "[packages.a]\nsysroot = ['b']\nsysroot = ['c']",
            "crosswheel.toml",
            "cannot read configuration 'crosswheel.toml': key 'sysroot' is there twice, the second time at line 3; join the two",
        ),
        (
            "[packages.a]\n[[packages.a]]",
            "crosswheel.toml",
            "cannot read configuration 'crosswheel.toml': it is not TOML: Cannot overwrite a value (at line 2, column 13); correct it",
        ),
        (
            "a = " + "[" * 5000,
            "crosswheel.toml",
            "cannot read configuration 'crosswheel.toml': it is not TOML: it is nested too deeply; correct it",
        ),
        (
            "rust = 'a'\ntargets = ['b', \"c\\u0000\"]",
            "crosswheel.toml",
            (
                "cannot read configuration 'crosswheel.toml': a text of it holds NUL, which no name, path or argument does; "
                "correct it"
            ),
        ),
        (
            "[packages.a]\nenvironment = { 'B=C' = '1' }",
            "crosswheel.toml",
            (
                "crosswheel.toml: packages.a.environment: cannot set variable 'B=C': a variable's name is not empty and holds "
                "neither '=' nor NUL; correct its name"
            ),
        ),
    ],
)
def test_a_document_of_the_wrong_shape_is_refused(text: str, name: str, expected: str) -> None:
    assert refusal_of(text, name) == expected


RELEASES = [("a", "1"), ("b", "2")]


def test_everything_that_matches_something_is_no_fault() -> None:
    policy = policy_of("[packages.a]\nversions = '<2'\n[packages.a.targets.linux_arm64]\nbuild = false\n")
    assert with_flags(policy, no_binary=["b", ":all:"]).unmatched(RELEASES, [LINUX]) == ()


def test_whatever_matches_nothing_is_a_fault() -> None:
    policy = policy_of(
        "[packages.aa]\n[packages.zzz]\n[packages.b]\nversions = '<2'\n"
        "[packages.a.targets.win_amd64]\n[packages.a.targets.'*-ios_*']\n"
    )
    faults = with_flags(policy, no_binary=["bb"]).unmatched(RELEASES, [LINUX])
    assert [str(fault) for fault in faults] == [
        "crosswheel.toml: packages.aa: cannot apply entry for 'aa': the plan has no such package; did you mean 'a'?",
        (
            "crosswheel.toml: packages.zzz: cannot apply entry for 'zzz': the plan has no such package; "
            "name a package of the plan or remove the entry"
        ),
        (
            "crosswheel.toml: packages.b: cannot apply entry for versions '<2': the plan has b 2; "
            "change the range or remove the entry"
        ),
        (
            "crosswheel.toml: packages.a.targets: cannot apply table for target 'win_amd64': it is none of the plan's targets "
            "cp312-linux_aarch64_glibc_2_28; write one of them or a glob over these ids, or remove the table"
        ),
        (
            "crosswheel.toml: packages.a.targets: cannot apply table for target '*-ios_*': it is none of the plan's targets "
            "cp312-linux_aarch64_glibc_2_28; write one of them or a glob over these ids, or remove the table"
        ),
        "cannot apply '--no-binary bb': the lock has no such package; did you mean 'b'?",
    ]
    assert all(isinstance(fault, InputError) for fault in faults)


def test_an_entry_may_be_about_a_build_requirement_and_a_flag_may_not() -> None:
    policy = policy_of(
        "[packages.tool]\nversions = '<4'\n[packages.tool.targets.linux_amd64]\nbuild = true\n"
    )
    built_for = parse_target_id("cp312-linux_x86_64_glibc_2_28")
    required = [("tool", "3")]
    assert policy.unmatched(RELEASES, [LINUX, built_for], required=required) == ()
    (fault,) = with_flags(policy, no_binary=["tool"]).unmatched(
        RELEASES, [LINUX, built_for], required=required
    )
    assert str(fault).startswith("cannot apply '--no-binary tool': the lock has no such package")


def test_what_may_be_about_a_build_requirement_is_told_as_that_while_none_is_known() -> None:
    policy = with_flags(policy_of("[packages.aa]\n[packages.a.targets.win_amd64]\n"), no_binary=["bb"])
    entry, table, flag = policy.unmatched(RELEASES, [LINUX], required=None)
    assert str(entry) == (
        "crosswheel.toml: packages.aa: cannot apply entry for 'aa': the plan has no such package, and what builds require is "
        "known only once the rest is right; did you mean 'a'?"
    )
    assert "and what builds require" in str(table)
    assert "and what builds require" not in str(flag)
    assert [str(fault) for fault in policy.unmatched(RELEASES, [], required=None)] == [str(entry), str(flag)]


def preference(text: str, **flags: list[str]) -> Preference:
    return with_flags(policy_of(text), **flags).preferences(RELEASES, LINUX).of("a", "1")


def test_nothing_said_means_a_wheel_first() -> None:
    assert preference("") == Preference(handling=Handling.WHEEL_FIRST)


def test_a_flag_that_names_the_package_beats_a_forbidden_build() -> None:
    text = "[packages.a]\nbuild = false\n"
    assert preference(text, no_binary=["a"]) == Preference(
        handling=Handling.ONLY_SDIST, reason="--no-binary a"
    )


def test_a_forbidden_build_beats_a_flag_for_all() -> None:
    text = "[packages.a]\nbuild = false\n"
    assert preference(text, no_binary=[":all:"]) == Preference(
        handling=Handling.ONLY_WHEEL, reason="`build = false` in crosswheel.toml"
    )


def test_a_flag_for_all_beats_a_preference() -> None:
    text = "[packages.a]\nprefer = 'wheel'\n"
    assert preference(text, no_binary=[":all:"]) == Preference(
        handling=Handling.ONLY_SDIST, reason="--no-binary :all:"
    )


def test_a_preference_is_for_its_target_only() -> None:
    text = "[packages.a.targets.linux_arm64]\nprefer = 'sdist'\n[packages.a.targets.'*-macos_*']\nprefer = 'wheel'\n"
    assert preference(text) == Preference(
        handling=Handling.SDIST_FIRST, reason='`prefer = "sdist"` in crosswheel.toml'
    )


DOCUMENT = (Path(__file__).parent.parent.parent / "docs" / "reference" / "configuration.md").read_text()


@pytest.mark.parametrize("example", re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL))
def test_the_examples_of_the_documentation_are_valid(example: str) -> None:
    assert parse_policy(example.encode(), name="pyproject.toml").packages


def test_the_documentation_names_every_key_and_no_other() -> None:
    project, package = DOCUMENT.split("## Of a package")[:2]
    keys = [frozenset(re.findall(r"^\| `([a-z-]+)` \|", part, re.MULTILINE)) for part in (project, package)]
    assert keys == [frozenset(PROJECT_KEYS), frozenset(ENTRY_KEYS)]


def test_a_policy_says_which_table_is_about_the_release() -> None:
    text = b"""
[[tool.crosswheel.packages.demo]]
versions = "<2"
link = "shared"
[[tool.crosswheel.packages.demo]]
versions = ">=2"
link = "static"
"""
    policy = parse_policy(text, name="pyproject.toml")
    assert policy.for_package("demo", LINUX, version="1.0").entry == "tool.crosswheel.packages.demo[0]"
    assert policy.for_package("demo", LINUX, version="2.0").entry == "tool.crosswheel.packages.demo[1]"
    assert policy.for_package("other", LINUX, version="2.0").entry == ""
