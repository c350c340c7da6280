"""The table of the stable ABI: what it holds, and that this very Python keeps it."""

from __future__ import annotations

import json
import sys
import sysconfig
from importlib.resources import files
from pathlib import Path

import pytest

from crosswheel.act.check.elf import parse_elf
from crosswheel.act.check.stable_abi import OutOfStableAbi, out_of_stable_abi, promised_minor, stable_since
from crosswheel.act.check.wheel_file import parse_wheel_name

_TABLE = json.loads((files("crosswheel") / "toolchains" / "stable_abi.json").read_text())["symbols"]
#: Only on Windows, in debug builds, or where the system has what they stand for.
_ELSEWHERE = {"PyOS_CheckStack", "_Py_NegativeRefcount", "_Py_RefTotal"}


def test_the_table_names_each_symbol_once_and_sorted() -> None:
    assert list(_TABLE) == sorted(_TABLE, key=lambda version: int(version.removeprefix("3.")))
    names = [name for group in _TABLE.values() for name in group]
    assert len(names) == len(set(names)) > 900
    assert all(group == sorted(group) for group in _TABLE.values())


def test_this_python_exports_the_stable_abi_of_its_version() -> None:
    library = Path(str(sysconfig.get_config_var("LIBDIR"))) / str(sysconfig.get_config_var("LDLIBRARY"))
    shared = sysconfig.get_config_var("Py_ENABLE_SHARED") and library.suffix != ".a" and library.is_file()
    exported = parse_elf((library if shared else Path(sys.executable).resolve()).read_bytes()).defined
    expected = {
        name
        for version, group in _TABLE.items()
        if int(version.removeprefix("3.")) <= sys.version_info.minor
        for name in group
    }
    windows = {name for name in expected if any(word in name for word in ("Windows", "MBCS", "CodePage"))}
    assert expected - exported - windows <= _ELSEWHERE


@pytest.mark.parametrize(
    ("symbol", "minor"),
    [
        ("PyType_FromSpec", 2),
        ("_Py_NoneStruct", 2),
        ("PyUnicode_AsUTF8AndSize", 10),
        ("PyType_GetName", 11),
        ("PyCode_New", None),
        ("_PyLong_New", None),
    ],
)
def test_a_symbol_is_stable_since_a_version_or_never(symbol: str, minor: int | None) -> None:
    assert stable_since(symbol) == minor


@pytest.mark.parametrize(
    ("tag", "minor"),
    [
        ("cp39-abi3", 9),
        ("cp310-abi3", 10),
        ("cp36.cp37.cp312-abi3", 6),
        ("cp315-abi3.abi3t", 15),
        ("cp3-abi3", 2),
        ("py3-abi3", 2),
        ("pp39-abi3", None),
        ("cp311-cp311", None),
        ("py3-none", None),
    ],
)
def test_the_oldest_python_of_the_tag_is_promised(tag: str, minor: int | None) -> None:
    name = parse_wheel_name(f"demo-1.0-{tag}-manylinux_2_17_aarch64.whl")
    assert name is not None
    assert promised_minor(name) == minor


def test_the_oldest_python_that_has_all_symbols() -> None:
    assert out_of_stable_abi(["PyList_New", "malloc"], 6) is None
    assert out_of_stable_abi(["PyType_GetName"], 11) is None
    found = out_of_stable_abi(["PyType_GetName", "PyType_GetModule", "PyList_New"], 9)
    assert found == OutOfStableAbi(never=(), later=(("PyType_GetModule", 10), ("PyType_GetName", 11)))
    assert found.oldest == 11
    never = out_of_stable_abi(["PyType_GetName", "_PyLong_New"], 9)
    assert never == OutOfStableAbi(never=("_PyLong_New",), later=(("PyType_GetName", 11),))
    assert never.oldest is None
