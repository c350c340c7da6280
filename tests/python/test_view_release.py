"""The release that a build writes down is that of the headers, and nothing tells how the Python that builds was made."""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path

import pytest

from cross_environments import CrossEnvironment, make_cross_environment

ARM = f"cp{sys.version_info.major}{sys.version_info.minor}-linux_aarch64_glibc_2_28"
RELEASE = platform.python_version()
X_Y = f"{sys.version_info.major}.{sys.version_info.minor}"
FACTS = (
    "(lambda sys, p, s: [sys.version, p.python_version(), list(p.python_version_tuple()), p.python_revision(),"
    " p.python_compiler(), s.get_config_var('py_version'), s.get_config_var('multiarchsubdir'),"
    " list(sys.version_info), sys.hexversion])"
    "(of('sys'), of('platform'), of('sysconfig'))"
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> CrossEnvironment:
    return make_cross_environment(tmp_path_factory.mktemp("cross"))


def told(environment: CrossEnvironment, release: str) -> list[object]:
    environment.ask("None", target=ARM)  # makes what is changed here
    path = Path(environment.paths(ARM).target, "view.json")
    document = json.loads(path.read_text())
    assert document["release"] == f"{X_Y}.0"  # what the headers state that the tests make
    path.write_text(json.dumps(document | {"release": release}))
    try:
        facts: list[object] = environment.ask(FACTS, target=ARM)
        return facts
    finally:
        path.write_text(json.dumps(document))


@pytest.mark.parametrize("release", [f"{X_Y}.99", f"{X_Y}.0rc2", RELEASE])
def test_texts_say_the_release_of_the_headers_and_numbers_that_of_the_interpreter(
    environment: CrossEnvironment, release: str
) -> None:
    assert told(environment, release) == [
        f"{release} (main, Jan  1 1980, 00:00:00) [GCC 12.2.0]",
        *(release, release.split("."), "", "GCC 12.2.0", release, None),
        *(list(sys.version_info), sys.hexversion),
    ]
