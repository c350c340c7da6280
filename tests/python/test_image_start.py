"""``crosswheel image`` tells of an image that starts nothing by itself."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.command_line.image_options import words_of_command
from crosswheel.command_line.main import main
from crosswheel.decide.images.base_lock import BaseLock, BasePackage, LockedBase, base_lock_to_json
from crosswheel.decide.plans.plan import Artifact
from crosswheel.values.errors import InputError
from crosswheel.values.platforms import Glibc
from elf_files import elf_file
from image_bases import base_files, base_layout, libc
from image_projects import ARM, enter_image_project
from layout_files import LayoutMaker, link, tar_of
from sysroot_packages import debian_package


@pytest.mark.parametrize(
    ("base", "words", "is_told"),
    [
        ("bare", (), True),
        ("bare", ("--cmd", "python"), False),
        ("bare", ("--entrypoint", "python"), False),
        ("base", (), False),
    ],
)
def test_an_image_that_starts_nothing_by_itself_is_told(
    base: str,
    words: tuple[str, ...],
    is_told: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    enter_image_project(tmp_path, monkeypatch)
    base_layout(tmp_path / "bare", settings={"Env": ["PATH=/usr/bin"]})
    assert main(["image", "dist", "--base", base, "-o", "image", *words]) == 0
    assert ("note: nothing says what containers of the image start" in capsys.readouterr().err) == is_told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, None),
        ("python -m 'a b'", ("python", "-m", "a b")),
        ('["gunicorn", "-b", ":80 ", "$X"]', ("gunicorn", "-b", ":80 ", "$X")),
        ("[ -f x ]", ("[", "-f", "x", "]")),
        ("5", ("5",)),
    ],
)
def test_a_command_is_in_a_shells_quotes_or_a_dockerfiles_list(
    text: str | None, words: tuple[str, ...] | None
) -> None:
    assert words_of_command(text) == words


@pytest.mark.parametrize(
    "text", ["['app.py', '--port']", '["worker", 3]', '["app.py"', "[python,-m,app]", "[1]", '[ "a", 3 ]']
)
def test_what_looks_like_a_list_and_is_none_of_strings_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"begins like a Dockerfile's list, and is no list of strings"):
        words_of_command(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("python \\\n -m app", ("python", "-m", "app")),
        ("py\\\nthon", ("python",)),
        ('"a\\\nb" it\\\'s \\\n c', ("ab", "it's", "c")),
        ("'a\\\nb'", ("a\\\nb",)),
        ('"it\'s" \\\n x', ("it's", "x")),
        ("a\\\\\nb", ("a\\", "b")),
    ],
    ids=["between", "within", "quoted", "single", "quote", "backslash"],
)
def test_a_backslash_at_the_end_of_a_line_joins_it_to_the_next(text: str, words: tuple[str, ...]) -> None:
    assert words_of_command(text) == words


def _with_layer(base: dict[str, bytes], layer: bytes, program: bytes = b"") -> int:
    """Make an image of a base and of a layer that another tool made, whose containers start ``/app/start``."""
    maker = LayoutMaker(Path("own"))
    maker.write(maker.image(tar_of({**base_files(), **base})))
    Path("layer.tar").write_bytes(layer)
    words = ["image", "dist", "--base", "own", "-o", "image", "--layer", "layer.tar"]
    if program:
        Path("src/start").write_bytes(program)
        Path("src/start").chmod(0o755)
        words += ["--app", "src"]
    return main([*words, "--entrypoint", "/app/start"])


@pytest.mark.parametrize(
    ("layer", "lack"),
    [
        (tar_of({"opt/ld.so": elf_file()}), None),
        (tar_of([("opt/real.so", elf_file()), link("opt/ld.so", "real.so")]), None),
        (tar_of([("opt/real.so", elf_file()), link("opt/ld.so", "opt/real.so", tarfile.LNKTYPE)]), None),
        (tar_of({"opt/ld.so": b"no ELF"}), "is no ELF file"),
        (tar_of({"opt/ld.so": elf_file()}, mode=0o644), "nobody may execute"),
        (tar_of({"opt/.wh.ld.so": b""}), "is not there"),
    ],
    ids=["file", "link", "hard", "text", "mode", "removed"],
)
def test_the_program_loader_of_a_finished_layer_counts(
    layer: bytes,
    lack: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    enter_image_project(tmp_path, monkeypatch)
    below = {"opt/ld.so": elf_file()} if lack == "is not there" else {}
    assert _with_layer(below, layer, elf_file(interpreter="/opt/ld.so")) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "containers start" in line]
    asks = "warning: linux/arm64: the program '/app/start', which containers start, asks for the program loader /opt/ld.so, which"
    assert told == ([] if lack is None else [f"{asks} {lack}"])


@pytest.mark.parametrize(
    ("layer", "lack"),
    [
        (tar_of({"app/start": elf_file()}), None),
        (tar_of({"app/start": elf_file()}, mode=0o644), " nobody may execute"),
        (tar_of({"app/start": b"exec python"}), " is neither ELF nor a script that names what runs it"),
        (tar_of({"app/start": b"#!/bin/bash"}), " is a script for /bin/bash, which is not there"),
    ],
    ids=["whole", "mode", "text", "runner"],
)
def test_a_program_of_a_finished_layer_that_cannot_be_started_is_told(
    layer: bytes,
    lack: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    enter_image_project(tmp_path, monkeypatch)
    assert _with_layer({}, layer) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "containers start" in line]
    wanted = f"warning: linux/arm64: the program '/app/start', which containers start,{lack}"
    assert told == ([] if lack is None else [wanted])


@pytest.mark.parametrize(
    ("layer", "code"),
    [
        (tar_of({"lib/ld-linux-aarch64.so.1": elf_file()}), 0),
        (tar_of({"lib/ld-linux-aarch64.so.1": b"no ELF"}), 8),
        (tar_of({"srv/a": b""}), 8),
    ],
    ids=["brought", "text", "missing"],
)
def test_a_bases_python_may_ask_for_the_loader_of_a_finished_layer(
    layer: bytes,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    enter_image_project(tmp_path, monkeypatch)
    python = {"usr/bin/python3.11": elf_file(interpreter="/lib/ld-linux-aarch64.so.1")}
    assert _with_layer(python, layer) == code
    told = "its Python /usr/bin/python3.11 asks for the program loader /lib/ld-linux-aarch64.so.1, which is"
    assert (told in capsys.readouterr().err) is (code != 0)


_LIBC = "usr/lib/aarch64-linux-gnu/libc.so.6"
_FOLDER = "usr/lib/aarch64-linux-gnu"
_NO_MORE = "cannot use layer 'layer.tar': with it the base image 'own' does not serve any more: "


@pytest.mark.parametrize(
    ("base", "layer", "said"),
    [
        ({}, {_LIBC: libc("aarch64", "2.36")}, ""),
        (
            {},
            {_LIBC: libc("aarch64", "2.17")},
            f"{_NO_MORE}it has glibc 2.17, and the wheels of cp311-linux_aarch64_glibc_2_28 may need glibc 2.28; ",
        ),
        (
            {},
            {"usr/lib/aarch64-linux-gnu/.wh.libc.so.6": b""},
            f"{_NO_MORE}it has no glibc in ",
        ),
        ({}, {_LIBC: b"text"}, f"{_NO_MORE}it has no glibc in "),
        ({_LIBC: b"none"}, {_LIBC: libc("aarch64", "2.36")}, ""),
        (
            {_LIBC: b"none"},
            {"srv/a": b""},
            "cannot use base image 'own': it has no glibc in ",
        ),
        (
            {},
            {"usr/bin/.wh.python3.11": b""},
            (
                f"{_NO_MORE}its /usr/bin/python3.11 is no program: nobody may execute it, or it is neither ELF nor a script that names "
                "what runs it; take out of the layer what replaces or removes that, or leave it away"
            ),
        ),
    ],
    ids=["same", "older", "removed", "text", "brought", "lacking", "python"],
)
def test_a_finished_layer_may_bring_what_the_base_needs_and_not_take_it_away(
    base: dict[str, bytes],
    layer: dict[str, bytes],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    enter_image_project(tmp_path, monkeypatch)
    code = _with_layer(base, tar_of(layer))
    told = capsys.readouterr().err
    assert (code != 0) is bool(said), told
    assert said in told


_LOADER = f"{_FOLDER}/ld-linux-aarch64.so.1"
#: A base whose glibc is newer than the target needs, and all of it.
_WHOLE = {
    "usr/bin/python3.11": elf_file(interpreter=f"/{_LOADER}"),
    _LOADER: elf_file(),
    _LIBC: libc("aarch64", "2.36"),
    f"{_FOLDER}/libm.so.6": elf_file(),
}


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (tar_of({_LIBC: libc("aarch64", "2.41")}), ""),
        (
            tar_of({_LIBC: libc("aarch64", "2.31")}),
            f"{_NO_MORE}it has glibc 2.31, and its own programs were made for 2.36; ",
        ),
        (
            tar_of({f"{_FOLDER}/.wh.libm.so.6": b""}),
            f"{_NO_MORE}it has no /{_FOLDER}/libm.so.6 any more, which is a part of its C library; ",
        ),
        (tar_of({f"{_FOLDER}/libc-2.31.so": libc("aarch64", "2.31")}), ""),
        (tar_of({"usr/lib/libc.so.6": libc("aarch64", "2.17")}), ""),
        (
            tar_of([("opt/glibc/libc.so.6", libc("aarch64", "2.36")), link(_LIBC, "/opt/glibc/libc.so.6")]),
            "",
        ),
    ],
    ids=["newer", "older", "part", "left over", "elsewhere", "linked"],
)
def test_the_c_library_that_counts_is_the_one_beside_the_loader_and_does_not_become_less(
    layer: bytes,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    enter_image_project(tmp_path, monkeypatch)
    code = _with_layer(_WHOLE, layer)
    told = capsys.readouterr().err
    assert (code != 0) is bool(said), told
    assert said in told


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ({_LIBC: libc("aarch64", "2.36")}, ""),
        ({_LIBC: libc("aarch64", "2.17")}, "it has glibc 2.17, and the wheels of "),
        ({"usr/lib/aarch64-linux-gnu/.wh.libc.so.6": b""}, "it has no glibc in "),
    ],
    ids=["same", "older", "removed"],
)
def test_a_finished_layer_does_not_take_away_the_c_library_of_a_base_lock(
    layer: dict[str, bytes],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    enter_image_project(tmp_path, monkeypatch)
    archive = Path("python.tar")
    archive.write_bytes(tar_of({"python/bin/python3.11": elf_file()}))
    package = debian_package(Path("libc6_2.36_arm64.deb"), {_LIBC: b"named by the lock"})
    python, system = (
        Artifact(sha256=digest_of_file(path), filename=path.name, path=path.name)
        for path in (archive, package)
    )
    base = LockedBase(
        platform="linux/arm64",
        python=ARM.python,
        glibc=Glibc(major=2, minor=36),
        origin="Debian bookworm arm64 20261101T000000Z",
        index=python.sha256,
        system=(BasePackage(name="libc6", version="2.36-9", artifact=system.sha256),),
        standalone=python.sha256,
    )
    lock = BaseLock(artifacts={one.sha256: one for one in (python, system)}, bases=(base,))
    Path("base.lock.json").write_bytes(base_lock_to_json(lock))
    Path("layer.tar").write_bytes(tar_of(layer))
    code = main(["image", "dist", "--base", "base.lock.json", "-o", "image", "--layer", "layer.tar"])
    told = capsys.readouterr().err
    assert (code != 0) is bool(said), told
    assert (_NO_MORE.replace("'own'", "'base.lock.json'") + said in told) is bool(said)


@pytest.mark.parametrize(
    "path", ["lib64/ld-linux-x86-64.so.2", "lib/libfoo.so.1", "srv/tool", "srv/libfoo.a"]
)
def test_a_loader_or_a_library_for_another_machine_in_a_finished_layer_is_refused(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    enter_image_project(tmp_path, monkeypatch)
    other = elf_file("x86_64")
    if path.endswith(".a"):
        other = b"!<arch>\n" + f"{'x.o/':<48}{len(other):<10}`\n".encode() + other + bytes(len(other) % 2)
    assert _with_layer({}, tar_of({path: other})) == 8
    assert (
        "it is a binary for x86_64 (64-bit, little-endian), the target is aarch64" in capsys.readouterr().err
    )
    assert not Path("image").exists()


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ([_WHOLE], ""),
        ([{"srv/later": b""}], ""),
        (
            [_WHOLE, {_LIBC: libc("aarch64", "2.31")}],
            (
                "cannot use layer 'layer-1.tar': with it the base image 'scratch' does not serve any more: it has glibc 2.31, and its own "
                "programs were made for 2.36; "
            ),
        ),
        (
            [_WHOLE | {_LIBC: libc("aarch64", "2.17")}],
            (
                "cannot use layer 'layer-0.tar': with it the base image 'scratch' does not serve any more: it has glibc 2.17, and the "
                "wheels of "
            ),
        ),
        ([_WHOLE, {f"{_FOLDER}/.wh.libc.so.6": b""}], "cannot use layer 'layer-1.tar': "),
        ([{"srv/a": b""}, _WHOLE, {"usr/bin/.wh.python3.11": b""}], "cannot use layer 'layer-2.tar': "),
    ],
    ids=["whole", "later", "older", "too old", "removed", "python"],
)
def test_a_system_that_layers_bring_is_judged_like_a_base(
    layers: list[dict[str, bytes]],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    enter_image_project(tmp_path, monkeypatch)
    words = ["image", "dist", "--base", "scratch", "--interpreter", "/usr/bin/python3.11", "-o", "image"]
    for number, layer in enumerate(layers):
        Path(f"layer-{number}.tar").write_bytes(tar_of(layer))
        words += ["--layer", f"layer-{number}.tar"]
    code = main(words)
    told = capsys.readouterr().err
    assert (code != 0) is bool(said), told
    assert said in told


def test_what_a_base_lock_names_by_its_path_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    enter_image_project(tmp_path, monkeypatch)
    words = ["image", "dist", "-o", "image", "--interpreter", "/usr/bin/python3.11", "--base"]
    assert main([*words, "scratch"]) == 0
    archive = Path("image/python.tar")
    archive.write_bytes(tar_of({"python/bin/python3.11": elf_file()}))
    pin = Artifact(sha256=digest_of_file(archive), filename=archive.name, path=str(archive))
    base = LockedBase(
        platform="linux/arm64",
        python=ARM.python,
        glibc=Glibc(major=2, minor=36),
        origin="Debian bookworm arm64 20261101T000000Z",
        index=pin.sha256,
        system=(),
        standalone=pin.sha256,
    )
    lock = BaseLock(artifacts={pin.sha256: pin}, bases=(base,))
    Path("base.lock.json").write_bytes(base_lock_to_json(lock))
    assert main([*words, "base.lock.json"]) == 12
    assert (
        "image/python.tar, which it is made from, lies in it and would be lost; " in capsys.readouterr().err
    )
    assert archive.is_file()
