"""Which target a name means, and every name a target has.

A name people know from elsewhere means here what it means there. Where it leaves a version open, one rule of
`DefaultRule` fills it and is reported; nothing is ever taken from the machine crosswheel runs on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from crosswheel.values.errors import InputError
from crosswheel.values.platforms import (
    Android,
    Emscripten,
    Ios,
    Linux,
    MacOs,
    Musl,
    Platform,
    Windows,
)
from crosswheel.values.python_abi import PythonAbi, parse_python_abi

from .architectures import ARCH_NAMES
from .pyemscripten import emscripten_python
from .spelling_forms import FORMS, PYTHON_PART, Meaning, fold, platforms_on, refusal_of
from .support import FAMILIES
from .tags import platform_tags
from .targets import Target
from .triples import (
    debian_multiarch,
    gnu_triple,
    nix_system,
    oci_platform,
    rust_triple,
    sysconfig_platform,
    zig_triple,
)
from .uv_platforms import UV_PLATFORMS, UV_RULE

__all__ = ["ParsedTarget", "parse_build_platform", "parse_platform", "parse_target", "spellings_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedTarget:
    """A target and how it came to be.

    Two spellings of one target are equal; `rule` and `typed` do not count.

    Attributes:
        target: the target.
        rule: the sentence that says how what the name left open was filled; ``None`` when it left nothing open.
        typed: the name as it was typed.
    """

    target: Target
    rule: str | None = field(default=None, compare=False)
    typed: str = field(default="", compare=False)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the name was taken for, and by which rule, if it left something open; and that it can hardly be meant.

        >>> parse_target("wasm32-pyodide2025", python=PythonAbi(major=3, minor=11)).remarks
        ('cp311-emscripten_wasm32_2025_0: PyEmscripten 2025_0 is made for CPython 3.13, and for no other (--python 3.13)',)
        """
        filled = () if self.rule is None else (f"{self.typed} is {self.target.id}: {self.rule}",)
        system = self.target.platform.os
        made_for = emscripten_python(system.year, system.patch) if isinstance(system, Emscripten) else None
        if made_for in (None, self.target.python.version):
            return filled
        assert isinstance(system, Emscripten)
        return (
            *filled,
            (
                f"{self.target.id}: PyEmscripten {system.year}_{system.patch} is made for CPython {made_for}, and for no other "
                f"(--python {made_for})"
            ),
        )


def parse_target(text: str, *, python: PythonAbi) -> ParsedTarget:
    """Parse any spelling of a target; docs/reference/targets.md lists them.

    Args:
        text: the name, in any case; a leading ABI tag (``cp312-``) is the target's Python.
        python: the target's Python where the name does not say it.

    Returns:
        The target, and the rule that filled what the name left open.

    Raises:
        InputError: unknown name (the nearest ones are named), or no such target can exist.

    >>> parse_target("linux/arm64", python=PythonAbi(major=3, minor=12)).target.id
    'cp312-linux_aarch64_glibc_2_28'
    """
    name = text.strip()
    abi = PYTHON_PART.match(name.lower())
    if abi is not None:
        python = parse_python_abi(abi[1])
        name = name[abi.end() :]
    if abi is not None and not name:
        raise InputError(
            "parse target",
            text,
            why="it names a Python and no platform",
            fix=f"write for example {abi[1]}-linux_arm64",
        )
    meaning = parse_platform(name, python=python)
    return ParsedTarget(
        target=Target(python=python, platform=meaning.platform), rule=meaning.rule, typed=text.strip()
    )


def parse_platform(text: str, *, python: PythonAbi) -> Meaning:
    """Parse any spelling of a platform; `python` picks the PyEmscripten version where the name leaves it open.

    Raises:
        InputError: as `parse_target`.
    """
    lower = text.strip().lower()
    uv_platform = UV_PLATFORMS.get(lower)
    if uv_platform is not None:
        plain = _first_meaning(fold(lower), python)
        # uv's rule is only worth a word where it fills something, i.e. where ours would have.
        filled = plain is None or plain.rule is not None
        return Meaning(platform=uv_platform, rule=UV_RULE.format(uv_platform.id) if filled else None)
    try:
        meaning = _first_meaning(fold(lower), python)
    except InputError as error:
        raise InputError("parse target", text, why=error.why, fix=error.fix) from error
    if meaning is None:
        raise _unknown(text)
    return meaning


#: The macOS that a build platform's name means where it leaves the version open.
_BUILD_MACOS = MacOs(major=13, minor=0)


