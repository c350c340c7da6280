"""The classes of what the functions of the API return and take, to be imported from `crosswheel`; see `crosswheel.api`."""

from __future__ import annotations

from crosswheel.act.building.failure_report import FailureReport
from crosswheel.act.check.findings import CheckReport, Finding, Severity
from crosswheel.act.images.image_findings import ImageFinding, ImageReport
from crosswheel.act.images.image_request import WrittenImage, WrittenPlatform
from crosswheel.act.layers.lambda_layer import LambdaLayer
from crosswheel.act.layers.layer_folder import LayerFolder, WrittenLayer
from crosswheel.act.planning.planning import PlanResult
from crosswheel.act.planning.project_start import StartedProject
from crosswheel.act.planning.starter_headers import StarterHeaders
from crosswheel.act.ready_wheel import CheckOutcome, ReadyWheel
from crosswheel.act.reporter import Reporter
from crosswheel.act.repositories import BuiltRepository
from crosswheel.act.target_wheels import CheckedWheel
from crosswheel.act.wheels.tree import TreeSummary
from crosswheel.decide.documents.difference import Difference
from crosswheel.decide.failures.failure_causes import FailureCause, LogLine
from crosswheel.decide.failures.failure_kinds import FailureKind, Sign
from crosswheel.decide.failures.given_build import GivenBuild
from crosswheel.decide.images.base_lock import BaseLock, BasePackage, LockedBase
from crosswheel.decide.images.lambda_runtimes import LambdaRuntime
from crosswheel.decide.locks.markers import MarkerPart
from crosswheel.decide.locks.own_folders import OwnPackage
from crosswheel.decide.plans.plan import (
    Artifact,
    BuildEnvironment,
    CargoLock,
    HeadersPin,
    Overlay,
    Patch,
    Plan,
    PlannedBuild,
    PlannedDownload,
    PlannedTarget,
    PlannedWheel,
    Sysroot,
    SysrootPackage,
)
from crosswheel.decide.plans.toolchain_pin import ToolchainPin
from crosswheel.decide.projects.container_commands import ContainerCommand
from crosswheel.decide.projects.project_proposal import Proposal
from crosswheel.decide.projects.stage_copies import StagedCopy
from crosswheel.decide.reports.report import (
    BuildInput,
    PackageOnTarget,
    Report,
    ReportBuild,
    ReportImage,
    ReportLayer,
    ReportPackage,
    State,
)
from crosswheel.decide.selection.explanation import ChosenFile, EntryExplanation, Explanation, RefusedFile
from crosswheel.target.descriptions import TargetDescription
from crosswheel.target.pyconfig import PyConfig
from crosswheel.target.targets import Target
from crosswheel.values.canonical_json import JsonValue
from crosswheel.values.digests import Digest
from crosswheel.values.oci_descriptors import Descriptor, LayerDescriptor, OciPlatform
from crosswheel.values.platforms import (
    Android,
    Arch,
    Emscripten,
    Glibc,
    Ios,
    Linux,
    MacOs,
    Musl,
    OperatingSystem,
    Platform,
    Windows,
)
from crosswheel.values.python_abi import PythonAbi

__all__ = [
    "Android",
    "Arch",
    "Artifact",
    "BaseLock",
    "BasePackage",
    "BuildEnvironment",
    "BuildInput",
    "BuiltRepository",
    "CargoLock",
    "CheckOutcome",
    "CheckReport",
    "CheckedWheel",
    "ChosenFile",
    "ContainerCommand",
    "Descriptor",
    "Difference",
    "Digest",
    "Emscripten",
    "EntryExplanation",
    "Explanation",
    "FailureCause",
    "FailureKind",
    "FailureReport",
    "Finding",
    "GivenBuild",
    "Glibc",
    "HeadersPin",
    "ImageFinding",
    "ImageReport",
    "Ios",
    "JsonValue",
    "LambdaLayer",
    "LambdaRuntime",
    "LayerDescriptor",
    "LayerFolder",
    "Linux",
    "LockedBase",
    "LogLine",
    "MacOs",
    "MarkerPart",
    "Musl",
    "OciPlatform",
    "OperatingSystem",
    "Overlay",
    "OwnPackage",
    "PackageOnTarget",
    "Patch",
    "Plan",
    "PlanResult",
    "PlannedBuild",
    "PlannedDownload",
    "PlannedTarget",
    "PlannedWheel",
    "Platform",
    "Proposal",
    "PyConfig",
    "PythonAbi",
    "ReadyWheel",
    "RefusedFile",
    "Report",
    "ReportBuild",
    "ReportImage",
    "ReportLayer",
    "ReportPackage",
    "Reporter",
    "Severity",
    "Sign",
    "StagedCopy",
    "StartedProject",
    "StarterHeaders",
    "State",
    "Sysroot",
    "SysrootPackage",
    "Target",
    "TargetDescription",
    "ToolchainPin",
    "TreeSummary",
    "Windows",
    "WrittenImage",
    "WrittenLayer",
    "WrittenPlatform",
]
