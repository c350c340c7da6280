"""Which Python a runtime of Python rules is, as far as its files tell: nothing is run while Bazel analyses."""

def version_brought(interpreter, paths):
    """Tells the version of an interpreter that brings its standard library, by where that lies.

    It lies where the interpreter itself looks for it first: `lib/pythonX.Y/os.py` beside its own folder. One without, such as a script
    that calls a Python of the machine, says nothing of what it runs, and does not hold all that a build reads.

    Args:
        interpreter: string; path of the interpreter.
        paths: list of strings; the files that come along.

    Returns:
        string; `X.Y`, for a free-threaded one `X.Yt`; None if it cannot be told.
    """
    folder = interpreter.rpartition("/")[0]
    above = folder.rpartition("/")[0]
    prefix = above + "/" if above else ""
    for path in paths:
        if path.endswith("/os.py") and path.startswith(prefix):
            parts = path.removeprefix(prefix).split("/")
            if len(parts) == 3 and parts[0] in ("lib", "lib64") and parts[1].startswith("python"):
                return parts[1].removeprefix("python")
    return None

def version_said(runtime):
    """Tells the version that a runtime says it has; it need not say any.

    Args:
        runtime: PyRuntimeInfo.

    Returns:
        string; `X.Y`, for a free-threaded one `X.Yt`; None if it does not say it.
    """
    said = getattr(runtime, "interpreter_version_info", None)
    numbers = [getattr(said, name, None) for name in ("major", "minor")]
    if None in numbers:
        return None
    free_threaded = "t" in (getattr(runtime, "abi_flags", None) or "")
    return "%s.%s" % tuple(numbers) + ("t" if free_threaded else "")
