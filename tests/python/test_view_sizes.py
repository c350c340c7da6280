"""What the view tells the code of the project of the sizes of C types on targets of each kind."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from runpy import run_path

import pytest

from cross_environments import CrossEnvironment, make_cross_environment

PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"
WINDOWS, ARM_WINDOWS = f"{PYTHON}-windows_x86_64", f"{PYTHON}-windows_aarch64"
ARM, INTEL = f"{PYTHON}-linux_armv7l_glibc_2_28", f"{PYTHON}-linux_i686_glibc_2_28"
APPLE, PLAIN = f"{PYTHON}-macos_aarch64_13_0", f"{PYTHON}-linux_aarch64_glibc_2_28"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> CrossEnvironment:
    return make_cross_environment(tmp_path_factory.mktemp("cross"))


def asked(environment: CrossEnvironment, target: str | None, expressions: str) -> str:
    done = environment.run(["-c", f"import array, ctypes, struct; print({expressions})"], target=target)
    return done.stdout.strip() or done.stderr


@pytest.mark.parametrize(
    ("expressions", "target", "told"),
    [
        ("struct.calcsize('iP'), struct.calcsize('@id'), struct.calcsize('2b 3lq10s')", ARM, "8 16 34"),
        ("struct.calcsize('iP'), struct.calcsize('@id'), struct.calcsize('2b 3lq10s')", INTEL, "8 12 34"),
        ("struct.calcsize('iP'), struct.calcsize('@id'), struct.calcsize('2b 3lq10s')", WINDOWS, "16 16 34"),
        ("struct.Struct('l').size, struct.Struct('P').size, struct.Struct('<l').size", ARM, "4 4 4"),
        ("struct.Struct('lP').size, struct.Struct(b'L').size, struct.calcsize('l')", WINDOWS, "16 4 4"),
        ("struct.calcsize('l'), array.array('l').itemsize, array.array('L').itemsize", ARM_WINDOWS, "4 4 4"),
        ("array.array('u').itemsize, ctypes.sizeof(ctypes.c_wchar)", WINDOWS, "2 2"),
        ("array.array('u').itemsize, ctypes.sizeof(ctypes.c_wchar)", ARM, "4 4"),
        ("ctypes.sizeof(ctypes.CFUNCTYPE(None)), ctypes.alignment(ctypes.c_void_p)", ARM, "4 4"),
        ("ctypes.alignment(ctypes.c_double), ctypes.alignment(ctypes.c_int)", INTEL, "4 4"),
        ("ctypes.alignment(ctypes.c_double), ctypes.alignment(ctypes.c_short)", ARM, "8 2"),
        ("ctypes.sizeof(ctypes.c_longdouble), ctypes.alignment(ctypes.c_longdouble)", ARM, "8 8"),
        ("ctypes.sizeof(ctypes.c_longdouble), ctypes.alignment(ctypes.c_longdouble)", INTEL, "12 4"),
        ("ctypes.sizeof(ctypes.c_longdouble), ctypes.sizeof(ctypes.c_long)", APPLE, "8 8"),
        ("ctypes.sizeof(ctypes.c_longdouble), ctypes.sizeof(ctypes.c_wchar)", PLAIN, "16 4"),
    ],
)
def test_sizes_of_c_types_are_the_targets(
    environment: CrossEnvironment, expressions: str, target: str, told: str
) -> None:
    assert asked(environment, target, expressions) == told


@pytest.mark.parametrize("name", ["c_long", "c_size_t", "c_int64", "c_longdouble"])
def test_a_type_of_ctypes_that_may_be_meant_otherwise_ends_the_build(
    environment: CrossEnvironment, name: str
) -> None:
    for function in ("sizeof", "alignment"):
        told = asked(environment, WINDOWS, f"ctypes.{function}(ctypes.{name})")
        assert f" of ctypes on '{WINDOWS}': it depends on the target" in told


@pytest.mark.parametrize(
    ("expressions", "target", "told"),
    [
        ("struct.Struct('lP').unpack(struct.pack('lP', 1, 2)), isinstance(struct.Struct('l'), struct.Struct)", ARM, "(1, 2) True"),
        ("struct.pack('@bl', 1, -1).hex(), struct.pack('nN', -2, 2).hex()", ARM, "01000000ffffffff feffffff02000000"),
        ("struct.pack('iq', 1, 2).hex(), struct.pack('h0l', 1).hex()", INTEL, "010000000200000000000000 01000000"),
        ("struct.pack('lP', 1, 2).hex(), len(struct.pack(b'L', 1))", WINDOWS, "01000000000000000200000000000000 4"),
        ("struct.unpack('2l', bytes([1, 0, 0, 0] * 2)), len([*struct.iter_unpack('L', bytes(16))])", WINDOWS, "(1, 1) 4"),
        ("struct.unpack_from('n', bytes(8), 4), struct.pack_into('l', bytearray(4), 0, 1)", ARM, "(0,) None"),
        ("struct.pack('=l', 1).hex(), struct.pack('<q', 1).hex(), len(struct.pack('3s', b''))", ARM, "01000000 0100000000000000 3"),
        ("len(struct.pack('lP', 1, 2)), len(array.array('l', [1]).tobytes())", PLAIN, "16 8"),
    ],
)  # fmt: skip
def test_what_struct_reads_and_writes_is_as_wide_as_the_targets(
    environment: CrossEnvironment, expressions: str, target: str, told: str
) -> None:
    assert asked(environment, target, expressions) == told


def test_struct_says_what_is_wrong_with_a_format(environment: CrossEnvironment) -> None:
    assert "struct.error: bad char in struct format" in asked(environment, ARM, "struct.pack('lZ', 1)")


def test_what_is_installed_uses_the_interpreters_structures(environment: CrossEnvironment) -> None:
    used = "struct.calcsize('lP'), len(struct.pack('lP', 1, 2)), struct.Struct('l').size, len(array.array('l', [1]).tobytes())"
    (environment.site_packages / "using.py").write_text(f"import array, struct\nprint({used})\n")
    for target in (ARM, None):
        assert environment.run(["-c", "import using"], target=target).stdout == "16 16 8 8\n"


@pytest.mark.parametrize("call", ["tobytes()", "frombytes(bytes(8))"])
def test_items_of_an_array_that_are_wider_here_are_not_told_as_bytes(
    environment: CrossEnvironment, call: str
) -> None:
    told = asked(environment, WINDOWS, f"array.array('l', [1]).{call}")
    assert f"cannot tell the size of array('l') in bytes ({call.partition('(')[0]}) on '{WINDOWS}'" in told
    assert asked(environment, WINDOWS, "array.array('i', [1]).tobytes()") == "b'\\x01\\x00\\x00\\x00'"


_CFFI = """
class FFI:
 def sizeof(self, cdecl): return 77
 alignof = sizeof
 def offsetof(self, cdecl, *fields): return 77
