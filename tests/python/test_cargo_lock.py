"""Which crates a build reads, by its Cargo.lock, and which of a source tree's locks hold."""

from __future__ import annotations

import json

import pytest

from crosswheel.decide.planning.cargo_lock import Crate, crates_of
from crosswheel.decide.planning.cargo_projects import (
    CargoProject,
    builds_rust,
    cargo_project,
    locked_crates,
    named_manifests,
)
from crosswheel.decide.planning.crate_index import index_place, likely_dependencies, missing_crates
from crosswheel.values.errors import CrosswheelError
from plan_values import digest

CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index"
LIBC = Crate(name="libc", version="0.2.177", checksum=digest("libc"))


def lock_text(*packages: str, version: int = 4) -> bytes:
    return "\n".join([f"version = {version}", *packages]).encode()


def package(name: str, version: str, source: str | None = CRATES_IO, checksum: str | None = None) -> str:
    lines = ["[[package]]", f'name = "{name}"', f'version = "{version}"']
    lines += [] if source is None else [f'source = "{source}"']
    lines += [] if checksum is None else [f'checksum = "{checksum}"']
    return "\n".join(lines)


def refusal_of(*packages: str, version: int = 4) -> str:
    with pytest.raises(CrosswheelError) as caught:
        crates_of(lock_text(*packages, version=version), place=("ore-1.tar.gz", "Cargo.lock"))
    return str(caught.value)


@pytest.mark.parametrize("source", [CRATES_IO, "sparse+https://index.crates.io/"])
def test_a_crate_is_locked_by_its_checksum(source: str) -> None:
    text = lock_text(
        package("ore", "1.0.0", source=None), package("libc", "0.2.177", source, LIBC.checksum.hex)
    )
    assert crates_of(text, place=()) == (LIBC,)
    assert LIBC.url == "https://static.crates.io/crates/libc/libc-0.2.177.crate"


def test_the_oldest_format_keeps_checksums_in_a_table_of_their_own() -> None:
    metadata = f'[metadata]\n"checksum libc 0.2.177 ({CRATES_IO})" = "{LIBC.checksum}"'
    text = f"{package('libc', '0.2.177')}\n{metadata}\n"
    assert crates_of(text.encode(), place=()) == (LIBC,)


def test_a_crate_of_a_git_repository_is_refused_and_so_is_one_of_another_registry() -> None:
    said = refusal_of(
        package("ore", "1.0.0", "git+https://git.example/ore?rev=1#1234"),
        package("tin", "2.0.0", "registry+https://registry.example/index"),
    )
    assert (
        "cannot lock crate 'ore 1.0.0': it comes from the git repository https://git.example/ore?rev=1#1234"
        in said
    )
    assert "cannot lock crate 'tin 2.0.0': it comes from the registry https://registry.example/index" in said
    assert "take a prebuilt wheel" in said


@pytest.mark.parametrize(
    ("packages", "version", "why"),
    [
        ((package("libc", "0.2.177"),), 4, "its entry of 'libc 0.2.177' has no name, version or checksum"),
        ((package("../libc", "1", checksum="0" * 64),), 4, "has no name, version or checksum"),
        ((package("libc", "1", checksum="0"),), 4, "the checksum of 'libc 1' is no SHA-256"),
        ((), 5, "it has format 5, and formats up to 4 are known"),
        (("[",), 4, "it is not TOML"),
        (("package = 1",), 4, "its packages are no tables"),
    ],
)
def test_what_is_no_cargo_lock_is_refused(packages: tuple[str, ...], version: int, why: str) -> None:
    said = refusal_of(*packages, version=version)
    assert said.startswith("ore-1.tar.gz: Cargo.lock: cannot read Cargo.lock: ")
    assert why in said


@pytest.mark.parametrize(
    ("pyproject", "setup", "named"),
    [
        ({"tool": {"maturin": {"manifest-path": "./src/rust/Cargo.toml"}}}, "", ("src/rust/Cargo.toml",)),
        ({"tool": {"setuptools-rust": {"ext-modules": [{"target": "a.b"}]}}}, "", ("Cargo.toml",)),
        ({}, 'RustExtension("a._a", "src/_a/Cargo.toml", features=["x"])', ("src/_a/Cargo.toml",)),
        ({}, "RustExtension('a', '/etc/Cargo.toml')\nRustExtension('b', '../Cargo.toml')", ()),
        ({"tool": 1}, "", ()),
    ],
)
def test_a_project_names_its_manifests(
    pyproject: dict[str, object], setup: str, named: tuple[str, ...]
) -> None:
    assert named_manifests(pyproject, setup) == named


