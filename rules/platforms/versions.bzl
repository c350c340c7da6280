"""The versions of C libraries and systems that a platform can say it has, and what it has if it says nothing.

Each version is a constraint of its own, "at least this one is there": a wheel for glibc 2.17 fits every platform that has
2.17 or newer, and of two wheels that fit the one for the newer version is the more special.
"""

_GLIBC_MINORS = range(5, 61)
_MUSL_MINORS = range(0, 10)

#: By kind: (major, minor) of all versions, oldest first; and the newest one that a platform has which says nothing. The
#: last is crosswheel's rule for names of targets, docs/reference/targets.md; tests/starlark compares them.
VERSIONS = {
    "glibc": [(2, minor) for minor in _GLIBC_MINORS],
    "macos": [(10, minor) for minor in range(9, 16)] + [(major, 0) for major in range(11, 31)],
    "musl": [(1, minor) for minor in _MUSL_MINORS],
}
DEFAULTS = {
    "glibc": (2, 28),
    "macos": (11, 0),
    "musl": (1, 2),
}

def setting_name(kind, version):
    """Names the constraint setting of a version.

    Args:
        kind: string; `glibc`, `musl` or `macos`.
        version: (int, int).

    Returns:
        string, e.g. `glibc_2_28`.
    """
    return "%s_%d_%d" % (kind, version[0], version[1])

def present(kind, version):
    """Names the constraint value that says a version, or a newer one, is there.

    Args:
        kind: string; `glibc`, `musl` or `macos`.
        version: (int, int).

    Returns:
        string, e.g. `glibc_2_28_or_newer`.
    """
    return setting_name(kind, version) + "_or_newer"

def absent(kind, version):
    """Names the constraint value that says only older versions are there.

    Args:
        kind: string; `glibc`, `musl` or `macos`.
        version: (int, int).

    Returns:
        string, e.g. `older_than_glibc_2_28`.
    """
    return "older_than_" + setting_name(kind, version)

def values_of_platform(kind, version):
    """Names all that a platform with a version says: this and older ones are there, newer ones are not.

    Args:
        kind: string; `glibc`, `musl` or `macos`.
        version: (int, int); one of `VERSIONS`.

    Returns:
        list of strings; constraint values.
    """
    return [(present if one <= tuple(version) else absent)(kind, one) for one in VERSIONS[kind]]

def values_of_target(kind, version, oldest = (0, 0)):
    """Names all that a platform must say so that wheels for a version run there.

    Args:
        kind: string; `glibc`, `musl` or `macos`.
        version: (int, int); the newest version that the wheels may need.
        oldest: (int, int); what every platform of the architecture has.

    Returns:
        list of strings; constraint values.
    """
    return [present(kind, one) for one in VERSIONS[kind] if oldest < one and one <= version]

def default_versions():
    """Tells what a platform has that says nothing.

    Returns:
        dict from kind to (int, int).
    """
    return DEFAULTS
