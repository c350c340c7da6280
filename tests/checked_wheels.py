"""Wheels for the tests of the verifier: right by default, wrong in exactly one way when asked."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from crosswheel.act.check.check_wheel import check_wheel
from crosswheel.act.check.facts import BuiltFacts
from crosswheel.act.check.findings import CheckReport, Finding
from crosswheel.target.targets import parse_target_id
from made_wheels import record_line

__all__ = ["AARCH64", "MUSL", "SUFFIX", "built", "check", "codes", "only", "wheel"]

AARCH64 = parse_target_id("cp311-linux_aarch64_glibc_2_28")
MUSL = parse_target_id("cp311-linux_aarch64_musl_1_2")
SUFFIX = ".cpython-311-aarch64-linux-gnu.so"


def wheel(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    tag: str = "cp311-cp311-manylinux_2_17_aarch64",
    name: str = "demo",
    version: str = "1.0",
    metadata: str = "",
    entry_points: str = "",
    purelib: bool | None = None,
    wheel_tags: tuple[str, ...] = (),
    modes: Mapping[str, int] | None = None,
    change: Callable[[dict[str, bytes]], None] | None = None,
    record: Callable[[list[str]], list[str]] | None = None,
) -> Path:
    """Write a wheel; `metadata` may hold bytes by surrogates, `change` alters members after RECORD was made, `record` its lines."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    pure = tag.endswith("-any") if purelib is None else purelib
    interpreters, abis, platforms = (part.split(".") for part in tag.split("-"))
    tags = wheel_tags or [f"{i}-{a}-{p}" for i in interpreters for a in abis for p in platforms]
    lines = ["Wheel-Version: 1.0", "Generator: tests", f"Root-Is-Purelib: {str(pure).lower()}"]
    members = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
        + metadata.encode(errors="surrogateescape"),
        f"{info}/WHEEL": "\n".join([*lines, *(f"Tag: {t}" for t in tags), ""]).encode(),
    }
    if entry_points:
        members[f"{info}/entry_points.txt"] = entry_points.encode()
    rows = [*(record_line(_quoted(path), data) for path, data in members.items()), f"{info}/RECORD,,"]
    members[f"{info}/RECORD"] = "\n".join(record(rows) if record else rows).encode()
    if change:
        change(members)
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members.items():
            zip_info = zipfile.ZipInfo(member, (2024, 1, 1, 0, 0, 0))
            zip_info.external_attr = (modes or {}).get(member, 0o100644) << 16
            archive.writestr(zip_info, data, zipfile.ZIP_DEFLATED)
    return path


def _quoted(path: str) -> str:
    return f'"{path}"' if "," in path else path


def built(**changes: object) -> BuiltFacts:
    """Return the facts of a clean build of ``demo`` 1.0."""
    facts: dict[str, object] = {"name": "demo", "version": "1.0", "extension_suffix": SUFFIX, **changes}
    return BuiltFacts(**facts)  # type: ignore[arg-type]  # the caller's names are those of the class


def check(path: Path, facts: BuiltFacts | None = None, *, accept: tuple[str, ...] = ()) -> CheckReport:
    """Check a wheel for CPython 3.11 on aarch64 with glibc 2.28."""
    return check_wheel(path, AARCH64, accept=accept, built=facts)


def codes(report: CheckReport) -> list[str]:
    """Return ``severity code`` of each finding."""
    return [f"{finding.severity.value} {finding.code}" for finding in report.findings]


def only(report: CheckReport) -> Finding:
    """Return the one finding there must be."""
    (finding,) = report.findings
    return finding
