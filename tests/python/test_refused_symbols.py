"""What an undefined symbol of a refused wheel means, and the line that mends it."""

from __future__ import annotations

import pytest

from crosswheel.decide.failures.failure_causes import refusal_causes
from crosswheel.decide.failures.failure_kinds import FailureKind

TARGET = "cp311-linux_aarch64_glibc_2_28"


def _why(symbol: str) -> str:
    return f"x.so: it needs {symbol}, which neither Python nor any needed library defines at the versions of the target"


@pytest.mark.parametrize("symbol", ["__kmpc_fork_call", "omp_get_num_threads", "GOMP_parallel"])
def test_what_calls_openmp_is_given_its_library(symbol: str) -> None:
    (cause,) = refusal_causes(_why(symbol))
    assert cause.kind is FailureKind.LIBRARY
    assert 'sysroot = ["libomp-dev"]' in cause.configuration("demo", TARGET)


def test_a_type_of_the_other_cxx_library_is_told() -> None:
    (cause,) = refusal_causes(_why("_ZN7leveldb2DB4OpenERKNSt3__112basic_stringIcEE"))
    assert cause.kind is FailureKind.CXX_LIBRARY
    assert "compiled with GNU's" in cause.advice


@pytest.mark.parametrize("symbol", ["mine", "_ZN4mine4callEv", "_ZNSt3__16vectorIiE3getEv", "compute_omp_x"])
def test_other_symbols_have_no_known_cause(symbol: str) -> None:
    assert refusal_causes(_why(symbol)) == ()
