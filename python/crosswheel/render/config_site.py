"""config.site: tells every autoconf script it is crossing, without an argument, and what it cannot find out.

A configure script reads the file named by ``CONFIG_SITE`` after its arguments and before its first test
(https://www.gnu.org/software/autoconf/manual/autoconf.html#Site-Defaults).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crosswheel.target.descriptions import TargetDescription
from crosswheel.target.glibc_versions import has_narrow_time
from crosswheel.values.platforms import Android, Ios, Linux, MacOs, OperatingSystem

__all__ = ["render_config_site"]

#: Answers to tests that run a program, and that every C library of a system in support gives alike. What cannot be told of a
#: system without running it there is left out. Left unset, autoconf and gnulib guess the worst when crossing, and pull in
#: replacements of working functions. What a script finds out by compiling (`strerror_r`) is never told.
_EVERYWHERE: Mapping[str, str] = MappingProxyType(
    {
        "ac_cv_func_calloc_0_nonnull": "yes",
        "ac_cv_func_closedir_void": "no",
        "ac_cv_func_malloc_0_nonnull": "yes",
        "ac_cv_func_memcmp_working": "yes",
        "ac_cv_func_realloc_0_nonnull": "yes",
        "ac_cv_func_setvbuf_reversed": "no",
        "ac_cv_func_stat_empty_string_bug": "no",
        "ac_cv_func_strcoll_works": "yes",
        "ac_cv_func_strnlen_working": "yes",
        "ac_cv_func_strtod": "yes",
    }
)
_UNIX: Mapping[str, str] = MappingProxyType(
    {
        "ac_cv_func_chown_works": "yes",
        "ac_cv_func_fork_works": "yes",
        "ac_cv_func_getgroups_works": "yes",
        "ac_cv_func_lstat_empty_string_bug": "no",
        "ac_cv_func_setpgrp_void": "yes",
        "ac_cv_func_utime_null": "yes",
        "ac_cv_func_vfork_works": "yes",
    }
)
_LINUX: Mapping[str, str] = MappingProxyType(
    {
        "ac_cv_func_lstat_dereferences_slashed_symlink": "yes",
        "ac_cv_func_mmap_fixed_mapped": "yes",
        "ac_cv_func_working_mktime": "yes",
        "ac_cv_sys_restartable_syscalls": "yes",
    }
)

#: C types by the name of their SIZEOF_ macro, where ``autoconf`` spells the cache variable otherwise.
_TYPES: Mapping[str, str] = MappingProxyType({"VOID_P": "void_p", "_BOOL": "_Bool"})

_HEAD = """\
# Read by every configure script of the build. Rendered by crosswheel; sourced by /bin/sh.

# A script told by its own arguments which machine it is for is not overruled; one that is for the
# build machine itself is left alone.
if test "x$host_alias" != x && test "x$host_alias" = "x$build_alias"; then
  :
else
test "x$build_alias" != x || build_alias=`uname -m 2>/dev/null || echo unknown`-build-linux-gnu
test "x$host_alias" != x || host_alias={triple}
build=$build_alias
host=$host_alias
ac_tool_prefix=$host_alias-
cross_compiling=yes
"""


def render_config_site(description: TargetDescription) -> str:
    """Return the text of a config.site for builds that run for `description`'s target."""
    facts = {**_run_time_facts(description.platform.os), **_sizes(description)}
    facts["ac_cv_c_bigendian"] = "yes" if description.byteorder == "big" else "no"
    facts["ac_cv_c_stack_direction"] = "-1"
    if has_narrow_time(description.platform):
        # As --disable-year2038: a script that wants dates after 2038 otherwise gives up.
        # https://www.gnu.org/software/autoconf/manual/autoconf.html#System-Services
        facts["enable_year2038"] = "no"
    lines = [f": ${{{name}={value}}}" for name, value in sorted(facts.items())]
    return _HEAD.format(triple=description.gnu_triple) + "\n".join([*lines, "fi", ""])


def _run_time_facts(system: OperatingSystem) -> dict[str, str]:
    match system:
        case Linux():
            return {**_EVERYWHERE, **_UNIX, **_LINUX}
        case MacOs() | Ios() | Android():
            return {**_EVERYWHERE, **_UNIX}
        case _:
            return dict(_EVERYWHERE)


def _sizes(description: TargetDescription) -> dict[str, str]:
    return {
        f"ac_cv_sizeof_{_TYPES.get(name, name.lower())}": str(size)
        for name, size in description.sizeof.items()
        # How wide off_t and time_t are is the script's own choice of _FILE_OFFSET_BITS and _TIME_BITS.
        if name not in {"OFF_T", "TIME_T", "FPOS_T"}
    }
