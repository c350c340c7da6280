"""Meson and Rust in Nix, and libraries that nixpkgs cross compiles: the wheels are those of the command line."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from crosswheel.act.check.elf import parse_elf
from e2e.crosswheel_command import crosswheel, lock, repository_of
from e2e.debian_rust import rust_archive
from e2e.folders import folder_differences
from e2e.nix_program import Nix, NixFailedError, set_up_nix
from e2e.nix_project import add_fetched, copy_project
from e2e.nix_standin import standin_flake
from e2e.sandbox_builds import write_sdist
from e2e.target_pythons import TargetPython, run_target_python
from image_bases import base_layout
from made_wheels import make_wheel

pytestmark = [pytest.mark.e2e, pytest.mark.network]

_TARGET = "linux_arm64"
#: A project that finds a library by pkg-config, as Meson's dependencies are found, and writes down what it sees of Python.
_MEMBERS = {
    "PKG-INFO": "Metadata-Version: 2.2\nName: yamlbound\nVersion: 1\n",
    "pyproject.toml": (
        '[build-system]\nrequires = ["meson-python"]\nbuild-backend = "mesonpy"\n'
        '[project]\nname = "yamlbound"\nversion = "1"\n'
    ),
    "meson.build": (
        "project('yamlbound', 'c', version: '1')\n"
        "python = import('python').find_installation(pure: false)\n"
        "python.extension_module('yamlbound', 'module.c', dependencies: dependency('yaml-0.1'), install: true)\n"
        "told = configure_file(output: 'told.py', command: [python, files('tell.py'), '@OUTPUT@'])\n"
        "python.install_sources(told)\n"
    ),
    # What Pythons and shells of build machines differ in: the patch release, how it was made, what is added to the environment.
    "tell.py": (
        "import os, platform, sys, sysconfig\n"
        "facts = [sys.version, platform.python_version(), sorted(os.environ), sorted(sysconfig.get_config_vars())]\n"
        "open(sys.argv[1], 'w').write(f'FACTS = {facts!r}\\n')\n"
    ),
    "module.c": """\
