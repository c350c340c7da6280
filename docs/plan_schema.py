"""The JSON Schema of the plan, from the dataclasses that hold it: docs/reference/plan.schema.json."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import types
import typing
from collections.abc import Mapping
from typing import Any

from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.decide.plans.plan import (
    Artifact,
    HeadersPin,
    Overlay,
    Plan,
    PlannedBuild,
    PlannedTarget,
    PlannedWheel,
    Sysroot,
    SysrootPackage,
)
from crosswheel.decide.plans.plan_reader import HEADERS_SOURCES, SCHEMA
from crosswheel.decide.plans.toolchain_pin import FAMILIES, TOOLS, ToolchainPin
from crosswheel.target.targets import Target
from crosswheel.values.digests import Digest

__all__ = ["plan_schema", "plan_schema_text"]

_Schema = dict[str, Any]
#: Fields that are the key of their object in the JSON, not a member.
_KEYS = {(Artifact, "sha256"), (PlannedBuild, "id")}
#: Fields that have another name in the JSON.
_NAMES = {(PlannedTarget, "target"): "id"}
#: Fields without a default that are left out when they are empty.
_LEFT_OUT = {(SysrootPackage, "version")}
#: What of two fields exactly one is there.
_EITHER = {Artifact: ("url", "path"), Overlay: ("artifact", "build"), PlannedWheel: ("artifact", "build")}
#: Fields that hold one of a few words.
_WORDS = {
    (HeadersPin, "source"): HEADERS_SOURCES,
    (Sysroot, "link"): tuple(kind.value for kind in LinkKind),
    (ToolchainPin, "family"): FAMILIES,
}
_DIGEST = {"$ref": "#/$defs/Digest"}


def plan_schema_text() -> str:
    """Return the schema as it is committed."""
    return json.dumps(plan_schema(), indent=2) + "\n"


def plan_schema() -> _Schema:
    """Return the schema of plans that this crosswheel writes and reads."""
    definitions: dict[str, _Schema] = {
        "Digest": {"description": "SHA-256 in hexadecimal.", "type": "string", "pattern": "^[0-9a-f]{64}$"}
    }
    root = _object(Plan, definitions)
    root["properties"] = {"schema": {"const": SCHEMA}, **root["properties"]}
    root["properties"]["artifacts"]["propertyNames"] = _DIGEST
    root["required"] = ["schema", *root["required"]]
    toolchain = definitions["ToolchainPin"]["properties"]["programs"]
    toolchain["required"] = list(TOOLS[:3])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A plan of crosswheel, schema {SCHEMA}",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _object(model: Any, definitions: dict[str, _Schema]) -> _Schema:
    hints, meanings = typing.get_type_hints(model), _meanings(model)
    properties: dict[str, _Schema] = {}
    required = []
    for field in dataclasses.fields(model):
        if (model, field.name) in _KEYS:
            continue
        name = _NAMES.get((model, field.name), field.name)
        value = _value(hints[field.name], definitions)
        if (model, field.name) in _WORDS:
            value = {"enum": list(_WORDS[model, field.name])}
        if field.name in meanings and "$ref" not in value:
            value = {"description": meanings[field.name], **value}
        properties[name] = value
        if _is_required(model, field, hints[field.name]):
            required.append(name)
    schema: _Schema = {"type": "object", "properties": properties, "required": required}
    if model in _EITHER:
        schema["oneOf"] = [{"required": [name]} for name in _EITHER[model]]
    return {"description": _summary(model), **schema, "additionalProperties": False}


def _is_required(model: Any, field: dataclasses.Field[Any], hint: Any) -> bool:
    has_default = not (field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING)
    optional = types.NoneType in typing.get_args(hint)
    return not has_default and not optional and (model, field.name) not in _LEFT_OUT


def _value(hint: Any, definitions: dict[str, _Schema]) -> _Schema:
    """Return the schema of a field's type."""
    simple: dict[Any, _Schema] = {
        str: {"type": "string"},
        int: {"type": "integer", "minimum": 0},
        bool: {"type": "boolean"},
        Target: {"type": "string"},
        Digest: dict(_DIGEST),
    }
    if hint in simple:
        return simple[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return {"type": "array", "items": _value(arguments[0], definitions)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _value(arguments[1], definitions)}
    if origin in {types.UnionType, typing.Union}:
        kinds = [_value(one, definitions) for one in arguments if one is not types.NoneType]
        return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    if hint.__name__ not in definitions:
        definitions[hint.__name__] = {}
        definitions[hint.__name__] = _object(hint, definitions)
    return {"$ref": f"#/$defs/{hint.__name__}"}


def _summary(model: Any) -> str:
    return _plain(inspect.cleandoc(model.__doc__).split("\n\n")[0])


def _meanings(model: Any) -> dict[str, str]:
    """Return what the docstring says of each field."""
    _, _, listed = inspect.cleandoc(model.__doc__).partition("Attributes:\n")
    found = re.findall(r"^    (\w+): (.*(?:\n {8,}.*)*)", listed, re.MULTILINE)
    return {name: _plain(text) for name, text in found}


def _plain(text: str) -> str:
    return " ".join(text.replace("``", "`").split())
