"""The wheels of a target as a layer of AWS Lambda: one zip archive, put together from their own compressed bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.layers.layer_entries import BytesContent, LayerEntry, MemberContent
from crosswheel.act.layers.spliced_zip import write_spliced_zip
from crosswheel.act.storage.output_file import refuse_no_file, replaced_file
from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.act.target_wheels import TargetWheels
from crosswheel.act.wheels.opened_wheels import OpenedWheel, opened_wheels, shared_paths
from crosswheel.act.wheels.program_interpreter import program_interpreter
from crosswheel.act.wheels.schemes import flat_scheme
from crosswheel.decide.images.lambda_runtimes import (
    LARGEST_UNPACKED,
    LARGEST_UPLOAD,
    LambdaRuntime,
    lambda_runtime,
    not_on,
    too_new_faults,
)
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import Digest
from crosswheel.values.errors import CrosswheelError, InputError, OutputError, raise_faults
from crosswheel.values.platforms import Glibc, Linux

__all__ = ["LambdaLayer", "refuse_other_file", "refuse_wrong_request", "write_lambda_layer"]

#: The folder of a layer that Python finds modules in (Lambda unpacks layers to /opt).
_PREFIX = "python"
#: So many of the largest wheels are named where the layer is too large.
_TOLD = 3
#: How names of other archives end.
_OTHER_ARCHIVES = frozenset({".7z", ".bz2", ".gz", ".tar", ".tgz", ".whl", ".xz", ".zst"})


@dataclass(frozen=True, kw_only=True, slots=True)
class LambdaLayer:
    """A Lambda layer that was written.

    Attributes:
        path: the archive.
        digest: of the archive.
        size: of the archive, in bytes.
        unpacked: size of all its files, in bytes.
        files: number of its files.
        wheels: file names of the wheels.
        runtime: what it is for.
        notes: what the user should know.
    """

    path: Path
    digest: Digest
    size: int
    unpacked: int
    files: int
    wheels: tuple[str, ...]
    runtime: LambdaRuntime
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """Return the layer as ``--json`` prints it, in the words of Lambda's own API where it has them."""
        return {
            "path": str(self.path),
            "sha256": self.digest.hex,
            "size": self.size,
            "unpacked": self.unpacked,
            "files": self.files,
            "wheels": list(self.wheels),
            "compatible_runtimes": [self.runtime.name],
            "compatible_architectures": [self.runtime.architecture],
            "notes": list(self.notes),
        }


def write_lambda_layer(
    wheels: TargetWheels,
    destination: Path,
    *,
    interpreter: str | None = None,
    limit: int = LARGEST_UNPACKED,
) -> LambdaLayer:
    """Write the Lambda layer of `wheels` to the file `destination`, whole or not at all.

    Args:
        wheels: the wheels of a target that Lambda has a runtime for.
        destination: the archive.
        interpreter: for the first line of programs; see `program_interpreter`.
        limit: how many bytes its files may be unpacked: Lambda's limit, less what the function and its other layers are; more
            for a service that takes more, and a note tells that Lambda does not.

    Raises:
        InputError: Lambda does not run such wheels, two of them disagree on a file, or they are larger than it takes; nothing is
            written then.
        CheckError: a wheel is damaged.
        OutputError: the archive cannot be written, or something else is there.
    """
    refuse_other_file(destination)
    refuse_wrong_request(wheels.target, interpreter=interpreter, limit=limit)
    runtime = lambda_runtime(wheels.target)
    raise_faults(too_new_faults([path.name for path in wheels.paths], runtime))
    raise_faults(list(_unmet_faults(wheels, runtime)))
    program = program_interpreter(interpreter, wheels.target)
    with opened_wheels(wheels.paths, flat_scheme(), interpreter=program) as opened:
        entries = _entries(opened)
        unpacked = sum(_size(entry) for entry in entries)
        _refuse_too_large(opened, unpacked, limit)
        with replaced_file(destination, mode=0o644) as fresh:
            size = write_spliced_zip(entries, fresh, name=str(destination))
        notes = [note for one in opened for note in one.files.notes]
    if size > LARGEST_UPLOAD:
        notes.append(f"Lambda takes archives over {LARGEST_UPLOAD} bytes from S3 only, this one has {size}")
    if unpacked > LARGEST_UNPACKED:
        notes.append(
            f"Lambda takes {LARGEST_UNPACKED} bytes for a function and all its layers, this one has {unpacked} unpacked"
        )
    return LambdaLayer(
        path=destination,
        digest=digest_of_file(destination),
        size=size,
        unpacked=unpacked,
        files=len(entries),
        wheels=tuple(path.name for path in wheels.paths),
        runtime=runtime,
        notes=tuple(notes),
    )


