"""A sandbox of bubblewrap's that is ended at its worst moment leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from crosswheel.act.building.sandbox import BubblewrapSandbox, Mounts

pytestmark = pytest.mark.e2e


def test_a_sandbox_that_is_ended_while_it_waits_for_its_user_ids_is_gone(tmp_path: Path) -> None:
    """Bubblewrap's first process there does not end with its parent yet."""
    program = tmp_path / "bwrap"
    os.mkfifo(tmp_path / "blocks")
    program.write_text(
        f"#!/bin/bash\ncd {tmp_path}; echo $$ > process; exec {{blocks}}<>blocks\n"
        'for word; do [ "$word" = --disable-userns ] || words+=("$word"); done\n'  # bwrap takes it not with the other
        f'exec {shutil.which("bwrap")} --userns-block-fd $blocks "${{words[@]}}"\n'
    )
    program.chmod(0o755)
    sandbox = BubblewrapSandbox(program)

    def run() -> None:
        with (tmp_path / "log").open("wb") as log, suppress(KeyboardInterrupt):
            sandbox.run(
                ["/usr/bin/sleep", "600"], mounts=Mounts(), environment={}, working_directory="/", log=log
            )

    waiting = threading.Thread(target=run)
    waiting.start()
    first = ""
    for _ in range(300):
        time.sleep(0.1)
        with suppress(OSError):
            process = (tmp_path / "process").read_text().strip()
            first = Path(f"/proc/{process}/task/{process}/children").read_text().strip() or first
        if first:
            break
    sandbox.stop()
    waiting.join(60)
    assert first
    assert not waiting.is_alive()
    time.sleep(2)  # it has closed its files; the kernel may take a moment more
    with suppress(FileNotFoundError):
        assert ") Z " in Path(f"/proc/{first}/stat").read_text()
