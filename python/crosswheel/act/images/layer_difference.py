"""What differs between the layers of two images: which they are, how they are compressed, and the files of those that changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256

from crosswheel.act.images.layer_pass import pass_over_layer
from crosswheel.act.images.tar_stream import EntryKind, TarEntry, TarStream
from crosswheel.act.images.whole_layout import LayoutEntry, WholeLayout
from crosswheel.decide.documents.difference import Difference, differences, grouped, order_difference
from crosswheel.decide.images.oci_documents import LAYER_COMPRESSIONS
from crosswheel.values.digests import Digest
from crosswheel.values.oci_descriptors import Descriptor

__all__ = ["ImageLayers", "layer_differences", "paired_layers"]

_BLOCK = 1 << 20
#: Records of extended headers that are told as what they are of.
_TOLD = frozenset({"path", "linkpath", "size", "uid", "gid", "mtime", "uname", "gname"})
_DEVICES = frozenset({EntryKind.CHARACTER_DEVICE, EntryKind.BLOCK_DEVICE})


@dataclass(frozen=True, slots=True)
class ImageLayers:
    """An image whose layers are compared, and its layout."""

    layout: WholeLayout
    image: LayoutEntry

    @property
    def layers(self) -> tuple[Descriptor, ...]:
        """Lowest first."""
        return () if self.image.manifest is None else self.image.manifest.layers

    def diff_id(self, number: int) -> Digest | None:
        """Return what the configuration says that a layer is inflated; ``None`` where it has another number of layers."""
        ids = () if self.image.config is None else self.image.config.diff_ids
        return ids[number] if len(ids) == len(self.layers) else None


@dataclass(slots=True)
class _Files:
    """What is at each path of some layers: in words, and what their archives say of it besides; the last one wins."""

    words: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Mapping[str, str]] = field(default_factory=dict)


def paired_layers(old: ImageLayers, new: ImageLayers) -> list[tuple[int, int]]:
    """Return the numbers of layers that belong together: of one digest, of one diff_id, then those left, if as many."""
    pairs: list[tuple[int, int]] = []
    left = [[*range(len(side.layers))] for side in (old, new)]

    def pair(keys: tuple[Mapping[int, object], Mapping[int, object]]) -> None:
        by_key: dict[object, list[int]] = {}
        for number in left[1]:
            if keys[1][number] is not None:
                by_key.setdefault(keys[1][number], []).append(number)
        pairs.extend((number, others.pop(0)) for number in left[0] if (others := by_key.get(keys[0][number])))
        for side in (0, 1):
            done = {one[side] for one in pairs}
            left[side] = [number for number in left[side] if number not in done]

    sides = old, new
    digests = [
        {number: side.layers[number].digest for number in left[index]} for index, side in enumerate(sides)
    ]
    pair((digests[0], digests[1]))
    ids = [{number: side.diff_id(number) for number in left[index]} for index, side in enumerate(sides)]
    pair((ids[0], ids[1]))
    return sorted(pairs + (list(zip(*left, strict=True)) if len(left[0]) == len(left[1]) else []))


def layer_differences(where: str, old: ImageLayers, new: ImageLayers) -> Iterator[Difference]:
    """Yield what differs in the bytes of the layers; layers of other digests always differ in something.

    Args:
        where: what the images are of.
        old: an image.
        new: the one to compare with.

    Raises:
        InputError: a layer that only one of them has is missing, damaged, or not what its digests say.
    """
    digests = [[layer.digest for layer in side.layers] for side in (old, new)]
    if digests[0] == digests[1]:
        return
    own = [
        [number for number, digest in enumerate(mine) if digest not in others]
        for mine, others in ((digests[0], {*digests[1]}), (digests[1], {*digests[0]}))
    ]
    if own[0] or own[1] or len(digests[0]) != len(digests[1]):
        words = [
            f"{len(mine)} layers, {len(numbers)} of them not in the other"
            for mine, numbers in zip(digests, own, strict=True)
        ]
        yield Difference(where=where, what="layers", old=words[0], new=words[1])
    names = [[digest.hex[:12] for digest in mine] for mine in digests]
    yield from order_difference(where, "order of the layers", names[0], names[1])
    same = {
        pair
        for pair in paired_layers(old, new)
        if pair[0] in own[0]
        and pair[1] in own[1]
        and old.diff_id(pair[0]) == new.diff_id(pair[1]) is not None
    }
    for first, second in sorted(same):
        sides = _compressed(old, first), _compressed(new, second)
        yield Difference(
            where=where, what=f"layer {second + 1}, the same archive", old=sides[0], new=sides[1]
        )
    changed = [[one for one in own[side] if one not in {pair[side] for pair in same}] for side in (0, 1)]
    if changed[0] or changed[1]:
        yield from _contents(where, (old, new), changed)


def _compressed(side: ImageLayers, number: int) -> str:
    """Return how a layer is compressed, after reading it: whether it is what its diff_id says."""
    layer = side.layers[number]
    _read(side, number, _Files())
    compression = LAYER_COMPRESSIONS[layer.media_type].value
    return f"compression {compression}, {layer.size} bytes {layer.digest.hex[:12]}"


def _contents(
    where: str, sides: tuple[ImageLayers, ImageLayers], numbers: Sequence[Sequence[int]]
) -> Iterator[Difference]:
    """Yield what differs in the files of layers, and in how the archives hold them; in the end that bytes do."""
    files = _Files(), _Files()
    for side, mine, found in zip(sides, numbers, files, strict=True):
        for number in mine:
            _read(side, number, found)
    told = sorted(differences(where, files[0].words, files[1].words), key=lambda one: one.what)
    both = [path for path in files[0].facts if path in files[1].facts]
    held = [
        one for path in sorted(both) for one in differences(path, files[0].facts[path], files[1].facts[path])
    ]
    for one in grouped(held, where=where):
        told.append(one if one.where == where else replace(one, where=where, what=f"{one.where}, {one.what}"))
    order = [[*found.words] for found in files]
    told += order_difference(where, "order of the files in the layers", order[0], order[1])
    if not told:
        words = [
            ", ".join(side.layers[number].digest.hex[:12] for number in mine)
            for side, mine in zip(sides, numbers, strict=True)
        ]
        what = "bytes of the layers (the same files with the same facts)"
        told.append(Difference(where=where, what=what, old=words[0], new=words[1]))
    yield from told


def _read(side: ImageLayers, number: int, files: _Files) -> None:
    """Read a layer to its end and keep what is in it."""
    layer, documents = side.layers[number], side.layout.documents
    compression = LAYER_COMPRESSIONS.get(layer.media_type)
    if compression is None:
        raise documents.wrong(f"a layer is of the kind '{layer.media_type}', which is unknown")

    def show(entry: TarEntry, tar: TarStream) -> None:
        files.words.pop(entry.path, None)  # for the order: the last one wins
        files.words[entry.path] = _words(entry, tar)
        files.facts[entry.path] = _facts(entry)

    with side.layout.reading(layer) as stream:
        read = pass_over_layer(stream, compression, show, name=layer.digest.oci)
    side.layout.check_read(layer, read.digest, read.size)
    if read.damage:
        raise documents.wrong(f"the layer {layer.digest.oci} is damaged: {read.damage}")
    diff_id = side.diff_id(number)
    if diff_id is not None and read.diff_id is not None and diff_id != read.diff_id:
        inside = f"inflated it has the digest {read.diff_id.oci}, its diff_id is {diff_id.oci}"
        raise documents.wrong(f"the layer {layer.digest.oci} is another one: {inside}")


def _words(entry: TarEntry, tar: TarStream) -> str:
    words = f"{entry.kind.value}, mode {entry.mode:o}, owner {entry.uid}:{entry.gid}"
    if entry.link:
        words += f", to {entry.link}"
    if entry.kind is EntryKind.FILE:
        content = sha256()
        while block := tar.read(_BLOCK):
            content.update(block)
        words += f", {entry.size} bytes {content.hexdigest()[:12]}"
    return words


def _facts(entry: TarEntry) -> Mapping[str, str]:
    """Return what an archive says of an entry besides what it is."""
    header, records = entry.header, entry.records
    names = [
        records.get(key, header[start : start + 32].partition(b"\0")[0].decode("utf-8", "surrogateescape"))
        for key, start in (("uname", 265), ("gname", 297))
    ]
    facts = {
        "time": _time(records.get("mtime", ""), header[136:148].strip(b" \0").decode("latin-1")),
        "names of the owner": ":".join(names) if any(names) else "",
    }
    if entry.kind in _DEVICES:
        numbers = (header[start : start + 8].strip(b" \0").decode("latin-1") for start in (329, 337))
        facts["device"] = ":".join(numbers)
    return facts | {f"record {key}": value for key, value in records.items() if key not in _TOLD}


def _time(recorded: str, octal: str) -> str:
    """Return a time: seconds since 1970, in an extended header with a fraction, else in octal digits."""
    try:
        seconds = int(recorded) if recorded else int(octal or "0", 8)
        return str(datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None))
    except (ValueError, OverflowError, OSError):
        return recorded or octal
