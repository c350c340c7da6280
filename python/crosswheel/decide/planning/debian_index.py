"""Debian's package index, and which packages a library needs to be compiled and linked against.

The format: https://wiki.debian.org/DebianRepository/Format and
https://www.debian.org/doc/debian-policy/ch-relationships.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from crosswheel.decide.documents.nearest_name import near_names
from crosswheel.decide.plans.link_kinds import LinkKind
from crosswheel.values.digests import Digest
from crosswheel.values.errors import ResolutionError

__all__ = ["DebianIndex", "DebianPackage", "replaced_packages"]

_FIELD = re.compile(r"^(?P<name>[A-Za-z0-9-]+): *(?P<value>.*)$", re.MULTILINE)
#: Sources whose packages are the C library, the kernel's headers and the compiler's own libraries: zig has its own.
_TOOLCHAIN_SOURCES = re.compile(r"glibc|musl|linux|linux-\d.*|gcc-.+|gcc-defaults.*|cross-toolchain-base.*")
#: Packages of these sections hold libraries or what is compiled against them.
_LIBRARY_SECTIONS = frozenset({"libs", "libdevel", "oldlibs"})
#: What is compiled against stands in others, too, e.g. x11proto-dev in ``x11``; but ``dpkg-dev`` and its like are programs.
_PROGRAM_SECTIONS = frozenset({"admin", "interpreters", "perl", "python", "utils"})
_RELATION = re.compile(r"\s*(?P<name>[a-z0-9][a-z0-9+.-]*)")
#: Development packages of another architecture's libraries in the same index, e.g. ``lib32z1-dev``.
_FOREIGN = re.compile(r"lib(?:32|64|n32|x32)")


@dataclass(frozen=True, kw_only=True, slots=True)
class DebianPackage:
    """One package of an index.

    Attributes:
        name: its name.
        version: its version.
        source: name of the source package it was built from.
        section: e.g. ``libdevel``, without the component.
        depends: alternatives of each package it needs, best first.
        path: of the ``.deb``, relative to the mirror.
        sha256: of the ``.deb``.
        size: of the ``.deb``, bytes.
    """

    name: str
    version: str
    source: str
    section: str
    depends: tuple[tuple[str, ...], ...]
    path: str
    sha256: Digest
    size: int

    @property
    def is_toolchain(self) -> bool:
        """Whether it brings a C library or a compiler's own files, which zig has its own of."""
        return _TOOLCHAIN_SOURCES.fullmatch(self.source) is not None


#: The name of a package with a shared library holds the version of its interface (Debian policy, section 8.1).
_SHARED_LIBRARY = re.compile(r"lib[a-z].*\d")


