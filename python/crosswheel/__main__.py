"""``python -m crosswheel``."""

from __future__ import annotations

from crosswheel.command_line.main import main

if __name__ == "__main__":
    raise SystemExit(main())