#include <Python.h>
#include <yaml.h>
static PyObject *version(PyObject *self, PyObject *unused) { return PyUnicode_FromString(yaml_get_version_string()); }
static PyMethodDef methods[] = {{"version", version, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "yamlbound", "", -1, methods};
PyMODINIT_FUNC PyInit_yamlbound(void) { return PyModule_Create(&module); }
""",
}
_USE = "import platform, yamlbound; print(platform.machine(), yamlbound.version())"
_USE_RUST = """
import rpds
print(sorted(rpds.HashTrieMap({"a": 1}).insert("b", 2).items()))
"""
#: A project that is patched.
_PLAIN = {
    "PKG-INFO": "Metadata-Version: 2.2\nName: plain\nVersion: 1\n",
    "pyproject.toml": (
        '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
        '[project]\nname = "plain"\nversion = "1"\ndescription = "x"\n'
    ),
    "plain.py": "X = 1\n",
}
_PATCH = "--- a/plain.py\n+++ b/plain.py\n@@ -1 +1 @@\n-X = 1\n+X = 2\n"
#: As where Nix is for all users: a build writes nowhere but in its own folder.
_OWN_USER = ("--extra-experimental-features", "auto-allocate-uids", "--option", "auto-allocate-uids", "true")
#: In place of what the plan says of libraries.
_CROSSED = "overrides.yamlbound.libraries = target: [ target.pkgs.libyaml ];"
_WHEEL = ".aarch64.packages.yamlbound"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Builder:
    """Nix, crosswheel for it, and a stand-in for nixpkgs.

    Attributes:
        nix: Nix.
        folder: where crosswheel (`project`) and the stand-in (`standin`) are.
    """

    nix: Nix
    folder: Path

    @property
    def packages(self) -> str:
        """The stand-in's packages, for an expression."""
        return f'(import {self.folder}/standin {{ system = "x86_64-linux"; }})'

    def build(self, plan: Path, attribute: str, arguments: str = "", options: Sequence[str] = ()) -> Path:
        """Build what is made of a plan, and return where it is; `options` are Nix'."""
        add_fetched(self.nix, plan)
        wheels = f"(import {self.folder}/project/rules/nix {{ pkgs = {self.packages}; }}).mkWheels"
        (output,) = self.outputs(f"({wheels} {{ plan = {plan}; {arguments} }}){attribute}", options)
        return output

    def outputs(self, expression: str, options: Sequence[str] = ()) -> list[Path]:
        """Build an expression's derivation and return where its outputs are."""
        (made,) = json.loads(
            self.nix("build", "--impure", "--no-link", "--json", *options, "--expr", expression)
        )
        return [self.nix.file(path) for path in made["outputs"].values()]


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> _Builder:
    """Return what builds."""
    folder, nix = tmp_path_factory.mktemp("builder"), set_up_nix()
    copy_project(folder / "project")
    standin_flake(nix, folder / "standin")
    return _Builder(nix=nix, folder=folder)


@pytest.fixture(scope="module")
def bound(builder: _Builder) -> Path:
    """The project, locked, beside a folder of libraries: what the stand-in built, in one place and named by its texts."""
    folder = builder.folder / "bound"
    folder.mkdir()
    sdist = write_sdist(folder / "yamlbound-1.tar.gz", _MEMBERS)
    _lock_sdist(sdist, "yamlbound")
    library = folder / "libyaml"
    for output in builder.outputs(f"{builder.packages}.pkgsCross.aarch64-multiplatform.libyaml.dev"):
        for path in filter(Path.is_file, output.rglob("*")):
            place = library / path.relative_to(output)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
    (told,) = library.rglob("*.pc")
    told.write_text(re.sub(r"/nix/store/[^/\s]+", str(library), told.read_text()))
    return folder


def _lock_sdist(sdist: Path, name: str) -> None:
    digest = hashlib.sha256(sdist.read_bytes()).hexdigest()
    (sdist.parent / "pylock.toml").write_text(
        f'lock-version = "1.0"\ncreated-by = "tests"\n[[packages]]\nname = "{name}"\nversion = "1"\n'
        f'sdist = {{ path = "{sdist.name}", hashes = {{ sha256 = "{digest}" }} }}\n'
    )


def _plan(folder: Path, name: str, *options: str, configuration: str = "") -> Path:
    (folder / "crosswheel.toml").write_text(configuration)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    crosswheel("target", "pack", _TARGET, "--python", "3.11", "-o", "headers.tar", cwd=folder)
    planned = ("plan", "pylock.toml", "--target", _TARGET, "--python", "3.11", "--headers", "headers.tar")
    crosswheel(*planned, *options, "-o", name, cwd=folder)
    return folder / name


def _with(folder: Path | None, link: str = "static") -> str:
    """The configuration for libraries of a folder, or for none."""
    return f'[packages.yamlbound]\nsysroot = {json.dumps(str(folder or "") or [])}\nlink = "{link}"\n'


def _printed(code: str, site: Path, target: TargetPython) -> str:
    done = run_target_python(target, code, site)
    assert done.stderr == ""
    return done.stdout


def test_a_meson_project_that_asks_pkg_config_gives_the_wheel_of_the_command_line(
    builder: _Builder, bound: Path, target_python: Callable[..., TargetPython]
) -> None:
    plan = _plan(bound, "folder.plan.json", configuration=_with(Path("libyaml")))
    crosswheel("build", plan, "-o", "dist", cwd=bound)
    (expected,) = repository_of(bound / "dist").glob("yamlbound-*.whl")
    (wheel,) = builder.build(plan, _WHEEL).glob("*.whl")
    assert (wheel.name, wheel.read_bytes()) == (expected.name, expected.read_bytes())
    site = builder.build(plan, ".aarch64.site")
    assert _printed(_USE, site, target_python("aarch64")) == "aarch64 0.2.5\n"


def test_a_patch_in_a_folder_above_the_plan_is_found_by_a_build_of_a_user_of_its_own(
    builder: _Builder, tmp_path: Path
) -> None:
    _lock_sdist(write_sdist(tmp_path / "plain-1.tar.gz", _PLAIN), "plain")
    patch = tmp_path / "pätches" / "my patch.diff"
    patch.parent.mkdir()
    patch.write_text(_PATCH)
    configuration = f'[packages.plain]\npatches = ["{patch.relative_to(tmp_path)}"]\n'
    plan = _plan(tmp_path, "plans/deep/wheels.plan.json", configuration=configuration)
    crosswheel("build", plan, "-o", "dist", cwd=tmp_path)
    (expected,) = repository_of(tmp_path / "dist").glob("plain-*.whl")
    (wheel,) = builder.build(plan, ".aarch64.packages.plain", options=_OWN_USER).glob("*.whl")
    assert (wheel.name, wheel.read_bytes()) == (expected.name, expected.read_bytes())
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("plain.py") == b"X = 2\n"


def test_a_rust_project_gives_the_repository_of_the_command_line(
    builder: _Builder, target_python: Callable[..., TargetPython]
) -> None:
    folder = builder.folder / "rust"
    lock(folder, "rpds-py")
    shutil.copyfile(rust_archive("aarch64"), folder / "rust.tar.gz")
    options = ("--no-binary", "rpds-py")
    plan = _plan(folder, "wheels.plan.json", *options, configuration='rust = "rust.tar.gz"\n')
    crosswheel("build", plan, "-o", "dist", cwd=folder)
    assert folder_differences(builder.build(plan, ".aarch64"), repository_of(folder / "dist")) == []
    site = builder.build(plan, ".aarch64.site")
    assert _printed(_USE_RUST, site, target_python("aarch64")) == "[('a', 1), ('b', 2)]\n"


def test_a_library_of_nixpkgs_gives_the_wheel_that_the_command_line_makes_of_a_folder_with_it(
    builder: _Builder, bound: Path
) -> None:
    """Though its headers and its object code lie apart, in the store, where its texts say they are."""
    plan = _plan(bound, "folder.plan.json", configuration=_with(Path("libyaml")))
    crosswheel("build", plan, "-o", "dist", cwd=bound)
    (expected,) = repository_of(bound / "dist").glob("yamlbound-*.whl")
    without = _plan(bound, "without.plan.json", configuration=_with(None))
    (wheel,) = builder.build(without, _WHEEL, _CROSSED).glob("*.whl")
    assert (wheel.name, wheel.read_bytes()) == (expected.name, expected.read_bytes())


def test_a_build_that_fails_leaves_its_whole_log(builder: _Builder, bound: Path) -> None:
    without = _plan(bound, "without.plan.json", configuration=_with(None))
    with pytest.raises(NixFailedError, match="the whole log stands above") as caught:
        builder.build(without, _WHEEL)
    derivation = re.search(r"/nix/store/\w+-yamlbound-1-cp311\S*\.drv", str(caught.value))
    assert derivation is not None
    log = builder.nix("log", derivation[0])
    assert "The Meson build system" in log
    assert "crosswheel-step-" not in log


def test_a_package_that_is_no_python_is_told_in_the_build(builder: _Builder, tmp_path: Path) -> None:
    """What is in it is not known before."""
    _lock_sdist(write_sdist(tmp_path / "plain-1.tar.gz", _PLAIN), "plain")
    plan = _plan(tmp_path, "wheels.plan.json")
    with pytest.raises(NixFailedError) as caught:
        builder.build(plan, ".aarch64.packages.plain", f'pythons."3.11" = {builder.packages}.zip;')
    assert re.search(
        r"error: cannot use build Python '/nix/store/\w+-zip': it has no bin/python3; give `pythons` a package of a Python, "
        "or a folder with bin/python3\n",
        str(caught.value),
    )


def test_a_log_tells_why_the_check_refused_the_wheel(builder: _Builder, tmp_path: Path) -> None:
    """Nix keeps nothing else of the build."""
    stored = f"/nix/store/{'a' * 32}-tool/bin/tool"
    _lock_sdist(write_sdist(tmp_path / "plain-1.tar.gz", _PLAIN | {"plain.py": f"X = '{stored}'\n"}), "plain")
    plan = _plan(tmp_path, "wheels.plan.json")
    with pytest.raises(NixFailedError) as caught:
        builder.build(plan, ".aarch64.packages.plain")
    derivation = re.search(r"/nix/store/\w+-plain-1-cp311\S*\.drv", str(caught.value))
    assert derivation is not None
    said = {"nix.log": builder.nix("log", derivation[0]), "end.log": str(caught.value)}
    for name, text in said.items():
        (tmp_path / name).write_text(text)
        told = crosswheel("why-failed", name, cwd=tmp_path)
        assert told.startswith(
            "plain 1 for cp311-linux_aarch64_glibc_2_28: its wheel is refused\n  it does not fit "
        )
        assert f"plain.py: it holds '{stored}" in told
        assert "what to do: use another file of this release, or accept build-path for this package" in told


def test_a_shared_library_of_nixpkgs_comes_into_the_wheel_and_names_no_store(
    builder: _Builder, bound: Path, target_python: Callable[..., TargetPython], tmp_path: Path
) -> None:
    plan = _plan(bound, "shared.plan.json", configuration=_with(Path("libyaml"), "shared"))
    (wheel,) = builder.build(plan, _WHEEL, _CROSSED).glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
        assert [name for name in archive.namelist() if b"/nix/store/" in archive.read(name)] == []
    (library,) = tmp_path.glob("yamlbound.libs/*")
    (module,) = tmp_path.glob("yamlbound.*.so")
    assert library.name in parse_elf(module.read_bytes()).needed
    assert _printed(_USE, tmp_path, target_python("aarch64")) == "aarch64 0.2.5\n"


def _lock_made_wheel(folder: Path) -> None:
    wheel = make_wheel(folder)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (folder / "pylock.toml").write_text(
        'lock-version = "1.0"\ncreated-by = "tests"\n[[packages]]\nname = "demo"\nversion = "1.0"\n'
        f'wheels = [{{ path = "{wheel.name}", hashes = {{ sha256 = "{digest}" }} }}]\n'
    )


def test_platforms_that_nix_has_no_system_for_have_the_repositories_of_the_command_line(
    builder: _Builder, tmp_path: Path
) -> None:
    _lock_made_wheel(tmp_path)
    platforms = ("linux_arm64", "android_arm64_v8a", "ios_arm64_iphoneos", "emscripten_wasm32")
    targets = [word for name in platforms for word in ("--target", name)]
    crosswheel("plan", "pylock.toml", *targets, "--python", "3.13", "-o", "wheels.plan.json", cwd=tmp_path)
    crosswheel("build", "wheels.plan.json", "-o", "dist", cwd=tmp_path)
    assert len(list((tmp_path / "dist").iterdir())) == len(platforms)
    assert folder_differences(builder.build(tmp_path / "wheels.plan.json", ""), tmp_path / "dist") == []


def test_an_application_that_names_the_store_is_refused(builder: _Builder, tmp_path: Path) -> None:
    """As often as it likes: what is compressed is no text that Nix could find."""
    _lock_made_wheel(tmp_path)
    base_layout(tmp_path / "base")
    plan = _plan(tmp_path, "wheels.plan.json")
    program = f"for i in 1 2 3 4 5 6 7 8 9; do echo '#!${{{builder.packages}.zip}}/bin/zip'; done > $out/run"
    application = f'{builder.packages}.runCommand "app" {{ }} "mkdir $out; {program}"'
    with pytest.raises(
        NixFailedError,
        match=r"cannot put into an image 'app/run': it names /nix/store/\w*-zip, .*\[store-path\]",
    ):
        builder.build(plan, ".aarch64.image", f"image = {{ base = {tmp_path}/base; app = {application}; }};")


def test_options_of_any_content_and_commands_as_lists_give_the_image_of_the_command_line(
    builder: _Builder, tmp_path: Path
) -> None:
    """And in one order, whether they need quotes or not."""
    _lock_made_wheel(tmp_path)
    base_layout(tmp_path / "base")
    own = make_wheel(tmp_path / "own", "own")
    plan = _plan(tmp_path, "wheels.plan.json")
    label, path = "it's\nEND_OF_ARGUMENTS\nexit 7\n", "my src/é.txt"
    (tmp_path / path).parent.mkdir()
    (tmp_path / path).write_text("text")
    crosswheel(
        *("image", plan, "--base", "base", "--label", f"d={label}", "--entrypoint", "python -c 'print(1)'"),
        *("--env", "A=@é", "--env=B=-d", "--env", "C=c\r\nc", "--env=D=d"),
        *("--cmd=-x", "--app-file", f"/etc/a={path}", "--wheel", own, "-o", "image"),
        cwd=tmp_path,
    )
    built = builder.build(
        plan,
        ".aarch64.image",
        f"image = {{ base = {tmp_path}/base; label.d = {json.dumps(label)}; "
        f'env = {{ A = "@é"; D = "d"; B = "-d"; C = "c\\r\\nc"; }}; own-wheel = {own}; cmd = "-x"; entrypoint = [ "python" "-c" "print(1)" ]; '
        f'app-file."/etc/a" = {tmp_path} + "/{path}"; }};',
    )
    assert folder_differences(built, tmp_path / "image") == []
