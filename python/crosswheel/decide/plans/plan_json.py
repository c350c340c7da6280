"""The plan as canonical JSON, schema 1; its meaning is documented in docs/reference/plan.md."""

from __future__ import annotations

from collections.abc import Mapping

from crosswheel.decide.plans.plan import (
    Artifact,
    BuildEnvironment,
    HeadersPin,
    Overlay,
    Plan,
    PlannedBuild,
    PlannedTarget,
    Sysroot,
)
from crosswheel.decide.plans.plan_reader import SCHEMA, read_plan
from crosswheel.decide.plans.toolchain_pin import toolchain_to_json
from crosswheel.values.canonical_json import JsonValue, pretty_json
from crosswheel.values.digests import Digest, digest_of

__all__ = ["SCHEMA", "artifact_to_json", "build_to_json", "plan_digest", "plan_from_json", "plan_to_json"]


def plan_to_json(plan: Plan) -> bytes:
    """Return the canonical text of `plan`: one plan has one text; empty and absent values are left out."""
    return pretty_json(
        {
            "schema": SCHEMA,
            "inputs": {name: digest.hex for name, digest in plan.inputs.items()},
            "source_date_epoch": plan.source_date_epoch,
            "artifacts": {
                digest.hex: artifact_to_json(artifact) for digest, artifact in plan.artifacts.items()
            },
            "builds": {id_: build_to_json(build) for id_, build in plan.builds.items()},
            "targets": [_target(target) for target in plan.targets],
            **_filled(
                {
                    "accept": {name: list(codes) for name, codes in plan.accept.items()},
                    "build_platforms": [_pins(platform) for platform in plan.build_platforms],
                }
            ),
        }
    )


def plan_from_json(data: bytes, *, name: str) -> Plan:
    """Read a plan.

    Args:
        data: its text.
        name: its file name, put in front of every message.

    Raises:
        CrosswheelError: `InputError` for the one fault, or `FaultsError` for all of them.
    """
    return read_plan(data, name=name)


def plan_digest(plan: Plan) -> Digest:
    """Return the digest of the plan's canonical text."""
    return digest_of(plan_to_json(plan))


def _filled(fields: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return `fields` without those that say nothing."""
    return {key: value for key, value in fields.items() if value not in (None, "", [], {})}


def _hex(digest: Digest | None) -> str | None:
    return None if digest is None else digest.hex


def artifact_to_json(artifact: Artifact) -> JsonValue:
    """Return an artifact as it stands in a plan, below its digest."""
    return {
        "filename": artifact.filename,
        **_filled({"project": artifact.project, "url": artifact.url, "path": artifact.path}),
        **_filled({"also": list(artifact.also)}),
        **({} if artifact.size is None else {"size": artifact.size}),
    }


def build_to_json(build: PlannedBuild) -> JsonValue:
    """Return a build as it stands in the plan."""
    settings: dict[str, JsonValue] = {
        key: value if isinstance(value, str) else list(value) for key, value in build.config_settings.items()
    }
    return {
        "name": build.name,
        "version": build.version,
        "target": build.target.id,
        "sdist": build.sdist.hex,
        "inputs": build.inputs.hex,
        "backend": build.backend,
        "environments": {id_: _environment(one) for id_, one in build.environments.items()},
        **_filled(
            {
                "backend_path": list(build.backend_path),
                "requires": list(build.requires),
                "listed": {key: list(items) for key, items in build.listed.items()},
                "entry": build.entry,
                "declared": {key: list(items) for key, items in build.declared.items()},
                "overlays": [_overlay(overlay) for overlay in build.overlays],
                "crates": [digest.hex for digest in build.crates],
                "sysroot": _sysroot(build.sysroot),
                "cargo_locks": [
                    {"path": lock.path, "artifact": lock.artifact.hex} for lock in build.cargo_locks
                ],
                "config_settings": settings,
                "environment": dict(build.environment),
                "patches": [{"path": patch.path, "sha256": patch.sha256.hex} for patch in build.patches],
                "downloads": [
                    {
                        "artifact": one.artifact.hex,
                        "filename": one.filename,
                        **_filled({"fetch_content": one.fetch_content}),
                    }
                    for one in build.downloads
                ],
                "oracle": _hex(build.oracle),
                "accept": list(build.accept),
            }
        ),
        **({"known": list(build.known)} if build.known else {}),
        **({"accept_build_facts": True} if build.accept_build_facts else {}),
    }


def _sysroot(sysroot: Sysroot | None) -> JsonValue:
    if sysroot is None:
        return None
    return {
        "packages": [
            {"name": one.name, "artifact": one.artifact.hex, **_filled({"version": one.version})}
            for one in sysroot.packages
        ],
        "link": sysroot.link,
        **_filled({"wanted": list(sysroot.wanted), "origin": sysroot.origin, "index": _hex(sysroot.index)}),
    }


def _environment(environment: BuildEnvironment) -> JsonValue:
    return {
        "requirements": [digest.hex for digest in environment.requirements],
        **_filled(
            {
                "toolchain": _hex(environment.toolchain),
                "builds": list(environment.builds),
                "rust": [digest.hex for digest in environment.rust],
            }
        ),
    }


def _overlay(overlay: Overlay) -> JsonValue:
    return {
        "project": overlay.project,
        **_filled({"artifact": _hex(overlay.artifact), "build": overlay.build}),
    }


def _headers(headers: HeadersPin | None) -> JsonValue:
    if headers is None:
        return None
    return {
        "source": headers.source,
        "python_version": headers.python_version,
        "sha256": headers.sha256.hex,
        **_filled({"origin": headers.origin}),
    }


def _pins(target: PlannedTarget) -> dict[str, JsonValue]:
    return {
        "id": target.target.id,
        **_filled(
            {
                "description": _hex(target.description),
                "headers": _headers(target.headers),
                "toolchain": None if target.toolchain is None else toolchain_to_json(target.toolchain),
            }
        ),
    }


def _target(target: PlannedTarget) -> JsonValue:
    return {
        **_pins(target),
        "wheels": [
            {
                "name": wheel.name,
                "version": wheel.version,
                **_filled({"artifact": _hex(wheel.artifact), "build": wheel.build}),
            }
            for wheel in target.wheels
        ],
    }
