"""Reading and rendering pyconfig.h."""

from __future__ import annotations

import pytest

from cross_targets import LINUX_PLATFORMS, description_of
from crosswheel.render.pyconfig import render_pyconfig
from crosswheel.target.pyconfig import included_file, parse_pyconfig

BIG_ENDIAN = """\
#if defined AC_APPLE_UNIVERSAL_BUILD
# if defined __BIG_ENDIAN__
#  define WORDS_BIGENDIAN 2
# endif
#else
# ifndef WORDS_BIGENDIAN
#  define WORDS_BIGENDIAN 1
# endif
#endif
"""


def test_a_definition_is_read_with_its_value_as_written() -> None:
    macros = parse_pyconfig('#define SIZEOF_INT 4\n#define NAME "a b"\n#define EMPTY\n').macros
    assert macros == {"SIZEOF_INT": "4", "NAME": '"a b"', "EMPTY": ""}


def test_a_comment_after_a_value_is_no_part_of_it() -> None:
    assert parse_pyconfig("#define SIZEOF_INT 4 /* bytes */\n").macros == {"SIZEOF_INT": "4"}


def test_an_undefined_macro_is_known_and_has_no_value() -> None:
    assert parse_pyconfig("/* #undef HAVE_FORK */\n").macros == {"HAVE_FORK": None}


def test_what_asks_for_another_platform_does_not_hold() -> None:
    config = parse_pyconfig(BIG_ENDIAN)
    assert config.macros == {"WORDS_BIGENDIAN": "1"}
    assert config.guarded == {"WORDS_BIGENDIAN"}


def test_a_macro_that_autoconf_leaves_undefined_in_a_guard_is_undefined() -> None:
    config = parse_pyconfig(
        BIG_ENDIAN.replace("#  define WORDS_BIGENDIAN 1", "/* #  undef WORDS_BIGENDIAN */")
    )
    assert config.macros == {"WORDS_BIGENDIAN": None}


def test_a_number_is_a_number_and_nothing_else_is() -> None:
    config = parse_pyconfig("#define A 8\n#define B 200809L\n/* #undef C */\n")
    assert [config.number(name) for name in "ABCD"] == [8, None, None, None]


def test_a_multiarch_dispatcher_names_the_file_of_one_architecture() -> None:
    text = (
        "# if defined(__aarch64__)\n#  include <aarch64-linux-gnu/python3.11/pyconfig.h>\n"
        "# elif defined(__s390x__)\n#  include <s390x-linux-gnu/python3.11/pyconfig.h>\n# endif\n"
    )
    assert included_file(text, "s390x-linux-gnu") == "s390x-linux-gnu/python3.11/pyconfig.h"
    assert included_file(text, "i386-linux-gnu") is None


@pytest.mark.parametrize("platform", LINUX_PLATFORMS)
def test_a_rendered_pyconfig_reads_back_as_the_description_has_it(platform: str) -> None:
    description = description_of(f"cp313-{platform}")
    config = parse_pyconfig(render_pyconfig(description))
    macros = {name: value for name, value in description.pyconfig.macros.items() if name != "Py_PYCONFIG_H"}
    read = {name: value for name, value in config.macros.items() if name != "Py_PYCONFIG_H"}
    assert read == macros
    defined = {name for name in description.pyconfig.guarded if macros.get(name) is not None}
    assert config.guarded == defined


def test_a_function_newer_than_the_targets_c_library_is_not_declared() -> None:
    old = render_pyconfig(description_of("cp311-linux_aarch64_glibc_2_17"))
    new = render_pyconfig(description_of("cp311-linux_aarch64_glibc_2_25"))
    assert "/* #undef HAVE_GETENTROPY */" in old
    assert "#define HAVE_GETENTROPY 1" in new
    assert "/* #undef HAVE_MEMFD_CREATE */" in new


def test_a_macro_the_compiler_has_already_is_not_defined_again() -> None:
    text = render_pyconfig(description_of("cp311-linux_aarch64_glibc_2_17"))
    assert "#ifndef _GNU_SOURCE\n# define _GNU_SOURCE 1\n#endif\n" in text
