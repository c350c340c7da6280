"""Runnable target Pythons for the tests: Debian's own packages, unpacked beside each other, run by qemu-user.

Nothing is installed: a private apt directory per architecture resolves and downloads, `dpkg-deb -x` unpacks. The
mirror, its keys and the proxy are those of this machine's own apt configuration. crosswheel itself never runs a
target's program; only the tests do, to see that what was built works.

    python tests/e2e/target_pythons.py              # set up all, print where they are
    python tests/e2e/target_pythons.py aarch64      # one architecture
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = [
    "ARCHES",
    "RECIPES",
    "Recipe",
    "TargetPython",
    "cache_root",
    "debian_mirror",
    "download_packages",
    "make_once",
    "merge_usr",
    "private_apt",
    "recipe_for",
    "run_command",
    "run_target_python",
    "target_python",
    "unpack_package",
]

# Raise it when the way a tree is made changes, so that old caches are not taken for new ones.
_METHOD = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """How to come by one target Python.

    Attributes:
        arch: architecture as crosswheel names it.
        version: ``X.Y``.
        suite: Debian release that has it.
        debian: Debian's name of the architecture.
        qemu: qemu's name of the architecture.
        multiarch: Debian's multiarch triplet.
    """

    arch: str
    version: str
    suite: str
    debian: str
    qemu: str
    multiarch: str

    @property
    def packages(self) -> tuple[str, ...]:
        """Packages that are needed with all they depend on, to run it and the wheels it imports."""
        return (f"python{self.version}-minimal", f"libpython{self.version}-stdlib", "libstdc++6", "libgomp1")

    @property
    def lone_packages(self) -> tuple[str, ...]:
        """Packages taken alone: their dependencies (libc6-dev) would put a C library's headers into the tree."""
        return (f"libpython{self.version}-dev", f"libpython{self.version}")

    @property
    def key(self) -> str:
        """Cache key: changes when, and only when, the recipe does."""
        told = {**asdict(self), "method": _METHOD, "packages": [*self.packages, *self.lone_packages]}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


ARCHES = (
    ("x86_64", "amd64", "x86_64", "x86_64-linux-gnu"),
    ("aarch64", "arm64", "aarch64", "aarch64-linux-gnu"),
    ("armv7l", "armhf", "arm", "arm-linux-gnueabihf"),
    ("i686", "i386", "i386", "i386-linux-gnu"),
    ("ppc64le", "ppc64el", "ppc64le", "powerpc64le-linux-gnu"),
    ("s390x", "s390x", "s390x", "s390x-linux-gnu"),
    ("riscv64", "riscv64", "riscv64", "riscv64-linux-gnu"),
)
# riscv64 is no architecture of Debian 12, and Debian 13's Python is 3.13.
_SETS = {
    ("3.11", "bookworm"): ("x86_64", "aarch64", "armv7l", "i686", "ppc64le", "s390x"),
    ("3.13", "trixie"): ("riscv64", "aarch64", "x86_64"),
}

