"""Layers of AWS Lambda: the same files as an installed tree, within Lambda's limits, the same bytes every time."""

from __future__ import annotations

import json
import os
import resource
import stat
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from checked_wheels import wheel
from crosswheel.act.layers import lambda_layer, spliced_zip
from crosswheel.act.layers.lambda_layer import LambdaLayer, write_lambda_layer
from crosswheel.act.storage.stored_files import digest_of_file
from crosswheel.act.target_wheels import CheckedWheel, TargetWheels
from crosswheel.act.wheels.repository import RepositoryWheel, write_repository
from crosswheel.act.wheels.tree import TREE_MARKER, install_wheels
from crosswheel.command_line.main import main
from crosswheel.decide.images.lambda_runtimes import LARGEST_UNPACKED, lambda_runtime, too_new_faults
from crosswheel.decide.plans.plan_json import plan_to_json
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.values.digests import digest_of
from crosswheel.values.errors import InputError, OutputError
from elf_files import extension_module
from installing import ARM, ENTRY_POINTS, PROGRAMS, files_of
from made_wheels import make_wheel
from plan_values import whole_plan


def layer_of(
    tmp_path: Path, *wheels: Path, target: Target = ARM, limit: int = LARGEST_UNPACKED
) -> LambdaLayer:
    checked = tuple(CheckedWheel(path=path, sha256=digest_of_file(path)) for path in wheels)
    return write_lambda_layer(
        TargetWheels(target=target, wheels=checked), tmp_path / "layer.zip", limit=limit
    )


def demo(tmp_path: Path, **options: object) -> Path:
    files = {**PROGRAMS, "demo/ä.txt": b"text " * 100, "demo-1.0.dist-info/entry_points.txt": ENTRY_POINTS}
    return make_wheel(tmp_path / "wheels", files=files, executable=["demo.py"], **options)  # type: ignore[arg-type]


def test_it_holds_the_files_of_an_installed_tree_with_their_modes(tmp_path: Path) -> None:
    wheel = demo(tmp_path)
    layer_of(tmp_path, wheel)
    install_wheels([wheel], tmp_path / "site", target=ARM)
    with zipfile.ZipFile(tmp_path / "layer.zip") as archive:
        assert archive.testzip() is None
        found = {one.filename: (archive.read(one), one.external_attr >> 16) for one in archive.infolist()}
    expected = {
        f"python/{name}": (
            (tmp_path / "site" / name).read_bytes(),
            0o100000 | ((tmp_path / "site" / name).stat().st_mode & 0o777),
        )
        for name in files_of(tmp_path / "site")
        if name != TREE_MARKER
    }
    assert found == expected


def test_members_are_taken_over_as_they_are_compressed(tmp_path: Path) -> None:
    wheel = demo(tmp_path)
    layer_of(tmp_path, wheel)
    with zipfile.ZipFile(wheel) as before, zipfile.ZipFile(tmp_path / "layer.zip") as after:
        one, other = before.getinfo("demo/ä.txt"), after.getinfo("python/demo/ä.txt")
        assert (one.CRC, one.compress_size, one.file_size) == (
            other.CRC,
            other.compress_size,
            other.file_size,
        )
    assert other.date_time == (1980, 1, 1, 0, 0, 0)


def test_the_same_wheels_make_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    wheels = [demo(tmp_path), make_wheel(tmp_path / "wheels", name="other")]
    first = layer_of(tmp_path, *wheels)
    assert layer_of(tmp_path, *wheels[::-1]).digest == first.digest


def test_files_that_two_wheels_bring_stand_once(tmp_path: Path) -> None:
    wheels = [
        make_wheel(
            tmp_path / "wheels", name=name, files={"shared/__init__.py": b"", f"shared/{name}.py": b""}
        )
        for name in ("one", "two")
    ]
    assert layer_of(tmp_path, *wheels).files == len(zipfile.ZipFile(tmp_path / "layer.zip").namelist())


