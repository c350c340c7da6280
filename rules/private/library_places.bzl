"""Where the files of a C++ library belong in a folder with `include` and `lib`."""

# What a C++ rule calls a static library, besides `.a`.
_ARCHIVES = (".pic.a", ".pic.lo", ".lo", ".a")

def _below(path, folders):
    """Returns what is left of a path below the deepest of these folders, or None."""
    deepest = None
    for folder in folders:
        if (folder == "." or path.startswith(folder + "/")) and (deepest == None or len(folder) > len(deepest)):
            deepest = folder
    return None if deepest == None else (path if deepest == "." else path.removeprefix(deepest + "/"))

def header_place(path, named, roots):
    """Tells where a header belongs in a library's folder, so that it is included by the name it has in C++ rules.

    Args:
        path: string; the header's.
        named: list of strings; the folders that the library names for `#include`.
        roots: list of strings; those that every C++ rule has: the top of a repository.

    Returns:
        string, e.g. `include/zlib.h`.
    """
    return "include/" + (_below(path, named) or _below(path, roots) or path)

def library_place(basename):
    """Tells where a library belongs in a library's folder.

    Args:
        basename: string; the file's name.

    Returns:
        string, e.g. `lib/libz.a`.
    """
    for suffix in _ARCHIVES:
        if basename.endswith(suffix):
            return "lib/%s.a" % basename.removesuffix(suffix)
    return "lib/" + basename
