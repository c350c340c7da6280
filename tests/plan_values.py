"""A small plan with one of everything, and the targets it is for."""

from __future__ import annotations

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
)
from crosswheel.decide.plans.toolchain_pin import ToolchainPin
from crosswheel.target.targets import parse_target_id
from crosswheel.values.digests import Digest, digest_of

ARM64 = parse_target_id("cp311-linux_aarch64_glibc_2_28")
ARMV7L = parse_target_id("cp311-linux_armv7l_glibc_2_28")
AMD64 = parse_target_id("cp311-linux_x86_64_glibc_2_28")
MACOS = parse_target_id("cp311-macos_aarch64_13_0")


def digest(text: str) -> Digest:
    """A digest that only this text has."""
    return digest_of(text.encode())


def artifact(
    filename: str, project: str | None, *, path: str | None = None, size: int | None = None
) -> Artifact:
    """An artifact on the example index, or at `path`."""
    url = None if path else f"https://index.example/{filename}"
    return Artifact(
        sha256=digest(filename), filename=filename, project=project, url=url, path=path, size=size
    )


def whole_build() -> PlannedBuild:
    """A build in which every field is set."""
    return PlannedBuild(
        id="fast-1.0-cp311-linux_aarch64_glibc_2_28",
        name="fast",
        version="1.0",
        target=ARM64,
        sdist=digest("fast-1.0.tar.gz"),
        inputs=digest("inputs"),
        backend="setuptools.build_meta",
        backend_path=("backend",),
        requires=("numpy>=2", "setuptools"),
        listed={"build-constraints": ("setuptools<81",), "patches": ("patches/fast.patch",)},
        entry="tool.crosswheel.packages.fast",
        declared={
            "build-system.build-backend": ("setuptools.build_meta",),
            "build-system.requires": ("numpy>=2",),
            "project.dependencies": ("idna>=3",),
            "project.optional-dependencies.web": ("six",),
        },
        environments={
            AMD64.id: BuildEnvironment(
                requirements=(
                    digest("numpy-2.0-cp311-cp311-manylinux_2_28_x86_64.whl"),
                    digest("setuptools-80.0-py3-none-any.whl"),
                ),
                toolchain=digest("ziglang-0.17.0-py3-none-manylinux_2_12_x86_64.whl"),
                rust=(digest("rustc-1.95.0-x86_64-unknown-linux-gnu.tar.xz"),),
            )
        },
        overlays=(
            Overlay(project="numpy", artifact=digest("numpy-2.0-cp311-cp311-manylinux_2_28_aarch64.whl")),
        ),
        crates=(digest("libc-0.2.177.crate"),),
        cargo_locks=(CargoLock(path="rust/Cargo.lock", artifact=digest("fast-1.0.lock")),),
        config_settings={"--global-option": ("build_ext", "-j2"), "editable": "no"},
        environment={"FAST_USE_SIMD": "1"},
        patches=(Patch(path="patches/fast.patch", sha256=digest("patch")),),
        downloads=(
            PlannedDownload(
                artifact=digest("parts-1.tar.gz"), filename="parts-1.tar.gz", fetch_content="parts"
            ),
        ),
        oracle=digest("fast-1.0-cp311-cp311-win_amd64.whl"),
        accept=("extra-file:fast/data/*",),
        accept_build_facts=True,
    )


def whole_toolchain() -> ToolchainPin:
    """A toolchain of the user's own in which every field is set."""
    return ToolchainPin(
        family="gcc",
        compiler="aarch64-linux-gnu-gcc (Debian 12.2.0-14) 12.2.0",
        libc="glibc 2.36",
        programs={
            tool: f"usr/bin/aarch64-linux-gnu-{name}"
            for tool, name in {"cc": "gcc", "c++": "g++", "ar": "ar", "ranlib": "ranlib"}.items()
        },
        content=digest("toolchain"),
        folder="/",
        inputs=("usr/aarch64-linux-gnu", "usr/lib/gcc-cross/aarch64-linux-gnu"),
        sysroot="../sysroots/arm64",
        options=("--sysroot={sysroot}",),
        c_options=("-std=gnu11",),
        cxx_options=("-std=gnu++17",),
        link_options=("-static-libstdc++",),
        environment={"GCC_COLORS": ""},
    )


def whole_plan() -> Plan:
    """A plan in which every field of schema 1 is set somewhere."""
    artifacts = [
        artifact("idna-3.10-py3-none-any.whl", "idna", size=70442),
        artifact("fast-1.0.tar.gz", "fast", path="sdists/fast-1.0.tar.gz"),
        artifact("fast-1.0-cp311-cp311-win_amd64.whl", "fast"),
        artifact("parts-1.tar.gz", None),
        artifact("setuptools-80.0-py3-none-any.whl", "setuptools"),
        artifact("numpy-2.0-cp311-cp311-manylinux_2_28_x86_64.whl", "numpy"),
        artifact("numpy-2.0-cp311-cp311-manylinux_2_28_aarch64.whl", "numpy"),
        artifact("ziglang-0.17.0-py3-none-manylinux_2_12_x86_64.whl", "ziglang"),
        artifact("rustc-1.95.0-x86_64-unknown-linux-gnu.tar.xz", None),
        artifact("libc-0.2.177.crate", None),
        artifact("fast-1.0.lock", None, path="cargo/fast-1.0.lock"),
    ]
    build = whole_build()
    return Plan(
        inputs={name: digest(name) for name in ("lock", "configuration", "targets", "options")},
        source_date_epoch=315532800,
        artifacts={one.sha256: one for one in artifacts},
        builds={build.id: build},
        targets=(
            PlannedTarget(
                target=ARM64,
                description=digest("description"),
                headers=HeadersPin(
                    source="build-python",
                    python_version="3.11.7",
                    sha256=digest("headers"),
                    origin="CPython 3.11.7 of the build machine",
                ),
                toolchain=whole_toolchain(),
                wheels=(
                    PlannedWheel(name="fast", version="1.0", build=build.id),
                    PlannedWheel(name="idna", version="3.10", artifact=digest("idna-3.10-py3-none-any.whl")),
                ),
            ),
        ),
        accept={"idna": ("no-record",)},
    )
