"""Make the target descriptions of macOS and Windows: a maintainer's program, run when a Python is added.

CPython has no packages for these systems that could be read on Linux. What is needed comes from its sources:

- macOS: the pyconfig.h that CPython's own configure writes with zig as the compiler, given as
  ``--macos 3.11-aarch64=FILE`` (`docs/decisions` tells which lines of configure stand against it). Other versions take over
  what the nearest of them found.
- Windows: ``PC/pyconfig.h`` (since 3.13 ``PC/pyconfig.h.in``), preprocessed with zig for the MinGW target, given as
  ``--windows 3.11=FILE``. The file is the same for all of Windows and changes little from version to version.

Run it after make_target_descriptions.py, whose baselines of Linux it reads.

    python tools/make_system_descriptions.py --zig .../zig --macos 3.11-aarch64=... --windows 3.11=...
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from crosswheel.target.descriptions import SCHEMA, TargetDescription, description_id
from crosswheel.target.pyconfig import PyConfig, parse_pyconfig
from crosswheel.target.python_names import (
    extension_suffixes,
    long_double_format,
    soabi_multiarch,
    soabi_of,
    stable_abi_suffix,
)
from crosswheel.target.targets import Target
from crosswheel.target.triples import gnu_triple
from crosswheel.values.canonical_json import JsonValue, pretty_json
from crosswheel.values.digests import digest_of
from crosswheel.values.platforms import Arch, MacOs, Platform, Windows
from crosswheel.values.python_abi import PythonAbi, parse_python_version

VERSIONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
FREE_THREADED = ("3.13", "3.14")
ARCHS = (Arch.AARCH64, Arch.X86_64)
#: The deployment target of python.org's installers: 10.9 until 3.11, 10.13 since; Apple silicon begins with 11.0.
OLDEST_INTEL = {"3.10": (10, 9), "3.11": (10, 9)}
#: Facts of what configure ran on, and of its own options, not of the target.
NOT_FACTS = re.compile(
    r"HAVE_LIB(?!RESOLV).*|HAVE_.*OPENSSL.*|HAVE_DEV_PTC|HAVE_X509.*|ENABLE_IPV6|PY_BUILTIN_HASHLIB_HASHES"
)

#: What configure guesses when it cannot run a program, as it is on every macOS.
GUESSED: dict[str, str | None] = {
    "HAVE_ALIGNED_REQUIRED": None,
    "HAVE_BUILTIN_ATOMIC": "1",
    "HAVE_COMPUTED_GOTOS": "1",
    "HAVE_STD_ATOMIC": "1",
    "WITH_DTRACE": None,
}

Macros = dict[str, "str | None"]


def main() -> None:
    """Read, derive, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--zig", type=Path, required=True)
    parser.add_argument("--macos", action="append", default=[], metavar="VERSION-ARCH=FILE")
    parser.add_argument("--windows", action="append", default=[], metavar="VERSION=FILE")
    folder = Path(__file__).parent.parent / "toolchains" / "targets"
    parser.add_argument("--output", type=Path, default=folder)
    arguments = parser.parse_args()

    linux = {version: _linux(arguments.output, version) for version in VERSIONS}
    macos = {key: Path(file) for key, file in (item.split("=", 1) for item in arguments.macos)}
    windows = {key: Path(file) for key, file in (item.split("=", 1) for item in arguments.windows)}
    for version in VERSIONS:
        _write_macos(arguments.output, version, macos, linux)
        source = _nearest(version, sorted(windows))
        facts = windows_macros(windows[source], arguments.zig)
        _write_windows(arguments.output, version, source, windows[source], facts)


def _linux(folder: Path, version: str) -> Macros:
    document = json.loads((folder / f"pyconfig-{version}.json").read_text())
    return dict(document["macros"])


def _minor(version: str) -> int:
    return int(version.partition(".")[2])


def _nearest(version: str, known: list[str]) -> str:
    """Return the nearest version of `known`, the later of two."""
    return min(known, key=lambda one: (abs(_minor(one) - _minor(version)), -_minor(one)))


def _write_macos(output: Path, version: str, files: Mapping[str, Path], linux: Mapping[str, Macros]) -> None:
    known = sorted({key.partition("-")[0] for key in files})
    sources = sorted(known, key=lambda one: (one != _nearest(version, known), one))
    found = {one: parse_pyconfig(files[f"{one}-{Arch.AARCH64.value}"].read_text()).macros for one in sources}

    def fact(name: str, on_linux: str | None) -> str | None:
        if NOT_FACTS.fullmatch(name):
            return on_linux
        for source in sources:
            if name in found[source]:
                return found[source][name]
        # What only a later version asks for is not claimed to be there; what an earlier one asked for, later ones
        # take for granted everywhere.
        is_later = _minor(version) > max(map(_minor, known))
        return None if is_later and name.startswith("HAVE_") else on_linux

    macros = {name: fact(name, value) for name, value in linux[version].items()}
    rules = [
        "names follow CPython's rules",
        (
            f"pyconfig macros: those of pyconfig-{version}.json, with what configure of CPython {' and '.join(sources)} "
            "found with zig for macOS 11.0 on aarch64"
        ),
    ]
    digests: dict[str, JsonValue] = {key: str(digest_of(path.read_bytes())) for key, path in files.items()}
    provenance: dict[str, JsonValue] = {"derived": True, "rules": list(rules), "files": digests}
    _write_baseline(output, f"pyconfig-{version}-macos.json", version, macos_macros(macros), provenance)
    for arch in ARCHS:
        oldest = (11, 0) if arch is Arch.AARCH64 else OLDEST_INTEL.get(version, (10, 13))
        system = MacOs(major=oldest[0], minor=oldest[1])
        own = _intel_macros() if arch is Arch.X86_64 else {}
        for python in _pythons(version):
            _write(
                output, python, Platform(os=system, arch=arch), oldest, f"{version}-macos", own, provenance
            )


