"""The scope: shows the operating system of a target that is not Linux to those who ask in order to build, and to no other.

Part of the view (``_crosswheel_view.py``), imported by it inside build environments, on CPython 3.10 and newer.

Shown to the whole process, `sys.platform` or `os.name` of another system would break the standard library. So modules of
build backends (`_CONSUMERS`), and whatever lies in the project's own folder, are executed with builtins of their own, whose
``__import__`` hands out stand-ins of `sys`, `os` and `platform`; what they execute themselves (``setup.py``) inherits these.
The project's own get them of every module that has other names there (``_crosswheel_system_names.py``). Everything they call
sees the truth.
"""

from __future__ import annotations

import os
import sys
from operator import itemgetter

from _crosswheel_loading import change_around_loading  # type: ignore[import-not-found]
from _crosswheel_system_names import SystemNames  # type: ignore[import-not-found]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, NoReturn

#: Packages whose modules ask about the target, wherever they are vendored.
_CONSUMERS = frozenset(
    {"cffi", "distutils", "hatchling", "mesonpy", "numpy.distutils", "packaging", "pkg_resources", "pybind11"}
    | {"_distutils", "poetry", "setuptools", "setuptools_rust", "skbuild", "wheel"}
)
#: Modules of theirs that go on to do what only the target's own Python could.
_NO_CONSUMERS = frozenset({"setuptools.monkey", "setuptools.msvc", "setuptools.windows_support"})
#: Modules that the standard library does not live by: their `os.name` may be the target's too.
_TOLD_OS_NAME = frozenset({"markers", "__main__"})