"""


@pytest.fixture(scope="module")
def with_cffi(environment: CrossEnvironment) -> CrossEnvironment:
    package = environment.site_packages / "cffi"
    package.mkdir()
    (package / "__init__.py").write_text("from .api import FFI\ndef own(): return FFI().sizeof('long')\n")
    (package / "api.py").write_text(_CFFI)
    return environment


@pytest.mark.parametrize(
    ("question", "target", "told"),
    [
        ("sizeof('long')", WINDOWS, "4"),
        ("sizeof('unsigned  long')", ARM, "4"),
        ("sizeof('wchar_t')", WINDOWS, "2"),
        ("sizeof('size_t')", WINDOWS, "8"),
        ("sizeof('char const*')", ARM, "4"),
        ("sizeof('long double')", INTEL, "12"),
        ("sizeof('long double')", APPLE, "8"),
        ("alignof('double')", INTEL, "4"),
        ("sizeof('struct s')", APPLE, "77"),
        ("offsetof('struct s', 'x')", APPLE, "77"),
        ("sizeof('long double')", PLAIN, "77"),
    ],
)
def test_cffi_tells_the_targets_sizes_of_cs_own_types(
    with_cffi: CrossEnvironment, question: str, target: str, told: str
) -> None:
    done = with_cffi.run(["-c", f"import cffi; print(cffi.FFI().{question})"], target=target)
    assert (done.stdout.strip(), done.stderr) == (told, "")


@pytest.mark.parametrize(
    "question", ["sizeof('struct s')", "alignof('my_t')", "offsetof('s', 'x')", "sizeof(1)"]
)
def test_cffi_is_not_asked_for_what_is_not_known(with_cffi: CrossEnvironment, question: str) -> None:
    done = with_cffi.run(["-c", f"import cffi; cffi.FFI().{question}"], target=ARM)
    assert done.returncode == 11
    assert "cannot tell the size of " in done.stderr
    assert with_cffi.run(["-c", "import cffi; print(cffi.own())"], target=ARM).stdout == "77\n"


#: As much of numpy as is asked.
_NUMPY = """
__version__ = "VERSION"
class longdouble: pass
class clongdouble: pass
class dtype:
 def __init__(self, asked, align=False):
  self.asked, self.char, self.itemsize = asked, "g" if asked in ("g", longdouble) else "l", 77
 def __class_getitem__(cls, item): return "of"
