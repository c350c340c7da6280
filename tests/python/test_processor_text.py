"""What builds read of the target's processor."""

from __future__ import annotations

import pytest

from crosswheel.render.processor_text import processor_text
from crosswheel.values.platforms import Arch


@pytest.mark.parametrize("arch", list(Arch))
def test_each_architecture_has_one_processor(arch: Arch) -> None:
    lines = processor_text(arch).splitlines()
    assert lines[0].split("\t") == ["processor", ": 0"]
    assert lines[-1] == ""


@pytest.mark.parametrize(
    ("arch", "has", "lacks"),
    [(Arch.X86_64, "sse2", "avx"), (Arch.AARCH64, "asimd", "sve"), (Arch.ARMV7L, "vfpv3d16", "neon")],
)
def test_instruction_sets_are_those_of_the_baseline(arch: Arch, has: str, lacks: str) -> None:
    words = processor_text(arch).split()
    assert has in words
    assert lacks not in words
