"""The folders of one build and what stands in them: source tree, environment, rendered target, toolchain, cache.

What depends only on digests is made once and kept in the store; what a build may write to is its own and thrown away.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from crosswheel.act.building.build_downloads import download_facts, fill_downloads
from crosswheel.act.building.build_environment import (
    compile_modules,
    environment_facts,
    make_environment,
    site_packages_of,
)
from crosswheel.act.building.build_log import StepFailedError
from crosswheel.act.building.build_request import BuildRequest
from crosswheel.act.building.cross_python import (
    BYTE_ORDER_GUARD,
    activate_in,
    build_environment_variables,
    write_cross_python,
)
from crosswheel.act.building.recipe import recipe_digest
from crosswheel.act.building.rust_archives import prepare_rust
from crosswheel.act.building.sandbox import Mounts, Sandbox
from crosswheel.act.building.sdist import normalize_tree, unpack_crate, unpack_sdist
from crosswheel.act.building.source_languages import source_languages
from crosswheel.act.building.toolchain import write_launchers
from crosswheel.act.building.zig import copy_cache, prepare_zig, warm_cache
from crosswheel.act.machine_platform import build_machine_platform
from crosswheel.act.storage.store import digest_of_file
from crosswheel.act.sysroot.assembly import (
    SysrootRequest,
    assemble_sysroot,
    package_versions,
    read_link_table,
    sysroot_facts,
)
from crosswheel.render.build_paths import SANDBOX_PATHS, BuildPaths
from crosswheel.render.cargo import VENDOR, render_cargo_config, rust_environment, vendor_checksum
from crosswheel.render.download_settings import DOWNLOADS, download_folder, download_variables
from crosswheel.render.processor_text import processor_text
from crosswheel.render.sysroot_facts import names_sysroot_facts, with_sysroot_facts
from crosswheel.target.targets import Target
from crosswheel.target.triples import linked_rust_triple
from crosswheel.values.canonical_json import JsonValue, digest_of_json

if TYPE_CHECKING:
    from crosswheel.act.reporter import Reporter
    from crosswheel.act.storage.store import Store

__all__ = ["Workspace", "open_workspace"]

_WRITABLE = ("source", "output", "cache", "temporary", "home", "exchange")


@dataclass(kw_only=True, slots=True)
class Workspace:
    """One build's folders; not frozen, for what it can see grows while it is prepared.

    Attributes:
        request: what is built.
        store: where finished parts are kept.
        sandbox: what commands run in.
        scratch: the folder of this build on the build machine.
        paths: where things stand for the build.
        log: receives what all commands say.
        environment: the whole environment of all commands.
        read_only: what they can see besides their own folders.
        sysroot: the folder with libraries of the target, once it is in place; ``None`` without.
    """

    request: BuildRequest
    store: Store
    sandbox: Sandbox
    scratch: Path
    paths: BuildPaths
    log: Path
    environment: Mapping[str, str]
    read_only: list[tuple[Path, str]]
    sysroot: Path | None = None
    _kept_sysroot: Path | None = None

    def kept_sysroot(self) -> Path | None:
        """Return the sysroot in the store, which outlives the build."""
        return self._kept_sysroot

    @property
    def source(self) -> Path:
        """The source tree, on the build machine."""
        return self.scratch / "source"

    @property
    def output(self) -> Path:
        """Where the backend leaves the wheel, on the build machine."""
        return self.scratch / "output"

    @property
    def exchange(self) -> Path:
        """Where request and result of a hook lie, on the build machine."""
        return self.scratch / "exchange"

    @property
    def exchange_seen(self) -> str:
        """The same folder as commands see it."""
        return f"{Path(self.paths.source).parent}/exchange"

    @property
    def drive_seen(self) -> str:
        """The program that calls hooks, as commands see it."""
        return f"{Path(self.paths.target).parent}/drive/drive.py"

    def run(self, command: Sequence[str], *, working_directory: str) -> int:
        """Run `command` in the sandbox and return its exit code; what it says goes to the log."""
        parent = Path(self.paths.source).parent
        writable = tuple((self.scratch / name, f"{parent}/{name}") for name in _WRITABLE)
        mounts = Mounts(
            read_only=tuple(self.read_only),
            writable=writable,
            build_python=self.request.build_python,
            processor=processor_text(self.request.target.platform.arch),
        )
        with self.log.open("ab", buffering=0) as log:
            return self.sandbox.run(
                command,
                mounts=mounts,
                environment=self.environment,
                working_directory=working_directory,
                log=log,
            )

    def unpack(self) -> None:
        """Put the patched source tree in place.

        Raises:
            BuildError: the sdist is refused.
            StepFailedError: a patch does not apply.
        """
        request = self.request
        unpacked = self.scratch / "unpacked"
        unpacked.mkdir()
        tree = unpack_sdist(
            request.sdist,
            unpacked,
            source_date_epoch=request.source_date_epoch,
            between=self.sandbox.check,
        )
        self.source.rmdir()
        tree.rename(self.source)
        self._patch()
        for place, lock in request.cargo_locks:
            shutil.copyfile(lock, self.source / place)
        if request.patches or request.cargo_locks:
            normalize_tree(self.source, request.source_date_epoch)

    def _patch(self) -> None:
        request = self.request
        if not request.patches:
            return
        folder = self.scratch / "patches"
        folder.mkdir()
        for number, patch in enumerate(request.patches, start=1):
            shutil.copyfile(patch, folder / f"{number}.patch")
        seen = f"{Path(self.paths.target).parent}/patches"
        self.read_only.append((folder, seen))
        for number, patch in enumerate(request.patches, start=1):
            command = [
                "patch",
                "-p1",
                "--batch",
                "--forward",
                "--no-backup-if-mismatch",
                "-i",
                f"{seen}/{number}.patch",
            ]
            if self.run(["/usr/bin/env", *command], working_directory=self.paths.source) != 0:
                raise StepFailedError(
                    f"the patch '{patch.name}' does not apply to it", "make the patch against this release"
                )

    def prepare(self, *, compiles: bool, reporter: Reporter) -> None:
        """Put environment, rendered target and toolchain in place.

        Args:
            compiles: whether a wheel is built; else the backend is only asked for its build requirements.
            reporter: hears of these being made.

        Raises:
            CheckError: a build requirement's wheel is damaged.
            InputError: the toolchain cannot compile for the target.
        """
        request, paths = self.request, self.paths
        self._place("drive", ["drive"], str(Path(self.drive_seen).parent), self._fill_drive)
        self._place(
            "build-environment",
            environment_facts(request.build_python, request.requirements, request.overlays),
            paths.environment,
            self._fill_environment,
        )
        headers = digest_of_file(request.headers).hex
        facts: list[JsonValue] = [request.description.to_json(), headers, request.source_date_epoch]
        self._place("cross-python", facts, paths.target, self._fill_target)
        if request.downloads:
            facts = [download_facts(request.downloads), request.source_date_epoch]
            self._place("downloads", facts, paths.downloads, self._fill_downloads)
        if request.sysroot is None:
            self._fill_in_facts()
        if request.toolchain is None:
            return
        zig = prepare_zig(self.store, request.toolchain, self.sandbox.check, target=request.target)
        self.read_only.append((zig, paths.zig))
        if request.rust:
            self._place_rust(request.rust, request.crates)
        facts = [
            request.target.id,
            str(request.build_python.executable),
            request.build_python.version,
            zig.name,
        ]
        if (own := request.own_toolchain) is not None:
            self.read_only += own.mounts(paths, sandbox=self.sandbox.kind)
            facts = [*facts, own.pin.id.hex]
        if request.sysroot is not None:
            sysroot = sysroot_facts(request.sysroot, request.target)
            self._place_sysroot(request.sysroot, [sysroot, zig.name], zig)
            facts = [*facts, sysroot]
        self._place("toolchain", facts, paths.toolchain, lambda folder: self._fill_toolchain(folder, zig))
        languages = source_languages(self.source, [wheel.name for wheel in request.requirements])
        if compiles and (languages.compiled or request.rust):
            self._copy_warm_caches(zig, cxx=languages.cxx, reporter=reporter)
        elif not compiles and request.sysroot is None:
            # It was asked without a compiler in vain, so it tries some C; with libraries it may only look for them.
            self._copy_warm_caches(zig, cxx=False, reporter=reporter)

    def _copy_warm_caches(self, zig: Path, *, cxx: bool, reporter: Reporter) -> None:
        request, rust = self.request, bool(self.request.rust)
        warm = partial(warm_cache, self.store, zig, sandbox=self.sandbox, cxx=cxx, reporter=reporter)
        if request.own_toolchain is None:
            copy_cache(warm(request.target, rust=rust), self.scratch / "cache", zig)
            rust = False  # done
        # Meson tries the build machine's compilers in any case.
        if rust or request.builds_with("meson", "meson_python"):
            here = Target(python=request.target.python, platform=build_machine_platform())
            copy_cache(warm(here, rust=rust, for_build_machine=True), self.scratch / "cache", zig)

    def _place_rust(self, archives: Sequence[Path], crates: Sequence[Path]) -> None:
        self.read_only.append((prepare_rust(self.store, archives, self.sandbox.check), self.paths.rust))
        facts: JsonValue = sorted([crate.name, digest_of_file(crate).hex] for crate in crates)
        self._place("crates", facts, self.paths.crates, self._fill_crates)

    def _place_sysroot(self, sysroot: SysrootRequest, facts: JsonValue, zig: Path) -> None:
        def fill(folder: Path, paths: BuildPaths) -> None:
            tools = f"{paths.toolchain}/bin"
            place = paths.sysroot
            assemble_sysroot(folder, sysroot, target=self.request.target, zig=zig, place=place, tools=tools)

        self.sysroot = self._place(
            "sysroot", facts, self.paths.sysroot, lambda folder: fill(folder, self.paths)
        )
        if self.sandbox.kind == "none":
            key = digest_of_json([facts, recipe_digest().hex])
            self._kept_sysroot = self.store.make_tree(
                "sysroot", key, lambda folder: fill(folder, SANDBOX_PATHS)
            )
        else:
            self._kept_sysroot = self.sysroot
        self._fill_in_facts()
        path = f"{self.environment['PATH']}:{self.paths.sysroot}/usr/bin"
        self.environment = {**self.environment, "PATH": path}

    def _fill_in_facts(self) -> None:
        self.environment = {name: self.with_facts(value) for name, value in self.environment.items()}

    def with_facts(self, value: str) -> str:
        """Return a variable's or a setting's value with the facts of sysroot and downloads that it asks for.

        Raises:
            StepFailedError: it asks for what the libraries of the build do not tell, or for downloads of which it has none.
        """
        if DOWNLOADS in value:
            if not self.request.downloads:
                raise StepFailedError(
                    f"'{value}' asks for the folder of its downloads, and it has none",
                    "pin them: `downloads` in the package's configuration",
                )
            value = value.replace(DOWNLOADS, download_folder(self.paths))
        if not names_sysroot_facts(value):
            return value
        if self.sysroot is None:
            raise StepFailedError(
                f"'{value}' asks for a fact of its sysroot, and it has none",
                "name the libraries: `sysroot` in the package's configuration",
            )
        versions = package_versions(self.sysroot)

        def version(package: str) -> str:
            if package not in versions:
                raise StepFailedError(
                    f"'{value}' asks for the version of {package}, and its sysroot has no {package}.pc",
                    f"name one of: {', '.join(sorted(versions)) or 'none'}",
                )
            return versions[package]

        return with_sysroot_facts(value, sysroot=f"{self.paths.sysroot}/usr", version=version)

    def _place(self, kind: str, facts: JsonValue, place: str, fill: Callable[[Path], None]) -> Path:
        """Have the folder `place` filled: once for all builds at fixed paths, else in this build's own scratch."""
        if self.sandbox.kind == "none":
            folder = Path(place)
            folder.mkdir(parents=True)
            fill(folder)
        else:
            key = digest_of_json([facts, recipe_digest().hex])
            folder = self.store.make_tree(kind, key, fill)
        self.read_only.append((folder, place))
        return folder

    def _fill_drive(self, folder: Path) -> None:
        source = files("crosswheel") / "act" / "building" / "injected" / "drive.py"
        (folder / "drive.py").write_bytes(source.read_bytes())

    def _fill_environment(self, folder: Path) -> None:
        request = self.request
        python = request.build_python
        make_environment(
            folder,
            python=python,
            requirements=request.requirements,
            overlays=request.overlays,
            paths=self.paths,
            source_date_epoch=request.source_date_epoch,
        )
        site = site_packages_of(folder, python)
        activate_in(site, self.paths)
        self._compile(folder, self.paths.environment, [site.relative_to(folder).as_posix()])

    def _fill_target(self, folder: Path) -> None:
        write_cross_python(
            folder,
            description=self.request.description,
            headers=self.request.headers,
            paths=self.paths,
            source_date_epoch=self.request.source_date_epoch,
        )

    def _fill_downloads(self, folder: Path) -> None:
        request = self.request
        fill_downloads(folder, request.downloads, self.paths, source_date_epoch=request.source_date_epoch)

    def _fill_toolchain(self, folder: Path, zig: Path) -> None:
        table = None if self.sysroot is None else read_link_table(self.sysroot)
        own = self.request.own_toolchain
        pin = None if own is None else own.pin
        write_launchers(folder, self.request.target, self.paths, zig=zig, libraries=table, own=pin)
        self._compile(folder, self.paths.toolchain, ["lib"])

    def _fill_crates(self, folder: Path) -> None:
        (folder / "config.toml").write_text(render_cargo_config(self.paths))
        vendor = folder / VENDOR
        vendor.mkdir()
        for archive in self.request.crates:
            name = archive.name.removesuffix(".crate")
            crate = unpack_crate(archive, vendor, name=name, between=self.sandbox.check)
            (crate / ".cargo-checksum.json").write_text(vendor_checksum(digest_of_file(archive).hex))
        normalize_tree(folder, self.request.source_date_epoch)

    def _compile(self, folder: Path, place: str, scope: list[str]) -> None:
        with self.store.scratch() as scratch:
            compile_modules(
                folder,
                place,
                python=self.request.build_python,
                sandbox=self.sandbox,
                scratch=scratch,
                scope=scope,
            )


