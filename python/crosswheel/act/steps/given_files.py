"""Files that another build system hands over: which of a plan's artifacts each is, told by its content alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from crosswheel.act.storage.store import digest_of_file
from crosswheel.decide.plans.plan import Artifact
from crosswheel.values.digests import Digest
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults

__all__ = ["GivenFiles", "given_files"]


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenFiles:
    """Files by the digest of their content."""

    by_digest: Mapping[Digest, Path]

    def named(self, artifacts: Iterable[Artifact], folder: Path) -> Mapping[Digest, Path]:
        """Return where each artifact lies under its own file name, whatever name it was handed over by.

        Args:
            artifacts: what is wanted.
            folder: an empty folder for links.

        Raises:
            InputError: some were not given; each is told.
        """
        found: dict[Digest, Path] = {}
        faults: list[CrosswheelError] = []
        for artifact in artifacts:
            given = self.by_digest.get(artifact.sha256)
            if given is None:
                faults.append(_missing(artifact))
            elif artifact.sha256 not in found:
                found[artifact.sha256] = _under_its_name(given, artifact, folder)
        raise_faults(faults)
        return found


def given_files(paths: Iterable[Path]) -> GivenFiles:
    """Return the files at `paths`; a folder stands for the files right in it.

    Raises:
        InputError: one cannot be read.
    """
    found: dict[Digest, Path] = {}
    for path in paths:
        try:
            for file in sorted(path.iterdir()) if path.is_dir() else [path]:
                if file.is_file():
                    found.setdefault(digest_of_file(file), file)
        except OSError as error:
            raise InputError(
                "read given file", str(path), why=error.strerror or str(error), fix="give a file of the plan"
            ) from None
    return GivenFiles(by_digest=found)


def _under_its_name(given: Path, artifact: Artifact, folder: Path) -> Path:
    if given.name == artifact.filename:
        return given
    place = folder / artifact.sha256.hex / artifact.filename
    place.parent.mkdir(parents=True)
    place.symlink_to(given.resolve())
    return place


def _missing(artifact: Artifact) -> InputError:
    return InputError(
        "find artifact",
        artifact.filename,
        why=f"no file with the SHA-256 {artifact.sha256} was given",
        fix="give it with --file; the plan says where it is to be had",
    )