def test_wheels_that_disagree_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    wheels = [
        make_wheel(tmp_path / "wheels", name=name, files={"shared.py": name.encode()})
        for name in ("one", "two")
    ]
    with pytest.raises(InputError) as caught:
        layer_of(tmp_path, *wheels)
    assert str(caught.value) == (
        "cannot install file 'shared.py': one-1.0-py3-none-any.whl and two-1.0-py3-none-any.whl both bring it, with "
        "different content; leave one of them out"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["wheels"]


def test_a_file_that_is_no_layer_is_not_overwritten(tmp_path: Path) -> None:
    wheel, place = demo(tmp_path), tmp_path / "layer.zip"
    for other in (b"{}", wheel.read_bytes()):
        place.write_bytes(other)
        with pytest.raises(OutputError, match="another file is there, no Lambda layer"):
            layer_of(tmp_path, wheel)
        assert place.read_bytes() == other
    place.write_bytes(b"")
    first = layer_of(tmp_path, wheel)
    assert layer_of(tmp_path, wheel) == first


@pytest.mark.parametrize("name", ["layer.tar.gz", "layer.TAR"])
def test_a_name_of_another_archive_is_refused(name: str, tmp_path: Path) -> None:
    wheels = TargetWheels(target=ARM, wheels=())
    with pytest.raises(OutputError) as caught:
        write_lambda_layer(wheels, tmp_path / name)
    assert str(caught.value) == (
        f"cannot write Lambda layer '{tmp_path / name}': it is a zip archive, and {Path(name).suffix} is how another archive's name "
        "ends; name it layer.zip, for example"
    )
    assert [*tmp_path.iterdir()] == []


def test_a_folder_is_no_place_for_a_layer(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        write_lambda_layer(TargetWheels(target=ARM, wheels=()), tmp_path)
    assert str(caught.value) == (
        f"cannot write Lambda layer '{tmp_path}': it is a zip archive, and a folder is there; name a file, for example "
        f"{tmp_path}/layer.zip"
    )


def test_a_limit_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot limit a layer to '-1': it is no number of bytes"):
        layer_of(tmp_path, demo(tmp_path), limit=-1)
    assert not (tmp_path / "layer.zip").exists()


def test_more_than_lambda_takes_is_made_where_it_was_asked_for_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lambda_layer, "LARGEST_UNPACKED", 10)
    layer = layer_of(tmp_path, demo(tmp_path), limit=1 << 30)
    assert layer.notes == (
        f"Lambda takes 10 bytes for a function and all its layers, this one has {layer.unpacked} unpacked",
    )


def test_it_may_be_read_by_everybody_whatever_the_umask(tmp_path: Path) -> None:
    umask = os.umask(0o077)
    try:
        layer_of(tmp_path, demo(tmp_path))
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "layer.zip").stat().st_mode) == 0o644


def test_what_is_larger_than_lambda_takes_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "wheels", files={"demo.py": b"x" * 2_000_000})
    with pytest.raises(InputError) as caught:
        layer_of(tmp_path, wheel, limit=1000)
    assert str(caught.value).startswith("cannot make a Lambda layer of '1 wheel': they are 2000")
    assert str(caught.value).endswith(
        "bytes unpacked, and may be 1000: Lambda takes 262144000 for a function and all its layers; the largest are "
        "demo-1.0-py3-none-any.whl (2.0 MB); leave some out, or ship an image (`crosswheel image`)"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["wheels"]


@pytest.mark.parametrize("tag", ["linux_aarch64", "manylinux_2_17_aarch64"])
def test_what_the_binaries_need_counts_whatever_the_name_says(tmp_path: Path, tag: str) -> None:
    module = {"demo/fast.cpython-311-aarch64-linux-gnu.so": extension_module("fast", glibc="2.28")}
    own = wheel(tmp_path / "wheels", module, tag=f"cp311-cp311-{tag}")
    with pytest.raises(InputError) as caught:
        layer_of(tmp_path, own)
    assert str(caught.value) == (
        f"cannot put into a Lambda layer '{own.name}': demo/fast.cpython-311-aarch64-linux-gnu.so: it needs memcpy@GLIBC_2.28 of "
        "libc.so.6, which is first in manylinux_2_28; the target has glibc 2.26, and python3.11 runs on Amazon Linux 2 with glibc 2.26; "
        "plan for manylinux_2_26_aarch64, or for a newer Python"
    )
    assert not (tmp_path / "layer.zip").exists()
    module = {"demo/fast.cpython-311-aarch64-linux-gnu.so": extension_module("fast", glibc="2.26")}
    layer_of(tmp_path, wheel(tmp_path / "older", module, tag=f"cp311-cp311-{tag}"))


def test_an_archive_too_large_for_an_upload_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambda_layer, "LARGEST_UPLOAD", 10)
    layer = layer_of(tmp_path, demo(tmp_path))
    assert layer.notes == (f"Lambda takes archives over 10 bytes from S3 only, this one has {layer.size}",)


def test_more_files_than_an_archive_holds_are_refused_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spliced_zip, "_MOST_MEMBERS", 2)
    with pytest.raises(InputError) as error:
        layer_of(tmp_path, demo(tmp_path))
    assert str(error.value).startswith(f"cannot write zip archive '{tmp_path / 'layer.zip'}': ")
    assert [path.name for path in tmp_path.iterdir()] == ["wheels"]


