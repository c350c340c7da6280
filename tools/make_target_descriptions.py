"""Make toolchains/targets/*.json: a maintainer's program, run when a Python or an architecture is added.

It reads Debian's Python packages of each architecture (downloaded into a folder outside the checkout by a private
apt, nothing is installed) and derives the descriptions that no Debian package exists for. What is derived, from what
and by which rule stands in the `provenance` of each file.

    python tools/make_target_descriptions.py \
        --cache ~/.cache/crosswheel-tests/describe \
        --pyconfig 3.10.13=.../include/python3.10/pyconfig.h --pyconfig 3.12.1=.../include/python3.12/pyconfig.h
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from crosswheel.act.target_python.describe import describe
from crosswheel.target.descriptions import LONG_DOUBLE_FORMATS, SCHEMA, TargetDescription, description_id
from crosswheel.target.pyconfig import PyConfig, parse_pyconfig
from crosswheel.target.targets import Target
from crosswheel.target.triples import debian_multiarch, gnu_triple
from crosswheel.values.canonical_json import JsonValue, pretty_json
from crosswheel.values.digests import digest_of
from crosswheel.values.platforms import Arch, Linux, Platform, glibc_floor
from crosswheel.values.python_abi import PythonAbi, parse_python_version

DEBIAN_ARCHITECTURES = {
    Arch.X86_64: "amd64",
    Arch.AARCH64: "arm64",
    Arch.ARMV7L: "armhf",
    Arch.I686: "i386",
    Arch.S390X: "s390x",
    Arch.PPC64LE: "ppc64el",
    Arch.RISCV64: "riscv64",
}
#: Debian's suite of each Python version, and the architectures it has it for.
SUITES = {
    "3.11": ("bookworm", tuple(arch for arch in DEBIAN_ARCHITECTURES if arch is not Arch.RISCV64)),
    "3.13": ("trixie", tuple(DEBIAN_ARCHITECTURES)),
    "3.14": ("forky", tuple(DEBIAN_ARCHITECTURES)),
}
#: Versions Debian has not, and the neighbours whose differences between architectures they take over.
NEIGHBOURS = {"3.10": ("3.11",), "3.12": ("3.11", "3.13")}
#: The version whose differences serve where Debian has the version but not the architecture.
LATER = {"3.10": "3.13", "3.11": "3.13", "3.12": "3.13"}
FREE_THREADED = ("3.13", "3.14")
#: The suite whose C library tells since when each function exists.
LIBC_SUITE = "forky"

#: Functions whose symbol is newer than the function: before glibc 2.33 they were linked into each program.
LINKED_IN_BEFORE = frozenset({"FSTATAT", "LSTAT", "MKNOD", "MKNODAT", "STAT", "FSTAT"})
#: Where Debian's own build differs from what a compiler for the target does by default.
#: Debian compiles armhf with -D_TIME_BITS=64 since trixie; manylinux and zig do not.
COMPILER_DEFAULTS: Mapping[Arch, Mapping[str, str]] = {Arch.ARMV7L: {"SIZEOF_TIME_T": "4"}}

Differences = Mapping[str, "str | None"]


def main() -> None:
    """Download, derive, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--cache", type=Path, required=True, help="folder for downloads, outside the checkout"
    )
    parser.add_argument("--mirror", help="Debian mirror (default: the one this machine's apt uses)")
    parser.add_argument("--pyconfig", action="append", default=[], metavar="VERSION=FILE")
    parser.add_argument(
        "--output", type=Path, default=Path(__file__).parent.parent / "toolchains" / "targets"
    )
    arguments = parser.parse_args()

    apt = PrivateApt(arguments.cache, arguments.mirror)
    since = function_versions(apt.package("libc6", Arch.X86_64, LIBC_SUITE))
    described = {
        (version, arch): describe(apt.python(version, arch, suite))
        for version, (suite, archs) in SUITES.items()
        for arch in archs
    }
    differences = {key: differences_of(described, *key) for key in described}
    texts = dict(item.split("=", 1) for item in arguments.pyconfig)
    arguments.output.mkdir(parents=True, exist_ok=True)

    for version in SUITES:
        base = described[version, Arch.X86_64]
        write_baseline(arguments.output, version, base.pyconfig, since, base.provenance)
    for full, file in texts.items():
        version = ".".join(full.split(".")[:2])
        text = Path(file).read_text("utf-8")
        provenance: dict[str, JsonValue] = {
            "derived": False,
            "origin": f"CPython {full} configured on Linux x86_64 with glibc 2.36",
            "files": {"pyconfig.h": str(digest_of(text.encode()))},
        }
        config = parse_pyconfig(text)
        write_baseline(arguments.output, version, config, since, provenance)
        for arch in DEBIAN_ARCHITECTURES:
            sources = [source for source in NEIGHBOURS[version] if (source, arch) in differences]
            sources = sources or [LATER[version]]
            merged = {
                name: value
                for source in sources
                for name, value in differences[source, arch].items()
                if name in config.macros
            }
            write_derived(arguments.output, version, arch, merged, sources, config)
    for version, (_, archs) in SUITES.items():
        for arch in DEBIAN_ARCHITECTURES:
            known = described[version, Arch.X86_64].pyconfig
            if arch in archs:
                write_described(arguments.output, described[version, arch], differences[version, arch])
                own = differences[version, arch]
            else:
                own = {k: v for k, v in differences[LATER[version], arch].items() if k in known.macros}
                write_derived(arguments.output, version, arch, own, [LATER[version]], known)
            if version in FREE_THREADED:
                threads = {**own, "Py_GIL_DISABLED": "1"}
                write_derived(arguments.output, version + "t", arch, threads, [version], known)