RECIPES: tuple[Recipe, ...] = tuple(
    Recipe(arch=arch, version=version, suite=suite, debian=debian, qemu=qemu, multiarch=multiarch)
    for (version, suite), wanted in _SETS.items()
    for arch, debian, qemu, multiarch in ARCHES
    if arch in wanted
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetPython:
    """An unpacked target Python.

    Attributes:
        recipe: where it came from.
        root: the tree that is its ``/``.
        program: the interpreter's file, where it is not Debian's.
    """

    recipe: Recipe
    root: Path
    program: Path | None = None

    @property
    def executable(self) -> Path:
        """The interpreter's file; it runs under qemu only."""
        return self.program or self.root / "usr" / "bin" / f"python{self.recipe.version}"

    @property
    def packages(self) -> dict[str, str]:
        """Version by name of the Debian packages it was unpacked from."""
        found: dict[str, str] = json.loads((self.root.parent / "packages.json").read_text())
        return found

    def command(self) -> list[str]:
        """Return the command that starts it on this machine."""
        return [qemu_program(self.recipe), "-L", str(self.root), str(self.executable)]


def cache_root() -> Path:
    """Return where the tests keep what is slow to make: outside the checkout, shared by all of them."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "crosswheel-tests"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def make_once(destination: Path, fill: Callable[[Path], None]) -> Path:
    """Fill `destination` once, whole or not at all, however many processes ask for it at the same time."""
    if destination.is_dir():
        return destination
    with _locked(destination.with_name(destination.name + ".lock")):
        if not destination.is_dir():
            scratch = Path(tempfile.mkdtemp(prefix=destination.name + ".", dir=destination.parent))
            try:
                fill(scratch)
                scratch.chmod(0o755)
                scratch.rename(destination)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    return destination


def recipe_for(arch: str, version: str) -> Recipe:
    """Return the recipe of `arch` and `version`, or say which there are."""
    for recipe in RECIPES:
        if (recipe.arch, recipe.version) == (arch, version):
            return recipe
    known = ", ".join(f"{recipe.arch} {recipe.version}" for recipe in RECIPES)
    raise LookupError(
        f"cannot set up target Python '{arch} {version}': there is no recipe; use one of {known}"
    )


def target_python(arch: str, version: str = "3.11") -> TargetPython:
    """Return the target Python of `arch`, made and started once if it is not there yet."""
    recipe = recipe_for(arch, version)
    name = f"{recipe.version}-{recipe.arch}-{recipe.key}"

    def fill(scratch: Path) -> None:
        unpack_packages(recipe, scratch)
        _see_it_start(TargetPython(recipe=recipe, root=scratch / "root"))

    made = make_once(cache_root() / "target-pythons" / name, fill)
    return TargetPython(recipe=recipe, root=made / "root")


def run_target_python(
    target: TargetPython,
    code: str,
    pythonpath: Path | Sequence[Path] = (),
    *,
    timeout: float = 300,
    arguments: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:
    """Run `code` in the target Python and return what it printed; its exit status is the caller's to judge."""
    folders = [pythonpath] if isinstance(pythonpath, Path) else list(pythonpath)
    return subprocess.run(
        [*target.command(), "-B", "-c", code, *arguments],
        env=target_environment(folders),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def target_environment(pythonpath: Sequence[Path]) -> dict[str, str]:
    """Return the whole environment of a target process: nothing of this machine's leaks into it."""
    return {
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "PATH": "/usr/bin:/bin",
        "PYTHONNOUSERSITE": "1",
        "PYTHONPATH": os.pathsep.join(str(folder) for folder in pythonpath),
    }


def qemu_program(recipe: Recipe) -> str:
    """Return the user-mode emulator for `recipe`."""
    for name in (f"qemu-{recipe.qemu}-static", f"qemu-{recipe.qemu}"):
        found = shutil.which(name)
        if found:
            return found
    raise LookupError(f"cannot find 'qemu-{recipe.qemu}-static': install Debian's qemu-user-static")


_PROBE = """
import bz2, ctypes, hashlib, json, lzma, platform, sqlite3, ssl, struct, sys, sysconfig, uuid, zlib
print(json.dumps({
    "version": "%d.%d" % sys.version_info[:2],
    "multiarch": sys.implementation._multiarch,
    "include": sysconfig.get_path("include"),
}))
"""


def _see_it_start(target: TargetPython) -> None:
    """Start the interpreter and compare what it says of itself with the recipe."""
    done = run_target_python(target, _PROBE)
    if done.returncode:
        raise RuntimeError(f"{target.recipe.arch} Python does not start under qemu:\n{done.stderr}")
    facts = json.loads(done.stdout)
    expected = {
        "version": target.recipe.version,
        "multiarch": target.recipe.multiarch,
        "include": str(target.root / "usr" / "include" / f"python{target.recipe.version}"),
    }
    if facts != expected:
        raise RuntimeError(f"the wrong Python started: {facts}, not {expected}")


def unpack_packages(recipe: Recipe, destination: Path) -> None:
    """Download the recipe's packages and unpack them below ``destination/root``."""
    with tempfile.TemporaryDirectory(prefix="crosswheel-apt-") as scratch:
        archives = download_packages(recipe, Path(scratch), recipe.packages, lone=recipe.lone_packages)
        versions: dict[str, str] = {}
        root = destination / "root"
        merge_usr(root)
        for archive in archives:
            fields = run_command(
                ["dpkg-deb", "--show", "--showformat", "${Package} ${Version}", str(archive)]
            )
            name, _, version = fields.partition(" ")
            versions[name] = version
            unpack_package(archive, root)
    _relative_links(root)
    (destination / "packages.json").write_text(json.dumps(versions, indent=1, sort_keys=True) + "\n")


def merge_usr(root: Path) -> None:
    """Make ``/lib`` and its like links into ``/usr``, as on a Debian system since 12."""
    for name in ("bin", "lib", "lib32", "lib64", "libx32", "sbin"):
        (root / "usr" / name).mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(f"usr/{name}")


def download_packages(
    recipe: Recipe,
    scratch: Path,
    packages: Sequence[str],
    *,
    lone: Sequence[str] = (),
    present: Sequence[str] = (),
) -> list[Path]:
    """Download packages of the recipe's suite and architecture below `scratch`, those of `lone` without what they need.

    Packages called `present` are taken for installed, and so is all they need.
    """
    apt = private_apt(scratch, recipe)
    entries = (
        "Package: {}\nStatus: install ok installed\nVersion: 99\nArchitecture: {}\nMulti-Arch: foreign\n"
    )
    (scratch / "status").write_text("\n".join(entries.format(name, recipe.debian) for name in present))
    archives = scratch / "archives"
    run_command([*apt, "update"], cwd=archives)
    if packages:
        run_command(
            [*apt, "install", "--yes", "--download-only", "--no-install-recommends", *packages], cwd=archives
        )
    if lone:
        run_command([*apt, "download", *lone], cwd=archives)
    return sorted(archives.glob("*.deb"))


def unpack_package(archive: Path, root: Path) -> None:
    """Unpack a package: through tar and not `dpkg-deb -x`, which would replace the links of a merged /usr by folders."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(archive)], stdout=subprocess.PIPE) as source:
        subprocess.run(
            ["tar", "-x", "--keep-directory-symlink", "--no-same-owner", "-C", str(root)],
            stdin=source.stdout,
            check=True,
        )
    if source.returncode:
        raise RuntimeError(f"cannot unpack {archive.name}")


def _relative_links(root: Path) -> None:
    """Make absolute links relative: else the amd64 tree silently runs with this machine's own loader."""
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder) / name
            if path.is_symlink() and os.readlink(path).startswith("/"):  # noqa: PTH115  # the text matters
                inside = root / os.readlink(path).lstrip("/")  # noqa: PTH115
                path.unlink()
                path.symlink_to(os.path.relpath(inside, path.parent))


def private_apt(scratch: Path, recipe: Recipe, *, sources: bool = False) -> list[str]:
    """Return an ``apt-get`` that knows one suite and one architecture and writes below `scratch` only.

    Args:
        scratch: an empty folder.
        recipe: names the suite and the architecture.
        sources: whether source packages are known, too.
    """
    for folder in ("state/lists/partial", "cache", "archives/partial", "etc"):
        (scratch / folder).mkdir(parents=True)
    (scratch / "status").touch()
    mirror, signed_by = debian_mirror()
    options = f" [signed-by={signed_by}]" if signed_by.startswith("/") else ""
    kinds = ("deb", "deb-src") if sources else ("deb",)
    lines = "".join(f"{kind}{options} {mirror} {recipe.suite} main\n" for kind in kinds)
    (scratch / "etc" / "sources.list").write_text(lines)
    configuration = scratch / "apt.conf"
    configuration.write_text(
        f"""
{_acquire_settings()}
Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "{scratch}/etc/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "{scratch}/state";
Dir::State::status "{scratch}/status";
Dir::Cache "{scratch}/cache";
Dir::Cache::archives "{scratch}/archives";
APT::Architecture "{recipe.debian}";
APT::Architectures {{ "{recipe.debian}"; }};
APT::Sandbox::User "";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
"""
    )
    return ["env", f"APT_CONFIG={configuration}", "apt-get", "--quiet"]


def _acquire_settings() -> str:
    """Return this machine's own settings for downloads: proxies, certificates, retries."""
    dumped = run_command(["apt-config", "dump", "Acquire"])
    return "\n".join(line for line in dumped.splitlines() if not line.startswith("Acquire::IndexTargets"))


def debian_mirror() -> tuple[str, str]:
    """Return the Debian mirror this machine uses and the keyring it trusts for it."""
    form = "$(REPO_URI)\t$(RELEASE)\t$(COMPONENT)\t$(SIGNED_BY)"
    lines = run_command(["apt-get", "indextargets", "--format", form, "Created-By: Packages"]).splitlines()
    release = {
        name.partition("=")[0]: name.partition("=")[2].strip('"')
        for name in Path("/etc/os-release").read_text().splitlines()
    }
    wanted = {release.get("VERSION_CODENAME", ""), "stable", "oldstable", "testing"} - {""}
    for line in lines:
        uri, suite, component, signed_by = (*line.split("\t"), "", "", "")[:4]
        if suite in wanted and component == "main":
            return uri, signed_by
    raise LookupError(
        "cannot find this machine's Debian mirror: `apt-get indextargets` names no 'main' of its release"
    )


def run_command(command: Sequence[str], *, cwd: Path | None = None) -> str:
    """Run a command that has to succeed and return its standard output."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\nfailed with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def main(arguments: Sequence[str]) -> None:
    """Set up the target Pythons of the architectures named, or all."""
    parser = argparse.ArgumentParser(description="Set up the target Pythons of the tests.")
    parser.add_argument("arch", nargs="*", help="architectures; default: all")
    wanted = parser.parse_args(arguments).arch
    for recipe in RECIPES:
        if not wanted or recipe.arch in wanted:
            made = target_python(recipe.arch, recipe.version)
            version = made.packages[f"libpython{recipe.version}-minimal"]
            print(f"{recipe.arch:8} {recipe.version} (Debian {version}): {made.root}")


if __name__ == "__main__":
    main(sys.argv[1:])
