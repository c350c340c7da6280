"""Import libraries of Python for Windows: the names in the headers, and the archive a linker reads."""

from __future__ import annotations

import struct
import sysconfig
from pathlib import Path

from crosswheel.act.check.binary_kinds import archive_members
from crosswheel.act.check.stable_abi import stable_symbols
from crosswheel.render.import_library import Exports, declared_exports, render_import_library
from crosswheel.values.platforms import Arch

_HEADER = """
/* PyAPI_FUNC(int) Py_Commented(void); */
#define PyAPI_FUNC(RTYPE) Py_EXPORTED_SYMBOL RTYPE
#define Py_CALL(x) \\
    PyAPI_FUNC(int) Py_InMacro(x)
PyAPI_FUNC(PyObject *) PyList_New(Py_ssize_t size);  // and PyAPI_DATA(int) PyNever;
PyAPI_FUNC(void) _Py_NO_RETURN Py_FatalError(const char *message);
PyAPI_FUNC(int) Py_AddPendingCall(int (*func)(void *),
                                  void *arg);
PyAPI_FUNC(const char * const *) _PyArg_Names(void);
PyAPI_DATA(PyTypeObject) PyList_Type;
PyAPI_DATA(int) (*PyOS_InputHook)(void);
PyAPI_DATA(const unsigned int) _Py_ctype_table[256];
PyAPI_FUNC(int) pthread_create(void);
"""


def test_names_are_told_by_kind() -> None:
    found = declared_exports([_HEADER])
    assert found.functions == {"PyList_New", "Py_FatalError", "Py_AddPendingCall", "_PyArg_Names"}
    assert found.data == {"PyList_Type", "PyOS_InputHook", "_Py_ctype_table"}


def test_the_headers_of_this_python_declare_nearly_all_of_the_stable_abi() -> None:
    include = Path(sysconfig.get_path("include"))
    found = declared_exports(path.read_text("utf-8", "replace") for path in sorted(include.rglob("*.h")))
    assert {"PyList_Type", "PyExc_ValueError", "_Py_NoneStruct"} <= found.data
    assert {"PyList_New", "_PyObject_GetDictPtr", "Py_BuildValue"} <= found.functions
    stable = stable_symbols(11)
    undeclared = stable - found.functions - found.data
    assert len(undeclared) < 12, undeclared
    # What has no declaration is called under another name: none of it is data.
    assert not {name for name in undeclared if name.endswith(("_Type", "Struct"))}


def test_the_archive_lists_every_symbol_where_it_stands() -> None:
    exports = Exports(functions=frozenset({"PyList_New"}), data=frozenset({"PyList_Type"}))
    data = render_import_library("python311.dll", exports, Arch.AARCH64)
    # The first member is the table of symbols: their number, the offset of each, their names.
    count = struct.unpack_from(">I", data, 68)[0]
    offsets = struct.unpack_from(f">{count}I", data, 72)
    names = data[72 + 4 * count :].split(b"\0")[:count]
    assert names == [b"__imp_PyList_New", b"PyList_New", b"__imp_PyList_Type"]
    assert all(data[offset : offset + 14] == b"python311.dll/" for offset in offsets)
    bodies = [body[:] for _, body in archive_members(data)]
    kinds = [struct.unpack_from("<HHHHIIHH", body) for body in bodies]
    assert [(kind[0], kind[1], kind[3], kind[7]) for kind in kinds] == [
        (0, 0xFFFF, 0xAA64, 4),  # called, by name
        (0, 0xFFFF, 0xAA64, 5),  # read, by name
    ]
    assert bodies[0][20:] == b"PyList_New\0python311.dll\0"


def test_what_either_side_calls_data_is_data() -> None:
    declared = Exports(functions=frozenset({"a"}), data=frozenset({"b"}))
    stable = Exports(functions=frozenset({"b", "c"}))
    assert declared | stable == Exports(functions=frozenset({"a", "c"}), data=frozenset({"b"}))
