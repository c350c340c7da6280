"""A real Bazel for the tests: Debian's `bazel-bootstrap` of a newer release, made to run here without being installed.

That release needs a newer C library and a newer Java than this machine has, so the bundle has its own of both. Debian's
Bazel resolves modules from folders it names by `--override_module`; the bundle's `bazelrc` does that for its own.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from e2e.debian_bundles import (
    UnpackedSystem,
    copy_folder,
    copy_libraries,
    download_newer,
    loader_name,
    needed_libraries,
    relocate,
)
from e2e.target_pythons import cache_root, make_once, run_command

__all__ = ["Bundle", "bazel_bundle"]

#: What is asked of apt. Bazel does not say that it needs BLAKE3, and without it quietly loads no native code.
_WANTED = ("bazel-bootstrap", "bazel-rules-shell", "libblake3-0")
#: What comes along and is no part of a Bazel that compiles no C and is not installed.
_UNUSED = re.compile(
    r"(gcc|g\+\+|cpp|binutils|build-ess|make|dpkg|perl|libperl|python3|libpython|linux-libc|node|libnode|libjs-|apt|bash|"
    r"coreutils|util-linux|mount|login|passwd|systemd|tzdata|debconf|ca-cert|lib[atlhu]{1,2}san|libcc1|libisl|junit|maven|"
    r"async-prof|velocity$)|.*(-dev$|-jdk-)"
)
#: Of Java, what no program reads.
_UNREAD = frozenset({"jmods", "man", "legal", "docs", "src.zip", "ct.sym"})
#: Modules as Debian has them, below its folder.
_MODULES = {
    "bazel_features": "tools/features",
    "bazel_skylib": "tools/skylib",
    "platforms": "tools/platforms",
    "rules_cc": "rules/cc",
    "rules_java": "rules/java",
    "rules_license": "rules/license",
    "rules_proto": "rules/proto",
    "rules_python": "rules/python",
}
#: Modules that Bazel's own tools ask for and Debian does not have. Nothing of them is used here.
_EMPTY_MODULES = {
    "apple_support": "1.23.1",
    "buildozer": "7.1.2",
    "protobuf": "3.19.6",
    "zlib": "1.3.1.bcr.3",
}
_BUILDOZER = """\
buildozer_binary = module_extension(implementation = lambda mctx: _empty(name = "buildozer_binary"))
_empty = repository_rule(implementation = lambda rctx: rctx.file("BUILD.bazel", ""))
"""
#: Java itself loads Bazel's native code, which does not name what it needs.
_LOADED = ("libstdc++.so.6", "libblake3.so.0")
_JARS = "bazel_classpath_debian_depends.txt"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """Where things are.

    Attributes:
        root: the folder that is or will be the bundle's own; its files name it.
        made: where they are written: the same, or a scratch folder beside it.
    """

    root: Path
    made: Path

    @property
    def program(self) -> Path:
        """The command `bazel`, which finds all else by itself."""
        return self.root / "bin" / "run-bazel"

    def module(self, name: str) -> Path:
        """Return the folder of a module of Debian's, below ``share/bazel``."""
        return self.root / "share" / "bazel" / name


def bazel_bundle() -> Bundle:
    """Return the bundle, made if this recipe has not been followed before."""
    sources = (Path(__file__), Path(__file__).with_name("debian_bundles.py"))
    recipe = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    root = cache_root() / f"bazel-{recipe}"
    make_once(root, lambda scratch: _make(Bundle(root=root, made=scratch)))
    return Bundle(root=root, made=root)


def _make(bundle: Bundle) -> None:
    with tempfile.TemporaryDirectory(prefix="crosswheel-bazel-") as scratch:
        root = Path(scratch) / "root"
        for archive in download_newer(Path(scratch), _WANTED, _UNUSED):
            run_command(["dpkg-deb", "-x", str(archive), str(root)])
        system = UnpackedSystem(root)
        copy_folder(system, root / "usr" / "share" / "bazel", bundle.made / "share" / "bazel")
        (java,) = (one for one in root.glob("usr/lib/jvm/java-*-openjdk-*") if not one.is_symlink())
        copy_folder(system, java, bundle.made / "jdk", _UNREAD)
        (bundle.made / "bin").mkdir()
        shutil.copy2(root / "usr" / "bin" / "bazel", bundle.made / "bin" / "bazel")
        _copy_jars(system, bundle)
        _make_relocated(system, bundle)
    _write_modules(bundle)


