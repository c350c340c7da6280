"""Which commit of crosswheel a result comes from."""

from __future__ import annotations

import subprocess
from pathlib import Path

__all__ = ["checkout_commit"]

#: What decides about a wheel; a change elsewhere is no other crosswheel.
_DECIDING = ("python", "toolchains")


def checkout_commit(root: Path, trunk: str = "main") -> str:
    """Return the commit of the trunk that the checkout stands on, with ``+`` where what builds wheels differs from it.

    Args:
        root: the checkout.
        trunk: the branch whose commits others have, too; a commit of a side branch gets another name when it lands.

    Returns:
        Seven or more hexadecimal digits, e.g. ``30e0f9f`` or ``30e0f9f+``.
    """
    base = _git(root, "merge-base", "HEAD", trunk).strip() or _git(root, "rev-parse", "HEAD").strip()
    differs = bool(
        _git(root, "status", "--porcelain", "--", *_DECIDING) + _git(root, "diff", base, "--", *_DECIDING)
    )
    return _git(root, "rev-parse", "--short", base).strip() + ("+" if differs else "")


def _git(root: Path, *arguments: str) -> str:
    """Return what git says; nothing where it fails."""
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""
