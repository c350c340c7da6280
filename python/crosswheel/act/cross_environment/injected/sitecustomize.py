"""Starts the cross environment in interpreters that PYTHONPATH leads here, and then the machine's own sitecustomize."""

# ruff: noqa: PTH100, PTH118, PTH120

import importlib.machinery
import importlib.util
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [entry for entry in sys.path if entry != _HERE]
sys.path.append(os.path.join(os.path.dirname(_HERE), "site"))

import _crosswheel_environment  # type: ignore[import-not-found]  # noqa: E402

_crosswheel_environment.start()

_spec = importlib.machinery.PathFinder.find_spec("sitecustomize")
if _spec is not None and _spec.loader is not None and _spec.origin != __file__:
    _spec.loader.exec_module(importlib.util.module_from_spec(_spec))
