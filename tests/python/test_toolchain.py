"""The launchers as a build runs them, with a program in zig's place that says how it was called."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cross_targets import description_of
from crosswheel.act.building.source_languages import source_languages
from crosswheel.act.building.toolchain import write_launchers
from crosswheel.act.building.toolchain_settings import toolchain_settings
from crosswheel.act.building.zig import copy_cache
from crosswheel.render.build_paths import SANDBOX_PATHS, BuildPaths, build_paths_under
from crosswheel.render.config_site import render_config_site
from crosswheel.render.cpu_flags import above_baseline
from crosswheel.render.own_toolchain import COMPILER_VARIABLE
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.values.errors import InputError

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
ABI = f"cp{VERSION.replace('.', '')}"
TARGET = parse_target_id(f"{ABI}-linux_aarch64_glibc_2_28")


@pytest.fixture
def paths(tmp_path: Path) -> BuildPaths:
    """Return paths below `tmp_path` with launchers in place and a zig that prints its arguments."""
    found = build_paths_under(f"{tmp_path}/fixed", str(tmp_path))
    program = Path(found.python, "bin", f"python{VERSION}")
    program.parent.mkdir(parents=True)
    program.symlink_to(os.path.realpath(sys.executable))
    zig = Path(found.zig, "zig")
    zig.parent.mkdir(parents=True)
    zig.write_text('#!/bin/sh\nprintf "%s\\n" "$@"; echo "cache=$ZIG_GLOBAL_CACHE_DIR"\n')
    zig.chmod(0o755)
    Path(found.toolchain).mkdir()
    write_launchers(Path(found.toolchain), TARGET, found, zig=Path(found.zig))
    return found


def call(
    paths: BuildPaths, name: str, *arguments: str, temporary: Path | None = None
) -> subprocess.CompletedProcess[str]:
    folder = str(temporary)
    environment = {} if temporary is None else {"CROSSWHEEL_NOTES": folder, "TMPDIR": folder}
    return subprocess.run(
        [f"{paths.toolchain}/bin/{name}", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def test_a_launcher_becomes_zig(paths: BuildPaths) -> None:
    lines = call(paths, "cc", "-c", "x.c").stdout.splitlines()
    assert lines[:3] == ["cc", "-target", "aarch64-linux-gnu.2.28"]
    assert lines[-1] == f"cache={paths.cache}/global"


def test_cargo_finds_a_launcher_in_front_of_rustc(paths: BuildPaths) -> None:
    rustc = Path(paths.rust, "bin", "rustc")
    rustc.parent.mkdir(parents=True)
    rustc.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    rustc.chmod(0o755)
    said = call(paths, "rustc-wrapper", "rustc", "--cfg", 'feature="a b"', "@arguments").stdout.splitlines()
    assert said == ["--cfg", 'feature="a b"', "@arguments", f"-Clinker={paths.toolchain}/bin/build-shared-cc"]


def test_a_build_script_of_the_project_is_compiled_for_the_target_it_asks_for(
    paths: BuildPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rustc = Path(paths.rust, "bin", "rustc")
    rustc.parent.mkdir(parents=True)
    rustc.write_text('#!/bin/sh\nprintf "%s\\n" "$3"; cat "$3"\n')
    rustc.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    Path("build.rs").write_text('#[cfg(target_arch = "x86_64")]\nfn main() {}\n')
    said = call(paths, "rustc-wrapper", "rustc", "--crate-name", "build_script_build", "build.rs").stdout
    assert said == "build-for-target.rs\n#[cfg(any())]\nfn main() {}\n"
    Path("build.rs").write_text("fn main() {}\n")
    said = call(paths, "rustc-wrapper", "rustc", "--crate-name", "build_script_build", "build.rs").stdout
    assert said == "build.rs\nfn main() {}\n"


@pytest.mark.parametrize(
    "name", ["g++", "aarch64-linux-gnu-gcc", "aarch64-linux-gnu-ar", "build-cc", "ranlib", "ld"]
)
def test_every_name_is_there(paths: BuildPaths, name: str) -> None:
    assert call(paths, name, "x.o").returncode == 0


def test_options_above_the_baseline_are_noted_for_the_log_and_nowhere_else(
    paths: BuildPaths, tmp_path: Path
) -> None:
    # The name that hook_call reads.
    note = tmp_path / "crosswheel-newer-cpu"
    for name, options in {"cc": ["-march=armv8-a"], "build-cc": ["-march=x86-64-v3"], "c++": []}.items():
        call(paths, name, *options, "-c", "x.c", temporary=tmp_path)
    assert not note.exists()
    done = call(paths, "cc", "-march=armv8.2-a+sve", "-c", "x.c", temporary=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert note.read_text() == "-march=armv8.2-a+sve\n"


def test_a_refusal_is_an_error_on_standard_error(paths: BuildPaths) -> None:
    done = call(paths, "gcc", "-march=native", "-c", "x.c")
    assert done.returncode == 1
    assert done.stderr.startswith("gcc: error: '-march=native' asks for the CPU of the build machine;")


def test_a_response_file_is_read_as_gcc_reads_it(paths: BuildPaths, tmp_path: Path) -> None:
    (tmp_path / "args").write_text('-DA=\'x y\'\n"-DB=z" -g3 \\\n-DC=\\"q\\"')
    lines = call(paths, "cc", "-c", "x.c", f"@{tmp_path}/args").stdout.splitlines()
    assert "-DA=x y" in lines
    assert "-DB=z" in lines
    assert '-DC="q"' in lines
    assert "-g3" not in lines


def test_a_response_file_that_is_not_there_is_left_as_it_is(paths: BuildPaths) -> None:
    assert "@none" in call(paths, "cc", "-c", "@none").stdout.splitlines()


def test_strip_into_another_file_copies(paths: BuildPaths, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"ELF")
    assert call(paths, "strip", "-S", "-o", f"{tmp_path}/b", f"{tmp_path}/a").returncode == 0
    assert (tmp_path / "b").read_bytes() == b"ELF"


def test_the_status_of_an_answer_is_the_programs_status(paths: BuildPaths) -> None:
    assert call(paths, "pkg-config", "--exists", "zlib").returncode == 1


def test_the_settings_say_where_everything_stands(paths: BuildPaths) -> None:
    settings = json.loads(Path(paths.toolchain, "toolchain.json").read_text())
    assert settings["zig"] == f"{paths.zig}/zig"
    assert settings["target"]["programs"]["cc"] == [
        f"{paths.zig}/zig", "cc", "-target", "aarch64-linux-gnu.2.28"
    ]  # fmt: skip


def test_paths_of_the_sandbox_need_no_mapping() -> None:
    assert toolchain_settings(TARGET, SANDBOX_PATHS, build_machine="x86_64")["prefix_maps"] == []


def test_other_paths_are_mapped_to_the_sandboxs() -> None:
    paths = build_paths_under("/tmp/s/fixed", "/tmp/s")
    assert toolchain_settings(TARGET, paths, build_machine="x86_64")["prefix_maps"] == [
        ["/tmp/s/fixed", "/crosswheel"],
        ["/tmp/s", "/build"],
    ]


@pytest.mark.parametrize(("platform", "oldest"), [("linux_ppc64le_glibc_2_17", "2.19")])
def test_a_glibc_older_than_zigs_oldest_is_refused(platform: str, oldest: str) -> None:
    target: Target = parse_target_id(f"{ABI}-{platform}")
    with pytest.raises(InputError) as caught:
        toolchain_settings(target, SANDBOX_PATHS, build_machine="x86_64")
    assert f"against glibc {oldest} and newer only" in str(caught.value)


@pytest.mark.parametrize(
    ("platform", "options"),
    [
        ("linux_ppc64le_glibc_2_28", ["-mabi=ibmlongdouble"]),
        ("linux_ppc64le_glibc_2_32", []),
        ("linux_s390x_glibc_2_28", []),
    ],
)
def test_only_old_ppc64le_has_the_old_long_double(platform: str, options: list[str]) -> None:
    target = parse_target_id(f"cp311-{platform}")
    settings = toolchain_settings(target, SANDBOX_PATHS, build_machine="x86_64")["target"]
    assert isinstance(settings, dict)
    assert settings["compile_options"] == options
    assert bool(settings["link_sources"]) == bool(settings["cxx_sources"]) == bool(options)


@pytest.mark.parametrize(
    ("platform", "cpu"),
    [
        ("linux_s390x_glibc_2_28", ["-mcpu=z10"]),
        ("linux_s390x_musl_1_2", ["-mcpu=z10"]),
        ("linux_aarch64_glibc_2_28", []),
    ],
)
def test_every_call_for_s390x_is_for_the_oldest_machines_that_pythons_run_on(
    platform: str, cpu: list[str]
) -> None:
    target = parse_target_id(f"cp311-{platform}")
    settings = toolchain_settings(target, SANDBOX_PATHS, build_machine="x86_64")["target"]
    assert isinstance(settings, dict)
    programs = settings["programs"]
    assert isinstance(programs, dict)
    assert [programs[name][4:] for name in ("cc", "c++")] == [cpu, cpu]
    assert not above_baseline("s390x", [f"-march={name}" for name in ("z10", "arch8")])
    assert above_baseline("s390x", ["-march=z13"])


@pytest.mark.parametrize(
    ("platform", "narrow"),
    [
        ("linux_armv7l_glibc_2_28", True),
        ("linux_i686_glibc_2_33", True),
        ("linux_armv7l_glibc_2_34", False),
        ("linux_aarch64_glibc_2_28", False),
    ],
)
def test_time_bits_mean_nothing_to_an_old_glibc_of_32_bits(platform: str, narrow: bool) -> None:
    target = parse_target_id(f"cp311-{platform}")
    settings = toolchain_settings(target, SANDBOX_PATHS, build_machine="x86_64")["target"]
    assert isinstance(settings, dict)
    assert settings["compile_options"] == ([f"-I{SANDBOX_PATHS.toolchain}/include"] if narrow else [])
    assert ("enable_year2038=no" in render_config_site(description_of(f"cp311-{platform}"))) == narrow


def test_a_copied_cache_can_be_written_and_leaves_the_original_alone(tmp_path: Path) -> None:
    warm = tmp_path / "warm" / "global" / "h"
    warm.mkdir(parents=True)
    (warm / "x").write_text("warm")
    (warm / "x").chmod(0o444)
    (tmp_path / "copy").mkdir()
    copy_cache(tmp_path / "warm", tmp_path / "copy", tmp_path / "zig")
    (tmp_path / "copy" / "global" / "h" / "x").write_text("poisoned")
    assert (warm / "x").read_text() == "warm"


@pytest.mark.parametrize(
    ("files", "requirements", "compiled", "cxx"),
    [
        ({"a.py": ""}, (), False, False),
        ({"src/a.c": ""}, (), True, False),
        ({"src/a.cpp": ""}, (), True, True),
        ({"a.pyx": "# distutils: language = c++"}, (), True, True),
        ({"setup.py": 'Extension("a", language="c++")'}, (), True, True),
        ({"setup.py": ""}, ("cffi-2.1-cp311.whl",), True, False),
        ({"setup.py": ""}, ("pybind11-3.0-py3-none-any.whl",), True, True),
    ],
)
def test_what_will_be_compiled_is_told_from_the_files(
    tmp_path: Path, files: dict[str, str], requirements: tuple[str, ...], compiled: bool, cxx: bool
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = source_languages(tmp_path, requirements)
    assert (found.compiled, found.cxx) == (compiled, cxx)


def _failing_zig(paths: BuildPaths) -> None:
    """Let zig fail on sources that hold ``#error``, with words on standard error, and else write its output."""
    zig = Path(paths.zig, "zig")
    zig.write_text(
        "#!/bin/sh\nfor word; do case $word in *.c) grep -q '#error' $word && { echo \"$word:1: error: no\" >&2; exit 3; };; "
        "esac; done; exit 0\n"
    )


