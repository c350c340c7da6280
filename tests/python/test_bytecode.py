"""Bytecode in layers is what the target's Python loads, and its bytes depend on source and version only."""

from __future__ import annotations

import importlib.util
import inspect
import io
import marshal
import subprocess
import sys
import tarfile
import textwrap
from pathlib import Path

import pytest

from crosswheel.act.layers.injected import compile_bytecode
from crosswheel.act.layers.injected.compile_bytecode import canonical_marshal, pyc_of
from crosswheel.act.layers.layer_folder import LayerFolder, write_layers
from crosswheel.act.target_wheels import TargetWheels
from crosswheel.act.wheels.schemes import TreeLayout
from crosswheel.target.targets import Target, parse_target_id
from crosswheel.values.errors import BuildPythonError
from layer_entries import listing
from layer_wheels import checked
from made_wheels import make_wheel

#: The same Python as runs here, so that it can compile.
_TARGET = parse_target_id(f"cp{sys.version_info.major}{sys.version_info.minor}-linux_aarch64_glibc_{'2_28'}")
_TAG = sys.implementation.cache_tag
_SOURCE = textwrap.dedent(
    """
    import os, collections
    class Thing:
        "A thing."
        names = ("append", "sort", b"bytes", 1, 1 << 100, 1.5, 2j, ..., None, frozenset({"x", "y"}))
        def method(self, append, /, *sort, key=None, **rest):
            def inner(): return append, self
            return [inner for inner in sort if inner in {"one", "two"}] + "text"[1:2].split("text")
    """
).encode()


def write(tmp_path: Path, *wheels: Path, target: Target = _TARGET) -> LayerFolder:
    return write_layers(
        TargetWheels(target=target, wheels=checked(*wheels).wheels),
        tmp_path / "layers",
        prefix="/app",
        layout=TreeLayout.TARGET,
        bytecode=True,
        budget=1,
        jobs=2,
    )


def contents(tmp_path: Path) -> dict[str, bytes | str]:
    return {path: content for path, _, _, content in listing(tmp_path / "layers/shared_0.tar.gz")}


def test_modules_have_bytecode_that_is_never_compared_with_them(tmp_path: Path) -> None:
    wheel = make_wheel(
        tmp_path,
        files={
            "demo/__init__.py": _SOURCE,
            "demo/broken.py": b"print 'two'\n",
            "demo/data.txt": b"",
            "demo-1.0.data/scripts/tool.py": b"#!python\n",
        },
    )
    made = write(tmp_path, wheel)
    found = contents(tmp_path)
    names = [f"app/demo/__pycache__/__init__.{_TAG}.pyc"]
    assert [path for path in found if path.endswith(".pyc")] == names
    assert "app/demo/__pycache__" in found
    pyc = found[names[0]]
    assert isinstance(pyc, bytes)
    assert pyc[:8] == importlib.util.MAGIC_NUMBER + b"\1\0\0\0"
    assert pyc[8:16] == importlib.util.source_hash(_SOURCE)
    assert marshal.loads(pyc[16:]) == compile(_SOURCE, "/app/demo/__init__.py", "exec", dont_inherit=True)
    assert made.bytecode == sys.version.split()[0].rstrip("+")


def test_bytecode_that_a_wheel_brings_stays(tmp_path: Path) -> None:
    own = f"demo/__pycache__/a.{_TAG}.pyc"
    write(tmp_path, make_wheel(tmp_path, files={"demo/a.py": b"", own: b"own"}))
    assert contents(tmp_path)[f"app/{own}"] == b"own"


def test_a_target_of_another_python_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildPythonError) as caught:
        write(tmp_path, target=parse_target_id("cp399-linux_aarch64_glibc_2_28"))
    assert str(caught.value) == (
        "cannot find build Python 'cp399': a target of cp399 needs a build Python 3.99, and no interpreter of that version "
        "and these flags is installed; install one (`uv python install 3.99`) or name it with --build-python"
    )


def test_what_the_interpreter_shares_by_chance_does_not_show() -> None:
    alone = marshal.dumps(compile(_SOURCE, "/x.py", "exec", dont_inherit=True))
    code = compile(_SOURCE, "/x.py", "exec", dont_inherit=True)
    kept = [code, *code.co_consts, *code.co_names]  # more is shared now
    shared = marshal.dumps(code)
    assert kept
    assert alone != shared
    assert canonical_marshal(alone) == canonical_marshal(shared)
    assert marshal.loads(canonical_marshal(alone)) == code


def test_every_module_of_the_standard_library_is_understood() -> None:
    """Some hundred, of every kind; that they mean the same is what equal code objects say."""
    folder = Path(inspect.__file__).parent
    sources = sorted(folder.glob("*.py"))[:120]
    for source in sources:
        data = pyc_of(str(source), source.read_bytes())
        assert marshal.loads(data[16:]) == compile(
            source.read_bytes(), str(source), "exec", dont_inherit=True
        ), source


def test_what_was_compiled_before_does_not_show() -> None:
    names = ("ftplib", "imaplib", "smtplib", "poplib", "http.client")
    sources = [Path(importlib.util.find_spec(name).origin or "") for name in names]  # type: ignore[union-attr]
    assert _served(sources) == _served(sources[::-1])[::-1]


def _served(sources: list[Path]) -> list[bytes]:
    length = compile_bytecode._LENGTH
    requests = b"".join(
        compile_bytecode._LENGTHS.pack(2, source.stat().st_size) + b"/x" + source.read_bytes()
        for source in sources
    )
    command = [sys.executable, "-I", "-S", "-W", "ignore", compile_bytecode.__file__]
    answers = io.BytesIO(subprocess.run(command, input=requests, capture_output=True, check=True).stdout)
    found = []
    while head := answers.read(length.size):
        found.append(answers.read(length.unpack(head)[0]))
    return found[1:]


def test_marshalled_data_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown type 0x7e"):
        canonical_marshal(b"~")
    with pytest.raises(ValueError, match="something follows"):
        canonical_marshal(b"NN")


def test_archives_with_bytecode_are_the_same_twice(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={f"demo/{name}.py": _SOURCE for name in "abcdef"})
    digests = {write(tmp_path, wheel).layers[0].descriptor.digest for _ in range(2)}
    assert len(digests) == 1
    with tarfile.open(tmp_path / "layers/shared_0.tar.gz") as archive:
        assert len([name for name in archive.getnames() if name.endswith(".pyc")]) == 6
