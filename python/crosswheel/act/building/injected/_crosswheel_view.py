"""The view: makes an interpreter of the build environment report the target instead of the machine it runs on.

This file runs inside build environments, on CPython 3.10 and newer; it imports nothing of crosswheel's and, before
someone asks, next to nothing of the standard library's.

Protocol. ``_crosswheel_view.pth`` (before Python 3.15) or ``_crosswheel_view.start`` (PEP 829) calls `activate` at
start-up. The environment variable ``CROSSWHEEL_VIEW`` names the view document; without it, as build code starts children with an
environment of their own, it is ``target/view.json`` beside the build environment, and where that is not either nothing happens;
processes of installers and build tools (pip, uv, meson, cmake, ninja; told by `sys.orig_argv`) are left alone. The
document is a JSON object:

    target              id of the target, for messages
    python, abiflags    [X, Y] and `sys.abiflags` this interpreter has to have
    release             of the target's Python, such as 3.11.7
    byteorder           of the target; never shown
    pointer_width       32 or 64
    long_width          bits of a C `long`
    wchar_size, long_double_size  bytes of C types; 0 where that is not known
    sysconfig_platform  `sysconfig.get_platform`
    sysconfigdata_name  name of the module with the build-time variables; it lies beside `variables`
    variables           path of a JSON object, the build-time variables
    include             path of the folder with the target's Python.h
    config_h, makefile  paths of the target's pyconfig.h and Makefile
    uname               the five fields of `os.uname`
    libc                ["glibc" | "musl", "X.Y"]
    multiarch           `sys.implementation._multiarch`
    extension_suffixes  `importlib.machinery.EXTENSION_SUFFIXES`
    thread_info         the fields of `sys.thread_info`
    page_size           bytes of a page of memory
    allocation_granularity  bytes that the start of a mapping is a multiple of
    sysconf             only of targets other than Linux: what is known of `os.sysconf`, by name
    libraries           what is known of `ctypes.util.find_library`, by name
    library_folders     only of Linux: where other libraries of the target would be
    system              only of targets other than Linux: ``sys_platform``, ``os_name``, ``version`` of the system,
                        and ``source``, the folder of the project that is built

Of a target other than Linux, `sys.platform`, `os.name`, `os.uname` and `platform` are not changed but for those who ask
in order to build: ``_crosswheel_scope`` beside this file.

What is shown is what someone asks in order to build for the target. What Python itself lives by is left alone:
`sys.version_info`, `sys.prefix`, `sys.path`, import loaders, `subprocess`, `shutil`; of the release, ``_crosswheel_release`` shows
the texts. Sizes of C types are the target's for the
code of the project alone: ``_crosswheel_sizes`` beside this file, and so are limits of the system, ``_crosswheel_limits``, and its
libraries, ``_crosswheel_libraries``. Where ``CROSSWHEEL_GUARD`` is ``byteorder``, the same code is
refused an answer about the byte order: ``_crosswheel_byte_order``. Children that leave out `site`: ``_crosswheel_children``.

A refusal ends the process with 11. As whoever started it may not mind, it is noted too, in the file ``crosswheel-refusals`` of the
folder that ``CROSSWHEEL_NOTES`` names.
"""

# It patches other modules' private parts by design, and `pathlib` alone would double what start-up costs.
# ruff: noqa: PLW0603, PTH110, PTH118, PTH120, PTH123, SLF001

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any, NoReturn

    Change = Callable[[Any], None]

_REFUSED = 11
_REFUSALS = "crosswheel-refusals"
# The install schemes of CPython, https://docs.python.org/3/library/sysconfig.html#installation-paths
_SCHEMES = frozenset({
    *("posix_prefix", "posix_home", "posix_user", "posix_venv", "nt", "nt_user", "nt_venv", "osx_framework_user", "venv"),
})  # fmt: skip

_active = False


def activate(shown: frozenset[str] = frozenset()) -> None:
    """Show the target in this process, if it is told to and is no build tool, or one of those that are shown it, too."""
    global _active
    from _crosswheel_commands import TOOLS, is_build_tool  # type: ignore[import-not-found]

    tools = TOOLS - shown
    beside = os.path.join(os.path.dirname(sys.prefix), "target", "view.json")
    path = os.environ.get("CROSSWHEEL_VIEW", beside if os.path.exists(beside) else "")
    if _active or not path or is_build_tool(sys.orig_argv, tools):
        return
    _active = True
    try:
        view = _View(_read_json(path), tools)
        view.refuse_another_python()
        view.show()
    except Exception as error:  # noqa: BLE001 - site would print it and go on, showing the wrong machine
        _refuse(f"cannot show the target of '{path}': {type(error).__name__}: {error}; report this as a bug")