@pytest.mark.parametrize(
    ("files", "named", "found"),
    [
        (["Cargo.toml", "Cargo.lock"], [], (("Cargo.toml",), {"Cargo.toml": "Cargo.lock"})),
        (["rust/Cargo.toml"], [], (("rust/Cargo.toml",), {})),
        # crates a project ships have locks of their own, which cargo does not read
        (
            ["Cargo.toml", "Cargo.lock", "vendor/x/Cargo.toml", "vendor/x/Cargo.lock"],
            [],
            (("Cargo.toml",), {"Cargo.toml": "Cargo.lock"}),
        ),
        (
            ["Cargo.lock", "a/b/Cargo.toml", "Cargo.toml"],
            ["a/b/Cargo.toml"],
            (("a/b/Cargo.toml",), {"a/b/Cargo.toml": "Cargo.lock"}),
        ),
        (["tests/Cargo.toml"], ["gone/Cargo.toml"], ((), {})),
    ],
)
def test_the_lock_of_a_manifest_is_beside_it_or_above(
    files: list[str], named: list[str], found: tuple[tuple[str, ...], dict[str, str]]
) -> None:
    assert cargo_project(files, named) == found


def test_rust_is_compiled_where_a_tool_for_it_is_required_or_crates_are_locked() -> None:
    bare = CargoProject(manifests=("Cargo.toml",), unlocked=("Cargo.toml",))
    locked = CargoProject(manifests=("Cargo.toml",), locks={"Cargo.lock": ""})
    assert builds_rust(bare, ["setuptools-rust>=1.7"], backend="setuptools.build_meta")
    assert builds_rust(bare, [], backend="maturin")
    assert builds_rust(locked, ["setuptools"], backend="setuptools.build_meta")
    assert not builds_rust(bare, ["setuptools"], backend="setuptools.build_meta")
    assert not builds_rust(CargoProject(), ["setuptools-rust"], backend="setuptools.build_meta")


def test_crates_of_several_locks_are_merged_and_sorted() -> None:
    ahash = package("ahash", "1.0.0", checksum=digest("ahash").hex)
    libc = package("libc", LIBC.version, checksum=LIBC.checksum.hex)
    project = CargoProject(
        manifests=("a/Cargo.toml", "b/Cargo.toml"),
        locks={"a/Cargo.lock": lock_text(libc, ahash).decode(), "b/Cargo.lock": lock_text(libc).decode()},
    )
    assert [crate.name for crate in locked_crates(project, wanted_by="ore-1.tar.gz")] == ["ahash", "libc"]


@pytest.mark.parametrize(
    ("name", "place"), [("a", "1/a"), ("cc", "2/cc"), ("syn", "3/s/syn"), ("PyO3-ffi", "py/o3/pyo3-ffi")]
)
def test_a_crate_has_a_place_in_the_index(name: str, place: str) -> None:
    assert index_place(name) == place


def test_what_cargo_misses_is_read_from_what_it_says() -> None:
    said = "error: no matching package named `libc` found\nlocation searched: x\nrequired by package `ore v1.0.0`\n"
    assert missing_crates(said) == ("libc",)
    assert missing_crates("error: failed to parse manifest") == ()


def test_what_the_newest_release_needs_is_fetched_with_it() -> None:
    releases = [
        {"vers": "1.0.0", "deps": [{"name": "old"}]},
        {
            "vers": "2.0.0",
            "deps": [
                {"name": "renamed", "package": "libc", "kind": "normal"},
                {"name": "cc", "kind": "build"},
                {"name": "rand", "kind": "dev"},
                {"name": "serde", "optional": True},
            ],
        },
        {"vers": "2.1.0-rc.1", "deps": [{"name": "new"}]},
        {"vers": "2.2.0", "yanked": True, "deps": [{"name": "wrong"}]},
    ]
    data = "\n".join(json.dumps(release) for release in releases).encode()
    assert likely_dependencies(data) == ("libc", "cc")
    assert likely_dependencies(b"<html>") == ()
