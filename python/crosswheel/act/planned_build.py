"""One build of a plan, from the artifacts it names to a checked wheel in the store."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from crosswheel.act.building.build import BuildRequest, RawWheel, build_task, build_wheel
from crosswheel.act.building.build_code import build_code
from crosswheel.act.building.build_downloads import requested_downloads
from crosswheel.act.building.build_log import mending_lines, place_of, refusal_of
from crosswheel.act.building.build_python import BuildPython, find_build_python
from crosswheel.act.building.declared_modules import declared_modules
from crosswheel.act.building.dropped_extensions import dropped_causes
from crosswheel.act.building.failed_builds import failure_of, forget_failure, remember_failure
from crosswheel.act.building.kept_wheels import keep_wheel, kept_wheel
from crosswheel.act.building.machine_words import foreign_triples, machine_words
from crosswheel.act.building.native_sources import (
    files_below_top,
    native_sources,
    never_compiled,
    never_compiled_modules,
)
from crosswheel.act.building.own_toolchain import OwnToolchain, pinned_toolchain
from crosswheel.act.building.recipe import recipe_digest
from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.check.facts import BuiltFacts
from crosswheel.act.check.findings import CheckReport, check_error
from crosswheel.act.machine_platform import build_machine_platform
from crosswheel.act.ready_wheel import CheckOutcome, ReadyWheel
from crosswheel.act.services import Services
from crosswheel.act.storage.store import Store, digest_of_file
from crosswheel.act.sysroot.assembly import archives_of, owner_of, read_packages, sysroot_request
from crosswheel.act.target_python.headers import build_python_headers, python_names
from crosswheel.act.target_python.load_description import load_description
from crosswheel.act.wheels.finish_wheel import finish_wheel
from crosswheel.act.wheels.graft import GraftedWheel, graft_wheel
from crosswheel.act.wheels.sbom import LIBRARIES_SBOM, libraries_sbom
from crosswheel.decide.failures.failure_refusals import without_remedy
from crosswheel.decide.planning.debian_suites import DEBIAN_ARCHITECTURES, suite_of
from crosswheel.decide.plans.build_platforms import chosen_environment
from crosswheel.decide.plans.plan import (
    Artifact,
    BuildEnvironment,
    HeadersPin,
    Overlay,
    Plan,
    PlannedBuild,
    PlannedTarget,
)
from crosswheel.decide.plans.plan_json import build_to_json
from crosswheel.decide.plans.required_builds import needed_by, pins_for
from crosswheel.decide.plans.toolchain_pin import ToolchainPin
from crosswheel.render.build_paths import SANDBOX_FOLDERS, SANDBOX_PATHS
from crosswheel.target.descriptions import TargetDescription
from crosswheel.values.canonical_json import JsonValue, digest_of_json
from crosswheel.values.digests import Digest
from crosswheel.values.errors import BuildPythonError, CheckError, InputError, StoreError
from crosswheel.values.platforms import Linux

__all__ = ["PlannedBuildRun"]

_KIND = "builds"
_MEND = "mend your project, or make the plan anew if it is another by now"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedBuildRun:
    """A planned build and what it is run with.

    Attributes:
        build: the build.
        plan: the plan it is part of.
        base: folder that the plan's relative paths start from.
        services: the store that keeps the result, what it runs in, and the like.
    """

    build: PlannedBuild
    plan: Plan
    base: Path
    services: Services

    @property
    def planned_target(self) -> PlannedTarget:
        """Its target, with description and headers pinned."""
        return pins_for(self.plan, self.build.target)

    @property
    def store(self) -> Store:
        """What keeps the result."""
        return self.services.store

    @property
    def environment(self) -> BuildEnvironment:
        """The build environment for this machine.

        Raises:
            InputError: the plan holds none.
        """
        return chosen_environment(self.build, build_machine_platform())

    def done(self) -> ReadyWheel | None:
        """Return the wheel if the store already has it, undamaged."""
        record = self.store.read_record(_KIND, self.key())
        if not isinstance(record, Mapping):
            return None
        digest, filename = Digest(str(record["sha256"])), str(record["filename"])
        if self.store.artifact(digest, filename=filename) is None:
            return None
        path = self.store.verified(digest, filename=filename)
        if path is None:
            self.services.reporter.warned(
                f"{filename} was damaged in the store; it is dropped and built again"
            )
            return None
        self._forget_failure()  # of other inputs: these were built before
        return self._ready(path, record)

    def _forget_failure(self) -> None:
        with suppress(StoreError):  # a store that is only read keeps what it knows
            forget_failure(self.store, self.build.name, self.build.version, self.build.target.id)

    def builds_needed(self) -> tuple[str, ...]:
        """Return the ids of the builds whose wheels this one reads, sorted."""
        return needed_by(self.build, self.environment)

    def needed(self) -> tuple[Artifact, ...]:
        """Return every artifact the build reads."""
        environment = self.environment
        headers, description = self.planned_target.headers, self.planned_target.description
        wanted = [self.build.sdist, *environment.requirements, *environment.rust, *self.build.crates]
        wanted += [lock.artifact for lock in self.build.cargo_locks]
        wanted += [description] if description is not None and description in self.plan.artifacts else []
        wanted += [overlay.artifact for overlay in self.build.overlays if overlay.artifact is not None]
        wanted += [] if self.build.sysroot is None else [one.artifact for one in self.build.sysroot.packages]
        wanted += [one.artifact for one in self.build.downloads]
        wanted += [digest for digest in (environment.toolchain, self.build.oracle) if digest is not None]
        wanted += [headers.sha256] if headers is not None and headers.source == "artifact" else []
        return tuple(self.plan.artifacts[digest] for digest in wanted)

    def ready(
        self, files: Mapping[Digest, Path], built: Mapping[str, ReadyWheel] | None = None
    ) -> ReadyWheel:
        """Return the checked wheel, building it if the store does not have it.

        Args:
            files: where the artifacts of `needed` lie.
            built: the wheels of `builds_needed`, by id of the build.

        Raises:
            BuildError: the backend failed.
            CheckError: what it built does not fit the target.
            BuildPythonError: no interpreter here is the one the plan asks for.
            InputError: an input differs from the one the plan pins.
        """
        with self.store.lock(f"build-{self.key()}"):
            return self.done() or self._build(files, built or {})

    def _build(self, files: Mapping[Digest, Path], built: Mapping[str, ReadyWheel]) -> ReadyWheel:
        build_python = find_build_python(self.build.target.python, explicit=self.services.build_python)
        description = self._description(files)
        request = self._request(files, built, build_python, description)
        raw = self._raw(request)
        with self.store.scratch() as scratch:
            grafted = self._grafted(raw, scratch)
            report = self._checked(raw, grafted, request, files)
            finished = finish_wheel(
                grafted.path, report, scratch, added=self._bill_of_materials(raw, grafted)
            )
            digest = self.store.add_file(finished)
            path = self.store.artifact(digest, filename=finished.name)
        assert path is not None, "it was added just now"
        record: dict[str, JsonValue] = {
            "sha256": digest.hex,
            "filename": path.name,
            "log": digest_of_file(raw.log).hex,
            **CheckOutcome.of(report).to_json(),
        }
        self.store.write_record(_KIND, self.key(), record)
        self._forget_failure()
        return self._ready(path, record)

    def _raw(self, request: BuildRequest) -> RawWheel:
        """Build, or take what the very build left before other findings of it were accepted."""
        accept, reporter = self.build.accept, self.services.reporter
        key = replace(self, build=replace(self.build, accept=())).key()
        if (kept := kept_wheel(self.store, key, accept=accept)) is not None:
            reporter.started(task := build_task(request))
            reporter.finished(task, "built before, checked again")
            return kept
        sandbox = self.services.sandbox()
        raw = build_wheel(request, store=self.store, sandbox=sandbox, reporter=reporter)
        keep_wheel(self.store, key, raw, accept=accept)
        return raw

    def _request(
        self,
        files: Mapping[Digest, Path],
        built: Mapping[str, ReadyWheel],
        build_python: BuildPython,
        description: TargetDescription,
    ) -> BuildRequest:
        build, environment = self.build, self.environment
        return BuildRequest(
            name=build.name,
            version=build.version,
            sdist=files[build.sdist],
            target=build.target,
            description=description,
            headers=self._headers(files, build_python, description),
            build_python=build_python,
            requirements=(
                *(files[digest] for digest in environment.requirements),
                *(built[id_].path for id_ in environment.builds),
            ),
            overlays=tuple(
                (overlay.project, _overlay_wheel(overlay, files, built)) for overlay in build.overlays
            ),
            sysroot=None if build.sysroot is None else sysroot_request(build.sysroot, files),
            toolchain=None if environment.toolchain is None else files[environment.toolchain],
            own_toolchain=self._own_toolchain(),
            rust=tuple(files[digest] for digest in environment.rust),
            crates=tuple(files[digest] for digest in build.crates),
            cargo_locks=tuple((lock.path, files[lock.artifact]) for lock in build.cargo_locks),
            backend=build.backend,
            backend_path=build.backend_path,
            config_settings=build.config_settings,
            environment=build.environment,
            patches=tuple(self._patch(patch.path, patch.sha256) for patch in build.patches),
            downloads=requested_downloads(build.downloads, files),
            source_date_epoch=self.plan.source_date_epoch,
            accept_build_facts=build.accept_build_facts,
            listed=build.listed,
            entry=build.entry,
            own=bool(build.declared),
        )

    def _own_toolchain(self) -> OwnToolchain | None:
        pin = self.planned_target.toolchain
        return None if pin is None else pinned_toolchain(pin, self.store, base=self.base)

    def _bill_of_materials(self, raw: RawWheel, grafted: GraftedWheel) -> Mapping[str, bytes]:
        """Return what tells of the libraries linked or put into the wheel, if there are any."""
        if raw.sysroot is None:
            return {}
        owners = {*raw.linked, *(owner_of(raw.sysroot, one.source) for one in grafted.libraries)}
        packages = [one for one in read_packages(raw.sysroot) if one["name"] in owners]
        architecture = DEBIAN_ARCHITECTURES.get(self.build.target.platform.arch, "")
        suite = "" if self.build.sysroot is None else suite_of(self.build.sysroot.origin)
        text = libraries_sbom(
            self.build.name, self.build.version, packages, architecture=architecture, suite=suite
        )
        return {LIBRARIES_SBOM: text} if packages else {}

    def _description(self, files: Mapping[Digest, Path]) -> TargetDescription:
        pinned = self.planned_target.description
        own = () if pinned is None or pinned not in files else (files[pinned],)
        description = load_description(self.build.target, extra=own)
        if pinned is not None and pinned != description.digest:
            raise InputError(
                "build for target",
                self.build.target.id,
                why=f"the plan was made with the target description {pinned}, this crosswheel has {description.digest}",
                fix="plan again with this crosswheel, or build with the one that planned",
            )
        return description

    def _headers(
        self, files: Mapping[Digest, Path], build_python: BuildPython, description: TargetDescription
    ) -> Path:
        pin = self.planned_target.headers
        if pin is None:
            raise InputError(
                "build for target",
                self.build.target.id,
                why="the plan pins no headers of the target Python",
                fix="plan again",
            )
        if pin.source == "artifact":
            return files[pin.sha256]
        pack = build_python_headers(build_python.include, description)
        if pack.digest != pin.sha256:
            raise _other_headers(pin, build_python, pack.digest)
        kept = self.store.artifact(self.store.add_bytes(pack.data, "headers.tar"), filename="headers.tar")
        assert kept is not None, "it was added just now"
        return kept

    def _patch(self, relative: str, pinned: Digest) -> Path:
        path = self.base / relative
        try:
            found = digest_of_file(path)
        except OSError as error:
            why = error.strerror or str(error)
            raise InputError("read patch", relative, why=why, fix="put it back or plan again") from None
        if found != pinned:
            raise InputError(
                "apply patch",
                relative,
                why=f"its SHA-256 is {found}, the plan pins {pinned}",
                fix="plan again",
            )
        return path

    def _grafted(self, raw: RawWheel, scratch: Path) -> GraftedWheel:
        # The sysroot of another system is its SDK: what is linked from there the system has itself.
        if raw.sysroot is None or not isinstance(self.build.target.platform.os, Linux):
            return GraftedWheel(path=raw.path)
        folder = scratch / "grafted"
        folder.mkdir()
        return graft_wheel(
            raw.path,
            self.build.target,
            raw.sysroot,
            folder,
            newer_functions=raw.newer_functions,
            machine_paths=SANDBOX_FOLDERS,
        )

    def _checked(
        self, raw: RawWheel, grafted: GraftedWheel, request: BuildRequest, files: Mapping[Digest, Path]
    ) -> CheckReport:
        build = self.build
        facts = BuiltFacts(
            name=build.name,
            version=build.version,
            log=raw.log.read_text("utf-8", "replace"),
            failed_calls=raw.failed,
            build_paths=(str(self.store.root), str(request.build_python.prefix), *machine_words()),
            sandbox_paths=(
                SANDBOX_PATHS.python,
                SANDBOX_PATHS.environment,
                SANDBOX_PATHS.toolchain,
                SANDBOX_PATHS.source,
            ),
            build_triples=foreign_triples(build.target),
            oracle=None if build.oracle is None else files[build.oracle],
            extension_suffix=request.description.ext_suffix,
            python_names=python_names(request.headers),
            never_compiled=never_compiled(native_sources(request.sdist), raw.compiled),
            missing_modules=never_compiled_modules(
                declared_modules(build_code(request.sdist)), files_below_top(request.sdist), raw.compiled
            ),
            grafted={
                one.path: f"{one.source} of {request.sysroot.place}"
                for one in grafted.libraries
                if one.source and request.sysroot is not None
            },
            toolchain=_words_of(self.planned_target.toolchain),
            linked_archives=archives_of(raw.sysroot, raw.linked) if raw.sysroot else frozenset(),
        )
        report = check_wheel(grafted.path, build.target, accept=build.accept, built=facts)
        if report.refused:
            error = check_error(report, fix=_MEND) if build.declared else check_error(report)
            failure = failure_of(request, why=error.why, log=raw.log, fix=error.fix)
            failed = remember_failure(self.store, failure)
            meant = refusal_of(failed)
            raise CheckError(
                error.doing,
                error.value,
                why=without_remedy(error.why) if meant else error.why,
                fix=meant[0].advice if meant else error.fix,
                context=(build.id,),
                details=(
                    *(map(without_remedy, error.details) if meant else error.details),
                    *mending_lines(meant, build.name, build.target.id),
                    *dropped_causes({finding.code for finding in report.errors}, request, failed),
                    place_of(raw.log),
                ),
            )
        return report

    def _ready(self, path: Path, record: Mapping[str, JsonValue]) -> ReadyWheel:
        return ReadyWheel(
            name=self.build.name,
            version=self.build.version,
            target=self.build.target.id,
            filename=path.name,
            path=path,
            sha256=Digest(str(record["sha256"])),
            build=self.build.id,
            outcome=CheckOutcome.read(record),
        )

    def _run_of(self, id_: str) -> PlannedBuildRun:
        """Return the run of a build that this one needs."""
        return replace(self, build=self.plan.builds[id_])

    def key(self) -> Digest:
        """Return the digest of everything the wheel depends on."""
        # By which table people write it changes no wheel.
        build = replace(self.build, environments={"": self.environment}, entry="")
        description, headers = self.planned_target.description, self.planned_target.headers
        toolchain = self.planned_target.toolchain
        needed: dict[str, JsonValue] = {
            id_: self._run_of(id_).key().hex for id_ in needed_by(build, self.environment)
        }
        return digest_of_json(
            {
                "build": build_to_json(build),
                **({"needed": needed} if needed else {}),
                "description": None if description is None else description.hex,
                "headers": None if headers is None else headers.sha256.hex,
                **({} if toolchain is None else {"toolchain": toolchain.id.hex}),
                "recipe": recipe_digest().hex,
                "source_date_epoch": self.plan.source_date_epoch,
            }
        )


def _words_of(pin: ToolchainPin | None) -> str:
    if pin is None:
        return ""
    return f"{pin.compiler} with {pin.libc}" if pin.libc else pin.compiler


def _overlay_wheel(overlay: Overlay, files: Mapping[Digest, Path], built: Mapping[str, ReadyWheel]) -> Path:
    if overlay.artifact is not None:
        return files[overlay.artifact]
    assert overlay.build is not None, "a plan's overlay has one of both"
    return built[overlay.build].path


def _other_headers(pin: HeadersPin, build_python: BuildPython, found: Digest) -> BuildPythonError:
    return BuildPythonError(
        "use the headers of build Python",
        str(build_python.executable),
        why=f"it is {build_python.version} with headers {found}; the plan pins those of {pin.python_version}, {pin.sha256}",
        fix=f"build with Python {pin.python_version} (--build-python; a registered `build_pythons` in Bazel, `buildPython` in Nix), or plan "
        f"again with --build-python {build_python.executable}",
    )
