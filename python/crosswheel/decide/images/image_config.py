"""An image's configuration: what is run and how, what it inherits from its base, and its history.

Follows https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from crosswheel.decide.documents.json_fields import Fields
from crosswheel.decide.images.oci_documents import parse_oci_digest, platform_to_json
from crosswheel.values.canonical_json import JsonValue, canonical_json
from crosswheel.values.digests import Digest
from crosswheel.values.moments import is_moment
from crosswheel.values.oci_descriptors import OciPlatform

__all__ = [
    "ContainerSettings",
    "HistoryEntry",
    "ImageConfig",
    "config_to_json",
    "inherited",
    "read_config",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class ContainerSettings:
    """What a container of an image starts with (config.md, "config").

    Attributes:
        env: variables by name, in order.
        entrypoint: the command; ``None`` when nothing was said.
        cmd: its arguments, or the command where there is no entry point; ``None`` when nothing was said.
        working_dir: absolute path; empty when nothing was said.
        user: name or number, with a group after a colon or without; empty when nothing was said.
        labels: words about it.
        exposed_ports: e.g. ``8000/tcp``, sorted.
        volumes: absolute paths, sorted.
        stop_signal: e.g. ``SIGTERM``.
    """

    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    working_dir: str = ""
    user: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    exposed_ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    stop_signal: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryEntry:
    """What one layer is, or a step that made none.

    Attributes:
        created: time (RFC 3339); empty when nothing is said.
        created_by: what made it.
        comment: words about it.
        author: who.
        empty_layer: whether it made no layer.
    """

    created: str = ""
    created_by: str = ""
    comment: str = ""
    author: str = ""
    empty_layer: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageConfig:
    """The whole document.

    Attributes:
        platform: what the image runs on.
        settings: what a container starts with.
        diff_ids: digests of the uncompressed layers, lowest first.
        history: oldest first; empty where there is none.
        created: time (RFC 3339); empty when nothing is said.
        author: who.
    """

    platform: OciPlatform
    settings: ContainerSettings = field(default_factory=ContainerSettings)
    diff_ids: tuple[Digest, ...] = ()
    history: tuple[HistoryEntry, ...] = ()
    created: str = ""
    author: str = ""

    def with_history(self, layers: int) -> ImageConfig:
        """Return the configuration with a history that has an entry for each of its first `layers` layers."""
        told = sum(not entry.empty_layer for entry in self.history)
        if told == layers:
            return self
        # A history is optional; a part of one fits no layers.
        return replace(self, history=(HistoryEntry(comment="layer of the base image"),) * layers)


def inherited(base: ContainerSettings, own: ContainerSettings) -> ContainerSettings:
    """Return the settings of an image that is made on top of another.

    Variables, labels, ports and volumes add up, the image's own winning; any other value of its own replaces the base's. An
    entry point of its own also drops the base's ``Cmd``, which are arguments of another program.
    """
    return ContainerSettings(
        env={**base.env, **own.env},
        entrypoint=base.entrypoint if own.entrypoint is None else own.entrypoint,
        cmd=base.cmd if own.cmd is None and own.entrypoint is None else own.cmd,
        working_dir=own.working_dir or base.working_dir,
        user=own.user or base.user,
        labels={**base.labels, **own.labels},
        exposed_ports=tuple(sorted({*base.exposed_ports, *own.exposed_ports})),
        volumes=tuple(sorted({*base.volumes, *own.volumes})),
        stop_signal=own.stop_signal or base.stop_signal,
    )


def read_config(fields: Fields) -> ImageConfig:
    """Return the configuration that a document holds; its faults go where those of `fields` go."""
    rootfs = fields.inner("rootfs")
    if not fields.has("rootfs"):
        fields.fault("rootfs", "the key is missing")
    elif rootfs.text("type") not in {"layers", ""}:
        rootfs.fault(rootfs.text("type"), "the type of a root file system is layers", "type")
    texts = rootfs.texts("diff_ids")
    digests = [rootfs.parsed(f"diff_ids[{n}]", parse_oci_digest, text) for n, text in enumerate(texts)]
    config = ImageConfig(
        platform=OciPlatform(
            os=fields.text("os"),
            architecture=fields.text("architecture"),
            variant=fields.optional_text("variant") or "",
        ),
        settings=_read_settings(fields.inner("config")),
        diff_ids=tuple(digest for digest in digests if digest is not None),
        history=tuple(_read_history(one) for one in fields.inners("history")),
        created=_moment(fields),
        author=fields.optional_text("author") or "",
    )
    fields.refuse_other_cases()
    rootfs.refuse_other_cases()
    return config


def _names(fields: Fields) -> tuple[str, ...]:
    """Return the keys of an object whose values are objects without content, as Go writes a set."""
    return tuple(sorted(name for name, _ in fields.members()))


def _moment(fields: Fields) -> str:
    """Return a time that must be one if it is there: readers of images parse it, and refuse any other text."""
    text = fields.optional_text("created")
    if text is not None and not is_moment(text):
        fields.fault(text, "it is no time as RFC 3339 has it, e.g. 2026-01-31T12:00:00Z", "created")
    return text or ""


def _texts(fields: Fields, key: str) -> tuple[str, ...] | None:
    return fields.texts(key) if fields.has(key) else None


def _read_settings(fields: Fields) -> ContainerSettings:
    env: dict[str, str] = {}
    for text in fields.texts("Env"):
        name, equals, value = text.partition("=")
        if not equals or not name:
            fields.fault(text, "a variable is written NAME=value", "Env")
        env[name] = value
    labels = fields.inner("Labels")
    settings = ContainerSettings(
        env=env,
        entrypoint=_texts(fields, "Entrypoint"),
        cmd=_texts(fields, "Cmd"),
        working_dir=fields.optional_text("WorkingDir") or "",
        user=fields.optional_text("User") or "",
        labels={key: labels.text(key) for key in labels},
        exposed_ports=_names(fields.inner("ExposedPorts")),
        volumes=_names(fields.inner("Volumes")),
        stop_signal=fields.optional_text("StopSignal") or "",
    )
    fields.refuse_other_cases()
    return settings


def _read_history(fields: Fields) -> HistoryEntry:
    entry = HistoryEntry(
        created=_moment(fields),
        created_by=fields.optional_text("created_by") or "",
        comment=fields.optional_text("comment") or "",
        author=fields.optional_text("author") or "",
        empty_layer=fields.flag("empty_layer"),
    )
    fields.refuse_other_cases()
    return entry


def config_to_json(config: ImageConfig) -> bytes:
    """Return the canonical text of a configuration."""
    return canonical_json(
        {
            **_filled({"created": config.created, "author": config.author}),
            **platform_to_json(config.platform),
            "config": _settings_to_json(config.settings),
            "rootfs": {"type": "layers", "diff_ids": [digest.oci for digest in config.diff_ids]},
            "history": [_history_to_json(entry) for entry in config.history],
        }
    )


def _settings_to_json(settings: ContainerSettings) -> JsonValue:
    return _filled(
        {
            "Env": [f"{name}={value}" for name, value in settings.env.items()],
            "Entrypoint": _listed(settings.entrypoint),
            "Cmd": _listed(settings.cmd),
            "WorkingDir": settings.working_dir,
            "User": settings.user,
            "Labels": dict(settings.labels),
            "ExposedPorts": {port: {} for port in settings.exposed_ports},
            "Volumes": {path: {} for path in settings.volumes},
            "StopSignal": settings.stop_signal,
        }
    )


def _listed(texts: Sequence[str] | None) -> JsonValue:
    return None if texts is None else list(texts)


def _history_to_json(entry: HistoryEntry) -> JsonValue:
    return {
        **_filled(
            {
                "created": entry.created,
                "created_by": entry.created_by,
                "comment": entry.comment,
                "author": entry.author,
            }
        ),
        **({"empty_layer": True} if entry.empty_layer else {}),
    }


def _filled(values: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return `values` without those that say nothing."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}