class Scope:
    """Shows the target's operating system to the modules that ask in order to build, and to no other."""

    def __init__(
        self, document: Mapping[str, Any], names: Mapping[str, Any], refuse: Callable[[str], NoReturn]
    ) -> None:
        self.document = document
        self.names = SystemNames(names, document["target"], refuse)
        self.system: Mapping[str, Any] = document["system"]
        self.source = self.system["source"] + os.sep
        self.builtins: dict[str, Any] = {}
        self.stand_ins: dict[str, Any] = {}

    def holds(self, name: str, origin: str | None) -> bool:
        """Tell whether the module `name`, to be loaded from `origin`, is shown the target."""
        if name in _NO_CONSUMERS:
            return False
        if self.is_of_project(origin):
            return True
        parts = name.split(".")
        vendored = "_vendor" in parts or "extern" in parts
        if vendored:
            return bool({"packaging", "wheel"} & set(parts))
        return parts[0] in _CONSUMERS or ".".join(parts[:2]) in _CONSUMERS

    def show_program(self) -> None:
        """Show the target to the program of this process, if that is a file of the project."""
        program = sys.argv[0] if sys.argv else ""
        if program not in {"-", "-c", "-m"} and self.is_of_project(program):
            self.show_to(sys.modules["__main__"])

    def show_util(self, module: Any) -> None:
        """Show the target to files of the project that are loaded by their place (`importlib.util`), and to who looks for a module."""
        own_find = module.find_spec

        def find_spec(name: str, package: str | None = None) -> Any:
            spec = own_find(name, package)
            asking = sys._getframe(1).f_globals  # noqa: SLF001 - there is no other way to know who asks
            if not self._is_project(asking):
                return spec
            if spec is None:
                self.names.missed(name)
                return None
            lacks = self.names.lacks(name) and not self.is_of_project(spec.origin)
            return None if lacks else spec

        module.find_spec = find_spec
        own = module.spec_from_file_location

        def spec_from_file_location(name: str, location: Any = None, **options: Any) -> Any:
            spec = own(name, location, **options)
            if spec is not None and self.is_of_project(spec.origin):
                change_around_loading(spec, self.show_to, None)
            return spec

        module.spec_from_file_location = spec_from_file_location

    def show_runpy(self, module: Any) -> None:
        """Show the target to files of the project that `runpy.run_path` runs."""
        own = module._run_code  # noqa: SLF001

        def run_code(code: Any, run_globals: Any, *more: Any, **named: Any) -> Any:
            if self.is_of_project(code.co_filename):
                self.show_to(run_globals)
            return own(code, run_globals, *more, **named)

        module._run_code = run_code  # noqa: SLF001

    def is_of_project(self, path: str | None) -> bool:
        """Tell whether a file lies in the project's folder."""
        return bool(path) and os.path.abspath(str(path)).startswith(self.source)  # noqa: PTH100

    def show_to(self, module: Any) -> None:
        """Give a module that is about to be executed, or its names, builtins of its own."""
        if not self.builtins:
            import builtins

            self.builtins = {**vars(builtins), "__import__": self._import}
            self.own_import = builtins.__import__
        names = module if isinstance(module, dict) else vars(module)
        names["__builtins__"] = self.builtins

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,  # noqa: A002 - the builtin's name
        locals: Mapping[str, Any] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        is_project = level == 0 and self._is_project(globals)
        try:
            module = self.own_import(name, globals, locals, fromlist, level)
        except ImportError:
            if is_project:
                self.names.missed(name)
            raise
        return self._handed(name, module, globals, is_project=is_project)

    def show_importlib(self, module: Any) -> None:
        """Hand the same to code of the project that calls `importlib.import_module`."""
        own = module.import_module

        def import_module(name: str, package: str | None = None) -> Any:
            asking = sys._getframe(1).f_globals  # noqa: SLF001 - there is no other way to know who asks
            is_project = not name.startswith(".") and self._is_project(asking)
            try:
                found = own(name, package)
            except ImportError:
                if is_project:
                    self.names.missed(name)
                raise
            return self._handed(name, found, asking, is_project=True) if is_project else found

        module.import_module = import_module

    def _handed(self, name: str, module: Any, importer: Mapping[str, Any] | None, *, is_project: bool) -> Any:
        """Return what an import gives: the module, or what stands for it."""
        if is_project:
            top = name.partition(".")[0]
            if not self.is_of_project(getattr(sys.modules.get(top), "__file__", None)):
                self.names.refuse_module(name)
                if self.names.differ_in(module.__name__) or module is os:
                    return self._stand_in(f"{module.__name__} of the project", module)
        if module is sys:
            return self._stand_in("sys", module)
        if module is os:
            return self._stand_in("os nt" if self._is_told_os_name(importer) else "os", module)
        if module is sys.modules.get("platform"):
            return self._stand_in("platform", module)
        return module

    def _is_project(self, importer: Mapping[str, Any] | None) -> bool:
        importer = importer or {}
        # An `exec` with names of its own has neither a name nor a file; what backends execute so is the project's.
        if "__file__" not in importer:
            return bool(importer.get("__name__", "__main__") == "__main__")
        return self.is_of_project(importer["__file__"])

    def _is_told_os_name(self, importer: Mapping[str, Any] | None) -> bool:
        name = str((importer or {}).get("__name__", ""))
        return name.rpartition(".")[2] in _TOLD_OS_NAME or self._is_project(importer)

    def _stand_in(self, kind: str, module: Any) -> Any:
        if kind not in self.stand_ins:
            name, _, whose = kind.partition(" ")
            shown: dict[str, Any] = {}
            if name in ("sys", "os", "platform"):
                shown = getattr(self, f"_shown_of_{name}")(module)
            if name == "os" and whose:
                shown["name"] = self.system["os_name"]
            lacking: frozenset[str] = frozenset()
            if whose == "of the project":
                lacking = self.names.lacking_in(name)
                shown = {
                    key: value
                    for key, value in {**self.names.own_of(name), **shown}.items()
                    if key not in lacking
                }
            self.stand_ins[kind] = _stand_in(module, shown, lacking)
        return self.stand_ins[kind]

    def _shown_of_sys(self, module: Any) -> dict[str, Any]:
        shown: dict[str, Any] = {"platform": self.system["sys_platform"]}
        if self.system["os_name"] == "nt":
            numbers = tuple(int(part) for part in self.system["version"].split("."))
            version = _WindowsVersion((*numbers, 2, ""))
            shown["getwindowsversion"] = lambda: version
            # https://github.com/python/cpython/blob/main/PCbuild/python.props, `PyArchExt`
            bits = {"x86": "-32", "ARM64": "-arm64"}.get(self.document["uname"][4], "")
            shown["winver"] = "{}.{}".format(*module.version_info) + bits
        return shown

    def _shown_of_os(self, module: Any) -> dict[str, Any]:
        uname = module.uname_result(self.document["uname"])
        return {"uname": lambda: uname}

    def _shown_of_platform(self, module: Any) -> dict[str, Any]:
        system, node, release, version, machine = self.document["uname"]
        uname = module.uname_result(system, node, release, version, machine)
        processor = "arm" if machine == "arm64" else machine
        vars(uname)["processor"] = processor  # what it would ask the machine it runs on for
        is_windows = system == "Windows"
        mac = ("", ("", "", ""), "") if is_windows else (self.system["version"], ("", "", ""), machine)
        win = (release, version, "SP0", "Multiprocessor Free") if is_windows else ("", "", "", "")
        linkage = "WindowsPE" if is_windows else ""
        name = f"Windows-{release}-{version}-SP0" if is_windows else f"macOS-{mac[0]}-{machine}-64bit"
        return {
            "architecture": lambda *_, **__: (f"{self.document['pointer_width']}bit", linkage),
            "libc_ver": lambda *_, **__: ("", ""),
            "mac_ver": lambda *_, **__: mac,
            "machine": lambda: machine,
            "node": lambda: node,
            "platform": lambda *_, **__: name,
            "processor": lambda: processor,
            "release": lambda: release,
            "system": lambda: system,
            "uname": lambda: uname,
            "version": lambda: version,
            "win32_ver": lambda *_, **__: win,
        }


class _WindowsVersion(tuple):  # type: ignore[type-arg]
    """What `sys.getwindowsversion` returns: five items, and more by name."""

    __slots__ = ()
    major, minor, build, platform, service_pack = (property(itemgetter(place)) for place in range(5))
    service_pack_major = service_pack_minor = suite_mask = property(lambda _: 0)
    product_type = property(lambda _: 1)  # a workstation
    platform_version = property(itemgetter(slice(3)))


def _stand_in(module: Any, shown: Mapping[str, Any], lacking: frozenset[str]) -> Any:
    """Return a module that is `module` but for the attributes `shown`, and without those that are `lacking`."""

    class StandIn(type(sys)):  # type: ignore[misc]  # the class of modules has no name without an import
        def __getattr__(self, name: str) -> Any:
            if name in lacking:
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
            value = getattr(module, name)
            return [one for one in value if one not in lacking] if name == "__all__" else value

        def __setattr__(self, name: str, value: Any) -> None:
            self.__dict__.pop(name, None)
            setattr(module, name, value)

        def __delattr__(self, name: str) -> None:
            delattr(module, name)

        def __dir__(self) -> list[str]:
            return [name for name in dir(module) if name not in lacking]

    stand_in = StandIn(module.__name__)
    stand_in.__dict__.clear()
    stand_in.__dict__.update(shown)
    return stand_in
