"""Reports for tests: a small one of a plan with one of everything, and a large one made on the spot."""

from __future__ import annotations

from importlib.resources import files

from crosswheel.decide.reports.report import PackageOnTarget, Report, ReportBuild, ReportPackage, State
from crosswheel.decide.reports.report_of_plan import report_of_plan
from crosswheel.render.report_page import report_page
from crosswheel.target.targets import parse_target_id
from plan_values import whole_plan

__all__ = ["large_report", "page_of", "small_report"]

_FOLDER = files("crosswheel") / "render" / "page"
_TARGETS = (
    "cp311-linux_aarch64_glibc_2_17", "cp311-linux_aarch64_glibc_2_28", "cp311-linux_aarch64_musl_1_2",
    "cp311-linux_x86_64_glibc_2_28", "cp311-macos_aarch64_11_0", "cp311-windows_x86_64",
)  # fmt: skip


def page_of(report: Report) -> str:
    """The page with the shipped style and script."""
    style, script = ((_FOLDER / name).read_text() for name in ("report.css", "report.js"))
    return report_page(report, style=style, script=script)


def small_report() -> Report:
    """What `whole_plan` comes to."""
    return report_of_plan(whole_plan(), source="wheels.plan.json")


def large_report(packages: int = 200) -> Report:
    """Packages by number on six targets: every seventh is cross built, every eleventh refused on Windows."""
    builds: dict[str, ReportBuild] = {}
    rows = []
    for number in range(packages):
        name = f"package-{number:03}"
        cells = {}
        for target in _TARGETS:
            cells[target] = _cell(name, number, target, builds)
        rows.append(ReportPackage(name=name, targets=cells))
    return Report(
        source="large.plan.json",
        targets=tuple(parse_target_id(target) for target in _TARGETS),
        packages=tuple(rows),
        builds=builds,
    )


def _cell(name: str, number: int, target: str, builds: dict[str, ReportBuild]) -> PackageOnTarget:
    if number % 11 == 5 and "windows" in target:
        return PackageOnTarget(state=State.REFUSED, version="1.0", reason=f"no file of {name} fits")
    if number % 7 == 3:
        build = ReportBuild(id=f"{name}-1.0-{target}", name=name, version="1.0", target=target, backend="b")
        builds[build.id] = build
        return PackageOnTarget(
            state=State.BUILT, version="1.0", source=f"{name}-1.0.tar.gz", reason="no wheel", build=build.id
        )
    return PackageOnTarget(
        state=State.PURE, version="1.0", file=f"{name}-1.0-py3-none-any.whl", size=1000 * number
    )
