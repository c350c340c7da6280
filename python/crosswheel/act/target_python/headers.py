"""The headers of a target Python as one canonical file: packed, compared by digest, unpacked.

A pack is an uncompressed tar of ``include/pythonX.Y/``: sorted, dated to the epoch, owned by nobody, with one complete
pyconfig.h. The same Python release gives the same bytes whoever packs it.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crosswheel.act.target_python.describe import find_pyconfig
from crosswheel.act.target_python.load_description import functions_after
from crosswheel.act.target_python.python_files import PythonFiles, open_python_files
from crosswheel.render.pyconfig import render_pyconfig
from crosswheel.target.descriptions import TargetDescription
from crosswheel.target.pyconfig import PyConfig
from crosswheel.values.digests import Digest, digest_of
from crosswheel.values.errors import CrosswheelError, InputError, raise_faults

__all__ = [
    "GET_HEADERS",
    "HeadersPack",
    "build_python_headers",
    "has_headers",
    "headers_from",
    "pack_headers",
    "python_names",
    "unpack_headers",
]

#: The folders of CPython's own Include tree; anything else below include/pythonX.Y belongs to some package.
_HEADER = re.compile(r"(?:cpython/|internal/(?:\w+/)*)?[\w.-]+\.h")
_PY_VERSION = re.compile(r'^#\s*define\s+PY_VERSION\s+"(?P<version>[^"]+)"', re.MULTILINE)
_PYTHON_NAME = re.compile(rb"\b_?Py\w+")
#: Places where a Python's files name their architecture.
_MULTIARCH = re.compile(
    r"(?:.*/)?(?:_sysconfigdata_[td]*_(?:linux_)?(?P<multiarch>\w+-linux-\w+)\.py"
    r"|include/(?P<folder>\w+-linux-\w+)/python[\w.]+/pyconfig\.h)"
)
#: What to do where the build Python was installed without its headers.
GET_HEADERS = "install its headers (Debian: python3-dev), or plan with others: `plan --headers`, or `headers` of the configuration"
#: Header files that every CPython has; a folder without them is not its Include tree.
_NEEDED = ("Python.h", "patchlevel.h", "object.h")


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadersPack:
    """A packed header tree.

    Attributes:
        data: the canonical tar.
        python_version: full version that its patchlevel.h states, e.g. ``3.11.7``.
        origin: what it was packed from, without a path of this machine.
    """

    data: bytes
    python_version: str
    origin: str

    @property
    def digest(self) -> Digest:
        """Digest that a plan pins."""
        return digest_of(self.data)


def build_python_headers(include: Path, description: TargetDescription) -> HeadersPack:
    """Pack the build Python's own headers with the pyconfig.h rendered from `description`.

    CPython's headers say nothing of a platform but in pyconfig.h, so that a build Python of the same release
    has the target's headers already. Nothing of the build Python's own pyconfig.h is used.

    Args:
        include: the folder with the build Python's Python.h.
        description: the target description.

    Raises:
        InputError: there is no Include tree, or it is of another X.Y than the target's.
    """
    files = _files_below(include)
    version = _checked_version(files, description, str(include), fix=GET_HEADERS)
    return HeadersPack(
        data=_packed_here(include, render_pyconfig(description), description.python_directory),
        python_version=version,
        origin=f"CPython {version} of the build machine",
    )


def has_headers(include: Path) -> bool:
    """Tell whether a folder is an Include tree of CPython, as far as the names of its files say."""
    return all((include / name).is_file() for name in _NEEDED)


@cache
def _packed_here(include: Path, pyconfig: str, python_directory: str) -> bytes:
    """Return the pack of this machine's headers, made once for targets that differ in their libc's floor only."""
    return _packed(_files_below(include), pyconfig, python_directory)


@cache
def _files_below(include: Path) -> Mapping[str, bytes]:
    """Return the headers of a folder, read once for all targets."""
    return {
        path.relative_to(include).as_posix(): path.read_bytes()
        for path in sorted(include.rglob("*.h"))
        if path.is_file()
    }


def headers_from(path: Path, description: TargetDescription) -> HeadersPack:
    """Pack the headers of a real target Python, with its own pyconfig.h.

    Of that, functions which the C library of `description` has not are left undefined, as its own may be newer.

    Args:
        path: a python-build-standalone archive or folder, Debian packages or an unpacked tree of them, a Nix store
            path, or any prefix; see `crosswheel.act.target_python.python_files.open_python_files`.
        description: the target description; the headers must be of that ABI and architecture.

    Raises:
        InputError: there are no headers, or they are another Python's, version's or architecture's.
    """
    tree = open_python_files(path)
    name = str(path)
    files = _include_tree(tree, description)
    version = _checked_version(files, description, name)
    _refuse_other_architecture(tree, description, name)
    pyconfig_name, pyconfig = find_pyconfig(tree, description.python, description.multiarch, name)
    raise_faults(_pyconfig_faults(pyconfig, description, name))
    text = tree.read(pyconfig_name).decode("utf-8", "replace")
    for macro in sorted(functions_after(description.platform, description.python)):
        text = re.sub(
            rf"^[ \t]*#[ \t]*define[ \t]+{macro}\b.*$", f"/* #undef {macro} */", text, flags=re.MULTILINE
        )
    return HeadersPack(
        data=pack_headers(files, text, description), python_version=version, origin=tree.origin
    )


def pack_headers(files: Mapping[str, bytes], pyconfig: str, description: TargetDescription) -> bytes:
    """Return the canonical tar of a header tree.

    Args:
        files: headers by their path below ``include/pythonX.Y``; whatever is not CPython's own is left out.
        pyconfig: the text of the complete pyconfig.h.
        description: names the folder below ``include``.
    """
    return _packed(files, pyconfig, description.python_directory)


def _packed(files: Mapping[str, bytes], pyconfig: str, python_directory: str) -> bytes:
    members = {name: data for name, data in files.items() if _HEADER.fullmatch(name)}
    members["pyconfig.h"] = pyconfig.encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in sorted(members.items()):
            member = tarfile.TarInfo(f"include/{python_directory}/{name}")
            member.size, member.mode = len(data), 0o644
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def python_names(pack: Path) -> frozenset[str]:
    """Return every identifier of the C API, public or private, that a headers pack mentions.

    More than what is exported: macros, types and names in comments are among them. 10 ms for CPython 3.11.
    """
    return frozenset(name.decode() for name in _PYTHON_NAME.findall(pack.read_bytes()))


def unpack_headers(pack: Path, destination: Path) -> None:
    """Unpack a headers pack below `destination`, giving ``include/pythonX.Y/``.

    Raises:
        InputError: the file is no headers pack.
    """
    try:
        with tarfile.open(pack, "r:") as archive:
            for member in archive:
                if not (
                    member.isreg() and re.fullmatch(r"include/python[\w.]+(?:/\w[\w.-]*)+\.h", member.name)
                ):
                    raise InputError(
                        "unpack headers",
                        str(pack),
                        why=f"'{member.name}' is no header file",
                        fix="make the pack with `crosswheel target pack`",
                    )
                # By hand: extraction filters came with 3.11.4 only, and the name has just been judged.
                content = archive.extractfile(member)
                place = destination / member.name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content.read() if content is not None else b"")
                place.chmod(0o644)
    except (tarfile.TarError, EOFError) as error:
        raise InputError(
            "unpack headers",
            str(pack),
            why=f"it is no uncompressed tar archive ({' '.join(str(error).split())})",
            fix="make the pack with `crosswheel target pack`",
        ) from None


def _include_tree(tree: PythonFiles, description: TargetDescription) -> dict[str, bytes]:
    names = tree.names()
    marker = f"include/{description.python_directory}/Python.h"
    roots = [name.removesuffix("Python.h") for name in names if f"/{name}".endswith(f"/{marker}")]
    root = min(roots, key=len, default=None)
    if root is None:
        return {}
    return {name.removeprefix(root): tree.read(name) for name in names if name.startswith(root)}


def stated_release(include: Path) -> str:
    """Return the full version that the headers in a folder state, such as ``3.11.7``.

    Raises:
        InputError: they state none.
    """
    path = include / "patchlevel.h"
    release = _release_in(path.read_bytes()) if path.is_file() else ""
    if not release:
        raise InputError(
            "read headers",
            str(include),
            why="its patchlevel.h does not say which release of CPython they are of",
            fix="make the pack anew with `crosswheel target pack`",
        )
    return release


def _release_in(patchlevel: bytes) -> str:
    match = _PY_VERSION.search(patchlevel.decode("utf-8", "replace"))
    return match["version"].rstrip("+") if match else ""


def _checked_version(
    files: Mapping[str, bytes], description: TargetDescription, name: str, *, fix: str = ""
) -> str:
    """Return the full version of a header tree of the target's X.Y, or refuse the tree."""
    missing = [header for header in _NEEDED if header not in files]
    if missing:
        raise InputError(
            "pack headers",
            name,
            why=f"{', '.join(missing)} of include/{description.python_directory} is not there",
            fix=fix or f"give a CPython {description.python.version} with its development files",
        )
    version = _release_in(files["patchlevel.h"])
    if version.split(".")[:2] != description.python.version.split("."):
        raise InputError(
            "pack headers",
            name,
            why=f"they are of CPython {version or 'of unknown version'}, the target is {description.target.id}",
            fix=f"give headers of CPython {description.python.version}",
        )
    return version


