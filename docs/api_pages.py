"""The pages of the Python API, from its docstrings: functions, and the classes of what they return."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, ForwardRef

import crosswheel
from crosswheel import api_types

__all__ = ["api_page", "api_types_page", "words_of"]

_TYPES = frozenset(api_types.__all__)
_TYPES_HEAD = (
    "The classes of what the [functions](api.md) return and take, in alphabetical order; all can be imported from `crosswheel`. "
    "Fields are given with their types, then properties and methods. They are values: nothing in them changes. Fields may be added."
)


def api_page(note: str) -> str:
    """Describe the functions that `import crosswheel` offers, and what they take."""
    lines = [note, "# The Python API", "", *_docstring(crosswheel), ""]
    for name in sorted(set(crosswheel.__all__) - _TYPES):
        lines += _described(name, getattr(crosswheel, name))
    return _page(lines)


def api_types_page(note: str) -> str:
    """Describe the classes that results are made of."""
    lines = [note, "# What the Python API returns", "", _TYPES_HEAD, ""]
    for name in sorted(_TYPES):
        thing = getattr(api_types, name)
        lines += [*_described(name, thing), *(_listed(thing) if inspect.isclass(thing) else []), ""]
    return _page(lines)


def words_of(thing: Any) -> set[str]:
    """Return the names in the annotations of a function, or of a class's fields, properties and methods."""
    texts = [_alias(thing)] if not (inspect.isclass(thing) or inspect.isroutine(thing)) else []
    if inspect.isroutine(thing):
        texts += [_annotation(one) for one in inspect.get_annotations(thing).values()]
    elif inspect.isclass(thing):
        texts += [_annotation(one) for one in inspect.get_annotations(thing).values()]
        for _name, member in _members(thing):
            texts += [_annotation(one) for one in inspect.get_annotations(_function(member)).values()]
    return {word for text in texts for word in re.findall(r"[A-Z]\w+", text)}


def _page(lines: list[str]) -> str:
    text = "\n".join(lines).replace("```python\n\n", "```python\n")
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def _described(name: str, thing: Any) -> list[str]:
    title = f"## `{name}`"
    if inspect.isclass(thing):
        return [title, "", *_fields(thing), *_docstring(thing), "", *_inherited(thing), ""]
    if callable(thing) and inspect.isroutine(thing):
        code = ["```python", _signature(name, thing), "```", ""]
        return [title, "", *code, *_docstring(thing), "", *_linked_types(thing), ""]
    text, comment = _alias_of(name)
    return [title, "", "```python", text, "```", "", comment, ""]


def _inherited(thing: type) -> list[str]:
    """Return a line with the class of ours whose fields and members a class has, too."""
    bases = [base.__name__ for base in thing.__bases__ if base.__name__ in _TYPES]
    return [f"It has all of [`{name}`](#{name.lower()}), too." for name in bases]


def _linked_types(function: Any) -> list[str]:
    """Return a line with links to the classes of a function's result."""
    returned = _annotation(inspect.get_annotations(function).get("return", ""))
    names = [name for name in dict.fromkeys(re.findall(r"\w+", returned)) if name in _TYPES]
    links = ", ".join(f"[`{name}`](api-types.md#{name.lower()})" for name in names)
    return [f"Its result: {links}."] if links else []


def _alias_of(name: str) -> tuple[str, str]:
    """Return how an alias is written, and the comment above it."""
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("crosswheel.") and name in getattr(
            module, "__all__", ()
        ):
            source = inspect.getsource(module)
            found = re.search(rf"((?:^#: .*\n)*)^{name}(?:: TypeAlias)? = (.*)$", source, re.MULTILINE)
            if found is not None:
                comment = " ".join(line.removeprefix("#: ") for line in found[1].splitlines())
                return f"{name} = {found[2]}".replace('"', ""), comment.replace("``", "`")
    raise LookupError(name)


def _alias(thing: object) -> str:
    return str(thing)


def _members(thing: type) -> Iterator[tuple[str, Any]]:
    """Yield the public properties and methods that a class itself has."""
    for name, bound in vars(thing).items():
        member = bound.__func__ if isinstance(bound, classmethod | staticmethod) else bound
        if not name.startswith("_") and (isinstance(member, property) or inspect.isfunction(member)):
            yield name, member


def _function(member: Any) -> Callable[..., Any]:
    function = member.fget if isinstance(member, property) else member
    assert callable(function)
    return function


