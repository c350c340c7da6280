"""What a compiler call takes from the sysroot: folders behind the project's own, and libraries with all they need.

And what it must not take: folders of the build machine, and the files that stand for libraries of the C library.

Copied beside the compiler launchers like `compiler_arguments`, whose calls it completes. The table it reads is written
when a sysroot is put together (`crosswheel.act.sysroot.link_table`).
"""

from __future__ import annotations

from .compiler_flags import BUILD_MACHINE_FOLDERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from .compiler_call import Call

__all__ = ["COMPILERS_OWN", "ask_for_openmp", "is_passed_over", "libc_library", "sysroot_words"]

#: Folder below that of the C library's libraries with the compiler's own, which are found by asking it.
COMPILERS_OWN = "gcc"
#: LLVM's library of OpenMP, and the names of GNU's and Intel's.
_OPENMP = "omp"
_FOR_OPENMP = frozenset({"gomp", "iomp5"})
#: The first words of a file name of a library, what stands after ``-l`` between them, and its last ones.
_SHAPES = (("lib", ".so"), ("lib", ".a"))


def libc_library(path: str, toolchain: Mapping[str, Any]) -> str | None:
    """Return the name of the library that a file of the toolchain stands for; ``None`` for all others."""
    folder, _, file = path.rpartition("/")
    libc = f"{toolchain['libc_files']}/lib"
    if folder not in {libc, f"{libc}/{COMPILERS_OWN}"} or not file.startswith("lib"):
        return None
    return file[3:].rpartition(".")[0]


def is_passed_over(folder: str, toolchain: Mapping[str, Any]) -> bool:
    """Tell whether a folder to search is the build machine's, or the C library's, which is searched in any case and last."""
    if folder.rstrip("/") in {f"{toolchain['libc_files']}/{name}" for name in ("include", "lib")}:
        return True
    if any(folder == ours or folder.startswith(ours + "/") for ours in toolchain["own_folders"]):
        return False
    return any(
        folder == theirs or folder.startswith(theirs + "/")
        for theirs in (*BUILD_MACHINE_FOLDERS, *toolchain["dropped_folders"])
    )


def ask_for_openmp(call: Call) -> list[str]:
    """Have a link with ``-fopenmp`` take OpenMP's library, as Clang's own driver would, and return a source for it.

    zig leaves that library to its users. It stands in for GNU's, whose calls it has, too. Where the sysroot has none, nothing
    changes: the check finds what is missing.
    """
    table = call.sysroot.get("table", {})
    if _OPENMP not in table or not call.family.own_driver:
        return []
    call.wanted = [(place, _OPENMP if name in _FOR_OPENMP else name) for place, name in call.wanted]
    if any(word == "-fopenmp" or word.startswith("-fopenmp=") for word in call.kept):
        call.wanted.append((len(call.kept), _OPENMP))
        call.kept.append(f"-l{_OPENMP}")
    return [call.sysroot["openmp"]] if any(name == _OPENMP for _, name in call.wanted) else []


def sysroot_words(call: Call, *, links: bool, cxx: bool) -> list[str]:
    """Return what is put behind a call's own arguments, and put the sysroot's libraries in place among them.

    Args:
        call: the call, all of it read; ``kept``, ``used`` and ``refused`` are changed.
        links: whether it links.
        cxx: whether what it links is C++, and so has LLVM's C++ library in it.
    """
    sysroot = call.sysroot
    if not sysroot:
        return []
    words: list[str] = []
    if call.sources:
        # Compilers drop a `-I` that names the same folder as an `-isystem`, and its place before their own headers.
        for folder in sysroot["headers"]:
            words += [] if f"-I{folder}" in call.kept else ["-isystem", folder]
    frameworks = sysroot.get("frameworks")
    if frameworks:
        words += ["-iframework", frameworks] if call.sources else []
        words += [f"-F{frameworks}"] if links else []
    if not links:
        return words
    words += [f"-L{folder}" for folder in sysroot["libraries"]]
    compensates = False
    # From the end, for a library takes the place of one word with several.
    for place, name in reversed(call.wanted):
        entry = _entry(sysroot, name)
        if entry is None or _is_projects_own(call, name):
            continue
        if "refused" in entry:
            call.refused = f"{name}: {entry['refused']}"
            return words
        if cxx and entry.get("gnu_cxx") and call.family.own_driver:
            call.refused = (
                f"{name}: {entry['file']} needs GNU's C++ library, and this is C++ linked with LLVM's; use "
                'link = "shared" in [tool.crosswheel.packages], or give a directory with one compiled by zig'
            )
            return words
        files = _files(sysroot, entry)
        compensates = compensates or any(file.endswith(".a") for file in files)
        call.kept[place : place + 1] = [
            *files,
            *([call.family.cxx_library] if entry.get("cxx") else []),
            *([call.family.unwind_library] if entry.get("unwind") else []),
        ]
        call.used += entry["packages"]
    call.used = sorted(set(call.used))
    if compensates and sysroot["sources"]:
        words += ["-fPIC", "-x", "none", *sysroot["sources"]]
    return words


def _entry(sysroot: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Return what the table knows of ``-l`` `name`, or of the file of that path."""
    table: Mapping[str, Mapping[str, Any]] = sysroot["table"]
    if "/" not in name:
        return table.get(name)
    path = name[len(sysroot["root"]) + 1 :]
    short = path.rpartition("/")[2]
    for first, last in _SHAPES:
        if short.startswith(first) and short.endswith(last):
            # Other people's files may name the shared library where only the archive is taken, or the other way.
            return table.get(short[len(first) : -len(last)])
    return None


def _files(sysroot: Mapping[str, Any], entry: Mapping[str, Any]) -> list[str]:
    """Return the arguments that link a library: its file, what that needs; for a linker script what it stands for."""
    root = sysroot["root"]
    if "script" in entry:
        words: list[str] = []
        for word in entry["script"]:
            inner = sysroot["table"].get(word[2:]) if word.startswith("-l") else None
            if inner is not None and inner is not entry:
                words += _files(sysroot, inner)
            elif word.startswith("-l"):
                words.append(word)
            else:
                name = word.rpartition("/")[2]
                words.append(f"{root}/{entry['file'].rpartition('/')[0]}/{name}")
        return words
    files: Sequence[str] = [entry["file"], *entry.get("needs", ())]
    return [f"{root}/{file}" for file in files]


def _is_projects_own(call: Call, name: str) -> bool:
    """Tell whether a folder given with ``-L``, none of the sysroot, has the library: it goes before ours."""
    if "/" in name:
        return False
    root = call.sysroot["root"] + "/"
    return any(
        call.exists(f"{folder}/{first}{name}{last}")
        for folder in call.folders
        if not folder.startswith(root)
        for first, last in _SHAPES
    )
