"""A C toolchain of the user's own as a plan pins it: by its files, by how it is called, and by where it was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from crosswheel.decide.documents.json_fields import Fields
from crosswheel.values.canonical_json import JsonValue, digest_of_json
from crosswheel.values.digests import Digest

__all__ = ["FAMILIES", "TOOLS", "ToolchainPin", "read_toolchain", "toolchain_to_json"]

#: Families of compilers whose words the launchers know, besides zig's.
FAMILIES = ("gcc", "clang")
#: Programs a toolchain may have; the first three it must.
TOOLS = ("cc", "ar", "ranlib", "c++", "ld", "nm", "objcopy", "objdump", "readelf")


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolchainPin:
    """A toolchain that compiles for a target in zig's place.

    In the options and `environment`, ``{folder}`` stands for the folder of the toolchain, ``{sysroot}`` for
    that of its sysroot and ``{python}`` for the build Python, wherever a build sees them.

    Attributes:
        family: one of `FAMILIES`.
        compiler: the first line of what the compiler says of itself, for people.
        libc: the C library it links with, e.g. ``glibc 2.36``; empty where it has none of a known kind.
        programs: by tool (`TOOLS`) the path of its program in the folder.
        content: digest of all files a build sees of it.
        folder: where it is: relative to the plan, or absolute as the configuration has it.
        inputs: what of the folder belongs to it; empty for all.
        sysroot: where its sysroot is, like `folder`; ``None`` for one without.
        options: given to the compiler in every call.
        c_options: given to the C compiler in every call, after `options`.
        cxx_options: the same for the C++ compiler.
        link_options: given to it in every call that links.
        environment: variables set for its programs.
    """

    family: str
    compiler: str
    programs: Mapping[str, str]
    content: Digest
    folder: str
    libc: str = ""
    inputs: tuple[str, ...] = ()
    sysroot: str | None = None
    options: tuple[str, ...] = ()
    c_options: tuple[str, ...] = ()
    cxx_options: tuple[str, ...] = ()
    link_options: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> Digest:
        """Digest of all that decides what is compiled: where it was found and what people read are no part of it."""
        said = toolchain_to_json(replace(self, compiler="", libc="", folder=""))
        return digest_of_json({**said, "sysroot": self.sysroot is not None})


def toolchain_to_json(pin: ToolchainPin) -> dict[str, JsonValue]:
    """Return a pin as it stands in the plan."""
    said: dict[str, JsonValue] = {
        "libc": pin.libc,
        "inputs": list(pin.inputs),
        "sysroot": pin.sysroot,
        "options": list(pin.options),
        "c_options": list(pin.c_options),
        "cxx_options": list(pin.cxx_options),
        "link_options": list(pin.link_options),
        "environment": dict(pin.environment),
    }
    return {
        "family": pin.family,
        "compiler": pin.compiler,
        "programs": dict(pin.programs),
        "content": pin.content.hex,
        "folder": pin.folder,
        **{key: value for key, value in said.items() if value not in (None, "", [], {})},
    }


def read_toolchain(fields: Fields) -> ToolchainPin:
    """Read what `toolchain_to_json` wrote, keeping every fault."""
    programs, environment = fields.inner("programs"), fields.inner("environment")
    pin = ToolchainPin(
        family=fields.text("family"),
        compiler=fields.text("compiler"),
        libc=fields.optional_text("libc") or "",
        programs={tool: programs.text(tool) for tool in programs},
        content=fields.digest("content"),
        folder=fields.text("folder"),
        inputs=fields.texts("inputs"),
        sysroot=fields.optional_text("sysroot"),
        options=fields.texts("options"),
        c_options=fields.texts("c_options"),
        cxx_options=fields.texts("cxx_options"),
        link_options=fields.texts("link_options"),
        environment={name: environment.text(name) for name in environment},
    )
    if pin.family and pin.family not in FAMILIES:
        fields.fault(pin.family, f"the known families are {', '.join(FAMILIES)}", "family")
    if lacking := [tool for tool in TOOLS[:3] if tool not in pin.programs]:
        fields.fault(None, f"it has no {', '.join(lacking)}", "programs")
    for path in (*pin.programs.values(), *pin.inputs):
        if path.startswith("/") or ".." in path.split("/"):
            fields.fault(path, "the path does not lie in the toolchain's folder")
    fields.close()
    return pin