class DebianIndex:
    """The packages of one suite, component and architecture.

    Args:
        text: the index ``Packages``.
        name: what it is called in messages, e.g. ``trixie arm64``.
    """

    def __init__(self, text: str, *, name: str) -> None:
        self.name = name
        self._paragraphs = {
            paragraph.partition("\n")[0].removeprefix("Package: "): paragraph
            for paragraph in text.split("\n\n")
            if paragraph.startswith("Package: ")
        }
        self._packages: dict[str, DebianPackage] = {}
        self._providers: dict[str, list[str]] | None = None
        self._development: dict[str, list[str]] | None = None

    def package(self, name: str) -> DebianPackage | None:
        """Return the package called `name`, if there is one; virtual packages are none."""
        if name not in self._packages:
            paragraph = self._paragraphs.get(name)
            if paragraph is None:
                return None
            self._packages[name] = _read(paragraph)
        return self._packages[name]

    def named(self, name: str, wanted_by: str) -> DebianPackage:
        """Return the package called `name`, or the first that provides it.

        Raises:
            ResolutionError: the index has none of that name.
        """
        package = next(iter(self._named(name)), None)
        if package is None:
            raise ResolutionError(
                "find Debian package",
                name,
                why=f"the index of {self.name} has none of that name",
                fix=near_names(name, self._paragraphs) or "name a package of that release",
                context=(wanted_by,),
            )
        return package

    def closure(self, wanted: Sequence[str], link: LinkKind, *, wanted_by: str) -> tuple[DebianPackage, ...]:
        """Return `wanted` and all libraries they need, sorted by name, without C library and compiler.

        For static linking a library that is needed brings its development package, which holds the archive, and one
        written in C++ the package with the archive of GNU's C++ library.

        Args:
            wanted: names of packages.
            link: how they will be linked.
            wanted_by: the build, for messages.

        Raises:
            ResolutionError: the index has no such package, or a library needs one it does not have.
        """
        found: dict[str, DebianPackage] = {}
        pending = [self._wanted(name, wanted_by) for name in reversed(wanted)]
        while pending:
            package = pending.pop()
            if package.name in found or package.is_toolchain:
                continue
            found[package.name] = package
            pending += self._needs(package, wanted_by)
            if link is LinkKind.STATIC and package.section == "libs":
                pending += self._development_of(package)
        if link is LinkKind.STATIC and (cxx := self._gnu_cxx(found.values())) is not None:
            found[cxx.name] = cxx
        return tuple(found[name] for name in sorted(found))

    def sole(self, name: str, wanted_by: str) -> DebianPackage:
        """Return the package called `name`, or the only one that provides it.

        Raises:
            ResolutionError: the index has none of that name, or several provide it.
        """
        found = self._named(name)
        if len(found) > 1:
            raise ResolutionError(
                "choose Debian package",
                name,
                why=f"it is provided by {', '.join(one.name for one in found)}",
                fix="name one of these",
                context=(wanted_by,),
            )
        return self.named(name, wanted_by)

    def running(
        self,
        wanted: Sequence[str],
        *,
        without: Collection[str],
        wanted_by: str,
        there: Collection[str] = frozenset(),
    ) -> tuple[DebianPackage, ...]:
        """Return `wanted` and all that must be there for them to run, sorted by name.

        Args:
            wanted: names of packages.
            without: packages, virtual ones too, that nothing but maintainer scripts needs; a dependency that names one
                of them, or would bring it, is passed over.
            wanted_by: the image, for messages.
            there: packages that are there already; neither they nor what only they need is returned.

        Raises:
            ResolutionError: the index has no such package, or a package needs one it does not have.
        """
        found: dict[str, DebianPackage] = {}
        pending = [self.named(name, wanted_by) for name in reversed(wanted)]
        while pending:
            package = pending.pop()
            if package.name in found or package.name in there:
                continue
            found[package.name] = package
            needed = [
                self._chosen(package, alternatives, wanted_by)
                for alternatives in package.depends
                if not any(name in without for name in alternatives)
            ]
            pending += [one for one in needed if one.name not in without]
        return tuple(found[name] for name in sorted(found))

    def _gnu_cxx(self, packages: Iterable[DebianPackage]) -> DebianPackage | None:
        """Return the package with the archive of GNU's C++ library, if one of the libraries loads that library."""
        library = self.package("libstdc++6")
        if library is None or not any(
            library.name in names for package in packages for names in package.depends
        ):
            return None
        return self.package(f"libstdc++-{library.source.removeprefix('gcc-')}-dev")

    def _wanted(self, name: str, wanted_by: str) -> DebianPackage:
        package = self.named(name, wanted_by)
        if package.is_toolchain:
            raise ResolutionError(
                "take Debian package",
                name,
                why=f"it is of {package.source}: the C library and the compiler are zig's own",
                fix="leave it out",
                context=(wanted_by,),
            )
        return package

    def _needs(self, package: DebianPackage, wanted_by: str) -> Iterable[DebianPackage]:
        for alternatives in package.depends:
            choice = self._chosen(package, alternatives, wanted_by)
            others = (one for name in alternatives for one in self._named(name))
            if _is_of_libraries(choice) and not any(one.is_toolchain for one in others):
                yield choice

    def _chosen(self, package: DebianPackage, alternatives: Sequence[str], wanted_by: str) -> DebianPackage:
        """Return the package that fulfils a dependency of `package`."""
        for name in alternatives:
            for found in self._named(name):
                return found
        raise ResolutionError(
            "resolve Debian package",
            package.name,
            why=f"it depends on {' or '.join(alternatives)}, which the index of {self.name} does not have",
            fix="use an index that is whole, or another release (suite)",
            context=(wanted_by,),
        )

    def _named(self, name: str) -> list[DebianPackage]:
        """Return the package of a name, or those that provide it."""
        package = self.package(name)
        return self.provided(name) if package is None else [package]

    def provided(self, name: str) -> list[DebianPackage]:
        """Return the packages that provide a virtual one, by name."""
        if self._providers is None:
            self._providers = self._all_providers()
        found = [self.package(owner) for owner in sorted(self._providers.get(name, ()))]
        return [package for package in found if package is not None]

    def _development_of(self, library: DebianPackage) -> list[DebianPackage]:
        """Return the development package of a library: of the same source, and depending on it; the shortest name."""
        if self._development is None:
            self._development = self._all_development()
        candidates = [
            package
            for owner in self._development.get(library.source, ())
            if (package := self.package(owner)) is not None
            and any(library.name in names for names in package.depends)
        ]
        return sorted(candidates, key=lambda package: (len(package.name), package.name))[:1]

    # Plans choose packages in several threads: a table is seen whole or not at all.

    def _all_providers(self) -> dict[str, list[str]]:
        """Return by each virtual package the packages that provide it."""
        found: dict[str, list[str]] = {}
        for owner, paragraph in self._paragraphs.items():
            if "\nProvides: " in paragraph:
                for names in _relations(_fields(paragraph).get("Provides", "")):
                    found.setdefault(names[0], []).append(owner)
        return found

    def _all_development(self) -> dict[str, list[str]]:
        """Return by each source package the development packages of its libraries."""
        found: dict[str, list[str]] = {}
        for owner, paragraph in self._paragraphs.items():
            if owner.endswith("-dev") and "\nSection: libdevel" in paragraph and not _FOREIGN.match(owner):
                package = self.package(owner)
                if package is not None:
                    found.setdefault(package.source, []).append(owner)
        return found


