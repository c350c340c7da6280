"""The view leaves of the ways to install those of CPython: which others there are is a fact of the build machine."""

from __future__ import annotations

import sys
import sysconfig
from types import ModuleType
from typing import Any

import pytest

from crosswheel.act.building.injected import _crosswheel_view as view


def sysconfig_of(preferred: str, *further: str) -> Any:
    module: Any = ModuleType("sysconfig")
    module._INSTALL_SCHEMES = {name: {} for name in ("posix_prefix", "posix_home", "posix_user", *further)}
    module._get_preferred_schemes = lambda: {
        "prefix": preferred,
        "home": "posix_home",
        "user": "posix_user",
    }
    return module


@pytest.mark.parametrize("further", [("posix_local", "deb_system"), ("rpm_prefix",)])
def test_schemes_of_a_distribution_are_not_there(
    further: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platlibdir", "lib64")
    module = sysconfig_of(further[0], *further)
    view._show_schemes(module)
    assert set(module._INSTALL_SCHEMES) == {"posix_prefix", "posix_home", "posix_user"}
    assert module._get_preferred_schemes() == {
        "prefix": "posix_prefix",
        "home": "posix_home",
        "user": "posix_user",
    }
    assert sys.platlibdir == "lib"


def test_schemes_of_cpython_stay() -> None:
    module = sysconfig_of("venv", *sysconfig.get_scheme_names())
    view._show_schemes(module)
    assert set(module._INSTALL_SCHEMES) == set(sysconfig.get_scheme_names())
    assert module._get_preferred_schemes()["prefix"] == "venv"