def _refuse_other_architecture(tree: PythonFiles, description: TargetDescription, name: str) -> None:
    """Refuse files that say they are of another architecture; pyconfig.h alone cannot tell all of them apart."""
    told = {
        match["multiarch"] or match["folder"]
        for file in tree.names()
        if (match := _MULTIARCH.fullmatch(file))
    }
    if told and description.multiarch not in told:
        raise InputError(
            "pack headers",
            name,
            why=f"its files are of {', '.join(sorted(told))}, the target {description.target.id} "
            f"needs {description.multiarch}",
            fix="give the headers of the target's own architecture",
        )


def _pyconfig_faults(pyconfig: PyConfig, description: TargetDescription, name: str) -> list[CrosswheelError]:
    """Return where a target's own pyconfig.h contradicts the description in what decides about its ABI."""
    macros = sorted(
        macro
        for macro in {*description.pyconfig.macros, *pyconfig.macros}
        if macro in _ABI_MACROS or macro.startswith(("SIZEOF_", "ALIGNOF_"))
    )
    return [
        InputError(
            "pack headers",
            name,
            why=f"pyconfig.h has {macro} {pyconfig.macros.get(macro)}, the description of {description.id} "
            f"{description.pyconfig.macros.get(macro)}",
            fix="give the headers of the target's own architecture, or describe that Python with "
            "`crosswheel target describe --from`",
        )
        for macro in macros
        # Debian's 32-bit ARM has a 64-bit time_t since trixie; extension modules do not share the type with CPython.
        if macro != "SIZEOF_TIME_T" and pyconfig.macros.get(macro) != description.pyconfig.macros.get(macro)
    ]


#: Macros of pyconfig.h that tell one architecture or ABI from another, beside sizes and alignments.
_ABI_MACROS = frozenset(
    {
        "DOUBLE_IS_BIG_ENDIAN_IEEE754",
        "DOUBLE_IS_LITTLE_ENDIAN_IEEE754",
        "HAVE_GCC_ASM_FOR_X64",
        "Py_DEBUG",
        "Py_GIL_DISABLED",
        "Py_TRACE_REFS",
        "WORDS_BIGENDIAN",
    }
)
