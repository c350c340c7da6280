"""Make toolchains/targets/*_musl.json: a maintainer's program, run after make_target_descriptions.py.

No package holds a musl Python's headers, so they are derived, from an experiment: the same CPython source is configured
twice on x86_64 by the same compiler (zig), for glibc and for musl, with no other library installed. The macros that
differ are the C library's doing, and nothing else's; they are laid over the glibc descriptions. ::

    zig=.../zig
    configure -q --build=x86_64-pc-linux-musl --host=x86_64-pc-linux-musl CC="$zig cc -target x86_64-linux-musl"
    configure -q CC="$zig cc -target x86_64-linux-gnu.2.36"
    python tools/make_musl_descriptions.py --pair 3.11.2=GLIBC/pyconfig.h,MUSL/pyconfig.h --pair 3.13.5=...

The test tests/e2e/test_musl_descriptions.py compiles every size, type and function that the results state against musl.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from crosswheel.target.descriptions import description_id, long_double_format, soabi_multiarch
from crosswheel.target.musl_symbols import musl_symbol_version
from crosswheel.target.pyconfig import parse_pyconfig
from crosswheel.target.targets import Target
from crosswheel.target.triples import gnu_triple
from crosswheel.values.canonical_json import JsonValue, pretty_json
from crosswheel.values.digests import digest_of
from crosswheel.values.platforms import Arch, Linux, Musl, Platform
from crosswheel.values.python_abi import PythonAbi, parse_python_abi

#: Versions without an experiment, and whose differences they take over.
NEIGHBOURS = {"3.10": "3.11", "3.12": "3.13", "3.14": "3.13"}
#: The oldest musl that a musllinux tag names with wheels on PyPI.
OLDEST = Musl(major=1, minor=1)
#: What the data model has otherwise than with glibc, as the compiler has it; each with its reason, for the provenance.
_WIDE_TIME = ({"SIZEOF_TIME_T": "8"}, "time_t has 64 bits since musl 1.2 (https://musl.libc.org/time64.html)")
_NARROW_MAXIMUM = ({"ALIGNOF_MAX_ALIGN_T": "8"}, "max_align_t holds no __float128")
DATA_MODEL: Mapping[Arch, Sequence[tuple[Mapping[str, str], str]]] = {
    Arch.ARMV7L: (_WIDE_TIME,),
    Arch.I686: (_WIDE_TIME, _NARROW_MAXIMUM),
    Arch.PPC64LE: (
        ({"SIZEOF_LONG_DOUBLE": "8", "ALIGNOF_MAX_ALIGN_T": "8"}, "musl has a long double of 64 bits only"),
    ),
}
#: What configure reads from the compiler's version and not from the library, and that the pair must not decide.
NOT_OF_THE_LIBRARY = frozenset({"PY_SUPPORT_TIER"})


def main() -> None:
    """Read the pairs, derive, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pair", action="append", default=[], metavar="VERSION=GLIBC,MUSL", required=True)
    folder = Path(__file__).parent.parent / "toolchains" / "targets"
    parser.add_argument(
        "--targets", type=Path, default=folder, help="folder of descriptions, read and written"
    )
    arguments = parser.parse_args()

    experiments: dict[str, tuple[str, dict[str, str | None], dict[str, JsonValue]]] = {}
    for pair in arguments.pair:
        full, _, files = pair.partition("=")
        texts = [Path(file).read_text("utf-8") for file in files.split(",")]
        digests = [str(digest_of(text.encode())) for text in texts]
        glibc, musl = (parse_pyconfig(text).macros for text in texts)
        differences = {
            name: musl.get(name)
            for name in sorted({*glibc, *musl} - NOT_OF_THE_LIBRARY)
            if glibc.get(name) != musl.get(name)
        }
        version = ".".join(full.split(".")[:2])
        experiments[version] = full, differences, dict(zip(("glibc", "musl"), digests, strict=True))
    for version in (*experiments, *NEIGHBOURS):
        write_baseline(arguments.targets, version, experiments)
    for path in sorted(arguments.targets.glob("cp*_glibc.json")):
        write_description(arguments.targets, json.loads(path.read_text()))


