"""What of YAML the files hold that projects describe containers with: mappings, lists and texts, of the first document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ruamel.yaml.nodes import Node

__all__ = ["Outline", "OutlineError", "own_tags", "read_outline"]

#: All that is no mapping and no list is a text.
Outline = str | Sequence["Outline"] | Mapping[str, "Outline"]

#: What is nested deeper is no file of people.
_DEEPEST = 50
#: Nor is a longer one; the library reads this much in a second or two.
_LONGEST = 100_000


class _Entries(dict[str, Outline]):
    """A mapping, with the files' own tags of its values by name (``!reset``)."""

    tags: Mapping[str, str] = MappingProxyType({})


class OutlineError(Exception):
    """A text is no YAML; the message is a clause that says why."""


def read_outline(text: str) -> Outline:
    r"""Return what a text holds as YAML (version 1.2, https://yaml.org/spec/1.2.2/); an empty text where it holds nothing.

    Raises:
        OutlineError: it is none, or longer or deeper than what people write.

    >>> read_outline("a: &x {b: [1, 'c d']}\ne:\n- f: *x\n- g # h\n")
    {'a': {'b': ['1', 'c d']}, 'e': [{'f': {'b': ['1', 'c d']}}, 'g']}
    """
    # Most projects have no such file, and need not wait for it.
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if len(text) > _LONGEST:
        raise OutlineError(f"it has more than {_LONGEST} characters")
    reader = YAML(typ="base", pure=True)
    reader.max_depth = _DEEPEST
    try:
        # The texts as they are written: "1.10" is no number here.
        node = next(reader.compose_all(text.removeprefix("\ufeff")), None)
    except YAMLError as error:
        marked = error if isinstance(error, MarkedYAMLError) else None
        mark = None if marked is None else marked.problem_mark
        where = f"line {mark.line + 1}: " if mark is not None else ""
        what = (marked.problem if marked is not None else "") or "its characters or its depth"
        raise OutlineError(f"it is no YAML ({where}{what})") from None
    return "" if node is None else _Contents().of(node)


def own_tags(said: Outline) -> Mapping[str, str]:
    r"""Return the tags of a mapping's values, by name, that are none of YAML's; nothing for what is no mapping.

    >>> own_tags(read_outline("a: !x [b]\nc: !!str d\n"))
    {'a': '!x'}
    """
    return said.tags if isinstance(said, _Entries) else {}


class _Contents:
    """What nodes hold; one that has several names is read once."""

    def __init__(self) -> None:
        self._read: dict[int, Outline] = {}

    def of(self, node: Node) -> Outline:
        if id(node) not in self._read:
            # For those that hold themselves.
            self._read[id(node)] = ""
            self._read[id(node)] = self._content(node)
        return self._read[id(node)]

    def _content(self, node: Node) -> Outline:
        from ruamel.yaml.nodes import MappingNode, SequenceNode

        if isinstance(node, SequenceNode):
            return [self.of(one) for one in node.value]
        if isinstance(node, MappingNode):
            return _merged([(self.of(name), self.of(value), str(value.tag)) for name, value in node.value])
        return str(node.value)


def _merged(triples: Sequence[tuple[Outline, Outline, str]]) -> Outline:
    """Return a mapping with what it takes from others by the key ``<<`` (https://yaml.org/type/merge.html).

    Args:
        triples: name, value and the value's tag.
    """
    merged = _Entries()
    tags: dict[str, str] = {}
    for value in [value for name, value, _ in triples if name == "<<"]:
        for one in [value] if isinstance(value, Mapping) else reversed(value):
            taken = one if isinstance(one, Mapping) else {}
            merged.update(taken)
            tags |= {**dict.fromkeys(taken, ""), **own_tags(taken)}
    for name, value, tag in triples:
        if isinstance(name, str) and name != "<<":
            merged[name] = value
            tags[name] = tag if tag.startswith("!") else ""
    merged.tags = {name: tag for name, tag in tags.items() if tag}
    return merged