class finfo(dtype): pass
class iinfo(dtype): pass
def own(): return dtype("l").itemsize, finfo("g").itemsize
"""


def numpy_asked(environment: CrossEnvironment, target: str, question: str, version: str = "2.4.6") -> str:
    (environment.site_packages / "numpy.py").write_text(_NUMPY.replace("VERSION", version))
    done = environment.run(
        ["-c", f"import numpy as np; from numpy import dtype; print({question})"], target=target
    )
    return done.stdout.strip() or done.stderr


@pytest.mark.parametrize(
    ("target", "question", "word"),
    [
        (WINDOWS, "np.dtype('l').itemsize", "dtype('l')"),
        (WINDOWS, "dtype('2L').itemsize", "dtype('L')"),
        (WINDOWS, "np.dtype([('a', 'i4'), ('b', '<l')])", "dtype('l')"),
        (WINDOWS, "np.dtype({'names': ['a'], 'formats': ['long']})", "dtype('long')"),
        (WINDOWS, "np.dtype(('l', 3))", "dtype('l')"),
        (WINDOWS, "np.dtype(np.longdouble)", "dtype('longdouble')"),
        (WINDOWS, "np.iinfo('l')", "iinfo('l')"),
        (WINDOWS, "np.dtype(asked='l', align=True)", "dtype('l')"),
        (WINDOWS, "np.finfo(np.longdouble)", "finfo('longdouble')"),
        (ARM, "np.dtype('intp')", "dtype('intp')"),
        (ARM, "np.dtype(int)", "dtype('int')"),
        (INTEL, "np.dtype('g')", "dtype('g')"),
        (PLAIN, "np.finfo(np.longdouble())", "finfo('longdouble')"),
        (APPLE, "np.finfo('longdouble')", "finfo('longdouble')"),
    ],
)
def test_numpy_makes_no_type_whose_size_is_another_on_the_target(
    environment: CrossEnvironment, target: str, question: str, word: str
) -> None:
    told = numpy_asked(environment, target, question)
    assert f"cannot tell the size of numpy.{word} on '{target}': it depends on the target" in told


def test_numpys_own_integer_was_cs_long_before_numpy_2(environment: CrossEnvironment) -> None:
    assert numpy_asked(environment, WINDOWS, "np.dtype(int).itemsize") == "77"
    assert "numpy.dtype('int')" in numpy_asked(environment, WINDOWS, "np.dtype(int)", version="1.26.4")


@pytest.mark.parametrize(
    ("target", "question", "told"),
    [
        (WINDOWS, "np.dtype('i8').itemsize, dtype([('l', 'f4')]).itemsize, np.own()", "77 77 (77, 77)"),
        (WINDOWS, "isinstance(np.dtype('p'), np.dtype), issubclass(np.dtype, dtype), np.dtype['x']", "True True of"),
        (PLAIN, "np.dtype('g', align=True).itemsize, np.dtype(int).itemsize, np.finfo('f8').itemsize", "77 77 77"),
        (f"{PYTHON}-linux_x86_64_glibc_2_28", "np.finfo('g').itemsize, np.dtype('l').itemsize", "77 77"),
    ],
)  # fmt: skip
def test_what_numpy_says_of_all_targets_is_told(
    environment: CrossEnvironment, target: str, question: str, told: str
) -> None:
    assert numpy_asked(environment, target, question) == told


def test_numpy_is_asked_by_code_with_very_many_names_as_well(environment: CrossEnvironment) -> None:
    names = ", ".join(f"x{number} := 1" for number in range(300))
    assert "numpy.dtype('l')" in numpy_asked(environment, WINDOWS, f"[{names}], np.dtype('l')")


def test_types_of_numpy_are_pickled_as_they_are(environment: CrossEnvironment) -> None:
    question = "__import__('pickle').loads(__import__('pickle').dumps(np.dtype('i8'))).itemsize"
    assert numpy_asked(environment, WINDOWS, question) == "77"


def test_the_sizes_that_are_told_are_those_of_the_targets_own_struct(
    environment: CrossEnvironment, tmp_path: Path
) -> None:
    """On the interpreter's own kind of machine, where `struct` itself can be asked."""
    injected = Path(__file__).parents[2] / "python" / "crosswheel" / "act" / "building" / "injected"
    sys.path.insert(0, str(injected))
    try:
        made = run_path(str(injected / "_crosswheel_sizes.py"))["Sizes"]
    finally:
        sys.path.remove(str(injected))
    document = {"pointer_width": 64, "long_width": 64, "wchar_size": 4, "long_double_size": 16}
    sizes = made({**document, "uname": ["", "", "", "", "x86_64"]}, None)
    for text in ("iP", "@3h2l b", "10s q?", "0i", "b0q", "xxN", "2p d e"):
        assert struct.calcsize(sizes._in_standard_sizes(text)) == struct.calcsize(text), text
