"""How GCC's words for a CPU (`-march`, `-mcpu`, `-mfpu`) are said to zig.

zig knows one option, ``-mcpu=<cpu>{+|-}<feature>...``, with LLVM's names written with underscores. The module is
imported by the compiler launchers as well, so it imports nothing.
"""

from __future__ import annotations

__all__ = ["above_baseline", "is_cpu_option", "names_build_cpu", "own_cpu", "taken_away", "translate_cpu"]

#: GCC's extensions of AArch64 whose LLVM feature has another name.
_AARCH64_FEATURES = {
    "fp": "fp_armv8",
    "simd": "neon",
    "fp16": "fullfp16",
    "fp16fml": "fp16fml",
    "rng": "rand",
    "memtag": "mte",
    "profile": "spe",
    "rdma": "rdm",
    "crypto": "crypto",
    "sve2-aes": "sve2_aes",
}

#: GCC's FPUs of 32-bit ARM.
_ARM_FPUS = {
    "vfp": "vfp2",
    "vfpv2": "vfp2",
    "vfpv3": "vfp3",
    "vfpv3-d16": "vfp3d16",
    "vfpv4": "vfp4",
    "vfpv4-d16": "vfp4d16",
    "neon": "neon",
    "neon-vfpv3": "neon",
    "neon-vfpv4": "neon+vfp4",
    "neon-fp-armv8": "neon+fp_armv8",
    "crypto-neon-fp-armv8": "neon+fp_armv8+crypto",
}

#: GCC's names of CPUs where LLVM's differs by more than its underscores.
_CPUS = {
    "ppc64le": {
        "power8": "pwr8",
        "power9": "pwr9",
        "power10": "pwr10",
        "powerpc64le": "ppc64le",
        "native": "native",
    },
    "s390x": {
        "zEC12": "zEC12",
        "arch8": "z10",
        "arch9": "z196",
        "arch10": "zEC12",
        "arch11": "z13",
        "arch12": "z14",
        "arch13": "z15",
    },
    "x86_64": {"x86-64": "x86_64", "generic": "x86_64", "core-avx2": "haswell", "corei7": "nehalem"},
    "i686": {"generic": "i686", "x86-64": "x86_64"},
}

#: Features that do not exist without another one.
_RESTS_ON = {
    "sve": ("sve2", "sve2_aes", "sve2_bitperm", "sve2_sha3", "sve2_sm4"),
    "sve2": ("sve2_aes", "sve2_bitperm", "sve2_sha3", "sve2_sm4"),
    "fullfp16": ("fp16fml",),
}

#: What zig calls the plainest CPU of an architecture, where features are added to it.
_PLAIN_CPU = {
    "aarch64": "generic",
    "armv7l": "baseline",
    "ppc64le": "baseline",
    "riscv64": "baseline",
    "s390x": "z10",
    "i686": "baseline",
    "x86_64": "baseline",
}

#: What every machine of an architecture has, as wheel tags promise it: CPUs and features in zig's words.
_BASELINE = {
    "x86_64": {"baseline", "x86_64"},
    "i686": {"baseline", "i686", "i586", "i486", "i386", "pentium", "pentiumpro", "pentium4"},
    "aarch64": {"baseline", "generic", "neon", "fp_armv8"},
    "armv7l": {"baseline", "generic", "vfp2", "vfp3", "vfp3d16"},
    "ppc64le": {"baseline", "ppc64le", "pwr8"},
    "s390x": {"z10", "arch8", "generic"},
}

_OPTIONS = ("-march=", "-mcpu=", "-mfpu=", "-mfloat-abi=")


def own_cpu(arch: str) -> list[str]:
    """Return what tells zig the plainest CPU where its own idea of that is above what every machine has.

    For s390x it compiles for a z13, whose vectors neither GCC nor Debian's Python asks for.
    """
    return [f"-mcpu={_PLAIN_CPU[arch]}"] if arch == "s390x" else []


def is_cpu_option(argument: str) -> bool:
    """Tell whether `argument` is one of the options `translate_cpu` reads."""
    return argument.startswith(_OPTIONS)


def names_build_cpu(argument: str) -> bool:
    """Tell whether `argument` asks for the CPU of the machine at hand, which is not the target's."""
    return argument in {"-march=native", "-mcpu=native"}


