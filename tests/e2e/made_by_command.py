"""What the command line makes of docs/examples/ten-packages, once in a run of all tests: what Bazel and Nix are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from e2e.crosswheel_command import crosswheel
from e2e.target_pythons import make_once
from e2e.ten_packages import EXAMPLE, TARGETS, lock_base, plan_ten_packages

__all__ = ["MadeByCommand", "made_by_command"]

#: Of the images, but for the targets.
_IMAGE = (
    *("--base", "base.lock.json", "--app-file", "/app/greet.py=src/greet.py"),
    *("--entrypoint", "python -m greet", "--workdir", "/app"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeByCommand:
    """What was made; nobody changes it.

    Attributes:
        folder: where it is: the example, locked and planned, and beside its files what was made.
    """

    folder: Path

    @property
    def dist(self) -> Path:
        """The wheel repositories of all targets."""
        return self.folder / "dist"

    def repository(self, platform: str) -> Path:
        """Return the wheel repository of one of `TARGETS`."""
        return self.dist / TARGETS[platform]

    def site(self, platform: str) -> Path:
        """Return its wheels, installed."""
        return self.folder / f"site-{platform}"

    def image(self, platform: str) -> Path:
        """Return its image, an OCI layout."""
        return self.folder / f"image-{platform}"

    @property
    def images(self) -> Path:
        """The image of all targets."""
        return self.folder / "images"

    @property
    def layers(self) -> Path:
        """Layers of linux_arm64 for other tools."""
        return self.folder / "layers"

    @property
    def lambda_layer(self) -> Path:
        """The Lambda layer of linux_arm64."""
        return self.folder / "lambda.zip"

    def plan_files(self) -> list[Path]:
        """Return what a project commits: lock, headers, plan and base lock."""
        return [
            *(self.folder / name for name in ("base.lock.json", "pylock.toml", "wheels.plan.json")),
            *sorted(self.folder.glob("headers.*.tar")),
        ]


def made_by_command(folder: Path) -> MadeByCommand:
    """Return what the command line makes, in `folder`: made when it is first asked for, by whatever process."""
    return MadeByCommand(folder=make_once(folder, _make))


def _make(folder: Path) -> None:
    plan_ten_packages(folder)
    lock_base(folder)
    (folder / "src").mkdir()
    (folder / "src" / "greet.py").write_bytes((EXAMPLE / "src" / "greet.py").read_bytes())
    made = MadeByCommand(folder=folder)
    plan = "wheels.plan.json"
    crosswheel("build", plan, "-o", made.dist, cwd=folder)
    for platform in TARGETS:
        crosswheel("install", made.repository(platform), "--dest", made.site(platform), cwd=folder)
        crosswheel("image", plan, "--target", platform, *_IMAGE, "-o", made.image(platform), cwd=folder)
    targets = [word for platform in TARGETS for word in ("--target", platform)]
    crosswheel("image", plan, *targets, *_IMAGE, "-o", made.images, cwd=folder)
    of_arm = ("--target", "linux_arm64", "-o")
    crosswheel("layer", plan, *of_arm, made.layers, cwd=folder)
    crosswheel("lambda", plan, *of_arm, made.lambda_layer, cwd=folder)
