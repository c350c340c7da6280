"""The files that a project begins with: its configuration, and what Bazel and Nix read."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Arch, Glibc, Linux, MacOs, Musl, Windows

__all__ = [
    "NamedTarget",
    "headers_file",
    "render_build_bazel",
    "render_flake",
    "render_module_bazel",
]

#: As rules/private/target_ids.bzl; a test compares both.
BAZEL_CPUS = {
    Arch.AARCH64: "aarch64",
    Arch.ARMV7L: "armv7",
    Arch.I686: "x86_32",
    Arch.PPC64LE: "ppc64le",
    Arch.RISCV64: "riscv64",
    Arch.S390X: "s390x",
    Arch.X86_64: "x86_64",
}

_MODULE = '''\
"""Wheels for several platforms, by crosswheel."""

module(name = "{name}")

# Where you have crosswheel from: a registry, or an override (https://bazel.build/external/module).
bazel_dep(name = "crosswheel", version = "{version}")
bazel_dep(name = "platforms", version = "0.0.10")

wheels = use_extension("@crosswheel//rules:extensions.bzl", "wheels")
wheels.hub(
    name = "pypi",
    lock = "//:{lock}",
    plan = "//:{plan}",
{update})
use_repo(wheels, "pypi")
'''

_BUILD = '''\
"""The platforms, and the wheels of {lock} for them: bazel build //:repositories."""

load("@crosswheel//rules:defs.bzl", {rules})
{loads}
package(default_visibility = ["//visibility:public"])

{platforms}
for_platforms(
    name = "repositories",
    platforms = {names},
    target = "@pypi//:repository",
)
{test}'''

_TEST = """
plan_test(
    name = "plan_test",
    config = "{configuration}",
{data}    lock = "{lock}",
    plan = "{plan}",
    targets = {targets},
)

plan_update(
    name = "plan_update",
    testonly = True,
    plan_test = ":plan_test",
)
"""

_PLATFORM = """\
platform(
    name = "{name}",
    constraint_values = [
        "@platforms//cpu:{cpu}",
        "@platforms//os:{os}",
    ]{libc},
)
"""

_FLAKE = """\
{{
  inputs.crosswheel.url = "flake:crosswheel"; # where you have crosswheel from
  inputs.nixpkgs.follows = "crosswheel/nixpkgs";

  outputs =
    {{ crosswheel, nixpkgs, ... }}:
    {{
      packages.x86_64-linux.wheels = crosswheel.lib.mkWheels {{
        pkgs = nixpkgs.legacyPackages.x86_64-linux;
        plan = ./{plan};
      }};
    }};
}}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedTarget:
    """A target and the spelling that the configuration has for it."""

    spelling: str
    target: Target

    @property
    def word(self) -> str:
        """The spelling as a name of Bazel's and of a file."""
        return re.sub(r"\W", "_", self.spelling)


def headers_file(target: NamedTarget) -> str:
    """Return the name of the file with the headers of a target."""
    return f"headers.{target.word}.tar"


def render_module_bazel(*, name: str, version: str, lock: str, plan: str, tested: bool) -> str:
    """Return ``MODULE.bazel``.

    Args:
        name: the project's name.
        version: crosswheel's version.
        lock: the lock's file name.
        plan: the plan's.
        tested: whether there is a test of the plan, as `render_build_bazel` says.
    """
    word = re.sub(r"[^a-z0-9._-]", "_", name.lower()).strip("._-")
    return _MODULE.format(
        name=word if word[:1].isalpha() else f"project_{word}",
        version=version,
        lock=lock,
        plan=plan,
        update='    plan_update = "//:plan_update",\n' if tested else "",
    )


def render_build_bazel(
    targets: Sequence[NamedTarget],
    *,
    lock: str,
    plan: str,
    configuration: str,
    data: Sequence[str],
    tested: bool,
) -> str:
    """Return ``BUILD.bazel``.

    Args:
        targets: what is planned for.
        lock: the lock's file name.
        plan: the plan's.
        configuration: the configuration's.
        data: paths of the files that the configuration names.
        tested: whether a test tells that the plan is current.

    Raises:
        InputError: Bazel's platforms have no name for a target.
    """
    ordered = sorted(targets, key=lambda one: one.word)
    platforms = [_platform(one) for one in ordered]
    loaded = [
        word for word in ("glibc", "macos", "musl") if any(f"] + {word}(" in text for text in platforms)
    ]
    words = ", ".join(json.dumps(word) for word in loaded)
    test = _TEST.format(
        targets=_listed([one.spelling for one in ordered]),
        lock=lock,
        plan=plan,
        configuration=configuration,
        data=f"    data = {_listed(sorted(data))},\n" if data else "",
    )
    return _BUILD.format(
        rules=", ".join(
            map(json.dumps, ("for_platforms", *(("plan_test", "plan_update") if tested else ())))
        ),
        loads=f'load("@crosswheel//rules/platforms:defs.bzl", {words})\n' if loaded else "",
        platforms="\n".join(platforms),
        names=_listed([f":{one.word}" for one in ordered]),
        lock=lock,
        test=test if tested else "",
    )


def _listed(words: Sequence[str]) -> str:
    """Return a list as buildifier has it: one on a line of its own, several each on one."""
    if len(words) == 1:
        return f"[{json.dumps(words[0])}]"
    return "[\n" + "".join(f"        {json.dumps(word)},\n" for word in words) + "    ]"


def _platform(named: NamedTarget) -> str:
    platform = named.target.platform
    match platform.os:
        case Linux(libc=Glibc(major=2, minor=28)):
            system, more = "linux", ""  # what a platform has that says nothing
        case Linux(libc=Glibc() as libc):
            system, more = "linux", f' + glibc("{libc.major}.{libc.minor}")'
        case Linux(libc=Musl() as libc):
            system, more = "linux", f' + musl("{libc.major}.{libc.minor}")'
        case MacOs() as macos:
            system, more = "osx", f' + macos("{macos.major}.{macos.minor}")'
        case Windows():
            system, more = "windows", ""
        case _:
            raise InputError(
                "write BUILD.bazel for",
                named.spelling,
                why="Bazel's rules know no such system",
                fix="leave the target out",
            )
    return _PLATFORM.format(name=named.word, cpu=BAZEL_CPUS[platform.arch], os=system, libc=more)


def render_flake(*, plan: str) -> str:
    """Return ``flake.nix``; the one of rules/nix/template, for any name of a plan."""
    return _FLAKE.format(plan=plan)
