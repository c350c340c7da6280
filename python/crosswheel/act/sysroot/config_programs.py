"""``xml2-config``, ``pg_config`` and their like: scripts run as they are, programs of the target are answered for."""

from __future__ import annotations

from collections.abc import Mapping

from crosswheel.act.sysroot.package_files import SysrootFile

__all__ = ["config_program"]

_SCRIPT = """\
#!/bin/sh
# Stands in for the target's program '{name}', which the build machine cannot run. Rendered by crosswheel.
# Answers from {package}.pc by pkg-config.
test $# -gt 0 || {{ echo "usage: {name} OPTION..." >&2; exit 1; }}
for option in "$@"; do
  case $option in
    --version) {tool} --modversion {package} ;;
    --cflags | --libs | --static) {tool} "$option" {package} ;;
    --prefix | --exec-prefix | --bindir | --datadir | --includedir | --libdir | --sysconfdir)
      {tool} --variable="$(echo "${{option#--}}" | tr - _)" {package} ;;
    *) echo "{name}: '$option' is nothing that {package}.pc tells of" >&2; exit 1 ;;
  esac || exit 1
done
"""
_ELF = b"\x7fELF"


def config_program(name: str, data: bytes, files: Mapping[str, SysrootFile], *, tools: str) -> bytes:
    """Return what stands in the sysroot for a program called `name`.

    Args:
        name: its name, e.g. ``xml2-config``.
        data: what the package brings under that name.
        files: all files of the sysroot; the ``.pc`` file with the nearest name answers for a program of the target.
        tools: where the compiler launchers stand for the build.
    """
    if not data.startswith(_ELF):
        return data
    stem = name.replace("_config", "").replace("-config", "")
    known = sorted(
        (path.rpartition("/")[2].removesuffix(".pc") for path in files if path.endswith(".pc")), key=len
    )
    package = next((one for one in known if one in {stem, f"lib{stem}"}), None)
    package = package or next((one for one in known if stem in one), stem)
    return _SCRIPT.format(name=name, package=package, tool=f"{tools}/pkg-config").encode()
