"""The packages of an image, as its bill of materials names them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crosswheel.act.images.bases import PreparedBase
from crosswheel.act.images.image_sbom import SbomBase, SbomPackage
from crosswheel.act.target_wheels import CheckedWheel
from crosswheel.decide.images.package_databases import InstalledPackage

__all__ = ["sbom_base", "sbom_packages"]


def sbom_packages(wheels: Iterable[CheckedWheel], base: PreparedBase) -> Iterator[SbomPackage]:
    """Yield what an image holds beside the application: its wheels, and what its base was made of here."""
    yield from _wheel_packages(wheels)
    yield from _base_packages(base)


def sbom_base(base: PreparedBase) -> SbomBase | None:
    """Return the image that another one stands on, with what its package managers tell; ``None`` without one."""
    image = base.image
    if image is None:
        return None
    return SbomBase(
        name=image.name, digest=image.digest or image.id, packages=tuple(map(_installed, base.installed))
    )


def _installed(package: InstalledPackage) -> SbomPackage:
    release = f"{package.distribution}-{package.release}" if package.release else ""
    return SbomPackage(
        kind=package.kind,
        namespace=package.distribution,
        name=package.name,
        version=package.version,
        qualifiers=_qualifiers(arch=package.architecture, distro=release),
    )


def _qualifiers(**values: str) -> str:
    return "&".join(f"{key}={value}" for key, value in values.items() if value)


def _wheel_packages(wheels: Iterable[CheckedWheel]) -> Iterator[SbomPackage]:
    for wheel in wheels:
        version = wheel.path.name.split("-")[1]
        yield SbomPackage(kind="pypi", name=wheel.name, version=version, sha256=wheel.sha256)


def _base_packages(base: PreparedBase) -> Iterator[SbomPackage]:
    qualifiers = _qualifiers(arch=base.architecture, distro=base.distribution)
    for package in base.packages:
        yield SbomPackage(
            kind="deb",
            namespace="debian",
            name=package.name,
            version=package.version,
            sha256=package.artifact,
            qualifiers=qualifiers,
        )
    if base.standalone is not None:
        yield SbomPackage(
            kind="generic",
            name="python-build-standalone",
            version=base.standalone.filename,
            sha256=base.standalone.sha256,
        )
