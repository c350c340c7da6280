"""What tells a report from any other page: nothing else replaces, or takes for source, what crosswheel wrote."""

from __future__ import annotations

__all__ = ["REPORT_MARK"]

REPORT_MARK = '<meta name="generator" content="crosswheel report">'
