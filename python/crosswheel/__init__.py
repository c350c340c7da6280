"""Python packages for a platform other than the one you build on."""

from __future__ import annotations

__version__ = "0.1.0"