class PrivateApt:
    """apt with folders of its own: nothing is installed and the machine's own lists stay as they are."""

    def __init__(self, cache: Path, mirror: str | None) -> None:
        self.root = cache.resolve()
        for folder in (
            "etc/apt.conf.d",
            "etc/preferences.d",
            "state/lists/partial",
            "cache/archives/partial",
        ):
            (self.root / "apt" / folder).mkdir(parents=True, exist_ok=True)
        (self.root / "debs").mkdir(exist_ok=True)
        (self.root / "apt/state/status").touch()
        suites = sorted({suite for suite, _ in SUITES.values()})
        key = "/usr/share/keyrings/debian-archive-keyring.gpg"
        sources = "".join(
            f"deb [signed-by={key}] {mirror or own_mirror()} {suite} main\n" for suite in suites
        )
        (self.root / "apt/etc/sources.list").write_text(sources)
        architectures = " ".join(f'"{name}";' for name in DEBIAN_ARCHITECTURES.values())
        configuration = self.root / "apt/apt.conf"
        configuration.write_text(
            f'Dir::State "{self.root}/apt/state"; Dir::State::status "{self.root}/apt/state/status";\n'
            f'Dir::Cache "{self.root}/apt/cache"; Dir::Etc "{self.root}/apt/etc";\n'
            f'Dir::Etc::sourcelist "{self.root}/apt/etc/sources.list"; Dir::Etc::sourceparts "-";\n'
            f'APT::Architecture "amd64"; APT::Architectures {{{architectures}}};\n'
            'Acquire::Check-Valid-Until "false"; Acquire::Languages "none"; APT::Sandbox::User "root";\n'
        )
        self.environment = {**os.environ, "APT_CONFIG": str(configuration)}
        if not any((self.root / "apt/state/lists").glob("*Packages*")):
            subprocess.run(["apt-get", "update"], env=self.environment, check=True)

    def package(self, name: str, arch: Arch, suite: str) -> Path:
        """Return the downloaded package of `suite`."""
        qualified = f"{name}:{DEBIAN_ARCHITECTURES[arch]}"
        version = self._version(qualified, suite)
        pattern = f"{name}_{version.replace(':', '%3a')}_{DEBIAN_ARCHITECTURES[arch]}.deb"
        path = self.root / "debs" / pattern
        if not path.exists():
            subprocess.run(
                ["apt-get", "download", f"{qualified}={version}"],
                env=self.environment,
                cwd=path.parent,
                check=True,
            )
        return path

    def python(self, version: str, arch: Arch, suite: str) -> Path:
        """Return a folder with the packages that hold one Python's headers and build-time variables."""
        folder = self.root / "pythons" / f"{version}-{suite}-{arch.value}"
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.deb"):
            old.unlink()
        for part in ("dev", "minimal", "stdlib"):
            package = self.package(f"libpython{version}-{part}", arch, suite)
            (folder / package.name).symlink_to(package)
        return folder

    def _version(self, qualified: str, suite: str) -> str:
        result = subprocess.run(
            ["apt-cache", "madison", qualified],
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        for line in result.stdout.splitlines():
            _, version, source = (part.strip() for part in line.split("|"))
            if f" {suite}/" in source:
                return version
        raise SystemExit(f"{suite} has no {qualified}")


def own_mirror() -> str:
    """Return the Debian mirror that this machine's apt uses for its main archive."""
    result = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN)", "Created-By: Packages"],
        check=True,
        capture_output=True,
        text=True,
    )
    for line in result.stdout.splitlines():
        address, _, origin = line.partition(" ")
        if origin == "Debian":
            return address.rstrip("/")
    raise SystemExit("this machine's apt knows no Debian mirror; give --mirror")


