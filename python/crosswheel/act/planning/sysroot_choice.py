"""Which libraries of the target a build gets: Debian packages chosen from an index, or a folder of the user's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crosswheel.act.planning.debian_archive import DebianArchive, ReadIndex, shipped_suites
from crosswheel.act.storage.store import Store
from crosswheel.act.sysroot.folder_pack import pack_folder
from crosswheel.decide.configuration.policy_model import PackagePolicy, SysrootSource
from crosswheel.decide.planning.debian_index import DebianPackage
from crosswheel.decide.planning.debian_suites import choose_suite, debian_architecture
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.decide.plans.plan import Artifact, Sysroot, SysrootPackage
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import InputError, ResolutionError

__all__ = ["ChosenSysroot", "SysrootChooser", "sysroot_inputs"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChosenSysroot:
    """A sysroot as the plan has it, and the artifacts it names."""

    sysroot: Sysroot
    artifacts: tuple[Artifact, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SysrootChooser:
    """Chooses libraries.

    Attributes:
        archive: where Debian packages come from.
        store: keeps packed folders.
        folder: the plan's folder.
        configuration_folder: what a folder of the user's is relative to.
        known: gives the sysroots of an earlier plan.
        files: files to be written beside the plan, by path relative to its folder; grows.
    """

    archive: DebianArchive
    store: Store
    folder: Path
    configuration_folder: Path
    known: Callable[[], tuple[Sysroot, ...]] = tuple
    files: dict[str, bytes] = field(default_factory=dict)

    def choose(self, policy: PackagePolicy, target: Target, *, wanted_by: str) -> ChosenSysroot | None:
        """Return the libraries that a build of `wanted_by` gets; ``None`` when it wants none.

        Raises:
            FetchError: the index cannot be fetched.
            InputError: the source has nothing for the target, or the folder cannot be read.
            ResolutionError: the index lacks a package.
        """
        if not policy.sysroot:
            return None
        link = policy.link or LinkKind.STATIC
        if policy.sysroot_folder:
            return self._folder(policy.sysroot[0], target, link)
        suite = choose_suite(
            shipped_suites(), target, link, named=self.archive.source.suite, wanted=wanted_by
        )
        architecture = debian_architecture(target, wanted=wanted_by)
        read = self.archive.index(suite, architecture)
        if self.archive.source.snapshot is not None:
            self._refuse_changed(read)
        packages = read.index.closure(policy.sysroot, link, wanted_by=wanted_by)

        def artifact(package: DebianPackage) -> Artifact:
            return Artifact(
                sha256=package.sha256,
                filename=package.path.rpartition("/")[2],
                url=f"{read.mirror}/{package.path}",
                size=package.size,
                also=() if read.history is None else (f"{read.history}/{package.path}",),
            )

        return ChosenSysroot(
            sysroot=Sysroot(
                packages=tuple(
                    SysrootPackage(name=one.name, version=one.version, artifact=one.sha256)
                    for one in packages
                ),
                link=link.value,
                wanted=policy.sysroot,
                origin=read.index.name,
                index=read.digest,
            ),
            artifacts=tuple(artifact(one) for one in packages),
        )

    def _refuse_changed(self, read: ReadIndex) -> None:
        """Refuse a snapshot that is not what it was: it is of one moment and cannot have changed."""
        for sysroot in self.known():
            if sysroot.origin == read.index.name and sysroot.index != read.digest:
                raise ResolutionError(
                    "use Debian index",
                    read.index.name,
                    why=f"its SHA-256 is {read.digest}, and was {sysroot.index} when the plan was made",
                    fix="ask who serves the mirror why; use --upgrade if that is right",
                )

    def _folder(self, text: str, target: Target, link: LinkKind) -> ChosenSysroot:
        path = self.configuration_folder / text
        if not path.is_dir():
            raise InputError(
                "read sysroot",
                text,
                why="there is no such folder",
                fix="give the path of a folder with include and lib, relative to the configuration, "
                "or an array of Debian packages",
            )
        data = pack_folder(path, target, shown=text)
        digest = digest_of(data)
        relative = f"sysroots/{path.resolve().name}-{digest.hex[:12]}.tar"
        filename = Path(relative).name
        self.store.add_bytes(data, filename)
        self.files[relative] = data
        name = path.resolve().name
        return ChosenSysroot(
            sysroot=Sysroot(
                packages=(SysrootPackage(name=name, version="", artifact=digest),),
                link=link.value,
                # An absolute path is one of this machine.
                wanted=(path.name if Path(text).is_absolute() else text,),
                origin="folder",
            ),
            artifacts=(Artifact(sha256=digest, filename=filename, path=relative, size=len(data)),),
        )


def sysroot_inputs(
    policy: PackagePolicy, source: SysrootSource, folder: Path, target: Target
) -> Mapping[str, JsonValue]:
    """Return what the libraries of a build are chosen from; nothing for a build that wants none."""
    if not policy.sysroot:
        return {}
    found: dict[str, JsonValue] = {
        "wanted": [Path(text).name if Path(text).is_absolute() else text for text in policy.sysroot],
        "folder": policy.sysroot_folder,
        "link": (policy.link or LinkKind.STATIC).value,
    }
    if policy.sysroot_folder:
        path = folder / policy.sysroot[0]
        # Its content counts: a library compiled anew is another one.
        found["content"] = (
            digest_of(pack_folder(path, target, shown=policy.sysroot[0])).hex if path.is_dir() else ""
        )
    else:
        found["source"] = [source.mirror, source.suite, source.snapshot]
        # Another crosswheel may choose another release.
        found["suites"] = [one.name for one in shipped_suites() if one.automatic]
    return {"sysroot": found}
