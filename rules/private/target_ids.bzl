"""What a target's id means to Bazel: Python, and the constraint values of the platforms that its wheels run on.

Ids are crosswheel's own, `cp311-linux_aarch64_glibc_2_28` (docs/reference/targets.md); no other spelling is read here.
"""

load("//rules/platforms:versions.bzl", "VERSIONS", "values_of_platform", "values_of_target")
load(":messages.bzl", "listed", "refusal")

#: Architectures as ids name them, and as @platforms//cpu does.
CPUS = {
    "aarch64": "aarch64",
    "armv7l": "armv7",
    "i686": "x86_32",
    "ppc64le": "ppc64le",
    "riscv64": "riscv64",
    "s390x": "s390x",
    "x86_64": "x86_64",
}

#: The oldest glibc there is on an architecture, where it is newer than what a platform has that says nothing.
OLDEST_GLIBC = {"riscv64": (2, 31)}

_SYSTEMS = {"linux": "linux", "macos": "osx", "windows": "windows"}

def parse_target_id(id):
    """Takes a target's id apart.

    Args:
        id: string, e.g. `cp311-linux_aarch64_glibc_2_28`.

    Returns:
        struct with `abi` (`cp311`), `python` (`3.11`), `os`, `arch`, `libc` (`glibc`, `musl` or "") and
        `version` ((int, int) of libc or macOS, or None).
    """
    abi, dash, platform = id.partition("-")
    system, _, rest = platform.partition("_")
    if not dash or not abi.startswith("cp") or system not in _SYSTEMS:
        fail(refusal("use target", id, "Bazel's platforms are known for %s" % listed(_SYSTEMS), "leave it out of the plan"))
    libc = ""
    numbers = []
    if system == "linux":
        libc = "musl" if "_musl_" in rest else "glibc"
        rest, _, version = rest.partition("_%s_" % libc)
        numbers = version.split("_")
    elif system == "macos":
        rest, numbers = rest.rsplit("_", 2)[0], rest.rsplit("_", 2)[1:]
    if rest not in CPUS:
        fail(refusal("use target", id, "the architectures known are %s" % listed(CPUS), "leave it out of the plan"))
    return struct(
        abi = abi,
        arch = rest,
        libc = libc,
        os = system,
        python = _python(abi),
        version = tuple([int(number) for number in numbers]) if numbers else None,
    )

def _python(abi):
    """Returns `3.11` for `cp311`, and `3.13t` for the one without the GIL."""
    digits = abi.removeprefix("cp").rstrip("t")
    return "%s.%s%s" % (digits[0], digits[1:], "t" if abi.endswith("t") else "")

def constraints_of_target(id):
    """Names the constraint values that a platform must have so that wheels of a target run there.

    Args:
        id: string; the target.

    Returns:
        list of strings; labels.
    """
    target = _known(id)
    kind = target.libc or target.os
    oldest = OLDEST_GLIBC.get(target.arch, (0, 0)) if kind == "glibc" else (0, 0)
    return _machine(target) + _labels(target, values_of_target(kind, target.version, oldest) if target.version else [])

def constraints_of_platform(id):
    """Names the constraint values of the platform that is a target and no more: what is compiled for it has no newer C library.

    Args:
        id: string; the target.

    Returns:
        list of strings; labels.
    """
    target = _known(id)
    return _machine(target) + _labels(target, values_of_platform(target.libc or target.os, target.version) if target.version else [])

def _known(id):
    """Takes a target's id apart, whose version is one of those known."""
    target = parse_target_id(id)
    kind = target.libc or target.os
    if target.version != None:
        if target.version > VERSIONS[kind][-1]:
            fail(refusal("use target", id, "the newest %s known is %d.%d" % ((kind,) + VERSIONS[kind][-1]), "upgrade crosswheel"))
    return target

def _machine(target):
    return ["@platforms//os:" + _SYSTEMS[target.os], "@platforms//cpu:" + CPUS[target.arch]]

def _labels(target, values):
    return ["@crosswheel//rules/platforms:" + name for name in ([target.libc] if target.libc else []) + values]

def machine_of(id):
    """Names the kind of machine that a build platform is: what is left of its id without Python and versions.

    Args:
        id: string; the build platform, e.g. `cp311-linux_x86_64_glibc_2_28`.

    Returns:
        string, e.g. `linux_x86_64_glibc`.
    """
    target = parse_target_id(id)
    return "_".join([part for part in (target.os, target.arch, target.libc) if part])

def constraints_of_machine(id):
    """Names the constraint values of a kind of machine.

    Args:
        id: string; a build platform.

    Returns:
        list of strings; labels.
    """
    target = parse_target_id(id)
    return _machine(target) + _labels(target, [])