def function_versions(package: Path) -> dict[str, tuple[int, int]]:
    """Return since which glibc each function exists: the oldest version any of its symbols carries."""
    folder = package.parent.parent / "libc"
    folder.mkdir(exist_ok=True)
    subprocess.run(["dpkg-deb", "-x", str(package), str(folder)], check=True)
    since: dict[str, tuple[int, int]] = {}
    pattern = re.compile(r" (?:FUNC|IFUNC)\s+(?:GLOBAL|WEAK)\s+DEFAULT\s+\d+ (\w+)@@?GLIBC_(\d+)\.(\d+)")
    for library in (*folder.rglob("libc.so.6"), *folder.rglob("libm.so.6"), *folder.rglob("librt.so.1")):
        symbols = subprocess.run(
            ["readelf", "-W", "--dyn-syms", str(library)], check=True, capture_output=True, text=True
        ).stdout
        for name, major, minor in pattern.findall(symbols):
            version = (int(major), int(minor))
            since[name.upper()] = min(version, since.get(name.upper(), version))
    return since


def differences_of(
    described: Mapping[tuple[str, Arch], TargetDescription], version: str, arch: Arch
) -> dict[str, str | None]:
    """Return the macros of `arch` that differ from x86_64's."""
    base, own = described[version, Arch.X86_64].pyconfig.macros, described[version, arch].pyconfig.macros
    changed = {name: own.get(name) for name in sorted({*base, *own}) if own.get(name) != base.get(name)}
    return {**changed, **COMPILER_DEFAULTS.get(arch, {})}


def write_baseline(
    output: Path,
    version: str,
    config: PyConfig,
    since: Mapping[str, tuple[int, int]],
    provenance: Mapping[str, JsonValue],
) -> None:
    """Write the macros of x86_64, and since which glibc those that tell of a function hold."""
    oldest = glibc_floor(Arch.X86_64)
    functions = {
        name: f"{first[0]}.{first[1]}"
        for name in sorted(config.macros)
        if config.macros[name] == "1"
        and (function := name.removeprefix("HAVE_")) != name
        and function not in LINKED_IN_BEFORE
        and (first := since.get(function)) is not None
        and first > (oldest.major, oldest.minor)
    }
    document: dict[str, JsonValue] = {
        "schema": SCHEMA,
        "python": version,
        "macros": dict(sorted(config.macros.items())),
        # s390x is the one architecture that defines it, inside a guard.
        "guarded": sorted({*config.guarded, "WORDS_BIGENDIAN"}),
        "since_glibc": functions,
        "provenance": dict(provenance),
    }
    (output / f"pyconfig-{version}.json").write_bytes(pretty_json(document))