@contextmanager
def open_workspace(request: BuildRequest, *, store: Store, sandbox: Sandbox) -> Iterator[Workspace]:
    """Yield a workspace with empty folders, removed afterwards with all that is in it."""
    with store.scratch() as scratch:
        paths = sandbox.paths(scratch, request.build_python)
        for name in _WRITABLE:
            (scratch / name).mkdir()
        (scratch / "build.log").touch()
        variables = build_environment_variables(
            request.description, paths, source_date_epoch=request.source_date_epoch
        )
        yield Workspace(
            request=request,
            store=store,
            sandbox=sandbox,
            scratch=scratch,
            paths=paths,
            log=scratch / "build.log",
            environment={
                **variables,
                **_rust_variables(request, paths, variables),
                **(download_variables(paths) if request.downloads else {}),
                **({} if request.accept_build_facts or _is_same_order(request) else BYTE_ORDER_GUARD),
                **request.environment,
            },
            read_only=[],
        )


def _is_same_order(request: BuildRequest) -> bool:
    return request.target.platform.arch.byteorder == request.build_python.byteorder


def _rust_variables(
    request: BuildRequest, paths: BuildPaths, variables: Mapping[str, str]
) -> Mapping[str, str]:
    if not request.rust:
        return {}
    here = linked_rust_triple(build_machine_platform())
    own = rust_environment(request.description, paths, build_triple=here)
    return {**own, "PATH": variables["PATH"].replace(":/usr/bin", f":{paths.rust}/bin:/usr/bin", 1)}
