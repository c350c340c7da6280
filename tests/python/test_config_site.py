"""config.site, sourced by a shell in the state a configure script is in when it reads it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cross_targets import LINUX_PLATFORMS, description_of
from crosswheel.render.config_site import render_config_site

ASKED = "host_alias build_alias cross_compiling ac_tool_prefix ac_cv_c_bigendian ac_cv_sizeof_long"


def _sourced(
    tmp_path: Path, target: str, *, host: str = "", build: str = "", crossing: str = "no"
) -> dict[str, str]:
    site = tmp_path / "config.site"
    site.write_text(render_config_site(description_of(target)))
    show = "".join(f'echo "{name}=${name}"\n' for name in ASKED.split())
    script = f"host_alias={host}; build_alias={build}; cross_compiling={crossing}\n. {site}\n{show}"
    done = subprocess.run(["/bin/sh", "-eu", "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


@pytest.mark.parametrize("platform", LINUX_PLATFORMS)
def test_a_script_without_arguments_knows_it_is_crossing(tmp_path: Path, platform: str) -> None:
    description = description_of(f"cp311-{platform}")
    found = _sourced(tmp_path, f"cp311-{platform}")
    assert found["cross_compiling"] == "yes"
    assert found["host_alias"] == description.gnu_triple
    assert found["ac_tool_prefix"] == f"{description.gnu_triple}-"
    assert found["build_alias"].endswith("-build-linux-gnu")
    assert found["build_alias"] != found["host_alias"]
    assert found["ac_cv_sizeof_long"] == str(description.pointer_width // 8)
    assert found["ac_cv_c_bigendian"] == ("yes" if description.byteorder == "big" else "no")


def test_a_script_told_its_machine_keeps_it(tmp_path: Path) -> None:
    found = _sourced(tmp_path, "cp311-linux_aarch64_glibc_2_28", host="aarch64-own-linux", crossing="maybe")
    assert (found["host_alias"], found["cross_compiling"]) == ("aarch64-own-linux", "yes")


def test_a_script_that_is_for_the_build_machine_is_left_alone(tmp_path: Path) -> None:
    own = "x86_64-linux-gnu"
    site = tmp_path / "config.site"
    site.write_text(render_config_site(description_of("cp311-linux_aarch64_glibc_2_28")))
    script = f'host_alias={own}; build_alias={own}; cross_compiling=no\n. {site}\necho "$cross_compiling" "${{ac_cv_sizeof_long-unset}}"'
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "no unset\n"


def test_what_a_script_has_found_already_is_not_overruled(tmp_path: Path) -> None:
    site = tmp_path / "config.site"
    site.write_text(render_config_site(description_of("cp311-linux_aarch64_glibc_2_28")))
    script = f'ac_cv_sizeof_long=16\n. {site}\necho "$ac_cv_sizeof_long"'
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "16\n"