def write_described(output: Path, description: TargetDescription, differences: Differences) -> None:
    """Write a description made from Debian's files."""
    provenance = dict(description.provenance)
    changed = COMPILER_DEFAULTS.get(description.platform.arch, {})
    own = {name: description.pyconfig.macros.get(name) for name in changed}
    if own != dict(changed):
        provenance["changed"] = [
            f"{name} is {changed[name]}, which is the compiler's default, not {own[name]}: Debian compiles with "
            "-D_TIME_BITS=64"
            for name in changed
        ]
    write(output, description, differences, provenance)


def write_derived(
    output: Path,
    version: str,
    arch: Arch,
    differences: Differences,
    sources: list[str],
    config: PyConfig,
) -> None:
    """Write a description made by rule."""
    python = parse_python_version(version)
    description = derived_description(python, arch, config)
    rules = [
        f"names follow CPython's rules for {python}",
        (
            f"pyconfig macros: those of pyconfig-{python.version}.json, with {arch.value}'s differences "
            f"from x86_64 in CPython {' and '.join(sources)}"
        ),
    ]
    if python.free_threaded:
        rules.append("Py_GIL_DISABLED is what --disable-gil changes in pyconfig.h")
    from_ = [f"cp{source.replace('.', '')}-linux_{arch.value}_glibc" for source in sources]
    write(output, description, differences, {"derived": True, "rules": rules, "from": from_})


def derived_description(python: PythonAbi, arch: Arch, config: PyConfig) -> TargetDescription:
    """Return the description that CPython's naming rules give."""
    floor = glibc_floor(arch)
    platform = Platform(os=Linux(libc=floor), arch=arch)
    multiarch = debian_multiarch(platform)
    soabi = f"cpython-{python.major}{python.minor}{python.flags}-{multiarch}"
    stable = "" if python.free_threaded else ".abi3.so"
    return TargetDescription(
        python=python,
        platform=platform,
        oldest_libc=(floor.major, floor.minor),
        soabi=soabi,
        ext_suffix=f".{soabi}.so",
        stable_abi_suffix=stable,
        extension_suffixes=tuple(filter(None, (f".{soabi}.so", stable, ".so"))),
        cache_tag=f"cpython-{python.major}{python.minor}",
        multiarch=multiarch,
        gnu_triple=gnu_triple(platform),
        long_double_format=LONG_DOUBLE_FORMATS[arch],
        pyconfig=config,
        provenance={},
    )


def write(
    output: Path,
    description: TargetDescription,
    differences: Differences,
    provenance: Mapping[str, JsonValue],
) -> None:
    """Write one shipped description: the whole document but for the macros that the baseline has."""
    target = Target(python=description.python, platform=description.platform)
    whole = dataclasses.replace(
        description,
        pyconfig=PyConfig(
            macros={**description.pyconfig.macros, **differences}, guarded=description.pyconfig.guarded
        ),
    ).to_json()
    platform = whole["platform"]
    assert isinstance(platform, Mapping)
    document: dict[str, JsonValue] = {
        **whole,
        "platform": {key: value for key, value in platform.items() if key != "libc_version"},
        "pyconfig": {
            "baseline": f"pyconfig-{description.python.version}.json",
            "macros": dict(sorted(differences.items())),
        },
        "provenance": dict(provenance),
    }
    (output / f"{description_id(target)}.json").write_bytes(pretty_json(document))


if __name__ == "__main__":
    main()
