"""The step ``image``: layers made before, a base and an application as the image of one platform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from crosswheel.act.images.image_request import ImageRequest, WrittenImage
from crosswheel.act.images.make_image import make_image
from crosswheel.act.services import Services
from crosswheel.act.steps.given_files import given_files
from crosswheel.decide.plans.plan import Artifact
from crosswheel.values.digests import Digest

__all__ = ["image_step"]


def image_step(
    request: ImageRequest, *, files: Iterable[Path], output: Path, services: Services
) -> WrittenImage:
    """Write an image; its layout shares no file with what was given. What is accepted may be found in another platform.

    Args:
        request: what it is made of.
        files: what a base lock pins, under any name; others do no harm.
        output: the layout.
        services: what to work with; nothing is fetched.

    Raises:
        InputError: a file was not given, or an input cannot be used.
        CrosswheelError: as `make_image`.
    """
    given = given_files(files)

    def named(artifacts: Sequence[Artifact], folder: Path) -> Mapping[Digest, Path]:
        return given.named(artifacts, folder)

    return make_image(request, output, services, artifacts=named, links=False, all_used=False)
