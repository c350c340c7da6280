"""The shipped table of quirks, and how a user's own configuration goes before it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crosswheel.act.planning.shipped_quirks import shipped_quirks
from crosswheel.decide.configuration.policy import parse_policy
from crosswheel.decide.configuration.policy_model import Policy
from crosswheel.decide.configuration.quirks import applied_quirks_digest, parse_quirks, quirk_words
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import CrosswheelError

ARM64 = parse_target_id("cp311-linux_aarch64_glibc_2_28")


def policy(text: str = "") -> Policy:
    own = parse_policy(text.encode(), name="crosswheel.toml")
    return replace(own, quirks=tuple(quirk.entry for quirk in shipped_quirks()))


def test_the_shipped_table_can_be_read_and_gives_reasons() -> None:
    quirks = shipped_quirks()
    assert {"pyyaml", "cffi", "lxml", "psycopg2", "pillow", "cryptography", "pynacl"} <= {
        quirk.entry.name for quirk in quirks
    }
    assert all(quirk.reason.endswith(".") and quirk.reference.startswith("http") for quirk in quirks)
    names = [quirk.entry.name for quirk in quirks]
    assert names == sorted(names)


def test_a_quirk_holds_where_nothing_is_said() -> None:
    found = policy().for_package("pyyaml", ARM64, version="6.0.3")
    assert (found.sysroot, found.link) == (("libyaml-dev",), None)
    assert found.environment == {"PYYAML_FORCE_LIBYAML": "1"}


def test_the_user_wins_key_by_key() -> None:
    found = policy('[packages.lxml]\nlink = "static"\n').for_package("lxml", ARM64)
    assert (found.sysroot, found.link) == (("libxml2-dev", "libxslt1-dev", "zlib1g-dev"), LinkKind.STATIC)
    assert policy("[packages.lxml]\nsysroot = []\n").for_package("lxml", ARM64).sysroot == ()
    folder = policy('[packages.lxml]\nsysroot = "mine"\n').for_package("lxml", ARM64)
    assert (folder.sysroot, folder.sysroot_folder) == (("mine",), True)


def test_only_what_applies_is_an_input() -> None:
    quirks = shipped_quirks()
    assert applied_quirks_digest(quirks, {("markupsafe", "3.0")}) is None
    assert applied_quirks_digest(quirks, {("pyyaml", "6.0")}) == applied_quirks_digest(
        quirks, {("pyyaml", "6.0"), ("markupsafe", "3.0")}
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[packages.x]\nreason = 'r.'\n", "cannot read quirk 'x': it gives no reference; give one"),
        ("[packages.x]\nreason = 'r.'\nreference = 'https://x'\nsysrot = []\n", "did you mean 'sysroot'?"),
        ("[package.x]\n", "cannot read key 'package'"),
        ("nonsense", "it is not TOML"),
    ],
)
def test_a_wrong_table_is_refused(text: str, message: str) -> None:
    with pytest.raises(CrosswheelError) as caught:
        parse_quirks(text.encode(), name="quirks.toml")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[packages.x]\nlink = "dynamic"\n', "cannot link 'dynamic': there is no such way to link; write 'static' or 'shared'"),
        ("[packages.x]\nsysroot = 3\n", "write an array of strings"),
        ('[sysroot]\nsuit = "trixie"\n', "did you mean 'suite'?"),
        ('[sysroot]\nsnapshot = "2026"\n', "cannot use snapshot '2026'"),
        ('[sysroot]\nmirror = "/srv"\n', "cannot use mirror '/srv': it is no URL"),
        ('[sysroot]\nmirror = "https://a/{snapshot}"\n', "a snapshot needs a mirror"),
    ],
)  # fmt: skip
def test_a_wrong_configuration_is_refused(text: str, message: str) -> None:
    with pytest.raises(CrosswheelError) as caught:
        parse_policy(text.encode(), name="crosswheel.toml")
    assert message in str(caught.value)


def test_explaining_a_package_tells_its_quirk() -> None:
    assert quirk_words(shipped_quirks(), "markupsafe", {"3.0.4"}, ARM64) == ()
    first, second = quirk_words(shipped_quirks(), "cffi", {"2.1.1"}, ARM64)
    assert (
        first
        == '  known quirk when built, unless your configuration says otherwise: sysroot = ["libffi-dev"]'
    )
    assert second.startswith("    Its backend calls functions through libffi")
    assert second.endswith("installation.html)")
    text = b"""[packages.x]
reason = "r."
reference = "https://x"
versions = "<2"
[packages.x.targets."*-linux_aarch64_*"]
build = false
"""
    own = parse_quirks(text, name="quirks.toml")
    assert quirk_words(own, "x", {"1.0"}, ARM64)[0].endswith("otherwise: build = false")
    assert quirk_words(own, "x", {"2.0"}, ARM64) == ()
    assert quirk_words(own, "x", {"1.0"}, parse_target_id("cp311-linux_s390x_glibc_2_28")) == ()
