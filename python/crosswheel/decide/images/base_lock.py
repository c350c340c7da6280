"""A base lock: the Debian packages and the interpreter that base images are made of, pinned by digest (schema 1).

It is a file of its own beside the plan, because it is about systems and not about wheels: docs/decisions/0019-images.md.
The JSON shape is documented in docs/reference/base-lock.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from crosswheel.decide.documents.json_fields import Faults, Fields
from crosswheel.decide.plans.plan import Artifact
from crosswheel.decide.plans.plan_json import artifact_to_json
from crosswheel.decide.plans.plan_reader import read_artifact
from crosswheel.target.oci_platforms import oci_platform_of
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue, json_fault, pretty_json
from crosswheel.values.digests import Digest
from crosswheel.values.errors import InputError, raise_faults
from crosswheel.values.platforms import Glibc
from crosswheel.values.python_abi import PythonAbi, parse_python_abi

__all__ = [
    "BASE_LOCK_SCHEMA",
    "BaseLock",
    "BasePackage",
    "LockedBase",
    "base_lock_from_json",
    "base_lock_to_json",
]

BASE_LOCK_SCHEMA = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class BasePackage:
    """One Debian package.

    Attributes:
        name: its name.
        version: its version.
        artifact: digest of the ``.deb``.
    """

    name: str
    version: str
    artifact: Digest


@dataclass(frozen=True, kw_only=True, slots=True)
class LockedBase:
    """The base image of one platform and Python.

    Attributes:
        platform: as images spell it, ``linux/arm64``.
        python: ABI of its Python.
        glibc: version of its glibc.
        origin: where the packages were chosen from, e.g. ``Debian bookworm arm64``.
        index: digest of the index they were chosen from.
        system: packages of the system, sorted by name.
        interpreter: packages of the Python, sorted by name; empty where `standalone` is one.
        standalone: digest of a python-build-standalone archive.
    """

    platform: str
    python: PythonAbi
    glibc: Glibc
    origin: str
    index: Digest
    system: tuple[BasePackage, ...]
    interpreter: tuple[BasePackage, ...] = ()
    standalone: Digest | None = None

    def serves(self, target: Target) -> bool:
        """Tell whether it is for the platform and the Python of `target`."""
        return (self.platform, self.python) == (str(oci_platform_of(target.platform)), target.python)


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseLock:
    """Everything that a base lock pins.

    Attributes:
        artifacts: by digest.
        bases: in the order asked for.
    """

    artifacts: Mapping[Digest, Artifact]
    bases: tuple[LockedBase, ...]

    def base_for(self, target: Target, *, name: str) -> LockedBase:
        """Return the base that serves `target`.

        Raises:
            InputError: there is none; `name` is the lock's, for the message.
        """
        found = next((base for base in self.bases if base.serves(target)), None)
        if found is None:
            there = ", ".join(f"{base.python} on {base.platform}" for base in self.bases)
            raise InputError(
                "use base lock",
                name,
                why=f"it has no base for {target.python} on {oci_platform_of(target.platform)}, "
                + (f"only for {there}" if there else "nor for anything else"),
                fix="lock one more with `crosswheel image lock`",
            )
        return found


def base_lock_to_json(lock: BaseLock) -> bytes:
    """Return the canonical text of `lock`."""
    return pretty_json(
        {
            "schema": BASE_LOCK_SCHEMA,
            "artifacts": {digest.hex: artifact_to_json(one) for digest, one in lock.artifacts.items()},
            "bases": [_base_to_json(base) for base in lock.bases],
        }
    )


def _base_to_json(base: LockedBase) -> JsonValue:
    interpreter = _packages_to_json(base.interpreter)
    return {
        "platform": base.platform,
        "python": str(base.python),
        "glibc": f"{base.glibc.major}.{base.glibc.minor}",
        "origin": base.origin,
        "index": base.index.hex,
        "system": _packages_to_json(base.system),
        **({"interpreter": interpreter} if base.interpreter else {}),
        **({"standalone": base.standalone.hex} if base.standalone is not None else {}),
    }


def _packages_to_json(packages: tuple[BasePackage, ...]) -> JsonValue:
    return [{"name": one.name, "version": one.version, "artifact": one.artifact.hex} for one in packages]


def base_lock_from_json(data: bytes, *, name: str) -> BaseLock:
    """Read a base lock.

    Args:
        data: its text.
        name: its file name, put in front of every message.

    Raises:
        CrosswheelError: `InputError` for the one fault, or `FaultsError` for all of them.
    """
    root, faults = _root(data, name)
    artifacts = {
        digest: artifact
        for key, fields in root.inner("artifacts").members()
        if (digest := fields.parsed("", Digest, key)) and (artifact := read_artifact(digest, fields))
    }
    bases = tuple(_read_base(fields) for fields in root.inners("bases"))
    root.close()
    raise_faults(faults.found)
    for base in bases:
        for digest in (*(one.artifact for one in (*base.system, *base.interpreter)), base.standalone):
            if digest is not None and digest not in artifacts:
                faults.add(digest.hex, why="it is not among the artifacts", place=(base.platform,))
    raise_faults(faults.found)
    return BaseLock(artifacts=artifacts, bases=bases)


def _root(data: bytes, name: str) -> tuple[Fields, Faults]:
    faults = Faults("read base lock", name)
    try:
        document: JsonValue = json.loads(data)
    except (ValueError, RecursionError) as error:
        why = json_fault(error)
        raise InputError(
            "read base lock", name, why=why, fix="make it with `crosswheel image lock`"
        ) from None
    root = Fields(document, faults)
    if isinstance(document, dict) and "bases" not in document and "targets" in document:
        raise InputError(
            "read base lock",
            name,
            why="it is a plan",
            fix="give what `crosswheel image lock` made, or a layout",
        )
    schema = root.whole_number("schema", required=True)
    if schema is not None and schema != BASE_LOCK_SCHEMA:
        why = f"it has schema {schema}, and this crosswheel reads schema {BASE_LOCK_SCHEMA}"
        raise InputError("read base lock", name, why=why, fix="make it anew with `crosswheel image lock`")
    return root, faults


def _read_base(fields: Fields) -> LockedBase:
    python = fields.parsed("python", parse_python_abi, fields.text("python"))
    major, _, minor = fields.text("glibc").partition(".")
    if not (major.isdecimal() and minor.isdecimal()):
        fields.fault(fields.text("glibc"), "a version of glibc is two numbers", "glibc")
        major = minor = "0"
    base = LockedBase(
        platform=fields.text("platform"),
        python=python or PythonAbi(major=3, minor=8),
        glibc=Glibc(major=int(major), minor=int(minor)),
        origin=fields.text("origin"),
        index=fields.digest("index"),
        system=_read_packages(fields, "system"),
        interpreter=_read_packages(fields, "interpreter"),
        standalone=fields.optional_digest("standalone"),
    )
    fields.close()
    return base


def _read_packages(fields: Fields, key: str) -> tuple[BasePackage, ...]:
    packages = []
    for one in fields.inners(key):
        packages.append(
            BasePackage(name=one.text("name"), version=one.text("version"), artifact=one.digest("artifact"))
        )
        one.close()
    return tuple(packages)
