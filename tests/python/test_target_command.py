"""``crosswheel target``: data on standard output, words on standard error, JSON on demand."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from crosswheel.command_line.commands import command_parser
from crosswheel.command_line.console import Terminal, Verbosity
from crosswheel.target.complete_platform import complete_platform_to_json
from crosswheel.target.support import FAMILIES
from crosswheel.target.tags import supported_tags
from crosswheel.target.targets import parse_target_id
from crosswheel.values.errors import InputError

GOLDEN = Path(__file__).parent.parent / "golden"
GLIBC_RULE = "note: linux_arm64 is cp312-linux_aarch64_glibc_2_28: a Linux name without a C library means glibc 2.28, or the architecture's oldest if that is newer\n"
PYTHON_RULE = (
    "note: without --python the target's Python is this interpreter's X.Y, "
    f"{sys.version_info.major}.{sys.version_info.minor}\n"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    out: str
    err: str


def run(*words: str) -> Said:
    out, err = io.StringIO(), io.StringIO()
    console = Terminal(verbosity=Verbosity.NORMAL, out=out, err=err, live=False)
    parsed = command_parser("target").parse_args(["target", *words])
    assert parsed.run(parsed, console) == 0
    return Said(out=out.getvalue(), err=err.getvalue())


def test_list_has_a_line_for_every_family() -> None:
    lines = run("list").out.splitlines()
    assert lines[0].split() == ["NAME", "PLATFORM", "SUPPORT"]
    assert [line.split()[1] for line in lines[1:]] == [platform.id for platform in FAMILIES]


def test_list_says_what_can_be_done() -> None:
    support = {row["name"]: row["support"] for row in json.loads(run("list", "--json").out)}
    assert support["linux_arm64"] == "select, cross build"
    assert support["windows_amd64"] == "select, cross build"
    assert support["windows_386"] == "select"


def test_a_patch_number_is_told_to_count_for_nothing() -> None:
    told = "note: of Python 3.12.4 only 3.12 counts, markers and requires-python are compared with 3.12.0\n"
    assert run("markers", "win32", "--python", "3.12.4").err == told


def test_show_prints_every_name_and_the_rules() -> None:
    said = run("show", "linux_arm64", "--python", "3.12")
    assert said.out == (GOLDEN / "target_command" / "show_linux_arm64.txt").read_text()
    assert said.err == GLIBC_RULE


def test_show_says_what_a_name_means_that_leaves_the_version_open() -> None:
    out = run("show", "macosx_14_0_arm64", "--python", "3.13t").out
    assert "    GNU:         aarch64-apple-darwin  (alone it means macos_aarch64_13_0)\n" in out
    assert "    wheel tag:   macosx_14_0_arm64\n" in out


def test_without_python_this_interpreters_is_used_and_said() -> None:
    said = run("show", "win_amd64")
    assert said.out.startswith(f"cp{sys.version_info.major}{sys.version_info.minor}-windows_x86_64\n")
    assert said.err == PYTHON_RULE


def test_an_id_needs_no_python() -> None:
    said = run("show", "cp313t-linux_aarch64_glibc_2_28")
    assert said.out.startswith("cp313t-linux_aarch64_glibc_2_28\n")
    assert said.err == ""


def test_show_json_has_the_names_rule_tags_and_constraints() -> None:
    value = json.loads(run("show", "linux_arm64", "--python", "3.12", "--json").out)
    assert value["id"] == "cp312-linux_aarch64_glibc_2_28"
    assert value["typed"] == "linux_arm64"
    assert value["rule"].startswith("a Linux name without a C library")
    assert value["spellings"]["zig"] == "aarch64-linux-gnu.2.28"
    assert value["bazel_constraints"] == ["@platforms//os:linux", "@platforms//cpu:aarch64"]
    assert value["platform_tags"][:2] == ["linux_aarch64", "manylinux_2_28_aarch64"]


def test_tags_prints_one_tag_a_line_best_first() -> None:
    target = parse_target_id("cp312-windows_x86_64")
    expected = [str(tag) for tag in supported_tags(target)]
    assert run("tags", target.id).out.splitlines() == expected
    assert json.loads(run("tags", target.id, "--json").out) == expected


def test_markers_marks_what_depends_on_the_machine() -> None:
    assert (
        run("markers", "cp312-linux_armv7l_glibc_2_28").out
        == (GOLDEN / "target_command" / "markers_linux_armv7l.txt").read_text()
    )


def test_markers_json_names_what_is_unknowable() -> None:
    value = json.loads(run("markers", "cp312-macos_aarch64_14_0", "--json").out)
    assert value["markers"]["platform_release"] == "23.0.0"
    assert value["unknowable"] == ["platform_release", "platform_version"]


def test_export_writes_a_complete_platform() -> None:
    target = parse_target_id("cp312-linux_aarch64_glibc_2_28")
    expected = complete_platform_to_json(target, python_full_version="3.12.7")
    assert json.loads(run("export", target.id, "--python-full-version", "3.12.7").out) == expected


def test_import_prints_the_target_of_a_file() -> None:
    said = run("import", str(GOLDEN / "complete_platforms" / "interpreter_inspect.json"))
    assert said == Said(out="cp311-linux_aarch64_glibc_2_26\n", err="")


def test_import_says_how_the_file_differs(tmp_path: Path) -> None:
    file = tmp_path / "platform.json"
    file.write_text(
        json.dumps(
            {
                "marker_environment": {"os_name": "strange"},
                "compatible_tags": ["cp312-cp312-win_amd64", "cp312-cp312-win_new"],
            }
        )
    )
    said = run("import", str(file))
    assert said.out == "cp312-windows_x86_64\n"
    assert said.err.splitlines() == [
        "compared with that target the file lacks 41 tags, the first is cp312-abi3-win_amd64",
        "compared with that target the file adds 1 tag, the first is cp312-cp312-win_new",
        "the file says os_name is 'strange', the target 'nt'",
    ]
    value = json.loads(run("import", str(file), "--json").out)
    assert value["id"] == "cp312-windows_x86_64"
    assert value["further_tags"] == ["cp312-cp312-win_new"]
    assert value["differing_markers"] == {"os_name": {"file": "strange", "target": "nt"}}


def test_import_of_a_file_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    file = tmp_path / "none.json"
    with pytest.raises(InputError) as caught:
        run("import", str(file))
    assert (
        str(caught.value)
        == f"cannot read complete platform '{file}': No such file or directory; name a readable JSON file"
    )


def test_an_unknown_name_is_an_input_error() -> None:
    with pytest.raises(InputError) as caught:
        run("tags", "linux_arm65", "--python", "3.12")
    assert str(caught.value).startswith("cannot parse target 'linux_arm65': no such target is known")