def write_baseline(
    folder: Path,
    version: str,
    experiments: Mapping[str, tuple[str, Mapping[str, str | None], Mapping[str, JsonValue]]],
) -> None:
    """Write the macros of x86_64 with musl, and since which musl those that tell of a function hold."""
    source = NEIGHBOURS.get(version, version)
    full, differences, digests = experiments[source]
    glibc = json.loads((folder / f"pyconfig-{version}.json").read_text())
    macros = {
        **glibc["macros"],
        **{
            name: value for name, value in differences.items() if source == version or name in glibc["macros"]
        },
    }
    functions: dict[str, JsonValue] = {}
    for name, value in sorted(macros.items()):
        since = musl_symbol_version(name.removeprefix("HAVE_").lower())
        if value == "1" and name.startswith("HAVE_") and since > (OLDEST.major, OLDEST.minor, 0):
            # A tag speaks for the whole series, so a function of 1.2.3 is sure to be there from 1.3 on.
            functions[name] = f"{since[0]}.{since[1] + (1 if since[2] else 0)}"
    provenance: dict[str, JsonValue] = {
        "derived": True,
        "from": [f"pyconfig-{version}.json"],
        "rules": [
            (
                f"macros in which pyconfig.h of CPython {full} for x86_64 musl differs from the one for x86_64 glibc, "
                "both configured with zig 0.17.0 and no other library"
            )
        ],
        "files": digests,
    }
    document: dict[str, JsonValue] = {
        "schema": glibc["schema"],
        "python": version,
        "macros": dict(sorted(macros.items())),
        "guarded": glibc["guarded"],
        "since_musl": functions,
        "provenance": provenance,
    }
    (folder / f"pyconfig-{version}-musl.json").write_bytes(pretty_json(document))


def write_description(folder: Path, glibc: Mapping[str, JsonValue]) -> None:
    """Write the musl description beside a glibc one."""
    facts, own = section(glibc, "python"), section(glibc, "platform")
    python = parse_python_abi(str(facts["abi"]))
    arch = Arch(str(own["arch"]))
    platform = Platform(os=Linux(libc=oldest_musl(arch)), arch=arch)
    multiarch = soabi_multiarch(python, platform)
    soabi = str(facts["soabi"]).replace(str(own["multiarch"]), multiarch)
    suffixes = [f".{soabi}.so", *list_of(facts["extension_suffixes"])[1:]]
    macros = {**section(section(glibc, "pyconfig"), "macros")}
    known = json.loads((folder / f"pyconfig-{python.version}.json").read_text())["macros"]
    for differences, _ in DATA_MODEL.get(arch, ()):
        macros |= {name: value for name, value in differences.items() if name in {*known, *macros}}
    musl = oldest_musl(arch)
    document: dict[str, JsonValue] = {
        **glibc,
        "python": {**facts, "soabi": soabi, "ext_suffix": f".{soabi}.so", "extension_suffixes": suffixes},
        "platform": {
            **own,
            "libc": "musl",
            "oldest_libc_version": f"{musl.major}.{musl.minor}",
            "long_double_format": long_double_format(platform),
            "multiarch": multiarch,
            "gnu_triple": gnu_triple(platform),
        },
        "pyconfig": {
            "baseline": f"pyconfig-{python.version}-musl.json",
            "macros": {name: macros[name] for name in sorted(macros)},
        },
        "provenance": {
            "derived": True,
            "from": [f"{python}-linux_{arch.value}_glibc"],
            "rules": rules(python, arch),
        },
    }
    target = Target(python=python, platform=platform)
    (folder / f"{description_id(target)}.json").write_bytes(pretty_json(document))


def rules(python: PythonAbi, arch: Arch) -> list[JsonValue]:
    """Return by which rules a description is derived."""
    told: list[JsonValue] = [
        "names follow CPython's rules" + (", which until 3.10 called musl gnu" if python.minor <= 10 else ""),
        f"pyconfig macros: those of pyconfig-{python.version}-musl.json, with {arch.value}'s differences from x86_64",
    ]
    return [*told, *(reason for _, reason in DATA_MODEL.get(arch, ()))]


def oldest_musl(arch: Arch) -> Musl:
    """Return the oldest musl that is served: before 1.2 time_t was 32-bit where ``long`` is."""
    return OLDEST if arch.pointer_width == 64 else Musl(major=1, minor=2)


def section(document: Mapping[str, JsonValue], name: str) -> Mapping[str, JsonValue]:
    """Return the object `name` of a document."""
    found = document[name]
    assert isinstance(found, Mapping)
    return found


def list_of(value: JsonValue) -> list[JsonValue]:
    """Return a value that is a list."""
    assert isinstance(value, list)
    return value


if __name__ == "__main__":
    main()