def refuse_wrong_request(target: Target, *, interpreter: str | None, limit: int) -> None:
    """Refuse what `write_lambda_layer` would refuse, whatever the wheels are, before any is made for it.

    Raises:
        InputError: Lambda does not run wheels of `target`, or an argument is wrong.
    """
    lambda_runtime(target)
    program_interpreter(interpreter, target)
    if limit < 0:
        raise InputError(
            "limit a layer to",
            str(limit),
            why="it is no number of bytes",
            fix="leave it out, or give what is left",
        )


def _unmet_faults(wheels: TargetWheels, runtime: LambdaRuntime) -> Iterator[CrosswheelError]:
    """Yield a fault for each wheel whose binaries need newer systems than its name says, or whose name says nothing."""
    system = wheels.target.platform.os
    if isinstance(system, Linux) and isinstance(system.libc, Glibc) and system.libc <= runtime.glibc:
        return  # every wheel was checked for it
    older = replace(wheels.target, platform=replace(wheels.target.platform, os=Linux(libc=runtime.glibc)))
    for path in wheels.paths:
        for finding in check_wheel(path, older).findings if not path.stem.endswith("-any") else ():
            if finding.code == "symbol-too-new":
                yield not_on(runtime, path.name, f"{finding.file}: {finding.message}")
                break


def refuse_other_file(destination: Path) -> None:
    """Refuse to overwrite what is no layer, such as the plan itself, and names that no zip archive has.

    Raises:
        OutputError: so it is.
    """
    if destination.suffix.lower() in _OTHER_ARCHIVES:
        raise OutputError(
            "write Lambda layer",
            str(destination),
            why=f"it is a zip archive, and {destination.suffix} is how another archive's name ends",
            fix="name it layer.zip, for example",
        )
    try:
        if destination.is_dir():
            raise OutputError(
                "write Lambda layer",
                str(destination),
                why="it is a zip archive, and a folder is there",
                fix=f"name a file, for example {destination / 'layer.zip'}",
            )
        is_other = destination.is_file() and destination.stat().st_size > 0 and not _is_layer(destination)
    except OSError:
        is_other = False  # told when it is written
    if is_other:
        raise OutputError(
            "write file",
            str(destination),
            why="another file is there, no Lambda layer",
            fix="name another file, or remove that one",
        )
    refuse_no_file(destination)


def _is_layer(path: Path) -> bool:
    """Tell whether a file begins as a layer does: a zip archive that is empty, or whose first member lies in the layer's folder."""
    head = f"{_PREFIX}/".encode()
    with path.open("rb") as stream:
        start = stream.read(30 + len(head))
    return start.startswith(b"PK\x05\x06") or (start.startswith(b"PK\x03\x04") and start.endswith(head))


def _entries(opened: tuple[OpenedWheel, ...]) -> list[LayerEntry]:
    shared = shared_paths(one.files for one in opened)
    entries: dict[str, LayerEntry] = {}
    for one in opened:
        for file in one.files.files:
            content = (
                BytesContent(file.data)
                if file.member is None
                else MemberContent(one.archive, file.member, file.entry)
            )
            path = f"{_PREFIX}/{file.path}"
            mode = shared.get(file.path, file.mode)
            entries.setdefault(path, LayerEntry(path=path, content=content, mode=mode, owner=one.files.wheel))
    return list(entries.values())


def _size(entry: LayerEntry) -> int:
    if isinstance(entry.content, MemberContent):
        return entry.content.member.size
    return len(entry.content.data) if isinstance(entry.content, BytesContent) else 0


def _refuse_too_large(opened: tuple[OpenedWheel, ...], unpacked: int, limit: int) -> None:
    if unpacked <= limit:
        return
    sizes = {one.files.wheel: sum(member.size for member in one.archive.members.values()) for one in opened}
    largest = sorted(sizes, key=lambda name: (-sizes[name], name))[:_TOLD]
    told = ", ".join(f"{name} ({sizes[name] / 1e6:.1f} MB)" for name in largest)
    raise InputError(
        "make a Lambda layer of",
        f"{len(opened)} wheel{'' if len(opened) == 1 else 's'}",
        why=f"they are {unpacked} bytes unpacked, and may be {limit}: Lambda takes {LARGEST_UNPACKED} for a function and all its layers; "
        f"the largest are {told}",
        fix="leave some out, or ship an image (`crosswheel image`)",
    )
