"""What differs between two image layouts: by image, its descriptor, manifest, configuration and layers, and the files of those that changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path

from crosswheel.act.images.layer_difference import ImageLayers, layer_differences, paired_layers
from crosswheel.act.images.layout_documents import LayoutDocuments
from crosswheel.act.images.layouts import Layout
from crosswheel.act.images.open_layout import open_layout
from crosswheel.act.images.whole_layout import JsonObject, LayoutEntry, WholeLayout, objects
from crosswheel.act.storage.store import digest_of_file
from crosswheel.decide.documents.difference import (
    Difference,
    bytes_difference,
    differences,
    order_difference,
    sample,
)
from crosswheel.decide.documents.document_difference import (
    ABSENT,
    Absent,
    document_differences,
    is_same,
    without,
)
from crosswheel.decide.images.oci_documents import DocumentKind, kind_of_document
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import Digest
from crosswheel.values.oci_descriptors import Descriptor

__all__ = ["image_differences"]

#: What a descriptor says of its blob's bytes: the blobs are compared.
_BYTES = frozenset({"digest", "size"})
_Pair = tuple[LayoutEntry, LayoutEntry]


def image_differences(old: Path, new: Path) -> tuple[Difference, ...]:
    """Return what differs between what two layouts lead to, image by image.

    Every blob is read, and must be what its digest says. Layouts of other digests always differ in something.

    Args:
        old: a layout's folder, or an archive of one.
        new: another.

    Raises:
        InputError: one cannot be read, is none, or is damaged.
    """
    with open_layout(old) as first, open_layout(new) as second:
        sides = _whole(first), _whole(second)
        found = [*_between(*sides)]
        sides[0].check_blobs()
        sides[1].check_blobs(like=sides[0])
    if not found and old.is_file() and new.is_file():
        found += bytes_difference("", "archives of the same layout", digest_of_file(old), digest_of_file(new))
    return tuple(found)


def _whole(layout: Layout) -> WholeLayout:
    return WholeLayout(
        LayoutDocuments(layout=layout, reading="read image", using="compare image", fix="make it again")
    )


def _between(old: WholeLayout, new: WholeLayout) -> tuple[Difference, ...]:
    markers = [
        {"oci-layout": (side.documents.layout.marker or b"").decode("utf-8", "replace")}
        for side in (old, new)
    ]
    found = [*differences("", markers[0], markers[1]), *_indexes(old, new), *_named(old, new)]
    if not found:  # the indexes lead to the same in another way
        for first, second in zip(old.indexes, new.indexes, strict=False):
            found += document_differences("", first.document, second.document, place="index")
    return (*found, *_unused(old, new))


def _named(old: WholeLayout, new: WholeLayout) -> Iterator[Difference]:
    """Yield what differs in what the indexes name."""
    pairs, lonely = _pairs(old.entries, new.entries)
    labels = _labels([*pairs, *lonely], (old, new))
    for (before, after), label in zip(lonely, labels[len(pairs) :], strict=True):
        words = ["" if one is None else _in_words(one) for one in (before, after)]
        what = "image" if all(one is None or one.config for one in (before, after)) else "artifact"
        yield Difference(where=label, what=what, old=words[0], new=words[1])
    named = {id(one): label for pair, label in zip(pairs, labels, strict=False) for one in pair}
    order = [[named[id(one)] for one in side.entries if id(one) in named] for side in (old, new)]
    yield from order_difference("", "order of the images", order[0], order[1])
    done: set[tuple[Digest, Digest]] = set()
    for (first, second), label in zip(pairs, labels, strict=False):
        yield from document_differences(label, _bare(first.entry), _bare(second.entry), place="entry")
        digests = first.digest, second.digest
        if digests[0] != digests[1] and digests not in done:
            done.add(digests)
            yield from _entries(label, (old, first), (new, second))


def _indexes(old: WholeLayout, new: WholeLayout) -> Iterator[Difference]:
    """Yield what differs in indexes besides what they name."""
    for number, (first, second) in enumerate(zip_longest(old.indexes, new.indexes)):
        place = f"index {number}" if number else "index.json"
        if first is None or second is None:
            words = ["" if one is None else f"sha256 {one.digest.hex[:12]}" for one in (first, second)]
            yield Difference(where="", what=place, old=words[0], new=words[1])
            continue
        rest = [without(one.document, {"manifests"}) for one in (first, second)]
        yield from document_differences("", rest[0], rest[1], place=place)
        nested = [
            [_bare(one) for one in objects(index.document, "manifests") if _is_index(one)]
            for index in (first, second)
        ]
        if nested[0] and nested[1]:  # else one has an index more
            yield from document_differences("", nested[0], nested[1], place=f"{place}.manifests")
        if is_same(first.document, second.document):
            yield from bytes_difference(
                "", f"{place}, the same in another layout of JSON", first.digest, second.digest
            )


def _is_index(entry: JsonObject) -> bool:
    return kind_of_document(str(entry.get("mediaType"))) is DocumentKind.INDEX


def _in_words(entry: LayoutEntry) -> str:
    if entry.config is None or entry.manifest is None:
        return f"sha256 {entry.digest.hex[:12]}"
    return f"{len(entry.manifest.layers)} layers"


def _pairs(
    old: list[LayoutEntry], new: list[LayoutEntry]
) -> tuple[list[_Pair], list[tuple[LayoutEntry | None, LayoutEntry | None]]]:
    """Return what belongs together, and what only one of them has: by kind, platform and name, then without the name."""
    keys: tuple[Callable[[LayoutEntry], object], ...] = (
        lambda one: (one.kind, one.platform, one.name, one.digest),
        lambda one: (one.kind, one.platform, one.name),
        lambda one: (one.kind, one.platform),
    )
    pairs: list[_Pair] = []
    left, right = old, new
    for key in keys:
        by_key: dict[object, list[LayoutEntry]] = {}
        for one in right:
            by_key.setdefault(key(one), []).append(one)
        missing: list[LayoutEntry] = []
        for one in left:
            others = by_key.get(key(one))
            if others:
                pairs.append((one, others.pop(0)))
            else:
                missing.append(one)
        kept = {id(one) for others in by_key.values() for one in others}
        left, right = missing, [one for one in right if id(one) in kept]
    place = {id(one): number for number, one in enumerate(old)}
    pairs.sort(key=lambda pair: place[id(pair[0])])
    return pairs, [*((one, None) for one in left), *((None, one) for one in right)]


def _labels(
    pairs: Iterable[tuple[LayoutEntry | None, LayoutEntry | None]], sides: tuple[WholeLayout, WholeLayout]
) -> list[str]:
    """Return what each pair is called: its platform or what it is, with the name where there are several, each once."""
    platforms = [{one.digest.oci: one.platform for one in side.entries if one.config} for side in sides]
    entries = [(first, 0) if first is not None else (second, 1) for first, second in pairs]
    names: dict[tuple[str, str], set[str]] = {}
    for entry, _ in entries:
        if entry is not None:
            names.setdefault((entry.kind, entry.platform), set()).add(entry.name)
    labels: list[str] = []
    used: Counter[str] = Counter()
    for entry, side in entries:
        assert entry is not None, "a pair has one of two at least"
        label = entry.platform or entry.kind
        if entry.about in platforms[side]:
            label += f" of {platforms[side][entry.about]}"
        elif entry.name and len(names[entry.kind, entry.platform]) > 1:
            label = f"{entry.name} {label}"
        used[label] += 1
        labels.append(label if used[label] == 1 else f"{label} ({used[label]})")
    return labels


def _entries(
    where: str, old: tuple[WholeLayout, LayoutEntry], new: tuple[WholeLayout, LayoutEntry]
) -> Iterator[Difference]:
    """Yield what differs between two images or artifacts of other digests."""
    first, second = old[1], new[1]
    if first.manifest is None or second.manifest is None:
        yield from bytes_difference(where, first.kind, first.digest, second.digest)
        return
    rest = [_manifest(one.document) for one in (first, second)]
    yield from document_differences(where, rest[0], rest[1], place="manifest")
    if is_same(first.document, second.document):
        what = "the same manifest in another layout of JSON"
        yield from bytes_difference(where, what, first.digest, second.digest)
    layers = ImageLayers(old[0], first), ImageLayers(new[0], second)
    if first.config is None or second.config is None:
        yield from _blob(where, "config", (old[0], first.manifest.config), (new[0], second.manifest.config))
    else:
        yield from _configs(where, first, second)
    told = [objects(one.document, "layers") for one in (first, second)]
    pairs = paired_layers(*layers)
    for one, other in pairs:
        bare = [_bare(told[0][one]), _bare(told[1][other])]
        yield from document_differences(where, bare[0], bare[1], place=f"layer {other + 1}")
    if first.config is not None and second.config is not None:
        yield from layer_differences(where, *layers)
        return
    for one, other in pairs:
        blobs = (old[0], layers[0].layers[one]), (new[0], layers[1].layers[other])
        yield from _blob(where, f"layer {other + 1}", *blobs)
    if len(told[0]) != len(told[1]):
        yield Difference(where=where, what="layers", old=str(len(told[0])), new=str(len(told[1])))
    names = [[one.digest.hex[:12] for one in side.layers] for side in layers]
    yield from order_difference(where, "order of the layers", names[0], names[1])


def _configs(where: str, old: LayoutEntry, new: LayoutEntry) -> Iterator[Difference]:
    """Yield what differs in two configurations; what the layers say of themselves is left to them."""
    assert old.manifest is not None, "an image has one"
    assert new.manifest is not None, "an image has one"
    documents = old.config_document, new.config_document
    settings = [one.get("config", ABSENT) for one in documents]
    is_plain = all(isinstance(one, Mapping) for one in settings)
    found = [
        *document_differences(where, settings[0], settings[1], place="" if is_plain else "config"),
        *document_differences(where, *(without(one, {"config", "rootfs"}) for one in documents)),
    ]
    roots = [one.get("rootfs", ABSENT) for one in documents]
    layers = [[layer.digest for layer in one.layers] for one in (old.manifest, new.manifest)]
    if layers[0] != layers[1]:
        roots = [without(one, {"diff_ids"}) if isinstance(one, Mapping) else one for one in roots]
    found += document_differences(where, roots[0], roots[1], place="rootfs")
    if is_same(*documents):
        what = "the same configuration in another layout of JSON"
        found += bytes_difference(where, what, old.manifest.config.digest, new.manifest.config.digest)
    yield from sorted(found, key=lambda one: one.what)


def _blob(
    where: str, what: str, old: tuple[WholeLayout, Descriptor], new: tuple[WholeLayout, Descriptor]
) -> Iterator[Difference]:
    """Yield what differs between two blobs of an artifact: the first leaves of JSON, else that their bytes do."""
    if old[1].digest == new[1].digest:
        return
    documents = [_json(layout.blob(descriptor)) for layout, descriptor in (old, new)]
    found: list[Difference] = []
    if ABSENT not in documents:
        leaves = document_differences(where, documents[0], documents[1], place=what)
        found += sample(leaves, where=where, what=f"leaves of {what}")
    yield from found or bytes_difference(where, what, old[1].digest, new[1].digest)


def _json(data: bytes | None) -> JsonValue | Absent:
    try:
        return ABSENT if data is None else json.loads(data)
    except (ValueError, RecursionError):
        return ABSENT


def _manifest(document: JsonObject) -> JsonObject:
    """Return a manifest without what its blobs say of themselves, and without the layers, which are paired."""
    config = document.get("config")
    bare = _bare(config) if isinstance(config, Mapping) else config
    return {**without(document, {"layers"}), "config": bare}


def _bare(descriptor: JsonObject) -> JsonObject:
    return without(descriptor, _BYTES)


def _unused(old: WholeLayout, new: WholeLayout) -> Iterator[Difference]:
    """Yield the blobs that only one layout has, and that nothing leads to."""
    sides = [
        {digest.oci: digest for digest in side.documents.layout.blobs.digests() - side.used}
        for side in (old, new)
    ]
    words = [dict.fromkeys(sorted(side), "is there, and nothing leads to it") for side in sides]
    found = differences("", *({f"blob {name}": word for name, word in side.items()} for side in words))
    yield from sample(found, where="", what="blobs that nothing leads to")
