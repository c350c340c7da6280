"""Where wheels lie in an image, and which folders there are theirs.

A folder that a layer holds replaces the one below it, mode and all. So a layer holds the folders in which only its
files are, and no folder of the system's or the interpreter's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from crosswheel.act.layers.layer_entries import (
    BytesContent,
    Folder,
    LayerEntry,
    MemberContent,
    entry_fault,
)
from crosswheel.act.wheels.opened_wheels import OpenedWheel, parents
from crosswheel.act.wheels.schemes import Scheme, TreeLayout, scheme_for
from crosswheel.decide.images.layer_paths import MERGED_FOLDERS, mount_fault
from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Linux

__all__ = [
    "DEFAULT_PREFIX",
    "WheelPlace",
    "owned_folders",
    "unmerged_prefix",
    "wheel_entries",
    "wheel_place",
]

#: The prefix of the Python in the official images, where it finds packages and programs without being told.
DEFAULT_PREFIX = "/usr/local"
#: Prefixes that wheels share with a system and its interpreter.
_SHARED_PREFIXES = frozenset({"usr", "usr/local"})


@dataclass(frozen=True, kw_only=True, slots=True)
class WheelPlace:
    """A prefix in an image and the scheme below it.

    Attributes:
        prefix: path below the image's root, without a slash at either end.
        scheme: where the parts of a wheel go below the prefix.
    """

    prefix: str
    scheme: Scheme

    @property
    def site(self) -> str:
        """The absolute path of the folder of modules in the image."""
        return f"/{self.prefix}/{self.scheme.site}".rstrip("/")

    @property
    def scripts(self) -> str:
        """The absolute path of the folder of programs in the image."""
        return f"/{self.prefix}/{self.scheme.scripts}"

    @property
    def in_image(self) -> Scheme:
        """Where the parts of a wheel go below the image's root."""
        return self.scheme.below(self.prefix)

    def is_module(self, path: str) -> bool:
        """Tell whether the file at `path`, below the image's root, is one that Python imports."""
        inside = f"/{path}".startswith(f"{self.site}/") and not f"/{path}".startswith(f"{self.scripts}/")
        return inside and path.endswith(".py")

    def owns(self, folder: str) -> bool:
        """Tell whether only wheels put files into `folder`, a path below the image's root."""
        if self.prefix not in _SHARED_PREFIXES:
            return f"{folder}/".startswith(f"{self.prefix}/")
        inner = folder.removeprefix(f"{self.prefix}/")
        is_deep = inner != folder and "/" in inner
        return is_deep and not f"{self.scheme.site}/".startswith(f"{inner}/")


def wheel_place(
    target: Target, *, prefix: str = DEFAULT_PREFIX, layout: TreeLayout = TreeLayout.PREFIX
) -> WheelPlace:
    """Return where the wheels of `target` lie in an image.

    Args:
        target: whose wheels they are; Linux.
        prefix: absolute path in the image, other than the root.
        layout: shape of the tree below the prefix.

    Raises:
        InputError: there are no such images, or no such prefix.

    >>> from crosswheel.target.targets import parse_target_id
    >>> wheel_place(parse_target_id("cp313-linux_aarch64_glibc_2_28")).site
    '/usr/local/lib/python3.13/site-packages'
    """
    if not isinstance(target.platform.os, Linux):
        raise InputError(
            "put into a layer wheels for",
            target.id,
            why="layers are for images of Linux",
            fix="name a Linux target, or use `crosswheel install`",
        )
    inner = prefix.strip("/")
    entry = LayerEntry(path=inner, content=Folder(), mode=0o755)
    if not prefix.startswith("/") or entry_fault(entry) or not inner.isprintable():
        raise InputError(
            "put wheels at prefix",
            prefix,
            why="it is not an absolute path of a folder below the root",
            fix=f"give for example {DEFAULT_PREFIX} or /app",
        )
    unseen = mount_fault(inner)
    if unseen is not None:
        raise InputError(
            "put wheels at prefix", prefix, why=unseen, fix=f"give for example {DEFAULT_PREFIX} or /app"
        )
    return WheelPlace(prefix=inner, scheme=scheme_for(layout, target))


def unmerged_prefix(prefix: str) -> str:
    """Return a prefix, but refuse one that is a link in most systems: a layer that is put on a base unseen would replace the link.

    Raises:
        InputError: it is such a one, or below it.
    """
    first = prefix.strip("/").partition("/")[0]
    if first in MERGED_FOLDERS:
        raise InputError(
            "put wheels at prefix",
            prefix,
            why=f"/{first} is a link to usr/{first} in most systems, and the layer would put a folder in its place",
            fix=f"give /usr{prefix.rstrip('/')}, where the link leads",
        )
    return prefix


def wheel_entries(wheel: OpenedWheel, *, shared: Mapping[str, int]) -> Iterator[LayerEntry]:
    """Yield the files of `wheel` as entries, each with the content and the mode it has in an installed tree.

    Args:
        wheel: the wheel, opened with `WheelPlace.in_image`, for as long as the entries are used.
        shared: what `shared_paths` said of all wheels of the layer.
    """
    for file in wheel.files.files:
        content = (
            BytesContent(file.data)
            if file.member is None
            else MemberContent(wheel.archive, file.member, file.entry)
        )
        yield LayerEntry(
            path=file.path,
            content=content,
            mode=shared.get(file.path, file.mode),
            owner=wheel.files.wheel,
        )


def owned_folders(entries: Iterable[LayerEntry], place: WheelPlace) -> Iterator[LayerEntry]:
    """Yield the folders that `entries` lie in, as far as they are the wheels' own."""
    folders = {entry.path.rpartition("/")[0] for entry in entries}
    every = {folder for path in folders for folder in parents(f"{path}/")}
    for folder in sorted(every):
        if place.owns(folder):
            yield LayerEntry(path=folder, content=Folder(), mode=0o755)
