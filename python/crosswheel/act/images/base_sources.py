"""Where a base is: nothing, a base lock, or a layout, and which one each target stands on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from crosswheel.act.images.image_paths import path_and_tag, refuse_transport
from crosswheel.decide.images.image_references import full_reference
from crosswheel.target.held_targets import choose_target
from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError

__all__ = ["BaseKind", "BaseSource", "bases_for", "find_base_source"]

#: A name with a tag or a digest, as docker takes it: https://github.com/distribution/reference
_REFERENCE = re.compile(r"[a-z0-9][a-z0-9._:-]*(?:/[a-z0-9][a-z0-9._-]*)*(?::\w[\w.-]*|@sha256:[0-9a-f]{64})")

#: So many bytes of a document may be blank before it begins.
_BLANKS = 64


class BaseKind(Enum):
    """What a base is given as."""

    SCRATCH = "scratch"
    LAYOUT = "layout"
    LOCK = "lock"


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseSource:
    """Where a base is.

    Attributes:
        kind: what it is.
        path: the layout or the lock.
        tag: which image of a layout; ``None`` for the only one.
    """

    kind: BaseKind
    path: Path = Path()
    tag: str | None = None


def find_base_source(text: str) -> BaseSource:
    """Return what a user means: ``scratch``, a base lock, or a layout, after whose path may stand a colon and a tag.

    Raises:
        InputError: there is nothing of the kind, or a tag of a base lock is named.
    """
    if text == "scratch":
        return BaseSource(kind=BaseKind.SCRATCH)
    path, tag = path_and_tag(text)
    if not path.exists() or text.startswith(":") or not text:
        refuse_transport(text, doing="find base", option="--base ")
        if _REFERENCE.fullmatch(text):
            raise InputError(
                "find base",
                text,
                why="there is no such file or folder, and images are not fetched from a registry",
                fix=f"copy it, e.g. `skopeo copy --all docker://{full_reference(text)} oci:base`, and give that: --base base",
            )
        raise InputError(
            "find base",
            text,
            why="there is no such file or folder",
            fix="give a base lock, an OCI layout, what docker save wrote, or scratch",
        )
    if not _is_lock(path):
        return BaseSource(kind=BaseKind.LAYOUT, path=path, tag=tag)
    if tag is not None:
        raise InputError(
            "find base", text, why="a base lock has no tags", fix=f"give it alone, --base {path}"
        )
    return BaseSource(kind=BaseKind.LOCK, path=path)


def _is_lock(path: Path) -> bool:
    """Tell whether a path is meant for a base lock: a JSON document, by its name or its beginning, which no archive has."""
    if not path.is_file():
        return False
    if path.suffix == ".json":
        return True
    with path.open("rb") as stream:
        return stream.read(_BLANKS).lstrip().startswith(b"{")


def bases_for(sources: Sequence[str], targets: Sequence[Target]) -> tuple[BaseSource, ...]:
    """Return the base of each target: ``TARGET=SOURCE`` before a plain ``SOURCE``.

    Raises:
        InputError: a target has none or two, a TARGET is none of the targets, or there is no such source.
    """
    given: dict[Target | None, str] = {}
    for text in sources:
        name, equals, source = text.partition("=")
        target, own = None, text
        if equals and not Path(text).exists():
            target, own = choose_target(name, targets), source
        other = given.setdefault(target, own)
        if other != own:
            raise InputError(
                "use base", text, why=f"'{other}' is the base of the same target", fix="give one of them only"
            )
    found = [given.get(target, given.get(None)) for target in targets]
    for target, chosen in zip(targets, found, strict=True):
        if chosen is None:
            raise InputError(
                "make an image for",
                target.id,
                why="nothing says what it stands on",
                fix="give --base: a base lock made with `crosswheel image lock`, an OCI layout, or scratch",
            )
    return tuple(find_base_source(source) for source in found if source is not None)
