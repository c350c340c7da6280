"""Fails if a lock is another than a plan was made from: `python3 -I refuse_stale_plan.py LOCK DIGEST HUB FIX OUTPUT`."""

import hashlib
import sys
from pathlib import Path

lock, digest, hub, fix, output = sys.argv[1:]
if hashlib.sha256(Path(lock).read_bytes()).hexdigest() != digest:
    sys.exit(f"cannot use the plan of '@{hub}': the lock file changed since it was made; make it anew: {fix}")
Path(output).touch()
