"""Python packages for a platform other than the one you build on.

>>> import crosswheel
>>> crosswheel.parse_target("linux_arm64", python="3.12").id
'cp312-linux_aarch64_glibc_2_28'

A plan is made once, from a lock and targets, and built anywhere::

    result = crosswheel.plan(Path("pylock.toml"), targets=["linux_arm64", "linux_amd64"])
    crosswheel.write_plan(result, Path("wheels.plan.json"))
    crosswheel.build(result.plan, output=Path("dist"))

The classes of what they return can be imported from here, too (`crosswheel.Plan`, `crosswheel.Report`); a class of yours with the
methods of `crosswheel.Reporter` hears of the progress.

Errors are told in the words of the command line: the option that one names is the argument of that name (``--sdk``, `sdk`;
``--force``, ``force=True``), of its plural where that takes several (``--base``, `bases`), or a field of `Session` (``--cache-dir``).
"""

from __future__ import annotations

#: As of `typing`, which is loaded when something needs it: the command line starts with this package.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from crosswheel.api import (
        CrosswheelError,
        PlanKeywords,
        Session,
        build,
        check,
        describe,
        explain,
        install,
        parse_target,
        plan,
        read_plan,
        write_plan,
    )
    from crosswheel.api_types import (
        Android,
        Arch,
        Artifact,
        BaseLock,
        BasePackage,
        BuildEnvironment,
        BuildInput,
        BuiltRepository,
        CargoLock,
        CheckedWheel,
        CheckOutcome,
        CheckReport,
        ChosenFile,
        ContainerCommand,
        Descriptor,
        Difference,
        Digest,
        Emscripten,
        EntryExplanation,
        Explanation,
        FailureCause,
        FailureKind,
        FailureReport,
        Finding,
        GivenBuild,
        Glibc,
        HeadersPin,
        ImageFinding,
        ImageReport,
        Ios,
        JsonValue,
        LambdaLayer,
        LambdaRuntime,
        LayerDescriptor,
        LayerFolder,
        Linux,
        LockedBase,
        LogLine,
        MacOs,
        MarkerPart,
        Musl,
        OciPlatform,
        OperatingSystem,
        Overlay,
        OwnPackage,
        PackageOnTarget,
        Patch,
        Plan,
        PlannedBuild,
        PlannedDownload,
        PlannedTarget,
        PlannedWheel,
        PlanResult,
        Platform,
        Proposal,
        PyConfig,
        PythonAbi,
        ReadyWheel,
        RefusedFile,
        Report,
        ReportBuild,
        Reporter,
        ReportImage,
        ReportLayer,
        ReportPackage,
        Severity,
        Sign,
        StagedCopy,
        StartedProject,
        StarterHeaders,
        State,
        Sysroot,
        SysrootPackage,
        Target,
        TargetDescription,
        ToolchainPin,
        TreeSummary,
        Windows,
        WrittenImage,
        WrittenLayer,
        WrittenPlatform,
    )
    from crosswheel.difference_api import diff
    from crosswheel.image_api import ImageKeywords, image, lock_base, verify_image
    from crosswheel.layer_api import lambda_layer, layers
    from crosswheel.project_api import init
    from crosswheel.report_api import report, why_failed, write_report

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
    "CrosswheelError",
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
    "ImageKeywords",
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
    "PlanKeywords",
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
    "Session",
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
    "build",
    "check",
    "describe",
    "diff",
    "explain",
    "image",
    "init",
    "install",
    "lambda_layer",
    "layers",
    "lock_base",
    "parse_target",
    "plan",
    "read_plan",
    "report",
    "verify_image",
    "why_failed",
    "write_plan",
    "write_report",
]

__version__ = "0.1.0"

#: The modules with what is listed above, each imported when something of it is asked for: the command line starts
#: with this package, and its help needs none of them.
_MODULES = (
    "crosswheel.api",
    "crosswheel.difference_api",
    "crosswheel.layer_api",
    "crosswheel.image_api",
    "crosswheel.report_api",
    "crosswheel.project_api",
    "crosswheel.api_types",
)

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Return a name of the API (PEP 562)."""
        import importlib

        if name in __all__:
            for module in map(importlib.import_module, _MODULES):
                if hasattr(module, name):
                    return getattr(module, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List what is meant to be used, without the modules the package is made of."""
    return [*__all__, "__version__"]
