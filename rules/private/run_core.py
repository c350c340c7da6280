"""Runs a command of crosswheel: `python3 -I run_core.py ENTRY LIBRARY... -- ARGUMENT...`.

ENTRY is the module whose `main` it is. `-I` keeps the machine's own packages and settings away, and with them PYTHONPATH. So
each library is named by a file right in its import package, and the folder above goes on the path.
"""

import importlib
import sys
from pathlib import Path

end = sys.argv.index("--")
entry, libraries = sys.argv[1], sys.argv[2:end]
sys.path[:0] = [str(Path(library).parents[1].absolute()) for library in libraries]
sys.argv = ["crosswheel", *sys.argv[end + 1 :]]
sys.dont_write_bytecode = True

sys.exit(importlib.import_module(entry).main())