def _show_schemes(module: Any) -> None:
    """Leave of the ways to install those of CPython itself: which others a distribution adds is a fact of the build machine.

    Meson writes the folders of Debian's, where there is one, into what it is asked to say of them.
    """
    schemes = module._INSTALL_SCHEMES
    for name in [*schemes]:
        if name not in _SCHEMES:
            del schemes[name]
    own_preferred = getattr(module, "_get_preferred_schemes", None)
    if own_preferred is not None:
        module._get_preferred_schemes = lambda: {
            key: name if name in schemes else "posix_prefix" for key, name in own_preferred().items()
        }
    sys.platlibdir = "lib"


def _read_json(path: str) -> Any:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        return _parse_json(text)
    except (OSError, ValueError) as error:
        _refuse(f"cannot read view document '{path}': {error}; build through crosswheel")


def _parse_json(text: str) -> Any:
    """Parse JSON without importing `json`, whose regular expressions cost more than all of the view."""
    try:
        from _json import make_scanner

        settings: Any = _ScannerSettings()
        return make_scanner(settings)(text, 0)[0]
    except Exception:  # noqa: BLE001 - another Python's json, or a fault in the text that json itself can name
        import json

        return json.loads(text)


class _ScannerSettings:
    """What `json.JSONDecoder` has that its scanner, written in C, reads."""

    array_hook = object_hook = object_pairs_hook = parse_constant = None
    parse_float = float
    parse_int = int
    strict = True

    def __init__(self) -> None:
        self.memo: dict[str, str] = {}


def _refuse(message: str) -> NoReturn:
    """End the process: a build that went on would be for the wrong platform."""
    sys.stderr.write(f"crosswheel: {message}\n")
    sys.stderr.flush()
    folder = os.environ.get("CROSSWHEEL_NOTES")
    if folder:
        with open(os.path.join(folder, _REFUSALS), "a", encoding="utf-8") as notes:
            notes.write(f"{message}\n")
    os._exit(_REFUSED)


