"""A SHA-256 digest and the spellings other formats give it."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from .errors import InputError

__all__ = ["Digest", "digest_of"]

_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """A SHA-256 digest, validated on construction.

    Attributes:
        hex: 64 lower-case hexadecimal digits.

    >>> digest_of(b"").record
    'sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'
    """

    hex: str

    def __post_init__(self) -> None:
        if not _HEX.fullmatch(self.hex):
            raise InputError(
                "read digest",
                self.hex,
                why="it is not 64 hexadecimal digits",
                fix="give the SHA-256 in lower-case hex",
            )

    def __str__(self) -> str:
        return self.hex

    @property
    def record(self) -> str:
        """Spelling of a RECORD file and of PEP 376: ``sha256=`` and unpadded URL-safe base64."""
        return "sha256=" + base64.urlsafe_b64encode(bytes.fromhex(self.hex)).rstrip(b"=").decode()

    @property
    def sri(self) -> str:
        """Spelling of Bazel's and Nix's subresource integrity: ``sha256-`` and padded base64."""
        return "sha256-" + base64.b64encode(bytes.fromhex(self.hex)).decode()

    @property
    def oci(self) -> str:
        """Spelling of OCI descriptors: ``sha256:`` and hex."""
        return f"sha256:{self.hex}"


def digest_of(data: bytes) -> Digest:
    """Return the digest of `data`."""
    return Digest(hashlib.sha256(data).hexdigest())
