"""Whether the accounts that an image's containers run as are in the image that is being made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crosswheel.act.images.bases import PreparedBase
from crosswheel.act.images.entries_on_base import path_entries
from crosswheel.act.images.image_findings import ImageFinding
from crosswheel.act.images.kept_files import KeptFiles
from crosswheel.act.images.ready_layers import ImageLayer, ReadyLayer

__all__ = ["account_findings"]


def account_findings(
    base: PreparedBase, layers: Sequence[ImageLayer], account: str, *, place: str
) -> Iterator[ImageFinding]:
    """Yield a finding for each name that the image does not know.

    Args:
        base: what it stands on.
        layers: those on top of the base, lowest first.
        account: ``USER`` or ``USER:GROUP``.
        place: what the finding is about, in words.
    """
    if account.replace(":", "").isdigit() or not account:
        return
    paths, kept = base.paths.copied(), KeptFiles()
    kept.add(base.kept)
    for layer in layers:
        if isinstance(layer, ReadyLayer):
            paths.add_layer(layer.entries)
            kept.add(layer.kept)
        else:
            paths.add_layer(path_entries(layer.entries))
            kept.add_entries(layer.entries)
    for name, why in kept.unknown_accounts(account, paths):
        yield ImageFinding(code="setting-doubtful", place=place, message=f"'{name}': {why}")