def parse_build_platform(text: str, *, python: PythonAbi) -> Platform:
    """Parse any spelling of a build platform.

    A target's bare name means the oldest machine wheels are made for; a build platform is a machine people have
    today. So a macOS name without a version means macOS 13.0 here, the oldest that the C toolchain runs on.

    Raises:
        InputError: as `parse_target`.

    >>> parse_build_platform("macos_arm64", python=PythonAbi(major=3, minor=12)).id
    'macos_aarch64_13_0'
    """
    name = text.strip()
    abi = PYTHON_PART.match(name.lower())
    meaning = parse_platform(name if abi is None else name[abi.end() :], python=python)
    if isinstance(meaning.platform.os, MacOs) and meaning.rule is not None:
        return Platform(os=_BUILD_MACOS, arch=meaning.platform.arch)
    return meaning.platform


def _first_meaning(folded: str, python: PythonAbi) -> Meaning | None:
    for form in FORMS:
        match = form.match(folded)
        if match is not None:
            return form.meaning(match, python)
    return None


def _unknown(text: str) -> InputError:
    # Only a name that failed pays for the search, and for importing it.
    from .nearest_spellings import nearest_architectures, nearest_spellings

    refused = refusal_of(fold(text.strip().lower()))
    if refused is not None:
        return InputError("parse target", text, why=refused.why, fix=refused.fix)
    why, fix = "no such target is known" if text.strip() else "it is empty", "see `crosswheel target list`"
    near = nearest_spellings(text, _known_names())
    if near.unfinished and len(near.names) > 1:
        why, fix = (
            "it leaves open which target is meant",
            f"write for example {', '.join(near.names)}, or {fix}",
        )
    elif near.names:
        why += f", the nearest {'are' if len(near.names) > 1 else 'is'} {', '.join(near.names)}"
        fix = f"use {' or '.join(near.best or near.names[:1])}, or {fix}"
    elif names := nearest_architectures(text):
        why += f", the nearest architecture{'s are' if len(names) > 1 else ' is'} {' and '.join(names)}"
        fix = f"use {' or '.join(one for name in names for one in platforms_on(name))}, or {fix}"
    return InputError("parse target", text, why=why, fix=fix)


def _known_names() -> Mapping[str, list[str]]:
    """Return the names of each family's platform, the short one first, then what uv calls others."""
    python = PythonAbi(major=3, minor=13)
    names: dict[str, list[str]] = {}
    for platform in FAMILIES:
        spellings = dict(spellings_of(Target(python=python, platform=platform)))
        del spellings["id"]
        first = [spellings.pop(world) for world in ("short", "wheel tag")]
        names[platform.id] = [*first, *spellings.values()]
    for name, platform in UV_PLATFORMS.items():
        names.setdefault(platform.id, []).append(name)
    return names


def _short(platform: Platform) -> str:
    """Return the name people type: the words of container images where there are such, and no version."""
    match platform.os:
        case Linux(libc=libc):
            kind = "_musl" if isinstance(libc, Musl) else ""
            return oci_platform(platform).replace("/", "_") + kind
        case MacOs() | Windows():
            system = "macos" if isinstance(platform.os, MacOs) else "windows"
            return f"{system}_{oci_platform(platform).partition('/')[2]}"
        case Ios(sdk=sdk):
            return f"ios_{ARCH_NAMES[platform.arch].apple}_{sdk}"
        case Android():
            return f"android_{ARCH_NAMES[platform.arch].android}"
        case Emscripten():
            return "emscripten_wasm32"


def _wheel_tag(platform: Platform) -> str:
    """Return the platform tag a wheel built for `platform` would carry."""
    tags = platform_tags(platform)
    return tags[1] if tags[0].startswith("linux_") else tags[0]


def _uv_name(platform: Platform) -> str | None:
    names = [name for name, meant in UV_PLATFORMS.items() if meant == platform]
    return names[-1] if names else None


#: How each world names a platform, in the order in which people are shown them.
_WORLDS: Mapping[str, Callable[[Platform], str | None]] = {
    "canonical": lambda platform: platform.id,
    "short": _short,
    "wheel tag": _wheel_tag,
    "GNU": gnu_triple,
    "Debian": debian_multiarch,
    "Rust": rust_triple,
    "zig": zig_triple,
    "OCI": oci_platform,
    "Nix": nix_system,
    "sysconfig": sysconfig_platform,
    "uv": _uv_name,
}


def spellings_of(target: Target) -> Mapping[str, str]:
    """Return the names of `target` by world; a world that has no name for it is left out.

    ``id`` (with the Python) and ``canonical``, ``wheel tag`` (from macOS 11 on: with minor 0) say everything;
    the others may leave a version open.

    >>> from .targets import parse_target_id
    >>> spellings_of(parse_target_id("cp312-linux_i686_glibc_2_28"))["OCI"]
    'linux/386'
    """
    names = {"id": target.id}
    for world, name_in in _WORLDS.items():
        try:
            name = name_in(target.platform)
        except InputError:
            continue
        if name is not None:
            names[world] = name
    return names