def _calls(temporary: Path) -> list[dict[str, object]]:
    notes = temporary / "crosswheel-compiler-calls"
    return [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []


def test_a_failing_call_is_noted_even_if_its_words_are_thrown_away(paths: BuildPaths, tmp_path: Path) -> None:
    _failing_zig(paths)
    source = tmp_path / "o.c"
    source.write_text("#error no\n")
    done = call(paths, "cc", "-c", str(source), "-o", "o.o", temporary=tmp_path)
    assert (done.returncode, done.stderr) == (3, f"{source}:1: error: no\n")
    (noted,) = _calls(tmp_path)
    assert noted == {
        "made": False, "linked": False, "folder": str(Path.cwd()), "sources": [str(source)], "output": "o.o",
        "error": f"{source}:1: error: no",
    }  # fmt: skip
    source.write_text("")
    assert call(paths, "cc", str(source), "-o", "o.so", temporary=tmp_path).returncode == 0
    assert [(noted["made"], noted["linked"]) for noted in _calls(tmp_path)] == [(False, False), (True, True)]


def test_questions_and_tools_of_the_build_machine_leave_no_note(paths: BuildPaths, tmp_path: Path) -> None:
    _failing_zig(paths)
    source = tmp_path / "o.c"
    source.write_text("#error no\n")
    assert call(paths, "cc", "-E", str(source), temporary=tmp_path).returncode == 3
    assert call(paths, "build-cc", "-c", str(source), temporary=tmp_path).returncode == 3
    assert _calls(tmp_path) == []


def test_nothing_is_noted_where_nobody_reads_it(paths: BuildPaths, tmp_path: Path) -> None:
    """As in a cross environment, where TMPDIR is the user's."""
    _failing_zig(paths)
    source = tmp_path / "o.c"
    source.write_text("#error no\n")
    command = [f"{paths.toolchain}/bin/cc", "-c", str(source)]
    done = subprocess.run(
        command, env={"TMPDIR": str(tmp_path)}, cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 3
    assert _calls(tmp_path) == []


def test_a_call_that_the_launcher_refuses_is_noted(paths: BuildPaths, tmp_path: Path) -> None:
    assert call(paths, "cc", "-march=native", "-c", "x.c", temporary=tmp_path).returncode == 1
    assert "-march=native" in str(_calls(tmp_path)[0]["error"])


def test_a_compiler_that_takes_a_launcher_for_its_linker_is_stopped(paths: BuildPaths) -> None:
    done = subprocess.run(
        [f"{paths.toolchain}/bin/aarch64-linux-gnu-ld", "x.o"],
        capture_output=True,
        text=True,
        check=False,
        env={COMPILER_VARIABLE: "1"},
    )
    assert (done.returncode, done.stderr) == (
        1,
        "aarch64-linux-gnu-ld: error: the compiler of this build has no linker of its own, and took the launcher for one\n",
    )


#: Clang, as far as it matters here: it compiles what names the feature in its own words only, and passes an attribute over.
_ZIG_WITHOUT_GCC_WORDS = """#!/bin/sh
for word; do
  case $last in -o) output=$word;; esac
  case $word in *.c) source=$word;; -E) preprocess=1;; esac
  last=$word
done
if [ -n "$preprocess" ] || grep -q 'clang attribute' "$source"; then cp "$source" "$output"; exit 0; fi
if grep -q optnone "$source"; then cp "$source" "$output"; exit 4; fi
if grep -q 'optimize' "$source"; then
  cp "$source" "$output"; echo "$source:3: warning: unknown attribute 'optimize' ignored" >&2; exit 0
fi
echo "$source:3: error: always_inline function 'crc' requires target feature 'crc'" >&2
exit 1
"""


def test_a_compile_that_lacks_a_feature_of_gccs_pragma_is_repeated_in_clangs_words(
    paths: BuildPaths, tmp_path: Path
) -> None:
    Path(paths.zig, "zig").write_text(_ZIG_WITHOUT_GCC_WORDS)
    source, temporary = tmp_path / "o.c", tmp_path / "temporary"
    temporary.mkdir()
    source.write_text('#pragma GCC target ("+crc")\nint f(void);\n')
    done = call(paths, "cc", "-c", str(source), "-o", f"{tmp_path}/o.o", temporary=temporary)
    assert done.returncode == 0
    assert (tmp_path / "o.o").read_text().splitlines()[0].startswith("#pragma clang attribute push")
    assert [entry.name for entry in temporary.iterdir()] == ["crosswheel-compiler-calls"]
    assert [noted["made"] for noted in _calls(temporary)] == [True]


def test_a_compile_that_lacks_a_feature_nothing_names_fails(paths: BuildPaths, tmp_path: Path) -> None:
    Path(paths.zig, "zig").write_text(_ZIG_WITHOUT_GCC_WORDS)
    source, temporary = tmp_path / "o.c", tmp_path / "temporary"
    temporary.mkdir()
    source.write_text("int f(void);\n")
    assert call(paths, "cc", "-c", str(source), "-o", f"{tmp_path}/o.o", temporary=temporary).returncode == 1
    assert [entry.name for entry in temporary.iterdir()] == ["crosswheel-compiler-calls"]


@pytest.mark.parametrize(("level", "status"), [("no-omit-frame-pointer", 4), ("O3", 0)])
def test_a_compile_that_passes_over_an_attribute_is_repeated_where_the_code_relies_on_it(
    paths: BuildPaths, tmp_path: Path, level: str, status: int
) -> None:
    Path(paths.zig, "zig").write_text(_ZIG_WITHOUT_GCC_WORDS)
    source, temporary = tmp_path / "o.c", tmp_path / "temporary"
    temporary.mkdir()
    source.write_text(f'__attribute__((optimize("{level}"))) int f(void);\n')
    done = call(paths, "cc", "-c", str(source), "-o", f"{tmp_path}/o.o", temporary=temporary)
    assert done.returncode == status


@pytest.mark.parametrize(
    ("platform", "sources"),
    [
        ("linux_aarch64_glibc_2_28", ["glibc_compat.c", "outline_atomics.c"]),
        ("linux_aarch64_musl_1_2", ["outline_atomics.c"]),
        ("linux_x86_64_glibc_2_28", ["glibc_compat.c"]),
    ],
)
def test_archives_get_the_functions_their_own_toolchain_would_bring(
    platform: str, sources: list[str]
) -> None:
    target = parse_target_id(f"cp311-{platform}")
    settings = toolchain_settings(target, SANDBOX_PATHS, build_machine="x86_64", libraries={})["sysroot"]
    assert isinstance(settings, dict)
    assert settings["sources"] == [f"{SANDBOX_PATHS.toolchain}/lib/{name}" for name in sources]