def _copy_jars(system: UnpackedSystem, bundle: Bundle) -> None:
    """Copy the Java libraries Bazel starts with, and those that they name, and list them at their new place."""
    listing = bundle.made / "share" / "bazel" / _JARS
    (bundle.made / "jar").mkdir()
    pending, found = listing.read_text().split(), dict[str, None]()
    while pending:
        jar = pending.pop(0)
        real = system.real(system.root / jar.lstrip("/"))
        if jar in found or not real.exists():
            continue
        found[jar] = None
        shutil.copy2(real, bundle.made / "jar" / Path(jar).name)
        pending += _named_jars(real)
    listing.write_text("".join(f"{bundle.root}/jar/{Path(jar).name}\n" for jar in found))


def _named_jars(jar: Path) -> Iterator[str]:
    """Yield the libraries that the manifest of one names, as paths of the system."""
    manifest = zipfile.ZipFile(jar).read("META-INF/MANIFEST.MF").decode().replace("\r", "").replace("\n ", "")
    for line in re.findall(r"^Class-Path: (.*)$", manifest, re.MULTILINE):
        for name in line.split():
            yield os.path.normpath(os.path.join("/usr/share/java", name.removeprefix("file://")))  # noqa: PTH118


def _make_relocated(system: UnpackedSystem, bundle: Bundle) -> None:
    """Give the programs a loader and libraries of the bundle's own."""
    share = bundle.made / "share" / "bazel"
    java = bundle.made / "jdk" / "bin" / "java"
    programs = [bundle.made / "bin" / "bazel", java, bundle.made / "jdk" / "lib" / "jspawnhelper"]
    programs += [share / "embedded_tools" / "tools" / "zip" / "zipper" / "zipper"]
    programs += [share / name for name in ("build-runfiles", "daemonize", "linux-sandbox", "process-wrapper")]
    loader = loader_name(programs[0])
    (bundle.made / "lib").mkdir()
    needed = needed_libraries([*programs, *(bundle.made / "jdk" / "lib").rglob("*.so")])
    copy_libraries(system, bundle.made / "lib", [loader, *_LOADED, *needed])
    libraries = [bundle.root / "lib", bundle.root / "jdk" / "lib"]
    for program in programs:
        relocate(program, bundle.root / "lib" / loader, libraries, _LOADED if program == java else ())


def _write_modules(bundle: Bundle) -> None:
    """Write the modules nobody has, and what Bazel is always told."""
    for name, version in _EMPTY_MODULES.items():
        folder = bundle.made / "stubs" / name
        folder.mkdir(parents=True)
        (folder / "BUILD.bazel").touch()
        (folder / "MODULE.bazel").write_text(f'module(name = "{name}", version = "{version}")\n')
    (bundle.made / "stubs" / "buildozer" / "buildozer_binary.bzl").write_text(_BUILDOZER)
    modules = {name: bundle.module(path) for name, path in _MODULES.items()}
    modules |= {name: bundle.root / "stubs" / name for name in _EMPTY_MODULES}
    (bundle.made / "bazelrc").write_text(_bazelrc(bundle, modules))
    program = bundle.made / "bin" / "run-bazel"
    program.write_text(
        f'#!/bin/sh\nexec {bundle.root}/bin/bazel --nosystem_rc --bazelrc={bundle.root}/bazelrc "$@"\n'
    )
    program.chmod(0o755)


def _bazelrc(bundle: Bundle, modules: Mapping[str, Path]) -> str:
    """Return the options of every call. A module that no folder is named for is not looked for elsewhere.

    Debian's Bazel cannot read a MODULE.bazel.lock, and dies of one.
    """
    share = bundle.root / "share" / "bazel"
    overrides = "".join(f"common --override_module={name}={path}\n" for name, path in sorted(modules.items()))
    return (
        f"startup --install_base={share} --trust_install_base --server_javabase={bundle.root}/jdk\n"
        "startup --host_jvm_args=-XX:TieredStopAtLevel=1 --host_jvm_args=-XX:+UseSerialGC\n"
        f"common --noenable_workspace --lockfile_mode=off --registry=file://{bundle.root}/stubs/none\n"
        f"{overrides}"
    )


if __name__ == "__main__":
    made = bazel_bundle()
    subprocess.run([made.program, *sys.argv[1:]], check=True)
