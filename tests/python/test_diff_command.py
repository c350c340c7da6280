"""``crosswheel diff``: what differs between two plans, wheels or images, in lines that people read."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crosswheel.command_line.main import main
from crosswheel.decide.plans.plan import Plan, PlannedBuild
from crosswheel.decide.plans.plan_json import plan_to_json
from crosswheel.target.targets import parse_target_id
from layout_files import LayoutMaker, tar_of
from made_wheels import make_wheel, stored
from plan_values import AMD64, ARM64, artifact, digest, whole_plan

Told = Callable[[Path, Path], list[str]]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """Return a function from two things to the lines that tell what differs."""

    def lines(old: Path, new: Path) -> list[str]:
        assert main(["diff", str(old), str(new)]) == 0
        return capsys.readouterr().out.splitlines()

    return lines


def plans(folder: Path, old: Plan, new: Plan) -> tuple[Path, Path]:
    """Write two plans."""
    paths = folder / "old.json", folder / "new.json"
    for path, plan in zip(paths, (old, new), strict=True):
        path.write_bytes(plan_to_json(plan))
    return paths


def with_build(build: PlannedBuild) -> Plan:
    return replace(whole_plan(), builds={build.id: build})


def test_a_plan_is_the_same_as_itself(told: Told, tmp_path: Path) -> None:
    assert told(*plans(tmp_path, whole_plan(), whole_plan())) == []


def test_packages_come_go_and_change(told: Told, tmp_path: Path) -> None:
    plan = whole_plan()
    newer = artifact("idna-3.11-py3-none-any.whl", "idna")
    (target,) = plan.targets
    fast, idna = target.wheels
    wheels = fast, replace(idna, version="3.11", artifact=newer.sha256)
    changed = replace(
        plan, artifacts={**plan.artifacts, newer.sha256: newer}, targets=(replace(target, wheels=wheels),)
    )
    old = f"3.10, idna-3.10-py3-none-any.whl {idna.artifact.hex[:12] if idna.artifact else ''}"
    new = f"3.11, idna-3.11-py3-none-any.whl {newer.sha256.hex[:12]}"
    assert told(*plans(tmp_path, plan, changed)) == [ARM64.id, f"    idna: {old} -> {new}"]
    without = replace(plan, targets=(replace(target, wheels=(fast,)),))
    assert told(*plans(tmp_path, plan, without)) == [ARM64.id, f"  - idna: {old}"]
    assert told(*plans(tmp_path, without, plan)) == [ARM64.id, f"  + idna: {old}"]


def test_a_build_tells_what_it_is_built_with(told: Told, tmp_path: Path) -> None:
    plan = whole_plan()
    (build,) = plan.builds.values()
    environment = build.environments[AMD64.id]
    newer = artifact("setuptools-81.0-py3-none-any.whl", "setuptools")
    changed = replace(
        build,
        environment={"FAST_USE_SIMD": "0"},
        downloads=(),
        environments={
            AMD64.id: replace(environment, requirements=(environment.requirements[0], newer.sha256))
        },
        inputs=digest("others"),
    )
    new = replace(plan, builds={build.id: changed}, artifacts={**plan.artifacts, newer.sha256: newer})
    assert told(*plans(tmp_path, plan, new)) == [
        ARM64.id,
        f"  - fast, downloads: parts-1.tar.gz {digest('parts-1.tar.gz').hex[:12]}",
        "    fast, build requirement setuptools: 80.0 -> 81.0",
        "    fast, variable FAST_USE_SIMD: 1 -> 0",
    ]


def test_targets_and_inputs_are_told(told: Told, tmp_path: Path) -> None:
    plan = whole_plan()
    planned = plan.targets[0]
    pure = tuple(wheel for wheel in planned.wheels if wheel.build is None)
    added = replace(planned, target=parse_target_id("cp311-linux_aarch64_glibc_2_31"), wheels=pure)
    other = replace(plan, targets=(*plan.targets, added), inputs={**plan.inputs, "lock": digest("new lock")})
    lines = told(*plans(tmp_path, other, plan))
    assert lines[0] == f"  input lock: {digest('new lock').hex[:12]} -> {digest('lock').hex[:12]}"
    assert lines[1:] == [added.target.id, "  - target: 1 wheel"]


def test_wheels_are_compared_file_by_file_and_line_by_line(told: Told, tmp_path: Path) -> None:
    old = make_wheel(tmp_path / "old", files={"demo.py": b"A = 1\nB = 2\n", "gone.py": b"x"})
    new = make_wheel(tmp_path / "new", files={"demo.py": b"A = 1\nB = 3\nC = 4\n", "_x.so": b"\x7fELF\0\1"})
    lines = told(old, new)
    assert "+ _x.so: 6 bytes" in lines
    assert "- gone.py: 1 bytes" in lines
    assert "  demo.py: 12 bytes -> 18 bytes" in lines
    assert lines[lines.index("demo.py") + 1 :][:3] == [
        "  - line: B = 2",
        "  + line: B = 3",
        "  + line: C = 4",
    ]


def test_wheels_of_equal_files_tell_why_their_digests_differ(told: Told, tmp_path: Path) -> None:
    old, new = make_wheel(tmp_path / "old"), make_wheel(tmp_path / "new", executable=["demo.py"])
    assert told(old, new) == ["demo.py", "    mode: 100644 -> 100755"]
    with zipfile.ZipFile(old) as archive, zipfile.ZipFile(tmp_path / "both.whl", "w") as other:
        for info in archive.infolist()[::-1]:
            data = archive.read(info)
            if info.filename.endswith(("METADATA", "WHEEL")):
                info.date_time, info.external_attr = (2025, 1, 1, 0, 0, 0), 0o100755 << 16
            other.writestr(info, data)
    assert [line for line in told(old, tmp_path / "both.whl") if "order" not in line] == [
        "demo-1.0.dist-info/METADATA",
        "    time: 2024-01-01 00:00:00 -> 2025-01-01 00:00:00",
        "    mode: 100644 -> 100755",
        "demo-1.0.dist-info/WHEEL",
        "    time: 2024-01-01 00:00:00 -> 2025-01-01 00:00:00",
        "    mode: 100644 -> 100755",
    ]
    new = stored(make_wheel(tmp_path / "new"))
    assert "  method of 4 files: deflated -> stored" in told(old, new)
    assert told(old, old) == []


def test_wheels_of_equal_files_and_facts_differ_in_their_compression(told: Told, tmp_path: Path) -> None:
    old = make_wheel(tmp_path / "old", files={"demo.py": bytes(range(200)) * 99})
    with zipfile.ZipFile(old) as archive:
        content = {info: archive.read(info) for info in archive.infolist()}
    new = tmp_path / "new" / old.name
    new.parent.mkdir()
    with zipfile.ZipFile(new, "w") as archive:
        for info, data in content.items():
            archive.writestr(info, data, zipfile.ZIP_DEFLATED, compresslevel=1)
    heading, line = told(old, new)
    assert (heading, line.partition(": ")[0]) == ("demo.py", "    compressed data")


def test_images_are_compared_by_configuration_and_by_the_files_of_changed_layers(
    told: Told, tmp_path: Path
) -> None:
    layouts = []
    for name, env, files in (
        ("old", "A=1", {"app/main.py": b"print(1)\n", "app/gone": b""}),
        ("new", "A=2", {"app/main.py": b"print(22)\n"}),
    ):
        maker = LayoutMaker(tmp_path / name)
        image = maker.image(tar_of({"base": b"same"}), tar_of(files), settings={"Env": [env, "B=1"]})
        layouts.append(maker.write(image))
    lines = told(*layouts)
    assert lines[:3] == [
        "linux/arm64",
        "    Env.A: A=1 -> A=2",
        "    layers: 2 layers, 1 of them not in the other -> 2 layers, 1 of them not in the other",
    ]
    assert [line.partition(": ")[0] for line in lines[3:]] == ["  - app/gone", "    app/main.py"]
    assert ", 9 bytes " in lines[4]
    assert told(layouts[0], layouts[0]) == []


def test_things_of_two_kinds_are_not_compared(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    wheel, plan = make_wheel(tmp_path), tmp_path / "plan.json"
    plan.write_text("{}")
    assert main(["diff", str(wheel), str(plan)]) == 3
    assert "it is a plan, and " in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["nothere", "nothere.whl", "nothere.json"])
def test_what_is_not_there_is_of_no_kind(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, missing: str
) -> None:
    wheel = str(make_wheel(tmp_path))
    for both in ((missing, wheel), (wheel, missing)):
        assert main(["diff", *both]) == 3
        assert f"cannot compare '{missing}': there is no such file or folder; " in capsys.readouterr().err


def test_another_file_is_none_of_them(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = tmp_path / "README.md"
    text.write_text("# A text\n")
    assert main(["diff", str(text), str(text)]) == 3
    assert (
        f"cannot compare '{text}': it is neither a plan, a wheel nor an image layout; "
        in capsys.readouterr().err
    )


def test_a_damaged_configuration_of_an_image_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    maker = LayoutMaker(tmp_path / "image")
    config = maker.blob(b"[", "application/vnd.oci.image.config.v1+json")
    manifest = {"schemaVersion": 2, "config": config, "layers": []}
    layout = maker.write(maker.document(manifest, "manifest.v1+json"))
    assert main(["diff", str(layout), str(layout)]) == 3
    assert ": cannot read image: it is not JSON: " in capsys.readouterr().err
    (layout / "blobs" / config["digest"].replace(":", "/")).write_bytes(b"{}")
    assert main(["diff", str(layout), str(layout)]) == 3
    assert f"the blob {config['digest']} has the digest sha256:" in capsys.readouterr().err


def test_a_folder_that_is_no_layout_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["diff", str(tmp_path), str(tmp_path)]) == 3
    assert (
        f"cannot compare '{tmp_path}': it is neither a plan, a wheel nor an image layout; give two plans, two wheels"
        in capsys.readouterr().err
    )
    (tmp_path / "oci-layout").write_text("{}")
    assert main(["diff", str(tmp_path), str(tmp_path)]) == 3
    assert (
        f"cannot compare image '{tmp_path}': it is no OCI layout: it has no index.json; "
        in capsys.readouterr().err
    )


@pytest.mark.parametrize("name", ["no.whl", "no.json", "no"])
def test_what_is_not_there_is_told(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["diff", str(tmp_path / name), str(tmp_path / name)]) == 3
    assert str(tmp_path / name) in capsys.readouterr().err


def test_tools_read_each_difference(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    old, new = make_wheel(tmp_path / "old"), make_wheel(tmp_path / "new", executable=["demo.py"])
    assert main(["diff", str(old), str(new), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "differences": [{"where": "demo.py", "what": "mode", "old": "100644", "new": "100755"}]
    }