def _listed(thing: type) -> list[str]:
    """Return a list of the members of an enumeration, and of the properties and methods of a class."""
    lines = []
    if issubclass(thing, enum.Enum):
        lines += [f"- `{thing.__name__}.{one.name}`: `{one.value!r}`" for one in thing]
    for name, member in _members(thing):
        if isinstance(member, property):
            shown = f"{name}: {_annotation(inspect.get_annotations(_function(member)).get('return', ''))}"
        else:
            shown = _signature(name, member, first=1).removeprefix("def ").removesuffix(": ...")
        first = (inspect.getdoc(member) or "").partition("\n\n")[0]
        lines.append(f"- `{' '.join(shown.split())}`: {_prose(' '.join(first.split()), '')}")
    return [*(["**Members**", ""] if lines else []), *lines]


def _fields(thing: object) -> list[str]:
    """Return a code block with the fields of a class that is made of some, and their types."""
    made_of_fields = dataclasses.is_dataclass(thing) or hasattr(thing, "__total__")
    annotations = inspect.get_annotations(thing) if made_of_fields and isinstance(thing, type) else {}
    if not annotations:
        return []
    lines = [f"{name}: {_annotation(annotation)}" for name, annotation in annotations.items()]
    return ["```python", *lines, "```", ""]


def _signature(name: str, function: object, *, first: int = 0) -> str:
    assert callable(function)
    parameters = inspect.signature(function)
    taken = list(parameters.parameters.values())[first:]
    shown = [_parameter(parameter) for parameter in taken]
    keyword = [p.kind is inspect.Parameter.KEYWORD_ONLY for p in taken]
    if True in keyword:
        shown.insert(keyword.index(True), "*")
    returns = parameters.return_annotation
    arrow = "" if returns is inspect.Signature.empty else f" -> {_annotation(returns)}"
    joined = ", ".join(shown)
    if len(joined) > 80:
        joined = "\n    " + ",\n    ".join(shown) + ",\n"
    return f"def {name}({joined}){arrow}: ..."


def _parameter(parameter: inspect.Parameter) -> str:
    text = "**" if parameter.kind is inspect.Parameter.VAR_KEYWORD else ""
    text += parameter.name
    if parameter.annotation is not inspect.Parameter.empty:
        text += f": {_annotation(parameter.annotation)}"
    if parameter.default is not inspect.Parameter.empty:
        # An object's own text may hold an address or a path of this machine.
        plain = parameter.default is None or isinstance(parameter.default, bool | int | str | tuple)
        text += f" = {parameter.default!r}" if plain else " = ..."
    return text


def _annotation(annotation: object) -> str:
    if isinstance(annotation, ForwardRef):  # what a TypedDict makes of its annotations
        annotation = annotation.__forward_arg__
    text: str = (
        annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    )
    return text.replace("'", "")


def _docstring(thing: object) -> list[str]:
    """Turn a Google-style docstring into Markdown: sections become lists, examples code blocks."""
    lines: list[str] = []
    section = ""
    fence = ""
    for line in (inspect.getdoc(thing) or "").splitlines():
        if fence and _leaves(fence, line):
            fence = ""
            while not lines[-1]:
                lines.pop()
            lines += ["```", ""]
        if not fence and line.startswith(">>> "):
            fence = "doctest"
            lines.append("```python")
        if fence:
            lines.append(line[4:] if fence == "literal" else line)
        elif line.endswith("::"):
            fence = "literal"
            lines += [line[:-1], "", "```python"]
        elif re.fullmatch(r"(Args|Returns|Raises|Attributes|Yields):", line):
            section = line[:-1]
            lines += [f"**{section}**", ""]
        else:
            section = section if line.startswith(" ") or not line else ""
            lines.append(_prose(line, section))
    return [*lines, "```"] if fence else lines


def _leaves(fence: str, line: str) -> bool:
    """Return whether a line ends a code block: a blank one ends an example, an outdented one a literal block."""
    return not line.strip() if fence == "doctest" else bool(line) and not line.startswith(" ")


def _prose(line: str, section: str) -> str:
    text = line.strip().replace("``", "`")
    if section and re.match(r"    [\w.*]+( \([^)]*\))?: ", line):
        name, _, rest = text.partition(": ")
        return f"- `{name}`: {rest}"
    return "  " + text if text and section in {"Args", "Raises", "Attributes"} else text
