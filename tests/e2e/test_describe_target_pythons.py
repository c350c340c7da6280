"""Real target Pythons, described from their files, against what crosswheel ships and what they say when they run."""

from __future__ import annotations

import json

import pytest

from crosswheel.act.target_python.describe import describe
from crosswheel.act.target_python.headers import headers_from
from crosswheel.act.target_python.load_description import load_description
from crosswheel.render.pyconfig import render_pyconfig
from crosswheel.target.pyconfig import parse_pyconfig
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.target.triples import sysconfig_platform
from e2e.target_pythons import RECIPES, Recipe, run_target_python, target_python

pytestmark = pytest.mark.e2e

#: Macros that Debian's build of an architecture has otherwise than the compiler, with the reason.
RESIDUE = {
    # Debian compiles 32-bit ARM with -D_TIME_BITS=64 since Debian 13; manylinux and zig do not.
    "SIZEOF_TIME_T": {"armv7l"},
}
#: Newer than every function Debian's Pythons use, so that no macro is undefined for the C library's sake.
NEWEST_GLIBC = "2_43"

BY_NAME = [pytest.param(recipe, id=f"{recipe.arch}-{recipe.version}") for recipe in RECIPES]

QUESTION = """\
import importlib.machinery, json, sys, sysconfig
print(json.dumps({
    "soabi": sysconfig.get_config_var("SOABI"),
    "ext_suffix": sysconfig.get_config_var("EXT_SUFFIX"),
    "multiarch": sys.implementation._multiarch,
    "byteorder": sys.byteorder,
    "pointer_width": sys.maxsize.bit_length() + 1,
    "cache_tag": sys.implementation.cache_tag,
    "suffixes": importlib.machinery.EXTENSION_SUFFIXES,
}))
"""


def _target(recipe: Recipe, glibc: str) -> Target:
    return parse_target_id(f"cp{recipe.version.replace('.', '')}-linux_{recipe.arch}_glibc_{glibc}")


@pytest.mark.parametrize("recipe", BY_NAME)
def test_the_rendered_pyconfig_is_the_architectures_own(recipe: Recipe) -> None:
    own = describe(target_python(recipe.arch, recipe.version).root).pyconfig
    shipped = parse_pyconfig(render_pyconfig(load_description(_target(recipe, NEWEST_GLIBC))))
    differing = {
        name
        for name in {*own.macros, *shipped.macros}
        if own.macros.get(name) != shipped.macros.get(name) and recipe.arch not in RESIDUE.get(name, ())
    }
    assert differing == set()


@pytest.mark.parametrize("recipe", BY_NAME)
def test_a_described_python_is_what_it_says_of_itself(recipe: Recipe) -> None:
    python = target_python(recipe.arch, recipe.version)
    description = describe(python.root)
    done = run_target_python(python, QUESTION)
    said = json.loads(done.stdout)
    suffixes = said.pop("suffixes")
    assert said == {name: getattr(description, name) for name in said}
    assert [suffix for suffix in suffixes if suffix in description.extension_suffixes] == list(
        description.extension_suffixes
    )


@pytest.mark.parametrize("recipe", BY_NAME)
def test_a_described_python_has_the_names_of_the_shipped_description(recipe: Recipe) -> None:
    description = describe(target_python(recipe.arch, recipe.version).root)
    shipped = load_description(_target(recipe, NEWEST_GLIBC))
    names = ("id", "soabi", "ext_suffix", "extension_suffixes", "multiarch", "gnu_triple", "python")
    assert {name: getattr(description, name) for name in names} == {
        name: getattr(shipped, name) for name in names
    }
    assert sysconfig_platform(description.platform) == f"linux-{recipe.arch}"


@pytest.mark.parametrize("recipe", BY_NAME)
def test_the_headers_of_a_target_python_are_packed_with_its_own_pyconfig(recipe: Recipe) -> None:
    python = target_python(recipe.arch, recipe.version)
    pack = headers_from(python.root, load_description(_target(recipe, NEWEST_GLIBC)))
    assert pack.python_version.startswith(f"{recipe.version}.")
    assert b"/pyconfig.h\0" in pack.data