def test_more_wheels_than_files_may_be_open_are_taken(tmp_path: Path) -> None:
    wheels = [make_wheel(tmp_path / "wheels", name=f"demo{number}") for number in range(40)]
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len([*Path("/proc/self/fd").iterdir()]) + 20, before[1]))
    try:
        assert len(layer_of(tmp_path, *wheels).wheels) == 40
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize(
    ("target", "name", "architecture", "glibc"),
    [
        ("cp311-linux_aarch64_glibc_2_28", "python3.11", "arm64", "2.26"),
        ("cp312-linux_x86_64_glibc_2_28", "python3.12", "x86_64", "2.34"),
        ("cp314-linux_aarch64_glibc_2_17", "python3.14", "arm64", "2.34"),
    ],
)
def test_the_runtime_follows_from_the_target(target: str, name: str, architecture: str, glibc: str) -> None:
    runtime = lambda_runtime(parse_target_id(target))
    found = f"{runtime.glibc.major}.{runtime.glibc.minor}"
    assert (runtime.name, runtime.architecture, found) == (name, architecture, glibc)


_NO_LAMBDA = (
    "Lambda runs on Linux with glibc, on x86_64 and arm64; name a target such as linux_arm64 or linux_amd64"
)


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("cp311-linux_aarch64_musl_1_2", _NO_LAMBDA),
        ("cp311-linux_armv7l_glibc_2_28", _NO_LAMBDA),
        ("cp311-windows_x86_64", _NO_LAMBDA),
        (
            "cp313t-linux_x86_64_glibc_2_28",
            "Lambda's Python has another ABI than cp313t; plan for it with --python 3.13",
        ),
    ],
)
def test_a_target_that_lambda_has_no_runtime_for_is_refused(target: str, why: str) -> None:
    with pytest.raises(InputError) as caught:
        lambda_runtime(parse_target_id(target))
    assert str(caught.value) == f"cannot make a Lambda layer for '{target}': {why}"


def test_a_plan_for_no_runtime_is_refused_before_anything_is_fetched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = whole_plan()
    _, pure = plan.targets[0].wheels
    musl = replace(plan.targets[0], target=parse_target_id("cp311-linux_aarch64_musl_1_2"), wheels=(pure,))
    path = tmp_path / "wheels.plan.json"
    path.write_bytes(plan_to_json(replace(plan, targets=(musl,), builds={})))
    arguments = [
        "lambda",
        str(path),
        "-o",
        str(tmp_path / "layer.zip"),
        "--cache-dir",
        str(tmp_path / "store"),
    ]
    assert main(arguments) == InputError.exit_code
    assert "Lambda runs on Linux with glibc, on x86_64 and arm64" in capsys.readouterr().err


def test_a_wheel_for_newer_systems_than_the_runtime_is_refused() -> None:
    runtime = lambda_runtime(ARM)
    names = [
        "old-1-cp311-cp311-manylinux2014_aarch64.manylinux_2_17_aarch64.manylinux_2_28_aarch64.whl",
        "pure-1-py3-none-any.whl",
        "new-1-cp311-cp311-manylinux_2_28_aarch64.whl",
    ]
    (fault,) = too_new_faults(names, runtime)
    assert str(fault) == (
        "cannot put into a Lambda layer 'new-1-cp311-cp311-manylinux_2_28_aarch64.whl': it needs glibc 2.28, and "
        "python3.11 runs on Amazon Linux 2 with glibc 2.26; plan for manylinux_2_26_aarch64, or for a newer Python"
    )


def test_the_command_says_what_the_layer_is_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wheel = demo(tmp_path)
    write_repository(
        tmp_path / "dist",
        target=ARM,
        wheels=[RepositoryWheel(path=wheel, sha256=digest_of_file(wheel), origin="built")],
        plan_digest=digest_of(b"plan"),
    )
    output = tmp_path / "layer.zip"
    assert main(["lambda", str(tmp_path / "dist"), "-t", "linux_arm64", "-o", str(output)]) == 0
    assert capsys.readouterr().err == (
        f"{output}: 1 wheel for python3.11 on arm64 (Amazon Linux 2), 0.0 MB, 0.0 MB unpacked\n"
    )
    assert main(["lambda", str(tmp_path / "dist"), "-o", str(output), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sha256"] == digest_of_file(output).hex
    assert (told["compatible_runtimes"], told["compatible_architectures"]) == (["python3.11"], ["arm64"])