def taken_away(arch: str, options: list[str]) -> list[str]:
    """Return what takes features away that a level of Arm's architecture or a CPU brings along.

    zig says a feature that is taken away before the level, which brings it back; so it is said to the Clang inside once more.

    >>> taken_away("aarch64", ["-march=armv8.1-a+nolse"])
    ['-Xclang', '-target-feature', '-Xclang', '-lse']
    >>> taken_away("aarch64", ["-march=armv8.1-a+nolse+lse"])
    []
    """
    if arch not in {"aarch64", "armv7l"}:
        return []
    has: dict[str, bool] = {}
    for word in translate_cpu(arch, options):
        for name in word.removeprefix("-mcpu=").replace("-", "+-").split("+")[1:]:
            has[name.removeprefix("-")] = not name.startswith("-")
    gone = [name for name, is_there in has.items() if not is_there]
    gone += [more for name in gone for more in _RESTS_ON.get(name, ()) if more not in gone]
    return [
        part
        for name in gone
        for part in ("-Xclang", "-target-feature", "-Xclang", f"-{name.replace('_', '-')}")
    ]


def translate_cpu(arch: str, options: list[str]) -> list[str]:
    """Return the zig spelling of GCC's CPU options; of several of a kind, the last one counts.

    Args:
        arch: the target's architecture, as `Arch` names it.
        options: the options, in order.

    >>> translate_cpu("aarch64", ["-march=armv8.2-a+fp16"])
    ['-mcpu=generic+v8_2a+fullfp16']
    >>> translate_cpu("aarch64", ["-mcpu=cortex-a72+nocrypto"])
    ['-mcpu=cortex_a72-crypto-aes-sha2']
    >>> translate_cpu("x86_64", ["-march=x86-64-v3"])
    ['-mcpu=x86_64_v3']
    """
    chosen = {name: option[len(name) :] for name in _OPTIONS for option in options if option.startswith(name)}
    cpu, features = "", ""
    for name in ("-march=", "-mcpu="):
        if name in chosen:
            base, more = _one(arch, chosen[name])
            cpu, features = base or cpu, features + more
    if arch == "armv7l" and "-mfpu=" in chosen:
        fpu = _ARM_FPUS.get(chosen["-mfpu="])
        features += f"+{fpu}" if fpu else ""
    if not cpu and not features:
        return []
    return [f"-mcpu={cpu or _PLAIN_CPU.get(arch, 'baseline')}{features}"]


def above_baseline(arch: str, options: list[str]) -> bool:
    """Tell whether GCC's CPU options ask for more than every machine of the architecture has.

    >>> above_baseline("x86_64", ["-march=x86-64-v4"]), above_baseline("x86_64", ["-march=x86-64"])
    (True, False)
    >>> above_baseline("aarch64", ["-march=armv8.2-a+sve"]), above_baseline("aarch64", ["-march=armv8-a"])
    (True, False)
    """
    plain = _BASELINE.get(arch, {"baseline"})
    for word in translate_cpu(arch, options):
        # A name has no "-" in zig's words, so one begins a feature that is taken away.
        names = [name.partition("-")[0] for name in word.removeprefix("-mcpu=").split("+")]
        if any(name not in plain for name in names):
            return True
    return False


def _one(arch: str, value: str) -> tuple[str, str]:
    """Return the CPU (empty: the plain one) and the features that `value` names."""
    if arch in {"aarch64", "armv7l"}:
        name, *extensions = value.split("+")
        features = "".join(_arm_feature(arch, extension) for extension in extensions)
        if name.startswith("armv"):
            return "", _arm_level(arch, name) + features
        return ("" if name == "generic" else _underscored(name)), features
    if arch == "riscv64":
        return _riscv(value)
    return _CPUS.get(arch, {}).get(value, _underscored(value)), ""


def _arm_level(arch: str, name: str) -> str:
    """Return the feature of an architecture level, e.g. ``+v8_2a``; nothing for what the target has anyway."""
    level = name.removeprefix("armv").removesuffix("-a").removesuffix("a").replace(".", "_")
    plain = {"8"} if arch == "aarch64" else {"4t", "5t", "5te", "6", "6k", "6t2", "7", "7-"}
    return "" if level in plain else f"+v{level.rstrip('-')}a"


def _arm_feature(arch: str, extension: str) -> str:
    sign = "-" if extension.startswith("no") else "+"
    name = extension.removeprefix("no") if sign == "-" else extension
    if extension == "nocrypto":
        return "-crypto-aes-sha2"  # GCC's word stands for all of them
    table = _AARCH64_FEATURES if arch == "aarch64" else {**_ARM_FPUS, "simd": "neon", "fp": "vfp3d16"}
    return sign + table.get(name, _underscored(name))


def _riscv(value: str) -> tuple[str, str]:
    """Return the features of an ISA string such as ``rv64gcv_zba`` beyond rv64gc, the baseline."""
    if not value.startswith("rv64"):
        return _underscored(value), ""
    letters, *names = value.removeprefix("rv64").split("_")
    singles = [letter for letter in letters if letter not in "gimafdc"]
    return "", "".join(f"+{name}" for name in singles + names if name not in {"zicsr", "zifencei"})


def _underscored(name: str) -> str:
    return name.replace("-", "_").replace(".", "_")
