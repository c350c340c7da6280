"""Checks one wheel for one target: reads every member once, then lets the pure checks judge."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from crosswheel.target.targets import Target
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Linux

from .built_checks import check_built, without_what_the_oracle_has
from .elf_checks import check_elf
from .facts import BuiltFacts
from .findings import FINDING_CODES, CheckReport, Finding, Severity, accept_findings, parse_accepts
from .installable import check_installable
from .metadata_checks import check_metadata, read_metadata
from .misplaced_files import misplaced_files
from .oracle import (
    OracleWheel,
    compare_with_oracle,
    is_same_release,
    known_without_init,
)
from .other_systems import check_other_system
from .wheel_checks import (
    WheelFacts,
    check_modules,
    check_tags,
    earned_tags,
    helper_or_not,
    tag_not_earned,
    tag_without_binary,
)
from .wheel_file import (
    WheelArchive,
    parse_wheel_name,
)
from .wheel_reading import WheelReading

__all__ = ["BuiltFacts", "check_wheel", "require_all_used", "require_file"]


def check_wheel(
    wheel: Path, target: Target, *, accept: Sequence[str] = (), built: BuiltFacts | None = None
) -> CheckReport:
    """Check whether a wheel fits a target.

    Nothing of the wheel is executed or written.

    Args:
        wheel: the wheel.
        target: where it is to run.
        accept: findings the caller accepts, ``code`` or ``code:glob of the file``.
        built: what is known about the build, when we built it; asks for more than of a prebuilt wheel.

    Returns:
        The report; `CheckReport.refused` tells whether the wheel must not be used.

    Raises:
        InputError: the wheel cannot be opened, or an accept names no known finding.
    """
    parse_accepts(accept)
    require_file(wheel)
    name = parse_wheel_name(wheel.name)
    if name is None:
        message = "its name is not a wheel's; name it name-version-python-abi-platform.whl"
        return _report(
            wheel, target, [Finding.of("not-a-wheel", "", message, built=built is not None)], accept
        )
    try:
        with WheelArchive(wheel) as archive:
            return _check(WheelReading(archive, name, target, built), wheel, accept)
    except zipfile.BadZipFile as error:
        message = f"it is not a readable zip ({error}); fetch or build it again"
        return _report(
            wheel, target, [Finding.of("not-a-wheel", "", message, built=built is not None)], accept
        )
    except OSError as error:
        why = error.strerror or str(error)
        raise InputError("read wheel", str(wheel), why=why, fix="give the path of a wheel") from error


def require_all_used(accept: Sequence[str], reports: Sequence[CheckReport]) -> None:
    """Refuse an accept that covered no finding of any report.

    Raises:
        InputError: there is such an accept; it is misspelled or out of date.
    """
    unused = set(accept).intersection(*(report.unused_accepts for report in reports))
    for one in sorted(unused):
        raise InputError(
            "accept finding", one, why="no wheel has such a finding", fix="remove it, or correct its glob"
        )


def require_file(wheel: Path) -> None:
    """Refuse a path that no wheel can be read from.

    Raises:
        InputError: there is nothing, a folder, or what is no file, a device for example.
    """
    if not wheel.is_file():
        missing = "it is no file" if wheel.exists() else "No such file or directory"
        why = "Is a directory" if wheel.is_dir() else missing
        raise InputError("read wheel", str(wheel), why=why, fix="give the path of a wheel")


def _report(
    wheel: Path,
    target: Target,
    findings: Sequence[Finding],
    accept: Sequence[str],
    facts: WheelFacts | None = None,
    requirements: Sequence[str] = (),
) -> CheckReport:
    marked, unused = accept_findings(findings, accept)
    blocked = any(
        f.code in ("library-not-allowed", "wrong-libc") and f.severity is not Severity.NOTE for f in marked
    )
    return CheckReport(
        wheel=wheel.name,
        target=target,
        findings=marked,
        earned_tags=earned_tags(facts, blocked=blocked) if facts else (),
        modules=tuple(sorted({module.name for module, _ in facts.modules})) if facts else (),
        requirements=tuple(requirements),
        unused_accepts=unused,
    )


def _check(reading: WheelReading, wheel: Path, accept: Sequence[str]) -> CheckReport:
    findings = reading.archive.faults(
        case_sensitive=isinstance(reading.target.platform.os, Linux), built=reading.is_built
    )
    folder = None
    if not any(f.severity is Severity.ERROR for f in findings):
        folder, more = reading.dist_info_folder()
        findings += more
    if folder is None:
        return _report(wheel, reading.target, findings, accept)
    reading.read_members(folder)
    facts = reading.facts(folder)
    metadata = read_metadata(facts)
    findings += check_metadata(facts, metadata, expected=reading.built.release if reading.built else None)
    findings += check_tags(facts)
    findings += check_modules(
        facts, extension_suffix=reading.built.extension_suffix if reading.built else None
    )
    findings += tag_not_earned(facts)
    if not isinstance(reading.target.platform.os, Linux):
        findings += check_other_system(
            reading.other_machines,
            reading.target,
            pure=facts.is_pure,
            built=reading.is_built,
            abis=reading.name.abis,
            python_names=reading.built.python_names if reading.built else None,
        )
    for file in facts.bundle.files:
        findings += check_elf(file, facts.bundle)
    if reading.built is not None:
        oracle, unreadable = _oracle_of(facts, reading.built)
        findings += unreadable
        if oracle is not None:
            findings = known_without_init(findings, oracle)
        findings += _built_findings(reading, facts, reading.built, oracle)
    else:
        findings += [] if reading.met_binaries else tag_without_binary(facts)
        findings += misplaced_files(facts, tuple(reading.digests), None)
    findings += reading.findings
    findings = [helper_or_not(finding, facts) for finding in findings]
    if not any(f.severity is Severity.ERROR and not FINDING_CODES[f.code].acceptable for f in findings):
        reading.archive.close()  # this reads it anew, and both directories would be large
        findings += check_installable(wheel, reading.target, built=reading.is_built)
    return _report(wheel, reading.target, findings, accept, facts, metadata.get("requires_dist", ()))


def _oracle_of(facts: WheelFacts, built: BuiltFacts) -> tuple[OracleWheel | None, list[Finding]]:
    """Return the oracle, if it can be read and is of the release that was built, and the finding if it is not."""
    if built.oracle is None:
        return None, []
    oracle = _read_oracle(built.oracle)
    if oracle is None:
        message = f"the oracle {built.oracle.name} cannot be read, so nothing was compared"
    elif not is_same_release(oracle, built.release):
        message = f"the oracle {built.oracle.name} is of another release, so nothing was compared"
    else:
        return oracle, []
    return None, [facts.finding("oracle-unreadable", "", message)]


def _built_findings(
    reading: WheelReading, facts: WheelFacts, built: BuiltFacts, oracle: OracleWheel | None
) -> Iterator[Finding]:
    yield from check_built(
        facts, built, members=tuple(reading.digests), leftovers=reading.leftovers, oracle=oracle
    )
    if oracle is not None:
        digests = {path: digest for path, (digest, _) in reading.digests.items()}
        reading.findings = without_what_the_oracle_has(reading.findings, digests, oracle)
        yield from compare_with_oracle(
            reading.as_oracle(), oracle, facts.target, linked_archives=built.linked_archives
        )


def _read_oracle(path: Path) -> OracleWheel | None:
    name = parse_wheel_name(path.name)
    if name is None:
        return None
    try:
        with WheelArchive(path) as archive:
            if any(f.severity is Severity.ERROR for f in archive.faults(case_sensitive=True, built=False)):
                return None
            folders = archive.dist_info_folders()
            if len(folders) != 1:
                return None
            reading = WheelReading(archive, name, None, None)
            reading.read_members(folders[0])
            return reading.as_oracle()
    except (OSError, zipfile.BadZipFile):
        return None
