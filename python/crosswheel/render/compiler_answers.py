"""What a compiler launcher answers itself when it is asked about the compiler; copied beside the launchers.

zig answers many such questions with an error or with folders of the build machine; other compilers know best, but for
names that must lead to a launcher or that crosswheel has decided.
"""

from __future__ import annotations

from .sysroot_libraries import COMPILERS_OWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .compiler_call import Call

__all__ = ["answer_about"]

_OF_FILES = frozenset(
    {"print-file-name", "print-libgcc-file-name", "print-resource-dir", "print-search-dirs"}
)
#: What zig has no sound answer to; nobody needs a true one.
_ZIGS = {
    "print-sysroot": "",
    "print-multi-lib": ".;",
    "print-multi-directory": ".",
    "print-multi-os-directory": ".",
}


def answer_about(argument: str, call: Call) -> str | None:
    """Return the answer to a question like ``-dumpmachine``; ``None`` if `argument` is none or the compiler knows better."""
    platform, toolchain, family = call.platform, call.toolchain, call.family
    question = argument.lstrip("-")
    if argument[:1] != "-" or question[:4] not in {"dump", "prin"}:
        return None
    if question == "dumpmachine":
        return str(platform["gnu_triple"])
    if question == "print-multiarch":
        return str(platform["multiarch"])
    head, _, value = question.partition("=")
    if head in {"print-target-triple", "print-effective-triple"} and family.own_driver:
        return _triple(call)
    if head == "print-prog-name" and (family.own_driver or value in _LAUNCHED):
        return f"{toolchain['bin']}/{value}"
    if not family.own_driver:
        return None
    return _of_files(head, value, call) if head in _OF_FILES else _ZIGS.get(question)


def _of_files(head: str, value: str, call: Call) -> str:
    """Return the answer to a question about files and folders, of which zig names its own or the build machine's."""
    zig = call.toolchain["zig"].rpartition("/")[0] + "/lib"
    folders = _library_folders(call)
    if head == "print-resource-dir":
        return str(zig)
    if head == "print-search-dirs":
        return f"install: {zig}/\nprograms: ={call.toolchain['bin']}\nlibraries: ={':'.join(folders)}"
    name = "libgcc.a" if head == "print-libgcc-file-name" else value
    places = [f"{zig}/include"] if name == "include" else [f"{folder}/{name}" for folder in folders]
    return next((place for place in places if call.exists(place)), name)


def _library_folders(call: Call) -> list[str]:
    """Return where a compiler for the target has libraries; one for the build machine has none but zig's own."""
    if call.platform is not call.toolchain["target"]:
        return []
    libc = f"{call.toolchain['libc_files']}/lib"
    return [*call.sysroot.get("libraries", ()), libc, f"{libc}/{COMPILERS_OWN}"]


def _triple(call: Call) -> str:
    """Return the GNU triple as Clang has it, with a vendor."""
    words = str(call.platform["gnu_triple"]).split("-")
    return "-".join([words[0], "unknown", *words[1:]] if words[1] == "linux" else words)


#: Programs that stand behind a launcher of the same name, and must not be called without.
_LAUNCHED = frozenset({"ar", "ld", "nm", "objcopy", "objdump", "ranlib", "readelf", "strip"})