def macos_macros(macros: Macros) -> Macros:
    """Return the macros with those corrected that configure cannot find out when crossing."""
    return {**macros, **GUESSED}


def _intel_macros() -> Macros:
    """Return what is otherwise on Intel: the 80-bit long double, and the x87's control word."""
    return {
        "ALIGNOF_MAX_ALIGN_T": "16",
        "HAVE_GCC_ASM_FOR_X64": "1",
        "HAVE_GCC_ASM_FOR_X87": "1",
        "SIZEOF_LONG_DOUBLE": "16",
    }


def windows_macros(file: Path, zig: Path) -> Macros:
    """Return the macros that CPython's pyconfig.h defines for a compiler of the MinGW kind."""
    with tempfile.TemporaryDirectory() as folder:
        header = Path(folder) / "pyconfig.h"
        header.write_bytes(file.read_bytes())
        probe = Path(folder) / "probe.c"
        probe.write_text('#include "pyconfig.h"\n')
        command = [str(zig), "cc", "-target", "x86_64-windows-gnu", "-E", "-dD"]
        # Before 3.12 CPython's header sets it for Microsoft's compiler only.
        command += ["-DMS_WIN64", str(probe)]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    macros: Macros = {"MS_WIN64": ""}
    place = ""
    for line in text.splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            place = marker[1]
            continue
        definition = re.fullmatch(r"#define (\w+)(?: (.*))?", line)
        if definition and place.endswith("/pyconfig.h") and definition[1] not in {"Py_CONFIG_H", "COMPILER"}:
            if NOT_FACTS.fullmatch(definition[1]):
                continue
            macros[definition[1]] = (definition[2] or "").strip()
    # A mistake of old, which C does not mind: the size of pid_t is written as another macro's name.
    macros["SIZEOF_PID_T"] = macros["SIZEOF_INT"]
    return macros


def _write_windows(output: Path, version: str, source: str, file: Path, facts: Macros) -> None:
    rules: list[JsonValue] = [
        "names follow CPython's rules",
        f"pyconfig macros: those of PC/pyconfig.h of CPython {source} for a 64-bit compiler of the MinGW kind",
    ]
    provenance: dict[str, JsonValue] = {
        "derived": True,
        "rules": rules,
        "files": {f"PC/{file.name}": str(digest_of(file.read_bytes()))},
    }
    _write_baseline(output, f"pyconfig-{version}-windows.json", version, facts, provenance)
    for arch in ARCHS:
        for python in _pythons(version):
            platform = Platform(os=Windows(), arch=arch)
            _write(output, python, platform, (0, 0), f"{version}-windows", {}, provenance)


def _pythons(version: str) -> list[PythonAbi]:
    free = [f"{version}t"] if version in FREE_THREADED else []
    return [parse_python_version(text) for text in (version, *free)]


def _write_baseline(
    output: Path, name: str, version: str, macros: Macros, provenance: Mapping[str, JsonValue]
) -> None:
    document: dict[str, JsonValue] = {
        "schema": SCHEMA,
        "python": version,
        "macros": dict(sorted(macros.items())),
        "guarded": [],
        "provenance": dict(provenance),
    }
    (output / name).write_bytes(pretty_json(document))


def _write(
    output: Path,
    python: PythonAbi,
    platform: Platform,
    oldest: tuple[int, int],
    baseline: str,
    macros: Macros,
    provenance: Mapping[str, JsonValue],
) -> None:
    own: Macros = {**macros, **({"Py_GIL_DISABLED": "1"} if python.free_threaded else {})}
    description = TargetDescription(
        python=python,
        platform=platform,
        oldest_libc=oldest,
        soabi=soabi_of(python, platform),
        ext_suffix=extension_suffixes(python, platform)[0],
        stable_abi_suffix=stable_abi_suffix(python, platform),
        extension_suffixes=extension_suffixes(python, platform),
        cache_tag=f"cpython-{python.major}{python.minor}",
        multiarch=soabi_multiarch(python, platform),
        gnu_triple=gnu_triple(platform),
        long_double_format=long_double_format(platform),
        pyconfig=PyConfig(macros={"SIZEOF_VOID_P": "8", **own}, guarded=frozenset()),
        provenance=provenance,
    )
    whole = description.to_json()
    described = whole["platform"]
    assert isinstance(described, Mapping)
    kept = {key: value for key, value in described.items() if key != "deployment_target"}
    document: dict[str, JsonValue] = {
        **whole,
        "platform": kept,
        "pyconfig": {"baseline": f"pyconfig-{baseline}.json", "macros": dict(sorted(own.items()))},
        "provenance": {"derived": True, "rules": provenance["rules"], "from": []},
    }
    target = Target(python=python, platform=platform)
    (output / f"{description_id(target)}.json").write_bytes(pretty_json(document))


if __name__ == "__main__":
    main()
