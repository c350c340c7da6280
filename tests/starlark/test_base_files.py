"""The repository of a base lock."""

from __future__ import annotations

import pytest
import starlark

from bazel_plans import digest
from starlark_files import function

_CHECKED = function("rules/private/base_files.bzl", "checked_base_lock")
_BASE_FILES = function("rules/private/base_files.bzl", "base_files")


def _lock(*platforms: str, schema: int = 1) -> dict[str, object]:
    artifacts = {
        digest(letter): {"filename": f"libc6_{letter}.deb", "url": "https://example.org/x"} for letter in "ab"
    }
    bases = [
        {"platform": platform, "python": "cp311", "system": [{"name": "libc6", "artifact": digest(letter)}]}
        for platform, letter in zip(platforms, "ab", strict=False)
    ]
    return {"schema": schema, "artifacts": artifacts, "bases": bases}


def test_each_platform_has_its_own_files() -> None:
    files = _BASE_FILES(_lock("linux/arm64", "linux/amd64"), base="debian")
    assert isinstance(files, dict)
    text = files["BUILD.bazel"]
    assert '"//:linux_arm64": ["@artifact_libc6_a_aaaaaaaaaaaaaaaa//:libc6_a.deb"],' in text
    assert '"//:linux_amd64": ["@artifact_libc6_b_bbbbbbbbbbbbbbbb//:libc6_b.deb"],' in text
    assert 'lock = "base.lock.json"' in text
    assert '"//conditions:default": ["//:locked_for_another_platform=linux_arm64,linux_amd64"]' in text


def test_a_platform_that_bazel_does_not_know_is_refused() -> None:
    with pytest.raises(
        starlark.StarlarkError, match="Bazel's platforms are known for linux/386, linux/amd64"
    ):
        _BASE_FILES(_lock("linux/mips64le"), base="debian")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (_lock("linux/arm64", schema=2), "its schema is 2, and this crosswheel reads schema 1"),
        (None, "it is not a base lock; make one with `crosswheel image lock`"),
        ([], "it is not a base lock"),
        ({"schema": 1, "artifacts": {}, "builds": {}, "targets": []}, "it is not a base lock"),
    ],
)
def test_what_is_no_base_lock_is_refused(document: object, said: str) -> None:
    with pytest.raises(starlark.StarlarkError, match=f"cannot read base lock '//:b': {said}"):
        _CHECKED(document, "//:b")
    assert _CHECKED(_lock("linux/arm64"), "//:b") == _lock("linux/arm64")