def _is_of_libraries(package: DebianPackage) -> bool:
    """Tell whether a package holds libraries or headers: nothing else is followed."""
    if package.section in _LIBRARY_SECTIONS:
        return True
    if package.section == "devel" and _SHARED_LIBRARY.match(package.name):
        return True  # LLVM's own, as libomp5-19
    return package.name.endswith("-dev") and package.section not in _PROGRAM_SECTIONS


def replaced_packages(control: str) -> frozenset[str]:
    r"""Return the packages whose files one may take over, by its control paragraph (Debian policy, section 7.6.1).

    >>> sorted(replaced_packages("Package: b\nReplaces: a (<< 2), c\n"))
    ['a', 'c']
    """
    return frozenset(name for names in _relations(_fields(control).get("Replaces", "")) for name in names)


def _fields(paragraph: str) -> dict[str, str]:
    # Continuation lines belong to descriptions and tags only, none of which is asked for.
    return {match["name"]: match["value"].strip() for match in _FIELD.finditer(paragraph)}


def _read(paragraph: str) -> DebianPackage:
    fields = _fields(paragraph)
    return DebianPackage(
        name=fields["Package"],
        version=fields["Version"],
        source=fields.get("Source", fields["Package"]).partition(" ")[0],
        section=fields.get("Section", "").rpartition("/")[2],
        depends=(
            *_relations(fields.get("Pre-Depends", "")),
            *_relations(fields.get("Depends", "")),
        ),
        path=fields["Filename"],
        sha256=Digest(fields["SHA256"]),
        size=int(fields["Size"]),
    )


def _relations(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the names in a relationship field; versions need no look, for one release fits together.

    >>> _relations("libc6-dev | libc-dev, zlib1g (= 1:1.3), libpython3-stdlib:any")
    (('libc6-dev', 'libc-dev'), ('zlib1g',), ('libpython3-stdlib',))
    """
    groups = (
        tuple(match["name"] for word in group.split("|") if (match := _RELATION.match(word)))
        for group in text.split(",")
    )
    return tuple(group for group in groups if group)
