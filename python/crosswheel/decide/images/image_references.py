"""What an image is called: which spellings mean the same image.

Followed: https://github.com/distribution/reference, whose short names docker and podman take.
"""

from __future__ import annotations

__all__ = ["full_reference"]

_REGISTRY, _NAMESPACE, _TAG = "docker.io", "library", "latest"


def full_reference(name: str) -> str:
    """Return a name with the registry, namespace and tag that it leaves out.

    >>> full_reference("app"), full_reference("localhost:5000/app:1")
    ('docker.io/library/app:latest', 'localhost:5000/app:1')
    """
    registry, slash, path = name.partition("/")
    if not slash or not (registry == "localhost" or set(registry) & set(".:")):
        registry, path = _REGISTRY, name
    if registry == _REGISTRY and "/" not in path:
        path = f"{_NAMESPACE}/{path}"
    is_whole = ":" in path.rpartition("/")[2] or "@" in path
    return f"{registry}/{path}" if is_whole else f"{registry}/{path}:{_TAG}"
