"""Builds whose objects lie at the same addresses each time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from crosswheel.act.building.fixed_addresses import fixed_addresses
from crosswheel.act.building.sandbox import Mounts, NoSandbox

_PERSONALITY = Path("/proc/self/personality")


def test_the_addresses_of_a_build_are_not_random_and_those_of_others_are(tmp_path: Path) -> None:
    before = _PERSONALITY.read_text()
    log = tmp_path / "log"
    with log.open("wb") as stream:
        status = NoSandbox().run(
            ["/bin/cat", str(_PERSONALITY)],
            mounts=Mounts(),
            environment={},
            working_directory="/",
            log=stream,
        )
    assert status == 0
    assert int(log.read_text(), 16) & 0x0040000
    assert _PERSONALITY.read_text() == before


def test_two_processes_have_their_objects_at_one_place() -> None:
    call = [sys.executable, "-I", "-S", "-c", "print(id(object()))"]
    with fixed_addresses():
        places = {subprocess.run(call, capture_output=True, check=True).stdout for _ in range(5)}
    assert len(places) == 1
