"""Runs a command of crosswheel: `python3 -I run_core.py LIBRARY... -- ARGUMENT...`.

`-I` keeps the machine's own packages and settings away, and with them PYTHONPATH. So each library is named by a file right
in its import package, and the folder above goes on the path.
"""

import sys
from pathlib import Path

end = sys.argv.index("--")
sys.path[:0] = [str(Path(library).parents[1].absolute()) for library in sys.argv[1:end]]
sys.argv = ["crosswheel", *sys.argv[end + 1 :]]
sys.dont_write_bytecode = True

from crosswheel.command_line.main import main  # noqa: E402

sys.exit(main())
