"""What pkg-config answers."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from crosswheel.render.package_config import PackageConfig, answer_package_config, read_package_config

_FILES = {
    "libxml-2.0": """\
prefix=/s/usr
libdir=${prefix}/lib/aarch64-linux-gnu
includedir=${prefix}/include  # a comment
Name: libXML
Version: 2.9.14
Libs: -L${libdir} -lxml2
Libs.private: -lz -lm
Cflags: -I${includedir}/libxml2
""",
    "libxslt": """\
prefix=/s/usr
Name: libxslt
Version: 1.1.35
Requires: libxml-2.0 >= 2.6.27
Libs: -L${prefix}/lib/aarch64-linux-gnu -lxslt
Libs.private: -lm
""",
    "libssl": "Name: s\nVersion: 3.5.7\nRequires.private: libcrypto\nLibs: -lssl\n",
    "libcrypto": "Name: c\nVersion: 3.5.7\nLibs: -lcrypto\nLibs.private: -ldl -pthread\nCflags: -DX='a b' -isystem /s/i\n",
    "broken": "Name: b\nVersion: 1\nRequires: nowhere\n",
}


def load(name: str, given: Mapping[str, str]) -> PackageConfig | None:
    return read_package_config(_FILES[name], given) if name in _FILES else None


def answer(*arguments: str) -> tuple[str, str, int]:
    return answer_package_config(arguments, load)


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (["--version"], "0.29.2\n"),
        (["--modversion", "libxml-2.0", "libxslt"], "2.9.14\n1.1.35\n"),
        (["--cflags", "libxslt"], "-I/s/usr/include/libxml2\n"),
        (["--libs", "libxslt"], "-L/s/usr/lib/aarch64-linux-gnu -lxslt -lxml2\n"),
        (["--libs", "--static", "libxslt"], "-L/s/usr/lib/aarch64-linux-gnu -lxslt -lxml2 -lz -lm\n"),
        (["--libs-only-l", "libssl"], "-lssl\n"),
        (["--libs", "--static", "libssl"], "-pthread -lssl -lcrypto -ldl\n"),
        (["--libs-only-L", "--keep-system-libs", "libxml-2.0"], "-L/s/usr/lib/aarch64-linux-gnu\n"),
        (["--cflags", "libssl"], "-DX=a\\ b -isystem /s/i\n"),
        (["--cflags-only-I", "libcrypto"], "-isystem /s/i\n"),
        (["--variable=includedir", "libxml-2.0"], "/s/usr/include\n"),
        (["--variable", "includedir", "--define-variable=prefix=/p", "libxml-2.0"], "/p/include\n"),
        (["--print-requires", "libxslt"], "libxml-2.0 >= 2.6.27\n"),
        (["--print-requires-private", "libssl"], "libcrypto\n"),
        (["--exists", "libxml-2.0 >= 2.9.3", "libxslt"], ""),
        (["--exists", "libxml-2.0>=2.9.3"], ""),
        (["--atleast-version=2.9", "libxml-2.0"], ""),
    ],
)
def test_answers(arguments: list[str], output: str) -> None:
    assert answer(*arguments) == (output, "", 0)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--exists", "nothing"], ""),
        (
            ["--exists", "--print-errors", "libxml-2.0 > 2.9.14"],
            "Requested 'libxml-2.0 > 2.9.14' but version of libxml-2.0 is 2.9.14\n",
        ),
        (
            ["--cflags", "nothing"],
            "Package nothing was not found in the pkg-config search path.\nNo package 'nothing' found\n",
        ),
        (["--libs", "--silence-errors", "nothing"], ""),
        (["--libs", "broken"], "Package 'nowhere', required by 'broken', not found\n"),
        (["--libs"], "Must specify package names on the command line\n"),
        (["--atleast-version=2.10", "libxml-2.0"], ""),
    ],
)
def test_refusals(arguments: list[str], error: str) -> None:
    assert answer(*arguments) == ("", error, 1)