class _View:
    """The target as one view document has it, and how each module is made to show it."""

    def __init__(self, document: Mapping[str, Any], tools: frozenset[str]) -> None:
        self.document = document
        self.scope: Any = None
        if "system" in document:
            from _crosswheel_scope import Scope  # type: ignore[import-not-found]

            self.scope = Scope(document, _read_json(document["system"]["names"]), _refuse)
        self.libc: str = document["libc"][0]
        self.libc_version: str = document["libc"][1]
        self.machine: str = document["uname"][4]
        self.build_machine: str = os.uname().machine  # nothing shows the target yet
        own_width = 64 if sys.maxsize > 2**32 else 32  # of a pointer, and on Linux of a long
        widths = (document["pointer_width"], document["long_width"])
        # Linux on the machines that build has a `wchar_t` of 4 and a `long double` of 16.
        other_types = (document["wchar_size"], document["long_double_size"]) != (4, 16)
        self.shows_sizes = other_types or widths != (own_width, own_width)
        self.byte_order: Any = None
        if os.environ.get("CROSSWHEEL_GUARD") == "byteorder":
            from _crosswheel_byte_order import ByteOrder  # type: ignore[import-not-found]

            self.byte_order = ByteOrder(document["target"], _refuse)
        from _crosswheel_libraries import Libraries  # type: ignore[import-not-found]
        from _crosswheel_limits import Limits  # type: ignore[import-not-found]

        self.libraries: Any = Libraries(document, _refuse)
        self.limits: Any = Limits(document, _refuse)
        # All that is beside this file is imported now: pip's build isolation takes its folder off `sys.path` later.
        from _crosswheel_children import Children, leave_site  # type: ignore[import-not-found]
        from _crosswheel_commands import is_build_tool
        from _crosswheel_loading import change_around_loading  # type: ignore[import-not-found]
        from _crosswheel_names import show_tempfile  # type: ignore[import-not-found]
        from _crosswheel_release import show_release  # type: ignore[import-not-found]
        from _crosswheel_unloaded import Unloaded, show_config  # type: ignore[import-not-found]

        self.children: Any = Children(lambda words: is_build_tool(words, tools))
        self.leave_site: Any = leave_site
        self.change_around_loading: Any = change_around_loading
        self.unloaded: Any = Unloaded
        self.show_tempfile: Change = show_tempfile
        self.show_config: Change = show_config
        self.show_release: Callable[[str], None] = show_release
        from _crosswheel_sizes import Sizes  # type: ignore[import-not-found]

        self.sizes: Any = Sizes(document, _refuse)
        self.changes: Mapping[str, Change] = self._changes_by_name()

    def refuse_another_python(self) -> None:
        """Refuse an interpreter whose compiled extension modules the target would not load."""
        wanted = "CPython {}.{}{}".format(*self.document["python"], self.document["abiflags"])
        found = "{} {}.{}{}".format(
            sys.implementation.name.replace("cpython", "CPython"),
            *sys.version_info[:2],
            getattr(sys, "abiflags", ""),
        )
        if found != wanted:
            _refuse(
                f"cannot show target '{self.document['target']}': this interpreter is {found}, "
                f"the target is {wanted}; use {wanted} as the build Python"
            )

    def show(self) -> None:
        """Change what is loaded already, and see to what will be."""
        self._show_sys()
        self._show_os()
        for name, module in list(sys.modules.items()):
            change = self.change_for(name)
            if change is not None and module is not None:
                change(module)
        sys.meta_path.insert(0, _Finder(self))
        if self.scope is not None:
            self.scope.show_program()
        import importlib.machinery

        machinery: Any = importlib.machinery
        own = machinery.EXTENSION_SUFFIXES
        foreign = [suffix for suffix in self.document["extension_suffixes"] if suffix not in own]
        sys.meta_path.append(self.unloaded(foreign))
        machinery.EXTENSION_SUFFIXES = list(self.document["extension_suffixes"])
        self.leave_site()

    def _changes_by_name(self) -> dict[str, Change]:
        """Return what changes modules that are called by one name only."""
        changes = {
            "sysconfig": self._show_sysconfig,
            "numpy": self.sizes.show_numpy,
            "ctypes.util": self.libraries.show_util,
            "tempfile": self.show_tempfile,
            "subprocess": self.children.show_subprocess,
            "mmap": self.limits.show_mmap,
            "resource": self.limits.show_resource,
            "scikit_build_core.builder._known_wheels": self._show_known_wheels,
        }
        if self.shows_sizes or self.byte_order is not None:
            changes |= dict.fromkeys(("struct", "ctypes", "array"), self._show_sizes_and_order)
        if self.shows_sizes:
            changes["cffi.api"] = self.sizes.show_cffi
        if self.byte_order is not None:
            changes["codecs"] = self.byte_order.show_codecs
        if self.scope is None:
            return {**changes, "platform": self._show_platform}
        scope = self.scope
        named = {
            "importlib": scope.show_importlib,
            "importlib.util": scope.show_util,
            "runpy": scope.show_runpy,
        }
        return {**changes, **named}

    def change_for(self, name: str) -> Change | None:
        """Return what changes the module `name`, or ``None``; vendored copies count as the original."""
        if name in self.changes:
            return self.changes[name]
        if name.endswith(".sysconfig") and name.split(".")[-2] in ("distutils", "_distutils"):
            return self._show_distutils_sysconfig
        if name.endswith(("packaging._manylinux", "packaging.tags")):
            return self._show_manylinux
        if name.endswith("packaging._musllinux"):
            return self._show_musllinux
        if name.endswith(".command.config") and name.split(".")[-3] in ("distutils", "_distutils"):
            return self.show_config
        return None

    def _show_known_wheels(self, module: Any) -> None:
        """Have it ask for the build machine whether there are wheels of CMake and Ninja, which run there."""
        module.is_known_platform = lambda platforms: any(
            platform.endswith(f"_{self.build_machine}") for platform in platforms
        )

    def _show_sys(self) -> None:
        implementation: Any = sys.implementation
        implementation._multiarch = self.document["multiarch"]
        self.show_release(self.document["release"])
        self.limits.show_sys()
        sys.maxsize = 2 ** (self.document["pointer_width"] - 1) - 1
        if self.libc == "glibc":
            # PEP 600: this module has the last word about which manylinux wheels fit.
            module: Any = type(sys)("_manylinux")
            module.manylinux_compatible = self._manylinux_compatible
            sys.modules["_manylinux"] = module
        if self.byte_order is not None:
            self.byte_order.show_sys()

    def _manylinux_compatible(self, major: int, minor: int, arch: str) -> bool:
        oldest = tuple(int(part) for part in self.libc_version.split("."))
        return arch == self.machine and (major, minor) <= oldest

    def _show_os(self) -> None:
        if self.scope is None:
            uname = os.uname_result(self.document["uname"])
            os.uname = lambda: uname
        own_confstr, names = os.confstr, os.confstr_names
        glibc = self.libc == "glibc"
        answers: dict[Any, str | None] = {
            "CS_GNU_LIBC_VERSION": f"glibc {self.libc_version}" if glibc else None,
            "CS_GNU_LIBPTHREAD_VERSION": f"NPTL {self.libc_version}" if glibc else None,
        }
        for name in list(answers):
            if name in names:
                answers[names[name]] = answers[name]

        def confstr(name: Any, /) -> str | None:
            return answers[name] if name in answers else own_confstr(name)

        os.confstr = confstr
        self.limits.show_os(os)
        self.children.show_os(os)

    def _show_sysconfig(self, module: Any) -> None:
        document, own_paths = self.document, module.get_paths
        _show_schemes(module)

        def variables() -> Any:
            return _read_json(document["variables"])

        def get_paths(
            scheme: str | None = None,
            vars: Mapping[str, Any] | None = None,  # noqa: A002 - the standard library's name
            expand: bool = True,
        ) -> dict[str, str]:
            arguments = {} if scheme is None else {"scheme": scheme}
            paths = dict(own_paths(vars=vars, expand=expand, **arguments))
            if expand and not str(scheme or "").endswith("_user"):
                for name in ("include", "platinclude"):
                    if name in paths and not _sets_base(vars):
                        paths[name] = document["include"]
            return paths

        own_variables = module.get_config_vars

        def get_config_vars(*names: str) -> Any:
            own_variables().pop("multiarchsubdir", None)  # of Debian's Python, about the machine it runs on
            return own_variables(*names)

        module.get_paths, module.get_config_vars = get_paths, get_config_vars
        module.get_platform = lambda: document["sysconfig_platform"]
        module.get_config_h_filename = lambda: document["config_h"]
        module.get_makefile_filename = lambda: document["makefile"]
        module._get_sysconfigdata_name = lambda *_, **__: document["sysconfigdata_name"]
        module._init_posix = lambda variables_: variables_.update(variables())
        if hasattr(module, "_get_sysconfigdata"):  # since Python 3.14
            module._get_sysconfigdata = variables
        module._PY_VERSION = document["release"]
        module._CONFIG_VARS = None
        if hasattr(module, "_CONFIG_VARS_INITIALIZED"):  # since Python 3.11.5
            module._CONFIG_VARS_INITIALIZED = False

    def _show_platform(self, module: Any) -> None:
        own_bits = f"{self.document['pointer_width']}bit"
        own_architecture, own_libc_ver = module.architecture, module.libc_ver
        libc = (self.libc, self.libc_version)

        def architecture(executable: str = sys.executable, bits: str = "", linkage: str = "") -> Any:
            if executable == sys.executable:
                return (bits or own_bits, linkage or "ELF")
            return own_architecture(executable, bits, linkage)

        def libc_ver(
            executable: str | None = None, lib: str = "", version: str = "", chunksize: int = 16384
        ) -> Any:
            if executable in (None, sys.executable):
                return libc
            return own_libc_ver(executable, lib, version, chunksize)

        module.architecture, module.libc_ver = architecture, libc_ver
        module._Processor.get = lambda: self.machine
        module._uname_cache = None
        module._platform_cache.clear()

    def _show_sizes_and_order(self, module: Any) -> None:
        name = f"show_{module.__name__}"
        if self.shows_sizes:
            getattr(self.sizes, name)(module)
        if self.byte_order is not None and hasattr(self.byte_order, name):
            getattr(self.byte_order, name)(module)

    def _show_distutils_sysconfig(self, module: Any) -> None:
        own_get, include = module.get_python_inc, self.document["include"]

        def get_python_inc(plat_specific: bool = False, prefix: str | None = None) -> Any:
            return include if prefix is None else own_get(plat_specific, prefix)

        module.get_python_inc = get_python_inc

    def _show_manylinux(self, module: Any) -> None:
        """Keep packaging from reading the ABI off the header of `sys.executable`, a program of the build machine."""
        for name in ("_have_compatible_abi", "_have_compatible_manylinux_abi"):
            if hasattr(module, name):
                setattr(module, name, lambda *_, **__: self.libc == "glibc")

    def _show_musllinux(self, module: Any) -> None:
        version = None
        if self.libc == "musl":
            major, minor = (int(part) for part in self.libc_version.split("."))
            version = module._MuslVersion(major=major, minor=minor)
        module._get_musl_version = lambda *_, **__: version


def _sets_base(variables: Mapping[str, Any] | None) -> bool:
    return variables is not None and any(name in variables for name in ("installed_base", "base"))


class _Finder:
    """Changes modules as they are imported, and finds the module with the build-time variables."""

    def __init__(self, view: _View) -> None:
        self.view = view

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Answer `importlib`; ``None`` for whatever the view has no business with."""
        if name == self.view.document["sysconfigdata_name"]:
            from importlib.util import spec_from_file_location

            folder = os.path.dirname(self.view.document["variables"])
            return spec_from_file_location(name, os.path.join(folder, f"{name}.py"))
        change = self.view.change_for(name)
        if change is None and self.view.scope is None:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                scope = self.view.scope
                before = scope.show_to if scope is not None and scope.holds(name, spec.origin) else None
                self.view.change_around_loading(spec, before, change)
                return spec
        return None
