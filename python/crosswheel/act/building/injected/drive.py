"""Calls one PEP 517 hook of a build backend, inside the sandbox.

This file is run by the build environment's Python as ``python drive.py REQUEST RESULT`` and imports nothing of
crosswheel. Both arguments are paths of JSON files.

REQUEST, an object:

- ``backend``: the object path of PEP 517, e.g. ``setuptools.build_meta:__legacy__``;
- ``backend_path``: list of folders, relative to the working folder, which is the source tree;
- ``hook``: ``get_requires_for_build_wheel`` or ``build_wheel``;
- ``arguments``: positional arguments of the hook before ``config_settings``;
- ``config_settings``: object of strings and lists of strings.

RESULT, an object, written whole or not at all: ``{"value": <what the hook returned>}``,
``{"missing": true}`` when the backend has no such hook, or ``{"error": <sentence>}`` when the backend could not be
loaded as PEP 517 demands. An exception of the hook itself leaves its traceback on standard error, exit code 1 and
no RESULT.
"""

# ruff: noqa: PTH105, PTH109, PTH117, PTH118, PTH120, PTH123

from __future__ import annotations

import importlib
import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


class BackendUnavailableError(Exception):
    """The backend is not where the project says it is."""


def inside(path: str, folders: Sequence[str]) -> bool:
    """Tell whether `path` is in one of `folders`."""
    return any(os.path.commonpath([folder, path]) == folder for folder in folders)


def backend_folders(names: Sequence[str]) -> list[str]:
    """Return the real paths of ``backend-path``; each must lie in the source tree."""
    source = os.path.realpath(os.getcwd())
    folders = []
    for name in names:
        folder = os.path.realpath(os.path.join(source, name))
        if os.path.isabs(name) or not inside(folder, [source]):
            raise BackendUnavailableError(f"backend-path '{name}' is not inside the source tree")
        folders.append(folder)
    return folders


def load_backend(object_path: str, folders: Sequence[str]) -> Any:
    """Import the backend; one of the source tree must really come from ``backend-path``."""
    sys.path[:0] = folders
    module_path, _, attributes = object_path.partition(":")
    try:
        backend: Any = importlib.import_module(module_path)
    except ImportError as error:
        raise BackendUnavailableError(
            f"the build backend '{module_path}' cannot be imported: {error}"
        ) from error
    if folders:
        place = os.path.realpath(
            getattr(backend, "__file__", None) or [*getattr(backend, "__path__", []), ""][0]
        )
        if not inside(place, folders):
            raise BackendUnavailableError(
                f"the build backend '{module_path}' was not loaded from backend-path"
            )
    for attribute in filter(None, attributes.split(".")):
        try:
            backend = getattr(backend, attribute)
        except AttributeError as error:
            raise BackendUnavailableError(
                f"the build backend '{object_path}' does not exist: {error}"
            ) from error
    return backend


def call(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result object for `request`."""
    try:
        backend = load_backend(request["backend"], backend_folders(request["backend_path"]))
    except BackendUnavailableError as error:
        return {"error": str(error)}
    hook = getattr(backend, request["hook"], None)
    if hook is None:
        return {"missing": True}
    return {"value": hook(*request["arguments"], config_settings=request["config_settings"])}


def main() -> None:
    """Read REQUEST, call the hook, write RESULT."""
    request_path, result_path = sys.argv[1:]
    # The folder of this file has no place among the folders a setup.py imports from.
    sys.path[:] = [
        folder
        for folder in sys.path
        if os.path.realpath(folder or ".") != os.path.dirname(os.path.realpath(__file__))
    ]
    with open(request_path, encoding="utf-8") as stream:
        request = json.load(stream)
    sys.argv[1:] = []
    result = call(request)
    with open(result_path + ".part", "w", encoding="utf-8") as stream:
        json.dump(result, stream)
    os.replace(result_path + ".part", result_path)


if __name__ == "__main__":
    main()
