"""Which packages of Debian a base image is made of, and what cannot be left out of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from crosswheel.decide.planning.debian_index import DebianIndex, DebianPackage
from crosswheel.target.targets import Target
from crosswheel.values.errors import CrosswheelError, InputError, ResolutionError, raise_faults

__all__ = ["BaseChoice", "ImagePackages"]

_OMITTING = "leave out Debian package"


@dataclass(frozen=True, kw_only=True, slots=True)
class ImagePackages:
    """Which packages a base image is made of.

    Attributes:
        system: names of those of the system.
        interpreter: those of the interpreter, with ``{version}`` for its X.Y.
        program: the one of them that holds the program.
        without: names of those that only maintainer scripts of these need.
        script_tools: which of them other packages, too, need for their maintainer scripts alone.
    """

    system: tuple[str, ...]
    interpreter: tuple[str, ...]
    program: str
    without: tuple[str, ...]
    script_tools: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseChoice:
    """Chooses the packages of a base.

    Attributes:
        index: the release's packages.
        table: which packages a base begins with.
        target: what the base is for.
        standalone: the interpreter comes from elsewhere.
        further: packages that the user names.
    """

    index: DebianIndex
    table: ImagePackages
    target: Target
    standalone: bool
    further: Sequence[str]

    def packages(
        self, left_out: Collection[str]
    ) -> tuple[tuple[DebianPackage, ...], tuple[DebianPackage, ...]]:
        """Return the packages of the system and those of the interpreter, without what the user leaves out.

        Raises:
            ResolutionError: the index has no such package, or a package needs one it does not have.
        """
        without = frozenset({*self.table.without, *left_out})
        named = [name for name in self.table.system if name not in without]
        system = self._running(named, without)
        interpreter = () if self.standalone else self._running(self._interpreter(), without, system)
        # What a user names may well run what is of no use to the system's own packages but to their maintainer scripts.
        further = self._running(
            [self.index.sole(name, self.target.id).name for name in self.further],
            frozenset({*self.table.script_tools, *left_out} - {*self.further}),
            (*system, *interpreter),
        )
        return tuple(sorted((*system, *further), key=lambda package: package.name)), interpreter

    def unknown_omissions(self, left_out: Collection[str]) -> dict[str, CrosswheelError]:
        """Return the packages whose leaving out leaves nothing out, and what is to be said of each.

        Args:
            left_out: names of packages, virtual ones too.

        Raises:
            InputError: the interpreter does not start without one of the packages.
        """
        if not left_out:
            return {}
        whole = self._chosen(())
        needed = self._started_with(whole.values())
        raise_faults([self._needed_fault(name, needed[name]) for name in left_out if name in needed])
        return {name: self._unknown(name, whole) for name in left_out if self._chosen((name,)) == whole}

    def _chosen(self, left_out: Collection[str]) -> dict[str, DebianPackage]:
        return {package.name: package for part in self.packages(left_out) for package in part}

    def _unknown(self, name: str, there: Collection[str]) -> CrosswheelError:
        why, fix = "no package of the base is or needs it", "remove its --without"
        provided_by = [one.name for one in self.index.provided(name) if one.name in there]
        if name in there:
            why, fix = "a package that is named with --package is it", "remove one of the two"
        elif provided_by:
            why += f"; {', '.join(provided_by)}, which provides it, is there"
            fix = f"write --without {provided_by[0]}, or remove it"
        elif name in {*self.table.without, *self.table.script_tools}:
            why = "the base goes without it by itself"
        else:
            try:
                self.index.named(name, self.target.id)
            except ResolutionError as fault:
                return fault
        return InputError(_OMITTING, name, why=why, fix=fix)

    def _needed_fault(self, name: str, needed_by: str) -> InputError:
        why = "it is of the interpreter" if name == needed_by else f"{needed_by} does not start without it"
        package = self.index.package(name)
        # No Python from elsewhere does without a C library.
        is_libc = package is not None and package.source == "glibc"
        fix = "leave it in" if is_libc else "leave it in, or bring another Python with --interpreter"
        return InputError(_OMITTING, name, why=why, fix=fix)

    def _started_with(self, packages: Iterable[DebianPackage]) -> dict[str, str]:
        """Return the packages without which the interpreter does not start, each with the package that needs it.

        They are those of the interpreter's own source, and what the package of the program depends on: the libraries
        that the program itself loads. What others depend on is loaded by a module or two, which an image may go without.
        """
        if self.standalone:
            return {}
        program = self.index.named(self._named(self.table.program), self.target.id)
        found = {name: program.name for names in program.depends for name in names}
        return found | {one.name: one.name for one in packages if one.source == program.source}

    def _interpreter(self) -> list[str]:
        return [self._named(name) for name in self.table.interpreter]

    def _named(self, name: str) -> str:
        return name.format(version=self.target.python.version)

    def _running(
        self, wanted: Sequence[str], without: Collection[str], there: Iterable[DebianPackage] = ()
    ) -> tuple[DebianPackage, ...]:
        names = frozenset(package.name for package in there)
        return self.index.running(wanted, without=without, wanted_by=self.target.id, there=names)
