"""Folders laid out like toolchains, with shell scripts in place of the programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

__all__ = ["android_ndk", "emsdk", "gcc_folder", "program"]

_ANSWERS = """\
#!/bin/sh
case "$*" in
{cases}
esac
echo "$0 $*"
"""


def program(path: Path, answers: Mapping[str, str] | None = None) -> Path:
    """Write a program that answers questions, with what options before them, and else says how it was called."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cases = "\n".join(
        f"*'{question}') echo '{answer}'; exit;;" for question, answer in (answers or {}).items()
    )
    path.write_text(_ANSWERS.format(cases=cases))
    path.chmod(0o755)
    return path


def gcc_folder(
    root: Path,
    *,
    triple: str = "aarch64-linux-gnu",
    sysroot: str = "/",
    version: str = "-12",
    machine: Path = Path("/nowhere"),
) -> Path:
    """Lay out a cross GCC as Debian does, below `root`; return the compiler's link.

    Unless told a sysroot, it looks for its target's libraries below `machine`.
    """
    own, target = root / "usr/lib/gcc-cross" / triple / "12", root / "usr" / triple
    for folder in (own, target / "lib", target / "include"):
        folder.mkdir(parents=True)
    (own / "cc1").touch()
    searched = f"install: {own}/\nprograms: ={own}/:/usr/bin/\nlibraries: ={target}/lib/:/usr/lib/"
    answers = {
        "--version": f"{triple}-gcc (Test) 12.2.0\nFree Software Foundation",
        "-dumpmachine": triple,
        "-print-sysroot": sysroot,
        f"--sysroot={root} -print-search-dirs": f"{searched}:{root}/usr/lib/{triple}/",
        "-print-search-dirs": f"{searched}:{machine}/usr/lib/{triple}/",
        "-E -v -x c /dev/null": f"search starts here:\n {target}/include\n /usr/include\nEnd",
    }
    _programs(root / "usr/bin", triple, ("ar", "ranlib", "ld", "nm"))
    program(root / f"usr/bin/{triple}-g++{version}")
    program(root / f"usr/bin/{triple}-gcc{version}", answers)
    for name in ("gcc", "g++") if version else ():
        (root / f"usr/bin/{triple}-{name}").symlink_to(f"{triple}-{name}{version}")
    return root / f"usr/bin/{triple}-gcc"


def _programs(folder: Path, triple: str, tools: Iterable[str]) -> None:
    for tool in tools:
        program(folder / f"{triple}-{tool}")


def android_ndk(root: Path, *, levels: Iterable[int] = (21, 24, 35), machine: str = "linux-x86_64") -> Path:
    """Lay out an Android NDK."""
    programs = root / "toolchains/llvm/prebuilt" / machine / "bin"
    names = (
        "clang",
        "clang++",
        "ld.lld",
        *(f"llvm-{tool}" for tool in ("ar", "ranlib", "nm", "strip", "objcopy")),
    )
    for name in names:
        program(programs / name)
    for level in levels:
        program(programs / f"aarch64-linux-android{level}-clang")
    (root / "source.properties").write_text("Pkg.Desc = Android NDK\nPkg.Revision = 27.2.12479018\n")
    return root


def emsdk(root: Path, version: str = "4.0.9") -> Path:
    """Lay out an emsdk in which a release is installed."""
    own = root / "upstream/emscripten"
    for name in ("emcc.py", "em++.py", "emar.py", "emranlib.py"):
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text("import sys\nprint(*sys.argv)\n")
    (own / "emscripten-version.txt").write_text(f'"{version}"\n')
    program(root / "upstream/bin/llvm-nm")
    program(root / "node/22/bin/node")
    (root / ".emscripten").write_text("NODE_JS = 'node/22/bin/node'\n")
    return root
