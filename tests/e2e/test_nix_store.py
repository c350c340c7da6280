"""The store of the tests' own Nix does not grow for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.nix_program import Nix, collect_garbage, set_up_nix

pytestmark = [pytest.mark.e2e, pytest.mark.network]


@pytest.mark.parametrize(("limit", "emptied"), [(0, True), (1_000_000_000, False)])
def test_a_store_that_has_grown_too_large_is_emptied(tmp_path: Path, limit: int, emptied: bool) -> None:
    """A store beside that of the other tests."""
    nix = set_up_nix()
    (tmp_path / "file").write_text("content")
    configuration = (nix.folder / "nix.conf").read_text()
    own = Nix(folder=tmp_path, release=nix.release)
    (tmp_path / "programs").symlink_to(nix.folder / "programs")
    (tmp_path / "home").mkdir()
    (tmp_path / "nix.conf").write_text(
        configuration.replace(str(nix.folder / "root"), str(tmp_path / "root"))
    )
    assert not collect_garbage(own, limit)
    path = own.file(own("--add-fixed", "sha256", tmp_path / "file", program="nix-store").strip())
    assert path.read_text() == "content"
    assert collect_garbage(own, limit) == emptied
    assert path.exists() != emptied
