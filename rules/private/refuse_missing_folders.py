"""Fails if a tree lacks a folder: `python3 -I refuse_missing_folders.py TREE OUTPUT FOLDER...`."""

import sys
from pathlib import Path

tree, output, *folders = sys.argv[1:]
for folder in folders:
    if not Path(tree, folder).is_dir():
        sys.exit(
            f"cannot include headers of '{folder}': the wheel has no such folder; name one below its site-packages"
        )
Path(output).touch()
