"""What a platform says of its C library or system, for `constraint_values` of `platform()`.

```starlark
load("@crosswheel//rules/platforms:defs.bzl", "glibc")

platform(
    name = "linux_arm64_old",
    constraint_values = ["@platforms//os:linux", "@platforms//cpu:aarch64"] + glibc("2.17"),
)
```

A Linux platform that says nothing has glibc 2.28, one with `musl()` musl 1.2; macOS is 11.0.
"""

load("//rules/private:messages.bzl", "refusal")
load(":versions.bzl", "DEFAULTS", "VERSIONS", "absent", "present", "setting_name", "values_of_platform")

def glibc(version):
    """Says that a platform has the GNU C library, and how new it is.

    Args:
        version: string, e.g. `2.17`.

    Returns:
        list of labels; constraint values.
    """
    return _labels(["glibc"] + values_of_platform("glibc", _parsed("glibc", version)))

def musl(version = "1.2"):
    """Says that a platform has musl, and how new it is.

    Args:
        version: string, e.g. `1.2`.

    Returns:
        list of labels; constraint values.
    """
    return _labels(["musl"] + values_of_platform("musl", _parsed("musl", version)))

def macos(version):
    """Says how new the macOS of a platform is.

    Args:
        version: string, e.g. `12.0`.

    Returns:
        list of labels; constraint values.
    """
    return _labels(values_of_platform("macos", _parsed("macos", version)))

def version_constraints(name):  # @unused
    """Declares the constraint settings and values of all versions; called by this package alone.

    Args:
        name: string; not used.
    """
    for kind, versions in VERSIONS.items():
        for version in versions:
            setting = setting_name(kind, version)
            usual = present if version <= DEFAULTS[kind] else absent
            native.constraint_setting(
                name = setting,
                default_constraint_value = ":" + usual(kind, version),
                visibility = ["//visibility:public"],
            )
            for value in (present(kind, version), absent(kind, version)):
                native.constraint_value(
                    name = value,
                    constraint_setting = ":" + setting,
                    visibility = ["//visibility:public"],
                )

def _parsed(kind, version):
    known = {"%d.%d" % one: one for one in VERSIONS[kind]}
    if type(version) != "string":
        fail(refusal("use " + kind, version, "it is no string", "put it into quotes"))
    if version not in known:
        fail(refusal("use " + kind, version, "the versions known are %s to %s" % (known.keys()[0], known.keys()[-1]), "write one of these"))
    return known[version]

def _labels(names):
    return [Label("//rules/platforms:" + name) for name in names]
